//! The cases of rules about evidence: a catalog and a `facts.json`, which has what differs from `ready.json`, an account in which
//! everything is set up. `bad` breaks the rule that its directory is named after, `good` and the cases in `clean` break none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use controlsync_core::check::{Checked, check};
use controlsync_core::evidence::facts::{AccountFacts, Facts};
use controlsync_core::evidence::{ControlEvidence, Evidence, Input, Setup, evaluate};
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::{LOCK_FILE, Lock};
use controlsync_core::report::Paths;
use controlsync_core::report::evidence::text;
use controlsync_core::report::text::Style;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::{catalog_path, report, rules};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value as Json, json};

use super::{options, output_schemas, sorted, source};

/// 2026-12-01, the day of [`options`].
pub const NOW: i64 = 1_796_083_200;

fn cases() -> Vec<(String, PathBuf)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    let mut cases = Vec::new();
    for rule in sorted(&directory) {
        let verdict = rule.file_name().unwrap().to_str().unwrap().to_owned();
        let own = sorted(&rule).into_iter().filter(|case| case.join("facts.json").exists());
        cases.extend(own.map(|case| (verdict.clone(), case)));
    }
    cases
}

pub fn read_json(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Replaces what a case says; an object is merged, a list replaced. A fact is replaced as a whole.
pub fn merge(into: &mut Json, other: Json) {
    match (into, other) {
        (Json::Object(into), Json::Object(other)) if !other.contains_key("known") && !other.contains_key("unread") => {
            for (key, value) in other {
                merge(into.entry(key).or_insert(Json::Null), value);
            }
        }
        (into, other) => *into = other,
    }
}

/// Facts as the cases have them: `account` is that of Audit Manager, `members` has other accounts by ID, with what differs from it.
pub fn facts(all: &Json) -> Facts {
    let account = |value: Json| serde_json::from_value::<AccountFacts>(value).unwrap();
    let mut facts = Facts {
        audit_manager: serde_json::from_value(all["auditManager"].clone()).unwrap(),
        accounts: BTreeMap::new(),
    };
    let mut add = |account: AccountFacts| facts.accounts.insert(account.place.clone(), account);
    add(account(all["account"].clone()));
    for (id, differs) in all["members"].as_object().into_iter().flatten() {
        let mut member = all["account"].clone();
        member["place"]["account"] = json!(id);
        merge(&mut member, differs.clone());
        add(account(member));
    }
    facts
}

/// Facts of an account in which everything is set up, with what a case says.
fn of_case(case: &Path) -> Facts {
    facts(&json_of_case(case))
}

pub fn catalog(case: &Path) -> Checked {
    catalog_of(case, &["controls", "frameworks", "exceptions"])
}

pub fn catalog_of(case: &Path, folders: &[&str]) -> Checked {
    let mut sources: Vec<Source> = Vec::new();
    for directory in folders.iter().map(|name| case.join(name)).filter(|path| path.is_dir()) {
        for path in sorted(&directory) {
            let name = path.strip_prefix(case).unwrap().to_str().unwrap().to_owned();
            sources.push(source(&path, &name, catalog_path::kind_of(&name).unwrap()));
        }
    }
    let checked = check(Sources::new(sources), &options());
    assert!(!checked.has_errors(), "{}: {:?}", case.display(), checked.diagnostics);
    checked
}

fn evidence(checked: &Checked, facts: &Facts) -> Evidence {
    evidence_with(checked, facts, None)
}

/// The evidence of a case, with the lock of the conformance packs that it has.
fn evidence_of_case(case: &Path, checked: &Checked) -> Evidence {
    let lock = std::fs::read_to_string(case.join("packs").join(LOCK_FILE)).ok();
    evidence_with(checked, &of_case(case), lock.map(|text| Lock::read(&text).unwrap()).as_ref())
}

fn evidence_with(checked: &Checked, facts: &Facts, packs: Option<&Lock>) -> Evidence {
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let input = Input {
        catalog: &checked.catalog,
        sources: &checked.sources,
        keywords: &keywords,
        facts,
        accounts: None,
        packs,
        now: NOW,
    };
    evaluate(input, &controls)
}

#[test]
fn every_case_with_facts_breaks_its_rule() {
    let mut wrong = Vec::new();
    for (verdict, case) in cases() {
        let checked = catalog(&case);
        let evidence = evidence_of_case(&case, &checked);
        let found: BTreeSet<&str> = evidence.diagnostics.iter().map(|diagnostic| diagnostic.rule.id).collect();
        let clean = verdict == "clean" || case.ends_with("good");
        let ready = evidence.controls.iter().all(|control| control.setup == Setup::Ready);
        if clean && (!found.is_empty() || !ready) || !clean && found != BTreeSet::from([verdict.as_str()]) {
            wrong.push(format!("{}: {found:?} {:?}", case.display(), evidence.controls));
        }
        if !clean {
            let name = format!("{verdict}__{}", case.file_name().unwrap().to_str().unwrap());
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            let shown = text::text(&evidence, &checked, &Paths::default(), false, &Style::default());
            settings.bind(|| insta::assert_snapshot!(name, shown));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases().len() > 50);
}

#[test]
fn help_about_evidence_never_harms_an_audit() {
    let group = rules::groups().into_iter().find(|group| group.title == "Evidence").unwrap();
    assert_eq!(group.rules.len(), 19);
    let mut texts: Vec<String> = group.rules.iter().map(|rule| rule.why.to_owned()).collect();
    for (_, case) in cases() {
        let found = evidence_of_case(&case, &catalog(&case)).diagnostics;
        texts.extend(found.into_iter().filter_map(|found| found.help));
    }
    // What pages of AWS advise and what would end an audit.
    let harmful = [
        "disable audit manager",
        "turn off audit manager",
        "deregister",
        "close the assessment",
        "inactive status",
        "recreate",
        "delete the assessment",
        "create the assessment again",
        "delete the recorder",
    ];
    for text in texts {
        let lower = text.to_ascii_lowercase();
        assert!(!harmful.iter().any(|word| lower.contains(word)), "{text}");
    }
}

/// The setup of the only control, and why it is not known.
fn unknown(checked: &Checked, facts: &Json) -> (Setup, Vec<String>) {
    let evidence = evidence(checked, &self::facts(facts));
    (evidence.controls[0].setup, evidence.unknown().keys().map(ToString::to_string).collect())
}

#[test]
fn what_no_document_says_is_unknown() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    let cis = cases.join("standard-not-enabled/good");
    let mut facts = json_of_case(&cis);
    facts["account"]["hub"] = json!({ "known": { "consolidated": true } });
    let why = "with consolidated control findings, nothing documents whether `1.14` collects".to_owned();
    assert_eq!(unknown(&catalog(&cis), &facts), (Setup::Unknown, vec![why]));

    let text = "name: Keys are rotated\ndatasources:\n  - sourceName: a\n    sourceType: AWS_Config\n    sourceKeyword: {keywordValue: BRAND_NEW_RULE}\n";
    let new = Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(text.into()));
    let checked = check(Sources::new(vec![new]), &options());
    let why = "`BRAND_NEW_RULE` is not a keyword that Audit Manager lists".to_owned();
    assert_eq!(unknown(&checked, &json_of_case(&cases.join("config-rule-failing/good"))), (Setup::Unknown, vec![why]));
}

