use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::{FileKind, Span};
use unicode_normalization::is_nfc;

pub(crate) static RULE: Rule = Rule {
    id: "non-portable-file-name",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "The name of a file or folder has a character that S3 shows in another form.",
    why: "The catalog is also read from a bucket. S3 [writes keys as URLs in its notifications](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html): a blank \
          becomes `+`, other characters become escapes. controlsync undoes that, but not every other tool that \
          handles the bucket does. AWS keeps [a list of safe characters](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).\n\n\
          A letter that is made of several characters is worse: some systems store it as one. The same file then \
          comes to the bucket under two keys, and its name is defined twice.\n\n\
          Rename the file or folder to the letters a to z, digits, and `-`, `_` and `.`. Its objects in the account \
          stay as they are: their identity is the name in the file.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    let definitions =
        whole.sources.iter().filter(|(_, source)| matches!(source.kind(), FileKind::Control | FileKind::Framework));
    for (file, source) in definitions {
        let path = source.path();
        let parts = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in parts {
            let start = path[..end].rfind('/').map_or(0, |slash| slash + 1);
            let name = &path[start..end];
            let Some(reason) = reason(name) else { continue };
            // A folder is told once, not for each of its files.
            if told.insert(&path[..end]) {
                let what = if end == path.len() { "file" } else { "folder" };
                let message = format!("the name of the {what} `{name}` {reason}");
                let fault = Diagnostic::new(&RULE, file, Span::default(), message);
                found.push(fault.help("letters a to z, digits, and - _ . are the same everywhere"));
            }
        }
    }
}

/// What is special about a name, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
fn reason(name: &str) -> Option<String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()".contains(c);
    let c = name.chars().find(|c| !safe(*c))?;
    Some(match c {
        _ if !is_nfc(name) => {
            "has a letter made of several characters, which other systems may store as one".to_owned()
        }
        ' ' => "has a blank, which S3 writes as `+` in its notifications".to_owned(),
        '+' => "has a `+`, which in S3's notifications stands for a blank".to_owned(),
        '%' => "has a `%`, which in S3's notifications starts an escape".to_owned(),
        c if c.is_control() => "has a control character, which S3 cannot show".to_owned(),
        c if c.is_ascii() => format!("has the character `{c}`, which S3 asks to avoid or to handle with care"),
        c => format!("has the character `{c}`, which S3 writes as an escape in its notifications"),
    })
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn every_kind_of_character_has_its_reason() {
        for (name, expected) in [
            ("public-access_2.yaml", None),
            ("what's!(new)*.yaml", None),
            ("a b.yaml", Some("blank")),
            ("a+b.yaml", Some("stands for a blank")),
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
