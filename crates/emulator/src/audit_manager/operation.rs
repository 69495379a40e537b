//! The supported operations: their paths, their inputs, and parsing of requests.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::audit_manager::error::{Reason, ServiceError};
use crate::audit_manager::limits::{self, Location, Member, Shape};
use crate::audit_manager::validate;

/// A supported operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateControl,
    GetControl,
    UpdateControl,
    DeleteControl,
    ListControls,
    CreateAssessmentFramework,
    GetAssessmentFramework,
    UpdateAssessmentFramework,
    DeleteAssessmentFramework,
    ListAssessmentFrameworks,
    TagResource,
    UntagResource,
    ListTagsForResource,
    ListKeywordsForDataSource,
    GetAccountStatus,
    GetSettings,
    ListAssessments,
    GetAssessment,
}

/// Path and input of an operation.
struct Route {
    operation: Operation,
    method: &'static str,
    /// The path up to its label, or the complete path if it has none.
    path: &'static str,
    /// The label at the end of the path. An ARN includes its slashes.
    label: Option<&'static str>,
    input: &'static [Member],
}

#[rustfmt::skip]
static ROUTES: &[Route] = {
    const fn collection(operation: Operation, method: &'static str, path: &'static str, input: &'static [Member]) -> Route {
        Route { operation, method, path, label: None, input }
    }
    const fn item(operation: Operation, method: &'static str, path: &'static str, label: &'static str, input: &'static [Member]) -> Route {
        Route { operation, method, path, label: Some(label), input }
    }
    &[
        collection(Operation::CreateControl, "POST", "/controls", limits::CREATE_CONTROL_REQUEST),
        collection(Operation::ListControls, "GET", "/controls", limits::LIST_CONTROLS_REQUEST),
        item(Operation::GetControl, "GET", "/controls", "controlId", limits::ONE_CONTROL_REQUEST),
        item(Operation::UpdateControl, "PUT", "/controls", "controlId", limits::UPDATE_CONTROL_REQUEST),
        item(Operation::DeleteControl, "DELETE", "/controls", "controlId", limits::ONE_CONTROL_REQUEST),
        collection(Operation::CreateAssessmentFramework, "POST", "/assessmentFrameworks", limits::CREATE_ASSESSMENT_FRAMEWORK_REQUEST),
        collection(Operation::ListAssessmentFrameworks, "GET", "/assessmentFrameworks", limits::LIST_ASSESSMENT_FRAMEWORKS_REQUEST),
        item(Operation::GetAssessmentFramework, "GET", "/assessmentFrameworks", "frameworkId", limits::ONE_FRAMEWORK_REQUEST),
        item(Operation::UpdateAssessmentFramework, "PUT", "/assessmentFrameworks", "frameworkId", limits::UPDATE_ASSESSMENT_FRAMEWORK_REQUEST),
        item(Operation::DeleteAssessmentFramework, "DELETE", "/assessmentFrameworks", "frameworkId", limits::ONE_FRAMEWORK_REQUEST),
        item(Operation::TagResource, "POST", "/tags", "resourceArn", limits::TAG_RESOURCE_REQUEST),
        item(Operation::UntagResource, "DELETE", "/tags", "resourceArn", limits::UNTAG_RESOURCE_REQUEST),
        item(Operation::ListTagsForResource, "GET", "/tags", "resourceArn", limits::LIST_TAGS_FOR_RESOURCE_REQUEST),
        collection(Operation::ListKeywordsForDataSource, "GET", "/dataSourceKeywords", limits::LIST_KEYWORDS_FOR_DATA_SOURCE_REQUEST),
        collection(Operation::GetAccountStatus, "GET", "/account/status", limits::GET_ACCOUNT_STATUS_REQUEST),
        item(Operation::GetSettings, "GET", "/settings", "attribute", limits::GET_SETTINGS_REQUEST),
        collection(Operation::ListAssessments, "GET", "/assessments", limits::LIST_ASSESSMENTS_REQUEST),
        item(Operation::GetAssessment, "GET", "/assessments", "assessmentId", limits::GET_ASSESSMENT_REQUEST),
    ]
};

