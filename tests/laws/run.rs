//! Properties of the reports about runs, for arbitrary findings, plans and results.

use controlsync_core::change_result::{ChangeResult, Failure, FailureKind};
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::plan::{self, Actual, Adopt, Drift, ObjectType, Plan, Reason, Removed, plan};
use controlsync_core::run::notice::{Facts, News, NoticeKind, ReportedNotices, Status};
use controlsync_core::run::{
    Deployment, Mode, NotPlanned, Notify, Outcome, Retry, RunReport, Settings, Triggers, Upload, json, mail,
};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::generate::{Files, files};
use crate::output_schemas;
use crate::service::Service;

fn upload() -> Triggers {
    Triggers { upload: true, ..Triggers::default() }
}

/// The catalog `ours`, with an additional file if `extra` is set.
fn checked(files: &Files, extra: Option<&str>) -> Checked {
    let mut sources: Vec<Source> =
        files.sources().iter().map(|(_, source)| Source::new(source.path(), source.kind(), source.content())).collect();
    let extra = extra.map(|text| Source::new("controls/zzz.yaml", FileKind::Control, Content::Bytes(text.into())));
    sources.extend(extra);
    check(Sources::new(sources), &Options { catalog: Some("ours".into()), ..Options::default() })
}

fn planned(checked: &Checked, actual: &Actual, settings: &Settings, triggers: Triggers) -> Plan {
    plan(&checked.catalog, &checked.sources, actual, &settings.options(triggers))
}

fn failure(message: &str, transient: bool) -> Failure {
    Failure {
        operation: "CreateControl",
        kind: FailureKind::Service,
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
        Just(ChangeResult::Applied { id: "id".into(), altered: Vec::new() }),
        Just(ChangeResult::NotStarted),
        ("\\PC{0,40}", any::<bool>()).prop_map(|(text, transient)| ChangeResult::Failed(failure(&text, transient))),
        any::<bool>().prop_map(|same| ChangeResult::CreatedConcurrently { kept: "a".into(), removed: None, same }),
        Just(ChangeResult::Blocked { by: vec![Reason::Change(ObjectType::Control, "x".into())] }),
    ];
    vec(result, 40)
}

fn facts<'a>(checked: &'a Checked, plan: &'a Plan) -> Facts<'a> {
    Facts { checked: Some(checked), plan: Some(plan), ..Facts::default() }
}

/// A run with only the parts that a test sets.
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
            days_since_email: None,
            deployment: <&Deployment>::default(),
            retry: self.retry,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_keep_their_limits(
        files in files(), extra in option::of("\\PC{0,60}"), results in results(), path in "\\PC{1,300}", count in 0..400_usize,
        retry in option::of((option::of(1..600_u32), any::<bool>())), is_applied in any::<bool>(),
    ) {
        let checked = checked(&files, extra.as_deref());
        let actual = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let plan = planned(&checked, &actual, &Settings::default(), upload());
        let news = News::new(facts(&checked, &plan), ReportedNotices::new());
        let upload = Upload { path, commit: Some("0".repeat(40)), author: Some("Zoë \u{1b}[31m".into()), removed: false };
        let uploads = vec![upload; count];
        let results: Vec<ChangeResult> = results.into_iter().cycle().take(plan.changes.len()).collect();
        let case = Case {
            results: is_applied.then_some(&results),
            uploads: &uploads,
            retry: retry.map(|(seconds, some)| Retry { seconds, attempts: 5, gives_up: some || seconds.is_none() }),
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
        output_schemas::validate("run", &document);
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(&document["version"], 1);
        prop_assert_eq!(document["outcome"].as_str(), Some(run.outcome().name()));
    }

    #[test]
    fn reported_notices_are_not_reported_again(files in files(), extra in "\\PC{1,60}") {
        let invalid = checked(&files, Some(&extra));
        let actual = Actual::default();
        let plan = planned(&invalid, &actual, &Settings::default(), upload());
        let first = News::new(facts(&invalid, &plan), ReportedNotices::new());
        prop_assert!(first.notices.iter().all(|(status, _)| *status == Status::New));
        let second = News::new(facts(&invalid, &plan), first.known.clone());
        prop_assert!(second.notices.iter().all(|(status, _)| *status == Status::Known) && second.resolved.is_empty());
        prop_assert_eq!(&second.known, &first.known);
        let unchanged = vec![ChangeResult::Unchanged; plan.changes.len()];
        let run = Case { results: Some(&unchanged), ..Case::new(&invalid, &plan, &second) }.run();
        prop_assert!(!run.due(Notify::All).mail && !run.due(Notify::All).event);
        // Once the file is removed, everything that it caused is resolved.
        let fixed = checked(&files, None);
        let plan = planned(&fixed, &actual, &Settings::default(), upload());
        let resolved = News::new(facts(&fixed, &plan), first.known.clone());
        prop_assert_eq!(resolved.resolved.len() + resolved.known.len(), first.known.len());
        // Without a plan, notices that need a plan stay open.
        let unplanned = News::new(Facts { checked: Some(&fixed), ..Facts::default() }, first.known.clone());
        prop_assert!(unplanned.resolved.len() <= resolved.resolved.len());
    }

    #[test]
    fn drift_is_reported_or_repaired_and_all_other_changes_match_the_cli(
        first in files(), second in files(), number in 0..crate::generate::CONTROLS, text in "[A-Z]{13,20}",
    ) {
        let empty = Actual::default();
        let of_first = checked(&first, None);
        let repair = Settings { adopt: Adopt::Identical, ..Settings::default() };
        let mut live = Service::default().apply(&empty, &planned(&of_first, &empty, &repair, upload()));
        live.controls[number].detail.get_mut().unwrap().description = text;
        for files in [&first, &second] {
            let checked = checked(files, None);
            let cli = plan(&checked.catalog, &checked.sources, &live, &plan::Options { impact: true, ..Default::default() });
            let repaired = planned(&checked, &live, &repair, upload());
            prop_assert_eq!(&cli.changes, &repaired.changes);
            let reported = planned(&checked, &live, &Settings { drift: Drift::Leave, ..repair.clone() }, upload());
            for (change, of_cli) in reported.changes.iter().zip(&cli.changes) {
                let drift = of_cli.changed_by == Some(plan::ChangedBy::Account);
                prop_assert_eq!(change.blocked_by.contains(&plan::Reason::Drift), drift);
                prop_assert_eq!(change.writes(), of_cli.writes() && !drift);
            }
            let news = News::new(facts(&checked, &reported), ReportedNotices::new());
            let notices = news.current().filter(|notice| notice.kind == NoticeKind::Drift).count();
            prop_assert_eq!(notices, reported.changes.iter().filter(|change| !change.blocked_by.is_empty()).count());
        }
    }
}

