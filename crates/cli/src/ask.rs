//! A question on a terminal.

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
