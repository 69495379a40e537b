//! Every limit of the operations of AWS Config served here, as data.
//!
//! One constant per shape of the service model (botocore, `config/2014-11-12/service-2.json`), with the name in the model.
//! `tests/emulator` checks every constraint of the installed botocore model against the running server.

use crate::config::patterns;
use crate::protocol::pattern;
use crate::protocol::shape::{Member, NO_LIMIT, Shape, list_of, matching, optional, required, text};

// Strings.

static AMAZON_RESOURCE_NAME: Shape = text(1, 1000);
static RECORDER_NAME: Shape = text(1, 256);
pub(super) static TEXT: Shape = text(0, NO_LIMIT);
static DESCRIPTION: Shape = text(1, 256);
static SERVICE_PRINCIPAL: Shape = matching(1, 128, &patterns::SERVICE_PRINCIPAL);
static SCOPE_TYPE: Shape = text(1, 256);
static SCOPE_VALUE: Shape = text(1, 256);
static THIRD_PARTY_CLOUD_REGION: Shape = text(1, 128);
static TAG_KEY: Shape = text(1, 128);
static TAG_VALUE: Shape = text(0, 256);
static CHANNEL_NAME: Shape = text(1, 256);
pub(super) static CONFIG_RULE_NAME: Shape = matching(1, 128, &pattern::NOT_BLANK);
static STRING_WITH_CHAR_LIMIT256: Shape = text(1, 256);
static STRING_WITH_CHAR_LIMIT64: Shape = text(1, 64);
static EMPTIABLE_STRING_WITH_CHAR_LIMIT256: Shape = text(0, 256);
static STRING_WITH_CHAR_LIMIT128: Shape = text(1, 128);
static BASE_RESOURCE_ID: Shape = text(1, 768);
static POLICY_RUNTIME: Shape = matching(1, 64, &patterns::POLICY_RUNTIME);
static POLICY_TEXT: Shape = text(0, 10000);
static STRING_WITH_CHAR_LIMIT1024: Shape = text(1, 1024);
pub(super) static CONFORMANCE_PACK_NAME: Shape = matching(1, 256, &patterns::PACK_NAME);
static TEMPLATE_S3_URI: Shape = matching(1, 1024, &patterns::S3_URI);
static TEMPLATE_BODY: Shape = text(1, 51200);
static DELIVERY_S3_BUCKET: Shape = text(0, 63);
static DELIVERY_S3_KEY_PREFIX: Shape = text(0, 1024);
static PARAMETER_NAME: Shape = text(0, 255);
static PARAMETER_VALUE: Shape = text(0, 4096);
static SSM_DOCUMENT_NAME: Shape = matching(0, NO_LIMIT, &patterns::DOCUMENT_NAME);
static SSM_DOCUMENT_VERSION: Shape = matching(0, NO_LIMIT, &patterns::DOCUMENT_VERSION);
static CONFORMANCE_PACK_SOURCE_IDENTIFIER: Shape = text(1, 256);

// Enums.

static RESOURCE_TYPE: Shape = Shape::Listed(include_str!("data/resource_types.txt"));
static RECORDING_STRATEGY_TYPE: Shape =
    Shape::Enum(&["ALL_SUPPORTED_RESOURCE_TYPES", "INCLUSION_BY_RESOURCE_TYPES", "EXCLUSION_BY_RESOURCE_TYPES"]);
static RECORDING_FREQUENCY: Shape = Shape::Enum(&["CONTINUOUS", "DAILY"]);
static RECORDING_SCOPE: Shape = Shape::Enum(&["INTERNAL", "PAID"]);
static MAXIMUM_EXECUTION_FREQUENCY: Shape =
    Shape::Enum(&["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"]);
