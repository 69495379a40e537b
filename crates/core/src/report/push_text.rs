//! The result of a push, as text.

use anstyle::{AnsiColor, Style as Ansi};

use super::text::Style;
use super::writer::{STRONG, Writer};
use crate::characters::printable;
use crate::diagnostic::counted;
use crate::push::{Action, PushPlan, Task, TaskResult};

const ADDED: Ansi = AnsiColor::Green.on_default();
const REMOVED: Ansi = AnsiColor::Red.on_default();

/// Returns the objects that will be deleted, one line each.
pub fn deletions(work: &PushPlan, location: &str, style: &Style) -> String {
    let mut out = Writer::new(style);
    out.line(&format!("These objects have no file and will be deleted from {}:", printable(location)));
    for path in work.deletions() {
        let line = out.paint(REMOVED, &format!("- {}", printable(path)));
        out.line(&line);
    }
    out.text
}

/// Returns the result of each task and a summary; `results` are in the order of the tasks.
pub fn pushed(work: &PushPlan, results: &[TaskResult], location: &str, style: &Style) -> String {
    let mut out = Writer::new(style);
    for (task, result) in work.tasks().zip(results) {
        one(&mut out, task, result);
    }
    if !out.text.is_empty() {
        out.line("");
    }
    let summary = out.paint(STRONG, &summary(work, results, &printable(location)));
    out.line(&summary);
    if results.iter().any(|result| *result != TaskResult::Done) {
        out.line("Push again: files that are already in the bucket are not uploaded twice.");
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

fn summary(work: &PushPlan, results: &[TaskResult], location: &str) -> String {
    if results.is_empty() {
        let matches = if work.unchanged == 1 { "matches" } else { "match" };
        return format!("No changes. {} in {location} {matches} the catalog.", counted(work.unchanged, "file"));
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
    format!("Pushed to {location}: {}.", parts.join(", "))
}
