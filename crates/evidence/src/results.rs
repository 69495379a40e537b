//! AWS Config: what its rules say, in one account and in an aggregator. Rows are given to a visitor; none is kept.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::{
    AggregateComplianceByConfigRule, AggregatedSourceStatusType, Compliance, ComplianceType, ConfigurationAggregator,
    EvaluationResultIdentifier,
};
use controlsync_aws::{all_pages, each_item};
use controlsync_core::change_result::Failure;
use controlsync_core::compliance::facts::{Aggregator, Resource, ResourceRow, RuleResult, RuleRow};
use controlsync_core::evidence::facts::Place;

use crate::answer::required;
use crate::services::Client;

type Config = Client<aws_sdk_config::Client>;

/// Names of rules in a request
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html>).
const NAMES: usize = 25;
/// Results on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html>).
const DETAILS: i32 = 100;
/// Rows on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>).
const ROWS: i32 = 1000;

/// Reads the results of rules of the account itself.
pub(crate) async fn of_rules(
    client: &Config,
    place: &Place,
    names: &[&str],
    mut visit: impl FnMut(RuleRow),
) -> Result<(), Failure> {
    const OPERATION: &str = "DescribeComplianceByConfigRule";
    for names in names.chunks(NAMES) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let request = client.sdk.describe_compliance_by_config_rule().set_config_rule_names(Some(names));
        let page = |token| {
            let request = request.clone().set_next_token(token);
            async move {
                let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
                let rows = required(OPERATION, "results", answer.compliance_by_config_rules)?;
                let rows: Result<Vec<RuleRow>, Failure> = rows
                    .into_iter()
                    .map(|row| rule_row(OPERATION, place.clone(), row.config_rule_name, row.compliance))
                    .collect();
                Ok((rows?, answer.next_token))
            }
        };
        each_item(OPERATION, |row: &RuleRow| row.rule.clone(), page, &mut visit).await?;
    }
    Ok(())
}

/// Reads the resources of the account itself that a rule found not compliant.
pub(crate) async fn of_resources(
    client: &Config,
    row: &RuleRow,
    mut visit: impl FnMut(ResourceRow),
) -> Result<(), Failure> {
    const OPERATION: &str = "GetComplianceDetailsByConfigRule";
    let request = client.sdk.get_compliance_details_by_config_rule().config_rule_name(&row.rule);
    let request = request.compliance_types(ComplianceType::NonCompliant).limit(DETAILS);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            let results = required(OPERATION, "results", answer.evaluation_results)?;
            let resources = results.into_iter().map(|result| resource(OPERATION, result.evaluation_result_identifier));
            Ok((resources.collect::<Result<Vec<_>, _>>()?, answer.next_token))
        }
    };
    each_item(OPERATION, resource_id, page, |resource| visit(resource_row(row, resource))).await
}

/// Returns an aggregator and the accounts that it has; `None` if it does not exist.
pub(crate) async fn aggregator(client: &Config, name: &str) -> Result<Option<Aggregator>, Failure> {
    let all = aggregators(client).await?;
    let Some(found) = all.into_iter().find(|of| of.configuration_aggregator_name.as_deref() == Some(name)) else {
        return Ok(None);
    };
    let sources = client.of.fact(sources(client, name).await);
    let mut regions = regions(&found);
    if regions.is_empty() {
        // One that collects from all Regions names none.
        let read = sources.known().into_iter().flat_map(BTreeMap::keys);
        regions.extend(read.map(|place| place.region.clone()));
    }
    Ok(Some(Aggregator { name: name.to_owned(), regions, sources }))
}

/// Returns the names of all aggregators.
pub(crate) async fn aggregator_names(client: &Config) -> Result<Vec<String>, Failure> {
    let all = aggregators(client).await?;
    Ok(all.into_iter().filter_map(|of| of.configuration_aggregator_name).collect())
}

async fn aggregators(client: &Config) -> Result<Vec<ConfigurationAggregator>, Failure> {
    const OPERATION: &str = "DescribeConfigurationAggregators";
    let page = |token| {
        let request = client.sdk.describe_configuration_aggregators().limit(100).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "aggregators", answer.configuration_aggregators)?, answer.next_token))
        }
    };
    all_pages(OPERATION, |of| of.configuration_aggregator_name.clone().unwrap_or_default(), page).await
}

fn regions(aggregator: &ConfigurationAggregator) -> BTreeSet<String> {
    let accounts = aggregator.account_aggregation_sources.iter().flatten().filter_map(|of| of.aws_regions.as_ref());
    let organization = aggregator.organization_aggregation_source.iter().filter_map(|of| of.aws_regions.as_ref());
    accounts.chain(organization).flatten().cloned().collect()
}

