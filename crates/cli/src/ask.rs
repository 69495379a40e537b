//! Questions on a terminal.

use std::io::{BufRead as _, Write as _};

use anyhow::{Context as _, Result};

/// Asks on standard error, and reads the answer; anything but a yes is a no.
///
/// # Errors
///
/// There is nobody to ask.
pub fn confirmed(question: &str) -> Result<bool> {
    let mut stderr = std::io::stderr();
    write!(stderr, "\n{question} [y/N] ").and_then(|()| stderr.flush()).context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Asks on standard error for a text; an empty answer is what is proposed.
///
/// # Errors
///
/// There is nobody to ask.
pub fn answered(question: &str, proposed: &str) -> Result<String> {
    let mut stderr = std::io::stderr();
    let shown = if proposed.is_empty() { String::new() } else { format!(" [{proposed}]") };
    write!(stderr, "{question}{shown}: ").and_then(|()| stderr.flush()).context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(if answer.trim().is_empty() { proposed } else { answer.trim() }.to_owned())
}
