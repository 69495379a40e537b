//! What people are told of a pass, word for word.

use std::fmt::Write as _;

use controlsync_core::applied::{ChangeResult, Failure, FieldFailure};
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::pass::notice::{AllKnown, Facts, News};
use controlsync_core::pass::{Again, Begun, Mode, Pass, Settings, Stop, Upload, Wake, json, mail};
use controlsync_core::place;
use controlsync_core::plan::{
    Actual, Detail, Held, HeldAssessment, HeldControl, Impact, Kind, ObjectType, Plan, Removed, plan,
};
use controlsync_core::source::{Content, Kind as FileKind, Source, Sources};
use insta::assert_snapshot;

use crate::service::Service;

const UPLOAD: Wake = Wake { upload: true, schedule: false, reconcile: false, report: false };
const SCHEDULE: Wake = Wake { upload: false, schedule: true, reconcile: false, report: false };

const CATALOG: [(&str, &str); 4] = [
    ("controlsync.toml", "catalog = \"team\"\n"),
    ("controls/a.yaml", "name: A\ndescription: one\n"),
    ("controls/b.yaml", "name: B\n"),
    ("frameworks/f.yaml", "name: F\ncontrolSets:\n  - name: S\n    controls: [A, B]\n"),
];

fn checked(files: &[(&str, &str)]) -> Checked {
    let source = |(path, text): &(&str, &str)| {
        Source::new(*path, place::kind_of(path).unwrap_or(FileKind::Stray), Content::Bytes(text.as_bytes().to_vec()))
    };
    check(Sources::new(files.iter().map(source).collect()), &Options::default())
}

fn settings() -> Settings {
    Settings { mode: Mode::Apply, deletes: true, ..Settings::default() }
}

fn planned(checked: &Checked, actual: &Actual, wake: Wake, settings: &Settings) -> Plan {
    plan(&checked.catalog, &checked.sources, actual, &settings.options(wake))
}

fn empty() -> Actual {
    Actual { account: Some("111122223333".into()), region: "eu-west-1".into(), ..Actual::default() }
}

/// The account that holds what the catalog says.
fn applied() -> Actual {
    let checked = checked(&CATALOG);
    let plan = planned(&checked, &empty(), UPLOAD, &settings());
    let mut actual = Service::default().carry_out(&empty(), &plan);
    actual.impact = Some(Impact { frameworks: true, assessments: Some(Vec::new()), unknown: None });
    actual
}

fn failure(transient: bool) -> Failure {
    Failure {
        operation: "CreateControl",
        code: Some("ValidationException".to_owned()),
        message: "The input fails to satisfy the constraints".to_owned(),
        fields: vec![FieldFailure { name: "name".to_owned(), message: "is too long".to_owned() }],
        help: Some("Shorten it.".to_owned()),
        unclear: false,
        transient,
    }
}

/// What a test says of a pass; everything else is as after an upload.
#[derive(Clone, Default)]
struct Told<'a> {
    wake: Wake,
    mode: Mode,
    uploads: &'a [Upload],
    stop: Option<Stop>,
    plan: Option<&'a Plan>,
    results: Option<&'a [ChangeResult]>,
    earlier: &'a [(Begun, bool)],
    known: AllKnown,
    again: Option<Again>,
}

/// Subject and text, and why nothing was planned as programs read it.
fn mailed(checked: &Checked, told: &Told<'_>) -> String {
    let facts = Facts { checked: Some(checked), stop: told.stop.as_ref(), plan: told.plan, results: told.results };
    let news = News::new(facts, told.known.clone());
    let target = controlsync_core::plan::Target { account: Some("111122223333".into()), region: "eu-west-1".into() };
    let pass = Pass {
        wake: told.wake,
        mode: told.mode,
        target: &target,
        catalog: &checked.catalog.name,
        place: "s3://bucket/team/",
        uploads: told.uploads,
        checked: Some(checked),
        stop: told.stop.as_ref(),
        plan: told.plan,
        results: told.results,
        earlier: told.earlier,
        news: &news,
        plan_is_known: false,
        again: told.again,
    };
    let mut shown =
        format!("{}\n\n{}", mail::subject(&pass), mail::text(&pass)).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let document: serde_json::Value = serde_json::from_str(&json::document(&pass)).unwrap();
    if !document["stop"].is_null() {
        let _ = writeln!(shown, "\nfor programs: {}", document["stop"]);
    }
    shown + "────\n"
}

#[test]
fn what_was_done_and_what_is_planned() {
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
    let done: Vec<ChangeResult> = plan.changes.iter().map(|_| ChangeResult::Applied { id: "id".into() }).collect();
    let told = Told { wake: UPLOAD, uploads: &uploads, plan: Some(&plan), ..Told::default() };
    let applied = mailed(&checked, &Told { mode: Mode::Apply, results: Some(&done), ..told.clone() });
    let planned = mailed(&checked, &Told { mode: Mode::Plan, ..told });
    assert_snapshot!(applied + &planned);
}

