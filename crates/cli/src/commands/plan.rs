use std::path::PathBuf;

use anyhow::Result;
use controlsync_core::plan::Outcome;

use crate::atomic::{self, Existing};
use crate::exit::Exit;
use crate::options::Global;
use crate::output;
use crate::planning::{Format, Planned, Planning, check_refusal, json, markdown, plan_in, show};
use crate::session::Session;

/// Show what `apply` would change in the account.
///
/// Exits with 0 if there are no changes, and with 3 if changes are pending.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    planning: Planning,

    /// Save the plan in FILE for `apply --plan FILE`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let Some(checked) = self.planning.check(global)? else { return Ok(Exit::Findings) };
        let options = self.planning.options(&checked)?;
        let Planned { plan, saved, .. } = Session::run(global, &checked.config, async |session| {
            plan_in(global, &checked, session, &options, self.planning.refresh).await
        })?;
        output::print(&match self.planning.format {
            Format::Text => show(global, &checked, &plan),
            Format::Json => json(global, &checked, &plan, None),
            Format::Markdown => markdown(global, &checked, &plan, None),
        })?;
        check_refusal(&plan)?;
        if let Some(path) = &self.out {
            atomic::write(path, &saved.to_text(), Existing::Replace)?;
            if !global.quiet {
                output::print_aside(&format!(
                    "Saved the plan; run `controlsync apply --plan {}` to apply it.\n",
                    path.display()
                ));
            }
        }
        Ok(match plan.outcome() {
            Outcome::InSync => Exit::Done,
            Outcome::Changes => Exit::Pending,
            Outcome::Conflict => Exit::Findings,
        })
    }
}
