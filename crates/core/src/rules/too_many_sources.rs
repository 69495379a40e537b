use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::model::SourceType;
use crate::rules::Parsed;

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

/// The limits of a control: own data sources, core controls, common controls,
/// <https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html>.
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
                let finding = parsed.finding_at_key(&RULE, &format!("/{}", list.key), message);
                found.push(finding.help("split the control"));
            }
        }
    }
}
