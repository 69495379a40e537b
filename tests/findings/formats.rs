//! One catalog in every format: texts that are not ASCII, CRLF, a byte order mark, a file that is no text, places in
//! other files and on several lines, equal findings, a fix, and texts that a format could take for its own syntax.

use std::path::Path;

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::diagnostic::{Diagnostic, Level, Rule};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, json, junit, sarif};
use controlsync_core::source::{Content, FileKind, Source, Sources, Span};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::{all, read};

fn checked() -> Checked {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/formats");
    check(Sources::new(read(&catalog)), &Options::default())
}

#[test]
fn concise_is_a_line_a_finding() {
    let checked = checked();
    let report = concise::findings(&[all(&checked)]);
    assert_eq!(report.lines().count(), checked.diagnostics.len());
    assert_snapshot!(report);
}

#[test]
fn json_has_all() {
    assert_snapshot!(json::findings(&[all(&checked())]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn sarif_has_results_and_their_rules() {
    let mut report: Json = serde_json::from_str(&sarif::findings(&[all(&checked())])).unwrap();
    let run = &mut report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].take();
    let mut unused: Vec<&str> = rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(unused.is_sorted());
    // The snapshot leaves out what changes with every new rule.
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
fn github_has_a_command_a_finding() {
    let checked = checked();
    let report = github::findings(&[all(&checked)]);
    assert_eq!(report.lines().count(), checked.diagnostics.len());
    assert!(report.lines().all(|line| line.starts_with("::")));
    assert_snapshot!(report);
}

#[test]
fn junit_has_a_suite_a_file() {
    assert_snapshot!(junit::findings(&[all(&checked())]));
}

#[test]
fn gitlab_has_an_issue_a_finding() {
    assert_snapshot!(gitlab::findings(&[all(&checked())]));
}

#[test]
fn nothing_found_is_a_report_too() {
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
fn what_is_on_several_lines_has_no_columns_on_github() {
    static RULE: Rule = Rule {
        id: "of-a-test",
        level: Level::Warning,
        hard: false,
        since: "0.1.0",
        summary: "A rule that is in no registry.",
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
    // The end of a line that does not belong to the place any more is not on that line.
    let of = |place, shown| format!("::warning file=/elsewhere/a.yaml,{place},title=of-a-test::{shown}: it is there\n");
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
