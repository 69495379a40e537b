//! Exact texts of the emails about runs.

use std::fmt::Write as _;

use controlsync_core::catalog_path;
use controlsync_core::change_result::{ChangeResult, Failure, FailureKind, FieldFailure};
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::plan::{
    AccountAssessment, AccountControl, AccountObject, Actual, Adopt, ChangeKind, Detail, Drift, ObjectType, Plan,
    Reason, Removed, Usage, plan,
};
use controlsync_core::run::notice::{Facts, News, ReportedNotices};
use controlsync_core::run::{
    Deployment, Mode, NotPlanned, Retry, RunReport, Settings, StartedChange, Triggers, Upload, json, mail,
};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use insta::assert_snapshot;

use crate::output_schemas;
use crate::service::Service;

const UPLOAD: Triggers = Triggers { upload: true, schedule: false, reconcile: false, report: false };
const SCHEDULE: Triggers = Triggers { upload: false, schedule: true, reconcile: false, report: false };

const CATALOG: [(&str, &str); 4] = [
    ("controlsync.toml", "catalog = \"team\"\n"),
    ("controls/a.yaml", "name: A\ndescription: one\n"),
    ("controls/b.yaml", "name: B\n"),
    ("frameworks/f.yaml", "name: F\ncontrolSets:\n  - name: S\n    controls: [A, B]\n"),
];

fn checked(files: &[(&str, &str)]) -> Checked {
    let source = |(path, text): &(&str, &str)| {
        Source::new(
            *path,
            catalog_path::kind_of(path).unwrap_or(FileKind::Ignored),
            Content::Bytes(text.as_bytes().to_vec()),
        )
    };
    check(Sources::new(files.iter().map(source).collect()), &Options::default())
}

fn settings() -> Settings {
    Settings { mode: Mode::Apply, deletes: true, ..Settings::default() }
}

fn planned(checked: &Checked, actual: &Actual, triggers: Triggers, settings: &Settings) -> Plan {
    plan(&checked.catalog, &checked.sources, actual, &settings.options(triggers))
}

fn empty() -> Actual {
    Actual { account: Some("111122223333".into()), region: "eu-west-1".into(), ..Actual::default() }
}

/// The account after the catalog was applied.
fn applied() -> Actual {
    let checked = checked(&CATALOG);
    let plan = planned(&checked, &empty(), UPLOAD, &settings());
    let mut actual = Service::default().apply(&empty(), &plan);
    actual.impact = Some(Usage { frameworks: true, assessments: Some(Vec::new()), unknown: None });
    actual
}

fn failure(transient: bool) -> Failure {
    Failure {
        operation: "CreateControl",
        kind: FailureKind::Service,
        code: Some("ValidationException".to_owned()),
        message: "The input fails to satisfy the constraints".to_owned(),
        fields: vec![FieldFailure { name: "name".to_owned(), message: "is too long".to_owned() }],
        help: Some("Shorten it.".to_owned()),
        unclear: false,
        transient,
    }
}

/// The parts of a run that a test sets; everything else is as after an upload.
#[derive(Clone, Default)]
struct Case<'a> {
    triggers: Triggers,
    mode: Mode,
    uploads: &'a [Upload],
    not_planned: Option<NotPlanned>,
    plan: Option<&'a Plan>,
    results: Option<&'a [ChangeResult]>,
    interrupted: &'a [(StartedChange, bool)],
    known: ReportedNotices,
    retry: Option<Retry>,
    days_since_email: Option<u32>,
    deployment: Deployment,
}

/// Subject and text, and `notPlanned` of the JSON document.
fn mailed(checked: &Checked, case: &Case<'_>) -> String {
    let facts = Facts {
        checked: Some(checked),
        not_planned: case.not_planned.as_ref(),
        plan: case.plan,
        results: case.results,
        deployment: &case.deployment,
    };
    let news = News::new(facts, case.known.clone());
    let target = controlsync_core::plan::Target { account: Some("111122223333".into()), region: "eu-west-1".into() };
    let run = RunReport {
        triggers: case.triggers,
        mode: case.mode,
        target: &target,
        catalog: &checked.catalog.name,
        location: "s3://bucket/team/",
        uploads: case.uploads,
        checked: Some(checked),
        not_planned: case.not_planned.as_ref(),
        plan: case.plan,
        results: case.results,
        interrupted: case.interrupted,
        news: &news,
        plan_is_known: case.days_since_email.is_some(),
        days_since_email: case.days_since_email,
        deployment: &case.deployment,
        retry: case.retry,
    };
    let mut shown =
        format!("{}\n\n{}", mail::subject(&run), mail::text(&run)).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let document = json::document(&run);
    output_schemas::validate("run", &document);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    if !document["notPlanned"].is_null() {
        let _ = writeln!(shown, "\nnotPlanned: {}", document["notPlanned"]);
    }
    shown + "────\n"
}

