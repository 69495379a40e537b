//! What a probe learned: as text, and as JSON to attach to an issue and to load into the emulator.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::json::{TOOL, Tool, print};
use crate::diagnostic::counted;
use crate::probe::{Found, NOT_PROBED, Question, Refused, Report};

/// Version of the JSON.
const VERSION: u32 = 1;

/// Returns the report as text. `defaults` are the switches of the emulator.
pub fn text(report: &Report, defaults: &Map<String, Json>) -> String {
    let mut text = format!("Audit Manager in {}, asked by controlsync {}\n\n", report.region, TOOL.version);
    for (question, answer) in &report.answers {
        let _ = writeln!(text, "{}", question.text());
        match answer {
            Ok(found) => {
                let _ = writeln!(text, "  {}", found.answer);
                for refused in &found.refused {
                    let _ = writeln!(text, "  {}: {}: {}", refused.operation, refused.code, refused.message);
                }
            }
            Err(reason) => {
                let _ = writeln!(text, "  not answered: {reason}");
            }
        }
    }
    let unanswered = report.answers.iter().filter(|(_, answer)| answer.is_err()).count();
    let asked = report.answers.len();
    let _ = write!(text, "\n{}: {} answered", counted(asked, "question"), asked - unanswered);
    if asked < Question::ALL.len() {
        let _ = write!(text, ", {} not asked", Question::ALL.len() - asked);
    }
    let _ = writeln!(text, ". {}.", counted(report.requests, "request"));
    let different = report.behavior().into_iter().filter(|(name, found)| defaults.get(*name) != Some(found));
    let different: Vec<String> = different.map(|(name, found)| format!("{name}={found}")).collect();
    match different.as_slice() {
        [] => text.push_str("The embedded emulator behaves like this account.\n"),
        _ => {
            let _ = writeln!(text, "Different from the embedded emulator: {}.", different.join(", "));
        }
    }
    if report.left.is_empty() {
        text.push_str("Nothing is left in the account.\n");
    } else {
        text.push_str("Left in the account; the next probe removes it, or delete it in the console:\n");
        for left in &report.left {
            let _ = writeln!(text, "  {} {} {}", left.object.noun(), left.id, left.name);
        }
    }
    text
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportV1<'a> {
    version: u32,
    tool: Tool,
    region: &'a str,
    answers: Vec<AnswerV1<'a>>,
    behavior: Map<String, Json>,
    not_probed: Map<String, Json>,
    requests: usize,
    left: Vec<LeftV1<'a>>,
}

#[derive(Serialize)]
struct AnswerV1<'a> {
    id: &'static str,
    question: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "notAnswered")]
    not_answered: Option<&'a str>,
    refused: Vec<RefusedV1<'a>>,
}

#[derive(Serialize)]
struct RefusedV1<'a> {
    operation: &'static str,
    code: &'a str,
    message: &'a str,
    fields: Vec<FieldV1<'a>>,
}

#[derive(Serialize)]
struct FieldV1<'a> {
    name: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct LeftV1<'a> {
    kind: &'static str,
    id: &'a str,
    name: &'a str,
}

/// Returns the report as JSON. `behavior` are the positions of the emulator's switches.
pub fn json(report: &Report) -> String {
    let named = |(name, position): (&str, Json)| (name.to_owned(), position);
    let document = ReportV1 {
        version: VERSION,
        tool: TOOL,
        region: &report.region,
        answers: report.answers.iter().map(|(question, answer)| answer_v1(*question, answer)).collect(),
        behavior: report.behavior().into_iter().map(named).collect(),
        not_probed: NOT_PROBED.into_iter().map(|(name, reason)| named((name, Json::from(reason)))).collect(),
        requests: report.requests,
        left: report
            .left
            .iter()
            .map(|left| LeftV1 { kind: left.object.noun(), id: &left.id, name: &left.name })
            .collect(),
    };
    print(&document)
}

fn answer_v1(question: Question, answer: &Result<Found, String>) -> AnswerV1<'_> {
    let found = answer.as_ref();
    AnswerV1 {
        id: question.id(),
        question: question.text(),
        answer: found.ok().map(|found| found.answer.as_str()),
        not_answered: found.err().map(String::as_str),
        refused: found.map(|found| found.refused.iter().map(refused_v1).collect()).unwrap_or_default(),
    }
}

fn refused_v1(refused: &Refused) -> RefusedV1<'_> {
    let fields = refused.fields.iter().map(|(name, message)| FieldV1 { name, message });
    RefusedV1 { operation: refused.operation, code: &refused.code, message: &refused.message, fields: fields.collect() }
}
