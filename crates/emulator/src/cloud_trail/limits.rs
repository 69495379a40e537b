//! Every limit of the operations of CloudTrail served here, as data.
//!
//! One constant per shape of the service model (botocore, `cloudtrail/2013-11-01/service-2.json`), with the name in the model.
//! `tests/emulator` checks every constraint of the installed botocore model against the running server.

use crate::cloud_trail::patterns;
use crate::protocol::shape::{Member, NO_LIMIT, Shape, at_least_one, list_of, matching, optional, required, text};

// Strings.

static TEXT: Shape = text(0, NO_LIMIT);
static TAG_KEY: Shape = text(1, 128);
static TAG_VALUE: Shape = text(1, 256);
static SELECTOR_NAME: Shape = matching(0, 1000, &patterns::ANY_LINE);
static SELECTOR_FIELD: Shape = matching(1, 1000, &patterns::FIELD);
static OPERATOR_VALUE: Shape = matching(1, 2048, &patterns::LINE);

// Enums.

static READ_WRITE_TYPE: Shape = Shape::Enum(&["ReadOnly", "WriteOnly", "All"]);

// Numbers, lists, maps and nested structures.

static BOOLEAN: Shape = Shape::Boolean;
static TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), optional("Value", &TAG_VALUE)]);
static TAGS_LIST: Shape = Shape::List { member: &TAG, min: 0, max: 200 };
static TRAIL_NAME_LIST: Shape = list_of(&TEXT);
static DATA_RESOURCE_VALUES: Shape = list_of(&TEXT);
static DATA_RESOURCE: Shape = Shape::Structure(&[optional("Type", &TEXT), optional("Values", &DATA_RESOURCE_VALUES)]);
static DATA_RESOURCES: Shape = list_of(&DATA_RESOURCE);
static EXCLUDE_MANAGEMENT_EVENT_SOURCES: Shape = list_of(&TEXT);
static EVENT_SELECTOR: Shape = Shape::Structure(&[
    optional("ReadWriteType", &READ_WRITE_TYPE),
    optional("IncludeManagementEvents", &BOOLEAN),
    optional("DataResources", &DATA_RESOURCES),
    optional("ExcludeManagementEventSources", &EXCLUDE_MANAGEMENT_EVENT_SOURCES),
]);
static EVENT_SELECTORS: Shape = list_of(&EVENT_SELECTOR);
static OPERATOR: Shape = at_least_one(&OPERATOR_VALUE);
static ADVANCED_FIELD_SELECTOR: Shape = Shape::Structure(&[
    required("Field", &SELECTOR_FIELD),
    optional("Equals", &OPERATOR),
    optional("StartsWith", &OPERATOR),
    optional("EndsWith", &OPERATOR),
    optional("NotEquals", &OPERATOR),
    optional("NotStartsWith", &OPERATOR),
    optional("NotEndsWith", &OPERATOR),
]);
static ADVANCED_FIELD_SELECTORS: Shape = at_least_one(&ADVANCED_FIELD_SELECTOR);
static ADVANCED_EVENT_SELECTOR: Shape =
    Shape::Structure(&[optional("Name", &SELECTOR_NAME), required("FieldSelectors", &ADVANCED_FIELD_SELECTORS)]);
static ADVANCED_EVENT_SELECTORS: Shape = list_of(&ADVANCED_EVENT_SELECTOR);

// Inputs of the operations.

pub(crate) static CREATE_TRAIL: &[Member] = &[
    required("Name", &TEXT),
    required("S3BucketName", &TEXT),
    optional("S3KeyPrefix", &TEXT),
    optional("SnsTopicName", &TEXT),
    optional("IncludeGlobalServiceEvents", &BOOLEAN),
    optional("IsMultiRegionTrail", &BOOLEAN),
    optional("EnableLogFileValidation", &BOOLEAN),
    optional("CloudWatchLogsLogGroupArn", &TEXT),
    optional("CloudWatchLogsRoleArn", &TEXT),
    optional("KmsKeyId", &TEXT),
    optional("IsOrganizationTrail", &BOOLEAN),
    optional("TagsList", &TAGS_LIST),
    optional("RecursiveLogging", &BOOLEAN),
];

pub(crate) static DESCRIBE_TRAILS: &[Member] =
    &[optional("trailNameList", &TRAIL_NAME_LIST), optional("includeShadowTrails", &BOOLEAN)];

pub(crate) static GET_TRAIL_STATUS: &[Member] = &[required("Name", &TEXT)];

pub(crate) static START_LOGGING: &[Member] = GET_TRAIL_STATUS;

pub(crate) static STOP_LOGGING: &[Member] = GET_TRAIL_STATUS;

pub(crate) static DELETE_TRAIL: &[Member] = GET_TRAIL_STATUS;

pub(crate) static GET_EVENT_SELECTORS: &[Member] = &[required("TrailName", &TEXT)];

pub(crate) static PUT_EVENT_SELECTORS: &[Member] = &[
    required("TrailName", &TEXT),
    optional("EventSelectors", &EVENT_SELECTORS),
    optional("AdvancedEventSelectors", &ADVANCED_EVENT_SELECTORS),
];
