//! Pages of the lists of Audit Manager.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::Answer;
use crate::protocol::pages::{self, Pages};

/// Items on a page if the request has no `maxResults`. The default of the service is not documented.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 50;

/// The page that a request asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageRequest {
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Returns the response of a list: the requested page under `member`, and the token of the next page if there is one.
///
/// # Errors
///
/// `ValidationException` for a token that this list has not returned.
pub(crate) fn page(
    request: &PageRequest,
    list: &str,
    member: &str,
    items: impl Iterator<Item = (String, Value)>,
    kind: Pages,
) -> Answer {
    let size = request.max_results.unwrap_or(DEFAULT_PAGE_SIZE);
    let page = pages::page(size, request.next_token.as_deref(), list, items, kind)
        .map_err(|_| ServiceError::field("nextToken", "Member must be a token that this list returned"))?;
    let mut answer = json!({ member: page.items });
    if let Some(token) = page.next {
        answer["nextToken"] = Value::from(token);
    }
    Ok(Some(answer))
}
