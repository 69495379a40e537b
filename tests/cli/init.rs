//! `init` creates a catalog.

use crate::support::{Account, Catalog, texts};

#[test]
fn a_new_catalog_has_no_findings_and_can_be_applied() {
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
fn a_second_init_writes_nothing() {
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
fn existing_files_are_kept_and_definitions_get_no_examples() {
    let files = [
        ("controls/mine.yaml", "name: mine\n"),
        (".gitignore", "target\n"),
        ("controlsync.toml", "catalog = \"mine\"\n"),
    ];
    let catalog = Catalog::new(&files);
    let ran = catalog.run(&["init"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.contains("kept  .gitignore, which already exists; make sure it has the line .controlsync/"),
        "{}",
        ran.stdout
    );
    let written = texts(catalog.path());
    for (path, text) in files {
        assert_eq!(written[path], text);
    }
    assert!(!written.contains_key("controls/example.yaml") && !written.contains_key("frameworks/example.yaml"));
}

#[test]
fn ci_and_editor_files_contain_the_path_of_a_catalog_in_a_subdirectory() {
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
fn invalid_values_are_reported_before_anything_is_written() {
    let catalog = Catalog::new(&[]);
    for (arguments, error) in [
        (["--catalog", "a\"b"], "invalid catalog name \"a\\\"b\" (--catalog or CONTROLSYNC_CATALOG): use 1 to 100"),
        (["--bucket", "Team"], "\"Team\" is not a valid bucket name: use 3 to 63 lowercase letters, digits, - and ."),
        (
            ["--region", "eu west"],
            "invalid value 'eu west' for '--region <REGION>': use the name of a Region, such as eu-west-1",
        ),
    ] {
        let ran = catalog.run(&[&["init"], &arguments[..]].concat());
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(error), "{}", ran.stderr);
    }
    assert!(texts(catalog.path()).is_empty());
}

#[test]
fn existing_files_are_listed_with_what_to_check() {
    let catalog = Catalog::new(&[]);
    std::fs::create_dir_all(catalog.path().join(".git")).unwrap();
    let arguments = ["init", "--catalog-dir", "audit", "--catalog", "house", "--ci", "github", "--yes"];
    assert_eq!(catalog.run(&arguments).code, 0);
    let again = catalog.run(&arguments).stdout;
    let root = catalog.path().canonicalize().unwrap();
    insta::assert_snapshot!(again.replace(&root.display().to_string(), "ROOT"));
}

#[test]
fn a_directory_inside_a_catalog_is_an_error_that_names_the_root() {
    let catalog = Catalog::new(&[("audit/controls/access/a.yaml", "name: A\n")]);
    for (arguments, shown, help) in [
        (
            ["lint", "--catalog-dir", "audit/controls/access"].as_slice(),
            "audit/controls/access",
            "use the catalog's root directory: --catalog-dir audit",
        ),
        (&["lint", "audit/controls"], "audit/controls", "it is in a catalog: add --catalog-dir audit"),
    ] {
        let expected = format!("error: {shown} has no `controls` or `frameworks` directory; {help}\n");
        assert_eq!(catalog.run(arguments).stderr, expected);
    }
    assert_eq!(catalog.run(&["lint", "--catalog-dir", "audit", "audit/controls"]).code, 0);
}
