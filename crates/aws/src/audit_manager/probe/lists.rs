//! Lists of the account, read so that they end whatever their pages are like.

use std::collections::BTreeSet;

use aws_sdk_auditmanager::types::{ControlType, FrameworkType};
use controlsync_core::change_result::Failure;
use controlsync_core::plan::ObjectType;

use crate::audit_manager::account::list::millis;
use crate::audit_manager::client::Client;
use crate::sender::Repeat;

/// Most entries that a page may have.
const LARGEST: i32 = 1000;

/// Pages in a row with nothing new, after which a list counts as read.
const BARREN: usize = 3;

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub id: String,
    pub name: String,
    /// Time of the last update, in milliseconds since 1970.
    pub updated: Option<i64>,
}

/// A page of a list, and its token.
pub(super) type Page = (Vec<Entry>, Option<String>);

pub(super) async fn controls(
    client: &Client,
    kind: ControlType,
    size: Option<i32>,
    token: Option<String>,
) -> Result<Page, Failure> {
    let request = client.sdk().list_controls().control_type(kind).set_max_results(size).set_next_token(token);
    let answer = client.call("ListControls", Repeat::Freely, || request.clone().send()).await?;
    let entries = answer.control_metadata_list().iter().map(|item| Entry {
        id: item.id().unwrap_or_default().to_owned(),
        name: item.name().unwrap_or_default().to_owned(),
        updated: millis(item.last_updated_at()),
    });
    Ok((entries.collect(), answer.next_token().map(str::to_owned)))
}

async fn frameworks(client: &Client, token: Option<String>) -> Result<Page, Failure> {
    let kind = FrameworkType::Custom;
    let request =
        client.sdk().list_assessment_frameworks().framework_type(kind).max_results(LARGEST).set_next_token(token);
    let answer = client.call("ListAssessmentFrameworks", Repeat::Freely, || request.clone().send()).await?;
    let entries = answer.framework_metadata_list().iter().map(|item| Entry {
        id: item.id().unwrap_or_default().to_owned(),
        name: item.name().unwrap_or_default().to_owned(),
        updated: millis(item.last_updated_at()),
    });
    Ok((entries.collect(), answer.next_token().map(str::to_owned)))
}

/// All custom objects of a type, each once.
pub(super) async fn all(client: &Client, object: ObjectType) -> Result<Vec<Entry>, Failure> {
    let (mut all, mut ids, mut tokens) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let (mut token, mut barren) = (None, 0);
    loop {
        let (entries, next) = match object {
            ObjectType::Control => controls(client, ControlType::Custom, Some(LARGEST), token).await?,
            ObjectType::Framework => frameworks(client, token).await?,
        };
        let before = all.len();
        all.extend(entries.into_iter().filter(|entry| ids.insert(entry.id.clone())));
        barren = if all.len() == before { barren + 1 } else { 0 };
        match next {
            Some(next) if !next.is_empty() && barren < BARREN && tokens.insert(next.clone()) => token = Some(next),
            _ => return Ok(all),
        }
    }
}
