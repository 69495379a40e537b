//! SHA-256 in hexadecimal digits.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Number of digits of a complete digest.
const ALL: usize = 64;

/// Returns the SHA-256 digest of some bytes: 64 hexadecimal digits.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::with_capacity(ALL);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns the first digits of a SHA-256 digest.
pub(crate) fn short(bytes: impl AsRef<[u8]>, digits: usize) -> String {
    let mut text = sha256(bytes);
    text.truncate(digits);
    text
}
