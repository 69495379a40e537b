//! Generates inputs from known ones.

use fastrand::Rng;
use serde_json::{Value as Json, json};

/// Tokens of definitions, and tokens that are difficult for YAML parsers.
const TOKENS: &[&str] = &[
    "name: ",
    "description: ",
    "datasources:\n",
    "controlMappingSources:\n",
    "controlSets:\n",
    "controls:\n",
    "tags:\n",
    "  - ",
    "sourceName: ",
    "sourceType: ",
    "AWS_Config",
    "AWS_Security_Hub",
    "AWS_API_Call",
    "AWS_Cloudtrail",
    "MANUAL",
    "Core_Control",
    "Common_Control",
    "sourceKeyword:\n",
    "keywordValue: ",
    "keywordInputType: ",
    "SELECT_FROM_LIST",
    "UPLOAD_FILE",
    "sourceSetUpOption: ",
    "Procedural_Controls_Mapping",
    "sourceFrequency: DAILY\n",
    "renamedFrom: ",
    "restricted-ssh",
    "iam-user-mfa-enabled",
    "Custom_x",
    "CUSTOM_",
    "IAM.5",
    "CIS.1.2",
    "iam:ListGroups",
    "ConsoleLogin",
    "kms_Decrypt",
    "troubleshootingText: ",
    "\"",
    "'",
    "&a ",
    "*a",
    "*b",
    "<<: ",
    "!!str ",
    "!x ",
    "? ",
    ": ",
    "- ",
    "|\n",
    ">-\n",
    "|-\n",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "#",
    " # controlsync: ignore unused-control reason\n",
    "# controlsync: ignore placeholder-text\n",
    "# controlsync: ignore string-too-long x\n",
    "# controlsync: disable\n",
    "---\n",
    "...\n",
    "\t",
    "\r\n",
    "\n",
    " ",
    "  ",
    "\u{feff}",
    "é",
    "e\u{301}",
    "\u{202e}",
    "𝄞",
    "\u{0}",
    "\u{7f}",
    "\\",
    "\\u0041",
    "null",
    "~",
    "yes",
    "1.10",
    "2024-01-31",
    "0x1f",
    "-",
    "TODO",
    "=",
    "%YAML 1.1\n",
];

/// Tokens of configurations, and tokens that are difficult for TOML parsers.
pub const TOML: &[&str] = &[
    "[lint]\n",
    "[lint.rules]\n",
    "[target]\n",
    "[bucket]\n",
    "[tags]\n",
    "[[tags]]\n",
    "catalog = ",
    "ignore = [",
    "account = ",
    "region = ",
    "name = ",
    "prefix = ",
    "\"\"\"",
    "'''",
    "\"",
    "'",
    "{ a = 1, ",
    "}",
    "]",
    "=",
    "1979-05-27T07:32:00Z",
    "0x_f",
    "1e400",
    "inf",
    "nan",
    "true",
    "a.b.c = 1\n",
    "\\u0000",
    "\\U0010FFFF",
    "\\",
    "#",
    "\r\n",
    "\n",
    "**",
    "[a-",
    "{a,b",
    "syntax-error = \"off\"\n",
    "no-such-rule = \"error\"\n",
    "aws:x = \"\"\n",
    "\u{feff}",
    "é",
    "\u{0}",
];

