//! Tests of the statements in ARCHITECTURE.md and the docs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns all files with an extension in a directory, with their text.
pub fn files(directory: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut directories = vec![root().join(directory)];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
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
    let (_, invariants) = page.split_once("## Invariants").unwrap();
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
        let (_, enforcers) = item.split_once("Enforced by").unwrap_or_else(|| panic!("nothing enforces: {item}"));
        let names: Vec<&str> = enforcers.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing enforces: {item}");
        for name in names {
            let exists = root().join(name).exists() || tests.contains(&format!("fn {name}("));
            assert!(exists, "{name} does not exist");
        }
    }
}

#[test]
fn core_uses_no_io() {
    for (path, text) in files("crates/core/src", "rs") {
        for outside in ["std::fs", "std::env", "std::net", "std::process", "std::io", "std::time", "print!", "println!"]
        {
            assert!(!text.contains(outside), "{path} uses {outside}");
        }
    }
}

/// On Windows, other programs do not understand the paths that the standard library returns.
#[test]
fn paths_are_resolved_in_one_module() {
    for (path, text) in files("crates/cli/src", "rs") {
        assert!(path.ends_with("/paths.rs") || !text.contains("canonicalize"), "{path}: use paths::resolved");
    }
}

/// No Windows machine runs these tests, so all code that a Windows build leaves out is in one place.
#[test]
fn code_for_unix_alone_is_in_its_own_module() {
    let sources = files("crates/core/src", "rs").into_iter().chain(files("crates/emulator/src", "rs"));
    let mut found = BTreeSet::new();
    for (path, text) in sources.chain(files("crates/aws/src", "rs")).chain(files("crates/cli/src", "rs")) {
        let code = text.split("#[cfg(unix)]\n#[cfg(test)]").next().unwrap_or_default();
        if ["(unix", "os::unix", "signal::unix", "(windows", "os::windows"].iter().any(|of| code.contains(of)) {
            found.insert(path.rsplit_once("crates/").unwrap().1.to_owned());
        }
    }
    let named = ["cli/src/platform.rs", "cli/src/platform/unix.rs", "emulator/src/state_file.rs"];
    assert_eq!(found, named.map(str::to_owned).into());
}

#[test]
fn json_output_has_its_own_types() {
    // The state of an account and of reports is stored for later runs of the same version, and a saved plan has its own
    // format.
    let own = [
        "src/report/",
        "src/run/json.rs",
        "src/run/notice.rs",
        "src/plan/actual.rs",
        "src/saved.rs",
        "src/pack_lock.rs",
        "src/evidence/facts.rs",
        "src/watch/compliance.rs",
        "src/watch/json.rs",
        "src/watch/memory.rs",
        "src/watch/standing.rs",
        "src/keywords/managed_rules.rs",
    ];
    for (path, text) in files("crates/core/src", "rs") {
        let derives_json = text.contains("Serialize") && !own.iter().any(|own| path.contains(own));
        assert!(!derives_json, "{path} has a type with a derived JSON format");
    }
}

#[test]
fn nothing_that_is_stored_depends_on_debug_output() {
    // Debug output changes with names of fields; what is stored must not.
    let stored =
        ["core/src/saved.rs", "core/src/run/notice.rs", "core/src/run/delivery.rs", "core/src/plan/ownership.rs"];
    let stored = stored.into_iter().chain([
        "core/src/watch/compliance.rs",
        "core/src/watch/memory.rs",
        "core/src/watch/standing.rs",
        "lambda/src/sync/state.rs",
        "lambda/src/evidence/state.rs",
    ]);
    for path in stored {
        let text = read(&format!("crates/{path}"));
        let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        assert!(!code.contains("?}") && !code.contains("Debug::fmt"), "{path}");
    }
}

#[test]
fn only_the_document_module_parses_yaml() {
    for (path, text) in files("crates", "rs").into_iter().filter(|(path, _)| !path.contains("core/src/document/")) {
        assert!(!text.contains("granit_parser"), "{path}");
    }
}

