//! Account IDs.

/// Whether a text is an account ID.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks an account ID in a fault, an option or a seed.
///
/// # Errors
///
/// It is not one; the error is a message.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if is_id(text) { Ok(()) } else { Err(format!("\"{text}\" is not a valid account ID; use 12 digits")) }
}