/// Returns the accounts and Regions of an aggregator, with the error of those whose last update failed.
async fn sources(client: &Config, name: &str) -> Result<BTreeMap<Place, Option<String>>, Failure> {
    const OPERATION: &str = "DescribeConfigurationAggregatorSourcesStatus";
    let page = |token| {
        let request = client.sdk.describe_configuration_aggregator_sources_status();
        let request = request.configuration_aggregator_name(name).limit(100).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "status", answer.aggregated_source_status_list)?, answer.next_token))
        }
    };
    let mut sources = BTreeMap::new();
    let visit = |status: aws_sdk_config::types::AggregatedSourceStatus| {
        let account = status.source_id.unwrap_or_default();
        // The status of an organization is no account.
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
            let failed = status.last_update_status == Some(AggregatedSourceStatusType::Failed);
            let error = status.last_error_message.or(status.last_error_code);
            let error = failed.then(|| error.unwrap_or_else(|| "AWS Config does not say why".to_owned()));
            sources.insert(Place { account, region: status.aws_region.unwrap_or_default() }, error);
        }
    };
    let id = |status: &aws_sdk_config::types::AggregatedSourceStatus| {
        format!("{:?} {:?}", status.source_id, status.aws_region)
    };
    each_item(OPERATION, id, page, visit).await?;
    Ok(sources)
}

/// Reads the results of all rules of an aggregator.
pub(crate) async fn of_aggregator(client: &Config, name: &str, visit: impl FnMut(RuleRow)) -> Result<(), Failure> {
    const OPERATION: &str = "DescribeAggregateComplianceByConfigRules";
    let page = |token| {
        let request = client.sdk.describe_aggregate_compliance_by_config_rules();
        let request = request.configuration_aggregator_name(name).limit(ROWS).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            let rows = required(OPERATION, "results", answer.aggregate_compliance_by_config_rules)?;
            let rows: Result<Vec<RuleRow>, Failure> =
                rows.into_iter().map(|row| aggregate_row(OPERATION, row)).collect();
            Ok((rows?, answer.next_token))
        }
    };
    let id = |row: &RuleRow| format!("{} {} {}", row.place.account, row.place.region, row.rule);
    each_item(OPERATION, id, page, visit).await
}

/// Reads the resources of an aggregator that a rule in an account found not compliant.
pub(crate) async fn resources_of_aggregator(
    client: &Config,
    name: &str,
    row: &RuleRow,
    mut visit: impl FnMut(ResourceRow),
) -> Result<(), Failure> {
    const OPERATION: &str = "GetAggregateComplianceDetailsByConfigRule";
    let request = client.sdk.get_aggregate_compliance_details_by_config_rule().configuration_aggregator_name(name);
    let request = request.config_rule_name(&row.rule).account_id(&row.place.account).aws_region(&row.place.region);
    let request = request.compliance_type(ComplianceType::NonCompliant).limit(DETAILS);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            let results = required(OPERATION, "results", answer.aggregate_evaluation_results)?;
            let resources = results.into_iter().map(|result| resource(OPERATION, result.evaluation_result_identifier));
            Ok((resources.collect::<Result<Vec<_>, _>>()?, answer.next_token))
        }
    };
    each_item(OPERATION, resource_id, page, |resource| visit(resource_row(row, resource))).await
}

fn aggregate_row(operation: &'static str, row: AggregateComplianceByConfigRule) -> Result<RuleRow, Failure> {
    let place = Place {
        account: required(operation, "account of a result", row.account_id)?,
        region: required(operation, "Region of a result", row.aws_region)?,
    };
    rule_row(operation, place, row.config_rule_name, row.compliance)
}

fn rule_row(
    operation: &'static str,
    place: Place,
    name: Option<String>,
    compliance: Option<Compliance>,
) -> Result<RuleRow, Failure> {
    let compliance = required(operation, "compliance of a rule", compliance)?;
    let count = compliance.compliance_contributor_count.map_or(0, |count| count.capped_count);
    Ok(RuleRow {
        place,
        rule: required(operation, "name of a rule", name)?,
        result: match required(operation, "compliance of a rule", compliance.compliance_type)? {
            ComplianceType::Compliant => RuleResult::Compliant,
            ComplianceType::NonCompliant => RuleResult::NonCompliant,
            ComplianceType::NotApplicable => RuleResult::NotApplicable,
            ComplianceType::InsufficientData => RuleResult::InsufficientData,
            other => return Err(Failure::new(operation, format!("unknown compliance `{}`", other.as_str()))),
        },
        resources: u32::try_from(count).unwrap_or_default(),
    })
}

fn resource(operation: &'static str, identifier: Option<EvaluationResultIdentifier>) -> Result<Resource, Failure> {
    let qualifier = identifier.and_then(|identifier| identifier.evaluation_result_qualifier);
    let qualifier = required(operation, "resource of a result", qualifier)?;
    Ok(Resource {
        kind: required(operation, "type of a resource", qualifier.resource_type)?,
        id: required(operation, "ID of a resource", qualifier.resource_id)?,
    })
}

fn resource_id(resource: &Resource) -> String {
    format!("{} {}", resource.kind, resource.id)
}

fn resource_row(row: &RuleRow, resource: Resource) -> ResourceRow {
    ResourceRow { place: row.place.clone(), rule: row.rule.clone(), resource }
}
