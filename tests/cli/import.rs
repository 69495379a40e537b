use insta::assert_snapshot;

use crate::support::Catalog;

const PACK: &str = "\
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
      InputParameters: {maxAccessKeyAge: 90}
  Optional:
    Type: AWS::Config::ConfigRule
    Condition: never
    Properties:
      Source: {Owner: AWS, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}
Conditions:
  never: !Equals [a, b]
";

fn run(catalog: &Catalog, arguments: &[&str]) -> String {
    let arguments = [&["import", "conformance-pack"], arguments].concat();
    catalog.run(&arguments).shown_after(&arguments)
}

#[test]
fn packs_become_files_that_lint_accepts() {
    let catalog = Catalog::new(&[("packs/Key-Rules.yaml", PACK), ("packs/Key-Rules.yml", &format!("{PACK}\n"))]);
    let dry_run = run(&catalog, &["packs/Key-Rules.yaml", "--dry-run", "--framework", "Keys_and more"]);
    assert!(!catalog.path().join("controls").exists());
    let first = run(&catalog, &["packs/Key-Rules.yaml", "packs/Key-Rules.yml"]);
    let again = run(&catalog, &["packs/Key-Rules.yaml"]);
    assert_snapshot!([dry_run, first, again].join("\n"));
    let lint = catalog.run(&["lint"]);
    assert_eq!(lint.code, 0, "{}", lint.shown());
}

#[test]
fn what_is_not_a_pack_is_rejected_and_nothing_is_written() {
    let catalog = Catalog::new(&[
        ("good.yaml", PACK),
        ("control.yaml", "name: Keys\n"),
        ("broken.yaml", "Resources:\n  a: [\n"),
        ("empty.json", ""),
    ]);
    let rejected = run(&catalog, &["good.yaml", "control.yaml"]);
    let broken = run(&catalog, &["good.yaml", "broken.yaml", "empty.json"]);
    let missing = run(&catalog, &["missing.yaml"]);
    let several = run(&catalog, &["good.yaml", "control.yaml", "--framework", "Both"]);
    let backslash = run(&catalog, &["good.yaml", "--framework", "a\\b"]);
    catalog.write("controlsync.toml", "catalog = 1\n");
    let config = run(&catalog, &["good.yaml"]);
    assert_snapshot!([rejected, broken, missing, several, backslash, config].join("\n"));
    assert!(!catalog.path().join("controls").exists() && !catalog.path().join("frameworks").exists());
}

#[test]
fn files_and_links_in_the_way_stay_as_they_are() {
    let catalog = Catalog::new(&[("p.yaml", PACK), ("controls/Access-Keys-Rotated.yaml", "name: Ours\n")]);
    assert_eq!(catalog.run(&["import", "conformance-pack", "p.yaml"]).code, 1);
    assert_eq!(
        std::fs::read_to_string(catalog.path().join("controls/Access-Keys-Rotated.yaml")).unwrap(),
        "name: Ours\n"
    );
    assert!(catalog.path().join("controls/access-keys-rotated-2.yaml").exists());
    let outside = tempfile::tempdir().unwrap();
    let linked = Catalog::new(&[("p.yaml", PACK)]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), linked.path().join("controls")).unwrap();
    #[cfg(unix)]
    assert_eq!(linked.run(&["import", "conformance-pack", "p.yaml"]).code, 2);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}