static OWNER: Shape = Shape::Enum(&["CUSTOM_LAMBDA", "AWS", "CUSTOM_POLICY"]);
static EVENT_SOURCE: Shape = Shape::Enum(&["aws.config"]);
static MESSAGE_TYPE: Shape = Shape::Enum(&[
    "ConfigurationItemChangeNotification",
    "ConfigurationSnapshotDeliveryCompleted",
    "ScheduledNotification",
    "OversizedConfigurationItemChangeNotification",
]);
static CONFIG_RULE_STATE: Shape = Shape::Enum(&["ACTIVE", "DELETING", "DELETING_RESULTS", "EVALUATING"]);
static EVALUATION_MODE: Shape = Shape::Enum(&["DETECTIVE", "PROACTIVE"]);
static RULE_EVALUATION_VISIBILITY: Shape = Shape::Enum(&["EXTERNAL", "INTERNAL"]);
static CONFORMANCE_PACK_TYPE: Shape = Shape::Enum(&["CUSTOM", "MANAGED"]);
pub(super) static COMPLIANCE_TYPE: Shape =
    Shape::Enum(&["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"]);
pub(super) static CONFORMANCE_PACK_COMPLIANCE_TYPE: Shape =
    Shape::Enum(&["COMPLIANT", "NON_COMPLIANT", "INSUFFICIENT_DATA"]);

// Numbers, lists, maps and nested structures.

pub(super) static BOOLEAN: Shape = Shape::Boolean;
static RESOURCE_TYPE_LIST: Shape = list_of(&RESOURCE_TYPE);
static EXCLUSION_BY_RESOURCE_TYPES: Shape = Shape::Structure(&[optional("resourceTypes", &RESOURCE_TYPE_LIST)]);
static RECORDING_STRATEGY: Shape = Shape::Structure(&[optional("useOnly", &RECORDING_STRATEGY_TYPE)]);
static RECORDING_GROUP: Shape = Shape::Structure(&[
    optional("allSupported", &BOOLEAN),
    optional("includeGlobalResourceTypes", &BOOLEAN),
    optional("resourceTypes", &RESOURCE_TYPE_LIST),
    optional("exclusionByResourceTypes", &EXCLUSION_BY_RESOURCE_TYPES),
    optional("recordingStrategy", &RECORDING_STRATEGY),
]);
static RECORDING_MODE_RESOURCE_TYPES_LIST: Shape = list_of(&RESOURCE_TYPE);
static RECORDING_MODE_OVERRIDE: Shape = Shape::Structure(&[
    optional("description", &DESCRIPTION),
    required("resourceTypes", &RECORDING_MODE_RESOURCE_TYPES_LIST),
    required("recordingFrequency", &RECORDING_FREQUENCY),
]);
static RECORDING_MODE_OVERRIDES: Shape = Shape::List { member: &RECORDING_MODE_OVERRIDE, min: 0, max: 1 };
static RECORDING_MODE: Shape = Shape::Structure(&[
    required("recordingFrequency", &RECORDING_FREQUENCY),
    optional("recordingModeOverrides", &RECORDING_MODE_OVERRIDES),
]);
static SCOPE_VALUES: Shape = list_of(&SCOPE_VALUE);
static INCLUDED_REGIONS: Shape = Shape::List { member: &THIRD_PARTY_CLOUD_REGION, min: 0, max: 200 };
static SCOPE_CONFIGURATION: Shape = Shape::Structure(&[
    required("scopeType", &SCOPE_TYPE),
    optional("scopeValues", &SCOPE_VALUES),
    required("allRegions", &BOOLEAN),
    optional("includedRegions", &INCLUDED_REGIONS),
]);
static CONFIGURATION_RECORDER: Shape = Shape::Structure(&[
    optional("arn", &AMAZON_RESOURCE_NAME),
    optional("name", &RECORDER_NAME),
    optional("roleARN", &TEXT),
    optional("recordingGroup", &RECORDING_GROUP),
    optional("recordingMode", &RECORDING_MODE),
    optional("recordingScope", &RECORDING_SCOPE),
    optional("servicePrincipal", &SERVICE_PRINCIPAL),
    optional("connectorArn", &AMAZON_RESOURCE_NAME),
    optional("scopeConfiguration", &SCOPE_CONFIGURATION),
]);
static TAG: Shape = Shape::Structure(&[optional("Key", &TAG_KEY), optional("Value", &TAG_VALUE)]);
pub(super) static TAGS_LIST: Shape = Shape::List { member: &TAG, min: 0, max: 50 };
static CONFIGURATION_RECORDER_NAME_LIST: Shape = list_of(&RECORDER_NAME);
static CONFIG_SNAPSHOT_DELIVERY_PROPERTIES: Shape =
    Shape::Structure(&[optional("deliveryFrequency", &MAXIMUM_EXECUTION_FREQUENCY)]);