#[test]
fn applied_and_planned_changes() {
    let checked = checked(&CATALOG);
    let plan = planned(&checked, &empty(), UPLOAD, &settings());
    let upload = |path: &str, removed, commit: Option<&str>| Upload {
        path: path.to_owned(),
        removed,
        commit: commit.map(str::to_owned),
        author: commit.map(|_| "Zoë <zoe@example.org>".to_owned()),
    };
    let uploads = [
        upload("controls/a.yaml", false, Some("0a1b2c3d")),
        upload("controls/b.yaml", false, Some(controlsync_core::push::UNCOMMITTED)),
        upload("controls/c.yaml", true, None),
    ];
    let done: Vec<ChangeResult> =
        plan.changes.iter().map(|_| ChangeResult::Applied { id: "id".into(), altered: Vec::new() }).collect();
    let case = Case { triggers: UPLOAD, uploads: &uploads, plan: Some(&plan), ..Case::default() };
    let applied = mailed(&checked, &Case { mode: Mode::Apply, results: Some(&done), ..case.clone() });
    let planned = mailed(&checked, &Case { mode: Mode::Plan, ..case.clone() });
    let mut shown = applied + &planned;
    // The mail names the commands of those who read it.
    for (stack, names_catalog) in [("controlsync", true), ("audit", false)] {
        let deployment = Deployment { stack: Some(stack.to_owned()), names_catalog };
        shown += &mailed(&checked, &Case { mode: Mode::Plan, uploads: &[], deployment, ..case.clone() });
    }
    assert_snapshot!(shown);
}

/// Whatever is in the plan, a week without an email repeats what is open, and what is not open is not repeated.
#[test]
fn a_weekly_reminder_repeats_what_is_open() {
    let deployment = Deployment { stack: Some("controlsync".to_owned()), names_catalog: true };
    let invalid = checked(&[CATALOG[0], CATALOG[1], ("controls/b.yaml", "nmae: B\n")]);
    let plan = planned(&invalid, &empty(), SCHEDULE, &settings());
    let known = News::new(
        Facts { checked: Some(&invalid), plan: Some(&plan), deployment: &deployment, ..Facts::default() },
        ReportedNotices::new(),
    )
    .known;
    let case = Case { triggers: SCHEDULE, known, plan: Some(&plan), deployment, ..Case::default() };
    assert_snapshot!(mailed(&invalid, &Case { days_since_email: Some(7), ..case.clone() }));
    for (days, triggers) in [(Some(6), SCHEDULE), (None, SCHEDULE), (Some(7), UPLOAD)] {
        let mail = mailed(&invalid, &Case { days_since_email: days, triggers, ..case.clone() });
        assert!(!mail.contains("eminder"), "{days:?}: {mail}");
    }
    // What is retried is reported with the last attempt.
    let not_planned = NotPlanned::Failed { what: "cannot read the account", failure: failure(true) };
    let retry = Some(Retry { seconds: Some(30), attempts: 5, gives_up: false });
    let mail = mailed(
        &invalid,
        &Case { days_since_email: Some(7), not_planned: Some(not_planned), plan: None, retry, ..case },
    );
    assert!(!mail.contains("eminder"), "{mail}");
}

