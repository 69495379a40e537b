//! Tokens that contain what they stand for, so that nothing is kept for them.

/// Returns the token for a text: hexadecimal, which the patterns of all services allow. `purpose` is what it is valid for.
pub(crate) fn seal(text: &str, purpose: &str) -> String {
    let plain = format!("{purpose}\n{text}");
    // With a checksum, so that no other string is a valid token.
    let bytes = checksum(&plain).to_be_bytes().into_iter().chain(plain.into_bytes());
    bytes.flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Returns the text of a token; `None` if it is not a token for this purpose.
pub(crate) fn open(token: &str, purpose: &str) -> Option<String> {
    let mut digits = token.chars().map(|c| c.to_digit(16));
    let mut bytes = Vec::new();
    while let Some(high) = digits.next() {
        bytes.push(u8::try_from(high? * 16 + digits.next()??).ok()?);
    }
    let plain = std::str::from_utf8(bytes.get(4..)?).ok()?;
    let text = plain.strip_prefix(purpose)?.strip_prefix('\n')?;
    (bytes[..4] == checksum(plain).to_be_bytes()).then(|| text.to_owned())
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>): against mistakes, not against attacks.
pub(crate) fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
