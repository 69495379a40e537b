//! Plans as comments on pull requests.

use std::fmt::Write as _;

use controlsync_core::report::plan_markdown::MAX_UNITS;
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog};

/// Text that tries to inject markup.
const HOSTILE: &str = "</details> <script>alert(1)</script>\n```\n````diff\n@octo/team #1 [a](https://example.org) | x | `c`\n\u{202e}gnirts \u{1b}[31m";

fn catalog() -> Catalog {
    let long = "word".repeat(250);
    let hostile = serde_json::to_string(HOSTILE).unwrap();
    Catalog::new(&[
        ("controlsync.toml", "catalog = \"team -- a\"\n"),
        ("controls/a.yaml", &format!("name: \"</code> `a` @octo | *b* <img src=x> #1\"\ndescription: {hostile}\n")),
        ("controls/b.yaml", &format!("name: B\ndescription: {long}\ntags: {{Owner: platform}}\n")),
        ("controls/c.yaml", "name: C\n"),
        ("frameworks/f.yaml", "name: F\ncontrolSets:\n  - name: S\n    controls: [B]\n"),
    ])
}

fn applied() -> (Catalog, Account) {
    let (catalog, account) = (catalog(), Account::new());
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let list = account.http("GET", "/assessmentFrameworks?frameworkType=Custom", &json!({}));
    let id = list["frameworkMetadataList"][0]["id"].clone();
    account.seed(json!({ "assessments": [{ "name": "<b>Audit</b> @octo", "frameworkId": id }] }));
    (catalog, account)
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[test]
fn a_plan_for_a_pull_request() {
    let (catalog, account) = applied();
    assert_snapshot!("no_changes", catalog.run_against(&account, &["plan", "--format", "markdown"]).shown());
    catalog.edit("controls/b.yaml", "Owner: platform", "Owner: \"@octo | <b>\"");
    catalog.edit("controls/b.yaml", "name: B\n", "name: B\ntestingInformation: \"``` and ````` and </details>\"\n");
    std::fs::remove_file(catalog.path().join("controls/c.yaml")).unwrap();
    catalog.write("controls/d.yaml", "name: D\n");
    catalog.write("frameworks/g.yaml", "name: G\ncontrolSets:\n  - name: S\n    controls: [D, \"`none` @octo\"]\n");
    account.edit_control("</code> `a` @octo | *b* <img src=x> #1", "description", "clicked");
    let plan = catalog.run_against(&account, &["plan", "--format", "markdown", "--prune"]);
    assert_snapshot!("changes", plan.shown());
    let applied = catalog.run_against(&account, &["apply", "--format", "markdown", "--prune", "--yes"]);
    assert_eq!(applied.code, 1);
    assert!(
        applied.stdout.contains("Applied: 1 deleted, 1 created, 2 updated, 1 blocked, 1 unchanged."),
        "{}",
        applied.shown()
    );
    catalog.write("controls/d.yaml", "name: D\ntags: {Version: 1.10}\n");
    assert_snapshot!("invalid", catalog.run_against(&account, &["plan", "--format", "markdown"]).shown());
}

#[test]
fn every_plan_fits_into_a_comment() {
    let catalog = Catalog::new(&[]);
    let text = "\u{1f512}`".repeat(400);
    for number in 0..480 {
        let mut file = format!("name: Control {number}\ndatasources:\n");
        for source in 0..4 {
            let _ = write!(
                file,
                "  - sourceName: Source {source}\n    sourceType: MANUAL\n    sourceDescription: \"{text}\"\n"
            );
        }
        catalog.write(&format!("controls/{number}.yaml"), &file);
    }
    let account = Account::new();
    let ran = catalog.run_against(&account, &["plan", "--format", "markdown"]);
    assert!((1000..=MAX_UNITS).contains(&units(&ran.stdout)), "{}", units(&ran.stdout));
    account.seed(
        json!({ "controls": (0..60).map(|number| json!({ "name": format!("Control {number}") })).collect::<Vec<_>>() }),
    );
    for adopt in ["all", "identical"] {
        let ran = catalog.run_against(&account, &["plan", "--format", "markdown", "--adopt", adopt, "--no-impact"]);
        assert!((50_000..=MAX_UNITS).contains(&units(&ran.stdout)), "{}", units(&ran.stdout));
        let last = ran.stdout.lines().last().unwrap();
        assert!(last.ends_with(" omitted: run `controlsync plan` to see all."), "{last}");
    }
    for number in 0..480 {
        catalog.write(&format!("controls/{number}.yaml"), &format!("name: Control {number}\ndescripton: {text}\n"));
    }
    let ran = catalog.run_against(&account, &["plan", "--format", "markdown"]);
    assert!(units(&ran.stdout) <= MAX_UNITS, "{}", units(&ran.stdout));
    assert!(ran.stdout.contains("… and "), "{}", ran.stdout);
}
