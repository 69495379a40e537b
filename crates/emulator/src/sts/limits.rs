//! Every limit of the operations of STS served here, as data.
//!
//! One constant per shape of the service model (botocore, `sts/2011-06-15/service-2.json`), with the name in the model.
//! `tests/emulator` checks every constraint of the installed botocore model against the running server.

use crate::protocol::shape::{Member, NO_LIMIT, Shape, list_of, matching, optional, required, text};
use crate::sts::patterns;

// Strings.

static ARN_TYPE: Shape = matching(20, 2048, &patterns::ARN);
static ROLE_SESSION_NAME_TYPE: Shape = matching(2, 64, &patterns::SESSION_NAME);
static UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE: Shape = matching(1, NO_LIMIT, &patterns::POLICY);
static TAG_KEY_TYPE: Shape = matching(1, 128, &patterns::TAG_KEY);
static TAG_VALUE_TYPE: Shape = matching(0, 256, &patterns::TAG_VALUE);
static EXTERNAL_ID_TYPE: Shape = matching(2, 1224, &patterns::EXTERNAL_ID);
static SERIAL_NUMBER_TYPE: Shape = matching(9, 256, &patterns::SERIAL_NUMBER);
static TOKEN_CODE_TYPE: Shape = matching(6, 6, &patterns::TOKEN_CODE);
static SOURCE_IDENTITY_TYPE: Shape = matching(2, 256, &patterns::SESSION_NAME);
static CONTEXT_ASSERTION_TYPE: Shape = text(4, 3072);

// Numbers, lists and nested structures.

static ROLE_DURATION_SECONDS_TYPE: Shape = Shape::Integer { min: 900, max: 43_200 };
static MINIMUM_SESSION_TOKEN_SIZE_TYPE: Shape = Shape::Integer { min: 0, max: 4096 };
static POLICY_DESCRIPTOR_TYPE: Shape = Shape::Structure(&[optional("arn", &ARN_TYPE)]);
static POLICY_DESCRIPTOR_LIST_TYPE: Shape = list_of(&POLICY_DESCRIPTOR_TYPE);
static TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY_TYPE), required("Value", &TAG_VALUE_TYPE)]);
static TAG_LIST_TYPE: Shape = Shape::List { member: &TAG, min: 0, max: 50 };
static TAG_KEY_LIST_TYPE: Shape = Shape::List { member: &TAG_KEY_TYPE, min: 0, max: 50 };
static PROVIDED_CONTEXT: Shape =
    Shape::Structure(&[optional("ProviderArn", &ARN_TYPE), optional("ContextAssertion", &CONTEXT_ASSERTION_TYPE)]);
static PROVIDED_CONTEXTS_LIST_TYPE: Shape = Shape::List { member: &PROVIDED_CONTEXT, min: 1, max: 5 };

// Inputs of the operations.

pub(crate) static ASSUME_ROLE: &[Member] = &[
    required("RoleArn", &ARN_TYPE),
    required("RoleSessionName", &ROLE_SESSION_NAME_TYPE),
    optional("PolicyArns", &POLICY_DESCRIPTOR_LIST_TYPE),
    optional("Policy", &UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE),
    optional("DurationSeconds", &ROLE_DURATION_SECONDS_TYPE),
    optional("Tags", &TAG_LIST_TYPE),
    optional("TransitiveTagKeys", &TAG_KEY_LIST_TYPE),
    optional("ExternalId", &EXTERNAL_ID_TYPE),
    optional("SerialNumber", &SERIAL_NUMBER_TYPE),
    optional("TokenCode", &TOKEN_CODE_TYPE),
    optional("SourceIdentity", &SOURCE_IDENTITY_TYPE),
    optional("ProvidedContexts", &PROVIDED_CONTEXTS_LIST_TYPE),
    optional("MinimumSessionTokenSize", &MINIMUM_SESSION_TOKEN_SIZE_TYPE),
];

pub(crate) static GET_CALLER_IDENTITY: &[Member] = &[];
