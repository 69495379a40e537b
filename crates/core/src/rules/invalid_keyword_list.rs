use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::{self, TYPES};
use crate::source::{FileId, Source, Span};
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "invalid-keyword-list",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A list in `keywords/` is not valid.",
    why: "A list in `keywords/` replaces the built-in list for its type: `AWS_API_Call.txt`, `AWS_Cloudtrail.txt`, \
          `AWS_Config.txt` and `AWS_Security_Hub.txt`, spelled exactly like this. A file with another name replaces \
          nothing, and neither does an empty list. A line with characters that [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) does not allow matches \
          no keyword: usually it contains two.\n\n\
          Write one keyword per line; empty lines and lines that start with `#` are ignored. In an account with Audit \
          Manager, `controlsync keywords --refresh` writes all four lists.",
};

pub(super) fn check(file: FileId, source: &Source, found: &mut Vec<Diagnostic>) {
    let finding = |span, message: String| Diagnostic::new(&RULE, file, span, message);
    let Some(text) = source.text().ok() else {
        let message = "the list is not UTF-8, or is larger than 1 MiB".to_owned();
        found.push(finding(Span::default(), message).help(REFRESH));
        return;
    };
    if keywords::type_of_file(source.path()).is_none() {
        let name = source.path().rsplit('/').next().unwrap_or_default();
        let names = TYPES.map(|of| format!("{}.txt", of.name()));
        let help = match closest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("allowed names: {}", names.join(", ")),
        };
        found.push(finding(Span::default(), format!("no data source type has a list named `{name}`")).help(help));
        return;
    }
    if text.contains('\0') {
        found.push(finding(Span::default(), "the list is UTF-16; it must be UTF-8".to_owned()).help(REFRESH));
        return;
    }
    if let Some((span, _)) = keywords::lines(text).find(|(_, line)| line.contains('\t')) {
        let message = "the line has several columns; a list has one keyword per line".to_owned();
        found.push(finding(span, message).help(REFRESH));
        return;
    }
    let mut count = 0;
    for (span, word) in keywords::lines(text) {
        count += 1;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || "_-().:/".contains(c);
        if word.chars().count() > MAX_LENGTH || !word.chars().all(allowed) {
            let message =
                "the line is not a valid keyword: use up to 100 letters, digits, spaces and _ - ( ) . : /".to_owned();
            found.push(finding(span, message).help("write one keyword per line; start comments with #"));
        }
    }
    if count == 0 {
        let message = "the list contains no keywords".to_owned();
        found.push(
            finding(Span::default(), message)
                .help("write one keyword per line, or remove the file to use the built-in list"),
        );
    }
}

/// How to make a list.
const REFRESH: &str = "`controlsync keywords --refresh` writes the lists of your account";

/// The maximum number of characters in a keyword.
const MAX_LENGTH: usize = 100;