#[test]
fn what_failed_and_what_comes_of_it() {
    let checked = checked(&CATALOG);
    let plan = planned(&checked, &empty(), UPLOAD, &settings());
    let raced = ChangeResult::Raced { kept: "theirs".into(), removed: Some("ours".into()), same: false };
    let blocked = ChangeResult::Blocked { by: vec!["control A".into()] };
    let begun = [
        (Begun { kind: Kind::Create, object: ObjectType::Control, name: "A".into() }, true),
        (Begun { kind: Kind::Update, object: ObjectType::Framework, name: "F".into() }, false),
    ];
    let mut shown = String::new();
    for (results, again) in [
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, blocked.clone()],
            Some(Again { seconds: Some(30), tries: 5, gives_up: false }),
        ),
        (vec![ChangeResult::Failed(failure(false)), raced, blocked], None),
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, ChangeResult::NotStarted],
            Some(Again { seconds: Some(60), tries: 5, gives_up: true }),
        ),
        (
            vec![ChangeResult::Failed(failure(true)), ChangeResult::NotStarted, ChangeResult::NotStarted],
            Some(Again { seconds: None, tries: 5, gives_up: true }),
        ),
    ] {
        shown += &mailed(
            &checked,
            &Told {
                wake: UPLOAD,
                mode: Mode::Apply,
                plan: Some(&plan),
                results: Some(&results),
                earlier: &begun,
                again,
                ..Told::default()
            },
        );
    }
    assert_snapshot!(shown);
}

#[test]
fn why_nothing_was_planned() {
    let checked = checked(&CATALOG);
    let failed = |transient| Stop::Failed { what: "cannot read the account", failure: failure(transient) };
    let mut shown = String::new();
    for stop in
        [failed(false), failed(true), Stop::NoDefinitions, Stop::NoName { was: "team".to_owned() }, Stop::Configuration]
    {
        let again = stop.is_transient().then_some(Again { seconds: Some(30), tries: 5, gives_up: false });
        shown +=
            &mailed(&checked, &Told { wake: SCHEDULE, mode: Mode::Apply, stop: Some(stop), again, ..Told::default() });
    }
    assert_snapshot!(shown);
}

#[test]
fn what_stays_although_it_differs() {
    let mut held = applied();
    // Somebody has edited one control, clicked another one together, and both files of others are gone.
    held.controls.iter_mut().find(|held| held.name == "A").unwrap().detail.get_mut().unwrap().description =
        "two".into();
    held.controls.push(Held {
        id: "clicked".into(),
        arn: "arn".into(),
        name: "C".into(),
        stamp: None,
        detail: Detail::Fresh(HeldControl { description: "theirs".into(), ..HeldControl::default() }),
    });
    let b = held.controls.iter().find(|held| held.name == "B").unwrap().id.clone();
    let files = [
        CATALOG[0],
        CATALOG[1],
        ("controls/c.yaml", "name: C\n"),
        ("frameworks/g.yaml", "name: G\ncontrolSets: [{name: S, controls: [A]}]\n"),
    ];
    let checked = checked(&files);
    let assessment =
        HeldAssessment { id: "a".into(), name: "Audit".into(), framework: None, controls: [b.clone()].into() };
    let mut shown = String::new();
    for (deletes, wake, assessments) in [
        (false, UPLOAD, Some(vec![])),
        (true, UPLOAD, Some(vec![])),
        (true, SCHEDULE, Some(vec![assessment])),
        (true, SCHEDULE, None),
    ] {
        held.impact = Some(Impact { frameworks: true, assessments, unknown: None });
        let settings = Settings { deletes, max_deletes: Some(10), ..settings() };
        let settings = Settings { drift: controlsync_core::plan::Drift::Leave, ..settings };
        let plan = planned(&checked, &held, wake, &settings);
        shown += &mailed(&checked, &Told { wake, mode: Mode::Apply, plan: Some(&plan), ..Told::default() });
    }
    assert_snapshot!(shown.replace(&b, "ID"));
}

#[test]
fn why_nothing_is_deleted() {
    let held = applied();
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
        options.removed = Removed::DeleteUnheld;
        let plan = plan(&checked.catalog, &checked.sources, &held, &options);
        shown += &mailed(&checked, &Told { wake: SCHEDULE, mode: Mode::Apply, plan: Some(&plan), ..Told::default() });
    }
    assert_snapshot!(shown);
}

#[test]
fn what_is_known_and_what_is_cured() {
    let faulty = checked(&[CATALOG[0], CATALOG[1], ("controls/b.yaml", "nmae: B\n"), ("controls/c.yaml", "- C\n")]);
    let known = News::new(Facts { checked: Some(&faulty), ..Facts::default() }, AllKnown::new()).known;
    let better = checked(&[CATALOG[0], CATALOG[1], CATALOG[2], ("controls/c.yaml", "- C\n")]);
    let plan = planned(&better, &empty(), UPLOAD, &settings());
    assert_snapshot!(mailed(
        &better,
        &Told { wake: UPLOAD, mode: Mode::Apply, plan: Some(&plan), known, ..Told::default() }
    ));
}

/// What was told comes back from an object of the bucket, which others may have written.
#[test]
fn what_comes_back_from_the_state_moves_no_cursor() {
    let faulty = checked(&[CATALOG[0], ("controls/b.yaml", "nmae: B\n")]);
    let known = News::new(Facts { checked: Some(&faulty), ..Facts::default() }, AllKnown::new()).known;
    let text = serde_json::to_string(&known).unwrap().replace("nmae", "\\u001b[31m\\n");
    let known: AllKnown = serde_json::from_str(&text).unwrap();
    let mended = checked(&CATALOG);
    let mail = mailed(&mended, &Told { wake: UPLOAD, known, ..Told::default() });
    assert!(mail.contains(r"a control has no member `\u{1b}[31m\u{a}`"), "{mail}");
}
