//! The catalog as tables and as an HTML page.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog, Ran};

/// Text that tries to inject markup.
const HOSTILE: &str = "<script>alert(1)</script> ]]> </style> \" onload=alert(1) x=' --> {{ 7 * 7 }} &lt;b&gt;\n\u{202e}gnirts \u{1b}[31m";

fn small() -> Catalog {
    Catalog::new(&[
        ("controls/access/a.yaml", "name: Access-A\ntags: {Family: Access}\ndescription: Access is limited.\n"),
        (
            "controls/access/b.yaml",
            "name: Access-B\ntags: {Family: Access}\ndatasources:\n  - {sourceName: Keys, sourceType: AWS_Config, sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}}\n  - {sourceName: Note, sourceType: MANUAL}\n",
        ),
        ("controls/c.yaml", "name: C, in no framework\n"),
        (
            "frameworks/f.yaml",
            "name: F\ncontrolSets:\n  - name: People\n    controls: [Access-A, Access-B]\n  - name: Others\n    controls: [Access-B, {standard: 2.1.1 Ensure S3 encryption}, Not here]\n",
        ),
    ])
}

fn hostile() -> Catalog {
    let (text, long) = (serde_json::to_string(HOSTILE).unwrap(), "word".repeat(75));
    let control = format!(
        "name: \"<img src=x onerror=alert(1)> \u{202e}\"\ndescription: {text}\ntestingInformation: {text}\nactionPlanTitle: {long}\n\
         actionPlanInstructions: {text}\ntags: {{Owner: \"a=b+c@d\"}}\ndatasources:\n  - sourceName: \"</ul><script>x</script>\"\n    sourceType: AWS_Config\n    \
         sourceKeyword: {{keywordValue: \"Custom_ours\"}}\n    troubleshootingText: {text}\n"
    );
    Catalog::new(&[
        ("controls/<b>.yaml", &control),
        ("controls/long.yaml", &format!("name: {}\ndescription: {}\n", "w".repeat(300), "d".repeat(1000))),
        (
            "frameworks/f.yaml",
            "name: \"</title><script>\"\ncontrolSets:\n  - name: \"<h1>\"\n    controls: [\"<script>missing\"]\n",
        ),
    ])
}

/// The page without its fixed parts: style, script and policy.
fn body(ran: &Ran) -> String {
    let (_, body) = ran.stdout.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    body.to_owned()
}

#[test]
fn the_catalog_as_tables() {
    let mut shown = small().run(&["show"]).shown_after(&["show"]);
    let catalog = small();
    catalog.write("controls/d.yaml", "name: D\ntags: {Version: 1.10}\n");
    shown += "\n";
    shown += &catalog.run(&["show"]).shown();
    assert_snapshot!("tables", shown);
}

#[test]
fn the_sample_catalog_as_tables() {
    assert_snapshot!("sample", Catalog::sample().run(&["show"]).shown());
}

