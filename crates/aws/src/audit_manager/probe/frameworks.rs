//! Questions about frameworks.

use aws_sdk_auditmanager::types::{ControlSet, ControlType, Framework};
use controlsync_core::change_result::Failure;
use controlsync_core::probe::{Found, NEEDS, Refused};

use super::lists;
use super::requests::{self, NewControl, NewFramework, NewSet, NewSource};
use super::sources::NO_ID;
use super::trial::{Trial, verdict};
use crate::audit_manager::account::list::millis;

/// So many that an order by ID is the order in which they were sent once in forty thousand times.
const MANY: usize = 8;

fn set(name: &str, controls: &[String]) -> NewSet {
    NewSet { name: name.to_owned(), controls: controls.to_vec(), ..NewSet::default() }
}

fn of<'a>(framework: &'a Framework, name: &str) -> Option<&'a ControlSet> {
    framework.control_sets().iter().find(|set| set.name() == Some(name))
}

pub(super) async fn names(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(1).await?;
    let new = trial.framework(&controls);
    trial.create_framework(&new).await?;
    Ok(match trial.try_framework(&new).await? {
        Ok(_) => Found::new("yes").switch("rejectDuplicateNames", false),
        Err(refused) => Found::new("no").switch("rejectDuplicateNames", true).with([refused]),
    })
}

pub(super) async fn set_ids(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(1).await?;
    let sets = vec![set("Sent", &controls), set("Omitted", &controls)];
    let new = NewFramework { sets, ..trial.framework(&[]) };
    let framework = trial.create_framework(&new).await?;
    let id_of = |framework: &Framework, name: &str| of(framework, name)?.id().map(str::to_owned);
    let id = framework.id().unwrap_or_default();
    let sent = NewSet { id: id_of(&framework, "Sent"), ..set("Sent", &controls) };
    let update = NewFramework { sets: vec![sent, set("Omitted", &controls)], ..new };
    if let Err(refused) = verdict(requests::update_framework(trial.client(), id, &update).await)? {
        return Ok(Found::new("a set without an ID is refused").with([refused]));
    }
    let after = requests::get_framework(trial.client(), id).await?;
    let is_kept = |name| id_of(&after, name) == id_of(&framework, name);
    let word = |kept| if kept { "kept" } else { "new" };
    let omitted = is_kept("Omitted");
    let answer = format!("sent: {}; omitted, with the same name: {}", word(is_kept("Sent")), word(omitted));
    Ok(Found::new(answer).switch("newIdsWhenOmitted", !omitted))
}

pub(super) async fn order(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    // Neither in alphabetical order nor in its reverse.
    let names: Vec<String> = (0..MANY).map(|number| format!("Number {}", (number * 3 + 2) % MANY)).collect();
    let sources = names.iter().map(|name| NewSource::manual(name)).collect();
    let new = NewControl { sources, ..trial.control() };
    let control = trial.create(&new).await?;
    let returned = control.control_mapping_sources().iter().map(|source| source.source_name().unwrap_or_default());
    let of_sources = returned.eq(names.iter().map(String::as_str));
    let mut controls = trial.controls(NEEDS.0 - 1).await?;
    controls.push(control.id().unwrap_or_default().to_owned());
    // Every set has the same controls, each in another order.
    let sets = names.iter().map(|name| {
        controls.rotate_left(1);
        set(name, &controls)
    });
    let new = NewFramework { sets: sets.collect(), ..trial.framework(&[]) };
    let framework = trial.create_framework(&new).await?;
    let returned = framework.control_sets().iter().map(|set| set.name().unwrap_or_default());
    let of_sets = returned.eq(names.iter().map(String::as_str));
    let of_controls = new.sets.iter().all(|sent| {
        let returned = of(&framework, &sent.name).map(ControlSet::controls).unwrap_or_default();
        returned.iter().map(|control| control.id().unwrap_or_default()).eq(sent.controls.iter().map(String::as_str))
    });
    let word = |kept| if kept { "as sent" } else { "another order" };
    let answer =
        format!("data sources: {}; control sets: {}; controls: {}", word(of_sources), word(of_sets), word(of_controls));
    Ok(Found::new(answer).switch("keepOrder", of_sources && of_sets && of_controls))
}

