//! The lists of the service, page by page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_auditmanager::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_auditmanager::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_auditmanager::error::BoxError;
use aws_sdk_auditmanager::primitives::{DateTime, DateTimeFormat};
use aws_sdk_auditmanager::types::{
    AssessmentFrameworkMetadata, AssessmentStatus, ControlMetadata, ControlType, FrameworkType,
};
use controlsync_core::change_result::Failure;
use controlsync_core::plan::{AccountControl, AccountFramework, AccountObject, Detail, ObjectType, Stamp};

use super::convert::text;
use crate::audit_manager::client::Client;
use crate::pages::all_pages;
use crate::sender::Repeat;

/// Objects per page; the maximum of the service.
const PAGE: i32 = 1000;

/// A list, with the time and address of its response.
pub(super) struct Listed<T> {
    pub objects: Vec<AccountObject<T>>,
    /// The `Date` of the first response, in milliseconds since 1970.
    pub started: Option<i64>,
    /// The address that responded.
    pub endpoint: Option<String>,
}

/// An assessment of a list.
pub(super) struct Item {
    pub id: String,
    pub name: String,
    pub stamp: Option<Stamp>,
}

/// A time in milliseconds since 1970, rounded to the nearest.
///
/// The service sends seconds as a decimal number, which the SDK reads as a float: 1795788528.007 becomes 6.9999 ms. If
/// truncated instead of rounded, two objects created a millisecond apart would have the same time.
pub(crate) fn millis(time: Option<&DateTime>) -> Option<i64> {
    i64::try_from((time?.as_nanos() + 500_000).div_euclid(1_000_000)).ok()
}

/// Records time and address of the first response.
#[derive(Clone, Debug, Default)]
struct FirstAnswer(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    answered: bool,
    /// The `Date` of the first response, if it has one.
    started: Option<i64>,
    endpoint: Option<String>,
}

impl FirstAnswer {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for FirstAnswer {
    fn name(&self) -> &'static str {
        "FirstAnswer"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        let mut seen = self.lock();
        if !std::mem::replace(&mut seen.answered, true) {
            seen.started = millis(date.as_ref());
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let origin = uri.match_indices('/').nth(2).map_or(uri, |(end, _)| &uri[..end]);
        self.lock().endpoint.get_or_insert_with(|| origin.to_owned());
        Ok(())
    }
}

async fn controls<T>(
    client: &Client,
    kind: ControlType,
    first: &FirstAnswer,
    id: impl Fn(&T) -> String,
    item: impl Fn(&ControlMetadata) -> T,
) -> Result<Vec<T>, Failure> {
    let request = client.sdk().list_controls().control_type(kind).max_results(PAGE);
    let item = &item;
    all_pages("ListControls", id, |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let send = || request.clone().customize().interceptor(first.clone()).send();
            let page = client.call("ListControls", Repeat::Freely, send).await?;
            let items = page.control_metadata_list().iter().map(item).collect();
            Ok((items, page.next_token().map(str::to_owned)))
        }
    })
    .await
}

async fn frameworks<T>(
    client: &Client,
    id: impl Fn(&T) -> String,
    item: impl Fn(&AssessmentFrameworkMetadata) -> T,
) -> Result<Vec<T>, Failure> {
    let request = client.sdk().list_assessment_frameworks().framework_type(FrameworkType::Custom).max_results(PAGE);
    let item = &item;
    all_pages("ListAssessmentFrameworks", id, |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let page = client.call("ListAssessmentFrameworks", Repeat::Freely, || request.clone().send()).await?;
            let items = page.framework_metadata_list().iter().map(item).collect();
            Ok((items, page.next_token().map(str::to_owned)))
        }
    })
    .await
}

fn id_of<T>(object: &AccountObject<T>) -> String {
    object.id.clone()
}