static DELIVERY_CHANNEL: Shape = Shape::Structure(&[
    optional("name", &CHANNEL_NAME),
    optional("s3BucketName", &TEXT),
    optional("s3KeyPrefix", &TEXT),
    optional("s3KmsKeyArn", &TEXT),
    optional("snsTopicARN", &TEXT),
    optional("configSnapshotDeliveryProperties", &CONFIG_SNAPSHOT_DELIVERY_PROPERTIES),
]);
static DELIVERY_CHANNEL_NAME_LIST: Shape = list_of(&CHANNEL_NAME);
static COMPLIANCE_RESOURCE_TYPES: Shape = Shape::List { member: &STRING_WITH_CHAR_LIMIT256, min: 0, max: 100 };
static SERVICE_PRINCIPALS: Shape = Shape::List { member: &STRING_WITH_CHAR_LIMIT128, min: 0, max: 100 };
static SCOPE: Shape = Shape::Structure(&[
    optional("ComplianceResourceTypes", &COMPLIANCE_RESOURCE_TYPES),
    optional("TagKey", &STRING_WITH_CHAR_LIMIT128),
    optional("TagValue", &STRING_WITH_CHAR_LIMIT256),
    optional("ComplianceResourceId", &BASE_RESOURCE_ID),
    optional("ServicePrincipals", &SERVICE_PRINCIPALS),
]);
static SOURCE_DETAIL: Shape = Shape::Structure(&[
    optional("EventSource", &EVENT_SOURCE),
    optional("MessageType", &MESSAGE_TYPE),
    optional("MaximumExecutionFrequency", &MAXIMUM_EXECUTION_FREQUENCY),
]);
static SOURCE_DETAILS: Shape = Shape::List { member: &SOURCE_DETAIL, min: 0, max: 25 };
static CUSTOM_POLICY_DETAILS: Shape = Shape::Structure(&[
    required("PolicyRuntime", &POLICY_RUNTIME),
    required("PolicyText", &POLICY_TEXT),
    optional("EnableDebugLogDelivery", &BOOLEAN),
]);
static SOURCE: Shape = Shape::Structure(&[
    required("Owner", &OWNER),
    optional("SourceIdentifier", &STRING_WITH_CHAR_LIMIT256),
    optional("SourceDetails", &SOURCE_DETAILS),
    optional("CustomPolicyDetails", &CUSTOM_POLICY_DETAILS),
]);
static EVALUATION_MODE_CONFIGURATION: Shape = Shape::Structure(&[optional("Mode", &EVALUATION_MODE)]);
static EVALUATION_MODES: Shape = list_of(&EVALUATION_MODE_CONFIGURATION);
static CONFIG_RULE: Shape = Shape::Structure(&[
    optional("ConfigRuleName", &CONFIG_RULE_NAME),
    optional("ConfigRuleArn", &STRING_WITH_CHAR_LIMIT256),
    optional("ConfigRuleId", &STRING_WITH_CHAR_LIMIT64),
    optional("Description", &EMPTIABLE_STRING_WITH_CHAR_LIMIT256),
    optional("Scope", &SCOPE),
    required("Source", &SOURCE),
    optional("InputParameters", &STRING_WITH_CHAR_LIMIT1024),
    optional("MaximumExecutionFrequency", &MAXIMUM_EXECUTION_FREQUENCY),
    optional("ConfigRuleState", &CONFIG_RULE_STATE),
    optional("CreatedBy", &STRING_WITH_CHAR_LIMIT256),
    optional("EvaluationModes", &EVALUATION_MODES),
    optional("RuleEvaluationVisibility", &RULE_EVALUATION_VISIBILITY),
]);
static CONFIG_RULE_NAMES: Shape = Shape::List { member: &CONFIG_RULE_NAME, min: 0, max: 25 };
static DESCRIBE_CONFIG_RULES_FILTERS: Shape = Shape::Structure(&[
    optional("EvaluationMode", &EVALUATION_MODE),
    optional("RuleEvaluationVisibility", &RULE_EVALUATION_VISIBILITY),
]);
static RULE_LIMIT: Shape = Shape::Integer { min: 0, max: 50 };
static REEVALUATE_CONFIG_RULE_NAMES: Shape = Shape::List { member: &CONFIG_RULE_NAME, min: 1, max: 25 };
static RESOURCE_TYPES: Shape = Shape::List { member: &STRING_WITH_CHAR_LIMIT256, min: 0, max: 20 };
pub(super) static LIMIT: Shape = Shape::Integer { min: 0, max: 100 };
static CONFORMANCE_PACK_INPUT_PARAMETER: Shape =
    Shape::Structure(&[required("ParameterName", &PARAMETER_NAME), required("ParameterValue", &PARAMETER_VALUE)]);
