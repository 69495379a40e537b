//! One catalog in every format: non-ASCII strings, CRLF, a byte order mark, a file that is not UTF-8, locations in
//! other files and on several lines, equal findings, a fix, and strings that a format could read as its own syntax.

use std::path::Path;

use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::{Diagnostic, Level, Rule};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, json, junit, sarif};
use controlsync_core::source::{Content, FileKind, Source, Sources, Span};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::{all, options, read};

fn checked() -> Checked {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/formats");
    check(Sources::new(read(&catalog)), &options())
}

#[test]
fn concise_has_one_line_per_finding() {
    let checked = checked();
    let report = concise::findings(&[all(&checked)]);
    assert_eq!(report.lines().count(), checked.diagnostics.len());
    assert_snapshot!(report);
}

#[test]
fn json_has_every_finding() {
    assert_snapshot!(json::findings(&[all(&checked())]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn sarif_has_results_and_their_rules() {
    let mut report: Json = serde_json::from_str(&sarif::findings(&[all(&checked())])).unwrap();
    let run = &mut report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].take();
    let mut unused: Vec<&str> = rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(unused.is_sorted());
    // The snapshot omits what changes with every new rule.
    for result in run["results"].as_array_mut().unwrap() {
        let rule = result.as_object_mut().unwrap().shift_remove("ruleIndex").unwrap().as_u64().unwrap();
        let rule = &rules[usize::try_from(rule).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        unused.retain(|id| rule["id"] != *id);
    }
    let used = rules.as_array().unwrap().iter().filter(|rule| !unused.contains(&rule["id"].as_str().unwrap()));
    run["tool"]["driver"]["rules"] = used.map(|rule| rule["id"].clone()).collect();
    run["tool"]["driver"]["version"] = "VERSION".into();
    assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn github_has_one_command_per_finding() {
    let checked = checked();
    let report = github::findings(&[all(&checked)]);
    assert_eq!(report.lines().count(), checked.diagnostics.len());
    assert!(report.lines().all(|line| line.starts_with("::")));
    assert_snapshot!(report);
}

#[test]
fn junit_has_one_suite_per_file() {
    assert_snapshot!(junit::findings(&[all(&checked())]));
}

#[test]
fn gitlab_has_one_issue_per_finding() {
    assert_snapshot!(gitlab::findings(&[all(&checked())]));
}

#[test]
fn a_report_without_findings_is_valid() {
    let checked = checked();
    let mut clean = all(&checked);
    clean.diagnostics.clear();
    let clean = &[clean];
    assert_eq!(concise::findings(clean), "");
    assert_eq!(github::findings(clean), "");
    assert_eq!(gitlab::findings(clean), "[]\n");
    assert!(sarif::findings(clean).contains("\"results\": []"));
    assert_snapshot!(junit::findings(clean));
}

#[test]
fn github_omits_columns_for_findings_on_several_lines() {
    static RULE: Rule = Rule {
        id: "of-a-test",
        level: Level::Warning,
        hard: false,
        since: "0.1.0",
        summary: "A rule outside the registry.",
        why: "",
    };
    let text = "name: |\n  Two\n  lines\ndescription: after\n";
    let sources = Sources::new(vec![Source::new("/elsewhere/a.yaml", FileKind::Control, Content::Bytes(text.into()))]);
    let (file, _) = sources.iter().next().unwrap();
    let end = text.find("description").unwrap();
    let diagnostics = [Span::new(8, end), Span::new(8, end - 1), Span::new(end, end)]
        .map(|span| Diagnostic::new(&RULE, file, span, "it is there"));
    let findings = &[Findings {
        sources: &sources,
        diagnostics: diagnostics.iter().collect(),
        files: 1,
        paths: Paths::below("sub"),
    }];
    // A span that ends at the start of a line does not include that line.
    let of = |at, shown| format!("::warning file=/elsewhere/a.yaml,{at},title=of-a-test::{shown}: it is there\n");
    let expected = [
        of("line=2,endLine=3", "/elsewhere/a.yaml:2:1"),
        of("line=2,endLine=3", "/elsewhere/a.yaml:2:1"),
        of("line=4,col=1,endLine=4,endColumn=1", "/elsewhere/a.yaml:4:1"),
    ];
    assert_eq!(github::findings(findings), expected.concat());
    let sarif: Json = serde_json::from_str(&sarif::findings(findings)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result.get("ruleIndex"), None);
    let expected = json!({
        "artifactLocation": { "uri": "file:///elsewhere/a.yaml" },
        "region": { "startLine": 2, "startColumn": 1, "endLine": 4, "endColumn": 1 },
    });
    assert_eq!(result["locations"][0]["physicalLocation"], expected);
}
