use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "expired-exception",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An exception has ended, or its date does not exist.",
    why: "An exception accepts a deviation until a date. After that day it has no effect: the resources count again. A file that stays \
          looks like an accepted deviation and is none.\n\n\
          Remove the file, or have the deviation accepted again and write the new date.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    if parsed.source.kind() != FileKind::Exception {
        return;
    }
    let Some(until) = parsed.document.root.get("until").and_then(Node::as_str) else { return };
    // The schema reports other forms.
    let parts: Vec<u32> = until.split('-').filter_map(|part| part.parse().ok()).collect();
    let &[year, month, day] = parts.as_slice() else { return };
    if !exists(year, month, day) {
        let message = format!("the date `{until}` does not exist");
        found.push(parsed.finding(&RULE, "/until", message).help("write the last day of the exception"));
    } else if parsed.today.is_some_and(|today| until < today) {
        let message = format!("the exception ended on {until}");
        found.push(
            parsed.finding(&RULE, "/until", message).help("remove the file, or have the deviation accepted again"),
        );
    }
}

/// Whether a date of the Gregorian calendar exists.
const fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    day >= 1 && day <= days
}

#[cfg(test)]
mod tests {
    use super::exists;

    #[test]
    fn dates_of_the_calendar_exist() {
        for ((year, month, day), expected) in [
            ((2028, 2, 29), true),
            ((2027, 2, 29), false),
            ((2100, 2, 29), false),
            ((2000, 2, 29), true),
            ((2027, 4, 31), false),
            ((2027, 12, 31), true),
            ((2027, 13, 1), false),
            ((2027, 0, 1), false),
            ((2027, 1, 0), false),
        ] {
            assert_eq!(exists(year, month, day), expected, "{year}-{month}-{day}");
        }
    }
}