/// Texts from a service, a user or an earlier run that are difficult to handle.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\n",
    "a\nb",
    "\t",
    "\r",
    "\u{0}",
    "\u{1b}[31m",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "é",
    "e\u{301}",
    "𝄞",
    "..",
    "../../etc/passwd",
    "/",
    "\\",
    "C:\\",
    "CON",
    "con.yaml",
    "controls/a.yaml",
    "controls/../b.yaml",
    "frameworks/f.yaml",
    ".hidden",
    "a/b",
    "a:b",
    "#",
    "# x",
    "- a",
    "? a",
    "*a",
    "&a b",
    "!x",
    "|",
    ">",
    "%",
    "@",
    "`",
    "~",
    "null",
    "yes",
    "1.10",
    "0x1f",
    "2024-01-31",
    "---",
    "key: value",
    "a #b",
    "'",
    "\"",
    "{}",
    "[]",
    "{{",
    "${x}",
    "*/",
    "](x)",
    "```",
    "|x|",
    "<b>",
    "&amp;",
    "@everyone",
    "::error::",
    "MANUAL",
    "AWS_Config",
    "AWS_Cloudtrail",
    "Core_Control",
    "System_Controls_Mapping",
    "DAILY",
    "SELECT_FROM_LIST",
    "controlsync:catalog",
    "controlsync:source",
    "controlsync:applied",
    "aws:x",
    "team",
    "default",
    "0123456789ab-0000",
    "reconcile",
    "team/controls/a.yaml",
    "team%2Fcontrols%2Fa.yaml",
    "%",
    "%zz",
    "%ff",
    "+",
    "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f",
    "s3:TestEvent",
    "Notification",
];

/// Mutates a JSON text in a few places; most results are still JSON.
pub fn json_text(text: &str, rng: &mut Rng) -> Vec<u8> {
    let bytes = match serde_json::from_str::<Json>(text) {
        Ok(mut value) => {
            for _ in 0..=rng.usize(..5) {
                mutate_json(&mut value, rng);
            }
            value.to_string().into_bytes()
        }
        Err(_) => text.as_bytes().to_vec(),
    };
    if rng.u8(..16) == 0 { mutated(&bytes, std::slice::from_ref(&bytes), rng) } else { bytes }
}

/// Mutates one value within another.
pub fn mutate_json(value: &mut Json, rng: &mut Rng) {
    let pointer = random_pointer(value, rng);
    let Some(at) = value.pointer_mut(&pointer) else { return };
    match at {
        Json::String(text) if rng.u8(..16) > 0 => *text = string(text, rng),
        Json::Number(number) if rng.u8(..8) > 0 => {
            let hostile =
                [json!(0), json!(1), json!(-1), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX), json!(1.5)];
            let next = number.as_i64().map(|number| json!(number.wrapping_add(1)));
            *at = next.filter(|_| rng.bool()).unwrap_or_else(|| hostile[rng.usize(..hostile.len())].clone());
        }
        Json::Bool(value) if rng.u8(..8) > 0 => *value = !*value,
        Json::Array(items) if rng.u8(..8) > 0 && !items.is_empty() => {
            let (a, b) = (rng.usize(..items.len()), rng.usize(..items.len()));
            match rng.u8(..3) {
                0 => drop(items.remove(a)),
                1 => items.swap(a, b),
                _ => items.insert(a, items[b].clone()),
            }
        }
        Json::Object(entries) if rng.u8(..8) > 0 && !entries.is_empty() => {
            let keys: Vec<String> = entries.keys().cloned().collect();
            let (a, b) = (&keys[rng.usize(..keys.len())], &keys[rng.usize(..keys.len())]);
            match rng.u8(..4) {
                0 => drop(entries.shift_remove(a)),
                1 => drop(entries.insert(string(a, rng), entries[b].clone())),
                2 => drop(entries.insert(a.clone(), entries[b].clone())),
                _ => drop(entries.insert(TEXTS[rng.usize(..TEXTS.len())].to_owned(), json!("x"))),
            }
        }
        _ => {
            *at = match rng.u8(..8) {
                0 => json!([]),
                1 => json!({}),
                2 => json!(true),
                3 => json!(7),
                4 => json!(["a"]),
                5 => json!({ "a": "b" }),
                6 => (0..200).fold(json!(1), |deep, _| json!([deep])),
                _ => Json::Null,
            }
        }
    }
}

