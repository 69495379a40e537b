//! Every limit of the operations served here, as data.
//!
//! One constant per shape of the service model (botocore, `auditmanager/2017-07-25/service-2.json`), with the name in
//! the model. The table is written from the model alone and shares nothing with the programs that this emulator tests;
//! `tests/emulator` iterates over the installed botocore model and checks every constraint against the running server.

use crate::audit_manager::patterns;
use crate::protocol::pattern;
use crate::protocol::shape::{
    Member, Shape, at_least_one, label, list_of, matching, optional, query, required, required_query, text,
};

// Strings. The model's `^[\w\W\s\S]*$` matches every string, so those shapes have only a length.

pub(crate) static UUID: Shape = matching(36, 36, &patterns::UUID);
static CONTROL_NAME: Shape = matching(1, 300, &patterns::NO_BACKSLASH);
static CONTROL_DESCRIPTION: Shape = text(0, 1000);
static TESTING_INFORMATION: Shape = text(0, 1000);
static ACTION_PLAN_TITLE: Shape = text(0, 300);
static ACTION_PLAN_INSTRUCTIONS: Shape = text(0, 1000);
static SOURCE_NAME: Shape = text(1, 300);
static SOURCE_DESCRIPTION: Shape = text(0, 1000);
static TROUBLESHOOTING_TEXT: Shape = text(0, 1000);
static KEYWORD_VALUE: Shape = matching(1, 100, &patterns::KEYWORD);
static FRAMEWORK_NAME: Shape = matching(1, 300, &patterns::NO_BACKSLASH);
static FRAMEWORK_DESCRIPTION: Shape = text(1, 1000);
static COMPLIANCE_TYPE: Shape = text(0, 100);
static CONTROL_SET_NAME: Shape = matching(1, 300, &patterns::NO_BACKSLASH_OR_UNDERSCORE);
static TAG_KEY: Shape = matching(1, 128, &pattern::TAG_KEY);
static TAG_VALUE: Shape = matching(0, 256, &patterns::TAG_VALUE);
static AUDIT_MANAGER_ARN: Shape = matching(20, 2048, &patterns::AUDIT_MANAGER_ARN);
static CONTROL_CATALOG_ID: Shape = matching(13, 2048, &patterns::CONTROL_CATALOG_ID);
static TOKEN: Shape = matching(1, 1000, &patterns::TOKEN);

static ASSESSMENT_NAME: Shape = matching(1, 300, &patterns::NO_BACKSLASH);
static ASSESSMENT_DESCRIPTION: Shape = text(0, 1000);
static CONTROL_SET_ID: Shape = text(1, 300);
static CONTROL_COMMENT_BODY: Shape = text(0, 500);
static S3_URL: Shape = matching(1, 1024, &patterns::S3_URL);
static ACCOUNT_ID: Shape = matching(12, 12, &patterns::ACCOUNT_ID);
static EMAIL_ADDRESS: Shape = matching(1, 320, &patterns::EMAIL_ADDRESS);
static ACCOUNT_NAME: Shape = matching(1, 50, &patterns::ACCOUNT_NAME);
static AWS_SERVICE_NAME: Shape = matching(1, 40, &patterns::AWS_SERVICE_NAME);
static IAM_ARN: Shape = matching(20, 2048, &patterns::IAM_ARN);
static CONTROL_DOMAIN_ID: Shape = matching(13, 2048, &patterns::CONTROL_DOMAIN_ID);

// Enums.

static CONTROL_TYPE: Shape = Shape::Enum(&["Standard", "Custom", "Core"]);
static FRAMEWORK_TYPE: Shape = Shape::Enum(&["Standard", "Custom"]);
static ASSESSMENT_STATUS: Shape = Shape::Enum(&["ACTIVE", "INACTIVE"]);
static KEYWORD_INPUT_TYPE: Shape = Shape::Enum(&["SELECT_FROM_LIST", "UPLOAD_FILE", "INPUT_TEXT"]);
static SOURCE_FREQUENCY: Shape = Shape::Enum(&["DAILY", "WEEKLY", "MONTHLY"]);
static SOURCE_SET_UP_OPTION: Shape = Shape::Enum(&["System_Controls_Mapping", "Procedural_Controls_Mapping"]);
static SOURCE_TYPE: Shape = Shape::Enum(&[
    "AWS_Cloudtrail",
    "AWS_Config",
    "AWS_Security_Hub",
    "AWS_API_Call",
    "MANUAL",
    "Common_Control",
    "Core_Control",
]);
static DATA_SOURCE_TYPE: Shape =
    Shape::Enum(&["AWS_Cloudtrail", "AWS_Config", "AWS_Security_Hub", "AWS_API_Call", "MANUAL"]);