#[test]
fn crates_have_only_allowed_dependencies() {
    let of = |krate: &str| {
        let manifest = read(&format!("crates/{krate}/Cargo.toml"));
        manifest.split("[dev-dependencies]").next().unwrap_or_default().to_owned()
    };
    assert!(!of("emulator").contains("controlsync-core"), "the emulator must share nothing with core");
    for krate in ["core", "cli", "lambda", "emulator"] {
        assert!(!of(krate).contains("aws-sdk"), "{krate} depends on the AWS SDK");
    }
    for dependency in ["jsonschema", "granit-parser", "sha2", "strsim"] {
        for krate in ["cli", "lambda"] {
            assert!(!of(krate).contains(dependency), "{krate} must not depend on {dependency}");
        }
    }
}

/// Services, the crate of their SDK, and the prefix of their actions, by the reader of `crates/evidence` of what decides about evidence.
const READERS: [(&str, &str, &str); 7] = [
    ("audit_manager", "aws-sdk-auditmanager", "auditmanager"),
    ("central", "aws-sdk-securityhub", "securityhub"),
    ("cloud_trail", "aws-sdk-cloudtrail", "cloudtrail"),
    ("config", "aws-sdk-config", "config"),
    ("event_bridge", "aws-sdk-eventbridge", "events"),
    ("security_hub", "aws-sdk-securityhub", "securityhub"),
    ("sts", "aws-sdk-sts", "sts"),
];
/// The same of what checks found.
const READERS_OF_RESULTS: [(&str, &str, &str); 2] =
    [("findings", "aws-sdk-securityhub", "securityhub"), ("results", "aws-sdk-config", "config")];

#[test]
fn sync_names_no_service_of_evidence() {
    for (path, text) in files("crates/lambda/src", "rs").into_iter().filter(|(path, _)| !path.contains("/evidence")) {
        assert!(!text.contains("controlsync_evidence") && !text.contains("aws_sdk_"), "{path}");
    }
}

#[test]
fn readers_of_evidence_only_read_and_the_guide_has_their_policy() {
    let mut actions: BTreeSet<String> = READERS.into_iter().flat_map(actions_of).collect();
    // No policy can deny it (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
    assert!(actions.remove("sts:GetCallerIdentity"));
    assert_eq!(allowed("docs/guide/evidence.md", "policy of evidence"), actions);
    actions.extend(READERS_OF_RESULTS.into_iter().flat_map(actions_of));
    assert_eq!(allowed("docs/guide/compliance.md", "policy of compliance"), actions);
}

/// The actions of a reader, which names exactly the operations that it sends.
fn actions_of((reader, sdk, prefix): (&str, &str, &str)) -> BTreeSet<String> {
    let text = read(&format!("crates/evidence/src/{reader}.rs"));
    let sent = text.split("client.sdk.").skip(1).chain(text.split("client\n        .sdk\n        .").skip(1));
    let sent: BTreeSet<String> = sent.filter_map(|rest| rest.split('(').next()).map(pascal_case).collect();
    let verbs = ["AssumeRole", "Describe", "Get", "List", "BatchGet"];
    let named: BTreeSet<String> = text
        .split('"')
        .filter(|part| part.starts_with(|c: char| c.is_ascii_uppercase()) && part.chars().all(char::is_alphanumeric))
        .filter(|part| verbs.iter().any(|verb| part.starts_with(verb)))
        .map(str::to_owned)
        .collect();
    assert_eq!(sent, named, "{reader} sends other operations than it names");
    let others = ["core", "cli", "lambda", "emulator", "aws"].map(|krate| read(&format!("crates/{krate}/Cargo.toml")));
    let named_elsewhere = others.iter().filter(|manifest| manifest.contains(&format!("{sdk} ="))).count();
    assert_eq!(named_elsewhere, usize::from(reader == "audit_manager"), "{sdk} is named by another crate");
    named.into_iter().map(|name| format!("{prefix}:{name}")).collect()
}

/// The actions of a policy on a page.
fn allowed(page: &str, name: &str) -> BTreeSet<String> {
    let page = read(page);
    let (_, policy) = page.split_once(&format!("```json {name}\n")).unwrap();
    let policy: serde_json::Value = serde_json::from_str(policy.split("```").next().unwrap()).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().map(|statement| &statement["Action"]);
    let actions = actions.flat_map(|actions| actions.as_array().map_or(std::slice::from_ref(actions), Vec::as_slice));
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// `describe_hub` as `DescribeHub`.
fn pascal_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}

