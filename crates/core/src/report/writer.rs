//! Lines of text, in color if the terminal supports it.

use anstyle::Style as Ansi;

use crate::plan::Target;

/// Settings of the terminal.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to use color.
    pub color: bool,
    /// Width in columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 120 }
    }
}

/// Style of the most important parts.
pub(super) const STRONG: Ansi = Ansi::new().bold();

/// A text, written line by line.
pub(super) struct Writer {
    pub(super) text: String,
    color: bool,
}

impl Writer {
    pub(super) const fn new(style: &Style) -> Self {
        Self { text: String::new(), color: style.color }
    }

    pub(super) fn paint(&self, style: Ansi, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes the catalog, account and Region.
    pub(super) fn head(&mut self, catalog: &str, target: &Target) {
        let account = target.account.as_deref().map_or("account unknown".to_owned(), |id| format!("account {id}"));
        let head = self.paint(STRONG, &format!("Catalog {catalog:?}, {account}, {}", target.region));
        self.line(&head);
    }
}
