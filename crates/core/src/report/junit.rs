//! For CI systems that read test reports: JUnit XML as Jenkins defines it.
//!
//! Written by hand: the crate for it brings a clock, random ids and an XML parser along, and what is written is a dozen
//! lines.

use std::fmt::Write as _;

use super::{Findings, Identities, ReportLocation, concise, printable};
use crate::diagnostic::{Diagnostic, Level, counted};

/// The test cases of one file.
struct Suite {
    path: String,
    tests: usize,
    failures: usize,
    cases: String,
}

/// Findings as test cases, one suite a file: errors and warnings are failures, infos are passed. Where nothing is found
/// there is one passed test case, for a report without any is taken for one that was not written.
pub fn findings(all: &[Findings<'_>]) -> String {
    let mut identities = Identities::default();
    let mut suites: Vec<Suite> = Vec::new();
    for (findings, diagnostic, place) in Findings::each(all) {
        // The names leave out the line: CI systems follow a test case by its name.
        let mut name = format!("{}: {}", diagnostic.rule.id, diagnostic.message);
        let occurrence = identities.next(&place.path, diagnostic).occurrence;
        if occurrence > 1 {
            let _ = write!(name, " ({occurrence})");
        }
        if suites.last().is_none_or(|suite| suite.path != place.path) {
            suites.push(Suite { path: place.path.clone(), tests: 0, failures: 0, cases: String::new() });
        }
        if let Some(suite) = suites.last_mut() {
            suite.add(&name, diagnostic, &details(findings, diagnostic, &place));
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

fn details(findings: &Findings<'_>, diagnostic: &Diagnostic, place: &ReportLocation) -> String {
    let mut lines = concise::line(diagnostic, place);
    for related in &diagnostic.related {
        let _ = write!(lines, "\n{}: {}", findings.place(related.file, related.span), printable(&related.message));
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(lines, "\nhelp: {}", printable(help));
    }
    lines
}

/// A text as XML 1.0 takes it, on one line. Characters that XML has no way to write become visible escapes.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // An attribute would turn it into a blank.
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
    fn nothing_ends_an_element_or_an_attribute() {
        assert_eq!(xml("a]]>&\"<b>\t"), "a]]&gt;&amp;&quot;&lt;b&gt;&#9;");
        assert_eq!(xml("\0\u{b}\r\n\u{fffe}\u{85}"), "\\u{0}\\u{b}\\u{d}\\u{a}\\u{fffe}\\u{85}");
        assert_eq!(xml_lines("a\n<"), "a\n&lt;");
    }
}
