//! How a catalogue begins.

use crate::support::{Account, Catalogue, texts};

#[test]
fn what_it_writes_has_no_findings_and_can_be_applied() {
    let catalogue = Catalogue::new(&[]);
    let ran = catalogue.run(&["init", "--catalog", "house", "--region", "eu-west-1", "--bucket", "team-catalogue"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("init", ran.stdout);
    let toml = &texts(catalogue.path())["controlsync.toml"];
    insta::assert_snapshot!("init_configuration", toml);
    let lint = catalogue.run(&["lint", "--deny-warnings"]);
    assert_eq!((lint.code, lint.stdout.trim()), (0, "no findings in 3 files"));
    let account = Account::new();
    let applied = catalogue.run_against(&account, &["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(catalogue.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn a_second_time_it_writes_nothing() {
    let catalogue = Catalogue::new(&[]);
    assert_eq!(catalogue.run(&["init", "--ci", "gitlab"]).code, 0);
    let before = texts(catalogue.path());
    assert!(before.contains_key(".gitlab-ci.yml"));
    let ran = catalogue.run(&["init", "--ci", "gitlab", "--catalog", "another"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.stdout.contains("wrote"), "{}", ran.stdout);
    assert_eq!(texts(catalogue.path()), before);
}

#[test]
fn what_is_there_stays_and_gets_no_examples() {
    let files = [
        ("controls/mine.yaml", "name: mine\n"),
        (".gitignore", "target\n"),
        ("controlsync.toml", "catalog = \"mine\"\n"),
    ];
    let catalogue = Catalogue::new(&files);
    let ran = catalogue.run(&["init"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.contains("kept  .gitignore, which was there; see that it has the line .controlsync/"),
        "{}",
        ran.stdout
    );
    let held = texts(catalogue.path());
    for (path, text) in files {
        assert_eq!(held[path], text);
    }
    assert!(!held.contains_key("controls/example.yaml") && !held.contains_key("frameworks/example.yaml"));
}

#[test]
fn in_a_folder_of_a_repository_ci_and_editors_are_told_where_it_is() {
    let catalogue = Catalogue::new(&[(".git/HEAD", "ref: refs/heads/main\n"), (".github/CODEOWNERS", "* @team\n")]);
    assert_eq!(catalogue.run(&["init", "--catalog-dir", "teams/audit \"a\""]).code, 0);
    let read = |path: &str| std::fs::read_to_string(catalogue.path().join(path)).unwrap();
    let workflow = read(".github/workflows/controlsync.yml");
    assert!(workflow.contains(r#"catalog-dir: "teams/audit \"a\"""#), "{workflow}");
    let settings: serde_json::Value = serde_json::from_str(&read(".vscode/settings.json")).unwrap();
    assert_eq!(
        settings["yaml.schemas"]["teams/audit \"a\"/schemas/editor/control.schema.json"],
        "teams/audit \"a\"/controls/**/*.{yaml,yml,json}"
    );
    assert!(read(".pre-commit-config.yaml").contains("controlsync-lint"));
    assert!(read("teams/audit \"a\"/controlsync.toml").contains("catalog = \"audit--a\""));
}

#[test]
fn what_cannot_be_is_told_before_anything_is_written() {
    let catalogue = Catalogue::new(&[]);
    for (arguments, told) in [
        (["--catalog", "a\"b"], "cannot be a catalogue's name: use 1 to 100 letters"),
        (["--bucket", "Team"], "\"Team\" cannot be the name of a bucket: use 3 to 63 of a-z, 0-9, . and -"),
        (["--region", "eu west"], "\"eu west\" is no Region: use one such as eu-west-1"),
    ] {
        let ran = catalogue.run(&[&["init"], &arguments[..]].concat());
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    assert!(texts(catalogue.path()).is_empty());
}

#[test]
fn what_was_there_is_named_with_what_to_see_to() {
    let catalogue = Catalogue::new(&[]);
    std::fs::create_dir_all(catalogue.path().join(".git")).unwrap();
    let arguments = ["init", "--catalog-dir", "audit", "--catalog", "house", "--ci", "github", "--yes"];
    assert_eq!(catalogue.run(&arguments).code, 0);
    let again = catalogue.run(&arguments).stdout;
    let root = catalogue.path().canonicalize().unwrap();
    insta::assert_snapshot!(again.replace(&root.display().to_string(), "ROOT"));
}

#[test]
fn whoever_stands_within_a_catalogue_is_led_to_it() {
    let catalogue = Catalogue::new(&[("audit/controls/access/a.yaml", "name: A\n")]);
    let ran = catalogue.run(&["lint", "--catalog-dir", "audit/controls/access"]);
    let above = catalogue.path().canonicalize().unwrap().join("audit");
    assert_eq!(
        ran.stderr,
        format!(
            "error: audit/controls/access holds neither a folder `controls` nor `frameworks`; name the catalogue's folder: \
             --catalog-dir {}\n",
            above.display()
        )
    );
}