/// No message of a stack names a variable of the function: those who read it cannot set one.
#[test]
fn messages_of_a_stack_name_its_settings() {
    let deployment = Deployment { stack: Some("audit".to_owned()), names_catalog: true };
    let settings =
        Settings { mode: Mode::Apply, drift: Drift::Leave, deployment: deployment.clone(), ..Settings::default() };
    let mut live = applied();
    live.controls.iter_mut().find(|control| control.name == "A").unwrap().detail.get_mut().unwrap().description =
        "two".into();
    let mut checked_files = CATALOG.to_vec();
    checked_files.remove(2);
    checked_files[2] = ("frameworks/f.yaml", "name: F\ncontrolSets:\n  - name: S\n    controls: [A]\n");
    let mut shown = String::new();
    let mut show = |files: &[(&str, &str)], not_planned: Option<NotPlanned>, actual: &Actual, settings: &Settings| {
        let checked = checked(files);
        let plan = planned(&checked, actual, SCHEDULE, settings);
        let case = Case { triggers: SCHEDULE, mode: settings.mode, deployment: deployment.clone(), ..Case::default() };
        let plan = Some(&plan).filter(|_| not_planned.is_none());
        shown += &mailed(&checked, &Case { not_planned, plan, ..case });
    };
    // Drift, a removed file, too many deletions, and objects of other owners or of none.
    show(&checked_files, None, &live, &settings);
    show(&checked_files, None, &live, &Settings { deletes: true, max_deletes: Some(0), ..settings.clone() });
    for control in &mut live.controls {
        control.detail.get_mut().unwrap().tags.clear();
    }
    show(&CATALOG, None, &live, &Settings { adopt: Adopt::Never, ..settings.clone() });
    for not_planned in [NotPlanned::Empty, NotPlanned::NoDefinitions, NotPlanned::NoName { was: "team".to_owned() }] {
        show(&CATALOG, Some(not_planned), &live, &settings);
    }
    assert!(!shown.contains("CONTROLSYNC_"), "{shown}");
    for setting in ["drift=repair", "maxDeletes=1", "adopt=", "prefix=PREFIX", "catalog=NAME"] {
        assert!(shown.contains(&format!("`cdk/deploy.sh --stack audit --set {setting}")), "{setting}: {shown}");
    }
}

/// The catalog, the account and the Region are in every subject; a long name gives way to what happened.
#[test]
fn a_subject_names_catalog_account_and_region() {
    let name = "Team A: audit/2026 ".repeat(5);
    let catalog = format!("catalog = \"{}\"\n", name.trim());
    let long = checked(&[("controlsync.toml", &catalog), ("controls/a.yaml", "name: A\n")]);
    let plan = planned(&long, &empty(), UPLOAD, &settings());
    let shown = mailed(&long, &Case { triggers: UPLOAD, plan: Some(&plan), ..Case::default() });
    let subject = shown.lines().next().unwrap();
    assert!(subject.starts_with("controlsync planned: 1 to create (Team A: audit/2026 Team A:"), "{subject}");
    assert!(subject.ends_with("..., 111122223333 eu-west-1)") && subject.len() == 99, "{subject}");
}

#[test]
fn failures_and_their_retries() {
    let checked = checked(&CATALOG);
    let plan = planned(&checked, &empty(), UPLOAD, &settings());
    let conflict =
        ChangeResult::CreatedConcurrently { kept: "theirs".into(), removed: Some("ours".into()), same: false };
    let blocked = ChangeResult::Blocked { by: vec![Reason::Change(ObjectType::Control, "A".into())] };
    let started = [
        (StartedChange { kind: ChangeKind::Create, object: ObjectType::Control, name: "A".into() }, true),
        (StartedChange { kind: ChangeKind::Update, object: ObjectType::Framework, name: "F".into() }, false),
    ];
    let mut shown = String::new();
    for (results, retry) in [
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, blocked.clone()],
            Some(Retry { seconds: Some(30), attempts: 5, gives_up: false }),
        ),
        (vec![ChangeResult::Failed(failure(false)), conflict, blocked], None),
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, ChangeResult::NotStarted],
            Some(Retry { seconds: Some(60), attempts: 5, gives_up: true }),
        ),
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, ChangeResult::NotStarted],
            Some(Retry { seconds: None, attempts: 5, gives_up: true }),
        ),
    ] {
        shown += &mailed(
            &checked,
            &Case {
                triggers: UPLOAD,
                mode: Mode::Apply,
                plan: Some(&plan),
                results: Some(&results),
                interrupted: &started,
                retry,
                ..Case::default()
            },
        );
    }
    assert_snapshot!(shown);
}

#[test]
fn reasons_why_nothing_is_planned() {
    let checked = checked(&CATALOG);
    let failed = |transient| NotPlanned::Failed { what: "cannot read the account", failure: failure(transient) };
    let mut shown = String::new();
    for not_planned in [
        failed(false),
        failed(true),
        NotPlanned::Empty,
        NotPlanned::NoDefinitions,
        NotPlanned::NoName { was: "team".to_owned() },
        NotPlanned::Configuration,
    ] {
        let retry = not_planned.is_transient().then_some(Retry { seconds: Some(30), attempts: 5, gives_up: false });
        shown += &mailed(
            &checked,
            &Case { triggers: SCHEDULE, mode: Mode::Apply, not_planned: Some(not_planned), retry, ..Case::default() },
        );
    }
    assert_snapshot!(shown);
}

