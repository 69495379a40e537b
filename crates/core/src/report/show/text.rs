//! The catalog as tables, for a terminal.

use anstyle::{AnsiColor, Style as Ansi};

use super::view::{Control, Counts, Finding, InAccount, Object, Orphan, Which};
use super::{ObjectStatus, Shown, View};
use crate::diagnostic::counted;
use crate::evidence::Setup;
use crate::plan::Target;
use crate::report::findings::by_level;
use crate::report::text::Style;
use crate::report::writer::{STRONG, Writer};

const FAINT: Ansi = Ansi::new().dimmed();
/// Maximum width of the name column; longer names shift the rest of their line.
const MAX_NAME: usize = 44;

/// Returns the catalog: frameworks with their control sets, controls, each with figures in columns, and a summary.
pub fn text(view: &View, style: &Style) -> String {
    let mut out = Writer::new(style);
    if let Some(account) = &view.account {
        let id = account.id.as_ref().map(ToString::to_string);
        out.head(view.catalog.as_str(), &Target { account: id, region: account.region.to_string() });
    } else {
        let head = out.paint(STRONG, &format!("Catalog {:?}", view.catalog.as_str()));
        out.line(&head);
    }
    let mut table = Table::new(view);
    frameworks(view, &mut table);
    controls(view, &mut table);
    table.write(&mut out);
    for file in &view.files {
        out.line("");
        let name = out.paint(STRONG, file.path.as_str());
        out.line(&format!("{name}  {}", found(&file.findings)));
    }
    out.line("");
    let summary = out.paint(STRONG, &summary(view));
    out.line(&summary);
    let findings: Vec<&Finding> = view.findings().collect();
    if findings.is_empty() {
        out.line("No findings");
    } else {
        let commands =
            if view.account.is_some() { "`controlsync lint`, `plan` and `evidence`" } else { "`controlsync lint`" };
        out.line(&format!("{}; run {commands} for details", count(&findings)));
    }
    if let Some(account) = &view.account {
        let states = view.states();
        let states: Vec<String> = states.iter().map(|(state, count)| format!("{count} {}", state.word())).collect();
        if !states.is_empty() {
            out.line(&format!("In the account: {}", states.join(", ")));
        }
        let setups: Vec<String> =
            view.setups().into_iter().map(|(setup, count)| format!("{count} {}", setup.name())).collect();
        if !setups.is_empty() {
            out.line(&format!("Evidence: {}", setups.join(", ")));
        }
        for Orphan { what, name, was } in &account.orphans {
            let was = if was.is_empty() { String::new() } else { format!(", was {was}") };
            out.line(&format!("In the account without a file: {what} {name}{was}"));
        }
        if let Some(why) = &account.unknown_impact {
            out.line(&format!("The impact of changes is unknown: {why}"));
        }
    }
    out.text
}

fn summary(view: &View) -> String {
    let sources = view.sources();
    let broken = if sources.broken == 0 { String::new() } else { format!(", {} broken", sources.broken) };
    let exceptions = match view.exceptions {
        0 => String::new(),
        count => format!(", {}", counted(count, "exception")),
    };
    format!(
        "{} with {}, {}, {} ({} automated{broken}){exceptions}",
        counted(view.frameworks.len(), "framework"),
        counted(view.sets(), "control set"),
        counted(view.controls().count(), "control"),
        counted(sources.all(), "data source"),
        sources.share(),
    )
}

fn frameworks(view: &View, table: &mut Table) {
    if view.frameworks.is_empty() {
        return;
    }
    table.head("Framework and control sets", ["controls", "sources", "automated", "broken"], false);
    for framework in &view.frameworks {
        table.object("", &framework.object, figures(framework.controls, framework.sources), None);
        for set in &framework.sets {
            table.row(format!("  {}", one_line(&set.name)), figures(set.members.len(), set.sources));
            for member in &set.members {
                if let Which::Other(what) = member.which {
                    table.note(format!("    {} ({what})", one_line(&member.name)));
                }
            }
        }
        table.impact(&framework.object);
    }
}

fn figures(controls: usize, sources: Counts) -> [String; 4] {
    [controls.to_string(), sources.all().to_string(), sources.share(), or_dash(sources.broken)]
}

fn controls(view: &View, table: &mut Table) {
    if view.families.is_empty() {
        return;
    }
    table.head("Control", ["automated", "broken", "manual", "frameworks"], true);
    for family in &view.families {
        table.title(one_line(&family.name));
        for control in &family.controls {
            table.object("  ", &control.object, of_control(control), control.setup);
            table.impact(&control.object);
        }
    }
}

fn of_control(control: &Control) -> [String; 4] {
    let Counts { automated, broken, manual } = control.counts();
    let mut frameworks: Vec<&str> = control.uses.iter().map(|used| used.anchor.as_str()).collect();
    frameworks.dedup();
    [automated, broken, manual, frameworks.len()].map(or_dash)
}

fn or_dash(count: usize) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}

/// Returns for example `1 error, 2 warnings`.
fn found(findings: &[Finding]) -> String {
    count(&findings.iter().collect::<Vec<_>>())
}

