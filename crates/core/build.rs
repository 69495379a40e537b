//! Embeds the examples of the rules: the directories `bad` and `good` in `tests/findings/cases/RULE/`.
#![expect(clippy::unwrap_used, reason = "a build script should fail on any error")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let cases = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/findings/cases");
    println!("cargo::rerun-if-changed={}", cases.display());
    let mut table = "&[\n".to_owned();
    for rule in sorted(&cases) {
        let id = rule.file_name().unwrap().to_str().unwrap();
        writeln!(table, "    ({id:?}, {}, {}),", examples(&rule.join("bad")), examples(&rule.join("good"))).unwrap();
    }
    table += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("examples.rs"), table).unwrap();
}

/// Returns the files in a directory, sorted by path, as a slice of `Example`.
fn examples(directory: &Path) -> String {
    let mut list = "&[".to_owned();
    let mut left: Vec<PathBuf> = if directory.is_dir() { sorted(directory) } else { Vec::new() };
    left.reverse();
    while let Some(path) = left.pop() {
        let metadata = path.symlink_metadata().unwrap();
        let name = path.strip_prefix(directory).unwrap().to_str().unwrap();
        if metadata.is_dir() {
            left.extend(sorted(&path).into_iter().rev());
        } else if metadata.is_symlink() {
            let text = format!("(a symbolic link to {})\n", fs::read_link(&path).unwrap().display());
            write!(list, "Example {{ path: {name:?}, text: {text:?}, bytes: None, link: true }}, ").unwrap();
        } else {
            let bytes = fs::read(&path).unwrap();
            // Invalid UTF-8 is shown with replacement characters.
            let text = String::from_utf8_lossy(&bytes);
            let bytes = if text.as_bytes() == bytes { "None".to_owned() } else { format!("Some(&{bytes:?})") };
            write!(list, "Example {{ path: {name:?}, text: {text:?}, bytes: {bytes}, link: false }}, ").unwrap();
        }
    }
    list + "]"
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
