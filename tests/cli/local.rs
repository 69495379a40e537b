use std::fs;

use crate::support::{Catalog, ran};

#[test]
fn the_sample_catalog_is_applied_once() {
    let catalog = Catalog::sample();
    let first = catalog.run(&["apply", "--local"]);
    assert_eq!(first.code, 0, "{}", first.shown());
    assert!(first.stdout.ends_with("Applied: 38 created.\n"), "{}", first.shown());
    let second = catalog.run(&["apply", "--local"]);
    assert_eq!(second.code, 0);
    assert!(second.stdout.ends_with("No changes. 34 controls and 4 frameworks match the catalog.\n"));
    assert_eq!(catalog.run(&["plan", "--local"]).code, 0);
    assert_eq!(fs::read_to_string(catalog.path().join(".controlsync/.gitignore")).unwrap(), "*\n");
}

#[test]
fn the_state_can_be_in_another_file() {
    let catalog = Catalog::new(&[("controls/a.yaml", "name: A\n")]);
    assert_eq!(catalog.run(&["apply", "--local=state.json"]).code, 0);
    assert!(catalog.path().join("state.json").exists());
    assert!(!catalog.path().join(".controlsync").exists());
    assert_eq!(catalog.run(&["plan", "--local=state.json"]).code, 0);
    assert_eq!(catalog.run(&["plan", "--local"]).code, 3);
    catalog.write("broken.json", "{");
    let broken = catalog.run(&["plan", "--local=broken.json"]);
    assert_eq!(broken.code, 2);
    insta::assert_snapshot!(broken.shown());
}

#[test]
fn concurrent_local_runs_wait_for_each_other() {
    let catalog = Catalog::sample();
    let apply = || ran(catalog.command().args(["apply", "--local"]));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(apply)).collect();
        let runs: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        assert!(runs.iter().all(|ran| ran.code == 0));
        assert_eq!(runs.iter().filter(|ran| ran.stdout.contains("Applied: 38 created.")).count(), 1);
    });
}
