//! The limits of the operations on aggregators, as in `limits`.

use crate::config::limits::{
    BOOLEAN, COMPLIANCE_TYPE, CONFIG_RULE_NAME, CONFORMANCE_PACK_COMPLIANCE_TYPE, CONFORMANCE_PACK_NAME, LIMIT,
    TAGS_LIST, TEXT,
};
use crate::config::patterns;
use crate::protocol::shape::{Member, NO_LIMIT, Shape, at_least_one, list_of, matching, optional, required, text};

// Strings.

static CONFIGURATION_AGGREGATOR_NAME: Shape = matching(1, 256, &patterns::AGGREGATOR_NAME);
static ACCOUNT_ID: Shape = matching(0, NO_LIMIT, &patterns::ACCOUNT_ID);
static AWS_REGION: Shape = text(1, 64);
static RESOURCE_TYPE_VALUE: Shape = matching(1, 256, &patterns::RESOURCE_TYPE);
static SERVICE_PRINCIPAL_VALUE: Shape = matching(1, 128, &patterns::SERVICE_PRINCIPAL);

// Enums.

static AGGREGATOR_FILTER_TYPE: Shape = Shape::Enum(&["INCLUDE"]);
static AGGREGATED_SOURCE_STATUS_TYPE: Shape = Shape::Enum(&["FAILED", "SUCCEEDED", "OUTDATED"]);
static CONFIG_RULE_COMPLIANCE_SUMMARY_GROUP_KEY: Shape = Shape::Enum(&["ACCOUNT_ID", "AWS_REGION"]);

// Numbers, lists and nested structures.

static GROUP_BY_API_LIMIT: Shape = Shape::Integer { min: 0, max: 1000 };
static ACCOUNT_AGGREGATION_SOURCE_ACCOUNT_LIST: Shape = at_least_one(&ACCOUNT_ID);
static AGGREGATOR_REGION_LIST: Shape = at_least_one(&TEXT);
static ACCOUNT_AGGREGATION_SOURCE: Shape = Shape::Structure(&[
    required("AccountIds", &ACCOUNT_AGGREGATION_SOURCE_ACCOUNT_LIST),
    optional("AllAwsRegions", &BOOLEAN),
    optional("AwsRegions", &AGGREGATOR_REGION_LIST),
]);
static ACCOUNT_AGGREGATION_SOURCE_LIST: Shape = Shape::List { member: &ACCOUNT_AGGREGATION_SOURCE, min: 0, max: 1 };
static ORGANIZATION_AGGREGATION_SOURCE: Shape = Shape::Structure(&[
    required("RoleArn", &TEXT),
    optional("AwsRegions", &AGGREGATOR_REGION_LIST),
    optional("AllAwsRegions", &BOOLEAN),
]);
static RESOURCE_TYPE_VALUE_LIST: Shape = list_of(&RESOURCE_TYPE_VALUE);
static AGGREGATOR_FILTER_RESOURCE_TYPE: Shape =
    Shape::Structure(&[optional("Type", &AGGREGATOR_FILTER_TYPE), optional("Value", &RESOURCE_TYPE_VALUE_LIST)]);
static SERVICE_PRINCIPAL_VALUE_LIST: Shape = list_of(&SERVICE_PRINCIPAL_VALUE);
static AGGREGATOR_FILTER_SERVICE_PRINCIPAL: Shape =
    Shape::Structure(&[optional("Type", &AGGREGATOR_FILTER_TYPE), optional("Value", &SERVICE_PRINCIPAL_VALUE_LIST)]);
static AGGREGATOR_FILTERS: Shape = Shape::Structure(&[
    optional("ResourceType", &AGGREGATOR_FILTER_RESOURCE_TYPE),
    optional("ServicePrincipal", &AGGREGATOR_FILTER_SERVICE_PRINCIPAL),
]);
static CONFIGURATION_AGGREGATOR_NAME_LIST: Shape =
    Shape::List { member: &CONFIGURATION_AGGREGATOR_NAME, min: 0, max: 10 };
