//! Prompts on a terminal.

use std::io::{BufRead as _, Write as _};

use anyhow::{Context as _, Error, Result};

use crate::error::error;

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it by value")]
fn unreadable(error: std::io::Error) -> Error {
    error!(Usage, "cannot read the answer: {error}; answer in UTF-8, or use --yes")
}

/// Shows a question in a single write, and reads a line.
fn read(question: &str) -> Result<String> {
    std::io::stderr().write_all(question.as_bytes()).context("cannot prompt")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(unreadable)?;
    Ok(answer)
}

/// Asks on standard error and reads the answer; anything but yes counts as no.
///
/// # Errors
///
/// The question cannot be shown, or the answer cannot be read.
pub fn confirmed(question: &str) -> Result<bool> {
    let answer = read(&format!("\n{question} [y/N] "))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Asks on standard error for a value; an empty answer selects the default.
///
/// # Errors
///
/// The question cannot be shown, or the answer cannot be read.
pub fn answered(question: &str, default: &str) -> Result<String> {
    let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    let answer = read(&format!("{question}{hint}: "))?;
    Ok(if answer.trim().is_empty() { default } else { answer.trim() }.to_owned())
}
