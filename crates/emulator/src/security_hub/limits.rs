//! Every limit of the operations of Security Hub served here, as data.
//!
//! One constant per shape of the service model (botocore, `securityhub/2018-10-26/service-2.json`), with the name in the model.
//! `tests/emulator` checks every constraint of the installed botocore model against the running server.

use crate::protocol::pattern;
use crate::protocol::shape::{
    Member, NO_LIMIT, Shape, label, list_of, matching, optional, query, required, required_query, text,
};

// Strings.

static TAG_KEY: Shape = matching(1, 128, &pattern::TAG_KEY);
static TAG_VALUE: Shape = text(0, 256);
static NON_EMPTY_STRING: Shape = matching(0, NO_LIMIT, &pattern::NOT_BLANK);
static TEXT: Shape = text(0, NO_LIMIT);

// Enums.

static CONTROL_FINDING_GENERATOR: Shape = Shape::Enum(&["STANDARD_CONTROL", "SECURITY_CONTROL"]);
static STANDARDS_PROVIDER: Shape = Shape::Enum(&["AWS", "Azure", "GCP"]);
static CONTROL_STATUS: Shape = Shape::Enum(&["ENABLED", "DISABLED"]);
static SECURITY_CONTROLS_PROVIDER: Shape = Shape::Enum(&["AWS", "Azure", "GCP"]);
static ASSOCIATION_STATUS: Shape = Shape::Enum(&["ENABLED", "DISABLED"]);
static ASSOCIATION_TYPE: Shape = Shape::Enum(&["INHERITED", "APPLIED"]);
static CONFIGURATION_POLICY_ASSOCIATION_STATUS: Shape = Shape::Enum(&["PENDING", "SUCCESS", "FAILED", "DISABLED"]);

// Numbers, lists, maps and nested structures.

static TAG_MAP: Shape = Shape::Map { key: &TAG_KEY, value: &TAG_VALUE, min: 1, max: 50 };
static BOOLEAN: Shape = Shape::Boolean;
pub(super) static MAX_RESULTS: Shape = Shape::Integer { min: 1, max: 100 };
static STANDARDS_PROVIDERS: Shape = list_of(&STANDARDS_PROVIDER);
static STANDARDS_SUBSCRIPTION_ARNS: Shape = Shape::List { member: &NON_EMPTY_STRING, min: 1, max: 25 };
static STANDARDS_INPUT_PARAMETER_MAP: Shape =
    Shape::Map { key: &NON_EMPTY_STRING, value: &NON_EMPTY_STRING, min: 0, max: NO_LIMIT };
static STANDARDS_SUBSCRIPTION_REQUEST: Shape = Shape::Structure(&[
    required("StandardsArn", &NON_EMPTY_STRING),
    optional("StandardsInput", &STANDARDS_INPUT_PARAMETER_MAP),
]);
static STANDARDS_SUBSCRIPTION_REQUESTS: Shape =
    Shape::List { member: &STANDARDS_SUBSCRIPTION_REQUEST, min: 1, max: 25 };
static SECURITY_CONTROLS_PROVIDERS: Shape = list_of(&SECURITY_CONTROLS_PROVIDER);
static STANDARDS_CONTROL_ASSOCIATION_ID: Shape =
    Shape::Structure(&[required("SecurityControlId", &NON_EMPTY_STRING), required("StandardsArn", &NON_EMPTY_STRING)]);
static STANDARDS_CONTROL_ASSOCIATION_IDS: Shape = list_of(&STANDARDS_CONTROL_ASSOCIATION_ID);
static STANDARDS_CONTROL_ASSOCIATION_UPDATE: Shape = Shape::Structure(&[
    required("StandardsArn", &NON_EMPTY_STRING),
    required("SecurityControlId", &NON_EMPTY_STRING),
    required("AssociationStatus", &ASSOCIATION_STATUS),
    optional("UpdatedReason", &NON_EMPTY_STRING),
]);
static STANDARDS_CONTROL_ASSOCIATION_UPDATES: Shape = list_of(&STANDARDS_CONTROL_ASSOCIATION_UPDATE);
static STRING_LIST: Shape = list_of(&NON_EMPTY_STRING);
static ASSOCIATION_FILTERS: Shape = Shape::Structure(&[
    optional("ConfigurationPolicyId", &NON_EMPTY_STRING),
    optional("AssociationType", &ASSOCIATION_TYPE),
    optional("AssociationStatus", &CONFIGURATION_POLICY_ASSOCIATION_STATUS),
]);

