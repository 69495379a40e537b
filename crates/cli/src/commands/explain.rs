use anyhow::{Result, bail};
use controlsync_core::report::rule_docs;
use controlsync_core::rules;
use controlsync_core::suggest::closest;

use crate::exit::Exit;
use crate::options::Global;
use crate::output::{self, Format};

/// Explain a rule, or list all of them.
///
/// Tells why a rule is there and what to do, with an example that breaks it and one that does not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id of the rule, which stands in brackets behind the level of a finding.
    rule: Option<String>,

    /// How it is written.
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
                        Some(meant) => bail!("there is no rule `{id}`; did you mean `{meant}`?"),
                        None => bail!("there is no rule `{id}`; `controlsync explain` lists all of them"),
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
