//! Questions about data sources.

use aws_sdk_auditmanager::types::{Control, ControlMappingSource, ControlType, KeywordInputType, SourceSetUpOption};
use controlsync_core::change_result::Failure;
use controlsync_core::probe::{Found, Refused};
use serde_json::json;

use super::lists;
use super::requests::{self, NewControl, NewSource};
use super::trial::{Trial, verdict};

/// An ID that no object has.
pub(super) const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The documented maximum of data sources in a control
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html>).
const MAX_SOURCES: usize = 100;

fn of<'a>(control: &'a Control, name: &str) -> Option<&'a ControlMappingSource> {
    control.control_mapping_sources().iter().find(|source| source.source_name() == Some(name))
}

fn or_nothing(value: Option<&str>) -> &str {
    value.unwrap_or("nothing")
}

pub(super) async fn filled_in(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let sources = vec![NewSource::manual("Manual"), NewSource::config("Automated")];
    let new = NewControl { sources, ..trial.control() };
    let control = trial.create(&new).await?;
    let filled = |name| {
        let source = of(&control, name);
        let input =
            source.and_then(|source| source.source_keyword()?.keyword_input_type()).map(KeywordInputType::as_str);
        let set_up = source.and_then(|source| source.source_set_up_option()).map(SourceSetUpOption::as_str);
        (set_up, input)
    };
    let (manual, automated) = (filled("Manual"), filled("Automated"));
    let keyword = of(&control, "Manual").and_then(|source| source.source_keyword()?.keyword_value());
    let shown = |(set_up, input)| format!("set-up option {}, input type {}", or_nothing(set_up), or_nothing(input));
    let answer = format!("manual: {}, keyword {}; automated: {}", shown(manual), or_nothing(keyword), shown(automated));
    Ok(Found::new(answer).switch("fillInKeywords", manual.1.is_some() && automated.1.is_some()))
}

fn source_id(control: &Control, name: &str) -> Option<String> {
    of(control, name)?.source_id().map(str::to_owned)
}

pub(super) async fn ids(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let sources = vec![NewSource::manual("Sent"), NewSource::manual("Omitted")];
    let new = NewControl { sources, ..trial.control() };
    let control = trial.create(&new).await?;
    let id = control.id().unwrap_or_default();
    let sent = NewSource { id: source_id(&control, "Sent"), ..NewSource::manual("Sent") };
    let update = NewControl { sources: vec![sent, NewSource::manual("Omitted")], ..new };
    if let Err(refused) = verdict(requests::update_control(trial.client(), id, &update).await)? {
        return Ok(Found::new("a source without an ID is refused").with([refused]));
    }
    let after = requests::get_control(trial.client(), id).await?;
    let is_kept = |name| source_id(&after, name) == source_id(&control, name);
    let word = |kept| if kept { "kept" } else { "new" };
    let omitted = is_kept("Omitted");
    let answer = format!("sent: {}; omitted, with the same name: {}", word(is_kept("Sent")), word(omitted));
    Ok(Found::new(answer).switch("newIdsWhenOmitted", !omitted))
}

pub(super) async fn unknown_id(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.control();
    let control = trial.create(&new).await?;
    let id = control.id().unwrap_or_default();
    let other = NewSource { id: Some(NO_ID.to_owned()), ..NewSource::manual("Another") };
    let update = NewControl { sources: vec![other], ..new };
    if let Err(refused) = verdict(requests::update_control(trial.client(), id, &update).await)? {
        return Ok(Found::new("refused").with([refused]));
    }
    let after = requests::get_control(trial.client(), id).await?;
    let kept = source_id(&after, "Another").as_deref() == Some(NO_ID);
    Ok(Found::new(if kept { "accepted, with that ID" } else { "accepted, with a new ID" }))
}

