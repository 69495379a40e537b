use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-definitions",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The catalog defines more objects than an account can have.",
    why: "An account can have [500 custom controls and 100 custom frameworks](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) per Region, including shared \
          frameworks in its library. Above that, the service rejects new objects: some definitions of this catalog \
          would never be applied. A plan also counts the other objects of the account, and stops earlier.\n\n\
          Spread the catalog over several accounts or Regions. If AWS has raised your quota, set the level of this \
          rule in `controlsync.toml`.",
};

/// The quotas per account and Region, <https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>.
pub(crate) const MOST: [(FileKind, usize); 2] = [(FileKind::Control, 500), (FileKind::Framework, 100)];

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    for (kind, most) in MOST {
        let of_kind: Vec<_> = all.catalog.files_of_name.iter().filter(|((found, _), _)| *found == kind).collect();
        let Some((_, files)) = of_kind.get(most) else { continue };
        let Some(file) = files.first() else { continue };
        let noun = kind.noun();
        let message = format!("the catalog defines {} {noun}s; an account can have {most} per Region", of_kind.len());
        let finding = all.finding(&RULE, *file, "/name", message);
        found.push(finding.help("spread them over several accounts or Regions, or request a higher quota"));
    }
}
