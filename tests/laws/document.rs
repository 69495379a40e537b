//! No input makes the parser panic, overflow the stack or exceed its budgets.

use controlsync_core::check::{Options, check};
use controlsync_core::document::{MAX_NODES, Node, parse};
use controlsync_core::report::text::{self, Style};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, json, junit};
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};
use proptest::prelude::*;

/// Smaller than the stack of any thread that parses: main threads have 8 MiB, others 2 MiB.
const STACK: usize = 512 * 1024;

/// Checks and reports a file; returns the number of parsed values.
fn parsed_values(bytes: Vec<u8>) -> usize {
    let checked = check(
        Sources::new(vec![Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(bytes.clone()))]),
        &Options::default(),
    );
    for diagnostic in &checked.diagnostics {
        let source = checked.sources.get(diagnostic.file);
        let spans = diagnostic.related.iter().map(|related| related.span).chain([diagnostic.span]);
        for span in spans {
            let text = source.text_or_empty();
            assert!(text.get(span.range()).is_some(), "{span:?} is outside the text of {diagnostic:?}");
        }
    }
    let all = [Findings {
        sources: &checked.sources,
        diagnostics: checked.diagnostics.iter().take(50).collect(),
        files: 1,
        paths: Paths::default(),
    }];
    let _ = (text::findings(&all, &Style::default()), json::findings(&all));
    let _ = gitlab::findings(&all);
    for lines in [concise::findings(&all), github::findings(&all)] {
        assert_eq!(lines.lines().count(), all[0].diagnostics.len(), "{lines}");
        assert!(!lines.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{lines:?}");
    }
    // https://www.w3.org/TR/xml/#charsets
    let xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(junit::findings(&all).chars().all(xml));
    let sources = Sources::new(vec![Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(bytes))]);
    sources.iter().filter_map(|(file, source)| parse(file, source).0).map(|document| count(&document.root)).sum()
}

fn count(node: &Node) -> usize {
    let entries: usize = node.entries().iter().map(|entry| count(&entry.value)).sum();
    1 + entries + node.items().iter().map(count).sum::<usize>()
}

/// Inputs that have crashed parsers, each as long as the largest file.
#[expect(clippy::too_many_lines, reason = "a list of inputs")]
fn hostile_inputs() -> Vec<(&'static str, String)> {
    let length = usize::try_from(MAX_FILE_BYTES).unwrap() - 1;
    let fill = |unit: &str| unit.repeat(length / unit.len());
    let numbered = |line: fn(usize) -> String| {
        let mut text = String::with_capacity(length);
        for number in 0.. {
            let line = line(number);
            if text.len() + line.len() > length {
                break;
            }
            text += &line;
        }
        text
    };
    vec![
        ("open lists", fill("[")),
        ("open mappings", fill("{a: ")),
        ("open quoted keys", fill("{\"a\":")),
        ("nested block lists", fill("- ")),
        ("nested explicit keys", fill("? ")),
        ("nested values", fill(": ")),
        ("deepening block mappings", numbered(|depth| format!("{}a:\n", " ".repeat(depth)))),
        ("closed lists", fill("[],").replacen("[]", "[[]", 1)),
        ("a flat list", format!("[{}]", fill("a,").split_at(length - 3).0)),
        ("empty items", format!("[{}]", ",".repeat(length - 2))),
        ("block items", fill("-\n")),
        ("keys", numbered(|number| format!("k{number}: \n"))),
        ("one key", fill("k:\n")),
        ("keys in braces", format!("{{{}}}", numbered(|number| format!("k{number}: 1,\n")).split_at(length - 20).0)),
        ("explicit keys", numbered(|number| format!("? k{number}\n"))),
        ("anchors", numbered(|number| format!("- &a{number} x\n"))),
        ("one anchor", fill("- &a x\n")),
        ("aliases", format!("- &a [{}]\n{}", "x,".repeat(100), fill("- *a\n").split_at(length - 300).0)),
        ("aliases of a string", format!("- &a \"{}\"\n{}", "x".repeat(length / 2), "- *a\n".repeat(length / 12))),
        ("aliases without anchors", fill("- *a\n")),
        ("nested anchors", fill("&a [")),
        ("tags", fill("- !t x\n")),
        ("a long tag", format!("!<{}> x", "t".repeat(length - 6))),
        ("a long anchor", format!("&{} x", "a".repeat(length - 4))),
        ("a long key", format!("{}: x", "k".repeat(length - 4))),
        ("a long plain string", "x".repeat(length)),
        ("a long plain string of lines", fill("x\n")),
        ("a long quoted string", format!("\"{}\"", "x".repeat(length - 2))),
        ("escapes", format!("\"{}\"", "\\u00e9".repeat((length - 2) / 6))),
        ("an open quote", format!("\"{}", fill("x\n").split_at(length - 2).0)),
        ("a long block scalar", format!("a: |\n{}", fill(" x\n").split_at(length - 6).0)),
        ("empty lines", fill("\n")),
        ("spaces", fill(" ")),
        ("tabs", fill("\t")),
        ("carriage returns", fill("\r")),
        ("comments", fill("#\n")),
        ("a long comment", format!("#{}", "x".repeat(length - 1))),
        ("documents", fill("---\n")),
        ("document ends", fill("...\n")),
        ("directives", fill("%A b\n")),
        ("tag directives", numbered(|number| format!("%TAG !t{number}! tag:x\n"))),
        ("merge keys", fill("<<: a\n")),
        ("dashes", fill("-")),
        ("colons", fill(":")),
        ("question marks", fill("?")),
        ("byte order marks", fill("\u{feff}")),
        ("nul bytes", fill("\0")),
        ("wide characters", fill("𝄞")),
        ("broken mappings", fill("a: b: c\n")),
    ]
}

#[test]
fn hostile_files_are_parsed_within_the_budget() {
    for (name, text) in hostile_inputs() {
        assert!(text.len() as u64 <= MAX_FILE_BYTES, "{name} is {} bytes long", text.len());
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let nodes = thread.spawn(move || parsed_values(text.into_bytes())).unwrap().join();
        let nodes = nodes.unwrap_or_else(|_| panic!("{name} crashed the parser"));
        assert!(nodes <= MAX_NODES, "{name} was parsed to {nodes} values");
    }
}

#[test]
fn a_file_of_ten_megabytes_is_rejected() {
    let checked = check(
        Sources::new(vec![Source::new("controls/a.yaml", FileKind::Control, Content::TooLarge(10_000_000))]),
        &Options::default(),
    );
    assert_eq!(checked.diagnostics[0].rule.id, "file-too-large");
    assert_eq!(parsed_values(vec![b'['; 10_000_000]), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn arbitrary_bytes_do_not_crash_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        parsed_values(bytes);
    }

    #[test]
    fn arbitrary_yaml_like_text_does_not_crash_the_parser(
        parts in proptest::collection::vec(
            proptest::sample::select(
                ["name: ", "tags:", "datasources:", "- ", "  ", "\n", ": ", "? ", "&a ", "*a", "*b", "!!str ", "!x ", "'", "\"",
                 "\\u00e9", "\\", "|\n", ">-\n", "[", "]", "{", "}", ", ", "#", "---\n", "...", "<<: ", "\t", "é", "𝄞", "\u{feff}",
                 "null", "1.10", "sourceName", "sourceType: MANUAL", "x", "%YAML 1.2\n", "\r\n", "-"].as_slice()),
            0..60)
    ) {
        parsed_values(parts.concat().into_bytes());
    }
}