static AGGREGATED_SOURCE_STATUS_TYPE_LIST: Shape = at_least_one(&AGGREGATED_SOURCE_STATUS_TYPE);
static CONFIG_RULE_COMPLIANCE_FILTERS: Shape = Shape::Structure(&[
    optional("ConfigRuleName", &CONFIG_RULE_NAME),
    optional("ComplianceType", &COMPLIANCE_TYPE),
    optional("AccountId", &ACCOUNT_ID),
    optional("AwsRegion", &AWS_REGION),
]);
static CONFIG_RULE_COMPLIANCE_SUMMARY_FILTERS: Shape =
    Shape::Structure(&[optional("AccountId", &ACCOUNT_ID), optional("AwsRegion", &AWS_REGION)]);
static AGGREGATE_CONFORMANCE_PACK_COMPLIANCE_FILTERS: Shape = Shape::Structure(&[
    optional("ConformancePackName", &CONFORMANCE_PACK_NAME),
    optional("ComplianceType", &CONFORMANCE_PACK_COMPLIANCE_TYPE),
    optional("AccountId", &ACCOUNT_ID),
    optional("AwsRegion", &AWS_REGION),
]);

// Inputs of the operations.

pub(crate) static PUT_CONFIGURATION_AGGREGATOR: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    optional("AccountAggregationSources", &ACCOUNT_AGGREGATION_SOURCE_LIST),
    optional("OrganizationAggregationSource", &ORGANIZATION_AGGREGATION_SOURCE),
    optional("Tags", &TAGS_LIST),
    optional("AggregatorFilters", &AGGREGATOR_FILTERS),
];

pub(crate) static DESCRIBE_CONFIGURATION_AGGREGATORS: &[Member] = &[
    optional("ConfigurationAggregatorNames", &CONFIGURATION_AGGREGATOR_NAME_LIST),
    optional("NextToken", &TEXT),
    optional("Limit", &LIMIT),
];

pub(crate) static DELETE_CONFIGURATION_AGGREGATOR: &[Member] =
    &[required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME)];

pub(crate) static DESCRIBE_CONFIGURATION_AGGREGATOR_SOURCES_STATUS: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    optional("UpdateStatus", &AGGREGATED_SOURCE_STATUS_TYPE_LIST),
    optional("NextToken", &TEXT),
    optional("Limit", &LIMIT),
];

pub(crate) static DESCRIBE_AGGREGATE_COMPLIANCE_BY_CONFIG_RULES: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    optional("Filters", &CONFIG_RULE_COMPLIANCE_FILTERS),
    optional("Limit", &GROUP_BY_API_LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static GET_AGGREGATE_COMPLIANCE_DETAILS_BY_CONFIG_RULE: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    required("ConfigRuleName", &CONFIG_RULE_NAME),
    required("AccountId", &ACCOUNT_ID),
    required("AwsRegion", &AWS_REGION),
    optional("ComplianceType", &COMPLIANCE_TYPE),
    optional("Limit", &LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static GET_AGGREGATE_CONFIG_RULE_COMPLIANCE_SUMMARY: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    optional("Filters", &CONFIG_RULE_COMPLIANCE_SUMMARY_FILTERS),
    optional("GroupByKey", &CONFIG_RULE_COMPLIANCE_SUMMARY_GROUP_KEY),
    optional("Limit", &GROUP_BY_API_LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static DESCRIBE_AGGREGATE_COMPLIANCE_BY_CONFORMANCE_PACKS: &[Member] = &[
    required("ConfigurationAggregatorName", &CONFIGURATION_AGGREGATOR_NAME),
    optional("Filters", &AGGREGATE_CONFORMANCE_PACK_COMPLIANCE_FILTERS),
    optional("Limit", &LIMIT),
    optional("NextToken", &TEXT),
];