static SETTING_ATTRIBUTE: Shape = Shape::Enum(&[
    "ALL",
    "IS_AWS_ORG_ENABLED",
    "SNS_TOPIC",
    "DEFAULT_ASSESSMENT_REPORTS_DESTINATION",
    "DEFAULT_PROCESS_OWNERS",
    "EVIDENCE_FINDER_ENABLEMENT",
    "DEREGISTRATION_POLICY",
    "DEFAULT_EXPORT_DESTINATION",
]);

static REPORT_DESTINATION_TYPE: Shape = Shape::Enum(&["S3"]);
static ROLE_TYPE: Shape = Shape::Enum(&["PROCESS_OWNER", "RESOURCE_OWNER"]);
static CONTROL_STATUS: Shape = Shape::Enum(&["UNDER_REVIEW", "REVIEWED", "INACTIVE"]);

// Numbers, lists, maps and nested structures.

static MAX_RESULTS: Shape = Shape::Integer { min: 1, max: 1000 };

static TAG_MAP: Shape = Shape::Map { key: &TAG_KEY, value: &TAG_VALUE, min: 0, max: 50 };

static TAG_KEY_LIST: Shape = Shape::List { member: &TAG_KEY, min: 1, max: 50 };

static SOURCE_KEYWORD: Shape =
    Shape::Structure(&[optional("keywordInputType", &KEYWORD_INPUT_TYPE), optional("keywordValue", &KEYWORD_VALUE)]);

static CREATE_CONTROL_MAPPING_SOURCE: Shape = Shape::Structure(&[
    optional("sourceName", &SOURCE_NAME),
    optional("sourceDescription", &SOURCE_DESCRIPTION),
    optional("sourceSetUpOption", &SOURCE_SET_UP_OPTION),
    optional("sourceType", &SOURCE_TYPE),
    optional("sourceKeyword", &SOURCE_KEYWORD),
    optional("sourceFrequency", &SOURCE_FREQUENCY),
    optional("troubleshootingText", &TROUBLESHOOTING_TEXT),
]);

static CREATE_CONTROL_MAPPING_SOURCES: Shape = at_least_one(&CREATE_CONTROL_MAPPING_SOURCE);

static CONTROL_MAPPING_SOURCE: Shape = Shape::Structure(&[
    optional("sourceId", &UUID),
    optional("sourceName", &SOURCE_NAME),
    optional("sourceDescription", &SOURCE_DESCRIPTION),
    optional("sourceSetUpOption", &SOURCE_SET_UP_OPTION),
    optional("sourceType", &SOURCE_TYPE),
    optional("sourceKeyword", &SOURCE_KEYWORD),
    optional("sourceFrequency", &SOURCE_FREQUENCY),
    optional("troubleshootingText", &TROUBLESHOOTING_TEXT),
]);

static CONTROL_MAPPING_SOURCES: Shape = at_least_one(&CONTROL_MAPPING_SOURCE);

static CREATE_ASSESSMENT_FRAMEWORK_CONTROL: Shape = Shape::Structure(&[required("id", &UUID)]);

static CREATE_ASSESSMENT_FRAMEWORK_CONTROLS: Shape = at_least_one(&CREATE_ASSESSMENT_FRAMEWORK_CONTROL);

static CREATE_ASSESSMENT_FRAMEWORK_CONTROL_SET: Shape = Shape::Structure(&[
    required("name", &CONTROL_SET_NAME),
    optional("controls", &CREATE_ASSESSMENT_FRAMEWORK_CONTROLS),
]);