/// Tries to create a control with each of several data sources. Returns the names of those that were refused, of those that were
/// accepted, and the refusals.
async fn tried(
    trial: &mut Trial<'_>,
    cases: Vec<(&'static str, Vec<NewSource>)>,
) -> Result<(Vec<&'static str>, Vec<&'static str>, Vec<Refused>), Failure> {
    let (mut rejected, mut accepted, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (name, sources) in cases {
        let new = NewControl { sources, ..trial.control() };
        match trial.try_control(&new).await? {
            Ok(_) => accepted.push(name),
            Err(refused) => {
                rejected.push(name);
                reasons.push(refused);
            }
        }
        trial.clear().await?;
    }
    Ok((rejected, accepted, reasons))
}

fn listed(rejected: &[&str], accepted: &[&str]) -> String {
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("refused: {}; accepted: {}", list(rejected), list(accepted))
}

pub(super) async fn fields(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let config = || NewSource::config("Automated");
    let manual = || NewSource::manual("Manual");
    let keyword = Some("ACCESS_KEYS_ROTATED".to_owned());
    let cases = vec![
        ("no name", NewSource { name: None, ..manual() }),
        ("no type", NewSource { source_type: None, ..manual() }),
        ("set-up option of another type", NewSource { set_up: Some("Procedural_Controls_Mapping"), ..config() }),
        ("input type of another type", NewSource { input: Some("UPLOAD_FILE"), ..config() }),
        ("keyword at a manual source", NewSource { keyword, ..manual() }),
        ("no keyword at an automated source", NewSource { keyword: None, ..config() }),
        ("frequency at a rule", NewSource { frequency: Some("DAILY"), ..config() }),
        ("frequency at a manual source", NewSource { frequency: Some("DAILY"), ..manual() }),
    ];
    let cases = cases.into_iter().map(|(name, source)| (name, vec![source])).collect();
    let (rejected, accepted, reasons) = tried(trial, cases).await?;
    let answer = listed(&rejected, &accepted);
    Ok(Found::new(answer).switch("rejectInconsistentSources", !rejected.is_empty()).with(reasons))
}

pub(super) async fn managed(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let named = |source_type, keyword: &str| NewSource {
        name: Some("Managed".to_owned()),
        source_type: Some(source_type),
        keyword: Some(keyword.to_owned()),
        ..NewSource::default()
    };
    let cases = vec![
        ("a core control that does not exist", vec![named("Core_Control", NO_ID)]),
        ("a common control that is no ARN", vec![named("Common_Control", "none")]),
    ];
    let (rejected, accepted, reasons) = tried(trial, cases).await?;
    let answer = listed(&rejected, &accepted);
    Ok(Found::new(answer).switch("rejectUnknownManagedSources", !rejected.is_empty()).with(reasons))
}

pub(super) async fn counts(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let sources = (0..=MAX_SOURCES).map(|number| NewSource::manual(&format!("Number {number}"))).collect();
    let (rejected, accepted, reasons) = tried(trial, vec![("101 data sources", sources)]).await?;
    let answer = listed(&rejected, &accepted);
    Ok(Found::new(answer).switch("enforceSourceCounts", !rejected.is_empty()).with(reasons))
}

/// Sends a standard control as it is, so that nothing changes even if the service accepts it.
pub(super) async fn standard_controls(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let (entries, _) = lists::controls(trial.client(), ControlType::Standard, Some(1), None).await?;
    let Some(entry) = entries.first() else {
        return Err(Failure::new("ListControls", "the account has no standard control"));
    };
    let control = requests::get_control(trial.client(), &entry.id).await?;
    let sent = requests::update_as_it_is(trial.client(), &control).await;
    // Here a denial is an answer, unless it is about a permission.
    let about_permission = |failure: &Failure| failure.message.contains("not authorized to perform");
    let refused = match sent {
        Err(failure) if failure.is_denied() && !about_permission(&failure) => Refused::new(&failure),
        sent => match verdict(sent)? {
            Ok(()) => return Ok(Found::new("accepted")),
            Err(refused) => refused,
        },
    };
    let found = Found::new(refused.code.clone());
    let found = match refused.code.as_str() {
        "ValidationException" => found.switch("standardWrite", json!("Invalid")),
        "AccessDeniedException" => found.switch("standardWrite", json!("Denied")),
        "ResourceNotFoundException" => found.switch("standardWrite", json!("NotFound")),
        _ => found,
    };
    Ok(found.with([refused]))
}
