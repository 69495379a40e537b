//! Configuration recorders and delivery channels.

use serde_json::{Value, json};

use crate::config::state::{ConfigState, Recorder};
use crate::protocol::operation::{Context, Outcome, copy, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;

/// The global types that are recorded with all types only if the recorder includes them
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html>).
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

const ALL: &str = "ALL_SUPPORTED_RESOURCE_TYPES";
const INCLUSION: &str = "INCLUSION_BY_RESOURCE_TYPES";
const EXCLUSION: &str = "EXCLUSION_BY_RESOURCE_TYPES";

type Here<'a> = Context<'a, ServiceOptions>;

/// The recorder that users manage; there is at most one.
pub(crate) fn customer_managed(state: &ConfigState) -> Option<&Recorder> {
    state.recorders.values().find(|recorder| !is_service_linked(&recorder.wire))
}

fn is_service_linked(recorder: &Value) -> bool {
    recorder["servicePrincipal"].is_string()
}

/// Whether the recorder of users is on, and records one of these types, or any type if there are none.
pub(crate) fn records_any(state: &ConfigState, types: &[String]) -> bool {
    let Some(recorder) = customer_managed(state).filter(|recorder| recorder.recording) else { return false };
    let group = &recorder.wire["recordingGroup"];
    let has = |list: &Value, name: &String| {
        list.as_array().is_some_and(|list| list.iter().any(|known| known.as_str() == Some(name)))
    };
    let records = |name: &String| match text(&group["recordingStrategy"], "useOnly") {
        INCLUSION => has(&group["resourceTypes"], name),
        EXCLUSION => !has(&group["exclusionByResourceTypes"]["resourceTypes"], name),
        _ => group["includeGlobalResourceTypes"] == true || !GLOBAL_TYPES.contains(&name.as_str()),
    };
    types.is_empty() || types.iter().any(records)
}

pub(crate) fn put(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let sent = &input["ConfigurationRecorder"];
    if is_service_linked(sent) {
        let message = "You cannot create or change a service-linked configuration recorder with this operation.";
        return Err(Rejection::new("ValidationException", message));
    }
    let name = sent["name"].as_str().unwrap_or("default");
    if customer_managed(state).is_some_and(|recorder| text(&recorder.wire, "name") != name) {
        let message = format!(
            "Failed to put configuration recorder '{name}' because the maximum number of customer managed configuration \
             recorders: 1 is reached."
        );
        return Err(Rejection::new("MaxNumberOfConfigurationRecordersExceededException", message));
    }
    if !sent["roleARN"].as_str().is_some_and(|arn| arn.starts_with("arn:") && arn.contains(":iam:")) {
        return Err(Rejection::new("InvalidRoleException", "You have provided a null or invalid role ARN."));
    }
    let group = complete_group(&sent["recordingGroup"])?;
    let before = state.recorders.get(name);
    let mut recorder = complete(context, name, sent, &group);
    if let Some(before) = before {
        recorder["arn"] = before.wire["arn"].clone();
    }
    let mut record = before.cloned().unwrap_or_else(|| Recorder {
        wire: Value::Null,
        recording: false,
        started: None,
        stopped: None,
        last_status: None,
        changed: None,
    });
    record.wire = recorder;
    state.recorders.insert(name.to_owned(), record);
    Ok(None)
}

/// A recorder with what the service fills in.
pub(crate) fn complete(context: &Here, name: &str, sent: &Value, group: &Value) -> Value {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let arn = context.arn("config", &format!("configuration-recorder/{name}/{}", id.get(..16).unwrap_or_default()));
    let mut recorder = json!({
        "arn": arn,
        "name": name,
        "recordingGroup": group,
        "recordingMode": { "recordingFrequency": "CONTINUOUS", "recordingModeOverrides": [] },
        "recordingScope": "PAID",
    });
    copy(sent, &mut recorder, &["arn", "roleARN", "recordingMode", "recordingScope", "servicePrincipal"]);
    recorder
}

/// A recording group with what the service fills in.
///
/// # Errors
///
/// `InvalidRecordingGroupException` for parts that contradict each other.
pub(crate) fn complete_group(sent: &Value) -> Result<Value, Rejection> {
    let included = texts(sent, "resourceTypes").unwrap_or_default();
    let excluded = texts(&sent["exclusionByResourceTypes"], "resourceTypes").unwrap_or_default();
    let flag = |member: &str| sent[member].as_bool();
    let strategy = sent["recordingStrategy"]["useOnly"].as_str();
    let all = flag("allSupported").unwrap_or(sent.is_null());
    let strategy = strategy.unwrap_or(match (all, excluded.is_empty()) {
        (true, _) => ALL,
        (false, true) => INCLUSION,
        (false, false) => EXCLUSION,
    });
    let global = flag("includeGlobalResourceTypes").unwrap_or(false);
    let valid = match strategy {
        ALL => flag("allSupported") != Some(false) && included.is_empty() && excluded.is_empty(),
        INCLUSION => !all && !global && !included.is_empty() && excluded.is_empty(),
        _ => !all && !global && included.is_empty() && !excluded.is_empty(),
    };
    if !valid {
        return Err(Rejection::new("InvalidRecordingGroupException", "The recording group provided is not valid"));
    }
    Ok(json!({
        "allSupported": strategy == ALL,
        "includeGlobalResourceTypes": global,
        "resourceTypes": included,
        "exclusionByResourceTypes": { "resourceTypes": excluded },
        "recordingStrategy": { "useOnly": strategy },
    }))
}

