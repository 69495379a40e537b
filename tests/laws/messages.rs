//! What a person can be told, somebody has read: every text of a program has a place in the tests or in a snapshot.

use std::collections::BTreeSet;

use crate::architecture;

/// Where texts for people stand.
const TOLD: [&str; 7] = [
    "crates/cli/src",
    "crates/aws/src",
    "crates/lambda/src",
    "crates/core/src/run",
    "crates/core/src/plan/change.rs",
    "crates/core/src/saved.rs",
    "crates/emulator/src/failure.rs",
];
/// So many words in a row of a text are enough to know it by.
const WORDS: usize = 4;

/// Texts that no test can bring about, or that are for nobody, and why.
const EXCEPTIONS: [(&str, &str); 15] = [
    ("a thread that reads files died", "a fault of the program"),
    ("git does not say where the folder is", "no git answers so"),
    ("git has no output", "the program has asked for it"),
    ("cannot read what git says", "a pipe from a child does not break"),
    ("cannot start the threads that talk to the account", "the system would have to have none left"),
    ("cannot listen for signals", "the system would have to have none left"),
    ("the embedded Audit Manager did not stop in order", "the program has finished all its requests by then"),
    ("connections were still busy and have been cut", "a client would have to hang while the emulator stops"),
    ("the emulator failed inside", "a fault of the emulator"),
    ("the plan has no id of", "every plan has the ids of what is held"),
    ("This is a fault of controlsync; nothing was sent", "a fault of the program"),
    ("the service told no id of", "no service answers so"),
    ("reports that no topic took were dropped", "it takes a hundred passes"),
    ("cannot write the page", "it is written into memory first"),
    ("the function panicked", "a fault of the function"),
];

/// The files where texts for people stand.
fn sources() -> impl Iterator<Item = (String, String)> {
    TOLD.iter().flat_map(|path| {
        let file = architecture::root().join(path);
        if file.is_dir() {
            architecture::files(path, "rs")
        } else {
            vec![((*path).to_owned(), std::fs::read_to_string(file).unwrap())]
        }
    })
}

/// The texts between quotation marks in what a file has before its tests, without comments and reasons of lints.
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

/// Runs of words of a text without what is filled in.
fn runs(text: &str) -> Vec<Vec<String>> {
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

/// On one line, and as it was before it was written between quotation marks.
fn squeezed(text: &str) -> String {
    text.replace("\\\n", "").replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_text_of_a_program_is_in_a_test() {
    let of = |folder, extension| architecture::files(folder, extension).into_iter();
    let tests = of("tests", "rs").chain(of("tests", "py")).chain(of("tests", "snap"));
    let tests = tests.filter(|(path, _)| !path.ends_with("laws/messages.rs") && !path.contains("node_modules"));
    let inline =
        of("crates", "rs").filter_map(|(path, text)| Some((path, text.split_once("#[cfg(test)]")?.1.to_owned())));
    let read: String = tests.chain(inline).map(|(_, text)| squeezed(&text) + "\n").collect();
    let mut unread = BTreeSet::new();
    for (path, source) in sources() {
        for text in literals(&source) {
            let runs = runs(&text);
            let known =
                |run: &Vec<String>| run.windows(WORDS.min(run.len())).any(|words| read.contains(&words.join(" ")));
            let excepted = EXCEPTIONS.iter().any(|(exception, _)| text.contains(exception));
            if !runs.is_empty() && !excepted && !runs.iter().any(known) {
                unread.insert(format!("{path}: {text}"));
            }
        }
    }
    let unread: Vec<String> = unread.into_iter().collect();
    assert!(
        unread.is_empty(),
        "no test has these texts; add one, or an exception with its reason:\n{}",
        unread.join("\n")
    );
}

#[test]
fn every_exception_is_a_text() {
    let all: String = sources().map(|(_, text)| text).collect();
    for (text, reason) in EXCEPTIONS {
        assert!(all.contains(text) && !reason.is_empty(), "{text:?} is no text of a program any more");
    }
}
