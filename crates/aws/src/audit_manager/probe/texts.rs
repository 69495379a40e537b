//! Questions about texts, names and tags.

use std::collections::HashMap;

use aws_sdk_auditmanager::types::Control;
use controlsync_core::change_result::Failure;
use controlsync_core::probe::{Found, Refused, TAG};

use super::requests::{self, NewControl, NewSource};
use super::trial::{Trial, Verdict, verdict};

/// Maximum length of a name in the model of the service, and of a tag value: its pattern is `.{0,255}`.
const NAME: usize = 300;
const TAG_VALUE: usize = 255;

/// A character of two UTF-16 code units and four bytes.
const WIDE: char = '\u{1d538}';

const FURTHER_TAG: &str = "controlsync-probe";

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

pub(super) async fn tags_at_create(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.control();
    let created = match trial.try_control(&new).await {
        // The service names the missing permission: a create with tags may need two of them.
        Err(failure) if failure.is_denied() => {
            let answer = if failure.message.contains("TagResource") {
                "no, the permission to tag is missing"
            } else {
                "no, denied"
            };
            return Ok(Found::new(answer).with([Refused::new(&failure)]));
        }
        created => created?,
    };
    Ok(match created {
        Ok(control) => {
            let control = requests::get_control(trial.client(), control.id().unwrap_or_default()).await?;
            let tagged = control.tags().is_some_and(|tags| tags.contains_key(TAG));
            Found::new(if tagged { "yes" } else { "yes, but the tags are not stored" })
        }
        Err(refused) => Found::new("no").with([refused]),
    })
}

pub(super) async fn omitted_fields(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let text = |text: &str| Some(text.to_owned());
    let new = NewControl { description: text("Described"), testing: text("Tested"), ..trial.control() };
    let control = trial.create(&new).await?;
    let id = control.id().unwrap_or_default();
    let update = NewControl { description: None, testing: None, ..new };
    if let Err(refused) = verdict(requests::update_control(trial.client(), id, &update).await)? {
        return Ok(Found::new("an update without them is refused").with([refused]));
    }
    let after = requests::get_control(trial.client(), id).await?;
    let cleared = after.description().unwrap_or_default().is_empty()
        && after.testing_information().unwrap_or_default().is_empty();
    let kept = after.description() == Some("Described") && after.testing_information() == Some("Tested");
    let answer = if cleared {
        "cleared"
    } else if kept {
        "kept"
    } else {
        "some are cleared"
    };
    Ok(Found::new(answer).switch("clearOmittedFields", !kept))
}

pub(super) async fn as_stored(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let (padded, decomposed, lines) = ("  padded  ", "e\u{301}", "one\r\ntwo");
    let source = NewSource::manual("Lines");
    let new = NewControl {
        description: Some(padded.to_owned()),
        testing: Some(format!("{decomposed}{lines}")),
        sources: vec![source],
        ..trial.control()
    };
    let control = trial.create(&new).await?;
    let trimmed = control.description() == Some(padded.trim());
    let testing = control.testing_information().unwrap_or_default();
    let (composed, line_feeds) = (testing.contains('\u{e9}'), !testing.contains('\r'));
    let as_sent = control.description() == Some(padded) && new.testing.as_deref() == Some(testing);
    let answer = format!(
        "as they were sent: {}; trimmed: {}; composed (NFC): {}; line feeds alone: {}",
        yes_or_no(as_sent),
        yes_or_no(trimmed),
        yes_or_no(composed),
        yes_or_no(line_feeds)
    );
    Ok(Found::new(answer).switch("trimTexts", trimmed).switch("normalizeTexts", composed || line_feeds))
}

/// Creates a control with one more tag.
async fn with_tag(trial: &mut Trial<'_>, value: &str) -> Result<Verdict<Control>, Failure> {
    let mut new = trial.control();
    new.tags = HashMap::from([(FURTHER_TAG.to_owned(), value.to_owned())]);
    new.tags.extend(trial.tags());
    let created = match trial.try_control(&new).await? {
        Ok(created) => created,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(Ok(requests::get_control(trial.client(), created.id().unwrap_or_default()).await?))
}

pub(super) async fn empty_tag_values(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    Ok(match with_tag(trial, "").await? {
        Ok(control) => {
            let stored = control.tags().is_some_and(|tags| tags.contains_key(FURTHER_TAG));
            let answer = if stored { "yes" } else { "yes, but the tag is not stored" };
            Found::new(answer).switch("dropEmptyTags", !stored)
        }
        Err(refused) => Found::new("no").with([refused]),
    })
}

pub(super) async fn tag_characters(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    Ok(match with_tag(trial, "R&D, caf\u{e9}").await? {
        Ok(_) => Found::new("yes").switch("asciiTagValues", false),
        Err(refused) => Found::new("no").switch("asciiTagValues", true).with([refused]),
    })
}

/// Finds the unit of a maximum length: tries a text of the maximum in code points, then in UTF-16 code units, then in bytes.
async fn unit<'t>(
    trial: &mut Trial<'t>,
    start: &str,
    maximum: usize,
    attempt: impl AsyncFn(&mut Trial<'t>, String) -> Result<Verdict<Control>, Failure>,
) -> Result<(&'static str, Vec<Refused>), Failure> {
    let mut reasons = Vec::new();
    for (name, size) in [("code points", 1), ("UTF-16 code units", WIDE.len_utf16()), ("bytes", WIDE.len_utf8())] {
        let wide = (maximum - start.len()) / size;
        let narrow = maximum - start.len() - wide * size;
        let text = format!("{start}{}{}", "x".repeat(narrow), WIDE.to_string().repeat(wide));
        let tried = attempt(trial, text).await?;
        trial.clear().await?;
        match tried {
            Ok(_) => return Ok((name, reasons)),
            Err(refused) => reasons.push(refused),
        }
    }
    Ok(("none: such characters are refused", reasons))
}

pub(super) async fn lengths(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let start = trial.name();
    let (names, mut reasons) = unit(trial, &start, NAME, async |trial, name| {
        let new = NewControl { name, ..trial.control() };
        trial.try_control(&new).await
    })
    .await?;
    let (tags, more) = unit(trial, "", TAG_VALUE, async |trial, value| with_tag(trial, &value).await).await?;
    reasons.extend(more);
    Ok(Found::new(format!("names: {names}; tag values: {tags}")).with(reasons))
}

pub(super) async fn control_names(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.control();
    trial.create(&new).await?;
    Ok(match trial.try_control(&new).await? {
        Ok(_) => Found::new("yes").switch("rejectDuplicateNames", false),
        Err(refused) => Found::new("no").switch("rejectDuplicateNames", true).with([refused]),
    })
}

pub(super) async fn invalid_fields(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let name = format!("{:x<width$}", trial.name(), width = NAME + 1);
    let new = NewControl { name, ..trial.control() };
    Ok(match trial.try_control(&new).await? {
        Ok(_) => Found::new("a name that is too long is accepted"),
        Err(refused) => Found::new(refused.code.clone()).with([refused]),
    })
}