static CREATE_ASSESSMENT_FRAMEWORK_CONTROL_SETS: Shape = at_least_one(&CREATE_ASSESSMENT_FRAMEWORK_CONTROL_SET);

static UPDATE_ASSESSMENT_FRAMEWORK_CONTROL_SET: Shape = Shape::Structure(&[
    optional("id", &CONTROL_SET_NAME),
    required("name", &CONTROL_SET_NAME),
    required("controls", &CREATE_ASSESSMENT_FRAMEWORK_CONTROLS),
]);

static UPDATE_ASSESSMENT_FRAMEWORK_CONTROL_SETS: Shape = at_least_one(&UPDATE_ASSESSMENT_FRAMEWORK_CONTROL_SET);

static ASSESSMENT_REPORTS_DESTINATION: Shape =
    Shape::Structure(&[optional("destinationType", &REPORT_DESTINATION_TYPE), optional("destination", &S3_URL)]);

static AWS_ACCOUNT: Shape = Shape::Structure(&[
    optional("id", &ACCOUNT_ID),
    optional("emailAddress", &EMAIL_ADDRESS),
    optional("name", &ACCOUNT_NAME),
]);

static AWS_ACCOUNTS: Shape = Shape::List { member: &AWS_ACCOUNT, min: 1, max: 200 };

static AWS_SERVICE: Shape = Shape::Structure(&[optional("serviceName", &AWS_SERVICE_NAME)]);

static AWS_SERVICES: Shape = list_of(&AWS_SERVICE);

static SCOPE: Shape =
    Shape::Structure(&[optional("awsAccounts", &AWS_ACCOUNTS), optional("awsServices", &AWS_SERVICES)]);

static ROLE: Shape = Shape::Structure(&[required("roleType", &ROLE_TYPE), required("roleArn", &IAM_ARN)]);

static ROLES: Shape = list_of(&ROLE);

// Inputs of the operations.

pub(crate) static CREATE_CONTROL_REQUEST: &[Member] = &[
    required("name", &CONTROL_NAME),
    optional("description", &CONTROL_DESCRIPTION),
    optional("testingInformation", &TESTING_INFORMATION),
    optional("actionPlanTitle", &ACTION_PLAN_TITLE),
    optional("actionPlanInstructions", &ACTION_PLAN_INSTRUCTIONS),
    required("controlMappingSources", &CREATE_CONTROL_MAPPING_SOURCES),
    optional("tags", &TAG_MAP),
];

pub(crate) static UPDATE_CONTROL_REQUEST: &[Member] = &[
    label("controlId", &UUID),
    required("name", &CONTROL_NAME),
    optional("description", &CONTROL_DESCRIPTION),
    optional("testingInformation", &TESTING_INFORMATION),
    optional("actionPlanTitle", &ACTION_PLAN_TITLE),
    optional("actionPlanInstructions", &ACTION_PLAN_INSTRUCTIONS),
    required("controlMappingSources", &CONTROL_MAPPING_SOURCES),
];

/// `GetControl` and `DeleteControl`.
pub(crate) static ONE_CONTROL_REQUEST: &[Member] = &[label("controlId", &UUID)];

pub(crate) static LIST_CONTROLS_REQUEST: &[Member] = &[
    required_query("controlType", &CONTROL_TYPE),
    query("nextToken", &TOKEN),
    query("maxResults", &MAX_RESULTS),
    query("controlCatalogId", &CONTROL_CATALOG_ID),
];

pub(crate) static CREATE_ASSESSMENT_FRAMEWORK_REQUEST: &[Member] = &[
    required("name", &FRAMEWORK_NAME),
    optional("description", &FRAMEWORK_DESCRIPTION),
    optional("complianceType", &COMPLIANCE_TYPE),
    required("controlSets", &CREATE_ASSESSMENT_FRAMEWORK_CONTROL_SETS),
    optional("tags", &TAG_MAP),
];

pub(crate) static UPDATE_ASSESSMENT_FRAMEWORK_REQUEST: &[Member] = &[
    label("frameworkId", &UUID),
    required("name", &FRAMEWORK_NAME),
    optional("description", &FRAMEWORK_DESCRIPTION),
    optional("complianceType", &COMPLIANCE_TYPE),
    required("controlSets", &UPDATE_ASSESSMENT_FRAMEWORK_CONTROL_SETS),
];