/// Returns the recorders that a request asks for: without any of the three members, the one that users manage.
fn asked<'a>(state: &'a ConfigState, input: &Value) -> Result<Vec<&'a Recorder>, Rejection> {
    let names = texts(input, "ConfigurationRecorderNames").unwrap_or_default();
    let (principal, arn) = (input["ServicePrincipal"].as_str(), input["Arn"].as_str());
    if names.len() > 1
        || usize::from(!names.is_empty()) + usize::from(principal.is_some()) + usize::from(arn.is_some()) > 1
    {
        return Err(Rejection::new("ValidationException", "You can only specify one configuration recorder."));
    }
    let by = |member: &'static str, value: &str| {
        let found = state.recorders.values().find(|recorder| recorder.wire[member].as_str() == Some(value));
        found.map(|recorder| vec![recorder]).ok_or_else(|| unknown(value))
    };
    match (names.first(), principal, arn) {
        (Some(name), ..) => by("name", name),
        (_, Some(principal), _) => by("servicePrincipal", principal),
        (.., Some(arn)) => by("arn", arn),
        _ => Ok(customer_managed(state).into_iter().collect()),
    }
}

pub(crate) fn describe(state: &ConfigState, _: &Here, input: &Value) -> Outcome {
    let recorders: Vec<&Value> = asked(state, input)?.into_iter().map(|recorder| &recorder.wire).collect();
    Ok(Some(json!({ "ConfigurationRecorders": recorders })))
}

pub(crate) fn status(state: &ConfigState, _: &Here, input: &Value) -> Outcome {
    let status = asked(state, input)?.into_iter().map(|recorder| {
        let mut view = json!({ "recording": recorder.recording });
        copy(&recorder.wire, &mut view, &["arn", "name", "servicePrincipal"]);
        for (member, time) in [
            ("lastStartTime", recorder.started),
            ("lastStopTime", recorder.stopped),
            ("lastStatusChangeTime", recorder.changed),
        ] {
            if let Some(time) = time {
                view[member] = time.seconds(false);
            }
        }
        if let Some(status) = &recorder.last_status {
            view["lastStatus"] = Value::from(status.as_str());
        }
        view
    });
    Ok(Some(json!({ "ConfigurationRecordersStatus": status.collect::<Vec<_>>() })))
}

/// Starts the recorder; which rules then evaluate is for the caller.
pub(crate) fn start(state: &mut ConfigState, context: &Here, input: &Value) -> Result<(), Rejection> {
    if state.channels.is_empty() {
        find(state, input)?;
        let message = "Delivery channel is not available to start configuration recorder.";
        return Err(Rejection::new("NoAvailableDeliveryChannelException", message));
    }
    let recorder = find(state, input)?;
    if !recorder.recording {
        recorder.recording = true;
        recorder.started = Some(context.now);
        recorder.changed = Some(context.now);
        recorder.last_status = Some("Success".to_owned());
    }
    Ok(())
}

pub(crate) fn stop(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let recorder = find(state, input)?;
    if recorder.recording {
        recorder.recording = false;
        recorder.stopped = Some(context.now);
        recorder.changed = Some(context.now);
    }
    Ok(None)
}

pub(crate) fn delete(state: &mut ConfigState, _: &Here, input: &Value) -> Outcome {
    find(state, input)?;
    state.recorders.remove(text(input, "ConfigurationRecorderName"));
    Ok(None)
}

/// Returns the recorder of a request that changes it.
fn find<'a>(state: &'a mut ConfigState, input: &Value) -> Result<&'a mut Recorder, Rejection> {
    let name = text(input, "ConfigurationRecorderName");
    let recorder = state.recorders.get_mut(name).ok_or_else(|| unknown(name))?;
    if is_service_linked(&recorder.wire) {
        let message = format!("The configuration recorder '{name}' is service-linked: only its service changes it.");
        return Err(Rejection::new("UnmodifiableEntityException", message));
    }
    Ok(recorder)
}

fn unknown(name: &str) -> Rejection {
    let message = format!("Cannot find configuration recorder with the specified name '{name}'.");
    Rejection::new("NoSuchConfigurationRecorderException", message)
}

pub(crate) fn put_channel(state: &mut ConfigState, _: &Here, input: &Value) -> Outcome {
    let sent = &input["DeliveryChannel"];
    if customer_managed(state).is_none() {
        let message = "Configuration recorder is not available to put delivery channel.";
        return Err(Rejection::new("NoAvailableConfigurationRecorderException", message));
    }
    if sent["s3BucketName"].as_str().is_none_or(str::is_empty) {
        return Err(Rejection::new("NoSuchBucketException", "Cannot find a S3 bucket with an empty bucket name."));
    }
    let name = sent["name"].as_str().unwrap_or("default");
    if !state.channels.is_empty() && !state.channels.contains_key(name) {
        let message = format!(
            "Failed to put delivery channel '{name}' because the maximum number of delivery channels: 1 is reached."
        );
        return Err(Rejection::new("MaxNumberOfDeliveryChannelsExceededException", message));
    }
    let mut channel = json!({ "name": name });
    let members = ["s3BucketName", "s3KeyPrefix", "s3KmsKeyArn", "snsTopicARN", "configSnapshotDeliveryProperties"];
    copy(sent, &mut channel, &members);
    state.channels.insert(name.to_owned(), channel);
    Ok(None)
}

pub(crate) fn channels(state: &ConfigState, _: &Here, input: &Value) -> Outcome {
    let channels: Vec<&Value> = match texts(input, "DeliveryChannelNames").filter(|names| !names.is_empty()) {
        None => state.channels.values().collect(),
        Some(names) => names
            .iter()
            .map(|name| {
                state.channels.get(name).ok_or_else(|| {
                    let message = format!("Cannot find delivery channel with specified name '{name}'.");
                    Rejection::new("NoSuchDeliveryChannelException", message)
                })
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(Some(json!({ "DeliveryChannels": channels })))
}