#[test]
fn a_control_with_an_account_that_was_not_read_is_never_ready() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases/weaker-parameter/good");
    let mut facts = json_of_case(&case);
    let detail = &mut facts["auditManager"]["assessments"]["known"][0]["detail"]["known"];
    detail["accounts"] = json!(["111122223333", "444455556666"]);
    let why = "the account was not read".to_owned();
    assert_eq!(unknown(&catalog(&case), &facts), (Setup::Unknown, vec![why]));
    let read = evidence(&catalog(&case), &self::facts(&facts));
    let read_at: Vec<bool> = read.accounts.values().map(Option::is_some).collect();
    assert_eq!((read_at, read.accounts_read()), (vec![true, false], 1));
    assert_eq!(read.controls[0].sources[0].places[0].setup, Setup::Ready);
}

#[test]
fn every_format_shows_the_evidence() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/evidence-formats");
    let checked = catalog(&directory);
    let evidence = evidence(&checked, &of_case(&directory));
    let paths = Paths::default();
    let text =
        |color, width, by_framework| text::text(&evidence, &checked, &paths, by_framework, &Style { color, width });
    insta::assert_snapshot!("evidence_80", text(false, 80, false));
    insta::assert_snapshot!("evidence_160_by_framework", text(false, 160, true));
    insta::assert_snapshot!("evidence_color", text(true, 80, false).replace('\u{1b}', "␛"));
    insta::assert_snapshot!("evidence_markdown", report::evidence::markdown::markdown(&evidence, &checked, &paths));
    insta::assert_snapshot!("evidence_csv", report::evidence::csv::csv(&evidence, &checked, &paths));
    let setups: BTreeSet<Setup> = evidence.controls.iter().map(|control| control.setup).collect();
    assert_eq!(setups.len(), 5, "{setups:?}");
}

#[test]
fn accounts_are_counted_and_problems_name_them() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/evidence-accounts");
    let checked = catalog(&directory);
    let evidence = evidence(&checked, &of_case(&directory));
    let (paths, style) = (Paths::default(), Style { color: false, width: 100 });
    insta::assert_snapshot!("accounts", text::text(&evidence, &checked, &paths, false, &style));
    insta::assert_snapshot!("accounts_csv", report::evidence::csv::csv(&evidence, &checked, &paths));
    insta::assert_snapshot!("accounts_markdown", report::evidence::markdown::markdown(&evidence, &checked, &paths));
    let document = report::evidence::json::json(&evidence, &checked, &paths);
    output_schemas::validate("evidence", &document);
    insta::assert_snapshot!("accounts_json", document);
    let of = |account: &str| evidence.accounts.iter().find(|(place, _)| place.account == account).unwrap().1;
    assert_eq!((of("777777777777"), of("888888888888"), evidence.accounts_read()), (&None, &None, 8));
}

