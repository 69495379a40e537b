//! Checks a catalog for a command that works on it, and reports its findings.

use anyhow::Result;
use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::Diagnostic;
use controlsync_core::report::{Findings, text};

use crate::files;
use crate::options::Global;
use crate::output;
use crate::paths;

/// Checks the catalog.
///
/// # Errors
///
/// The catalog cannot be read.
pub fn check_catalog(global: &Global) -> Result<Checked> {
    let sources = files::read(&global.catalog_dir, global.config.as_deref(), None)?;
    Ok(check(sources, &global.check_options()?))
}

/// Reports all findings of the catalog, and the consequence of its errors.
///
/// # Errors
///
/// The findings cannot be written.
pub fn report_errors(global: &Global, checked: &Checked, consequence: &str) -> Result<()> {
    let findings = [findings(checked, checked.diagnostics.iter().collect(), global)];
    let report = text::findings(&findings, &output::style(global.color));
    output::print(&format!("{report}{}{consequence}\n", text::summary(&findings)))
}

/// Reports the findings of a catalog without errors, unless `--quiet` is set.
pub fn report_warnings(global: &Global, checked: &Checked) {
    if !global.quiet {
        let findings = findings(checked, checked.findings_to_show_with_plan(), global);
        anstream::eprint!("{}", text::findings(&[findings], &output::stderr_style(global.color)));
    }
}

/// Findings for the text format.
pub fn findings<'a>(checked: &'a Checked, diagnostics: Vec<&'a Diagnostic>, global: &Global) -> Findings<'a> {
    let paths = paths::from_cwd(&global.catalog_dir);
    Findings { sources: &checked.sources, diagnostics, files: checked.sources.len(), paths }
}
