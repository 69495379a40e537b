//! Every limit of the operations of EventBridge served here, as data.
//!
//! One constant per shape of the service model (botocore, `events/2015-10-07/service-2.json`), with the name in the model.
//! `tests/emulator` checks every constraint of the installed botocore model against the running server.

use crate::event_bridge::patterns;
use crate::protocol::shape::{Member, Shape, list_of, matching, optional, required, text};

// Strings.

static RULE_NAME: Shape = matching(1, 64, &patterns::RULE_NAME);
static EVENT_BUS_NAME_OR_ARN: Shape = matching(1, 1600, &patterns::EVENT_BUS);
static NEXT_TOKEN: Shape = text(1, 2048);
static SCHEDULE_EXPRESSION: Shape = text(0, 256);
static EVENT_PATTERN: Shape = text(0, 4096);
static RULE_DESCRIPTION: Shape = text(0, 512);
static ROLE_ARN: Shape = text(1, 1600);
static TAG_KEY: Shape = text(1, 128);
static TAG_VALUE: Shape = text(0, 256);

// Enums.

static RULE_STATE: Shape = Shape::Enum(&["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]);

// Numbers, lists, maps and nested structures.

static LIMIT_MAX100: Shape = Shape::Integer { min: 1, max: 100 };
static TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), required("Value", &TAG_VALUE)]);
static TAG_LIST: Shape = list_of(&TAG);
static BOOLEAN: Shape = Shape::Boolean;

// Inputs of the operations.

pub(crate) static DESCRIBE_RULE: &[Member] =
    &[required("Name", &RULE_NAME), optional("EventBusName", &EVENT_BUS_NAME_OR_ARN)];

pub(crate) static ENABLE_RULE: &[Member] = DESCRIBE_RULE;

pub(crate) static DISABLE_RULE: &[Member] = DESCRIBE_RULE;

pub(crate) static LIST_RULES: &[Member] = &[
    optional("NamePrefix", &RULE_NAME),
    optional("EventBusName", &EVENT_BUS_NAME_OR_ARN),
    optional("NextToken", &NEXT_TOKEN),
    optional("Limit", &LIMIT_MAX100),
];

pub(crate) static PUT_RULE: &[Member] = &[
    required("Name", &RULE_NAME),
    optional("ScheduleExpression", &SCHEDULE_EXPRESSION),
    optional("EventPattern", &EVENT_PATTERN),
    optional("State", &RULE_STATE),
    optional("Description", &RULE_DESCRIPTION),
    optional("RoleArn", &ROLE_ARN),
    optional("Tags", &TAG_LIST),
    optional("EventBusName", &EVENT_BUS_NAME_OR_ARN),
];

pub(crate) static DELETE_RULE: &[Member] =
    &[required("Name", &RULE_NAME), optional("EventBusName", &EVENT_BUS_NAME_OR_ARN), optional("Force", &BOOLEAN)];
