//! What aggregators have: rows of rules and packs with account and Region, but without the identifiers of rules.
//!
//! A list has the accounts of the emulator first and generated ones after them; it starts at any row without going through
//! those before.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::aggregators::{self, Sources};
use crate::config::generated::{Generated, GeneratedPlace};
use crate::config::pack_compliance::{self, RuleCounts};
use crate::config::results::{self, Compliance, RuleResults};
use crate::config::rules;
use crate::config::state::ConfigState;
use crate::protocol::operation::{Context, Everywhere, Outcome, text};
use crate::protocol::pages::Page;
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;

/// Rows on a page without a limit: the maximum.
const PAGE_SIZE: usize = 1000;

/// Results on a page without a limit.
const DETAILS_PAGE_SIZE: usize = 50;

/// Packs on a page without a limit.
const PACKS_PAGE_SIZE: usize = 100;

/// What aggregators have of resources and rules.
const AGGREGATED: [Compliance; 2] = [Compliance::Compliant, Compliance::NonCompliant];

type Here<'a> = Context<'a, ServiceOptions>;
type All<'a> = Everywhere<'a, ConfigState>;

/// What an aggregator reads, and the filters of a request.
struct View<'a> {
    all: &'a All<'a>,
    sources: Sources,
    account: Option<&'a str>,
    region: Option<&'a str>,
}

/// An account in a Region.
enum Place<'a> {
    Known(&'a str, &'a str, &'a ConfigState),
    Generated(&'a Generated, GeneratedPlace<'a>),
}

impl<'a> View<'a> {
    fn new(all: &'a All<'a>, input: &'a Value) -> Result<Self, Rejection> {
        let filters = &input["Filters"];
        let sources = aggregators::sources(all.own, input)?;
        Ok(Self { all, sources, account: filters["AccountId"].as_str(), region: filters["AwsRegion"].as_str() })
    }

    fn includes(&self, account: &str, region: &str) -> bool {
        self.sources.include(account, region)
            && self.account.is_none_or(|asked| asked == account)
            && self.region.is_none_or(|asked| asked == region)
    }

    /// The accounts and Regions with their keys, from that of a key on.
    fn places(&self, after: Option<&str>) -> impl Iterator<Item = (String, Place<'_>)> + use<'_, 'a> {
        let from = after.unwrap_or_default().to_owned();
        let first = from.strip_prefix("2\0").and_then(|rest| rest.get(..12)?.parse().ok()).unwrap_or(0);
        let known = self.all.places.iter().map(|((account, region), state)| {
            (format!("1\0{account}\0{region}\0"), Place::Known(account, region, state))
        });
        // The key of a place is the start of those of its rows.
        let known = known.filter(move |(key, _)| *key >= from || from.starts_with(key.as_str()));
        let generated = self.all.own.generated.iter().flat_map(move |generated| {
            let places = generated.places(first, self.account);
            places.map(move |place| (format!("2\0{:012}\0", place.number), Place::Generated(generated, place)))
        });
        known.chain(generated).filter(|(_, place)| {
            let (account, region) = place.id();
            self.includes(account, region)
        })
    }
}

impl<'a> Place<'a> {
    fn id(&self) -> (&str, &str) {
        match self {
            Self::Known(account, region, _) => (account, region),
            Self::Generated(_, place) => (&place.account, place.region),
        }
    }

    /// The rules that have results; only one of them if its name is given. Each has a key, in their order.
    fn rules(&self, name: Option<&'a str>) -> Box<dyn Iterator<Item = (String, String, Cow<'a, RuleResults>)> + '_> {
        match self {
            Self::Known(_, _, state) => {
                let rules = state.results.iter().filter(move |(rule, _)| name.is_none_or(|name| rule.as_str() == name));
                let rules = rules.filter(|(_, results)| AGGREGATED.contains(&results.status()));
                Box::new(rules.map(|(rule, results)| (rule.clone(), rule.clone(), Cow::Borrowed(results.as_ref()))))
            }
            Self::Generated(generated, place) => {
                let numbers = match name {
                    None => 0..generated.rules(),
                    Some(name) => generated.rule_number(place, name).map_or(0..0, |number| number..number + 1),
                };
                Box::new(numbers.map(|number| {
                    let results = Cow::Owned(generated.results(place, number));
                    (format!("{number:012}"), generated.rule_name(place, number), results)
                }))
            }
        }
    }

    /// The statuses of the rules that have results. Those of generated rules are not made up for it.
    fn statuses(&self) -> RuleCounts {
        match self {
            Self::Known(..) => RuleCounts::of(self.rules(None).map(|(_, _, results)| results.status())),
            Self::Generated(generated, place) => RuleCounts::of((0..generated.rules()).map(|rule| {
                if generated.is_non_compliant(place, rule) { Compliance::NonCompliant } else { Compliance::Compliant }
            })),
        }
    }

    /// The packs with the statuses of their rules.
    fn packs(&self) -> Vec<(&str, RuleCounts)> {
        match self {
            Self::Known(_, _, state) => {
                let packs = state.packs.keys().map(|pack| {
                    let rules = pack_compliance::rules_of(state, pack);
                    (pack.as_str(), RuleCounts::of(rules.map(|(rule, _)| state.results_of(rule).status())))
                });
                packs.collect()
            }
            Self::Generated(generated, _) => {
                generated.pack.iter().map(|pack| (pack.as_str(), self.statuses())).collect()
            }
        }
    }
}

