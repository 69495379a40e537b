use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::model::SourceType;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-sources",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A control has more data sources than Audit Manager takes.",
    why: "A custom control takes [100 data sources of your own, 50 core controls and 5 common controls](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html). AWS \
          states these figures for the console; whether the API refuses more is not documented. If it takes them, \
          people can most likely not edit the control in the console.\n\n\
          Split the control by what it checks, and put the parts into one control set.",
};

/// What a control can have, <https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html>:
/// data sources of one's own, core controls, common controls.
const MOST: [(&str, usize); 3] = [("data sources", 100), ("core controls", 50), ("common controls", 5)];

fn noun(source_type: SourceType) -> &'static str {
    match source_type {
        SourceType::CoreControl => "core controls",
        SourceType::CommonControl => "common controls",
        _ => "data sources",
    }
}

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        let source_type = |source: &Node| SourceType::from_name(source.get("sourceType")?.as_str()?);
        let types: Vec<SourceType> = list.items.iter().filter_map(source_type).collect();
        for (wanted, limit) in MOST {
            let count = types.iter().filter(|of| noun(**of) == wanted).count();
            if count > limit {
                let message = format!("the control has {count} {wanted}; at most {limit} are allowed");
                let fault = parsed.finding_at_key(&RULE, &format!("/{}", list.key), message);
                found.push(fault.help("split the control"));
            }
        }
    }
}
