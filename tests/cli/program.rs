//! The program itself: its version, shell completions, manual pages, and the reference page of its commands.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::Catalog;

const PAGE: &str = "../../docs/reference/commands.md";

fn shown(arguments: &[&str]) -> String {
    let output = Catalog::new(&[]).command().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_version_names_the_commit() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success());
        output.map(|output| String::from_utf8(output.stdout).unwrap())
    };
    // Without a repository of these sources, the version has no commit.
    let ours = git(&["ls-files", "--error-unmatch", "build.rs"]);
    let commit = ours.and_then(|_| git(&["rev-parse", "--short=12", "HEAD"]));
    let commit = commit.map_or(String::new(), |commit| format!(" ({})", commit.trim()));
    assert_eq!(shown(&["--version"]), format!("controlsync {}{commit}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_completion_script_has_all_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shown(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    // Bash can load the script and complete with it.
    let script = "source <(cat); COMP_WORDS=(controlsync expl); COMP_CWORD=1; _controlsync controlsync expl controlsync; \
                  printf '%s' \"${COMPREPLY[*]}\"";
    let bash =
        assert_cmd::Command::new("bash").args(["-c", script]).write_stdin(shown(&["completions", "bash"])).output();
    let bash = bash.unwrap();
    assert_eq!(String::from_utf8_lossy(&bash.stdout), "explain", "{}", String::from_utf8_lossy(&bash.stderr));
}

#[test]
fn every_command_has_a_manual_page() {
    let catalog = Catalog::new(&[("taken", "")]);
    let written = catalog.run(&["man", "--out", "pages/man1"]);
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (0, "", ""));
    let page = |name: &str| std::fs::read_to_string(catalog.path().join("pages/man1").join(name)).unwrap();
    for command in commands() {
        assert!(page(&format!("controlsync-{command}.1")).contains(r"\-\-catalog\-dir"), "{command}");
        assert!(page("controlsync.1").contains(&format!(r"controlsync\-{command}(1)")), "{command}");
    }
    let refused = catalog.run(&["man", "--out", "taken"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.starts_with("error: cannot write the manual pages to taken: "), "{}", refused.stderr);
}

/// The names of all commands in the help.
fn commands() -> Vec<String> {
    listed(&shown(&["--help"]))
}

/// The names of the commands in a help; none if it has no list of them.
fn listed(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default().lines().take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned());
    // `help COMMAND` prints the same as `COMMAND --help`.
    names.filter(|name| name != "help").collect()
}

/// The page with the help of all commands.
fn page() -> String {
    let global = "Global options:\n";
    let mut page = "# Commands\n\nThe `--help` of every command. Generated: run `INSTA_UPDATE=always cargo test -p \
                    controlsync --test cli program`.\n"
        .to_owned();
    let all = shown(&["--help"]);
    let (top, options) = all.split_once(global).unwrap();
    let block = |text: &str| {
        let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
        format!("```text\n{}\n```\n", lines.join("\n"))
    };
    write!(page, "\n## controlsync\n\n{}", block(top)).unwrap();
    for command in commands() {
        let help = shown(&[&command, "--help"]);
        let own = help.split(global).next().unwrap();
        write!(page, "\n## controlsync {command}\n\n{}", block(own)).unwrap();
        for inner in listed(&help) {
            let help = shown(&[&command, &inner, "--help"]);
            let own = help.split(global).next().unwrap();
            write!(page, "\n## controlsync {command} {inner}\n\n{}", block(own)).unwrap();
        }
    }
    page + &format!("\n## Global options\n\n{}", block(options))
}

#[test]
fn the_commands_page_is_up_to_date() {
    let (path, page) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE), page());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == page,
        "{} is not up to date; run `INSTA_UPDATE=always cargo test -p controlsync --test cli program`",
        path.display()
    );
}
