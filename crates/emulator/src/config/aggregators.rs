//! Aggregators: what they read, and from where.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::config::rules;
use crate::config::state::{Aggregator, ConfigState};
use crate::protocol::operation::{Context, Everywhere, Outcome, copy, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::token;

/// Items on a page without a limit.
const PAGE_SIZE: usize = 100;

/// Aggregators of an account (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>).
const MAX_AGGREGATORS: usize = 50;

type Here<'a> = Context<'a, ServiceOptions>;

/// Where an aggregator reads.
#[derive(Debug)]
pub(crate) struct Sources {
    /// `None` for all accounts of the organization.
    accounts: Option<BTreeSet<String>>,
    /// `None` for all Regions.
    regions: Option<BTreeSet<String>>,
}

impl Sources {
    fn of(aggregator: &Aggregator) -> Self {
        let of_accounts = &aggregator.wire["AccountAggregationSources"][0];
        let of_organization = &aggregator.wire["OrganizationAggregationSource"];
        let source = if of_accounts.is_null() { of_organization } else { of_accounts };
        let set = |name: &str| texts(source, name).map(|items| items.into_iter().collect());
        Self { accounts: set("AccountIds"), regions: set("AwsRegions") }
    }

    /// Whether the aggregator reads an account in a Region.
    pub(crate) fn include(&self, account: &str, region: &str) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains(account))
            && self.regions.as_ref().is_none_or(|regions| regions.contains(region))
    }
}

/// The sources of the aggregator that a request names.
pub(crate) fn sources(state: &ConfigState, input: &Value) -> Result<Sources, Rejection> {
    let found = state.aggregators.get(text(input, "ConfigurationAggregatorName"));
    found.map(Sources::of).ok_or_else(|| {
        missing("The configuration aggregator does not exist. Check the configuration aggregator name and try again.")
    })
}

fn missing(message: &str) -> Rejection {
    Rejection::new("NoSuchConfigurationAggregatorException", message)
}

pub(crate) fn put(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    check(context, input)?;
    let name = text(input, "ConfigurationAggregatorName");
    let before = state.aggregators.get(name);
    if before.is_none() && state.aggregators.len() >= MAX_AGGREGATORS {
        let message = "The maximum number of configuration aggregators in the account is reached.";
        return Err(Rejection::new("LimitExceededException", message));
    }
    let id =
        format!("config-aggregator/config-aggregator-{:08x}", token::checksum(&format!("{name}/{}", context.now.0)));
    let arn = before.map_or_else(
        || Value::from(context.arn("config", &id)),
        |before| before.wire["ConfigurationAggregatorArn"].clone(),
    );
    let mut wire = json!({ "ConfigurationAggregatorName": name, "ConfigurationAggregatorArn": arn });
    copy(input, &mut wire, &["OrganizationAggregationSource", "AggregatorFilters"]);
    if has_accounts(input) {
        copy(input, &mut wire, &["AccountAggregationSources"]);
    }
    let created = before.map_or(context.now, |before| before.created);
    let aggregator = Aggregator { wire, created, updated: context.now };
    let answer = json!({ "ConfigurationAggregator": on_wire(&aggregator) });
    state.aggregators.insert(name.to_owned(), aggregator);
    Ok(Some(answer))
}

fn has_accounts(input: &Value) -> bool {
    input["AccountAggregationSources"].as_array().is_some_and(|sources| !sources.is_empty())
}

/// Checks the sources of an aggregator.
fn check(context: &Here, input: &Value) -> Result<(), Rejection> {
    let organization = &input["OrganizationAggregationSource"];
    let source = match (has_accounts(input), organization.is_null()) {
        (true, true) => &input["AccountAggregationSources"][0],
        (false, false) => organization,
        (has_accounts, _) => {
            let what = if has_accounts { "contains both" } else { "is missing either" };
            return Err(rules::invalid(format!(
                "The configuration aggregator cannot be created because your request {what} the AccountAggregationSource \
                 and the OrganizationAggregationSource. Include only one aggregation source and try again."
            )));
        }
    };
    let all = source["AllAwsRegions"] == true;
    if all != source["AwsRegions"].is_null() {
        let what = if all { "both" } else { "neither" };
        return Err(rules::invalid(format!(
            "Your request has {what} AllAwsRegions and AwsRegions. Use one of them and try again."
        )));
    }
    if !organization.is_null() {
        let role = text(organization, "RoleArn");
        if !role.starts_with("arn:aws:iam::") || !role.contains(":role/") {
            return Err(Rejection::new("InvalidRoleException", format!("The role {role} is not valid.")));
        }
        if context.account != context.home {
            let message = "The account is neither the management account nor a delegated administrator.";
            return Err(Rejection::new("OrganizationAccessDeniedException", message));
        }
    }
    Ok(())
}