/// The result of an operation: a body, an empty body, or an error.
pub(crate) type Answer = Result<Option<Value>, ServiceError>;

/// Converts a validated input to the type of an operation.
///
/// # Errors
///
/// `InternalServerException` if the type cannot represent an input that the limits allow.
pub(crate) fn typed<T: DeserializeOwned>(input: Value) -> Result<T, ServiceError> {
    serde_json::from_value(input).map_err(|error| ServiceError::InternalServer {
        status: 500,
        message: format!("the limits and types of the emulator disagree: {error}"),
    })
}

/// A request for an operation; its input is not yet parsed.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    route: &'static Route,
    label: &'a str,
    query: &'a str,
}

impl Operation {
    /// The name of the operation in the model.
    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }
}

/// The names of the supported operations in the model.
pub(crate) fn names() -> impl Iterator<Item = String> {
    ROUTES.iter().map(|route| route.operation.name())
}

/// Returns the operation for a method, an encoded path and an encoded query.
///
/// # Errors
///
/// `UnknownOperationException` if no operation has the path; `ValidationException` with the reason `unknownOperation`
/// if no operation with the path has the method.
pub(crate) fn find<'a>(method: &str, path: &'a str, query: &'a str) -> Result<Call<'a>, ServiceError> {
    let mut path_known = false;
    for route in ROUTES {
        let Some(rest) = path.strip_prefix(route.path) else {
            continue;
        };
        let label = match route.label {
            None if rest.is_empty() => "",
            Some("resourceArn") if rest.starts_with('/') => &rest[1..],
            Some(_) if rest.starts_with('/') && !rest[1..].contains('/') => &rest[1..],
            _ => continue,
        };
        if route.method == method {
            let operation = route.operation;
            return Ok(Call { operation, route, label, query });
        }
        path_known = true;
    }
    Err(if path_known {
        ServiceError::rejected(Reason::UnknownOperation, format!("This path has no operation with the method {method}"))
    } else {
        ServiceError::UnknownOperation
    })
}

impl Call<'_> {
    /// Returns the input of the operation: the members of body, path and query, validated against every limit.
    ///
    /// # Errors
    ///
    /// `ValidationException`: `cannotParse` for a body that is not a JSON object or a path or query that is not UTF-8,
    /// `fieldValidationFailed` with every violated constraint.
    pub(crate) fn input(&self, body: &[u8]) -> Result<Value, ServiceError> {
        let mut input = match self.route.method {
            "POST" | "PUT" => parse(body)?,
            _ => Map::new(),
        };
        // A member of path or query is never read from the body.
        for member in self.route.input {
            if member.location != Location::Body {
                input.remove(member.name);
            }
        }
        if let Some(name) = self.route.label {
            input.insert(name.to_owned(), Value::String(decoded(self.label)?));
        }
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let known = |member: &&Member| member.location == Location::Query && member.name == name;
            if let Some(member) = self.route.input.iter().find(known) {
                add_query_value(&mut input, member, value);
            }
        }
        let mut input = Value::Object(input);
        validate::drop_unknown(self.route.input, &mut input);
        let violations = validate::violations(self.route.input, &input);
        if violations.is_empty() { Ok(input) } else { Err(ServiceError::fields(violations)) }
    }
}

fn parse(body: &[u8]) -> Result<Map<String, Value>, ServiceError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ServiceError::cannot_parse("The request body must be a JSON object")),
        Err(error) => Err(ServiceError::cannot_parse(format!(
            "Could not parse the request body as JSON: line {}, column {}",
            error.line(),
            error.column()
        ))),
    }
}

