//! The documentation of rules, with reasons and examples: as text, as a page, and as JSON.

use std::fmt::Write as _;

use anstyle::Style as Ansi;
use serde::Serialize;

use super::json::{DiagnosticV1, TOOL, Tool, VERSION};
use super::text::Style;
use super::{Findings, Paths, concise, json as findings_json, text as snippets};
use crate::characters::printable;
use crate::check::{self, Checked};
use crate::diagnostic::Rule;
use crate::rules::{self, Example, Silencing, examples, groups, silencing};
use crate::source::Sources;

/// Maximum number of lines of an example.
const MAX_LINES: usize = 40;
/// Maximum length of a line of an example.
const MAX_LINE: usize = 160;
/// Minimum and maximum width of text.
const WIDTH: std::ops::RangeInclusive<usize> = 80..=100;
/// The files of an example with the content of the account, or with facts about it.
const ACCOUNT: [&str; 2] = ["account.json", "facts.json"];

const STRONG: Ansi = Ansi::new().bold();

/// The documentation of a rule.
struct RuleDocs {
    rule: &'static Rule,
    silencing: Silencing,
    fix: Fixable,
    bad: &'static [Example],
    /// The findings in `bad`; `None` if they require an account.
    checked: Option<Checked>,
    good: &'static [Example],
}

/// Whether the findings of a rule can be fixed automatically.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fixable {
    No,
    /// Without changing the meaning of the file.
    Safely,
    /// By an edit that may change the meaning.
    Unsafely,
}

impl RuleDocs {
    fn of(rule: &'static Rule) -> Self {
        let (bad, good) = examples(rule.id);
        let account = bad.iter().any(|example| ACCOUNT.contains(&example.path));
        let checked = (!bad.is_empty() && !account).then(|| {
            let sources = bad.iter().filter_map(Example::source).collect();
            check::check(Sources::new(sources), &check::Options::default())
        });
        let own = checked.iter().flat_map(|checked| &checked.diagnostics).filter(|found| found.rule == rule);
        let fixes: Vec<bool> = own.filter_map(|found| found.fix.as_ref()).map(|fix| fix.safe).collect();
        let fix = match fixes.iter().any(|safe| *safe) {
            true => Fixable::Safely,
            false if fixes.is_empty() => Fixable::No,
            false => Fixable::Unsafely,
        };
        Self { rule, silencing: silencing(rule), fix, bad, checked, good }
    }

    fn findings(&self) -> Option<Findings<'_>> {
        let checked = self.checked.as_ref()?;
        Some(Findings {
            sources: &checked.sources,
            diagnostics: checked.diagnostics.iter().collect(),
            files: checked.sources.len(),
            paths: Paths::default(),
        })
    }

    /// Returns level, fix and version, a sentence each.
    fn facts(&self) -> [(&'static str, String); 3] {
        let level = self.rule.level.name();
        let silencing = match self.silencing {
            Silencing::Nothing if self.rule.hard => "it cannot be lowered or ignored",
            Silencing::Nothing => "found while planning; it cannot be lowered or ignored",
            Silencing::Configuration => "`controlsync.toml` can change it; a comment cannot",
            Silencing::Comment => "`controlsync.toml` can change it, and a comment can ignore a finding",
        };
        let fix = match self.fix {
            Fixable::No => "manual",
            Fixable::Safely => "`controlsync lint --fix`",
            Fixable::Unsafely => "`controlsync lint --fix --unsafe-fixes`; review the changes",
        };
        [("Level", format!("{level}; {silencing}")), ("Fix", fix.to_owned()), ("Since", self.rule.since.to_owned())]
    }

    /// Returns the examples: their headings, files and findings.
    fn examples(&self) -> impl Iterator<Item = (&'static str, &'static [Example], Option<Findings<'_>>)> {
        [("Incorrect", self.bad, self.findings()), ("Correct", self.good, None)]
            .into_iter()
            .filter(|(_, files, _)| !files.is_empty())
    }
}

/// Returns the lines of an example, and a line with the number of omitted ones if there are any.
fn lines(example: &Example) -> Vec<String> {
    let mut lines: Vec<String> = example.text.lines().take(MAX_LINES).map(shortened).collect();
    let left = example.text.lines().count() - lines.len();
    if left > 0 {
        lines.push(format!("… and {left} more line{}", if left == 1 { "" } else { "s" }));
    }
    if lines.is_empty() {
        lines.push("(empty)".to_owned());
    }
    lines
}

