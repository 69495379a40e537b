use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Catalog, UNMEASURED, ran};

const CONTROL: &str = "name: Backup-DataIsBackedUp\ndescription: Daily.\n";

fn five_errors() -> Catalog {
    Catalog::new(&[
        ("controls/backup.yaml", "name: Backup-DataIsBackedUp\ntags:\n  Version: 1.10\ndescripton: Daily.\n"),
        ("controls/again.yaml", "name: Backup-DataIsBackedUp\n"),
        ("controls/broken.yaml", "name: Access-Keys\ndescription: \"unclosed\n"),
        (
            "controls/sources.yaml",
            "name: Logging-Trail\ndatasources:\n  - sourceName: Events\n    sourceType: AWS_CloudTrail\n",
        ),
        ("frameworks/baseline.yaml", "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Logging-Trial]\n"),
    ])
}

#[test]
fn all_errors_are_reported_in_one_run() {
    let ran = five_errors().run(&["lint"]);
    assert_snapshot!(ran.shown());
}

#[test]
fn no_plan_is_made_from_a_catalog_with_errors() {
    let catalog = five_errors();
    let plan = catalog.run(&["plan", "--local"]);
    assert_eq!(plan.code, 1);
    assert!(plan.stdout.contains("error[unquoted-string]"), "{}", plan.shown());
    assert!(plan.stdout.ends_with("Nothing was planned: the catalog has errors.\n"), "{}", plan.shown());
    assert!(!catalog.path().join(".controlsync").exists(), "the account was read");
    let apply = catalog.run(&["apply", "--local", "--format", "json"]);
    assert_eq!(apply.code, 1);
    assert_eq!(apply.json()["outcome"], "invalid");
    assert_eq!(apply.json()["diagnostics"].as_array().unwrap().len(), 6);
}

