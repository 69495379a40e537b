use std::cell::Cell;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_aws::audit_manager::apply::{Applied, apply};
use controlsync_core::change_result::ChangeResult;
use controlsync_core::characters::printable;
use controlsync_core::check::Checked;
use controlsync_core::plan::{self, Change, Outcome, Plan};
use controlsync_core::report::plan_text;
use controlsync_core::saved::SavedPlan;

use crate::ask;
use crate::error::bail;
use crate::exit::Exit;
use crate::options::Global;
use crate::output;
use crate::paths;
use crate::planning::{FLAGS, Format, Planned, Planning, check_refusal, json, markdown, plan_in, show};
use crate::progress::Progress;
use crate::session::{self, Session};

/// Apply the catalog to the account.
///
/// Shows the plan and asks for confirmation before anything is written. Without a terminal, `--yes` or `--plan` is
/// required. `--local` does not ask.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    planning: Planning,

    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,

    /// Apply the plan that `plan --out FILE` saved, without asking. If the files or the account changed since, nothing
    /// is written.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["adopt", "take_over", "prune", "max_deletes", "only", "no_impact"])]
    plan: Option<PathBuf>,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let asks = !self.yes && self.plan.is_none() && global.local.is_none();
        if asks && !std::io::stdin().is_terminal() {
            bail!(
                Usage,
                "apply asks for confirmation, but there is no terminal: use --yes, or --plan with a plan that \
                 `controlsync plan --out` saved"
            );
        }
        let saved = self.plan.as_deref().map(read_plan).transpose()?;
        let Some(checked) = self.planning.check(global)? else { return Ok(Exit::Findings) };
        let options = match &saved {
            Some(saved) => saved.options(FLAGS),
            None => self.planning.options(&checked)?,
        };
        Session::run(global, &checked.config, async |session| {
            // On the heap: the session would hold its large state in its own.
            Box::pin(self.run_in(global, &checked, session, asks, &options, saved.as_ref())).await
        })
    }

    async fn run_in(
        &self,
        global: &Global,
        checked: &Checked,
        session: &Session,
        asks: bool,
        options: &plan::Options,
        saved: Option<&SavedPlan>,
    ) -> Result<Exit> {
        let refresh = self.planning.refresh;
        let Planned { plan, saved: now, mut reading } = plan_in(global, checked, session, options, refresh).await?;
        self.check_saved(saved, &now)?;
        let pending = plan.changes.iter().any(Change::writes);
        let text = self.planning.format == Format::Text;
        if text && !output::print_if_read(&show(global, checked, &plan))? && pending {
            bail!(File, "the plan could not be shown, so nothing was written; keep standard output open");
        }
        if plan.refused.is_some() && !text {
            self.report(global, checked, &plan, &results_without_writes(&plan, &ChangeResult::NotStarted))?;
        }
        check_refusal(&plan)?;
        if pending {
            session.check_account(plan.target.account.as_deref())?;
        }
        if pending && asks {
            if !text {
                anstream::eprint!("{}", show(global, checked, &plan));
            }
            if !ask::confirmed("Apply these changes?")? {
                if text {
                    output::print("Nothing was written.\n")?;
                } else {
                    self.report(global, checked, &plan, &results_without_writes(&plan, &ChangeResult::NotStarted))?;
                }
                return Ok(Exit::Pending);
            }
            // The account may have changed while the question was open.
            let later = plan_in(global, checked, session, options, false).await?;
            let differences = now.differences(&later.saved);
            reading = later.reading;
            if !differences.is_empty() {
                bail!(
                    Service,
                    "nothing was written because the account changed since the plan was shown:\n{}\nrun `controlsync \
                     apply` again",
                    list(&differences)
                );
            }
        }
        let results = if pending {
            let Applied { results, written } = apply_plan(global, session, &plan).await?;
            reading.keep_written(written);
            session.keep(global, &reading);
            results
        } else {
            results_without_writes(&plan, &ChangeResult::Unchanged)
        };
        if pending || !text {
            self.report(global, checked, &plan, &results)?;
        }
        let done = plan.outcome() != Outcome::Conflict && results.iter().all(ChangeResult::is_done);
        Ok(if done { Exit::Done } else { Exit::Findings })
    }

    /// Checks that the saved plan, if there is one, is the current one.
    fn check_saved(&self, saved: Option<&SavedPlan>, now: &SavedPlan) -> Result<()> {
        let (Some(path), Some(saved)) = (&self.plan, saved) else { return Ok(()) };
        let differences = saved.differences(now);
        if !differences.is_empty() {
            bail!(
                Service,
                "nothing was written because {} is out of date:\n{}\nrun `controlsync plan` again",
                path.display(),
                list(&differences)
            );
        }
        Ok(())
    }

    /// Reports the results. If the pipe is closed, the exit code still shows the outcome.
    fn report(&self, global: &Global, checked: &Checked, plan: &Plan, results: &[ChangeResult]) -> Result<()> {
        let report = match self.planning.format {
            Format::Text => {
                let paths = paths::from_cwd(&global.catalog_dir);
                plan_text::results(plan, results, checked, &paths, &output::style(global.color))
            }
            Format::Json => json(global, checked, plan, Some(results)),
            Format::Markdown => markdown(global, checked, plan, Some(results)),
        };
        output::print_if_read(&report).map(drop)
    }
}

/// Reads a saved plan.
fn read_plan(path: &Path) -> Result<SavedPlan> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    SavedPlan::from_text(&text).with_context(|| format!("cannot use {}", path.display()))
}

/// Maximum number of differences that are listed.
const MAX_LINES: usize = 20;

fn list(differences: &[String]) -> String {
    let mut lines: Vec<String> =
        differences.iter().take(MAX_LINES).map(|line| format!("  {}", printable(line))).collect();
    if differences.len() > MAX_LINES {
        lines.push(format!("  and {} more", differences.len() - MAX_LINES));
    }
    lines.join("\n")
}

async fn apply_plan(global: &Global, session: &Session, plan: &Plan) -> Result<Applied> {
    let progress = Progress::new("applying", global);
    let total = plan.changes.iter().filter(|change| change.writes()).count();
    let done = Cell::new(0);
    let applied = apply(&session.client, plan, |change, result| {
        if change.writes() {
            done.set(done.get() + 1);
            progress.set(done.get(), total);
            global.log(|| {
                format!(
                    "{}: {} {} {}",
                    result.name(),
                    change.kind.name(),
                    change.object.noun(),
                    printable(&change.name)
                )
            });
        }
    });
    session::stopped_by_interrupt(session.client.stop(), applied).await
}

/// The results if nothing is written.
fn results_without_writes(plan: &Plan, pending: &ChangeResult) -> Vec<ChangeResult> {
    let result = |change: &Change| match change.blocked_by.as_slice() {
        [] if change.writes() => pending.clone(),
        [] => ChangeResult::Unchanged,
        by => ChangeResult::Blocked { by: by.to_vec() },
    };
    plan.changes.iter().map(result).collect()
}