#[test]
fn drift_and_objects_without_a_file() {
    let mut live = applied();
    // A user edited one control and created another one in the console, and two files were removed.
    live.controls.iter_mut().find(|control| control.name == "A").unwrap().detail.get_mut().unwrap().description =
        "two".into();
    live.controls.push(AccountObject {
        id: "clicked".into(),
        arn: "arn".into(),
        name: "C".into(),
        stamp: None,
        detail: Detail::Fresh(AccountControl { description: "theirs".into(), ..AccountControl::default() }),
    });
    let b = live.controls.iter().find(|control| control.name == "B").unwrap().id.clone();
    let files = [
        CATALOG[0],
        CATALOG[1],
        ("controls/c.yaml", "name: C\n"),
        ("frameworks/g.yaml", "name: G\ncontrolSets: [{name: S, controls: [A]}]\n"),
    ];
    let checked = checked(&files);
    let assessment =
        AccountAssessment { id: "a".into(), name: "Audit".into(), framework: None, controls: [b.clone()].into() };
    let mut shown = String::new();
    for (deletes, triggers, assessments) in [
        (false, UPLOAD, Some(vec![])),
        (true, UPLOAD, Some(vec![])),
        (true, SCHEDULE, Some(vec![assessment])),
        (true, SCHEDULE, None),
    ] {
        live.impact = Some(Usage { frameworks: true, assessments, unknown: None });
        let settings = Settings { deletes, max_deletes: Some(10), ..settings() };
        let settings = Settings { drift: Drift::Leave, ..settings };
        let plan = planned(&checked, &live, triggers, &settings);
        shown += &mailed(&checked, &Case { triggers, mode: Mode::Apply, plan: Some(&plan), ..Case::default() });
    }
    assert_snapshot!(shown.replace(&b, "ID"));
}

#[test]
fn reasons_why_nothing_is_deleted() {
    let live = applied();
    let mut shown = String::new();
    for files in [
        vec![("controls/a.yaml", "name: A\n")],
        vec![CATALOG[0], ("controls/a.yaml", "nmae: A\n"), CATALOG[2]],
        vec![CATALOG[0], ("controls/a.yaml", "nmae: A\n")],
        vec![CATALOG[0], CATALOG[1], ("controls/b.yaml.bak", "")],
        vec![CATALOG[0], CATALOG[1]],
    ] {
        let checked = checked(&files);
        let mut options = Settings { max_deletes: Some(1), ..settings() }.options(SCHEDULE);
        options.removed = Removed::DeleteUnused;
        let plan = plan(&checked.catalog, &checked.sources, &live, &options);
        shown +=
            &mailed(&checked, &Case { triggers: SCHEDULE, mode: Mode::Apply, plan: Some(&plan), ..Case::default() });
    }
    assert_snapshot!(shown);
}

#[test]
fn open_and_resolved_notices() {
    let invalid = checked(&[CATALOG[0], CATALOG[1], ("controls/b.yaml", "nmae: B\n"), ("controls/c.yaml", "- C\n")]);
    let known = News::new(Facts { checked: Some(&invalid), ..Facts::default() }, ReportedNotices::new()).known;
    let fixed = checked(&[CATALOG[0], CATALOG[1], CATALOG[2], ("controls/c.yaml", "- C\n")]);
    let plan = planned(&fixed, &empty(), UPLOAD, &settings());
    assert_snapshot!(mailed(
        &fixed,
        &Case { triggers: UPLOAD, mode: Mode::Apply, plan: Some(&plan), known, ..Case::default() }
    ));
}

/// Reported notices are read back from an object of the bucket, which other users may have written.
#[test]
fn control_characters_in_the_state_are_escaped() {
    let invalid = checked(&[CATALOG[0], ("controls/b.yaml", "nmae: B\n")]);
    let known = News::new(Facts { checked: Some(&invalid), ..Facts::default() }, ReportedNotices::new()).known;
    let text = serde_json::to_string(&known).unwrap().replace("nmae", "\\u001b[31m\\n");
    let known: ReportedNotices = serde_json::from_str(&text).unwrap();
    let fixed = checked(&CATALOG);
    let mail = mailed(&fixed, &Case { triggers: UPLOAD, known, ..Case::default() });
    assert!(mail.contains(r"`\u{1b}[31m\u{a}`"), "{mail}");
}