static CONFORMANCE_PACK_INPUT_PARAMETERS: Shape =
    Shape::List { member: &CONFORMANCE_PACK_INPUT_PARAMETER, min: 0, max: 330 };
static TEMPLATE_SSM_DOCUMENT_DETAILS: Shape = Shape::Structure(&[
    required("DocumentName", &SSM_DOCUMENT_NAME),
    optional("DocumentVersion", &SSM_DOCUMENT_VERSION),
]);
static CONFORMANCE_PACK_SOURCE: Shape =
    Shape::Structure(&[required("SourceIdentifier", &CONFORMANCE_PACK_SOURCE_IDENTIFIER)]);
static CONFORMANCE_PACK_SCOPE: Shape =
    Shape::Structure(&[required("TagKey", &TAG_KEY), optional("TagValue", &TAG_VALUE)]);
static CONFORMANCE_PACK_NAMES_LIST: Shape = Shape::List { member: &CONFORMANCE_PACK_NAME, min: 0, max: 25 };
static CONFORMANCE_PACK_TYPE_LIST: Shape = Shape::List { member: &CONFORMANCE_PACK_TYPE, min: 1, max: 2 };
static DESCRIBE_CONFORMANCE_PACKS_FILTERS: Shape = Shape::Structure(&[optional("Types", &CONFORMANCE_PACK_TYPE_LIST)]);
static PAGE_SIZE_LIMIT: Shape = Shape::Integer { min: 0, max: 20 };
static DESCRIBE_CONFORMANCE_PACK_COMPLIANCE_LIMIT: Shape = Shape::Integer { min: 0, max: 1000 };
static GET_CONFORMANCE_PACK_COMPLIANCE_DETAILS_LIMIT: Shape = Shape::Integer { min: 0, max: 100 };
static COMPLIANCE_TYPES: Shape = Shape::List { member: &COMPLIANCE_TYPE, min: 0, max: 3 };
static ORDERING_TIMESTAMP: Shape = Shape::Number;
static EVALUATION: Shape = Shape::Structure(&[
    required("ComplianceResourceType", &STRING_WITH_CHAR_LIMIT256),
    required("ComplianceResourceId", &BASE_RESOURCE_ID),
    required("ComplianceType", &COMPLIANCE_TYPE),
    optional("Annotation", &STRING_WITH_CHAR_LIMIT256),
    required("OrderingTimestamp", &ORDERING_TIMESTAMP),
]);
static EVALUATIONS: Shape = Shape::List { member: &EVALUATION, min: 0, max: 100 };
static CONFORMANCE_PACK_CONFIG_RULE_NAMES: Shape = Shape::List { member: &STRING_WITH_CHAR_LIMIT64, min: 0, max: 10 };
static CONFORMANCE_PACK_COMPLIANCE_FILTERS: Shape = Shape::Structure(&[
    optional("ConfigRuleNames", &CONFORMANCE_PACK_CONFIG_RULE_NAMES),
    optional("ComplianceType", &CONFORMANCE_PACK_COMPLIANCE_TYPE),
]);
static CONFORMANCE_PACK_COMPLIANCE_RESOURCE_IDS: Shape =
    Shape::List { member: &STRING_WITH_CHAR_LIMIT256, min: 0, max: 5 };