fn listed_control(item: &ControlMetadata) -> AccountObject<AccountControl> {
    let updated = millis(item.last_updated_at().or(item.created_at()));
    AccountObject {
        id: text(item.id()),
        arn: text(item.arn()),
        name: text(item.name()),
        stamp: updated.map(|updated| Stamp { updated, counts: None }),
        detail: Detail::NotRead,
    }
}

fn listed_framework(item: &AssessmentFrameworkMetadata) -> AccountObject<AccountFramework> {
    let updated = millis(item.last_updated_at().or(item.created_at()));
    let counts = Some((item.control_sets_count(), item.controls_count()));
    AccountObject {
        id: text(item.id()),
        arn: text(item.arn()),
        name: text(item.name()),
        stamp: updated.map(|updated| Stamp { updated, counts }),
        detail: Detail::NotRead,
    }
}

pub(super) async fn custom_controls(client: &Client) -> Result<Listed<AccountControl>, Failure> {
    let first = FirstAnswer::default();
    let objects = controls(client, ControlType::Custom, &first, id_of, listed_control).await?;
    let seen = first.lock();
    Ok(Listed { objects, started: seen.started, endpoint: seen.endpoint.clone() })
}

pub(super) async fn standard_controls(client: &Client) -> Result<Vec<AccountObject<AccountControl>>, Failure> {
    controls(client, ControlType::Standard, &FirstAnswer::default(), id_of, listed_control).await
}

pub(super) async fn core_controls(client: &Client) -> Result<Vec<AccountObject<AccountControl>>, Failure> {
    controls(client, ControlType::Core, &FirstAnswer::default(), id_of, listed_control).await
}

pub(super) async fn custom_frameworks(client: &Client) -> Result<Listed<AccountFramework>, Failure> {
    let objects = frameworks(client, id_of, listed_framework).await?;
    Ok(Listed { objects, started: None, endpoint: None })
}

pub(super) async fn active_assessments(client: &Client) -> Result<Vec<Item>, Failure> {
    let request = client.sdk().list_assessments().status(AssessmentStatus::Active).max_results(PAGE);
    all_pages(
        "ListAssessments",
        |item: &Item| item.id.clone(),
        |token| {
            let request = request.clone().set_next_token(token);
            async move {
                let page = client.call("ListAssessments", Repeat::Freely, || request.clone().send()).await?;
                let items = page.assessment_metadata().iter().map(|item| {
                    let updated = millis(item.last_updated().or(item.creation_time()));
                    let stamp = updated.map(|updated| Stamp { updated, counts: None });
                    Item { id: text(item.id()), name: text(item.name()), stamp }
                });
                Ok((items.collect(), page.next_token().map(str::to_owned)))
            }
        },
    )
    .await
}

/// A custom object whose name may not be unique.
#[derive(Clone, Debug)]
pub(crate) struct Namesake {
    pub name: String,
    pub id: String,
    /// Time of creation, in milliseconds since 1970.
    pub created: Option<i64>,
}

/// Returns the names of all custom objects of a type.
pub(crate) async fn namesakes(client: &Client, object: ObjectType) -> Result<Vec<Namesake>, Failure> {
    let id = |namesake: &Namesake| namesake.id.clone();
    match object {
        ObjectType::Control => {
            controls(client, ControlType::Custom, &FirstAnswer::default(), id, |item| Namesake {
                name: text(item.name()),
                id: text(item.id()),
                created: millis(item.created_at()),
            })
            .await
        }
        ObjectType::Framework => {
            frameworks(client, id, |item| Namesake {
                name: text(item.name()),
                id: text(item.id()),
                created: millis(item.created_at()),
            })
            .await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_millisecond_the_service_sends_is_read_exactly() {
        for milli in 0..1000_i64 {
            let seconds: f64 = format!("1795788528.{milli:03}").parse().unwrap();
            assert_eq!(millis(Some(&DateTime::from_secs_f64(seconds))), Some(1_795_788_528_000 + milli));
        }
    }
}
