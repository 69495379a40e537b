use anyhow::Result;
use controlsync_core::report::rule_docs;
use controlsync_core::rules;
use controlsync_core::suggest::closest;

use crate::error::bail;
use crate::exit::Exit;
use crate::options::Global;
use crate::output::{self, Format};

/// Explain a rule, or list all rules.
///
/// Shows why a rule exists and how to fix its findings, with an example that breaks it and one that does not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// ID of the rule, shown in brackets after the level of a finding [default: list all rules]
    rule: Option<String>,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let style = output::style(global.color);
        let shown = match (&self.rule, self.format) {
            (None, Format::Text) => rule_docs::list(&style),
            (None, Format::Json) => rule_docs::json(&rules::all().collect::<Vec<_>>()),
            (Some(id), format) => {
                let Some(rule) = rules::find(id) else {
                    match closest(id, rules::all().map(|rule| rule.id)) {
                        Some(meant) => bail!(Usage, "unknown rule `{id}`; did you mean `{meant}`?"),
                        None => bail!(Usage, "unknown rule `{id}`; run `controlsync explain` to list all rules"),
                    }
                };
                match format {
                    Format::Text => rule_docs::text(rule, &style),
                    Format::Json => rule_docs::json(&[rule]),
                }
            }
        };
        output::print(&shown)?;
        Ok(Exit::Done)
    }
}
