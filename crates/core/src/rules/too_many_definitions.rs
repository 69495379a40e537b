use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-definitions",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The catalog defines more than an account holds.",
    why: "An account holds [500 custom controls and 100 custom frameworks](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) in a Region, shared \
          frameworks in its library included. Once they are reached, the service refuses to create more: some \
          definitions of this catalog would never be applied. A plan knows how many others the account has and \
          refuses earlier.\n\n\
          Spread the catalog over accounts or Regions. If AWS has raised the quota for you, set the level of \
          this rule in `controlsync.toml`.",
};

/// The quotas of an account and Region, <https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>.
pub(crate) const MOST: [(FileKind, usize); 2] = [(FileKind::Control, 500), (FileKind::Framework, 100)];

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    for (kind, most) in MOST {
        let of_kind: Vec<_> = whole.catalog.files_of_name.iter().filter(|((found, _), _)| *found == kind).collect();
        let Some((_, files)) = of_kind.get(most) else { continue };
        let Some(file) = files.first() else { continue };
        let noun = kind.noun();
        let message = format!("the catalog defines {} {noun}s; an account and Region hold {most}", of_kind.len());
        let fault = whole.finding(&RULE, *file, "/name", message);
        found.push(fault.help("spread them over accounts or Regions, or have the quota raised"));
    }
}
