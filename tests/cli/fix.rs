//! `lint --fix`, `--diff` and standard input.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::support::{Catalog, ran};

const CONTROL: &str = "\
# Who may sign in.\r
name: Access-ConsoleUsersHaveMfa\r
tags:\r
  Version: 1.10   # of the standard\r
data_sources:\r
  - sourceName: 'Users'\r
    sourceType: aws_config\r
    sourceFrequency: DAILY\r
    sourceKeyword: { keywordValue: 'iam-user-mfa-enabled' }  # a rule\r
  - sourceName: Groups\r
    sourceType: AWS_API_Call\r
    sourceFrequency: DAILY\r
    sourceKeyword: { keywordValue: iam_ListGroop }\r
";

const FIXED: &str = "\
# Who may sign in.\r
name: Access-ConsoleUsersHaveMfa\r
tags:\r
  Version: \"1.10\"   # of the standard\r
datasources:\r
  - sourceName: 'Users'\r
    sourceType: AWS_Config\r
    sourceKeyword: { keywordValue: 'IAM_USER_MFA_ENABLED' }  # a rule\r
  - sourceName: Groups\r
    sourceType: AWS_API_Call\r
    sourceFrequency: DAILY\r
    sourceKeyword: { keywordValue: iam_ListGroop }\r
";

fn catalog() -> Catalog {
    Catalog::new(&[("controls/mfa.yaml", CONTROL), ("controls/good.yaml", "name: Backup-DataIsBackedUp\n")])
}

fn text(catalog: &Catalog) -> String {
    fs::read_to_string(catalog.path().join("controls/mfa.yaml")).unwrap()
}

#[test]
fn safe_fixes_change_no_other_byte() {
    let catalog = catalog();
    let first = catalog.run(&["lint", "--fix"]);
    assert_eq!(text(&catalog), FIXED);
    assert_eq!(catalog.run(&["lint", "--fix"]).stderr, "", "nothing is left to fix");
    assert_eq!(text(&catalog), FIXED);
    let last = catalog.run(&["lint", "--fix", "--unsafe-fixes"]);
    assert_eq!(text(&catalog), FIXED.replace("iam_ListGroop", "iam_ListGroups"));
    assert_snapshot!(first.shown() + &last.shown());
}

#[test]
fn a_diff_is_shown_and_nothing_is_written() {
    let catalog = catalog();
    let shown = catalog.run(&["lint", "--diff"]);
    assert_eq!(text(&catalog), CONTROL);
    assert_eq!(shown.code, 1, "the files still have errors");
    assert_eq!(catalog.run(&["lint", "--fix", "--diff"]).shown(), shown.shown());
    assert_eq!(text(&catalog), CONTROL);
    assert_snapshot!(shown.shown().replace('\r', "␍"));
    assert_eq!(
        catalog.run(&["lint", "--diff", "--quiet", "controls/good.yaml"]).shown(),
        "exit code 0\n── stdout\n── stderr\n"
    );
}

#[test]
fn only_selected_files_are_fixed() {
    let catalog = catalog();
    let other = "name: Backup-Other\ntags:\n  Version: 1.10\n";
    catalog.write("controls/other.yaml", other);
    catalog.run(&["lint", "--fix", "controls/mfa.yaml"]);
    assert_eq!(text(&catalog), FIXED);
    assert_eq!(fs::read_to_string(catalog.path().join("controls/other.yaml")).unwrap(), other);
}

#[cfg(unix)]
#[test]
fn a_fixed_file_keeps_its_permissions_and_leaves_no_temporary_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let catalog = catalog();
    let path = catalog.path().join("controls/mfa.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    catalog.run(&["lint", "--fix"]);
    assert_eq!(text(&catalog), FIXED);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(catalog.path().join("controls")).unwrap().count(), 2);
}

#[test]
fn standard_input_replaces_a_file_of_the_catalog() {
    let catalog = catalog();
    catalog.write("frameworks/f.yaml", "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Access-Console]\n");
    let run = |arguments: &[&str], input: &str| ran(catalog.command().args(arguments).write_stdin(input.to_owned()));
    let framework = "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Backup-DataIsBackdUp]\n";
    let of_catalog = run(&["lint", "-", "--stdin-filename", "frameworks/f.yaml", "--format", "concise"], framework);
    let new = run(
        &["lint", "-", "--stdin-filename", "controls/new.yaml", "--format", "concise"],
        "name: Backup-DataIsBackedUp\n",
    );
    let alone = run(&["lint", "-", "--format", "concise"], "name: a\ntags: { A: 1 }\n");
    let fixed = run(&["lint", "-", "--fix", "--stdin-filename", "controls/mfa.yaml"], CONTROL);
    assert_eq!(fixed.stdout, FIXED);
    assert_eq!(text(&catalog), CONTROL, "the file itself is not changed");
    let unchanged = run(&["lint", "-", "--fix", "--quiet", "--stdin-filename", "controls/mfa.yaml"], FIXED);
    assert_eq!(unchanged.stdout, FIXED);
    let not_utf8 = ran(catalog.command().args(["lint", "-", "--fix"]).write_stdin([0xff_u8].as_slice()));
    assert_eq!(not_utf8.code, 2);
    assert_snapshot!(of_catalog.shown() + &new.shown() + &alone.shown() + &fixed.stderr + &not_utf8.shown());
}

