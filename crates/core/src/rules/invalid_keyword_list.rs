use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::{self, TYPES};
use crate::source::{FileId, Source, Span};
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "invalid-keyword-list",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A list in `keywords/` cannot be used.",
    why: "A list in `keywords/` replaces the built-in one of its type: `AWS_API_Call.txt`, `AWS_Cloudtrail.txt`, \
          `AWS_Config.txt` and `AWS_Security_Hub.txt`, spelt exactly so. A file of another name replaces nothing, \
          and neither does an empty list. A line with characters that [the API refuses](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) matches no keyword: \
          most often it holds two.\n\n\
          Write one keyword a line; empty lines and lines that start with `#` count for nothing. In an account with \
          Audit Manager, `controlsync keywords --refresh` writes all four lists.",
};

pub(super) fn check(file: FileId, source: &Source, found: &mut Vec<Diagnostic>) {
    let fault = |span, message: String| Diagnostic::new(&RULE, file, span, message);
    let Some(text) = source.text().ok() else {
        found.push(fault(Span::default(), "the list cannot be read: it is no UTF-8 text of at most 1 MiB".to_owned()));
        return;
    };
    if keywords::type_of_file(source.path()).is_none() {
        let name = source.path().rsplit('/').next().unwrap_or_default();
        let names = TYPES.map(|of| format!("{}.txt", of.name()));
        let help = match closest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of {}", names.join(", ")),
        };
        found.push(fault(Span::default(), format!("no type of data source has a list called `{name}`")).help(help));
        return;
    }
    let mut count = 0;
    for (span, word) in keywords::lines(text) {
        count += 1;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || "_-().:/".contains(c);
        if word.chars().count() > MAX_LENGTH || !word.chars().all(allowed) {
            let message =
                "the line is no keyword: one has up to 100 letters, digits, blanks and _ - ( ) . : /".to_owned();
            found.push(fault(span, message).help("write one keyword a line; a comment starts with #"));
        }
    }
    if count == 0 {
        let message = "the list holds no keyword".to_owned();
        found.push(
            fault(Span::default(), message)
                .help("write one keyword a line, or remove the file, and the built-in list is used"),
        );
    }
}

/// The most characters of a keyword.
const MAX_LENGTH: usize = 100;