/// Returns a pointer to a random value within another.
fn random_pointer(value: &Json, rng: &mut Rng) -> String {
    let (mut at, mut pointer) = (value, String::new());
    while rng.u8(..8) > 0 {
        let (key, child) = match at {
            Json::Array(items) if !items.is_empty() => {
                let index = rng.usize(..items.len());
                (index.to_string(), &items[index])
            }
            Json::Object(entries) if !entries.is_empty() => {
                let Some((key, child)) = entries.iter().nth(rng.usize(..entries.len())) else { break };
                (key.replace('~', "~0").replace('/', "~1"), child)
            }
            _ => break,
        };
        pointer = format!("{pointer}/{key}");
        at = child;
    }
    pointer
}

/// Mutates a string.
fn string(text: &str, rng: &mut Rng) -> String {
    let part = TEXTS[rng.usize(..TEXTS.len())];
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = boundaries[rng.usize(..boundaries.len())];
    match rng.u8(..8) {
        0 => text[..at].to_owned(),
        1 => text[at..].to_owned(),
        2 => part.repeat(rng.usize(..600)),
        3 => text.to_uppercase(),
        4 | 5 => part.to_owned(),
        _ => format!("{}{part}{}", &text[..at], &text[at..]),
    }
}

/// Mutates bytes in a few places.
pub fn mutated(original: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=rng.usize(..6) {
        one(&mut bytes, others, rng);
    }
    bytes.truncate(200_000);
    bytes
}

/// Returns random bytes, or tokens in random order.
pub fn arbitrary(rng: &mut Rng) -> Vec<u8> {
    let count = rng.usize(..120);
    if rng.bool() {
        return (0..count * 4).map(|_| rng.u8(..)).collect();
    }
    (0..count).flat_map(|_| TOKENS[rng.usize(..TOKENS.len())].bytes()).collect()
}

fn one(bytes: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.usize(..=bytes.len());
    let range = |bytes: &[u8], rng: &mut Rng, longest: usize| {
        let start = rng.usize(..=bytes.len());
        start..(start + rng.usize(..longest)).min(bytes.len())
    };
    match rng.u8(..12) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.u8(..);
            }
        }
        1 => {
            let cut = range(bytes, rng, 40);
            bytes.drain(cut);
        }
        2 => {
            let copied = bytes[range(bytes, rng, 200)].to_vec();
            bytes.splice(at..at, copied);
        }
        3 => {
            let other = &others[rng.usize(..others.len())];
            let copied = other[range(other, rng, 400)].to_vec();
            bytes.splice(at..at, copied);
        }
        4 => bytes.truncate(at),
        5..10 => lines(bytes, rng, one_line),
        _ => {
            bytes.splice(at..at, TOKENS[rng.usize(..TOKENS.len())].bytes());
        }
    }
}

/// Changes whole lines.
fn one_line(lines: &mut Vec<Vec<u8>>, rng: &mut Rng) {
    match rng.u8(..5) {
        0 => {
            let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            lines.swap(a, b);
        }
        1 => {
            let line = lines[rng.usize(..lines.len())].clone();
            let at = rng.usize(..lines.len());
            lines.insert(at, line);
        }
        2 => {
            let at = rng.usize(..lines.len());
            if rng.bool() {
                lines[at].insert(0, b' ');
            } else if lines[at].first() == Some(&b' ') {
                lines[at].remove(0);
            }
        }
        3 => {
            let end = rng.bool();
            for line in lines.iter_mut() {
                while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                    line.pop();
                }
                line.extend(if end { b"\r\n".as_slice() } else { b"\n" });
            }
        }
        // Replaces the value of a line.
        _ => {
            let at = rng.usize(..lines.len());
            if let Some(colon) = lines[at].iter().position(|byte| *byte == b':') {
                lines[at].truncate(colon + 1);
                lines[at].push(b' ');
                lines[at].extend(TOKENS[rng.usize(..TOKENS.len())].trim_end().bytes());
                lines[at].push(b'\n');
            }
        }
    }
}

fn lines(bytes: &mut Vec<u8>, rng: &mut Rng, change: impl FnOnce(&mut Vec<Vec<u8>>, &mut Rng)) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        change(&mut lines, rng);
        *bytes = lines.concat();
    }
}