fn count(findings: &[&Finding]) -> String {
    by_level(|level| findings.iter().filter(|finding| finding.level == level).count())
}

/// Returns a name in one line.
fn one_line(name: &Shown) -> String {
    name.as_str().replace(['\n', '\t'], " ")
}

/// Rows with the same columns.
struct Table {
    /// Whether there is a column for the state in the account.
    account: bool,
    /// Whether there is a column for the setup of evidence.
    evidence: bool,
    rows: Vec<Row>,
}

enum Row {
    Head(&'static str, [&'static str; 4], &'static str),
    Title(String),
    Figures {
        name: String,
        strong: bool,
        figures: [String; 4],
        state: Option<ObjectStatus>,
        setup: Option<Setup>,
        findings: String,
    },
    Note(String),
}

impl Table {
    fn new(view: &View) -> Self {
        Self { account: view.account.is_some(), evidence: !view.setups().is_empty(), rows: Vec::new() }
    }

    fn head(&mut self, name: &'static str, columns: [&'static str; 4], evidence: bool) {
        let rest = match (self.account, self.evidence && evidence) {
            (true, true) => "account        evidence",
            (true, false) => "account",
            (false, _) => "",
        };
        self.rows.push(Row::Head(name, columns, rest));
    }

    fn title(&mut self, title: String) {
        self.rows.push(Row::Title(title));
    }

    fn note(&mut self, note: String) {
        self.rows.push(Row::Note(note));
    }

    fn row(&mut self, name: String, figures: [String; 4]) {
        self.rows.push(Row::Figures {
            name,
            strong: false,
            figures,
            state: None,
            setup: None,
            findings: String::new(),
        });
    }

    fn object(&mut self, indent: &str, object: &Object, figures: [String; 4], setup: Option<Setup>) {
        self.rows.push(Row::Figures {
            name: format!("{indent}{}", one_line(&object.name)),
            strong: true,
            figures,
            state: object.in_account.as_ref().map(|in_account| in_account.state),
            setup,
            findings: found(&object.findings),
        });
    }

    /// Adds the impact of a change.
    fn impact(&mut self, object: &Object) {
        let Some(InAccount { impact: Some(impact), .. }) = &object.in_account else { return };
        for (what, names) in
            [("used by frameworks", &impact.frameworks), ("used by active assessments", &impact.assessments)]
        {
            match names.as_deref() {
                None => self.note(format!("    impact: {what}: unknown")),
                Some([]) => {}
                Some(names) => {
                    let names: Vec<String> = names.iter().map(one_line).collect();
                    self.note(format!("    impact: {what} {}", names.join(", ")));
                }
            }
        }
    }

    fn write(&self, out: &mut Writer) {
        let width = |name: &str| name.chars().count();
        let names = self.rows.iter().filter_map(|row| match row {
            Row::Head(name, ..) => Some(width(name)),
            Row::Figures { name, .. } => Some(width(name)),
            Row::Title(_) | Row::Note(_) => None,
        });
        let column = names.filter(|width| *width <= MAX_NAME).max().unwrap_or(0);
        let mut heads = [""; 4];
        for row in &self.rows {
            match row {
                Row::Head(name, columns, state) => {
                    heads = *columns;
                    out.line("");
                    let columns = columns.map(str::to_owned);
                    let line = format!("{name:<column$}{}  {state}", right(&heads, &columns));
                    let line = out.paint(STRONG, line.trim_end());
                    out.line(&line);
                }
                Row::Title(title) => {
                    let title = out.paint(FAINT, title);
                    out.line(&title);
                }
                Row::Note(note) => out.line(note),
                Row::Figures { name, strong, figures, state, setup, findings } => {
                    let padded = format!("{name:<column$}");
                    let name = if *strong { padded } else { out.paint(FAINT, &padded) };
                    let state = state.map_or("", ObjectStatus::word);
                    let state = if self.account { format!("  {state:<13}") } else { String::new() };
                    let paint = |style: Ansi, text: String| match text.trim() {
                        "" => text,
                        _ => out.paint(style, &text),
                    };
                    let quiet = state.trim() == ObjectStatus::InSync.word();
                    let state = paint(if quiet { FAINT } else { AnsiColor::Yellow.on_default() }, state);
                    let word = setup.map_or("", Setup::name);
                    let setup = if self.evidence { format!("  {word:<11}") } else { String::new() };
                    let quiet = matches!(setup.trim(), "ready" | "manual" | "aws-managed");
                    let setup = paint(if quiet { FAINT } else { AnsiColor::Yellow.on_default() }, setup);
                    let findings = if findings.is_empty() { String::new() } else { format!("  {findings}") };
                    let findings = paint(AnsiColor::Red.on_default(), findings);
                    out.line(format!("{name}{}{state}{setup}{findings}", right(&heads, figures)).trim_end());
                }
            }
        }
    }
}

/// Returns figures in right-aligned columns that are as wide as their heads.
fn right(heads: &[&str; 4], figures: &[String; 4]) -> String {
    let columns: Vec<String> =
        heads.iter().zip(figures).map(|(head, figure)| format!(" {figure:>width$}", width = head.len())).collect();
    format!(" {}", columns.join(""))
}
