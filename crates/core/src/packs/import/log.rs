//! Collects what does not come from a pack.

use super::{Extent, LeftOut};
use crate::source::{Source, Span};

/// What does not come from one pack.
pub(super) struct Log<'a> {
    pub source: &'a Source,
    pub left_out: Vec<LeftOut>,
}

impl<'a> Log<'a> {
    pub(super) const fn new(source: &'a Source) -> Self {
        Self { source, left_out: Vec::new() }
    }

    /// Returns the line of a span.
    pub(super) fn line(&self, span: Span) -> usize {
        self.source.position(span.start).line
    }

    /// Lists a resource or a section that does not come.
    pub(super) fn whole(&mut self, span: Span, name: &str, reason: impl Into<String>) {
        self.push(span, name, Extent::Whole, reason.into());
    }

    /// Lists a part that does not come.
    pub(super) fn part(&mut self, span: Span, name: &str, reason: impl Into<String>) {
        self.push(span, name, Extent::Part, reason.into());
    }

    fn push(&mut self, span: Span, name: &str, extent: Extent, reason: String) {
        let (path, line) = (self.source.path().to_owned(), self.line(span));
        self.left_out.push(LeftOut { path, line, name: name.to_owned(), extent, reason });
    }
}
