use std::cell::Cell;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use controlsync_aws::apply::apply;
use controlsync_core::applied::ChangeResult;
use controlsync_core::check::Checked;
use controlsync_core::plan::{Change, Outcome, Plan};
use controlsync_core::report::{plan_text, printable};

use super::plan::{Planning, json, show};
use crate::exit::Exit;
use crate::options::Global;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::session::{self, Interrupt, Session};

/// Bring the account to what the files say.
///
/// Shows the plan and asks before anything is written; off a terminal it needs `--yes`. Nothing is asked with
/// `--local`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    planning: Planning,

    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let asks = !self.yes && global.local.is_none();
        if asks && !std::io::stdin().is_terminal() {
            bail!(
                "apply asks before it writes, and there is no terminal to ask on: use --yes, or look at `controlsync plan` first"
            );
        }
        let Some(checked) = self.planning.check(global)? else { return Ok(Exit::Findings) };
        session::runtime()?.block_on(async {
            let session = Session::open(global, &checked.config).await?;
            let exit = self.run_in(global, &checked, &session, asks).await;
            let closed = session.close().await;
            exit.and_then(|exit| closed.map(|()| exit))
        })
    }

    async fn run_in(&self, global: &Global, checked: &Checked, session: &Session, asks: bool) -> Result<Exit> {
        let plan = self.planning.plan(global, checked, session).await?;
        let pending = plan.changes.iter().any(Change::writes);
        let text = self.planning.format == Format::Text;
        if text && !output::print_if_read(&show(global, checked, &plan))? && pending {
            bail!("the plan could not be shown, so nothing was written; keep standard output open");
        }
        if pending {
            session.check_account(plan.target.account.as_deref())?;
        }
        if pending && asks {
            if !text {
                anstream::eprint!("{}", show(global, checked, &plan));
            }
            if !confirmed()? {
                if text {
                    output::print("Nothing was written.\n")?;
                } else {
                    self.report(global, checked, &plan, &untouched(&plan, &ChangeResult::NotStarted))?;
                }
                return Ok(Exit::Pending);
            }
        }
        let results =
            if pending { carry_out(global, session, &plan).await? } else { untouched(&plan, &ChangeResult::Unchanged) };
        if pending || !text {
            self.report(global, checked, &plan, &results)?;
        }
        let done = plan.outcome() != Outcome::Conflict && results.iter().all(ChangeResult::is_done);
        Ok(if done { Exit::Done } else { Exit::Findings })
    }

    /// Says what became of the plan. Where nobody reads it, the exit code still tells.
    fn report(&self, global: &Global, checked: &Checked, plan: &Plan, results: &[ChangeResult]) -> Result<()> {
        let report = match self.planning.format {
            Format::Text => plan_text::results(plan, results, &output::style(global.color)),
            Format::Json => json(global, checked, plan, Some(results)),
        };
        output::print_if_read(&report).map(drop)
    }
}

async fn carry_out(global: &Global, session: &Session, plan: &Plan) -> Result<Vec<ChangeResult>> {
    let watcher = tokio::spawn({
        let (stop, mut interrupt) = (Arc::clone(session.client.stop()), Interrupt::listen()?);
        async move {
            interrupt.next().await;
            stop.ask();
            anstream::eprintln!("Nothing new is started; what is in flight is finished. Ctrl-C again quits at once.");
            interrupt.next().await;
            std::process::exit(2);
        }
    });
    let progress = Progress::new("applying", global);
    let total = plan.changes.iter().filter(|change| change.writes()).count();
    let done = Cell::new(0);
    let results = apply(&session.client, plan, |change, result| {
        if change.writes() {
            done.set(done.get() + 1);
            progress.set(done.get(), total);
            global.say(|| {
                format!(
                    "{}: {} {} {}",
                    result.name(),
                    change.kind.name(),
                    change.object.noun(),
                    printable(&change.name)
                )
            });
        }
    })
    .await;
    drop(progress);
    watcher.abort();
    Ok(results)
}

/// The results where nothing is written.
fn untouched(plan: &Plan, pending: &ChangeResult) -> Vec<ChangeResult> {
    let result = |change: &Change| match change.blocked_by.as_slice() {
        [] if change.writes() => pending.clone(),
        [] => ChangeResult::Unchanged,
        by => ChangeResult::Blocked { by: by.to_vec() },
    };
    plan.changes.iter().map(result).collect()
}

fn confirmed() -> Result<bool> {
    let mut stderr = std::io::stderr();
    stderr.write_all(b"\nApply these changes? [y/N] ").and_then(|()| stderr.flush()).context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
