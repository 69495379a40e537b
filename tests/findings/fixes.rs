//! The fixes of every case, as a diff of each changed file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::Diagnostic;
use controlsync_core::fix::{Fixed, Fixes, fix, not_fixed};
use controlsync_core::rules;
use controlsync_core::source::{Source, Sources};
use similar::TextDiff;

use super::{cases, options, read};

#[test]
fn fixes_are_complete_and_idempotent() {
    let mut wrong = Vec::new();
    for (verdict, case) in cases() {
        let name = format!("{verdict}/{}", case.file_name().unwrap().to_str().unwrap());
        let checked = || check(Sources::new(read(&case)), &options());
        let safe = fixed(&name, checked(), Fixes::Safe, &mut wrong);
        let all = fixed(&name, checked(), Fixes::All, &mut wrong);
        let mut shown = String::new();
        for (title, fixed) in [("safe fixes", &safe), ("all fixes", &all)] {
            if fixed.files.is_empty() || title == "all fixes" && fixed.files == safe.files {
                continue;
            }
            writeln!(shown, "# {title}: {}", fixed.count).unwrap();
            for file in &fixed.files {
                let (before, after) = (visible(&file.before), visible(&file.after));
                let diff = TextDiff::from_lines(&before, &after);
                shown += &diff.unified_diff().context_radius(2).header(&file.path, &file.path).to_string();
            }
        }
        if shown.is_empty() {
            continue;
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path("snapshots/fixes");
        settings.bind(|| insta::assert_snapshot!(name.replace('/', "__"), shown));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn rules_with_fixes_have_one_in_their_bad_example() {
    let mut fixable: BTreeSet<&str> = BTreeSet::new();
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for (verdict, case) in cases() {
        for found in check(Sources::new(read(&case)), &options()).diagnostics {
            if found.fix.is_none() || found.rule.id != verdict {
                continue;
            }
            fixable.insert(found.rule.id);
            if case.ends_with("bad") {
                shown.insert(found.rule.id);
            }
        }
    }
    // Another test reports rules without an example.
    fixable.retain(|id| !rules::examples(id).0.is_empty() && !shown.contains(id));
    assert!(fixable.is_empty(), "the bad examples have no fix, so `controlsync explain` shows none: {fixable:?}");
}

/// Applies fixes, and checks that none are left and that a second run changes nothing.
fn fixed(name: &str, checked: Checked, which: Fixes, wrong: &mut Vec<String>) -> Fixed {
    let once = fix(checked, &options(), which, |_| true);
    let again = check(copy(&once.checked.sources), &options());
    let skipped = not_fixed(&again);
    let fixable = |found: &&Diagnostic| {
        !skipped.contains(&found.file) && found.fix.as_ref().is_some_and(|fix| which.include(fix))
    };
    let left = again.diagnostics.iter().filter(fixable);
    let left: Vec<&str> = left.map(|left| left.rule.id).collect();
    if !left.is_empty() {
        wrong.push(format!("{name}: {which:?} does not apply the fixes of {left:?}"));
    }
    let twice = fix(again, &options(), which, |_| true);
    if twice.count > 0 || !twice.files.is_empty() {
        wrong.push(format!("{name}: {which:?} changes files in a second run"));
    }
    once
}

fn copy(sources: &Sources) -> Sources {
    let copy = |source: &Source| Source::new(source.path(), source.kind(), source.content());
    Sources::new(sources.iter().map(|(_, source)| copy(source)).collect())
}

/// Makes byte order marks and carriage returns visible.
fn visible(text: &str) -> String {
    text.replace('\u{feff}', "<BOM>").replace('\r', "<CR>")
}