fn page<I: Iterator<Item = (String, Value)>>(
    context: &Here,
    input: &Value,
    size: usize,
    kind: &str,
    items: impl FnOnce(Option<&str>) -> I,
) -> Result<Page, Rejection> {
    let list = format!("{kind}/{}/{}", input["ConfigurationAggregatorName"], input["Filters"]);
    rules::page_from(context, input, size, &list, items)
}

pub(crate) fn by_rule(all: &All, context: &Here, input: &Value) -> Outcome {
    let view = View::new(all, input)?;
    let filters = &input["Filters"];
    let (name, status) = (filters["ConfigRuleName"].as_str(), filters["ComplianceType"].as_str());
    let items = |after: Option<&str>| {
        view.places(after).flat_map(move |(place_key, place)| {
            let (account, region) = place.id();
            let rules =
                place.rules(name).filter(move |(_, _, results)| status.is_none_or(|of| results.status().name() == of));
            let rows = rules.map(|(key, rule, results)| {
                let row = json!({
                    "ConfigRuleName": rule,
                    "Compliance": results.compliance(&AGGREGATED),
                    "AccountId": account,
                    "AwsRegion": region,
                });
                (format!("{place_key}{key}"), row)
            });
            rows.collect::<Vec<_>>()
        })
    };
    let page = page(context, input, PAGE_SIZE, "aggregate rules", items)?;
    Ok(Some(rules::answer("AggregateComplianceByConfigRules", page)))
}

pub(crate) fn details(all: &All, context: &Here, input: &Value) -> Outcome {
    let sources = aggregators::sources(all.own, input)?;
    let (account, region, rule) = (text(input, "AccountId"), text(input, "AwsRegion"), text(input, "ConfigRuleName"));
    let wanted = match input["ComplianceType"].as_str() {
        None => &AGGREGATED[..],
        Some("COMPLIANT") => &AGGREGATED[..1],
        Some("NON_COMPLIANT") => &AGGREGATED[1..],
        Some(_) => {
            let message = "The ComplianceType must be COMPLIANT or NON_COMPLIANT.";
            return Err(Rejection::new("ValidationException", message));
        }
    };
    let view = View { all, sources, account: Some(account), region: Some(region) };
    let found = view
        .places(None)
        .find_map(|(_, place)| place.rules(Some(rule)).next().map(|(_, _, results)| results.into_owned()));
    let results = found.unwrap_or_default();
    let items = |after: Option<&str>| {
        results.from(after, wanted).map(|(key, evaluation)| {
            let mut view = evaluation.on_wire(rule);
            view["AccountId"] = Value::from(account);
            view["AwsRegion"] = Value::from(region);
            (key, view)
        })
    };
    let list = format!("aggregate details/{account}/{region}/{rule}/{}", input["ComplianceType"]);
    let page = page(context, input, DETAILS_PAGE_SIZE, &list, items)?;
    Ok(Some(rules::answer("AggregateEvaluationResults", page)))
}

pub(crate) fn summary(all: &All, context: &Here, input: &Value) -> Outcome {
    let view = View::new(all, input)?;
    let group = input["GroupByKey"].as_str();
    let mut groups: BTreeMap<String, RuleCounts> = BTreeMap::new();
    for (_, place) in view.places(None) {
        let (account, region) = place.id();
        let name = match group {
            Some("ACCOUNT_ID") => account,
            Some(_) => region,
            None => "",
        };
        groups.entry(name.to_owned()).or_default().add(&place.statuses());
    }
    let views = groups.into_iter().map(|(name, counts)| {
        let mut view = json!({ "ComplianceSummary": {
            "CompliantResourceCount": results::capped(counts.compliant, results::MAX_RULES),
            "NonCompliantResourceCount": results::capped(counts.non_compliant, results::MAX_RULES),
            "ComplianceSummaryTimestamp": context.now.seconds(false),
        } });
        if group.is_some() {
            view["GroupName"] = Value::from(name.as_str());
        }
        (name, view)
    });
    let page = page(context, input, PAGE_SIZE, &format!("summary/{}", input["GroupByKey"]), |_| views)?;
    let mut answer = rules::answer("AggregateComplianceCounts", page);
    if let Some(group) = group {
        answer["GroupByKey"] = Value::from(group);
    }
    Ok(Some(answer))
}

pub(crate) fn by_pack(all: &All, context: &Here, input: &Value) -> Outcome {
    let view = View::new(all, input)?;
    let filters = &input["Filters"];
    let (name, status) = (filters["ConformancePackName"].as_str(), filters["ComplianceType"].as_str());
    let items = |after: Option<&str>| {
        view.places(after).flat_map(move |(place_key, place)| {
            let (account, region) = place.id();
            let packs = place.packs().into_iter().filter(|(pack, counts)| {
                name.is_none_or(|name| name == *pack) && status.is_none_or(|status| status == counts.status().name())
            });
            let rows = packs.map(|(pack, counts)| {
                let compliance = json!({
                    "ComplianceType": counts.status().name(),
                    "CompliantRuleCount": counts.compliant,
                    "NonCompliantRuleCount": counts.non_compliant,
                    "TotalRuleCount": counts.rules,
                });
                let row =
                    json!({ "ConformancePackName": pack, "Compliance": compliance, "AccountId": account, "AwsRegion": region });
                (format!("{place_key}{pack}"), row)
            });
            rows.collect::<Vec<_>>()
        })
    };
    let page = page(context, input, PACKS_PAGE_SIZE, "aggregate packs", items)?;
    Ok(Some(rules::answer("AggregateComplianceByConformancePacks", page)))
}