/// Adds a value of the query. A list gets all values of its name, any other member the first.
fn add_query_value(input: &mut Map<String, Value>, member: &Member, value: String) {
    let value = match member.shape {
        Shape::Integer { .. } => value.parse::<i64>().map_or(Value::String(value), Value::from),
        _ => Value::String(value),
    };
    if let Shape::List { .. } = member.shape {
        let list = input.entry(member.name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = list {
            values.push(value);
        }
    } else {
        input.entry(member.name).or_insert(value);
    }
}

/// Percent-decoded text.
fn decoded(text: &str) -> Result<String, ServiceError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(ServiceError::cannot_parse("The request path or query is not percent-encoded"));
            };
            bytes.extend(u8::try_from(high * 16 + low));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| ServiceError::cannot_parse("The request path or query is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(method: &str, path: &str) -> Result<Operation, ServiceError> {
        find(method, path, "").map(|call| call.operation)
    }

    fn input(method: &str, path: &str, query: &str, body: &str) -> Result<Value, ServiceError> {
        find(method, path, query)?.input(body.as_bytes())
    }

    #[test]
    fn method_and_path_name_the_operation() {
        assert_eq!(operation("GET", "/controls"), Ok(Operation::ListControls));
        assert_eq!(operation("GET", "/controls/x"), Ok(Operation::GetControl));
        assert_eq!(operation("PUT", "/controls/x"), Ok(Operation::UpdateControl));
        assert_eq!(operation("GET", "/account/status"), Ok(Operation::GetAccountStatus));
        assert_eq!(operation("POST", "/tags/a%2Fb"), Ok(Operation::TagResource));
        assert_eq!(operation("POST", "/tags/a/b"), Ok(Operation::TagResource));
        for path in ["/", "/control", "/controlsx", "/controls/a/b", "/tags"] {
            assert_eq!(operation("GET", path), Err(ServiceError::UnknownOperation), "{path}");
        }
        let rejected = operation("PATCH", "/controls").unwrap_err();
        assert_eq!(rejected.body()["reason"], "unknownOperation");
    }

    #[test]
    fn every_operation_has_one_route() {
        let unique: std::collections::BTreeSet<String> = names().collect();
        assert_eq!(unique.len(), ROUTES.len());
        assert!(names().any(|name| name == "UpdateControl"));
    }

    #[test]
    fn labels_and_queries_are_decoded() {
        let arn = "arn:aws:auditmanager:us-east-1:000000000000:control/7c3f5a9e";
        let encoded = arn.replace(':', "%3A").replace('/', "%2f");
        let read = input("DELETE", &format!("/tags/{encoded}"), "tagKeys=a&tagKeys=b%3Ac&other=%41", "");
        assert_eq!(read, Ok(json!({ "resourceArn": arn, "tagKeys": ["a", "b:c"] })));
        let read = input("GET", "/controls", "controlType=Custom&maxResults=7&controlType=Core", "");
        assert_eq!(read, Ok(json!({ "controlType": "Custom", "maxResults": 7 })));
    }

    #[test]
    fn input_that_cannot_be_parsed_is_reported() {
        for body in ["{", "[]", "7", "{\"a\":\"\u{0}", &"[".repeat(100_000)] {
            let rejected = input("POST", "/controls", "", body).unwrap_err();
            assert_eq!(rejected.body()["reason"], "cannotParse", "{body:.20}");
        }
        for path in ["/controls/%", "/controls/%zz", "/controls/%ff"] {
            assert_eq!(input("GET", path, "", "").unwrap_err().body()["reason"], "cannotParse", "{path}");
        }
        let rejected = input("POST", "/controls", "", "").unwrap_err();
        assert_eq!(rejected.body()["fields"][0]["name"], "name");
    }

    #[test]
    fn a_path_member_is_not_read_from_the_body() {
        let rejected = input("PUT", "/controls/x", "", r#"{"controlId":"7c3f5a9e"}"#).unwrap_err();
        assert_eq!(rejected.body()["fields"][0]["name"], "controlId");
    }
}