static CONFORMANCE_PACK_EVALUATION_FILTERS: Shape = Shape::Structure(&[
    optional("ConfigRuleNames", &CONFORMANCE_PACK_CONFIG_RULE_NAMES),
    optional("ComplianceType", &CONFORMANCE_PACK_COMPLIANCE_TYPE),
    optional("ResourceType", &STRING_WITH_CHAR_LIMIT256),
    optional("ResourceIds", &CONFORMANCE_PACK_COMPLIANCE_RESOURCE_IDS),
]);

// Inputs of the operations.

pub(crate) static PUT_CONFIGURATION_RECORDER: &[Member] =
    &[required("ConfigurationRecorder", &CONFIGURATION_RECORDER), optional("Tags", &TAGS_LIST)];

pub(crate) static DESCRIBE_CONFIGURATION_RECORDERS: &[Member] = &[
    optional("ConfigurationRecorderNames", &CONFIGURATION_RECORDER_NAME_LIST),
    optional("ServicePrincipal", &SERVICE_PRINCIPAL),
    optional("Arn", &AMAZON_RESOURCE_NAME),
];

pub(crate) static DESCRIBE_CONFIGURATION_RECORDER_STATUS: &[Member] = DESCRIBE_CONFIGURATION_RECORDERS;

pub(crate) static START_CONFIGURATION_RECORDER: &[Member] = &[required("ConfigurationRecorderName", &RECORDER_NAME)];

pub(crate) static STOP_CONFIGURATION_RECORDER: &[Member] = START_CONFIGURATION_RECORDER;

pub(crate) static DELETE_CONFIGURATION_RECORDER: &[Member] = START_CONFIGURATION_RECORDER;

pub(crate) static PUT_DELIVERY_CHANNEL: &[Member] = &[required("DeliveryChannel", &DELIVERY_CHANNEL)];

pub(crate) static DESCRIBE_DELIVERY_CHANNELS: &[Member] =
    &[optional("DeliveryChannelNames", &DELIVERY_CHANNEL_NAME_LIST)];

pub(crate) static PUT_CONFIG_RULE: &[Member] = &[required("ConfigRule", &CONFIG_RULE), optional("Tags", &TAGS_LIST)];

pub(crate) static DESCRIBE_CONFIG_RULES: &[Member] = &[
    optional("ConfigRuleNames", &CONFIG_RULE_NAMES),
    optional("Filters", &DESCRIBE_CONFIG_RULES_FILTERS),
    optional("NextToken", &TEXT),
];

pub(crate) static DELETE_CONFIG_RULE: &[Member] = &[required("ConfigRuleName", &CONFIG_RULE_NAME)];

pub(crate) static DESCRIBE_CONFIG_RULE_EVALUATION_STATUS: &[Member] =
    &[optional("ConfigRuleNames", &CONFIG_RULE_NAMES), optional("NextToken", &TEXT), optional("Limit", &RULE_LIMIT)];

