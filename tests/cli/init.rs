//! How a catalog begins.

use crate::support::{Account, Catalog, texts};

#[test]
fn what_it_writes_has_no_findings_and_can_be_applied() {
    let catalog = Catalog::new(&[]);
    let ran = catalog.run(&["init", "--catalog", "house", "--region", "eu-west-1", "--bucket", "team-catalog"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("init", ran.stdout);
    let toml = &texts(catalog.path())["controlsync.toml"];
    insta::assert_snapshot!("init_configuration", toml);
    let lint = catalog.run(&["lint", "--deny-warnings"]);
    assert_eq!((lint.code, lint.stdout.trim()), (0, "no findings in 3 files"));
    let account = Account::new();
    let applied = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn a_second_time_it_writes_nothing() {
    let catalog = Catalog::new(&[]);
    assert_eq!(catalog.run(&["init", "--ci", "gitlab"]).code, 0);
    let before = texts(catalog.path());
    assert!(before.contains_key(".gitlab-ci.yml"));
    let ran = catalog.run(&["init", "--ci", "gitlab", "--catalog", "another"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.stdout.contains("wrote"), "{}", ran.stdout);
    assert_eq!(texts(catalog.path()), before);
}

#[test]
fn what_is_there_stays_and_gets_no_examples() {
    let files = [
        ("controls/mine.yaml", "name: mine\n"),
        (".gitignore", "target\n"),
        ("controlsync.toml", "catalog = \"mine\"\n"),
    ];
    let catalog = Catalog::new(&files);
    let ran = catalog.run(&["init"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.contains("kept  .gitignore, which was there; see that it has the line .controlsync/"),
        "{}",
        ran.stdout
    );
    let held = texts(catalog.path());
    for (path, text) in files {
        assert_eq!(held[path], text);
    }
    assert!(!held.contains_key("controls/example.yaml") && !held.contains_key("frameworks/example.yaml"));
}

#[test]
fn in_a_folder_of_a_repository_ci_and_editors_are_told_where_it_is() {
    let catalog = Catalog::new(&[(".git/HEAD", "ref: refs/heads/main\n"), (".github/CODEOWNERS", "* @team\n")]);
    assert_eq!(catalog.run(&["init", "--catalog-dir", "teams/audit \"a\""]).code, 0);
    let read = |path: &str| std::fs::read_to_string(catalog.path().join(path)).unwrap();
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
    let catalog = Catalog::new(&[]);
    for (arguments, told) in [
        (["--catalog", "a\"b"], "cannot be a catalog's name: use 1 to 100 letters"),
        (["--bucket", "Team"], "\"Team\" cannot be the name of a bucket: use 3 to 63 of a-z, 0-9, . and -"),
        (["--region", "eu west"], "\"eu west\" is no Region: use one such as eu-west-1"),
    ] {
        let ran = catalog.run(&[&["init"], &arguments[..]].concat());
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    assert!(texts(catalog.path()).is_empty());
}

#[test]
fn what_was_there_is_named_with_what_to_see_to() {
    let catalog = Catalog::new(&[]);
    std::fs::create_dir_all(catalog.path().join(".git")).unwrap();
    let arguments = ["init", "--catalog-dir", "audit", "--catalog", "house", "--ci", "github", "--yes"];
    assert_eq!(catalog.run(&arguments).code, 0);
    let again = catalog.run(&arguments).stdout;
    let root = catalog.path().canonicalize().unwrap();
    insta::assert_snapshot!(again.replace(&root.display().to_string(), "ROOT"));
}

#[test]
fn whoever_stands_within_a_catalog_is_led_to_it() {
    let catalog = Catalog::new(&[("audit/controls/access/a.yaml", "name: A\n")]);
    let ran = catalog.run(&["lint", "--catalog-dir", "audit/controls/access"]);
    let above = catalog.path().canonicalize().unwrap().join("audit");
    assert_eq!(
        ran.stderr,
        format!(
            "error: audit/controls/access holds neither a folder `controls` nor `frameworks`; name the catalog's folder: \
             --catalog-dir {}\n",
            above.display()
        )
    );
}
