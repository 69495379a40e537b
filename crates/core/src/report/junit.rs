//! JUnit XML as Jenkins defines it, for CI systems that read test reports.
//!
//! Written without a crate: the one for it depends on a clock, random IDs and an XML parser, and this is a dozen lines.

use std::fmt::Write as _;

use super::findings::{Identities, ReportLocation};
use super::{Findings, concise};
use crate::characters::printable;
use crate::diagnostic::{Diagnostic, Level, counted};

/// The test cases of one file.
struct Suite {
    path: String,
    tests: usize,
    failures: usize,
    cases: String,
}

/// Returns the findings as test cases, one suite per file: errors and warnings fail, infos pass. Without findings there
/// is one test case that passes, because CI systems take a report without test cases for a missing one.
pub fn findings(all: &[Findings<'_>]) -> String {
    let mut identities = Identities::default();
    let mut suites: Vec<Suite> = Vec::new();
    for (findings, diagnostic, location) in Findings::each(all) {
        // Names contain no line number, because CI systems identify a test case by its name.
        let mut name = format!("{}: {}", diagnostic.rule.id, diagnostic.message);
        let occurrence = identities.next(&location.path, diagnostic).occurrence;
        if occurrence > 1 {
            let _ = write!(name, " ({occurrence})");
        }
        if suites.last().is_none_or(|suite| suite.path != location.path) {
            suites.push(Suite { path: location.path.clone(), tests: 0, failures: 0, cases: String::new() });
        }
        if let Some(suite) = suites.last_mut() {
            suite.add(&name, diagnostic, &details(findings, diagnostic, &location));
        }
    }
    if suites.is_empty() {
        suites.push(nothing_found(Findings::files(all)));
    }
    let tests: usize = suites.iter().map(|suite| suite.tests).sum();
    let failures: usize = suites.iter().map(|suite| suite.failures).sum();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(out, "<testsuites name=\"controlsync\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    for Suite { path, tests, failures, cases } in suites {
        let path = xml(&path);
        let _ = write!(
            out,
            "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n{cases}  </testsuite>\n"
        );
    }
    out.push_str("</testsuites>\n");
    out
}

impl Suite {
    fn add(&mut self, name: &str, diagnostic: &Diagnostic, details: &str) {
        let (name, class, details) = (xml(name), xml(&self.path), xml_lines(details));
        let content = if diagnostic.level == Level::Info {
            format!("<system-out>{details}</system-out>")
        } else {
            self.failures += 1;
            let (message, level) = (xml(&diagnostic.message), diagnostic.level.name());
            format!("<failure message=\"{message}\" type=\"{level}\">{details}</failure>")
        };
        self.tests += 1;
        let _ = write!(
            self.cases,
            "    <testcase name=\"{name}\" classname=\"{class}\">\n      {content}\n    </testcase>\n"
        );
    }
}

fn nothing_found(files: usize) -> Suite {
    let cases = format!(
        "    <testcase name=\"lint\" classname=\"controlsync\">\n      <system-out>no findings in {}</system-out>\n    </testcase>\n",
        counted(files, "file")
    );
    Suite { path: "controlsync".to_owned(), tests: 1, failures: 0, cases }
}

fn details(findings: &Findings<'_>, diagnostic: &Diagnostic, location: &ReportLocation) -> String {
    let mut lines = concise::line(diagnostic, location);
    for related in &diagnostic.related {
        let _ = write!(lines, "\n{}: {}", findings.location(related.file, related.span), printable(&related.message));
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(lines, "\nhelp: {}", printable(help));
    }
    lines
}

/// Escapes a string for XML 1.0, on one line. Characters that XML cannot represent become visible escapes.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // In an attribute it would become a space.
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

fn xml_lines(text: &str) -> String {
    text.lines().map(xml).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_end_an_element_or_attribute() {
        assert_eq!(xml("a]]>&\"<b>\t"), "a]]&gt;&amp;&quot;&lt;b&gt;&#9;");
        assert_eq!(xml("\0\u{b}\r\n\u{fffe}\u{85}"), "\\u{0}\\u{b}\\u{d}\\u{a}\\u{fffe}\\u{85}");
        assert_eq!(xml_lines("a\n<"), "a\n&lt;");
    }
}
