//! What the function tells of a run, whatever the run found and did.

use controlsync_core::change_result::{ChangeResult, Failure};
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::plan::{self, Actual, Adopt, Drift, Plan, Removed, plan};
use controlsync_core::run::notice::{Facts, News, NoticeKind, ReportedNotices, Status};
use controlsync_core::run::{
    Mode, NotPlanned, Notify, Outcome, Retry, RunReport, Settings, Triggers, Upload, json, mail,
};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::generate::{Files, files};
use crate::service::Service;

fn upload() -> Triggers {
    Triggers { upload: true, ..Triggers::default() }
}

/// A catalog of which a file is faulty, and whose name owns the objects.
fn checked(files: &Files, fault: Option<&str>) -> Checked {
    let mut sources: Vec<Source> =
        files.sources().iter().map(|(_, source)| Source::new(source.path(), source.kind(), source.content())).collect();
    let fault = fault.map(|text| Source::new("controls/zzz.yaml", FileKind::Control, Content::Bytes(text.into())));
    sources.extend(fault);
    check(Sources::new(sources), &Options { catalog: Some("ours".into()), ..Options::default() })
}

fn planned(checked: &Checked, actual: &Actual, settings: &Settings, triggers: Triggers) -> Plan {
    plan(&checked.catalog, &checked.sources, actual, &settings.options(triggers))
}

fn failure(message: &str, transient: bool) -> Failure {
    Failure {
        operation: "CreateControl",
        code: Some("ValidationException".to_owned()),
        message: message.to_owned(),
        fields: Vec::new(),
        help: None,
        unclear: false,
        transient,
    }
}

fn results() -> impl Strategy<Value = Vec<ChangeResult>> {
    let result = prop_oneof![
        Just(ChangeResult::Applied { id: "id".into() }),
        Just(ChangeResult::NotStarted),
        ("\\PC{0,40}", any::<bool>()).prop_map(|(text, transient)| ChangeResult::Failed(failure(&text, transient))),
        any::<bool>().prop_map(|same| ChangeResult::CreatedConcurrently { kept: "a".into(), removed: None, same }),
        Just(ChangeResult::Blocked { by: vec!["control x".into()] }),
    ];
    vec(result, 40)
}

fn facts<'a>(checked: &'a Checked, plan: &'a Plan) -> Facts<'a> {
    Facts { checked: Some(checked), plan: Some(plan), ..Facts::default() }
}

/// A run with everything that a test does not ask for left out.
struct Case<'a> {
    checked: &'a Checked,
    plan: &'a Plan,
    results: Option<&'a [ChangeResult]>,
    news: &'a News<'a>,
    uploads: &'a [Upload],
    retry: Option<Retry>,
    mode: Mode,
}

impl<'a> Case<'a> {
    fn new(checked: &'a Checked, plan: &'a Plan, news: &'a News<'a>) -> Self {
        Self { checked, plan, results: None, news, uploads: &[], retry: None, mode: Mode::Apply }
    }

