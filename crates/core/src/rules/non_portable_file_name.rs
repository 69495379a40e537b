use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::{FileKind, Span};
use unicode_normalization::is_nfc;

pub(crate) static RULE: Rule = Rule {
    id: "non-portable-file-name",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "The name of a file or directory contains a character that S3 encodes.",
    why: "The catalog can also be read from a bucket. S3 [encodes keys as URLs in its notifications](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html): a space becomes \
          `+`, other characters become escapes. controlsync decodes them, but other tools that use the bucket may not. \
          AWS publishes [a list of safe characters](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).\n\n\
          Letters that consist of several Unicode characters are worse: some systems store them as one character. The \
          same file is then uploaded under two keys, and its name is defined twice.\n\n\
          Rename the file or directory: use the letters a to z, digits, `-`, `_` and `.`. Its objects in the account \
          do not change, because they are identified by the name in the file.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    let definitions =
        all.sources.iter().filter(|(_, source)| matches!(source.kind(), FileKind::Control | FileKind::Framework));
    for (file, source) in definitions {
        let path = source.path();
        let parts = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in parts {
            let start = path[..end].rfind('/').map_or(0, |slash| slash + 1);
            let name = &path[start..end];
            let Some(reason) = reason(name) else { continue };
            // A directory is reported once, not for each of its files.
            if reported.insert(&path[..end]) {
                let what = if end == path.len() { "file" } else { "directory" };
                let message = format!("the name of the {what} `{name}` {reason}");
                let finding = Diagnostic::new(&RULE, file, Span::default(), message);
                found.push(finding.help("use letters a to z, digits, and - _ . only"));
            }
        }
    }
}

/// Why a name is not portable, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
fn reason(name: &str) -> Option<String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()".contains(c);
    let c = name.chars().find(|c| !safe(*c))?;
    Some(match c {
        _ if !is_nfc(name) => "has a letter made of several characters, which some systems store as one".to_owned(),
        ' ' => "has a space, which S3 encodes as `+` in its notifications".to_owned(),
        '+' => "has a `+`, which means a space in S3's notifications".to_owned(),
        '%' => "has a `%`, which starts an escape in S3's notifications".to_owned(),
        c if c.is_control() => "has a control character, which S3 cannot show".to_owned(),
        c if c.is_ascii() => format!("has the character `{c}`, which S3 recommends avoiding or handling with care"),
        c => format!("has the character `{c}`, which S3 encodes in its notifications"),
    })
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn every_kind_of_character_has_a_reason() {
        for (name, expected) in [
            ("public-access_2.yaml", None),
            ("what's!(new)*.yaml", None),
            ("a b.yaml", Some("space")),
            ("a+b.yaml", Some("means a space")),
            ("50%.yaml", Some("starts an escape")),
            ("a\tb.yaml", Some("control character")),
            ("R&D.yaml", Some("`&`")),
            ("a:b.yaml", Some("`:`")),
            ("\u{fc}.yaml", Some("`\u{fc}`")),
            ("u\u{308} 50%.yaml", Some("made of several characters")),
        ] {
            match (reason(name), expected) {
                (Some(found), Some(expected)) => assert!(found.contains(expected), "{name}: {found}"),
                (found, expected) => assert_eq!(found.as_deref(), expected, "{name}"),
            }
        }
    }
}
