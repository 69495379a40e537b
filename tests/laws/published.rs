//! What others refer to: the repository, the page of each rule, and the schemas of JSON output.

use std::fs::read_to_string;

use crate::architecture::{files, root};
use crate::pages::{anchors, pages};

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

#[test]
fn the_url_of_each_rule_is_its_section() {
    let main = format!("{REPOSITORY}/blob/main/");
    for rule in controlsync_core::rules::all() {
        let url = rule.url();
        let (page, anchor) = url.strip_prefix(&main).and_then(|path| path.split_once('#')).unwrap();
        let page = read_to_string(root().join(page)).unwrap();
        let sections = page.lines().filter(|line| *line == format!("### {}", rule.id)).count();
        assert_eq!(sections, 1, "{url}");
        assert!(anchors(&page).contains(anchor), "{url}");
    }
}

/// If the repository moves, Cargo.toml is the place to change it; this test names all others.
#[test]
fn every_file_names_the_same_repository() {
    assert!(env!("CARGO_PKG_HOMEPAGE").starts_with(&format!("{REPOSITORY}/")));
    let host = "https://github.com/";
    let repository = REPOSITORY.strip_prefix(host).unwrap();
    let (_, name) = repository.split_once('/').unwrap();
    let pages = pages().into_iter().map(|path| (path.display().to_string(), read_to_string(path).unwrap()));
    let mut found = 0;
    let jobs = files("integrations", "yml").into_iter().chain(files("integrations", "md"));
    let jobs = jobs.chain(files("crates/cli/src/commands/init", "yaml"));
    for (path, text) in pages
        .chain(jobs)
        .chain([("crates/cli".to_owned(), read_to_string(root().join("crates/cli/README.md")).unwrap())])
    {
        for rest in [host, "uses: ", "ghcr.io/"].into_iter().flat_map(|before| text.split(before).skip(1)) {
            let written = rest.split(|c: char| !c.is_alphanumeric() && !"/-_.".contains(c)).next().unwrap_or_default();
            let mut segments = written.split('/');
            if let (Some(owner), Some(second)) = (segments.next(), segments.next())
                && second.trim_end_matches('.').trim_end_matches("-pre-commit") == name
            {
                assert_eq!(format!("{owner}/{name}"), repository, "{path}");
                found += 1;
            }
        }
    }
    assert!(found > 6, "{found}");
}

/// Programs validate with the schema of their time, so it must not reject keys that are added later.
#[test]
fn output_schemas_are_where_their_id_says_and_allow_other_keys() {
    let schemas = files("schemas/output", "json");
    assert_eq!(schemas.len(), 10);
    for (path, text) in schemas {
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        let path = path.rsplit_once("schemas/output/").unwrap().1.to_owned();
        assert_eq!(schema["$id"], format!("{REPOSITORY}/raw/main/schemas/output/{path}"));
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        assert!(!text.contains(r#""additionalProperties": false"#), "{path}");
    }
}
