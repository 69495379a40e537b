//! The operations on trails.

use serde_json::{Value, json};

use crate::cloud_trail::limits;
use crate::cloud_trail::state::{CloudTrailState, Trail};
use crate::protocol::operation::{Context, Operation, Outcome, Work, copy, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::time::Time;

/// Trails of an account in a Region (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>).
const MAX_TRAILS: usize = 5;

/// The operations served here.
pub(crate) static OPERATIONS: &[Operation<CloudTrailState, ServiceOptions>] = &[
    Operation { name: "CreateTrail", input: limits::CREATE_TRAIL, work: Work::Write(create) },
    Operation { name: "DescribeTrails", input: limits::DESCRIBE_TRAILS, work: Work::Read(describe) },
    Operation { name: "GetTrailStatus", input: limits::GET_TRAIL_STATUS, work: Work::Read(status) },
    Operation { name: "GetEventSelectors", input: limits::GET_EVENT_SELECTORS, work: Work::Read(selectors) },
    Operation { name: "PutEventSelectors", input: limits::PUT_EVENT_SELECTORS, work: Work::Write(put_selectors) },
    Operation { name: "StartLogging", input: limits::START_LOGGING, work: Work::Write(start) },
    Operation { name: "StopLogging", input: limits::STOP_LOGGING, work: Work::Write(stop) },
    Operation { name: "DeleteTrail", input: limits::DELETE_TRAIL, work: Work::Write(delete) },
];

type Here<'a> = Context<'a, ServiceOptions>;

fn create(state: &mut CloudTrailState, context: &Here, input: &Value) -> Outcome {
    let name = text(input, "Name");
    check_name(name)?;
    if state.trails.contains_key(name) {
        let message = format!("Trail {name} already exists for customer: {}", context.account);
        return Err(Rejection::new("TrailAlreadyExistsException", message));
    }
    if state.trails.len() >= MAX_TRAILS {
        let message = format!("User: {} already has {MAX_TRAILS} trails in {}.", context.account, context.region);
        return Err(Rejection::new("MaximumNumberOfTrailsExceededException", message));
    }
    let trail = new_trail(context, input)?;
    let mut answer = trail.wire.clone();
    if let Some(members) = answer.as_object_mut() {
        members.remove("HomeRegion");
    }
    state.trails.insert(name.to_owned(), trail);
    Ok(Some(answer))
}

/// Returns a trail that is not logging.
///
/// # Errors
///
/// `InvalidParameterCombinationException`.
pub(crate) fn new_trail(context: &Here, input: &Value) -> Result<Trail, Rejection> {
    let name = text(input, "Name");
    let flag = |member: &str, default: bool| input[member].as_bool().unwrap_or(default);
    if flag("IsMultiRegionTrail", false) && !flag("IncludeGlobalServiceEvents", true) {
        let message = "Multi-Region trail must include global service events.";
        return Err(Rejection::new("InvalidParameterCombinationException", message));
    }
    let mut trail = json!({
        "Name": name,
        "TrailARN": context.arn("cloudtrail", &format!("trail/{name}")),
        "IncludeGlobalServiceEvents": flag("IncludeGlobalServiceEvents", true),
        "IsMultiRegionTrail": flag("IsMultiRegionTrail", false),
        "LogFileValidationEnabled": flag("EnableLogFileValidation", false),
        "IsOrganizationTrail": flag("IsOrganizationTrail", false),
    });
    let same = [
        "S3BucketName",
        "S3KeyPrefix",
        "SnsTopicName",
        "CloudWatchLogsLogGroupArn",
        "CloudWatchLogsRoleArn",
        "KmsKeyId",
    ];
    copy(input, &mut trail, &same);
    trail["HomeRegion"] = Value::from(context.region);
    Ok(Trail {
        wire: trail,
        is_logging: false,
        started: None,
        stopped: None,
        delivered: None,
        delivery_error: None,
        event_selectors: None,
        advanced_event_selectors: None,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have this signature")]
fn describe(state: &CloudTrailState, _: &Here, input: &Value) -> Outcome {
    let names = texts(input, "trailNameList").unwrap_or_default();
    let is_asked = |trail: &Trail| {
        let known = [text(&trail.wire, "Name"), text(&trail.wire, "TrailARN")];
        names.is_empty() || names.iter().any(|name| known.contains(&name.as_str()))
    };
    let trails = state.trails.values().filter(|trail| is_asked(trail)).map(|trail| {
        let mut view = trail.wire.clone();
        let custom = trail.event_selectors.is_some() || trail.advanced_event_selectors.is_some();
        view["HasCustomEventSelectors"] = Value::from(custom);
        view["HasInsightSelectors"] = Value::from(false);
        view
    });
    Ok(Some(json!({ "trailList": trails.collect::<Vec<_>>() })))
}

fn status(state: &CloudTrailState, _: &Here, input: &Value) -> Outcome {
    let trail = find(state, text(input, "Name"))?;
    let mut status = json!({ "IsLogging": trail.is_logging });
    for (member, time) in [
        ("StartLoggingTime", trail.started),
        ("StopLoggingTime", trail.stopped),
        ("LatestDeliveryTime", trail.delivered),
    ] {
        if let Some(time) = time {
            status[member] = time.seconds(false);
        }
    }
    for (member, time) in [("TimeLoggingStarted", trail.started), ("TimeLoggingStopped", trail.stopped)] {
        status[member] = Value::from(time.map(Time::rfc3339).unwrap_or_default());
    }
    if let Some(error) = &trail.delivery_error {
        status["LatestDeliveryError"] = Value::from(error.as_str());
    }
    Ok(Some(status))
}

fn selectors(state: &CloudTrailState, _: &Here, input: &Value) -> Outcome {
    find(state, text(input, "TrailName")).map(|trail| Some(selectors_of(trail)))
}

fn selectors_of(trail: &Trail) -> Value {
    let mut view = json!({ "TrailARN": trail.wire["TrailARN"] });
    if let Some(selectors) = &trail.advanced_event_selectors {
        view["AdvancedEventSelectors"] = selectors.clone();
    } else {
        view["EventSelectors"] = trail.event_selectors.clone().unwrap_or_else(|| json!([complete(&json!({}))]));
    }
    view
}

/// An event selector with its defaults.
fn complete(selector: &Value) -> Value {
    let mut view = json!({
        "ReadWriteType": "All",
        "IncludeManagementEvents": true,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    });
    let members = ["ReadWriteType", "IncludeManagementEvents", "DataResources", "ExcludeManagementEventSources"];
    copy(selector, &mut view, &members);
    view
}

pub(crate) fn put_selectors(state: &mut CloudTrailState, _: &Here, input: &Value) -> Outcome {
    let (basic, advanced) = (input["EventSelectors"].as_array(), input["AdvancedEventSelectors"].as_array());
    let trail = find_mut(state, text(input, "TrailName"))?;
    match (basic, advanced) {
        (Some(basic), None) if (1..=5).contains(&basic.len()) => {
            trail.event_selectors = Some(basic.iter().map(complete).collect());
            trail.advanced_event_selectors = None;
        }
        (None, Some(advanced)) if !advanced.is_empty() => {
            trail.advanced_event_selectors = Some(Value::from(advanced.clone()));
            trail.event_selectors = None;
        }
        _ => {
            let message = "Specify one to five event selectors, or advanced event selectors.";
            return Err(Rejection::new("InvalidEventSelectorsException", message));
        }
    }
    Ok(Some(selectors_of(trail)))
}

pub(crate) fn start(state: &mut CloudTrailState, context: &Here, input: &Value) -> Outcome {
    let trail = find_mut(state, text(input, "Name"))?;
    if !trail.is_logging {
        trail.is_logging = true;
        trail.started = Some(context.now);
        trail.delivered = Some(context.now);
    }
    Ok(Some(json!({})))
}

fn stop(state: &mut CloudTrailState, context: &Here, input: &Value) -> Outcome {
    let trail = find_mut(state, text(input, "Name"))?;
    if trail.is_logging {
        trail.is_logging = false;
        trail.stopped = Some(context.now);
    }
    Ok(Some(json!({})))
}

fn delete(state: &mut CloudTrailState, _: &Here, input: &Value) -> Outcome {
    let name = text(&find(state, text(input, "Name"))?.wire, "Name").to_owned();
    state.trails.remove(&name);
    Ok(Some(json!({})))
}

/// Returns the trail with a name or an ARN.
fn find<'a>(state: &'a CloudTrailState, name: &str) -> Result<&'a Trail, Rejection> {
    let known = |trail: &&Trail| text(&trail.wire, "Name") == name || text(&trail.wire, "TrailARN") == name;
    state.trails.values().find(known).ok_or_else(|| unknown(name))
}

fn find_mut<'a>(state: &'a mut CloudTrailState, name: &str) -> Result<&'a mut Trail, Rejection> {
    let known = |trail: &&mut Trail| text(&trail.wire, "Name") == name || text(&trail.wire, "TrailARN") == name;
    state.trails.values_mut().find(known).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Rejection {
    Rejection::new("TrailNotFoundException", format!("Unknown trail: {name}"))
}

/// The rules for names of trails (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>).
pub(crate) fn check_name(name: &str) -> Result<(), Rejection> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let adjacent = name.as_bytes().windows(2).any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    let valid = (3..=128).contains(&name.len())
        && name.chars().all(allowed)
        && name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && ends(name.chars().last())
        && !adjacent;
    if valid {
        Ok(())
    } else {
        Err(Rejection::new("InvalidTrailNameException", format!("{name:?} is not a valid name of a trail.")))
    }
}
