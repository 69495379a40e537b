use crate::catalog_path;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::source::{FileId, Source, Span};

pub(crate) static RULE: Rule = Rule {
    id: "ignored-file",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A file looks like a definition, but is ignored.",
    why: "Only files under `controls/` or `frameworks/` that end in `.yaml`, `.yml` or `.json` are definitions. This \
          file is not part of the catalog: no object is created for it, and if the account has one, a plan with \
          `--prune` deletes it.\n\n\
          For a file of another format, such as a table or Terraform's resources, the finding is an info.\n\n\
          Rename the file or its directory. Move backups and templates out of the two directories, or start their \
          names with a dot: such files are skipped without a finding.",
};

pub(super) fn check(file: FileId, source: &Source, found: &mut Vec<Diagnostic>) {
    let path = source.path();
    let (message, help) =
        match path.split_once('/').and_then(|(folder, _)| Some((folder, catalog_path::similar_directory(folder)?))) {
            Some((folder, meant)) => (
                format!("the file is ignored: its directory is named `{folder}`"),
                format!("rename the directory to `{meant}`"),
            ),
            None => (
                "the file is ignored: its name does not end in .yaml, .yml or .json".to_owned(),
                "rename it, or move it out of the catalog".to_owned(),
            ),
        };
    let mut finding = Diagnostic::new(&RULE, file, Span::default(), message).help(help);
    if catalog_path::is_of_another_format(path) {
        finding.level = Level::Info;
    }
    found.push(finding);
}
