use crate::catalog_path;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::source::{FileId, Source, Span};

pub(crate) static RULE: Rule = Rule {
    id: "ignored-file",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A file looks like a definition, but is not read.",
    why: "Only files that end in `.yaml`, `.yml` or `.json`, below `controls/` or `frameworks/`, are definitions. \
          What this file defines is not in the catalog: no object is made of it, and where the account has one, a \
          plan with `--prune` removes it.\n\n\
          Rename the file or its folder. Move backups and templates out of the two folders, or start their names \
          with a dot: such files are skipped without a word.",
};

pub(super) fn check(file: FileId, source: &Source, found: &mut Vec<Diagnostic>) {
    let path = source.path();
    let (message, help) =
        match path.split_once('/').and_then(|(folder, _)| Some((folder, catalog_path::meant_folder(folder)?))) {
            Some((folder, meant)) => (
                format!("the file is not read: the folder is called `{folder}`"),
                format!("rename the folder to `{meant}`"),
            ),
            None => (
                "the file is not read: its name does not end in .yaml, .yml or .json".to_owned(),
                "rename it, or move it out of the catalog".to_owned(),
            ),
        };
    found.push(Diagnostic::new(&RULE, file, Span::default(), message).help(help));
}
