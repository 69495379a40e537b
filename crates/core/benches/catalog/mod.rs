//! A valid catalog of any size.

use std::fmt::Write as _;

use controlsync_core::source::{Content, FileKind, Source, Sources};

/// Returns a realistic control: about 1.9 kB, with four data sources.
pub fn control(number: usize) -> String {
    let sentence = "The owner of the system keeps evidence of this, and records who reviewed it, how and when. ";
    let mut text = format!("name: Family-Control{number:05}\ndescription: {}\n", sentence.repeat(2).trim_end());
    let _ = write!(text, "testingInformation: >-\n  {}\n", sentence.repeat(3).trim_end());
    let _ = write!(
        text,
        "actionPlanTitle: Fix the resource\nactionPlanInstructions: |-\n  {}\n",
        sentence.repeat(4).trim_end()
    );
    text += "tags:\n  Family: Data security\n  ID: PRDS-1\n  NIST: NIST SP 800-53 Rev 4\ndatasources:\n";
    for (source_type, keyword) in [
        ("AWS_Config", "S3_BUCKET_VERSIONING_ENABLED"),
        ("AWS_Security_Hub", "PCI.IAM.1"),
        ("AWS_Cloudtrail", "iam_CreateUser"),
    ] {
        let _ = write!(
            text,
            "  - sourceName: {source_type}\n    sourceDescription: Results of the service for each resource.\n    \
             sourceType: {source_type}\n    sourceKeyword:\n      keywordInputType: SELECT_FROM_LIST\n      \
             keywordValue: {keyword}\n"
        );
    }
    text + "  - sourceName: Report\n    sourceType: MANUAL\n    sourceDescription: The report of the last quarter.\n"
}

fn framework(number: usize) -> String {
    let mut text = format!("name: Framework {number}\ndescription: A part of the catalog.\ncontrolSets:\n");
    for set in 0..5 {
        let _ = write!(text, "  - name: Set {set}\n    controls:\n");
        for control in 0..5 {
            let _ = writeln!(text, "      - Family-Control{:05}", number * 25 + set * 5 + control);
        }
    }
    text
}

/// Returns a catalog in memory, with a framework for every 25 controls.
pub fn sources(controls: usize) -> Sources {
    let file = |folder: &str, kind, number: usize, text: String| {
        Source::new(format!("{folder}/{number:05}.yaml"), kind, Content::Bytes(text.into_bytes()))
    };
    let frameworks =
        (0..controls / 25).map(|number| file("frameworks", FileKind::Framework, number, framework(number)));
    let controls = (0..controls).map(|number| file("controls", FileKind::Control, number, control(number)));
    Sources::new(controls.chain(frameworks).collect())
}