#[test]
fn json_has_counts_and_locations() {
    let ran = five_errors().run(&["lint", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let report = ran.json();
    assert_eq!(report["summary"], json!({ "errors": 5, "warnings": 1, "infos": 0, "files": 5 }));
    let found =
        report["diagnostics"].as_array().unwrap().iter().find(|found| found["rule"] == "unquoted-string").unwrap();
    assert_eq!(found["path"], "controls/backup.yaml");
    assert_eq!(found["span"]["start"], json!({ "offset": 45, "line": 3, "column": 12 }));
    assert_eq!(found["fix"]["edits"][0]["text"], "\"1.10\"");
}

#[test]
fn formats_change_neither_the_exit_code_nor_the_findings() {
    let invalid = five_errors();
    let clean = Catalog::new(&[("controls/a.yaml", CONTROL)]);
    for format in ["text", "concise", "json", "sarif", "github", "junit", "gitlab"] {
        let ran = invalid.run(&["lint", "--format", format]);
        assert_eq!(ran.code, 1, "{}", ran.shown());
        for found in ["duplicate-control-name", "syntax-error", "unknown-key", "unknown-control"] {
            assert!(ran.stdout.contains(found), "{}", ran.shown());
        }
        let ran = clean.run(&["lint", "--deny-warnings", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.shown());
    }
}

#[test]
fn warnings_fail_only_when_denied() {
    let catalog = Catalog::new(&[
        ("controls/a.yaml", CONTROL),
        ("frameworks/f.yaml", "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Elsewhere]\n"),
    ]);
    assert_eq!(catalog.run(&["lint"]).code, 0);
    assert_eq!(catalog.run(&["lint", "--deny-warnings"]).code, 1);
}

#[test]
fn a_missing_catalog_or_invalid_flag_is_an_error() {
    let catalog = Catalog::new(&[
        ("elsewhere/a.yaml", CONTROL),
        ("empty/controls/README.md", "Nothing here."),
        ("good/controls/a.yaml", CONTROL),
    ]);
    let mut shown = String::new();
    for arguments in [
        ["lint", "--catalog-dir", "missing"],
        ["lint", "--catalog-dir", "elsewhere"],
        ["lint", "--catalog-dir", "empty"],
        ["lint", "--config=missing.toml", "--catalog-dir=good"],
        ["lint", "--catalog", "no,name"],
        ["lint", "missing.yaml", "--quiet"],
        ["lint", "--format", "xml"],
    ] {
        let ran = catalog.run(&arguments);
        assert_eq!(ran.stdout, "");
        shown += &ran.shown_after(&arguments);
    }
    assert_snapshot!(shown);
}

#[cfg(unix)]
#[test]
fn an_unreadable_directory_is_an_error() {
    use std::os::unix::fs::PermissionsExt as _;
    let catalog = Catalog::new(&[("controls/a.yaml", CONTROL), ("controls/secret/b.yaml", CONTROL)]);
    let secret = catalog.path().join("controls/secret");
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&secret, 0o000);
    set(catalog.path(), 0o755);
    // Root can read every file, so run as another user.
    let as_root = fs::read_dir(&secret).is_ok();
    let program = catalog.path().join("controlsync");
    fs::copy(env!("CARGO_BIN_EXE_controlsync"), &program).unwrap();
    let mut command = if as_root {
        let mut command = assert_cmd::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        assert_cmd::Command::new(&program)
    };
    let ran = ran(command.current_dir(catalog.path()).envs(UNMEASURED).arg("lint"));
    set(&secret, 0o755);
    assert_snapshot!(ran.shown());
}

#[cfg(unix)]
#[test]
fn links_and_large_files_are_reported_and_not_read() {
    let catalog = Catalog::new(&[("controls/a.yaml", CONTROL), ("elsewhere/b.yaml", "name: Elsewhere\n")]);
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(from, catalog.path().join(to)).unwrap();
    link("../elsewhere/b.yaml", "controls/file.yaml");
    link("../elsewhere", "controls/folder");
    link("loop", "controls/loop");
    let large = fs::File::create(catalog.path().join("controls/large.yaml")).unwrap();
    large.set_len(10_000_000).unwrap();
    assert_snapshot!(catalog.run(&["lint"]).shown());
}

#[cfg(unix)]
#[test]
fn a_missing_part_of_a_catalog_is_always_reported() {
    let link = |catalog: &Catalog, from: &str, to: &str| {
        std::os::unix::fs::symlink(from, catalog.path().join(to)).unwrap();
        let ran = catalog.run(&["lint"]);
        (ran.code, ran.stdout.matches("error[symbolic-link]").count())
    };
    let catalog = || Catalog::new(&[("controls/a.yaml", CONTROL)]);
    assert_eq!(link(&catalog(), "/nowhere", "controls/shared"), (1, 1));
    assert_eq!(link(&catalog(), "/nowhere", "frameworks"), (1, 1));
    assert_eq!(link(&catalog(), "controls", "frameworks"), (1, 1));
    assert_eq!(link(&catalog(), "/nowhere", "controlsync.toml"), (1, 1));
    let file = catalog();
    file.write("frameworks", "");
    assert_eq!(file.run(&["lint"]).code, 2);
    let windows = catalog();
    fs::write(windows.path().join("controlsync.toml"), b"\xff\xfec\0a\0").unwrap();
    let ran = windows.run(&["lint"]);
    assert!(ran.code == 1 && ran.stdout.contains("error[invalid-encoding]"), "{}", ran.shown());
}

#[test]
fn control_characters_in_file_names_are_escaped() {
    let catalog = Catalog::new(&[("controls/a\u{1b}[31m\n.yaml", "\"nam\\e\": A\n")]);
    let ran = catalog.run(&["lint"]);
    assert!(ran.stdout.contains("controls/a\\u{1b}[31m\\u{a}.yaml"), "{}", ran.shown());
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.shown());
}

#[test]
fn paths_select_the_findings_to_show() {
    let catalog = five_errors();
    catalog.write("other/controls/o.yaml", "name: Other\nbad: 1\n");
    let lone = "name: Lone\ncontrolSets: []\n";
    let elsewhere = Catalog::new(&[("lone.yaml", lone), ("controls/e.yaml", "nam: E\n")]);
    let rules = |arguments: &[&str]| -> Vec<String> {
        let report = catalog.run(&[&["lint", "--format", "json"], arguments].concat()).json();
        report["diagnostics"].as_array().unwrap().iter().map(|found| found["rule"].to_string()).collect()
    };
    assert_eq!(rules(&["controls/sources.yaml"]), ["\"invalid-value\""]);
    assert_eq!(rules(&["frameworks", "controls/broken.yaml"]).len(), 2);
    assert_eq!(rules(&["."]).len(), 6);
    let outside = elsewhere.path().to_str().unwrap();
    assert_eq!(rules(&[&format!("{outside}/lone.yaml")]), ["\"empty-list\""], "a framework by its content");
    std::fs::write(elsewhere.path().join("exception.yaml"), "check: A\nreason: R\nuntil: 2020-01-31\n").unwrap();
    assert_eq!(
        rules(&[&format!("{outside}/exception.yaml")]),
        ["\"expired-exception\""],
        "an exception by its content"
    );
    assert_eq!(rules(&[outside]).len(), 2, "a separate catalog");
    let from_elsewhere = |arguments: &[&str]| {
        let report =
            elsewhere.command().current_dir(elsewhere.path().join("controls")).args(arguments).output().unwrap();
        String::from_utf8(report.stdout).unwrap()
    };
    let alone = from_elsewhere(&["lint", "e.yaml", "../controls/e.yaml"]);
    assert!(alone.contains("2 errors in 1 file"), "a file outside a catalog is checked once: {alone}");
    let nowhere = catalog.run(&["lint", "other"]);
    assert_eq!(nowhere.code, 2, "{}", nowhere.shown());
}

#[test]
fn paths_are_relative_to_the_working_directory_or_the_repository() {
    let catalog = Catalog::new(&[("team/catalog/controls/a.yaml", "nam: A\n")]);
    catalog.write(".git/HEAD", "");
    let lint = |format: &str| {
        let mut command = catalog.command();
        command.current_dir(catalog.path().join("team"));
        ran(command.args(["lint", "--catalog-dir", "catalog", "--format", format])).stdout
    };
    for format in ["text", "concise"] {
        let shown = lint(format);
        assert!(shown.contains("catalog/controls/a.yaml:1:1") && !shown.contains("team/"), "{shown}");
    }
    for format in ["json", "sarif", "github", "junit", "gitlab"] {
        let shown = lint(format);
        assert!(shown.contains("team/catalog/controls/a.yaml"), "{shown}");
    }
}

#[test]
fn color_is_used_on_terminals_or_on_request() {
    let catalog = five_errors();
    assert!(!catalog.run(&["lint"]).stdout.contains('\u{1b}'));
    assert!(catalog.run(&["lint", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let catalog = five_errors();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_controlsync"));
    command.current_dir(catalog.path()).args(["lint", "--format", "json"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn real_third_party_files_have_no_findings_and_can_be_applied() {
    // Needs third-party definitions.
    let Some(corpora) = std::env::var_os("CONTROLSYNC_CORPORA") else {
        eprintln!("CONTROLSYNC_CORPORA is not set: no third-party definitions to check");
        return;
    };
    let catalog = Catalog::new(&[]);
    let examples = std::path::Path::new(&corpora).join("enterprise-controls-catalog/examples");
    for folder in ["controls", "frameworks"] {
        crate::support::copy(&examples.join(folder), &catalog.path().join(folder));
    }
    let lint = catalog.run(&["lint", "--deny-warnings"]);
    assert_eq!((lint.code, lint.stdout.as_str()), (0, "no findings in 3 files\n"));
    let apply = catalog.run(&["apply", "--local"]);
    assert!(apply.code == 0 && apply.stdout.ends_with("Applied: 3 created.\n"), "{}", apply.shown());
    assert_eq!(catalog.run(&["plan", "--local"]).code, 0);
}