    fn run(&self) -> RunReport<'a> {
        RunReport {
            triggers: upload(),
            mode: self.mode,
            target: &self.plan.target,
            catalog: &self.checked.catalog.name,
            location: "s3://bucket/",
            uploads: self.uploads,
            checked: Some(self.checked),
            not_planned: None,
            plan: Some(self.plan),
            results: self.results,
            interrupted: &[],
            news: self.news,
            plan_is_known: true,
            retry: self.retry,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_keep_their_limits(
        files in files(), fault in option::of("\\PC{0,60}"), results in results(), path in "\\PC{1,300}", count in 0..400_usize,
        retry in option::of((option::of(1..600_u32), any::<bool>())), carried_out in any::<bool>(),
    ) {
        let checked = checked(&files, fault.as_deref());
        let actual = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let plan = planned(&checked, &actual, &Settings::default(), upload());
        let news = News::new(facts(&checked, &plan), ReportedNotices::new());
        let upload = Upload { path, commit: Some("0".repeat(40)), author: Some("Zoë \u{1b}[31m".into()), removed: false };
        let uploads = vec![upload; count];
        let results: Vec<ChangeResult> = results.into_iter().cycle().take(plan.changes.len()).collect();
        let case = Case {
            results: carried_out.then_some(&results),
            uploads: &uploads,
            retry: retry.map(|(seconds, some)| Retry { seconds, tries: 5, gives_up: some || seconds.is_none() }),
            ..Case::new(&checked, &plan, &news)
        };
        let run = case.run();
        let subject = mail::subject(&run);
        prop_assert!((1..100).contains(&subject.len()), "{subject}");
        prop_assert!(subject.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{subject}");
        prop_assert!(subject.starts_with("controlsync ") && subject.contains("eu-west-1"), "{subject}");
        let text = mail::text(&run);
        prop_assert!(text.len() <= mail::MAX_BYTES);
        prop_assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{text:?}");
        let document = json::document(&run);
        prop_assert!(document.len() <= 240 * 1024);
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(&document["version"], 1);
        prop_assert_eq!(document["outcome"].as_str(), Some(run.outcome().name()));
    }

    #[test]
    fn what_was_told_is_no_news(files in files(), fault in "\\PC{1,60}") {
        let faulty = checked(&files, Some(&fault));
        let actual = Actual::default();
        let plan = planned(&faulty, &actual, &Settings::default(), upload());
        let first = News::new(facts(&faulty, &plan), ReportedNotices::new());
        prop_assert!(first.notices.iter().all(|(status, _)| *status == Status::New));
        let retry = News::new(facts(&faulty, &plan), first.known.clone());
        prop_assert!(retry.notices.iter().all(|(status, _)| *status == Status::Known) && retry.resolved.is_empty());
        prop_assert_eq!(&retry.known, &first.known);
        let unchanged = vec![ChangeResult::Unchanged; plan.changes.len()];
        let run = Case { results: Some(&unchanged), ..Case::new(&faulty, &plan, &retry) }.run();
        prop_assert!(!run.due(Notify::All).mail && !run.due(Notify::All).event);
        // Once the file is gone, all that it alone was to blame for is resolved.
        let mended = checked(&files, None);
        let plan = planned(&mended, &actual, &Settings::default(), upload());
        let resolved = News::new(facts(&mended, &plan), first.known.clone());
        prop_assert_eq!(resolved.resolved.len() + resolved.known.len(), first.known.len());
        // Without a plan nobody knows what only a plan can tell.
        let unread = News::new(Facts { checked: Some(&mended), ..Facts::default() }, first.known.clone());
        prop_assert!(unread.resolved.len() <= resolved.resolved.len());
    }

    #[test]
    fn drift_is_left_alone_or_repaired_and_everything_else_is_as_in_the_program(
        first in files(), second in files(), number in 0..crate::generate::CONTROLS, text in "[A-Z]{13,20}",
    ) {
        let empty = Actual::default();
        let of_first = checked(&first, None);
        let repair = Settings { adopt: Adopt::Identical, ..Settings::default() };
        let mut held = Service::default().carry_out(&empty, &planned(&of_first, &empty, &repair, upload()));
        held.controls[number].detail.get_mut().unwrap().description = text;
        for files in [&first, &second] {
            let checked = checked(files, None);
            let program = plan(&checked.catalog, &checked.sources, &held, &plan::Options { impact: true, ..Default::default() });
            let repaired = planned(&checked, &held, &repair, upload());
            prop_assert_eq!(&program.changes, &repaired.changes);
            let left = planned(&checked, &held, &Settings { drift: Drift::Leave, ..repair.clone() }, upload());
            for (change, program) in left.changes.iter().zip(&program.changes) {
                let drift = program.changed_by == Some(plan::ChangedBy::Account);
                prop_assert_eq!(change.blocked_by.iter().any(|by| by == plan::DRIFT), drift);
                prop_assert_eq!(change.writes(), program.writes() && !drift);
            }
            let news = News::new(facts(&checked, &left), ReportedNotices::new());
            let notices = news.current().filter(|notice| notice.kind == NoticeKind::Drift).count();
            prop_assert_eq!(notices, left.changes.iter().filter(|change| !change.blocked_by.is_empty()).count());
        }
    }
}

#[test]
fn only_the_schedule_deletes_and_a_report_never_writes() {
    let settings = Settings { mode: Mode::Apply, deletes: true, ..Settings::default() };
    let wakes = [
        (upload(), true, false),
        (Triggers { schedule: true, ..Triggers::default() }, true, true),
        (Triggers { reconcile: true, ..Triggers::default() }, true, false),
        (Triggers { report: true, ..Triggers::default() }, false, false),
    ];
    for (triggers, writes, deletes) in wakes {
        assert_eq!(settings.writes(triggers), writes, "{}", triggers.name());
        assert_eq!(settings.options(triggers).removed == Removed::DeleteUnused, deletes, "{}", triggers.name());
        assert_ne!(settings.options(triggers).removed, Removed::Delete);
        let planning = Settings { mode: Mode::Plan, ..settings.clone() };
        assert!(!planning.writes(triggers) && planning.options(triggers).removed == Removed::DeleteLater);
        assert_eq!(Settings { deletes: false, ..settings.clone() }.options(triggers).removed, Removed::Name);
    }
}

#[test]
fn a_catalog_without_definitions_or_with_a_faulty_configuration_is_not_planned_from() {
    let of = |files: &[(&str, FileKind, &str)]| {
        let source = |(path, kind, text): &(&str, FileKind, &str)| {
            Source::new(*path, *kind, Content::Bytes(text.as_bytes().to_vec()))
        };
        NotPlanned::of(&check(Sources::new(files.iter().map(source).collect()), &Options::default()), None)
    };
    let control = ("controls/a.yaml", FileKind::Control, "name: A\n");
    assert_eq!(of(&[control]), None);
    assert_eq!(of(&[("controls/a.yaml", FileKind::Control, "nam: A\n")]), None, "a faulty file is left out");
    assert_eq!(of(&[]), Some(NotPlanned::NoDefinitions));
    assert_eq!(of(&[("controlsync.toml", FileKind::Config, "catalog = \"a\"\n")]), Some(NotPlanned::NoDefinitions));
    assert_eq!(
        of(&[control, ("controlsync.toml", FileKind::Config, "catalgo = \"a\"\n")]),
        Some(NotPlanned::Configuration)
    );
}

/// A failure that repeats itself with other ids is told once.
#[test]
fn what_stops_every_pass_is_told_once() {
    let not_planned = |id: &str| NotPlanned::Failed {
        what: "cannot read the account",
        failure: failure(&format!("not authorized (request {id})"), false),
    };
    let (one, other) =
        (not_planned("0a1b2c3d-0000-1111-2222-333344445555"), not_planned("ffffffff-0000-1111-2222-333344445555"));
    let first = News::new(Facts { not_planned: Some(&one), ..Facts::default() }, ReportedNotices::new());
    assert_eq!(first.notices.len(), 1);
    let retry = News::new(Facts { not_planned: Some(&other), ..Facts::default() }, first.known.clone());
    assert!(retry.notices.iter().all(|(status, _)| *status == Status::Known));
    let over = News::new(Facts::default(), retry.known);
    assert_eq!(over.resolved.len(), 1);
    // What may heal by itself is no notice: it is told when it is given up.
    let transient = NotPlanned::Failed { what: "cannot read the account", failure: failure("throttled", true) };
    assert!(
        News::new(Facts { not_planned: Some(&transient), ..Facts::default() }, ReportedNotices::new())
            .notices
            .is_empty()
    );
}

/// The words are in the attributes by which subscriptions filter.
#[test]
fn outcomes_have_these_words() {
    let all =
        [Outcome::Failed, Outcome::Incomplete, Outcome::Applied, Outcome::Planned, Outcome::Drift, Outcome::InSync];
    assert_eq!(all.map(Outcome::name), ["failed", "incomplete", "applied", "planned", "drift", "in-sync"]);
    let page = include_str!("../../docs/lambda.md");
    assert!(all.iter().all(|outcome| page.contains(&format!("| `{}` |", outcome.name()))));
}