pub(super) async fn repeated_members(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(1).await?;
    // What follows must be refused for no other reason.
    let usable = trial.framework(&controls);
    trial.create_framework(&usable).await?;
    let twice = [controls.clone(), controls.clone()].concat();
    let mut answers = Vec::new();
    let mut reasons = Vec::new();
    let sets = vec![set("Same", &controls), set("Same", &controls)];
    for (name, sets) in [("two sets of one name", sets), ("a control twice", vec![set("First", &twice)])] {
        let new = NewFramework { sets, ..trial.framework(&[]) };
        let tried = trial.try_framework(&new).await?;
        answers.push(format!("{name}: {}", if tried.is_ok() { "yes" } else { "no" }));
        reasons.extend(tried.err());
    }
    let rejected = !reasons.is_empty();
    Ok(Found::new(answers.join("; ")).switch("rejectRepeatedMembers", rejected).with(reasons))
}

pub(super) async fn unknown_controls(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.framework(&[NO_ID.to_owned()]);
    Ok(match trial.try_framework(&new).await? {
        Ok(_) => Found::new("none: it is accepted"),
        Err(refused) => {
            let invalid = refused.code == "ValidationException";
            Found::new(refused.code.clone()).switch("unknownControlIsInvalid", invalid).with([refused])
        }
    })
}

pub(super) async fn core_controls(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let (entries, _) = lists::controls(trial.client(), ControlType::Core, Some(1), None).await?;
    let Some(core) = entries.first() else {
        return Err(Failure::new("ListControls", "the account has no core control"));
    };
    let new = trial.framework(std::slice::from_ref(&core.id));
    Ok(match trial.try_framework(&new).await? {
        Ok(_) => Found::new("yes").switch("rejectCoreControlsInFrameworks", false),
        Err(refused) => Found::new("no").switch("rejectCoreControlsInFrameworks", true).with([refused]),
    })
}

/// Deletes the last of some controls of a framework. Returns the framework before and after, or the refusal.
async fn without_one(
    trial: &mut Trial<'_>,
    new: &NewFramework,
    control: &str,
) -> Result<Result<(Framework, Framework), Refused>, Failure> {
    let before = trial.create_framework(new).await?;
    if let Err(refused) = trial.without(control).await? {
        return Ok(Err(refused));
    }
    let after = requests::get_framework(trial.client(), before.id().unwrap_or_default()).await?;
    Ok(Ok((before, after)))
}

pub(super) async fn control_in_use(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(2).await?;
    let new = trial.framework(&controls);
    let (before, after) = match without_one(trial, &new, &controls[1]).await? {
        Ok(frameworks) => frameworks,
        Err(refused) => return Ok(Found::new("the deletion is refused").with([refused])),
    };
    let remaining = of(&after, "First").map_or(0, |set| set.controls().len());
    let touched = millis(before.last_updated_at()) != millis(after.last_updated_at());
    let of_control = if remaining == 1 { "it loses the control" } else { "it keeps the control" };
    let of_time = if touched { "its update time changes" } else { "its update time does not change" };
    Ok(Found::new(format!("{of_control}; {of_time}")).switch("touchOnCascade", touched))
}

pub(super) async fn last_control(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(2).await?;
    let sets = vec![set("Emptied", &controls[..1]), set("Other", &controls[1..])];
    let new = NewFramework { sets, ..trial.framework(&[]) };
    Ok(match without_one(trial, &new, &controls[0]).await? {
        Ok((_, after)) => {
            let dropped = of(&after, "Emptied").is_none();
            let answer = if dropped { "it is removed" } else { "it stays, empty" };
            Found::new(answer).switch("dropEmptiedSets", dropped)
        }
        Err(refused) => Found::new("the deletion is refused").with([refused]),
    })
}

pub(super) async fn empty_sets(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.framework(&[]);
    Ok(match trial.try_framework(&new).await? {
        Ok(created) => {
            let after = requests::get_framework(trial.client(), created.id().unwrap_or_default()).await?;
            Found::new(if of(&after, "First").is_some() { "yes" } else { "yes, but the set is not stored" })
        }
        Err(refused) => Found::new("no").with([refused]),
    })
}

pub(super) async fn empty_descriptions(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let controls = trial.controls(1).await?;
    let usable = trial.framework(&controls);
    trial.create_framework(&usable).await?;
    let new = NewFramework { description: Some(String::new()), ..trial.framework(&controls) };
    Ok(match trial.try_framework(&new).await? {
        Ok(_) => Found::new("yes"),
        Err(refused) => Found::new("no").with([refused]),
    })
}
