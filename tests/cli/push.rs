//! Errors of `push` before any request. `tests/push` has the other tests, against an emulated S3.

use insta::assert_snapshot;

use crate::support::Catalog;

#[test]
fn usage_errors_are_reported_before_any_request() {
    let catalog = Catalog::new(&[("controls/a.yaml", "name: A\n")]);
    let shown: Vec<String> = [
        &["push"][..],
        &["push", "--bucket", "s3://team/audit"],
        &["push", "--bucket", "team", "--delete"],
        &["push", "--bucket", "team", "--local"],
        &["push", "--bucket", "team"],
    ]
    .iter()
    .map(|arguments| catalog.run(arguments).shown_after(arguments))
    .collect();
    assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_catalog_with_errors_is_not_uploaded() {
    let catalog = Catalog::new(&[
        ("controls/a.yaml", "nmae: A\n"),
        ("controls/b.yaml", "name: B\n"),
        ("controlsync.toml", "[bucket]\nname = \"Team\"\nprefx = \"audit\"\n"),
    ]);
    let arguments = ["push", "--bucket", "team"];
    assert_snapshot!(catalog.run(&arguments).shown_after(&arguments));
}
