//! The cases of rules that need an account: inputs in `tests/findings/cases/` with an `account.json`, which seeds the
//! account. `bad` breaks the rule that its directory is named after, `good` breaks none.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::{Account, Catalog, copy};

/// The cases that need an account: rule ID, name of the case, and directory.
fn cases() -> Vec<(String, String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    let mut cases = Vec::new();
    for rule in sorted(&folder) {
        for case in sorted(&rule).into_iter().filter(|case| case.join("account.json").exists()) {
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            cases.push((name(&rule), name(&case), case));
        }
    }
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

#[test]
fn every_case_with_an_account_breaks_its_rule() {
    let mut wrong = Vec::new();
    for (rule, case, folder) in cases() {
        let (catalog, account) = (Catalog::new(&[]), Account::new());
        copy(&folder, catalog.path());
        let seed = std::fs::read_to_string(folder.join("account.json")).unwrap();
        account.seed(serde_json::from_str(&seed).unwrap());
        let prune = if rule == "pruned-control" { ["--prune", "--max-deletes=9"].as_slice() } else { &[] };
        let plan = catalog.run_against(&account, &[&["plan", "--format", "json"], prune].concat()).json();
        let diagnostics = plan["diagnostics"].as_array().unwrap();
        let found: Vec<&str> = diagnostics.iter().filter_map(|found| found["rule"].as_str()).collect();
        let clean = case == "good";
        if clean != found.is_empty() || !clean && !found.contains(&rule.as_str()) || plan["target"] == Json::Null {
            wrong.push(format!("{rule}/{case}: {found:?}"));
        }
        if !clean {
            let shown = catalog.run_against(&account, &[&["plan"], prune].concat()).shown();
            insta::assert_snapshot!(format!("{rule}__{case}"), shown);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
