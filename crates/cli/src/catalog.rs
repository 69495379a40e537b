//! Checks a catalog for a command that works on it, and reports its findings.

use std::collections::BTreeSet;

use anyhow::Result;
use controlsync_core::catalog::Catalog;
use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::Diagnostic;
use controlsync_core::model::ControlRef;
use controlsync_core::report::{Findings, text};
use controlsync_core::suggest::closest;

use crate::error::bail;
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

/// Warns that definitions with errors are left out of a report, unless `--quiet` is set.
pub fn warn_about_errors(checked: &Checked, global: &Global) {
    if checked.has_errors() && !global.quiet {
        output::print_aside(
            "warning: the catalog has errors, and definitions with errors are left out; run `controlsync lint`\n",
        );
    }
}

/// Returns the names of the controls that `--control` and `--framework` select: all without them.
///
/// # Errors
///
/// The catalog has none with one of the names.
pub fn selected_controls<'a>(
    catalog: &'a Catalog,
    controls: &[String],
    frameworks: &[String],
) -> Result<BTreeSet<&'a str>> {
    let mut selected = BTreeSet::new();
    for name in controls {
        match catalog.controls.get_key_value(name) {
            Some((name, _)) => selected.insert(name.as_str()),
            None => return unknown("--control", "control", name, catalog.controls.keys()),
        };
    }
    for name in frameworks {
        let Some(framework) = catalog.frameworks.get(name) else {
            return unknown("--framework", "framework", name, catalog.frameworks.keys());
        };
        let controls = framework.value.control_sets.iter().flat_map(|set| &set.controls);
        selected.extend(controls.filter_map(|control| match control {
            ControlRef::Name(name) => Some(name.as_str()),
            _ => None,
        }));
    }
    if controls.is_empty() && frameworks.is_empty() {
        selected.extend(catalog.controls.keys().map(String::as_str));
    }
    Ok(selected)
}

fn unknown<'a, T>(flag: &str, noun: &str, name: &str, known: impl IntoIterator<Item = &'a String>) -> Result<T> {
    let meant = closest(name, known.into_iter().map(String::as_str));
    let meant = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
    bail!(Usage, "{flag} {name:?}: the catalog has no {noun} with this name{meant}")
}
