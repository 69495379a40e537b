//! Every user-visible message is in a test or a snapshot, so that it has been reviewed.

use std::collections::BTreeSet;

use crate::architecture;

/// Sources with user-visible messages.
const MESSAGE_SOURCES: [&str; 9] = [
    "crates/cli/src",
    "crates/aws/src",
    "crates/lambda/src",
    "crates/core/src/compliance",
    "crates/core/src/packs",
    "crates/core/src/run",
    "crates/core/src/plan/change.rs",
    "crates/core/src/saved.rs",
    "crates/emulator/src/failure.rs",
];
/// Number of consecutive words that identify a message.
const WORDS: usize = 4;

/// Messages that no test can produce, or that no user sees, and why.
const EXCEPTIONS: [(&str, &str); 39] = [
    ("Sources without a keyword", "the schema requires one of each type that a pack can have"),
    ("rules and remediations", "no pack takes more than it may have, and a remediation without room is a gap"),
    ("its file would not match it", "what is written is always read back as the same definition"),
    ("HTTP connect timeout", "no message: what the HTTP client says, which is looked for"),
    (
        "this program does not support this kind of credentials",
        "the function has no profiles, and the CLI supports all kinds",
    ),
    ("a thread that reads files panicked", "a bug in the program"),
    ("git did not print the prefix of the directory", "git always prints it"),
    ("git has no output", "the program pipes it"),
    ("changed after it was read and was not written", "another program would have to write at that moment"),
    ("cannot read the output of git", "a pipe from a child process does not break"),
    ("cannot start the threads for requests", "the system would have to run out of them"),
    ("cannot start a thread for the command", "the same"),
    ("cannot listen for signals", "the system would have to run out of them"),
    ("emulator did not stop cleanly", "all requests have finished by then"),
    ("connections were still busy and were closed", "a client would have to hang while the emulator stops"),
    ("internal error in the emulator", "a bug in the emulator"),
    ("the plan has no ID for", "every plan has the IDs of existing objects"),
    ("This is a bug in controlsync; nothing was sent", "a bug in the program"),
    ("the service returned no ID for", "the service always returns one"),
    ("the oldest unsent reports were dropped", "it takes a hundred runs"),
    ("cannot write the page", "it is written into memory first"),
    ("the function panicked", "a bug in the function"),
    ("the plan has no object to create", "every planned creation has one"),
    ("the request timed out", "it takes thirty seconds without a response"),
    (
        "so everything would be deleted",
        "the CLI and the function report a catalog without definitions before they plan",
    ),
    ("Checked by hand", "the name of a data source of a probe"),
    ("asking the account", "the name of a progress bar"),
    ("cannot write the runs of probes", "a list of texts is always written"),
    ("some are cleared", ODD),
    ("accepted, with that ID", ODD),
    ("accepted, with a new ID", ODD),
    ("but the tags are not stored", ODD),
    ("but the set is not stored", ODD),
    ("it keeps the control", ODD),
    ("none: it is accepted", ODD),
    ("a name that is too long is accepted", ODD),
    ("such characters are refused", ODD),
    ("UTF-16 code units", ODD),
    ("the service returned no object", ODD),
];
/// Answers to a probe.
const ODD: &str = "the service would have to behave as nothing suggests";

/// Returns the files with user-visible messages.
fn sources() -> impl Iterator<Item = (String, String)> {
    MESSAGE_SOURCES.iter().flat_map(|path| {
        let file = architecture::root().join(path);
        if file.is_dir() {
            architecture::files(path, "rs")
        } else {
            vec![((*path).to_owned(), std::fs::read_to_string(file).unwrap())]
        }
    })
}

/// Returns the string literals of a file before its tests, without comments and the reasons of lint exceptions.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("reason = \"");
    let code: String = source.lines().filter(is_code).collect::<Vec<_>>().join("\n").replace("'\"'", "");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let (mut text, mut escaped, mut end) = (String::new(), false, after.len());
        for (at, c) in after.char_indices() {
            match (escaped, c) {
                (false, '"') => {
                    end = at;
                    break;
                }
                (false, '\\') => escaped = true,
                (true, 'n' | '\n') => (text, escaped) = (text + " ", false),
                (_, c) => (text, escaped) = (text + c.encode_utf8(&mut [0; 4]), false),
            }
        }
        rest = after.get(end + 1..).unwrap_or_default();
        found.push(text);
    }
    found
}

/// Returns the sequences of words between the placeholders of a message.
fn sequences(text: &str) -> Vec<Vec<String>> {
    let mut fixed = vec![String::new()];
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                fixed.push(String::new());
            }
            c if depth == 0 => fixed.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let words = |part: &String| part.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    fixed.iter().map(words).filter(|words| words.len() >= 3).collect()
}

/// Returns a text on one line, without escapes and line continuations.
fn on_one_line(text: &str) -> String {
    text.replace("\\\n", "").replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_message_is_in_a_test() {
    let of = |folder, extension| architecture::files(folder, extension).into_iter();
    let tests = of("tests", "rs").chain(of("tests", "py")).chain(of("tests", "snap"));
    let tests = tests.filter(|(path, _)| !path.ends_with("laws/messages.rs") && !path.contains("node_modules"));
    let inline =
        of("crates", "rs").filter_map(|(path, text)| Some((path, text.split_once("#[cfg(test)]")?.1.to_owned())));
    let tested: String = tests.chain(inline).map(|(_, text)| on_one_line(&text) + "\n").collect();
    let mut missing = BTreeSet::new();
    for (path, source) in sources() {
        for text in literals(&source) {
            let sequences = sequences(&text);
            let known =
                |all: &Vec<String>| all.windows(WORDS.min(all.len())).any(|words| tested.contains(&words.join(" ")));
            let is_exception = EXCEPTIONS.iter().any(|(exception, _)| text.contains(exception));
            if !sequences.is_empty() && !is_exception && !sequences.iter().any(known) {
                missing.insert(format!("{path}: {text}"));
            }
        }
    }
    let missing: Vec<String> = missing.into_iter().collect();
    assert!(
        missing.is_empty(),
        "no test has these messages; add one, or an exception with a reason:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_exception_matches_a_message() {
    let all: String = sources().map(|(_, text)| text).collect();
    for (text, reason) in EXCEPTIONS {
        assert!(all.contains(text) && !reason.is_empty(), "{text:?} is no longer a message");
    }
}
