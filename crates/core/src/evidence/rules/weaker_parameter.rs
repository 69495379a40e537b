use crate::demand::{Demand, ParameterType};
use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, rules_in_words};
use crate::evidence::facts::ConfigRule;
use crate::evidence::need::WhichRules;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "weaker-parameter",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A deployed rule checks less than the control demands.",
    why: "The control says with `requiredParameters` what it demands of its rule. A rule with a laxer value finds resources compliant \
          that are not, and its evidence proves too little. Audit Manager collects from every rule with the identifier: if some meet \
          the demand, this is a warning, because the others still add weaker evidence.\n\n\
          Change the parameter of the rule where it is deployed, or the demand in the file if that is wrong. AWS Config passes every \
          parameter as a string; its type says how values compare.",
};

/// Type of a parameter; that of a custom rule is not known, so that numbers compare as numbers and everything else exactly.
fn type_of(which: WhichRules<'_>, name: &str, demand: &Demand) -> ParameterType {
    let WhichRules::Managed { rule: Some(rule), .. } = which else {
        let bounded = demand.at_most.is_some() || demand.at_least.is_some();
        return if bounded { ParameterType::Double } else { ParameterType::String };
    };
    rule.parameter(name).map_or(ParameterType::String, |parameter| parameter.of)
}

/// Whether a value of a parameter is what the control demands.
pub(crate) fn is_met(which: WhichRules<'_>, name: &str, demand: &Demand, value: &str) -> bool {
    demand.is_met(value, type_of(which, name, demand))
}

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    for (name, demand) in &subject.source.required_parameters {
        let set: Vec<(&ConfigRule, &String)> =
            subject.rules.iter().filter_map(|rule| Some((*rule, rule.parameters.get(name)?))).collect();
        let weaker: Vec<_> = set.iter().filter(|(_, value)| !is_met(subject.need.which, name, demand, value)).collect();
        let Some((_, value)) = weaker.first() else { continue };
        let level = if weaker.len() < set.len() { Level::Warning } else { Level::Error };
        let names: Vec<&str> = weaker.iter().map(|(rule, _)| rule.name.as_str()).collect();
        let message = format!("`{name}` is `{value}` in {}; the control demands {demand}", rules_in_words(&names));
        let help = "change the parameter of the rule where it is deployed";
        found.problem_at(&RULE, level, &format!("requiredParameters/{name}"), message, help);
    }
}
