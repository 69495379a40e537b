use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source_type::{Limit, SourceType};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-sources",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A control has more data sources than Audit Manager allows.",
    why: "A custom control can have [100 data sources of your own, 50 core controls and 5 common controls](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html). AWS states \
          these numbers for the console; it does not document whether the API rejects more. If it accepts them, the \
          control can most likely not be edited in the console.\n\n\
          Split the control by what it checks, and put the parts into one control set.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        let source_type = |source: &Node| SourceType::from_name(source.get("sourceType")?.as_str()?);
        let types: Vec<SourceType> = list.items.iter().filter_map(source_type).collect();
        let limits: BTreeSet<&Limit> = types.iter().map(|of| of.limit()).collect();
        for limit in limits {
            let count = types.iter().filter(|of| of.limit() == limit).count();
            let Limit { noun, most } = limit;
            if count > *most {
                let message = format!("the control has {count} {noun}; at most {most} are allowed");
                let finding = parsed.finding_at_key(&RULE, &format!("/{}", list.key), message);
                found.push(finding.help("split the control"));
            }
        }
    }
}
