//! `GetAccountStatus`, `GetOrganizationAdminAccount`, `GetSettings` and `ListKeywordsForDataSource`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::state::AccountState;

#[expect(clippy::unnecessary_wraps, reason = "all operations have this signature")]
pub(crate) fn status(_: &AccountState, options: &AuditManager, _: Value) -> Answer {
    Ok(Some(json!({ "status": options.account_status })))
}

/// Without a delegated administrator, the response has no account.
#[expect(clippy::unnecessary_wraps, reason = "all operations have this signature")]
pub(crate) fn organization_admin(state: &AccountState, _: &AuditManager, _: Value) -> Answer {
    let mut answer = json!({});
    if let Some(account) = &state.organization_admin {
        answer["adminAccountId"] = Value::from(account.as_str());
        answer["organizationId"] = Value::from("o-0000000000");
    }
    Ok(Some(answer))
}

#[derive(Deserialize)]
struct GetSettings {
    attribute: String,
}

pub(crate) fn settings(_: &AccountState, _: &AuditManager, input: Value) -> Answer {
    let GetSettings { attribute } = typed(input)?;
    let all = [
        ("IS_AWS_ORG_ENABLED", "isAwsOrgEnabled", json!(false)),
        ("DEFAULT_PROCESS_OWNERS", "defaultProcessOwners", json!([])),
        ("EVIDENCE_FINDER_ENABLEMENT", "evidenceFinderEnablement", json!({ "enablementStatus": "DISABLED" })),
        ("DEREGISTRATION_POLICY", "deregistrationPolicy", json!({ "deleteResources": "DEFAULT" })),
        // Only `ALL` includes the key.
        ("ALL", "kmsKey", json!("DEFAULT")),
    ];
    let settings: Map<String, Value> = all
        .into_iter()
        .filter(|(selector, ..)| attribute == "ALL" || attribute == *selector)
        .map(|(_, name, value)| (name.to_owned(), value))
        .collect();
    Ok(Some(json!({ "settings": settings })))
}

#[derive(Deserialize)]
struct ListKeywords {
    source: String,
    #[serde(flatten)]
    page: PageRequest,
}

/// Keywords that AWS documents: all of the API calls, some of the other data sources. A manual source has none.
pub(crate) fn keywords(_: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let ListKeywords { source, page } = typed(input)?;
    let keywords = match source.as_str() {
        "AWS_API_Call" => include_str!("data/AWS_API_Call.txt"),
        "AWS_Cloudtrail" => include_str!("data/AWS_Cloudtrail.txt"),
        "AWS_Config" => include_str!("data/AWS_Config.txt"),
        "AWS_Security_Hub" => include_str!("data/AWS_Security_Hub.txt"),
        _ => "",
    };
    let items = keywords.lines().map(|keyword| (keyword.to_owned(), Value::from(keyword)));
    pages::page(&page, &format!("keywords/{source}"), "keywords", items, options.switches.pages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_manager::library;
    use crate::audit_manager::limits;
    use crate::protocol::validate;

    #[test]
    fn keyword_lists_are_sorted_unique_and_valid() {
        for (source, min) in
            [("AWS_API_Call", 108), ("AWS_Cloudtrail", 24), ("AWS_Config", 24), ("AWS_Security_Hub", 24)]
        {
            let state = library::new_account("000000000000", "us-east-1");
            let input = json!({ "source": source, "maxResults": 1000 });
            let answer = keywords(&state, &AuditManager::default(), input).unwrap().unwrap();
            let list: Vec<&str> = answer["keywords"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(list.len() >= min, "{source}: {}", list.len());
            assert!(list.is_sorted_by(|one, next| one < next), "{source}");
            for keyword in list {
                let control = json!({
                    "name": "n", "controlMappingSources": [{ "sourceKeyword": { "keywordValue": keyword } }],
                });
                assert!(validate::violations(limits::CREATE_CONTROL_REQUEST, &control).is_empty(), "{keyword}");
            }
        }
    }
}