fn shortened(line: &str) -> String {
    let left = line.chars().count().saturating_sub(MAX_LINE);
    let kept: String = line.chars().take(MAX_LINE).collect();
    let kept = printable(&kept);
    if left == 0 { kept.into_owned() } else { format!("{kept}… and {left} more characters") }
}

/// Returns all rules, one line each.
pub fn list(style: &Style) -> String {
    let width = rules::all().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut out = String::new();
    for group in groups() {
        let _ = writeln!(out, "{}", strong(group.title, style));
        for rule in group.rules {
            let _ = writeln!(out, "  {:width$}  {:7}  {}", rule.id, rule.level.name(), rule.summary);
        }
        out.push('\n');
    }
    out + "Run `controlsync explain RULE` for why a rule exists and how to fix its findings.\n"
}

/// Returns one rule, as text.
pub fn text(rule: &'static Rule, style: &Style) -> String {
    let docs = RuleDocs::of(rule);
    let width = style.width.clamp(*WIDTH.start(), *WIDTH.end());
    let mut out = format!("{}\n\n{}\n\n", strong(rule.id, style), wrapped(rule.summary, width));
    for (name, fact) in docs.facts() {
        let _ = writeln!(out, "{:10}{fact}", format!("{name}:"));
    }
    let _ = writeln!(out, "{:10}{}", "URL:", rule.url());
    for paragraph in rule.why.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        let _ = writeln!(out, "\n{}", wrapped(&links_written_out(paragraph), width));
    }
    for (heading, files, findings) in docs.examples() {
        let _ = writeln!(out, "\n{}", strong(heading, style));
        for example in files {
            let _ = writeln!(out, "\n{}{}", printable(example.path), remark(example));
            for line in lines(example) {
                let _ = writeln!(out, "{}", format!("    {line}").trim_end());
            }
        }
        if let Some(findings) = findings {
            let style = Style { width: style.width.max(width), ..style.clone() };
            let _ = write!(out, "\n{}", snippets::findings(&[findings], &style).trim_end());
            out.push('\n');
        }
    }
    out
}

fn strong(text: &str, style: &Style) -> String {
    if style.color { format!("{STRONG}{text}{STRONG:#}") } else { text.to_owned() }
}

/// Returns a remark about a file of an example that is not in the catalog.
fn remark(example: &Example) -> &'static str {
    match example.path {
        "account.json" => " (the account)",
        "facts.json" => " (what differs from an account in which everything is set up)",
        _ => "",
    }
}

/// Replaces Markdown links by their words, followed by their address.
fn links_written_out(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, words, address, after)) = next_link(rest) {
        out += before;
        let _ = write!(out, "{words} <{address}>");
        rest = after;
    }
    out + rest
}

/// Returns the text before the next link, its words, its address, and the text after it.
fn next_link(markdown: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = markdown.split_once("](")?;
    let (before, words) = head.rsplit_once('[')?;
    let (address, after) = tail.split_once(')')?;
    Some((before, words, address, after))
}

/// Wraps a paragraph. Words longer than the width get a line of their own.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += length;
    }
    out
}

const INTRODUCTION: &str = "\
# Rules

All rules of controlsync. `controlsync explain RULE` shows one of them, and `controlsync explain` lists them. This page
is generated by `cargo run -q -p controlsync-core --example generate`.

An **error** is something that the service rejects, or that would have an effect you do not want: no plan is made for a
catalog with errors. A **warning** is most likely a mistake; `controlsync lint --deny-warnings` also exits with 1 if
there are warnings. An **info** is good to know.

## How to handle a finding

**Fix it.** `controlsync lint --fix` fixes findings without changing the meaning of a file. `--fix --unsafe-fixes` also
applies fixes that may change it, such as a guessed name; `--diff` instead of `--fix` shows the changes.

**Ignore it in a YAML file** with a comment on its line or above it. The comment states the reason:

```yaml
sourceKeyword:
  # controlsync: ignore unlisted-config-rule the list of our account has it
  keywordValue: ACMPCA_CERTIFICATE_AUTHORITY_TAGGED
```

To ignore a finding about the complete file, put the comment at the top of the file.

**Change its level** for the complete catalog, in `controlsync.toml`: `off`, `info`, `warning` or `error`.

```toml
[lint.rules]
unused-control = \"off\"
```

**Ignore all findings in some paths**, in `controlsync.toml`:

```toml
[lint]
ignore = [\"controls/drafts/**\"]
```

A **hard** rule finds what neither the service nor controlsync can process. Its findings are always errors: no setting and
no comment changes that. A comment cannot ignore findings of a plan about the account; the configuration can.