#[test]
fn only_selected_accounts_are_evaluated() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/evidence-accounts");
    let (checked, facts) = (catalog(&directory), of_case(&directory));
    let keywords = Keywords::of(&checked.sources);
    let selected = BTreeSet::from(["222222222222".to_owned(), "123456789012".to_owned()]);
    let controls = checked.catalog.controls.keys().map(String::as_str).collect();
    let (catalog, sources) = (&checked.catalog, &checked.sources);
    let input = Input {
        catalog,
        sources,
        keywords: &keywords,
        facts: &facts,
        accounts: Some(&selected),
        packs: None,
        now: NOW,
    };
    let evidence = evaluate(input, &controls);
    assert_eq!(evidence.accounts.keys().map(|place| place.account.as_str()).collect::<Vec<_>>(), ["222222222222"]);
    assert_eq!(evidence.count(Setup::Ready), 3);
}

/// The JSON pointers of all facts that were read.
fn known(value: &Json, pointer: &str, all: &mut Vec<String>) {
    match value {
        Json::Object(object) => {
            if object.contains_key("known") {
                all.push(pointer.to_owned());
            }
            for (key, value) in object {
                known(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                known(value, &format!("{pointer}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// The facts of a case, as JSON.
pub fn json_of_case(case: &Path) -> Json {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings");
    let mut all = read_json(&directory.join("ready.json"));
    merge(&mut all, read_json(&case.join("facts.json")));
    all
}

/// Returns the setup of each control and source.
fn setups(evidence: &Evidence) -> Vec<Setup> {
    let of = |control: &ControlEvidence| {
        [control.setup].into_iter().chain(control.sources.iter().map(|source| source.setup)).collect::<Vec<_>>()
    };
    evidence.controls.iter().flat_map(of).collect()
}

/// Makes facts unread, and checks that each setup stays as it is or becomes unknown, and that what is unknown is named.
fn check_unread(checked: &Checked, before: &Json, unread: &[&String]) {
    let mut after = before.clone();
    for (index, pointer) in unread.iter().enumerate() {
        // An outer fact that is unread has no inner ones.
        if let Some(fact) = after.pointer_mut(pointer) {
            *fact = json!({ "unread": {
                "service": "AWS Service", "action": format!("service:Operation{index}"), "reason": "denied", "message": "",
            }});
        }
    }
    let (before, after) = (evidence(checked, &facts(before)), evidence(checked, &facts(&after)));
    for (before, now) in setups(&before).into_iter().zip(setups(&after)) {
        assert!(now == before || now == Setup::Unknown, "{unread:?} makes {before:?} {now:?}");
    }
    if setups(&after).contains(&Setup::Unknown) && !setups(&before).contains(&Setup::Unknown) {
        let named: Vec<String> = after.unknown().keys().map(ToString::to_string).collect();
        assert!(
            named.iter().any(|why| why.starts_with("no permission for service:Operation")),
            "{unread:?}: {named:?}"
        );
    }
}

#[test]
fn whatever_is_not_read_a_setup_stays_or_becomes_unknown() {
    let mut checks = 0;
    for (_, case) in cases() {
        let (checked, facts) = (catalog(&case), json_of_case(&case));
        let mut all = Vec::new();
        known(&facts, "", &mut all);
        for pointer in &all {
            check_unread(&checked, &facts, &[pointer]);
            checks += 1;
        }
    }
    assert!(checks > 800, "{checks}");
}

proptest! {
    #[test]
    fn several_facts_that_are_not_read_make_nothing_ready_or_not_ready(
        first in any::<Index>(), second in any::<Index>(), unread in proptest::collection::vec(any::<Index>(), 1..6),
    ) {
        let cases = cases();
        let (_, case) = first.get(&cases);
        let (_, other) = second.get(&cases);
        let checked = catalog(case);
        let mut facts = json_of_case(case);
        merge(&mut facts, read_json(&other.join("facts.json")));
        let mut all = Vec::new();
        known(&facts, "", &mut all);
        let unread: Vec<&String> = unread.iter().map(|index| index.get(&all)).collect();
        check_unread(&checked, &facts, &unread);
    }

    #[test]
    fn reports_of_evidence_agree_and_escape_what_they_contain(index in any::<Index>()) {
        let cases = cases();
        let (_, case) = index.get(&cases);
        let checked = catalog(case);
        let evidence = evidence(&checked, &of_case(case));
        let document = report::evidence::json::json(&evidence, &checked, &Paths::default());
        output_schemas::validate("evidence", &document);
        let document: Json = serde_json::from_str(&document).unwrap();
        let controls = document["controls"].as_array().unwrap();
        let count = |setup: &str| controls.iter().filter(|control| control["setup"] == setup).count();
        prop_assert_eq!(document["summary"]["notReady"].as_u64().unwrap(), count("not-ready") as u64);
        let rows = report::evidence::csv::csv(&evidence, &checked, &Paths::default()).matches("\r\n").count();
        let sources = evidence.controls.iter().flat_map(|control| &control.sources);
        prop_assert_eq!(rows, 1 + sources.map(|source| source.places.len().max(1)).sum::<usize>());
    }
}
