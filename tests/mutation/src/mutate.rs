//! Other inputs from known ones.

use fastrand::Rng;

/// What definitions are made of, and what breaks readers of YAML.
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
    "# controlsync: ignore text-too-long x\n",
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

/// A text that differs from another one in a few places.
pub fn mutated(original: &[u8], others: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=rng.usize(..6) {
        one(&mut bytes, others, rng);
    }
    bytes.truncate(200_000);
    bytes
}

/// Bytes of no form, or tokens in no order.
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
        4 => lines(bytes, rng, |lines, rng| {
            let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            lines.swap(a, b);
        }),
        5 => lines(bytes, rng, |lines, rng| {
            let line = lines[rng.usize(..lines.len())].clone();
            let at = rng.usize(..lines.len());
            lines.insert(at, line);
        }),
        6 => lines(bytes, rng, |lines, rng| {
            let at = rng.usize(..lines.len());
            if rng.bool() {
                lines[at].insert(0, b' ');
            } else if lines[at].first() == Some(&b' ') {
                lines[at].remove(0);
            }
        }),
        7 => lines(bytes, rng, |lines, rng| {
            let end = rng.bool();
            for line in lines.iter_mut() {
                while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                    line.pop();
                }
                line.extend(if end { b"\r\n".as_slice() } else { b"\n" });
            }
        }),
        8 => bytes.truncate(at),
        // Values of lines become others.
        9 => lines(bytes, rng, |lines, rng| {
            let at = rng.usize(..lines.len());
            if let Some(colon) = lines[at].iter().position(|byte| *byte == b':') {
                lines[at].truncate(colon + 1);
                lines[at].push(b' ');
                lines[at].extend(TOKENS[rng.usize(..TOKENS.len())].trim_end().bytes());
                lines[at].push(b'\n');
            }
        }),
        _ => {
            bytes.splice(at..at, TOKENS[rng.usize(..TOKENS.len())].bytes());
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
