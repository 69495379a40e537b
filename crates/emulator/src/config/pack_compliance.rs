//! The compliance of conformance packs of the account.

use serde_json::{Value, json};

use crate::config::compliance::OF_RESOURCES;
use crate::config::packs;
use crate::config::results::{Compliance, Evaluation};
use crate::config::rules;
use crate::config::state::{ConfigState, Rule};
use crate::protocol::operation::{Context, Outcome, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;

/// Items on a page without a limit.
const PAGE_SIZE: usize = 100;

type Here<'a> = Context<'a, ServiceOptions>;

/// The statuses of rules, of a pack or of an account.
#[derive(Debug, Default)]
pub(crate) struct RuleCounts {
    pub(crate) compliant: u64,
    pub(crate) non_compliant: u64,
    pub(crate) rules: u64,
}

impl RuleCounts {
    /// The status of the pack: that of its worst rule, and no data only if no rule has any.
    pub(crate) fn status(&self) -> Compliance {
        match (self.non_compliant, self.compliant) {
            (0, 0) => Compliance::InsufficientData,
            (0, _) => Compliance::Compliant,
            _ => Compliance::NonCompliant,
        }
    }

    /// Counts the statuses of rules.
    pub(crate) fn of(statuses: impl Iterator<Item = Compliance>) -> Self {
        let mut counts = Self::default();
        for status in statuses {
            counts.rules += 1;
            match status {
                Compliance::Compliant => counts.compliant += 1,
                Compliance::NonCompliant => counts.non_compliant += 1,
                Compliance::NotApplicable | Compliance::InsufficientData => {}
            }
        }
        counts
    }

    /// Adds the statuses of other rules.
    pub(crate) fn add(&mut self, other: &Self) {
        self.compliant += other.compliant;
        self.non_compliant += other.non_compliant;
        self.rules += other.rules;
    }
}

/// The rules of a pack, in the order of their names.
pub(crate) fn rules_of<'a>(state: &'a ConfigState, pack: &str) -> impl Iterator<Item = (&'a str, &'a Rule)> {
    let rules = state.rules.iter().filter(move |(_, rule)| rule.pack.as_deref() == Some(pack));
    rules.map(|(name, rule)| (name.as_str(), rule.as_ref()))
}

/// The rules that a request asks for.
fn asked<'a>(state: &'a ConfigState, input: &Value) -> Result<Vec<(&'a str, &'a Rule)>, Rejection> {
    let pack = text(input, "ConformancePackName");
    if !state.packs.contains_key(pack) {
        return Err(packs::unknown(pack));
    }
    let all: Vec<_> = rules_of(state, pack).collect();
    let Some(names) = texts(&input["Filters"], "ConfigRuleNames").filter(|names| !names.is_empty()) else {
        return Ok(all);
    };
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        let message = format!("The conformance pack '{pack}' has no rule '{unknown}'.");
        return Err(Rejection::new("NoSuchConfigRuleInConformancePackException", message));
    }
    Ok(all.into_iter().filter(|(name, _)| names.iter().any(|asked| asked == name)).collect())
}

/// A list of a request: a token is valid for the same filters only.
fn list(kind: &str, input: &Value) -> String {
    format!("{kind}/{}/{}", input["ConformancePackName"], input["Filters"])
}

pub(crate) fn by_rule(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let wanted = input["Filters"]["ComplianceType"].as_str();
    let views = asked(state, input)?.into_iter().map(|(name, rule)| {
        let status = state.results_of(name).status().of_pack_rule();
        let view = json!({ "ConfigRuleName": name, "ComplianceType": status.name(), "Controls": rule.controls });
        (name.to_owned(), view)
    });
    let views = views.filter(|(_, view)| wanted.is_none_or(|wanted| view["ComplianceType"] == wanted));
    let page = rules::page(context, input, PAGE_SIZE, &list("pack compliance", input), views)?;
    let mut answer = rules::answer("ConformancePackRuleComplianceList", page);
    answer["ConformancePackName"] = input["ConformancePackName"].clone();
    Ok(Some(answer))
}

pub(crate) fn details(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let filters = &input["Filters"];
    let wanted = match filters["ComplianceType"].as_str() {
        None => &OF_RESOURCES[..2],
        Some("COMPLIANT") => &OF_RESOURCES[..1],
        Some("NON_COMPLIANT") => &OF_RESOURCES[1..2],
        Some(_) => return Err(rules::invalid("The results of resources have no INSUFFICIENT_DATA.")),
    };
    let (kind, ids) = (filters["ResourceType"].as_str(), texts(filters, "ResourceIds").filter(|ids| !ids.is_empty()));
    if ids.is_some() && kind.is_none() {
        return Err(rules::invalid("ResourceIds can be used only with a ResourceType."));
    }
    let is_asked = |evaluation: &Evaluation| {
        kind.is_none_or(|kind| evaluation.resource_type == kind)
            && ids.as_ref().is_none_or(|ids| ids.contains(&evaluation.resource_id))
    };
    let results: Vec<_> = asked(state, input)?.into_iter().map(|(name, _)| (name, state.results_of(name))).collect();
    let items = |after: Option<&str>| {
        let (rule, key) = after.and_then(|after| after.split_once('\0')).unwrap_or_default();
        let (rule, key) = (rule.to_owned(), key.to_owned());
        let first = rule.clone();
        let later = results.iter().filter(move |(name, _)| **name >= *first);
        let is_asked = &is_asked;
        later.flat_map(move |(name, results)| {
            let after = Some(key.as_str()).filter(|_| **name == *rule);
            let found = results.from(after, wanted).filter(|(_, of)| is_asked(of));
            found.map(move |(key, of)| (format!("{name}\0{key}"), of.on_wire(name)))
        })
    };
    let page = rules::page_from(context, input, PAGE_SIZE, &list("pack details", input), items)?;
    let mut answer = rules::answer("ConformancePackRuleEvaluationResults", page);
    answer["ConformancePackName"] = input["ConformancePackName"].clone();
    Ok(Some(answer))
}
