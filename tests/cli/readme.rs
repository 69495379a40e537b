//! README.md and docs/show.md show the output of their commands; a line with `…` matches any lines.

use std::path::Path;

use controlsync_emulator::Options;

use crate::support::{Account, Catalog};

const CONTROL: &str = "controls/access/keys-are-rotated.yaml";

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The `console` blocks: command and output.
fn blocks() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = page.split("```console\n$ ").skip(1);
    let block = |text: &str| {
        let (block, _) = text.split_once("```").unwrap();
        let (command, shown) = block.split_once('\n').unwrap();
        (command.to_owned(), shown.to_owned())
    };
    blocks.map(block).collect()
}

/// Whether the printed lines match the shown lines.
fn is_shown(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [line, rest @ ..] if line.trim() == "…" => (0..=printed.len()).any(|from| is_shown(rest, &printed[from..])),
        [line, rest @ ..] => {
            printed.first().is_some_and(|printed| printed.trim_end() == *line) && is_shown(rest, &printed[1..])
        }
    }
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let catalog = Catalog::sample();
    let text = std::fs::read_to_string(root().join(CONTROL)).unwrap();
    let invalid =
        text.replace("  Family: Access\n", "  Family: Access\n  Version: 1.10\n").replace("AWS_Config", "AWS_CONFIG");
    let mut seen = Vec::new();
    for (command, shown) in blocks() {
        let arguments = command.strip_prefix("cargo run -- ").or_else(|| command.strip_prefix("controlsync "));
        let Some(arguments) = arguments else { continue };
        // Make the edits that the text asks readers to make.
        match arguments {
            "lint" => drop(catalog.write(CONTROL, &invalid)),
            "plan --local" => drop(catalog.write(CONTROL, &text.replace("90 days. Old", "60 days. Old"))),
            "compliance --local" => sample_account(&catalog),
            _ => {}
        }
        let ran = catalog.run(&arguments.split(' ').collect::<Vec<_>>());
        let printed: Vec<&str> = ran.stdout.lines().collect();
        assert!(is_shown(&shown.lines().collect::<Vec<_>>(), &printed), "README.md on `{command}`:\n{}", ran.shown());
        seen.push(arguments.to_owned());
    }
    assert_eq!(seen, ["apply --local", "apply --local", "lint", "plan --local", "compliance --local"]);
}

/// Gives the account of `--local` the evidence of the sample account.
fn sample_account(catalog: &Catalog) {
    let state = Some(catalog.path().join(".controlsync/local.json"));
    let account = Account::with(Options { state, ..Options::default() });
    let seed = std::fs::read_to_string(root().join("docs/guide/sample-account.json")).unwrap();
    account.seed(serde_json::from_str(&seed).unwrap());
    account.stop();
}

#[test]
fn the_readme_lists_every_check() {
    let script = std::fs::read_to_string(root().join("tests/run.sh")).unwrap();
    let steps =
        script.lines().filter_map(|line| line.trim().strip_prefix("step \"")).filter_map(|line| line.split('"').next());
    let (_, shown) = blocks().into_iter().find(|(command, _)| command == "tests/run.sh").unwrap();
    for step in steps {
        assert!(
            shown.contains(&format!("passed: {step}\n")) || shown.contains(&format!("skipped: {step}: ")),
            "{step}"
        );
    }
}

#[test]
fn the_show_page_shows_what_its_commands_print() {
    let page = std::fs::read_to_string(root().join("docs/show.md")).unwrap();
    let block = |language: &str, number: usize| {
        page.split(&format!("```{language}\n")).nth(number).and_then(|rest| rest.split_once("```")).unwrap().0
    };
    let catalog = Catalog::sample();
    for (number, file) in [(1, None), (2, Some("catalog.html"))] {
        let command = block("sh", number).trim().strip_prefix("controlsync ").unwrap();
        let ran = catalog.run(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{}", ran.shown());
        if let Some(file) = file {
            assert!(catalog.path().join(file).exists());
            continue;
        }
        let shown: Vec<&str> = block("text", 1).lines().collect();
        let printed: Vec<&str> = ran.stdout.lines().collect();
        assert!(is_shown(&shown, &printed), "docs/show.md on `{command}`:\n{}", ran.shown());
    }
}
