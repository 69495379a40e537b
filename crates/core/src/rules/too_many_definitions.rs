use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::quotas::{CUSTOM_CONTROLS, CUSTOM_FRAMEWORKS};
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
          would never be applied. A plan also counts the other objects of the account.\n\n\
          Spread the catalog over several accounts or Regions, or request a higher quota (L-0255B75F, L-8935A6F1 in \
          Service Quotas) and set `custom_controls` and `custom_frameworks` under `[quotas]` in `controlsync.toml`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    for (kind, quota) in [(FileKind::Control, &CUSTOM_CONTROLS), (FileKind::Framework, &CUSTOM_FRAMEWORKS)] {
        let most = all.catalog.quotas.of(quota);
        let of_kind: Vec<_> = all.catalog.files_of_name.iter().filter(|((found, _), _)| *found == kind).collect();
        let Some((_, files)) = of_kind.get(most) else { continue };
        let Some(file) = files.first() else { continue };
        let noun = kind.noun();
        let message = format!("the catalog defines {} {noun}s; an account can have {most} per Region", of_kind.len());
        let help = format!(
            "spread them over several accounts or Regions, or request a higher quota and set `{}` under `[quotas]` in \
             controlsync.toml",
            quota.key
        );
        found.push(all.finding(&RULE, *file, "/name", message).help(help));
    }
}