fn on_wire(aggregator: &Aggregator) -> Value {
    let mut view = aggregator.wire.clone();
    view["CreationTime"] = aggregator.created.seconds(false);
    view["LastUpdatedTime"] = aggregator.updated.seconds(false);
    view
}

pub(crate) fn describe(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let names = texts(input, "ConfigurationAggregatorNames").filter(|names| !names.is_empty());
    if names.iter().flatten().any(|name| !state.aggregators.contains_key(name)) {
        return Err(missing(
            "At least one of the configuration aggregators does not exist. Check the configuration aggregator names and \
             try again.",
        ));
    }
    let asked = state.aggregators.iter().filter(|(name, _)| names.as_ref().is_none_or(|names| names.contains(name)));
    let views = asked.map(|(name, aggregator)| (name.clone(), on_wire(aggregator)));
    let page = rules::page(context, input, PAGE_SIZE, "aggregators", views)?;
    Ok(Some(rules::answer("ConfigurationAggregators", page)))
}

pub(crate) fn delete(state: &mut ConfigState, _: &Here, input: &Value) -> Outcome {
    sources(state, input)?;
    state.aggregators.remove(text(input, "ConfigurationAggregatorName"));
    Ok(None)
}

/// The accounts and Regions of an aggregator, and whether it can read them.
fn places(all: &Everywhere<ConfigState>, sources: &Sources) -> Vec<(String, String, bool)> {
    let mut places: BTreeSet<(String, String)> =
        all.places.keys().map(|(account, region)| ((*account).to_owned(), (*region).to_owned())).collect();
    if let Some(generated) = &all.own.generated {
        places.extend(generated.places(0, None).map(|place| (place.account, place.region.to_owned())));
    }
    let regions: BTreeSet<String> = match &sources.regions {
        Some(regions) => regions.clone(),
        None => places.iter().map(|(_, region)| region.clone()).collect(),
    };
    let accounts: BTreeSet<String> = match &sources.accounts {
        Some(accounts) => accounts.clone(),
        None => places.iter().map(|(account, _)| account.clone()).collect(),
    };
    let asked = accounts.iter().flat_map(|account| regions.iter().map(move |region| (account.clone(), region.clone())));
    asked.map(|place| (place.0.clone(), place.1.clone(), places.contains(&place))).collect()
}

pub(crate) fn statuses(all: &Everywhere<ConfigState>, context: &Here, input: &Value) -> Outcome {
    let sources = sources(all.own, input)?;
    let wanted = texts(input, "UpdateStatus");
    let now = context.now.seconds(false);
    let views = places(all, &sources).into_iter().map(|(account, region, is_read)| {
        let mut view = json!({
            "SourceId": account,
            "SourceType": "ACCOUNT",
            "AwsRegion": region,
            "LastUpdateStatus": if is_read { "SUCCEEDED" } else { "FAILED" },
            "LastUpdateTime": now,
        });
        if !is_read {
            view["LastErrorCode"] = Value::from("AccessDeniedException");
            view["LastErrorMessage"] = Value::from("The account has not authorized the aggregator in this Region.");
        }
        (format!("{account}/{region}"), view)
    });
    let is_wanted = |view: &Value| {
        let status = text(view, "LastUpdateStatus");
        wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == status))
    };
    let views = views.filter(|(_, view)| is_wanted(view));
    let list = format!("sources/{}/{}", input["ConfigurationAggregatorName"], input["UpdateStatus"]);
    let page = rules::page(context, input, PAGE_SIZE, &list, views)?;
    Ok(Some(rules::answer("AggregatedSourceStatusList", page)))
}
