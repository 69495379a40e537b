//! What was pushed, for people.

use anstyle::{AnsiColor, Style as Ansi};

use super::printable;
use super::text::Style;
use crate::diagnostic::counted;
use crate::push::{Action, Task, TaskResult, Work};

const ADDED: Ansi = AnsiColor::Green.on_default();
const REMOVED: Ansi = AnsiColor::Red.on_default();
const STRONG: Ansi = Ansi::new().bold();

/// What would be deleted, before it is: one line an object.
pub fn deletions(work: &Work, place: &str, style: &Style) -> String {
    let mut text = format!("These have no file here and are deleted from {}:\n", printable(place));
    for path in work.deletions() {
        text += &paint(style, REMOVED, &format!("- {}", printable(path)));
        text.push('\n');
    }
    text
}

/// What became of the work, task by task, and a line that counts; `results` are in the order of the tasks.
pub fn pushed(work: &Work, results: &[TaskResult], place: &str, style: &Style) -> String {
    let mut text = String::new();
    for (task, result) in work.tasks().zip(results) {
        text += &line(task, result, style);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text += &paint(style, STRONG, &summary(work, results, &printable(place)));
    text.push('\n');
    if results.iter().any(|result| *result != TaskResult::Done) {
        text += "Push again: what is there already is not uploaded twice.\n";
    }
    text
}

fn paint(style: &Style, color: Ansi, text: &str) -> String {
    if style.color { format!("{color}{text}{color:#}") } else { text.to_owned() }
}

fn line(task: &Task, result: &TaskResult, style: &Style) -> String {
    let path = printable(&task.path);
    let (verb, done, color) = match task.action {
        Action::Upload(_) => ("upload", "uploaded", ADDED),
        Action::Delete => ("delete", "deleted", REMOVED),
    };
    match result {
        TaskResult::Done => format!("{} {path}\n", paint(style, color, done)),
        TaskResult::NotStarted => format!("not {done} {path}\n"),
        TaskResult::Failed(failure) => {
            let code = failure.code.as_deref().map_or(String::new(), |code| format!("{code}: "));
            let head = paint(style, REMOVED, &format!("failed: {verb} {path}"));
            let help = failure.help.as_deref().map_or(String::new(), |help| format!("    {help}\n"));
            format!("{head}\n    {}: {code}{}\n{help}", failure.operation, printable(&failure.message))
        }
    }
}

fn summary(work: &Work, results: &[TaskResult], place: &str) -> String {
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
