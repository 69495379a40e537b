//! What a rule is, why it matters and how it looks: for people at a terminal, as a page, and for programs.

use std::fmt::Write as _;

use anstyle::Style as Ansi;
use serde::Serialize;

use super::json::{DiagnosticV1, TOOL, Tool, VERSION};
use super::text::Style;
use super::{Findings, Paths, concise, json as findings_json, printable, text as snippets};
use crate::check::{self, Checked};
use crate::diagnostic::Rule;
use crate::rules::{self, Example, Silencing, examples, groups, silencing};
use crate::source::Sources;

/// Longer examples are cut.
const MAX_LINES: usize = 40;
/// So are longer lines.
const MAX_LINE: usize = 160;
/// What a person reads is not set wider than this, nor narrower than the terminal of old.
const WIDTH: std::ops::RangeInclusive<usize> = 80..=100;
/// The file that says what the account of an example holds.
const ACCOUNT: &str = "account.json";

const STRONG: Ansi = Ansi::new().bold();

/// Everything that there is to say about a rule.
struct RuleDocs {
    rule: &'static Rule,
    silencing: Silencing,
    fix: Mended,
    bad: &'static [Example],
    /// What is found in `bad`; none where that takes an account.
    checked: Option<Checked>,
    good: &'static [Example],
}

/// Whether the findings of a rule can be mended by machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mended {
    No,
    /// Without changing what the file means.
    Safely,
    /// By what may change it.
    Unsafely,
}