/// The loader of the SDK reads settings that can make it panic; the one function that calls it passes them.
#[test]
fn the_aws_configuration_is_loaded_in_one_function() {
    let sources: Vec<(String, String)> = files("crates", "rs");
    let loads = |text: &str| text.matches(".load().await").count() + text.matches("aws_config::load").count();
    let callers: Vec<&str> =
        sources.iter().filter(|(_, text)| loads(text) > 0).map(|(path, _)| path.as_str()).collect();
    assert!(matches!(callers.as_slice(), [one] if one.ends_with("aws/src/connection.rs")), "{callers:?}");
    assert_eq!(sources.iter().map(|(_, text)| loads(text)).sum::<usize>(), 1);
}

#[test]
fn every_dependency_has_a_reason() {
    let page = read("ARCHITECTURE.md");
    let (_, section) = page.split_once("\n## Dependencies\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let manifest = read("Cargo.toml");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let dependencies = dependencies.split("\n[").next().unwrap();
    let names: Vec<&str> =
        dependencies.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names.into_iter().filter(|name| !name.starts_with("controlsync-")) {
        assert!(section.contains(&format!("`{name}`")), "ARCHITECTURE.md does not say why {name} was chosen");
    }
}

/// Crates of others with their features, as builds of some packages have them.
fn features(build: &[&str]) -> BTreeSet<String> {
    let mut tree = std::process::Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--offline", "--quiet", "--prefix", "none", "--format", "{p} {f}"]).args(build);
    let output = tree.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let others = lines.lines().filter(|line| !line.starts_with("controlsync"));
    others.map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// Crates with other features are other builds, and so is everything above them.
#[test]
fn programs_tests_and_documentation_share_one_build_of_the_sdk() {
    let normal = "--edges=normal,no-proc-macro";
    let workspace = features(&["--workspace", normal]);
    let tests = features(&["--workspace", "--edges=normal,dev,no-proc-macro"]);
    // Nothing of the SDK depends on it.
    let is_below = |line: &&String| !line.starts_with("aws_lambda_events ");
    for (build, of) in [("controlsync", features(&["--package=controlsync", normal])), ("the documentation", workspace)]
    {
        assert!(of.iter().any(|line| line.starts_with("aws-sdk-config ")), "{of:?}");
        let apart: Vec<&String> = of.difference(&tests).filter(is_below).collect();
        assert!(
            apart.is_empty(),
            "{build} has other features than the tests: {apart:?}; see \"Named only\" in Cargo.toml"
        );
    }
}

#[test]
fn deletions_are_sent_by_one_function_with_known_callers() {
    let mut callers = 0;
    for (path, text) in files("crates/aws/src", "rs").into_iter().chain(files("crates/cli/src", "rs")) {
        let sends = text.contains("delete_control(") || text.contains("delete_assessment");
        assert_eq!(sends, path.ends_with("aws/src/audit_manager/apply/request.rs"), "{path}");
        callers += text.matches("request::delete(").count();
    }
    assert_eq!(callers, 4, "planned deletions, the duplicate that the same run created, and two of a probe");
}

/// Returns the field names of the types with JSON output.
fn field_names(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for block in source.split("#[derive(Serialize)]").skip(1) {
        let Some((_, body)) = block.split_once("struct ") else { continue };
        let body = body.split("\n}").next().unwrap_or_default();
        // The keys of a flattened field are those of its type.
        let body: String = body
            .split("#[serde(flatten)]")
            .enumerate()
            .map(|(index, part)| if index == 0 { part } else { part.split_once(",\n").unwrap().1 })
            .collect();
        for line in body.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(": ") {
                let name = name.trim_start_matches("pub(crate) ").trim_start_matches("pub ").trim_start_matches("r#");
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Returns a field name as serde writes it.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

#[test]
fn the_json_pages_document_every_key() {
    let page = read("docs/json.md") + &read("docs/lambda.md") + &read("docs/evidence-function.md");
    let sources = [
        "report/compliance/json.rs",
        "report/evidence/json.rs",
        "report/json.rs",
        "report/keyword_lists.rs",
        "report/packs/files.rs",
        "report/packs/json.rs",
        "report/plan_json.rs",
        "report/rule_docs.rs",
        "run/json.rs",
        "watch/json.rs",
    ]
    .map(|name| read(&format!("crates/core/src/{name}")));
    let names: BTreeSet<String> = sources.iter().flat_map(|source| field_names(source)).collect();
    assert!(names.len() > 35, "{names:?}");
    for name in names {
        let written = camel_case(&name);
        assert!(page.contains(&format!("`{written}`")), "no page about JSON names `{written}`");
    }
}

/// Directories of rules.
const RULES: [&str; 5] = [
    "crates/core/src/document/rules",
    "crates/core/src/schema/rules",
    "crates/core/src/rules",
    "crates/core/src/plan/rules",
    "crates/core/src/evidence/rules",
];
/// Files in these directories that are not rules: the registries, and the input of rules.
const NOT_RULES: [&str; 3] = ["mod", "subject", "all_files"];

#[test]
fn every_rule_has_a_file_of_its_name() {
    let mut named = BTreeSet::new();
    for (path, text) in RULES.iter().flat_map(|directory| files(directory, "rs")) {
        let stem = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        if NOT_RULES.contains(&stem) {
            continue;
        }
        let id = stem.replace('_', "-");
        assert!(text.contains(&format!("    id: \"{id}\",\n")), "{path} is not the rule {id}");
        assert!(controlsync_core::rules::find(&id).is_some(), "{path} is not registered");
        assert!(named.insert(id), "{path} is a duplicate");
    }
    let registered: BTreeSet<String> = controlsync_core::rules::all().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(named, registered);
}

#[test]
fn all_rules_with_their_levels() {
    let mut shown = String::new();
    for rule in controlsync_core::rules::all() {
        let hard = if rule.hard { ", hard" } else { "" };
        writeln!(shown, "{}: {}{hard}", rule.id, rule.level.name()).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn every_rule_is_in_one_group() {
    let groups = controlsync_core::rules::groups();
    let mut grouped: Vec<&str> = groups.iter().flat_map(|group| &group.rules).map(|rule| rule.id).collect();
    let mut all: Vec<&str> = controlsync_core::rules::all().map(|rule| rule.id).collect();
    grouped.sort_unstable();
    all.sort_unstable();
    assert_eq!(grouped, all);
}

#[test]
fn every_rule_has_an_explanation() {
    let mut wrong = Vec::new();
    for rule in controlsync_core::rules::all() {
        let tidy = rule.why.lines().all(|line| line == line.trim_end()) && rule.why == rule.why.trim();
        if rule.why.is_empty() || !rule.why.ends_with(['.', ')']) || !tidy {
            wrong.push(rule.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn generated_files_are_up_to_date() {
    for (path, text) in controlsync_core::report::generated::files() {
        let current = std::fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(current == text, "{path} is stale: cargo run -q -p controlsync-core --example generate");
    }
}

#[test]
fn the_page_of_each_function_lists_every_variable_and_metric() {
    for (function, page) in [("sync", "docs/lambda.md"), ("evidence", "docs/evidence-function.md")] {
        let page_text = read(page);
        let environment = read(&format!("crates/lambda/src/{function}/environment.rs"));
        let (_, list) = environment.split_once("pub const VARIABLES").unwrap();
        let names: Vec<&str> = list.split("];").next().unwrap().split('"').skip(1).step_by(2).collect();
        assert!(names.len() > 8, "{names:?}");
        for name in names {
            assert!(
                page_text.contains(&format!("| `CONTROLSYNC_{name}` |")),
                "{page} does not name CONTROLSYNC_{name}"
            );
        }
        let steps = read(&format!("crates/lambda/src/{function}/steps.rs")) + &read("crates/lambda/src/trace.rs");
        let words = steps.split('"').skip(1).step_by(2);
        let metrics: BTreeSet<&str> = words.filter(|word| word.starts_with(char::is_uppercase)).collect();
        for name in metrics.into_iter().filter(|name| !["Count", "Milliseconds"].contains(name)) {
            assert!(page_text.contains(&format!("`{name}`")), "{page} does not name the metric {name}");
        }
    }
}
