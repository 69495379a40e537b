//! A catalog with more than a thousand findings of many rules.

use std::num::NonZero;

use controlsync_core::check::{Options, check};
use controlsync_core::fix::{Fixes, fix};
use controlsync_core::report::{Findings, concise, github, gitlab, json, junit, sarif, text};
use controlsync_core::source::{Content, FileKind, Source, Sources};

use super::all;

const FILES: usize = 100;

/// A catalog with more than ten findings per file.
fn invalid_catalog() -> Sources {
    let control = |number: usize| {
        format!(
            "name: Control {number} \ndescripton: TODO\ntestingInformation: '-'\ntags:\n  Version: 1.{number}0\n  on: yes\n\
             datasources:\n  - sourceName: Rule\n    sourceType: AWS_Config\n    sourceFrequency: DAILY\n    \
             sourceKeyword: {{ keywordValue: restricted-ssh }}\n  - sourceName: Rule\n    sourceType: AWS_Config\n    \
             sourceKeyword: {{ keywordValue: NO_SUCH_RULE_{number} }}\n  - sourceName: Event\n    \
             sourceType: AWS_Cloudtrail\n    sourceKeyword: {{ keywordValue: ec2_NoSuchEvent{number} }}\n  \
             - sourceName: Call\n    sourceType: AWS_API_Call\n    sourceKeyword: {{ keywordValue: iam_NoSuchCall{number} }}\n"
        )
    };
    let file = |number: usize| {
        Source::new(
            format!("controls/{number:03}.yaml"),
            FileKind::Control,
            Content::Bytes(control(number).into_bytes()),
        )
    };
    // In reverse order.
    Sources::new((0..FILES).rev().map(file).collect())
}

#[test]
fn a_thousand_findings_are_sorted_in_every_format_with_any_number_of_threads() {
    let one = check(invalid_catalog(), &Options::default());
    let four = check(invalid_catalog(), &Options { threads: NonZero::new(4).unwrap(), ..Options::default() });
    assert!(one.diagnostics.len() > 1000, "{}", one.diagnostics.len());
    assert!(one.diagnostics.is_sorted_by_key(|diagnostic| (diagnostic.file, diagnostic.span.start)));
    let formats: [fn(&[Findings<'_>]) -> String; 7] = [
        |all| text::findings(all, &text::Style::default()),
        concise::findings,
        json::findings,
        sarif::findings,
        github::findings,
        junit::findings,
        gitlab::findings,
    ];
    for format in formats {
        let report = format(&[all(&one)]);
        assert!(report == format(&[all(&four)]), "{}", &report[..200]);
        let positions: Vec<usize> =
            (0..FILES).map(|number| report.find(&format!("controls/{number:03}.yaml")).unwrap()).collect();
        assert!(positions.is_sorted());
    }
}

#[test]
fn a_thousand_fixes_are_applied_in_one_run() {
    let options = Options::default();
    let once = fix(check(invalid_catalog(), &options), &options, Fixes::All, |_| true);
    assert_eq!(once.files.len(), FILES);
    let again = fix(once.checked, &options, Fixes::All, |_| true);
    assert_eq!((again.count, again.files.len()), (0, 0));
}

#[test]
fn a_fix_that_cannot_be_applied_does_not_block_others() {
    // Without the second block, its trailing line breaks would belong to the first.
    let above = "name: Backup\nactionPlanTitle: |+\n  Restore\ntestingInformation: |\n  TODO\n\n\ntags:\n";
    let tags: Vec<String> = (0..1000).map(|number| format!("  Tag{number}: no\n")).collect();
    let text = above.to_owned() + &tags.concat();
    let source = Source::new("controls/backup.yaml", FileKind::Control, Content::Bytes(text.clone().into_bytes()));
    let options = Options::default();
    let fixed = fix(check(Sources::new(vec![source]), &options), &options, Fixes::All, |_| true);
    assert_eq!(fixed.count, 1000);
    assert_eq!(fixed.files[0].after, text.replace(": no\n", ": \"no\"\n"));
}