pub(crate) static START_CONFIG_RULES_EVALUATION: &[Member] =
    &[optional("ConfigRuleNames", &REEVALUATE_CONFIG_RULE_NAMES)];

pub(crate) static GET_DISCOVERED_RESOURCE_COUNTS: &[Member] =
    &[optional("resourceTypes", &RESOURCE_TYPES), optional("limit", &LIMIT), optional("nextToken", &TEXT)];

pub(crate) static PUT_CONFORMANCE_PACK: &[Member] = &[
    required("ConformancePackName", &CONFORMANCE_PACK_NAME),
    optional("TemplateS3Uri", &TEMPLATE_S3_URI),
    optional("TemplateBody", &TEMPLATE_BODY),
    optional("DeliveryS3Bucket", &DELIVERY_S3_BUCKET),
    optional("DeliveryS3KeyPrefix", &DELIVERY_S3_KEY_PREFIX),
    optional("ConformancePackInputParameters", &CONFORMANCE_PACK_INPUT_PARAMETERS),
    optional("TemplateSSMDocumentDetails", &TEMPLATE_SSM_DOCUMENT_DETAILS),
    optional("Tags", &TAGS_LIST),
    optional("Source", &CONFORMANCE_PACK_SOURCE),
    optional("Scope", &CONFORMANCE_PACK_SCOPE),
];

pub(crate) static DESCRIBE_CONFORMANCE_PACKS: &[Member] = &[
    optional("ConformancePackNames", &CONFORMANCE_PACK_NAMES_LIST),
    optional("Filters", &DESCRIBE_CONFORMANCE_PACKS_FILTERS),
    optional("Limit", &PAGE_SIZE_LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static DESCRIBE_CONFORMANCE_PACK_STATUS: &[Member] = DESCRIBE_CONFORMANCE_PACKS;

pub(crate) static DELETE_CONFORMANCE_PACK: &[Member] = &[required("ConformancePackName", &CONFORMANCE_PACK_NAME)];

pub(crate) static DESCRIBE_COMPLIANCE_BY_CONFIG_RULE: &[Member] = &[
    optional("ConfigRuleNames", &CONFIG_RULE_NAMES),
    optional("ComplianceTypes", &COMPLIANCE_TYPES),
    optional("NextToken", &TEXT),
];

pub(crate) static GET_COMPLIANCE_DETAILS_BY_CONFIG_RULE: &[Member] = &[
    required("ConfigRuleName", &STRING_WITH_CHAR_LIMIT64),
    optional("ComplianceTypes", &COMPLIANCE_TYPES),
    optional("Limit", &LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static PUT_EVALUATIONS: &[Member] =
    &[optional("Evaluations", &EVALUATIONS), required("ResultToken", &TEXT), optional("TestMode", &BOOLEAN)];

pub(crate) static PUT_EXTERNAL_EVALUATION: &[Member] =
    &[required("ConfigRuleName", &CONFIG_RULE_NAME), required("ExternalEvaluation", &EVALUATION)];

pub(crate) static DESCRIBE_CONFORMANCE_PACK_COMPLIANCE: &[Member] = &[
    required("ConformancePackName", &CONFORMANCE_PACK_NAME),
    optional("Filters", &CONFORMANCE_PACK_COMPLIANCE_FILTERS),
    optional("Limit", &DESCRIBE_CONFORMANCE_PACK_COMPLIANCE_LIMIT),
    optional("NextToken", &TEXT),
];

pub(crate) static GET_CONFORMANCE_PACK_COMPLIANCE_DETAILS: &[Member] = &[
    required("ConformancePackName", &CONFORMANCE_PACK_NAME),
    optional("Filters", &CONFORMANCE_PACK_EVALUATION_FILTERS),
    optional("Limit", &GET_CONFORMANCE_PACK_COMPLIANCE_DETAILS_LIMIT),
    optional("NextToken", &TEXT),
];