## All rules
";

/// Returns all rules, as a page.
pub fn markdown() -> String {
    let mut out = INTRODUCTION.to_owned();
    let all: Vec<(&str, Vec<RuleDocs>)> =
        groups().into_iter().map(|group| (group.title, group.rules.into_iter().map(RuleDocs::of).collect())).collect();
    for (title, rules) in &all {
        let _ = writeln!(out, "\n**{title}**\n\n| rule | level | fix | description |\n|---|---|---|---|");
        for docs in rules {
            let RuleDocs { rule: Rule { id, summary, .. }, .. } = docs;
            let level = docs.rule.level.name();
            let hard = if docs.rule.hard { ", hard" } else { "" };
            let fix = match docs.fix {
                Fixable::No => "",
                Fixable::Safely => "`--fix`",
                Fixable::Unsafely => "`--unsafe-fixes`",
            };
            let _ = writeln!(out, "| [{id}](#{id}) | {level}{hard} | {fix} | {} |", summary.replace('|', "\\|"));
        }
    }
    for (title, rules) in &all {
        let _ = writeln!(out, "\n## {title}");
        for docs in rules {
            section(&mut out, docs);
        }
    }
    out
}

fn section(out: &mut String, docs: &RuleDocs) {
    let rule = docs.rule;
    let _ = writeln!(out, "\n### {}\n\n{}\n", rule.id, rule.summary);
    for (name, fact) in docs.facts() {
        let _ = writeln!(out, "- {name}: {fact}");
    }
    if !rule.why.is_empty() {
        let _ = writeln!(out, "\n{}", rule.why);
    }
    for (heading, files, findings) in docs.examples() {
        let _ = writeln!(out, "\n**{heading}:**");
        for example in files {
            let shown = lines(example).join("\n");
            let extension = example.path.rsplit_once('.').map_or("text", |(_, extension)| extension);
            let caption = format!("`{}`{}", printable(example.path), remark(example));
            fenced(out, &caption, extension, &shown);
        }
        if let Some(findings) = findings {
            fenced(out, "Findings", "text", concise::findings(&[findings]).trim_end());
        }
    }
}

/// Adds a block with a caption. Its fence is longer than any in the text.
fn fenced(out: &mut String, caption: &str, language: &str, text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "\n{caption}:\n\n{fence}{language}\n{text}\n{fence}");
}

#[derive(Serialize)]
struct RulesV1 {
    version: u32,
    tool: Tool,
    rules: Vec<RuleV1>,
}

#[derive(Serialize)]
struct RuleV1 {
    id: &'static str,
    level: &'static str,
    hard: bool,
    suppressible: bool,
    fixable: Option<&'static str>,
    since: &'static str,
    url: String,
    summary: &'static str,
    why: &'static str,
    bad: BadV1,
    good: GoodV1,
}

#[derive(Serialize)]
struct BadV1 {
    files: Vec<FileV1>,
    diagnostics: Option<Vec<DiagnosticV1>>,
}

#[derive(Serialize)]
struct GoodV1 {
    files: Vec<FileV1>,
}

#[derive(Serialize)]
struct FileV1 {
    path: &'static str,
    text: &'static str,
}

/// Returns rules, as JSON. The types of this module are documented and versioned with those of [`super::json`].
pub fn json(rules: &[&'static Rule]) -> String {
    let one = |rule: &&'static Rule| {
        let docs = RuleDocs::of(rule);
        let files = |examples: &'static [Example]| {
            examples.iter().map(|example| FileV1 { path: example.path, text: example.text }).collect()
        };
        let diagnostics = docs.findings().map(|findings| {
            let one = |found: &&_| findings_json::one(findings.sources, found, &findings.paths);
            findings.diagnostics.iter().map(one).collect()
        });
        RuleV1 {
            id: rule.id,
            level: rule.level.name(),
            hard: rule.hard,
            suppressible: docs.silencing == Silencing::Comment,
            fixable: match docs.fix {
                Fixable::No => None,
                Fixable::Safely => Some("safe"),
                Fixable::Unsafely => Some("unsafe"),
            },
            since: rule.since,
            url: rule.url(),
            summary: rule.summary,
            why: rule.why,
            bad: BadV1 { files: files(docs.bad), diagnostics },
            good: GoodV1 { files: files(docs.good) },
        }
    };
    findings_json::print(&RulesV1 { version: VERSION, tool: TOOL, rules: rules.iter().map(one).collect() })
}
