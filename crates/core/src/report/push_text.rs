//! What was pushed, for people.

use anstyle::{AnsiColor, Style as Ansi};

use super::printable;
use super::text::Style;
use super::writer::{STRONG, Writer};
use crate::diagnostic::counted;
use crate::push::{Action, PushPlan, Task, TaskResult};

const ADDED: Ansi = AnsiColor::Green.on_default();
const REMOVED: Ansi = AnsiColor::Red.on_default();

/// What would be deleted, before it is: one line an object.
pub fn deletions(work: &PushPlan, place: &str, style: &Style) -> String {
    let mut out = Writer::new(style);
    out.line(&format!("These have no file here and are deleted from {}:", printable(place)));
    for path in work.deletions() {
        let line = out.paint(REMOVED, &format!("- {}", printable(path)));
        out.line(&line);
    }
    out.text
}

/// What became of the work, task by task, and a line that counts; `results` are in the order of the tasks.
pub fn pushed(work: &PushPlan, results: &[TaskResult], place: &str, style: &Style) -> String {
    let mut out = Writer::new(style);
    for (task, result) in work.tasks().zip(results) {
        one(&mut out, task, result);
    }
    if !out.text.is_empty() {
        out.line("");
    }
    let summary = out.paint(STRONG, &summary(work, results, &printable(place)));
    out.line(&summary);
    if results.iter().any(|result| *result != TaskResult::Done) {
        out.line("Push again: what is there already is not uploaded twice.");
    }
    out.text
}

fn one(out: &mut Writer, task: &Task, result: &TaskResult) {
    let path = printable(&task.path);
    let (verb, done, color) = match task.action {
        Action::Upload(_) => ("upload", "uploaded", ADDED),
        Action::Delete => ("delete", "deleted", REMOVED),
    };
    match result {
        TaskResult::Done => out.line(&format!("{} {path}", out.paint(color, done))),
        TaskResult::NotStarted => out.line(&format!("not {done} {path}")),
        TaskResult::Failed(failure) => {
            let head = out.paint(REMOVED, &format!("failed: {verb} {path}"));
            out.line(&head);
            out.line(&format!("    {}", printable(&failure.to_string())));
            if let Some(help) = &failure.help {
                out.line(&format!("    {help}"));
            }
        }
    }
}

fn summary(work: &PushPlan, results: &[TaskResult], place: &str) -> String {
    if results.is_empty() {
        return format!("Nothing differs: {} in {place} as here.", are(work.unchanged));
    }
    let count = |wanted: fn(&Task, &TaskResult) -> bool| {
        work.tasks().zip(results).filter(|(task, result)| wanted(task, result)).count()
    };
    let mut parts = Vec::new();
    for (count, what) in [
        (count(|task, result| *result == TaskResult::Done && task.action != Action::Delete), "uploaded"),
        (work.unchanged, "unchanged"),
        (count(|task, result| *result == TaskResult::Done && task.action == Action::Delete), "deleted"),
        (count(|_, result| matches!(result, TaskResult::Failed(_))), "failed"),
        (count(|_, result| *result == TaskResult::NotStarted), "not started"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    format!("Pushed to {place}: {}.", parts.join(", "))
}

fn are(files: usize) -> String {
    format!("{} {}", counted(files, "file"), if files == 1 { "is" } else { "are" })
}