#[test]
fn only_the_schedule_deletes_and_a_report_never_writes() {
    let settings = Settings { mode: Mode::Apply, deletes: true, ..Settings::default() };
    let cases = [
        (upload(), true, false),
        (Triggers { schedule: true, ..Triggers::default() }, true, true),
        (Triggers { reconcile: true, ..Triggers::default() }, true, false),
        (Triggers { report: true, ..Triggers::default() }, false, false),
    ];
    for (triggers, writes, deletes) in cases {
        assert_eq!(settings.writes(triggers), writes, "{}", triggers.name());
        assert_eq!(settings.options(triggers).removed == Removed::DeleteUnused, deletes, "{}", triggers.name());
        assert_ne!(settings.options(triggers).removed, Removed::Delete);
        let planning = Settings { mode: Mode::Plan, ..settings.clone() };
        assert!(!planning.writes(triggers) && planning.options(triggers).removed == Removed::DeleteLater);
        assert_eq!(Settings { deletes: false, ..settings.clone() }.options(triggers).removed, Removed::Name);
    }
}

#[test]
fn a_catalog_without_definitions_or_with_an_invalid_configuration_is_not_planned() {
    let of = |files: &[(&str, FileKind, &str)]| {
        let source = |(path, kind, text): &(&str, FileKind, &str)| {
            Source::new(*path, *kind, Content::Bytes(text.as_bytes().to_vec()))
        };
        let checked = check(Sources::new(files.iter().map(source).collect()), &Options::default());
        [None, Some("a")].map(|was| NotPlanned::of(&checked, was))
    };
    let both = |not_planned: NotPlanned| [Some(not_planned.clone()), Some(not_planned)];
    let control = ("controls/a.yaml", FileKind::Control, "name: A\n");
    let config = ("controlsync.toml", FileKind::Config, "catalog = \"a\"\n");
    assert_eq!(of(&[config, control]), [None, None]);
    assert_eq!(of(&[config, ("controls/a.yaml", FileKind::Control, "nam: A\n")]), [None, None], "it is skipped");
    // A stack without a catalog is fine; a catalog that disappears is not.
    let nothing = [Some(NotPlanned::Empty), Some(NotPlanned::NoDefinitions)];
    assert_eq!(of(&[config]), nothing);
    assert_eq!(of(&[]), [Some(NotPlanned::Empty), Some(NotPlanned::NoName { was: "a".to_owned() })]);
    assert_eq!(
        of(&[control, ("controlsync.toml", FileKind::Config, "catalgo = \"a\"\n")]),
        both(NotPlanned::Configuration)
    );
}

/// A failure that repeats with other IDs is reported once.
#[test]
fn a_repeated_failure_is_reported_once() {
    let not_planned = |id: &str| NotPlanned::Failed {
        what: "cannot read the account",
        failure: failure(&format!("not authorized (request {id})"), false),
    };
    let (one, other) =
        (not_planned("0a1b2c3d-0000-1111-2222-333344445555"), not_planned("ffffffff-0000-1111-2222-333344445555"));
    let first = News::new(Facts { not_planned: Some(&one), ..Facts::default() }, ReportedNotices::new());
    assert_eq!(first.notices.len(), 1);
    let second = News::new(Facts { not_planned: Some(&other), ..Facts::default() }, first.known.clone());
    assert!(second.notices.iter().all(|(status, _)| *status == Status::Known));
    let over = News::new(Facts::default(), second.known);
    assert_eq!(over.resolved.len(), 1);
    // A transient failure is not a notice: it is reported after the last attempt.
    let transient = NotPlanned::Failed { what: "cannot read the account", failure: failure("throttled", true) };
    assert!(
        News::new(Facts { not_planned: Some(&transient), ..Facts::default() }, ReportedNotices::new())
            .notices
            .is_empty()
    );
}

/// Subscriptions filter by these names.
#[test]
fn outcomes_have_these_names() {
    use Outcome::{Applied, Drift, Empty, Failed, InSync, Incomplete, Planned};
    let all = [Failed, Incomplete, Applied, Planned, Drift, InSync, Empty];
    assert_eq!(all.map(Outcome::name), ["failed", "incomplete", "applied", "planned", "drift", "in-sync", "empty"]);
    let page = include_str!("../../docs/lambda.md");
    assert!(all.iter().all(|outcome| page.contains(&format!("| `{}` |", outcome.name()))));
}