#[test]
fn the_states_match_the_plan() {
    let (catalog, account) = (small(), Account::new());
    account.seed(json!({ "controls": [{ "name": "C, in no framework", "description": "Clicked together." }] }));
    catalog.edit("frameworks/f.yaml", ", {standard: 2.1.1 Ensure S3 encryption}, Not here", "");
    let ran = catalog.run_against(&account, &["show", "--account"]);
    assert_eq!(ran.code, 1, "an unmanaged control blocks the catalog: {}", ran.shown());
    let mut shown = ran.shown();
    catalog.write("controls/old.yaml", "name: Old\n");
    assert_eq!(catalog.run_against(&account, &["apply", "--yes", "--adopt", "all"]).code, 0);
    let list = account.http("GET", "/assessmentFrameworks?frameworkType=Custom", &json!({}));
    let id = list["frameworkMetadataList"][0]["id"].clone();
    account.seed(json!({ "assessments": [{ "name": "<b>Audit</b>", "frameworkId": id }] }));
    catalog.edit("controls/access/a.yaml", "is limited", "is reviewed");
    std::fs::remove_file(catalog.path().join("controls/old.yaml")).unwrap();
    account.edit_control("Access-B", "description", "Edited in the console.");
    account.emulator.take_requests();
    let ran = catalog.run_against(&account, &["show", "--account"]);
    assert_eq!(ran.code, 0, "pending changes are not an error: {}", ran.shown());
    assert!(account.writes().is_empty());
    shown += "\n";
    shown += &ran.shown();
    let page = catalog.run_against(&account, &["show", "--account", "--format", "html"]);
    assert_snapshot!("states", shown);
    assert_eq!(page.code, 0);
    let page = body(&page);
    for part in [
        "data-state=\"pending\"",
        "data-state=\"drift\"",
        "data-state=\"in-sync\"",
        "<b>account</b> Edited in the console.",
        "&#60;b&#62;Audit&#60;/b&#62;",
        "It was changed in the account; the file is unchanged since it was applied.",
        "control <bdi>Old</bdi> <span class=\"path\">was controls/old.yaml</span>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let ran = catalog.run_against(&account, &["show", "--account", "--no-impact", "--format", "html"]);
    assert!(!ran.stdout.contains("Audit&#60;"), "the impact was not requested");
}

#[test]
fn the_page_of_a_small_catalog() {
    let ran = small().run(&["show", "--format", "html"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_snapshot!("page", body(&ran));
}

#[test]
fn text_in_controls_is_escaped() {
    let catalog = hostile();
    let ran = catalog.run(&["show", "--format", "html"]);
    let page = &ran.stdout;
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert_eq!(page.matches("</style>").count(), 1);
    for part in ["<img", "<h1></h4>", "<ul><script>", "\u{202e}", "\u{1b}", "\u{200b}", "\" onload", "<title></title>"]
    {
        assert!(!page.contains(part), "{part:?}: {page}");
    }
    for part in [
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "]]&#62;",
        "\\u{202e}gnirts \\u{1b}[31m",
        "{{ 7 * 7 }}",
        "&#38;lt;b&#38;gt;",
    ] {
        assert!(page.contains(part), "{part:?}: {page}");
    }
    // Tables escape control characters like the other reports.
    let text = catalog.run(&["show"]).stdout;
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("<img src=x onerror=alert(1)> \\u{202e}"), "{text}");
}

#[test]
fn a_catalog_with_errors_has_a_page_too() {
    let catalog = small();
    catalog.write("controls/d.yaml", "name: D\ntags: {Version: 1.10}\n");
    catalog.write("frameworks/g.yaml", "name: G\ncontrolSets:\n  - name: S\n    controls: [D]\n");
    let page = catalog.path().join("page.html");
    std::fs::write(&page, "an older page").unwrap();
    let ran = catalog.run(&["show", "--format", "html", "--out", "page.html"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.shown());
    let written = std::fs::read_to_string(&page).unwrap();
    for part in ["Invalid files and other findings", "controls/d.yaml:2:17 · unquoted-string", "its file has errors"] {
        assert!(written.contains(part), "{part}: {written}");
    }
    // With an account, definitions without errors are planned.
    let ran = catalog.run(&["show", "--local"]);
    assert_eq!(ran.code, 1, "{}", ran.shown());
    assert!(ran.stdout.contains("to be created") && ran.stdout.contains("blocked"), "{}", ran.shown());
}

#[test]
fn usage_errors_are_reported() {
    let catalog = small();
    let runs = [&["show", "--refresh"][..], &["show", "--no-impact"], &["show", "--out", "no/such/folder/page.html"]];
    let shown: String = runs.iter().map(|arguments| catalog.run(arguments).shown_after(arguments)).collect();
    assert_snapshot!(shown);
}

#[test]
fn the_same_catalog_gives_the_same_page() {
    let catalog = Catalog::sample();
    let arguments = ["show", "--format", "html"];
    let (first, second) = (catalog.run(&arguments).stdout, catalog.run(&arguments).stdout);
    assert!(first == second && first.len() > 50_000);
}
