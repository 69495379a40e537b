use std::collections::BTreeMap;

use crate::demand::{Demand, common_value};
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::managed_rule;
use crate::rules::AllFiles;
use crate::rules::all_files::Demanded;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-demands",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "Two controls demand of one rule what no value meets.",
    why: "Audit Manager feeds the evaluations of every rule with an identifier to every control that names the identifier. If \
          one control demands that access keys are younger than 30 days and another one exactly 90, no deployed rule is \
          right for both: one of them collects evidence for something that it does not say.\n\n\
          Agree on one demand, such as the stricter one, or use a custom rule for one of the controls.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let mut of_parameter: BTreeMap<(&str, &str), Vec<Demanded<'_>>> = BTreeMap::new();
    for demanded in all.demands() {
        of_parameter.entry((demanded.identifier, demanded.parameter)).or_default().push(demanded);
    }
    for ((identifier, name), demanded) in of_parameter {
        let Some(parameter) = managed_rule(identifier).and_then(|rule| rule.parameter(name)) else { continue };
        // `mismatched-parameter` reports the others.
        let mut agreed: Vec<&Demanded<'_>> = Vec::new();
        let is_usable = |one: &&Demanded<'_>| !one.demand.is_empty() && one.demand.problem(parameter.of).is_none();
        for one in demanded.iter().filter(is_usable) {
            let all_demands: Vec<&Demand> = agreed.iter().map(|one| &one.demand).chain([&one.demand]).collect();
            if common_value(&all_demands, parameter.of).is_some() {
                agreed.push(one);
                continue;
            }
            let finding = |message| all.finding_at_key(&RULE, one.file, &one.pointer, message);
            if common_value(&[&one.demand], parameter.of).is_none() {
                let message = format!("no value of `{name}` meets all bounds of this demand on `{identifier}`");
                found.push(finding(message).help("write bounds that a value can meet"));
                continue;
            }
            let finding = finding(format!("no value of `{name}` meets all demands on `{identifier}`"));
            let other = agreed.iter().find(|other| common_value(&[&other.demand, &one.demand], parameter.of).is_none());
            let finding = match other.or(agreed.first()) {
                Some(other) => {
                    finding.related(other.file, all.key_span(other.file, &other.pointer), "the other demand")
                }
                None => finding,
            };
            found
                .push(finding.help("every rule with this identifier feeds every control with it: agree on one demand"));
        }
    }
}
