//! Errors as users see them: what is wrong, where, and what to do.

use std::fs;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::support::{Account, Catalog, Proxy, Ran, UNMEASURED, ran};

const CONTROL: &str = "name: A\ndescription: one\n";

fn catalog() -> Catalog {
    Catalog::new(&[("controls/a.yaml", CONTROL)])
}

/// Runs a shell script in which `controlsync` is the program.
fn shell(catalog: &Catalog, account: &Account, script: &str) -> Ran {
    let mut command = assert_cmd::Command::new("bash");
    let program = format!("controlsync() {{ \"{}\" \"$@\"; }}; {script}", env!("CARGO_BIN_EXE_controlsync"));
    command.args(["-c", &program]).current_dir(catalog.path()).env_clear().envs(UNMEASURED).env("HOME", catalog.path());
    let Ran { code, stdout, stderr } = ran(account.environment(&mut command));
    Ran { code, stdout: format!("$ {script}\n{stdout}"), stderr }
}

fn each(catalog: &Catalog, commands: &[&[&str]]) -> String {
    commands.iter().map(|arguments| catalog.run(arguments).shown_after(arguments)).collect()
}

#[test]
fn invalid_files_and_directories_are_named_in_the_error() {
    let catalog = Catalog::new(&[
        ("good/controls/a.yaml", CONTROL),
        ("good/notes.txt", ""),
        ("nothing/notes.txt", ""),
        ("file", ""),
        ("folder.toml/x", ""),
        ("one/controls/a.yaml", CONTROL),
        ("one/frameworks", ""),
        ("two/controls/a.yaml", CONTROL),
        ("two/.controlsync", ""),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../good/controls", catalog.path().join("nothing/controls")).unwrap();
    assert_snapshot!(each(
        &catalog,
        &[
            &["lint", "--catalog-dir", "one"],
            &["lint", "--catalog-dir", "good", "good/notes.txt"],
            &["lint", "--catalog-dir", "good", "folder.toml"],
            &["lint", "--catalog-dir", "good", "--config", "folder.toml"],
            &["plan", "--local", "--catalog-dir", "two"],
            &["pull", "--local", "--catalog-dir", "nothing"],
            &["init", "--catalog-dir", "file/x"],
            &["emulator", "--local"],
        ],
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf8_is_an_error() {
    use std::os::unix::ffi::OsStrExt as _;
    let catalog = catalog();
    let name = std::ffi::OsStr::from_bytes(b"controls/\xff.yaml");
    fs::write(catalog.path().join(name), CONTROL).unwrap();
    assert_snapshot!(catalog.run(&["lint"]).shown());
}

#[cfg(target_os = "linux")]
#[test]
fn read_and_write_errors_are_reported() {
    let (catalog, account) = (catalog(), Account::new());
    for (name, size) in [("a", 1), ("b", 180)] {
        let text = "long ".repeat(size);
        account.seed(
            serde_json::json!({ "controls": [{ "name": name, "description": text, "testingInformation": text }] }),
        );
    }
    let shown: String = [
        "controlsync lint > /dev/full",
        "controlsync lint - < .",
        "trap '' XFSZ; ulimit -f 1; controlsync pull --unmanaged --out pulled",
        "controlsync lint --diff",
        "controlsync plan --out saved.json -v",
    ]
    .iter()
    .map(|script| shell(&catalog, &account, script).shown())
    .collect();
    assert_snapshot!(shown);
}

#[test]
fn unusable_credentials_are_reported() {
    let catalog = catalog();
    catalog.write("aws", "[default]\ncredential_process = false\n\n[profile broken]\ncredential_process = false\n");
    let shown: String = [&["plan"][..], &["plan", "--profile", "broken"], &["plan", "--profile", "missing"]]
        .iter()
        .map(|arguments| {
            let mut command = catalog.command();
            command.env("AWS_CONFIG_FILE", "aws").env("AWS_REGION", "eu-west-1");
            ran(command.args(*arguments)).shown_after(arguments)
        })
        .collect();
    let mut command = catalog.command();
    let ran = ran(command.env("AWS_REGION", "eu-west-1").env("AWS_PROFILE", "nope").arg("plan"));
    let shown = shown + "with AWS_PROFILE=nope\n" + &ran.shown();
    assert_snapshot!(shown);
}

#[test]
fn invalid_keywords_from_the_account_are_rejected() {
    let shown: String = [r#"{"keywords":[]}"#, r#"{"keywords":["a\nb"]}"#]
        .iter()
        .map(|answer| {
            let (catalog, account) = (catalog(), Account::new());
            let proxy = Proxy::answering(&account, "GET /dataSourceKeywords?source=AWS_Config", "200 OK", answer);
            let arguments = ["keywords", "--refresh", "--endpoint-url", &proxy.endpoint()];
            let ran = catalog.run_against(&account, &arguments);
            Ran { stdout: String::new(), ..ran }.shown()
        })
        .collect();
    assert_snapshot!(shown);
}

#[test]
fn a_port_in_use_is_reported() {
    let (catalog, account) = (catalog(), Account::new());
    let port = account.emulator.endpoint().rsplit(':').next().unwrap().to_owned();
    let ran = catalog.run(&["emulator", "--port", &port]);
    assert_snapshot!(ran.shown().replace(&port, "PORT"));
}

#[test]
fn the_emulator_prints_its_endpoint() {
    use std::io::{BufRead as _, BufReader};
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_controlsync"));
    let mut child = command.args(["emulator", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("Emulator listening on http://127.0.0.1:"), "{line}");
}

#[test]
fn an_edited_saved_plan_is_rejected() {
    let (catalog, account) = (catalog(), Account::new());
    assert_eq!(catalog.run_against(&account, &["plan", "--out", "saved.json"]).code, 3);
    let saved: Json = serde_json::from_str(&fs::read_to_string(catalog.path().join("saved.json")).unwrap()).unwrap();
    let edited = |change: fn(&mut Json)| {
        let mut saved = saved.clone();
        change(&mut saved);
        catalog.write("edited.json", &saved.to_string());
        catalog.run_against(&account, &["apply", "--plan", "edited.json"]).shown()
    };
    let shown = [
        edited(|saved| saved["program"] = "0.0.1".into()),
        edited(|saved| saved["changes"] = serde_json::json!({})),
        edited(|saved| saved["changes"] = serde_json::json!({ "\u{1b}[31m": "" })),
        edited(|saved| saved["version"] = 9.into()),
    ];
    assert_eq!(account.writes(), [""; 0]);
    assert_snapshot!(shown.concat().replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}
