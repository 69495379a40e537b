//! What the account holds: lists, then the details of what the plan needs.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_auditmanager::types::{self, ControlType, FrameworkType};
use controlsync_core::applied::Failure;
use controlsync_core::plan::{Actual, Held, HeldControl, HeldFramework, HeldSet, HeldSource, Needs};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::client::{Client, Repeat};

/// Requests in flight at once.
pub(crate) const CONCURRENCY: usize = 8;
/// Objects a page; the most that the service gives.
const PAGE: i32 = 1000;

/// Reads the account. `progress` is called with the number of details read and the number to read.
///
/// # Errors
///
/// A request failed for good.
pub async fn read(client: &Client, needs: &Needs, progress: impl Fn(usize, usize)) -> Result<Actual, Failure> {
    let controls = list_controls(client).await?;
    let frameworks = list_frameworks(client).await?;
    let first = controls.first().map(|held| &held.arn).or_else(|| frameworks.first().map(|held| &held.arn));
    let account = first.and_then(|arn| account_of(arn)).or_else(|| client.account().map(str::to_owned));
    let needed = controls.iter().filter(|held| needs.controls.contains(&held.name)).count()
        + frameworks.iter().filter(|held| needs.frameworks.contains(&held.name)).count();
    let read = Cell::new(0);
    let one_more = || {
        read.set(read.get() + 1);
        progress(read.get(), needed);
    };
    let controls = details(controls, &needs.controls, &one_more, |id| get_control(client, id)).await?;
    let frameworks = details(frameworks, &needs.frameworks, &one_more, |id| get_framework(client, id)).await?;
    Ok(Actual { account, region: client.region().to_owned(), controls, frameworks })
}

/// The account id in an ARN.
fn account_of(arn: &str) -> Option<String> {
    arn.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
}

/// Everything that a list operation gives, page by page.
async fn all_pages<T, F>(page: impl Fn(Option<String>) -> F) -> Result<Vec<Held<T>>, Failure>
where
    F: Future<Output = Result<(Vec<Held<T>>, Option<String>), Failure>>,
{
    let mut held = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = page(token).await?;
        held.extend(items);
        if next.is_none() {
            return Ok(held);
        }
        token = next;
    }
}

fn listed<T>(id: Option<&str>, arn: Option<&str>, name: Option<&str>) -> Held<T> {
    Held { id: text(id), arn: text(arn), name: text(name), detail: None }
}

async fn list_controls(client: &Client) -> Result<Vec<Held<HeldControl>>, Failure> {
    let request = client.sdk().list_controls().control_type(ControlType::Custom).max_results(PAGE);
    all_pages(|token| {
        let request = request.clone().set_next_token(token);
        async move {
            let page = client.call("ListControls", Repeat::Freely, || request.clone().send()).await?;
            let items = page.control_metadata_list().iter();
            let items = items.map(|item| listed(item.id(), item.arn(), item.name())).collect();
            Ok((items, page.next_token().map(str::to_owned)))
        }
    })
    .await
}

async fn list_frameworks(client: &Client) -> Result<Vec<Held<HeldFramework>>, Failure> {
    let request = client.sdk().list_assessment_frameworks().framework_type(FrameworkType::Custom).max_results(PAGE);
    all_pages(|token| {
        let request = request.clone().set_next_token(token);
        async move {
            let page = client.call("ListAssessmentFrameworks", Repeat::Freely, || request.clone().send()).await?;
            let items = page.framework_metadata_list().iter();
            let items = items.map(|item| listed(item.id(), item.arn(), item.name())).collect();
            Ok((items, page.next_token().map(str::to_owned)))
        }
    })
    .await
}

/// Reads the details of objects of some names. One that is listed and cannot be found stays listed without them: taken for
/// missing, it would be created again.
async fn details<T, F>(
    held: Vec<Held<T>>,
    names: &BTreeSet<String>,
    one_more: &impl Fn(),
    get: impl Fn(String) -> F,
) -> Result<Vec<Held<T>>, Failure>
where
    F: Future<Output = Result<Option<T>, Failure>>,
{
    let read = held.into_iter().map(|object| {
        let request = names.contains(&object.name).then(|| get(object.id.clone()));
        async move {
            let Some(request) = request else { return Ok(object) };
            let detail = request.await?;
            one_more();
            Ok::<_, Failure>(Held { detail, ..object })
        }
    });
    stream::iter(read).buffered(CONCURRENCY).try_collect().await
}

fn unless_gone<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn get_control(client: &Client, id: String) -> Result<Option<HeldControl>, Failure> {
    let request = client.sdk().get_control().control_id(id);
    let answer = client.call("GetControl", Repeat::Freely, || request.clone().send()).await;
    Ok(unless_gone(answer)?.and_then(|answer| answer.control().map(control)))
}

async fn get_framework(client: &Client, id: String) -> Result<Option<HeldFramework>, Failure> {
    let request = client.sdk().get_assessment_framework().framework_id(id);
    let answer = client.call("GetAssessmentFramework", Repeat::Freely, || request.clone().send()).await;
    Ok(unless_gone(answer)?.and_then(|answer| answer.framework().map(framework)))
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn tags(tags: Option<&std::collections::HashMap<String, String>>) -> BTreeMap<String, String> {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn control(control: &types::Control) -> HeldControl {
    HeldControl {
        description: text(control.description()),
        testing_information: text(control.testing_information()),
        action_plan_title: text(control.action_plan_title()),
        action_plan_instructions: text(control.action_plan_instructions()),
        sources: control.control_mapping_sources().iter().map(source).collect(),
        tags: tags(control.tags()),
    }
}

fn source(source: &types::ControlMappingSource) -> HeldSource {
    let keyword = source.source_keyword();
    HeldSource {
        id: text(source.source_id()),
        name: text(source.source_name()),
        description: text(source.source_description()),
        set_up_option: source.source_set_up_option().map(|option| option.as_str().to_owned()),
        source_type: source.source_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        input_type: keyword.and_then(|keyword| keyword.keyword_input_type()).map(|kind| kind.as_str().to_owned()),
        keyword: keyword.and_then(|keyword| keyword.keyword_value()).map(str::to_owned),
        frequency: source.source_frequency().map(|frequency| frequency.as_str().to_owned()),
        troubleshooting: text(source.troubleshooting_text()),
    }
}

fn framework(framework: &types::Framework) -> HeldFramework {
    let set = |set: &types::ControlSet| HeldSet {
        id: text(set.id()),
        name: text(set.name()),
        controls: set.controls().iter().map(|control| (text(control.id()), text(control.name()))).collect(),
    };
    HeldFramework {
        description: framework.description().map(str::to_owned),
        compliance_type: text(framework.compliance_type()),
        control_sets: framework.control_sets().iter().map(set).collect(),
        tags: tags(framework.tags()),
    }
}
