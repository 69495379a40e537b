//! Questions on a terminal.

use std::io::{BufRead as _, Write as _};

use anyhow::{Context as _, Error, Result, anyhow};

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn unread(error: std::io::Error) -> Error {
    anyhow!("cannot read the answer: {error}; answer in UTF-8, or use --yes")
}

/// Shows a question in one piece, and reads a line.
fn read(question: &str) -> Result<String> {
    std::io::stderr().write_all(question.as_bytes()).context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(unread)?;
    Ok(answer)
}

/// Asks on standard error, and reads the answer; anything but a yes is a no.
///
/// # Errors
///
/// There is nobody to ask.
pub fn confirmed(question: &str) -> Result<bool> {
    let answer = read(&format!("\n{question} [y/N] "))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Asks on standard error for a text; an empty answer is what is proposed.
///
/// # Errors
///
/// There is nobody to ask.
pub fn answered(question: &str, proposed: &str) -> Result<String> {
    let shown = if proposed.is_empty() { String::new() } else { format!(" [{proposed}]") };
    let answer = read(&format!("{question}{shown}: "))?;
    Ok(if answer.trim().is_empty() { proposed } else { answer.trim() }.to_owned())
}
