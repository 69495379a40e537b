//! Errors and their causes.

use std::error::Error;

/// An error and its causes.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Returns the messages of an error and its causes, each once.
pub fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    for cause in causes(error) {
        let message = cause.to_string();
        if messages.iter().all(|before| !before.contains(&message)) {
            messages.push(message);
        }
    }
    messages.join(": ")
}
