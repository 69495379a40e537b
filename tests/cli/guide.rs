//! Pages are transcripts: the commands in `console` blocks run in order, in one directory and against one account per
//! page, and the page shows their output.
//!
//! A block with a file name after its language is first written to that file. A comment `<!-- account: … -->` seeds
//! the emulator, `<!-- catalog: sample -->` copies the catalog of this repository, and `<!-- run: … -->` does what the page asks readers
//! to do manually. Run with
//! `INSTA_UPDATE=always` to update the output in the pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use controlsync_emulator::Options;

use crate::support::{Account, Catalog, copy, coverage, texts};

fn pages() -> Vec<PathBuf> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let entries = [docs.join("guide"), docs].map(|folder| std::fs::read_dir(folder).unwrap());
    let mut pages: Vec<PathBuf> = entries.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The page with the current output of its commands.
fn updated(page: &str) -> String {
    let options = Options { account: "111122223333".into(), region: "eu-west-1".into(), ..Options::default() };
    let (folder, account) = (Catalog::new(&[]), Account::with(options));
    let mut shown = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        shown += line;
        shown.push('\n');
        if let Some(seed) = line.strip_prefix("<!-- account:") {
            let mut seed = seed.to_owned();
            while !seed.trim_end().ends_with("-->") {
                let line = lines.next().unwrap_or("-->");
                seed = seed + "\n" + line;
                shown = shown + line + "\n";
            }
            account.seed(serde_json::from_str(seed.trim_end().trim_end_matches("-->")).unwrap());
            continue;
        }
        if line == "<!-- catalog: sample -->" {
            copy(Catalog::sample().path(), folder.path());
            continue;
        }
        if let Some(command) = line.strip_prefix("<!-- run: ") {
            let output = run(command.trim_end_matches(" -->"), &folder, &account);
            assert_eq!(output, "", "{command}");
            continue;
        }
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, file)) => drop(folder.write(file, &(block.join("\n") + "\n"))),
            None if info == "console" => {
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    shown = shown + "$ " + command + "\n" + &run(command, &folder, &account);
                }
                shown += "```\n";
                continue;
            }
            None => {}
        }
        shown = shown + &block.join("\n") + "\n```\n";
    }
    shown
}

/// Runs a command and returns its output, without color.
fn run(command: &str, folder: &Catalog, account: &Account) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_controlsync")).parent().unwrap();
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder.path())
        .env_clear()
        .envs(coverage())
        .env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default()))
        .env("HOME", folder.path())
        .env("AWS_ENDPOINT_URL_AUDITMANAGER", account.emulator.endpoint())
        .envs([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    // Editors remove trailing whitespace.
    printed.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn every_page_shows_what_its_commands_print() {
    let pages = pages();
    assert!(pages.len() > 15, "{pages:?}");
    for path in pages {
        let page = std::fs::read_to_string(&path).unwrap();
        let updated = updated(&page);
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, &updated).unwrap();
        } else {
            assert!(
                page == updated,
                "{} is out of date; run `INSTA_UPDATE=always cargo test -p controlsync --test cli guide`:\n{}",
                path.display(),
                similar::TextDiff::from_lines(&page, &updated).unified_diff()
            );
        }
    }
}

/// The table of docs/guide/move-on.md: how many sources of each type an export of the sample catalog has.
#[test]
fn the_figures_of_moving_on_are_those_of_the_sample_catalog() {
    let catalog = Catalog::sample();
    let flags =
        ["export", "conformance-pack", "--manual", "process-check", "--security-hub", "map", "--format", "json"];
    let export = catalog.run(&flags).json();
    let files = texts(&catalog.path().join("controls"));
    let named =
        |name: &str| files.values().map(|text| text.matches(&format!("sourceType: {name}\n")).count()).sum::<usize>();
    let automated =
        ["AWS_Config", "AWS_Security_Hub", "AWS_Cloudtrail", "AWS_API_Call"].map(named).iter().sum::<usize>();
    // A control without sources has a manual one.
    let manual = usize::try_from(export["sources"].as_u64().unwrap()).unwrap() - automated;
    let of_type = |name: &str| if name == "MANUAL" { manual } else { named(name) };
    let text = std::fs::read_to_string(catalog.path().join("packs/gaps.json")).unwrap();
    let gaps: serde_json::Value = serde_json::from_str(&text).unwrap();
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/move-on.md")).unwrap();
    for (row, name, reason) in [
        ("AWS Config", "AWS_Config", None),
        ("manual", "MANUAL", None),
        ("Security Hub", "AWS_Security_Hub", Some("security-hub-without-rule")),
        ("CloudTrail events", "AWS_Cloudtrail", Some("cloudtrail-event")),
        ("API calls", "AWS_API_Call", Some("api-call")),
    ] {
        let is_gap = |gap: &&serde_json::Value| Some(gap["reason"].as_str().unwrap()) == reason;
        let missing = gaps["gaps"].as_array().unwrap().iter().filter(is_gap).count();
        let all = of_type(name);
        assert!(
            page.contains(&format!("\n| {row} | {} of {all} |", all - missing)),
            "{row}: {missing} of {all} are gaps"
        );
    }
}