impl RuleDocs {
    fn of(rule: &'static Rule) -> Self {
        let (bad, good) = examples(rule.id);
        let account = bad.iter().any(|example| example.path == ACCOUNT);
        let checked = (!bad.is_empty() && !account).then(|| {
            let sources = bad.iter().filter_map(Example::source).collect();
            check::check(Sources::new(sources), &check::Options::default())
        });
        let own = checked.iter().flat_map(|checked| &checked.diagnostics).filter(|found| found.rule == rule);
        let fixes: Vec<bool> = own.filter_map(|found| found.fix.as_ref()).map(|fix| fix.safe).collect();
        let fix = match fixes.iter().any(|safe| *safe) {
            true => Mended::Safely,
            false if fixes.is_empty() => Mended::No,
            false => Mended::Unsafely,
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

    /// The facts that stand above everything, each a sentence.
    fn facts(&self) -> [(&'static str, String); 3] {
        let level = self.rule.level.name();
        let silencing = match self.silencing {
            Silencing::Nothing if self.rule.hard => "it can be neither lowered nor ignored",
            Silencing::Nothing => "found while planning, where nothing lowers or hides it",
            Silencing::Configuration => "`controlsync.toml` can change it; a comment cannot",
            Silencing::Comment => "`controlsync.toml` can change it, and a comment can ignore a finding",
        };
        let fix = match self.fix {
            Mended::No => "none; mend it by hand",
            Mended::Safely => "`controlsync lint --fix`",
            Mended::Unsafely => "`controlsync lint --fix --unsafe-fixes`; look at what it changes",
        };
        [("Level", format!("{level}; {silencing}")), ("Fix", fix.to_owned()), ("Since", self.rule.since.to_owned())]
    }

    /// The examples: their headings, their files, and what is found in them.
    fn examples(&self) -> impl Iterator<Item = (&'static str, &'static [Example], Option<Findings<'_>>)> {
        [("Breaks the rule", self.bad, self.findings()), ("Keeps the rule", self.good, None)]
            .into_iter()
            .filter(|(_, files, _)| !files.is_empty())
    }
}

/// The lines of an example as they can be shown; one more says how many are left out.
fn lines(example: &Example) -> Vec<String> {
    let mut lines: Vec<String> = example.text.lines().take(MAX_LINES).map(shortened).collect();
    let left = example.text.lines().count() - lines.len();
    if left > 0 {
        lines.push(format!("… and {left} more line{}", if left == 1 { "" } else { "s" }));
    }
    if lines.is_empty() {
        lines.push("(nothing)".to_owned());
    }
    lines
}

fn shortened(line: &str) -> String {
    let left = line.chars().count().saturating_sub(MAX_LINE);
    let kept: String = line.chars().take(MAX_LINE).collect();
    let kept = printable(&kept);
    if left == 0 { kept.into_owned() } else { format!("{kept}… and {left} more characters") }
}

/// All rules, a line each.
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
    out + "`controlsync explain RULE` says why a rule is there and what to do.\n"
}

/// One rule, for a terminal.
pub fn text(rule: &'static Rule, style: &Style) -> String {
    let docs = RuleDocs::of(rule);
    let width = style.width.clamp(*WIDTH.start(), *WIDTH.end());
    let mut out = format!("{}\n\n{}\n\n", strong(rule.id, style), wrapped(rule.summary, width));
    for (name, fact) in docs.facts() {
        let _ = writeln!(out, "{:10}{fact}", format!("{name}:"));
    }
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

/// What an example's file is, where it is none of a catalog.
fn remark(example: &Example) -> &'static str {
    if example.path == ACCOUNT { " (what the account holds)" } else { "" }
}

/// Markdown links as a terminal shows them: the address behind the words.
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

/// What stands before the next link, its words, its address, and what stands behind it.
fn next_link(markdown: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = markdown.split_once("](")?;
    let (before, words) = head.rsplit_once('[')?;
    let (address, after) = tail.split_once(')')?;
    Some((before, words, address, after))
}

/// A paragraph in lines of at most so many characters, but for longer words.
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

Everything that controlsync can find. `controlsync explain RULE` shows the same for one rule, and `controlsync explain`
lists them. This page is generated from them: `cargo run -q -p controlsync-core --example generate`.

An **error** is what the service refuses, or what would do something that nobody wants: no plan is made from a catalog
with errors. A **warning** is most likely a mistake; `controlsync lint --deny-warnings` exits with 1 on them too. An
**info** is good to know.

## What to do about a finding

**Mend it.** `controlsync lint --fix` mends what it can without changing what a file means. `--fix --unsafe-fixes` mends
also what may change it, such as a name that was guessed; `--diff` in place of `--fix` shows what would change.

**Ignore it where it stands**, in a file of YAML, by a comment on its line or above it. The comment says why:

```yaml
sourceKeyword:
  # controlsync: ignore unlisted-config-rule the list of our account has it
  keywordValue: ACMPCA_CERTIFICATE_AUTHORITY_TAGGED
```

What concerns a whole file is ignored by a comment above everything else in it.

**Change its level** for the whole catalog, in `controlsync.toml`: `off`, `info`, `warning` or `error`.

```toml
[lint.rules]
unused-control = \"off\"
```

**Ignore it below some paths**, with all other findings there, in `controlsync.toml`:

```toml
[lint]
ignore = [\"controls/drafts/**\"]
```

A **hard** rule finds what the service, or the catalog, cannot work with. Its findings are always errors: nothing of the
above but mending helps. A comment says nothing about what a plan finds in the account; the configuration does.

## All rules
";

/// All rules, as a page.
pub fn markdown() -> String {
    let mut out = INTRODUCTION.to_owned();
    let all: Vec<(&str, Vec<RuleDocs>)> =
        groups().into_iter().map(|group| (group.title, group.rules.into_iter().map(RuleDocs::of).collect())).collect();
    for (title, rules) in &all {
        let _ = writeln!(out, "\n**{title}**\n\n| rule | level | fix | what it finds |\n|---|---|---|---|");
        for docs in rules {
            let RuleDocs { rule: Rule { id, summary, .. }, .. } = docs;
            let level = docs.rule.level.name();
            let hard = if docs.rule.hard { ", hard" } else { "" };
            let fix = match docs.fix {
                Mended::No => "",
                Mended::Safely => "`--fix`",
                Mended::Unsafely => "`--unsafe-fixes`",
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
            fenced(out, "What is found", "text", concise::findings(&[findings]).trim_end());
        }
    }
}

/// A block with a caption. Its fence is longer than any within.
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

/// Rules, for programs. The types of this module are documented and versioned with those of [`super::json`].
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
                Mended::No => None,
                Mended::Safely => Some("safe"),
                Mended::Unsafely => Some("unsafe"),
            },
            since: rule.since,
            summary: rule.summary,
            why: rule.why,
            bad: BadV1 { files: files(docs.bad), diagnostics },
            good: GoodV1 { files: files(docs.good) },
        }
    };
    findings_json::print(&RulesV1 { version: VERSION, tool: TOOL, rules: rules.iter().map(one).collect() })
}
