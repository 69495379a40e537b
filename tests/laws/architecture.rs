//! What ARCHITECTURE.md and the documents say is so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of an extension below a folder, with their texts.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_invariant_names_tests_or_lints_that_exist() {
    let page = read("ARCHITECTURE.md");
    let (_, invariants) = page.split_once("## What must always hold").unwrap();
    let tests: String = files("tests", "rs").into_iter().chain(files("crates", "rs")).map(|(_, text)| text).collect();
    let mut items: Vec<String> = Vec::new();
    for line in invariants.lines() {
        if line.starts_with(|c: char| c.is_ascii_digit()) {
            items.push(line.to_owned());
        } else if let Some(item) = items.last_mut() {
            *item += line;
        }
    }
    assert!(items.len() >= 11);
    for item in items {
        let (_, holders) = item.split_once("Held by").unwrap_or_else(|| panic!("nothing holds: {item}"));
        let names: Vec<&str> = holders.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds: {item}");
        for name in names {
            let exists = root().join(name).exists() || tests.contains(&format!("fn {name}("));
            assert!(exists, "{name} does not exist");
        }
    }
}

#[test]
fn core_reaches_nothing_outside() {
    for (path, text) in files("crates/core/src", "rs") {
        for outside in ["std::fs", "std::env", "std::net", "std::process", "std::io", "std::time", "print!", "println!"]
        {
            assert!(!text.contains(outside), "{path} uses {outside}");
        }
    }
}

#[test]
fn json_has_types_of_its_own() {
    for (path, text) in files("crates/core/src", "rs").into_iter().filter(|(path, _)| !path.contains("src/report/")) {
        assert!(!text.contains("Serialize"), "{path} has a type that is printed as it is");
    }
}

#[test]
fn only_the_document_module_parses_yaml() {
    for (path, text) in files("crates", "rs").into_iter().filter(|(path, _)| !path.contains("core/src/document/")) {
        assert!(!text.contains("granit_parser"), "{path}");
    }
}

#[test]
fn crates_know_only_what_they_may() {
    let of = |krate: &str| read(&format!("crates/{krate}/Cargo.toml"));
    let (dependencies, _) =
        of("emulator").split_once("[dev-dependencies]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(!dependencies.contains("controlsync-core"), "the emulator must share nothing with core");
    for krate in ["core", "cli", "emulator"] {
        assert!(!of(krate).contains("aws-sdk"), "{krate} names the AWS SDK");
    }
    for foreign in ["jsonschema", "granit-parser", "sha2", "strsim"] {
        assert!(!of("cli").contains(foreign), "the CLI decides something with {foreign}");
    }
}

#[test]
fn nothing_deletes() {
    for (path, text) in files("crates/aws/src", "rs").into_iter().chain(files("crates/cli/src", "rs")) {
        assert!(!text.contains("delete_control(") && !text.contains("delete_assessment"), "{path}");
    }
}

/// Names of members in the types that are printed.
fn members(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for block in source.split("#[derive(Serialize)]").skip(1) {
        let Some((_, body)) = block.split_once("struct ") else { continue };
        let body = body.split("\n}").next().unwrap_or_default();
        for line in body.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(": ") {
                names.insert(name.trim_start_matches("pub ").trim_start_matches("r#").to_owned());
            }
        }
    }
    names
}

#[test]
fn the_page_on_json_names_every_member() {
    let page = read("docs/json.md");
    let sources = ["crates/core/src/report/json.rs", "crates/core/src/report/plan_json.rs"].map(read);
    let names: BTreeSet<String> = sources.iter().flat_map(|source| members(source)).collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names {
        let written = if name == "blocked_by" { "blockedBy".to_owned() } else { name };
        assert!(page.contains(&format!("`{written}`")), "docs/json.md does not name `{written}`");
    }
}

#[test]
fn generated_files_are_up_to_date() {
    for (path, text) in controlsync_core::report::generated::files() {
        let held = std::fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(held == text, "{path} is stale: cargo run -q -p controlsync-core --example generate");
    }
}
