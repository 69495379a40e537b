//! Results on standard output: one buffered writer, flushed and checked before the exit code.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use controlsync_core::report::text::Style;

use crate::options::Color;

/// Output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for a terminal.
    #[default]
    Text,
    /// JSON for programs.
    Json,
}

/// Color and width of text on standard output.
pub fn style(color: Color) -> Style {
    let automatic = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    style_for(color, automatic, std::io::stdout().is_terminal())
}

/// Color and width of text on standard error.
pub fn stderr_style(color: Color) -> Style {
    let automatic = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    style_for(color, automatic, std::io::stderr().is_terminal())
}

fn style_for(color: Color, automatic: bool, terminal: bool) -> Style {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => automatic,
    };
    let width = terminal_size::terminal_size().filter(|_| terminal);
    let width =
        width.map_or_else(|| Style::default().width, |(terminal_size::Width(width), _)| usize::from(width).max(40));
    Style { color, width }
}

/// Writes the results of finished work; returns false if the pipe is closed.
///
/// # Errors
///
/// Standard output cannot be written for another reason.
pub fn print_if_read(text: &str) -> Result<bool> {
    match write(text) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        written => written.context(UNWRITABLE).map(|()| true),
    }
}

const UNWRITABLE: &str = "cannot write to standard output";

/// Writes results that are too large to be in memory.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn print_parts(parts: impl Iterator<Item = String>) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
        for part in parts {
            stdout.write_all(part.as_bytes())?;
        }
        stdout.flush()
    };
    write().context(UNWRITABLE)
}

/// Writes results.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn print(text: &str) -> Result<()> {
    write(text).context(UNWRITABLE)
}

/// Writes a note to standard error, ignoring errors.
pub fn print_aside(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn write(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