#[test]
fn invalid_combinations_of_flags_are_rejected() {
    let catalog = catalog();
    let mut shown = String::new();
    for arguments in [
        ["lint", "--unsafe-fixes"].as_slice(),
        &["lint", "-", "controls/mfa.yaml"],
        &["lint", "--stdin-filename", "controls/mfa.yaml"],
    ] {
        let ran = catalog.run(arguments);
        assert_eq!(ran.code, 2);
        shown += &ran.shown_after(arguments);
    }
    assert_snapshot!(shown);
}

#[test]
fn settings_comments_and_keyword_lists_of_the_catalog_apply() {
    let control = |name: &str, keyword: &str, comment: &str| {
        format!(
            "name: {name}\ndatasources:\n  - sourceName: Rule\n    sourceType: AWS_Config\n    sourceKeyword:\n      \
             keywordValue: {keyword}{comment}\n"
        )
    };
    let catalog = Catalog::new(&[
        ("controls/legacy/a.yaml", &control("A", "NO_SUCH_RULE", "")),
        (
            "controls/b.yaml",
            &control("B", "NO_SUCH_RULE", "  # controlsync: ignore unknown-config-rule tried in the sandbox"),
        ),
        ("controls/c.yaml", &control("C", "BRAND_NEW_RULE", "")),
        ("controls/d.yaml", &control("D", "ENCRYPTED_VOLUMES", "")),
        ("controls/e.yaml", &("description: TODO\n".to_owned() + &control("E", "BRAND_NEW_RULE", ""))),
        ("controls/Notes.txt", "not a definition"),
        ("keywords/AWS_Config.txt", "BRAND_NEW_RULE\n"),
        ("controlsync.toml", "[lint]\nignore = [\"controls/legacy\"]\n[lint.rules]\nplaceholder-text = \"error\"\n"),
    ]);
    let ran = catalog.run(&["lint", "--format", "concise"]);
    assert_snapshot!(ran.shown());
}

/// Needs third-party definitions, which `tests/run.sh` provides.
#[test]
fn config_rule_names_in_real_files_are_found_and_fixed() {
    let Some(corpora) = std::env::var_os("CONTROLSYNC_CORPORA").map(std::path::PathBuf::from) else { return };
    let path = corpora.join("custom-frameworks-python/frameworks/sampleData.json");
    let sets: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let controls = sets.as_object().unwrap().values().flat_map(|set| set.as_object().unwrap().values());
    let catalog = Catalog::new(&[]);
    for (number, control) in controls.enumerate() {
        catalog.write(&format!("controls/{number}.json"), &serde_json::to_string_pretty(control).unwrap());
    }
    let errors = |arguments: &[&str]| -> Vec<String> {
        let report = catalog.run(arguments).json();
        let found = report["diagnostics"].as_array().unwrap().iter();
        found
            .filter(|found| found["level"] == "error")
            .map(|found| found["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    let found = errors(&["lint", "--format", "json"]);
    assert_eq!(found.len(), 48);
    assert_eq!(found.iter().filter(|rule| *rule == "config-rule-name").count(), 46);
    // Two use a rule that AWS Config does not have.
    assert_eq!(errors(&["lint", "--fix", "--format", "json"]), ["unknown-config-rule"; 2]);
}

/// Needs third-party definitions, too.
#[test]
fn real_third_party_controls_have_no_errors() {
    let Some(corpora) = std::env::var_os("CONTROLSYNC_CORPORA").map(std::path::PathBuf::from) else { return };
    let catalog = Catalog::new(&[]);
    crate::support::copy(
        &corpora.join("custom-security-frameworks-france/data/France"),
        &catalog.path().join("controls"),
    );
    for family in ["HDS", "PSSIE"] {
        fs::remove_file(catalog.path().join(format!("controls/{family}/custom_framework.json"))).unwrap();
    }
    let report = catalog.run(&["lint", "--format", "json"]).json();
    assert_eq!(report["summary"]["files"], 226);
    assert_eq!(report["summary"]["errors"], 0);
    let found = report["diagnostics"].as_array().unwrap();
    let rules: Vec<&str> = found
        .iter()
        .map(|found| found["rule"].as_str().unwrap())
        .filter(|rule| *rule != "non-portable-file-name")
        .collect();
    assert_eq!(rules, ["whitespace-around-text", "whitespace-around-name", "whitespace-around-text"]);
}