/// `GetAssessmentFramework` and `DeleteAssessmentFramework`.
pub(crate) static ONE_FRAMEWORK_REQUEST: &[Member] = &[label("frameworkId", &UUID)];

pub(crate) static LIST_ASSESSMENT_FRAMEWORKS_REQUEST: &[Member] =
    &[required_query("frameworkType", &FRAMEWORK_TYPE), query("nextToken", &TOKEN), query("maxResults", &MAX_RESULTS)];

pub(crate) static TAG_RESOURCE_REQUEST: &[Member] =
    &[label("resourceArn", &AUDIT_MANAGER_ARN), required("tags", &TAG_MAP)];

pub(crate) static UNTAG_RESOURCE_REQUEST: &[Member] =
    &[label("resourceArn", &AUDIT_MANAGER_ARN), required_query("tagKeys", &TAG_KEY_LIST)];

pub(crate) static LIST_TAGS_FOR_RESOURCE_REQUEST: &[Member] = &[label("resourceArn", &AUDIT_MANAGER_ARN)];

pub(crate) static LIST_KEYWORDS_FOR_DATA_SOURCE_REQUEST: &[Member] =
    &[required_query("source", &DATA_SOURCE_TYPE), query("nextToken", &TOKEN), query("maxResults", &MAX_RESULTS)];

pub(crate) static GET_ACCOUNT_STATUS_REQUEST: &[Member] = &[];

pub(crate) static GET_SETTINGS_REQUEST: &[Member] = &[label("attribute", &SETTING_ATTRIBUTE)];

pub(crate) static LIST_ASSESSMENTS_REQUEST: &[Member] =
    &[query("status", &ASSESSMENT_STATUS), query("nextToken", &TOKEN), query("maxResults", &MAX_RESULTS)];

/// `GetAssessment` and `GetInsightsByAssessment`.
pub(crate) static ONE_ASSESSMENT_REQUEST: &[Member] = &[label("assessmentId", &UUID)];

pub(crate) static CREATE_ASSESSMENT_REQUEST: &[Member] = &[
    required("name", &ASSESSMENT_NAME),
    optional("description", &ASSESSMENT_DESCRIPTION),
    required("assessmentReportsDestination", &ASSESSMENT_REPORTS_DESTINATION),
    required("scope", &SCOPE),
    required("roles", &ROLES),
    required("frameworkId", &UUID),
    optional("tags", &TAG_MAP),
];

pub(crate) static UPDATE_ASSESSMENT_STATUS_REQUEST: &[Member] =
    &[label("assessmentId", &UUID), required("status", &ASSESSMENT_STATUS)];

pub(crate) static UPDATE_ASSESSMENT_CONTROL_REQUEST: &[Member] = &[
    label("assessmentId", &UUID),
    label("controlSetId", &CONTROL_SET_ID),
    label("controlId", &UUID),
    optional("controlStatus", &CONTROL_STATUS),
    optional("commentBody", &CONTROL_COMMENT_BODY),
];

/// `GetInsights` and `GetOrganizationAdminAccount`.
pub(crate) static EMPTY_REQUEST: &[Member] = &[];

pub(crate) static GET_EVIDENCE_FOLDERS_BY_ASSESSMENT_REQUEST: &[Member] =
    &[label("assessmentId", &UUID), query("nextToken", &TOKEN), query("maxResults", &MAX_RESULTS)];

pub(crate) static GET_EVIDENCE_FOLDERS_BY_ASSESSMENT_CONTROL_REQUEST: &[Member] = &[
    label("assessmentId", &UUID),
    label("controlSetId", &CONTROL_SET_ID),
    label("controlId", &UUID),
    query("nextToken", &TOKEN),
    query("maxResults", &MAX_RESULTS),
];

pub(crate) static LIST_ASSESSMENT_CONTROL_INSIGHTS_REQUEST: &[Member] = &[
    required_query("controlDomainId", &CONTROL_DOMAIN_ID),
    required_query("assessmentId", &UUID),
    query("nextToken", &TOKEN),
    query("maxResults", &MAX_RESULTS),
];