// Inputs of the operations.

pub(crate) static ENABLE_SECURITY_HUB: &[Member] = &[
    optional("Tags", &TAG_MAP),
    optional("EnableDefaultStandards", &BOOLEAN),
    optional("ControlFindingGenerator", &CONTROL_FINDING_GENERATOR),
];

pub(crate) static DISABLE_SECURITY_HUB: &[Member] = &[];

pub(crate) static GET_ADMINISTRATOR_ACCOUNT: &[Member] = DISABLE_SECURITY_HUB;

pub(crate) static DESCRIBE_HUB: &[Member] = &[query("HubArn", &NON_EMPTY_STRING)];

pub(crate) static UPDATE_SECURITY_HUB_CONFIGURATION: &[Member] =
    &[optional("AutoEnableControls", &BOOLEAN), optional("ControlFindingGenerator", &CONTROL_FINDING_GENERATOR)];

pub(crate) static DESCRIBE_STANDARDS: &[Member] =
    &[query("NextToken", &TEXT), query("MaxResults", &MAX_RESULTS), query("Providers", &STANDARDS_PROVIDERS)];

pub(crate) static GET_ENABLED_STANDARDS: &[Member] = &[
    optional("StandardsSubscriptionArns", &STANDARDS_SUBSCRIPTION_ARNS),
    optional("NextToken", &TEXT),
    optional("MaxResults", &MAX_RESULTS),
    optional("Providers", &STANDARDS_PROVIDERS),
];

pub(crate) static BATCH_ENABLE_STANDARDS: &[Member] =
    &[required("StandardsSubscriptionRequests", &STANDARDS_SUBSCRIPTION_REQUESTS)];

pub(crate) static BATCH_DISABLE_STANDARDS: &[Member] =
    &[required("StandardsSubscriptionArns", &STANDARDS_SUBSCRIPTION_ARNS)];

pub(crate) static DESCRIBE_STANDARDS_CONTROLS: &[Member] = &[
    label("StandardsSubscriptionArn", &NON_EMPTY_STRING),
    query("NextToken", &TEXT),
    query("MaxResults", &MAX_RESULTS),
];

pub(crate) static UPDATE_STANDARDS_CONTROL: &[Member] = &[
    label("StandardsControlArn", &NON_EMPTY_STRING),
    optional("ControlStatus", &CONTROL_STATUS),
    optional("DisabledReason", &NON_EMPTY_STRING),
];

pub(crate) static LIST_SECURITY_CONTROL_DEFINITIONS: &[Member] = &[
    query("StandardsArn", &NON_EMPTY_STRING),
    query("NextToken", &TEXT),
    query("MaxResults", &MAX_RESULTS),
    query("Providers", &SECURITY_CONTROLS_PROVIDERS),
];

pub(crate) static LIST_STANDARDS_CONTROL_ASSOCIATIONS: &[Member] = &[
    required_query("SecurityControlId", &NON_EMPTY_STRING),
    query("NextToken", &TEXT),
    query("MaxResults", &MAX_RESULTS),
];

pub(crate) static BATCH_GET_STANDARDS_CONTROL_ASSOCIATIONS: &[Member] =
    &[required("StandardsControlAssociationIds", &STANDARDS_CONTROL_ASSOCIATION_IDS)];

pub(crate) static BATCH_UPDATE_STANDARDS_CONTROL_ASSOCIATIONS: &[Member] =
    &[required("StandardsControlAssociationUpdates", &STANDARDS_CONTROL_ASSOCIATION_UPDATES)];

pub(crate) static BATCH_GET_SECURITY_CONTROLS: &[Member] = &[required("SecurityControlIds", &STRING_LIST)];

pub(crate) static DESCRIBE_ORGANIZATION_CONFIGURATION: &[Member] = DISABLE_SECURITY_HUB;

pub(crate) static LIST_CONFIGURATION_POLICY_ASSOCIATIONS: &[Member] =
    &[optional("NextToken", &TEXT), optional("MaxResults", &MAX_RESULTS), optional("Filters", &ASSOCIATION_FILTERS)];

pub(crate) static GET_CONFIGURATION_POLICY: &[Member] = &[label("Identifier", &NON_EMPTY_STRING)];
