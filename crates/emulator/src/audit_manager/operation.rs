//! The supported operations: their paths, their inputs, and parsing of requests.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::audit_manager::error::{Reason, ServiceError};
use crate::audit_manager::limits;
use crate::protocol::reply::Reply;
use crate::protocol::rest::{self, Found, Invalid, NotFound, Route};
use crate::protocol::shape::Member;

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
    CreateAssessment,
    UpdateAssessmentStatus,
    UpdateAssessmentControl,
    GetOrganizationAdminAccount,
    GetEvidenceFoldersByAssessment,
    GetEvidenceFoldersByAssessmentControl,
    ListAssessmentControlInsightsByControlDomain,
    GetInsights,
    GetInsightsByAssessment,
}

#[rustfmt::skip]
static ROUTES: &[Route<Operation>] = {
    const fn route(operation: Operation, method: &'static str, path: &'static str, input: &'static [Member]) -> Route<Operation> {
        Route { operation, method, path, input }
    }
    &[
        route(Operation::CreateControl, "POST", "/controls", limits::CREATE_CONTROL_REQUEST),
        route(Operation::ListControls, "GET", "/controls", limits::LIST_CONTROLS_REQUEST),
        route(Operation::GetControl, "GET", "/controls/{controlId}", limits::ONE_CONTROL_REQUEST),
        route(Operation::UpdateControl, "PUT", "/controls/{controlId}", limits::UPDATE_CONTROL_REQUEST),
        route(Operation::DeleteControl, "DELETE", "/controls/{controlId}", limits::ONE_CONTROL_REQUEST),
        route(Operation::CreateAssessmentFramework, "POST", "/assessmentFrameworks", limits::CREATE_ASSESSMENT_FRAMEWORK_REQUEST),
        route(Operation::ListAssessmentFrameworks, "GET", "/assessmentFrameworks", limits::LIST_ASSESSMENT_FRAMEWORKS_REQUEST),
        route(Operation::GetAssessmentFramework, "GET", "/assessmentFrameworks/{frameworkId}", limits::ONE_FRAMEWORK_REQUEST),
        route(Operation::UpdateAssessmentFramework, "PUT", "/assessmentFrameworks/{frameworkId}", limits::UPDATE_ASSESSMENT_FRAMEWORK_REQUEST),
        route(Operation::DeleteAssessmentFramework, "DELETE", "/assessmentFrameworks/{frameworkId}", limits::ONE_FRAMEWORK_REQUEST),
        route(Operation::TagResource, "POST", "/tags/{resourceArn+}", limits::TAG_RESOURCE_REQUEST),
        route(Operation::UntagResource, "DELETE", "/tags/{resourceArn+}", limits::UNTAG_RESOURCE_REQUEST),
        route(Operation::ListTagsForResource, "GET", "/tags/{resourceArn+}", limits::LIST_TAGS_FOR_RESOURCE_REQUEST),
        route(Operation::ListKeywordsForDataSource, "GET", "/dataSourceKeywords", limits::LIST_KEYWORDS_FOR_DATA_SOURCE_REQUEST),
        route(Operation::GetAccountStatus, "GET", "/account/status", limits::GET_ACCOUNT_STATUS_REQUEST),
        route(Operation::GetSettings, "GET", "/settings/{attribute}", limits::GET_SETTINGS_REQUEST),
        route(Operation::ListAssessments, "GET", "/assessments", limits::LIST_ASSESSMENTS_REQUEST),
        route(Operation::GetAssessment, "GET", "/assessments/{assessmentId}", limits::ONE_ASSESSMENT_REQUEST),
        route(Operation::CreateAssessment, "POST", "/assessments", limits::CREATE_ASSESSMENT_REQUEST),
        route(Operation::UpdateAssessmentStatus, "PUT", "/assessments/{assessmentId}/status", limits::UPDATE_ASSESSMENT_STATUS_REQUEST),
        route(Operation::UpdateAssessmentControl, "PUT", "/assessments/{assessmentId}/controlSets/{controlSetId}/controls/{controlId}", limits::UPDATE_ASSESSMENT_CONTROL_REQUEST),
        route(Operation::GetOrganizationAdminAccount, "GET", "/account/organizationAdminAccount", limits::EMPTY_REQUEST),
        route(Operation::GetEvidenceFoldersByAssessment, "GET", "/assessments/{assessmentId}/evidenceFolders", limits::GET_EVIDENCE_FOLDERS_BY_ASSESSMENT_REQUEST),
        route(Operation::GetEvidenceFoldersByAssessmentControl, "GET", "/assessments/{assessmentId}/evidenceFolders-by-assessment-control/{controlSetId}/{controlId}", limits::GET_EVIDENCE_FOLDERS_BY_ASSESSMENT_CONTROL_REQUEST),
        route(Operation::ListAssessmentControlInsightsByControlDomain, "GET", "/insights/controls-by-assessment", limits::LIST_ASSESSMENT_CONTROL_INSIGHTS_REQUEST),
        route(Operation::GetInsights, "GET", "/insights", limits::EMPTY_REQUEST),
        route(Operation::GetInsightsByAssessment, "GET", "/insights/assessments/{assessmentId}", limits::ONE_ASSESSMENT_REQUEST),
    ]
};

/// The result of an operation: a body, an empty body, or an error.
pub(crate) type Answer = Result<Option<Value>, ServiceError>;

/// The response for an answer.
pub(crate) fn reply(answer: Answer) -> Reply {
    let content_type = "application/json";
    match answer {
        Ok(body) => Reply::json(200, content_type, None, body),
        Err(error) => {
            let (status, error_type, body) = (error.status(), Some(error.name()), Some(error.body()));
            Reply::json(status, content_type, error_type, body)
        }
    }
}

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
    found: Found<'a, Operation>,
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
    match rest::find(ROUTES, method, path) {
        Ok(found) => Ok(Call { found, query }),
        Err(NotFound::Path) => Err(ServiceError::UnknownOperation),
        Err(NotFound::Method) => {
            let message = format!("This path has no operation with the method {method}");
            Err(ServiceError::rejected(Reason::UnknownOperation, message))
        }
    }
}

impl Call<'_> {
    /// The operation.
    pub(crate) fn operation(&self) -> Operation {
        self.found.route.operation
    }

    /// Returns the input of the operation: the members of body, path and query, validated against every limit.
    ///
    /// # Errors
    ///
    /// `ValidationException`: `cannotParse` for a body that is not a JSON object or a path or query that is not UTF-8,
    /// `fieldValidationFailed` with every violated constraint.
    pub(crate) fn input(&self, body: &[u8]) -> Result<Value, ServiceError> {
        self.found.input(self.query, body).map_err(|invalid| match invalid {
            Invalid::CannotParse(message) => ServiceError::cannot_parse(message),
            Invalid::Fields(violations) => ServiceError::fields(violations),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(method: &str, path: &str) -> Result<Operation, ServiceError> {
        find(method, path, "").map(|call| call.operation())
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
