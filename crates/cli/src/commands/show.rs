use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use controlsync_core::check::Checked;
use controlsync_core::evidence::Evidence;
use controlsync_core::plan::{self, Outcome, Plan};
use controlsync_core::report::show::{self, View};

use crate::atomic::{self, Existing};
use crate::catalog::check_catalog;
use crate::error::bail;
use crate::evidence::Scope;
use crate::exit::Exit;
use crate::options::Global;
use crate::planning::{FLAGS, Planned, plan_in};
use crate::session::Session;
use crate::{evidence, output, paths};

/// Show the catalog as tables or as an HTML page.
///
/// The page is a single file that can be searched, filtered and printed. Definitions with errors are shown with their
/// findings; the exit code is then 1.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Write to FILE instead of standard output, replacing an existing file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Also show the state of each object in the account, as in `plan`, and whether each control can collect evidence, as in `evidence`;
    /// implied by --local.
    #[arg(long)]
    account: bool,

    /// Read the account again instead of using the cache.
    #[arg(long)]
    refresh: bool,

    /// Do not look up which frameworks and assessments use the objects that would change.
    #[arg(long)]
    no_impact: bool,

    #[command(flatten)]
    scope: Scope,
}

/// Output format of a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Text,
    /// Self-contained HTML page.
    Html,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let account = self.account || global.local.is_some();
        if !account && (self.refresh || self.no_impact) {
            bail!(Usage, "--refresh and --no-impact need --account");
        }
        let checked = check_catalog(global)?;
        let (plan, evidence) = if account { self.account(global, &checked)? } else { (None, None) };
        let shown = match self.format {
            Format::Text => {
                let view = View::new(&checked, plan.as_ref(), evidence.as_ref(), &paths::from_cwd(&global.catalog_dir));
                show::text(&view, &output::style(global.color))
            }
            Format::Html => {
                let view =
                    View::new(&checked, plan.as_ref(), evidence.as_ref(), &paths::from_repository(&global.catalog_dir));
                show::html(&view).context("cannot write the page")?
            }
        };
        match &self.out {
            Some(path) => atomic::write(path, &shown, Existing::Replace)?,
            None => output::print(&shown)?,
        }
        let conflict = plan.is_some_and(|plan| plan.outcome() == Outcome::Conflict);
        Ok(if checked.has_errors() || conflict { Exit::Findings } else { Exit::Done })
    }

    /// Plans against the account without writing, and reads its evidence. Definitions with errors are left out.
    fn account(&self, global: &Global, checked: &Checked) -> Result<(Option<Plan>, Option<Evidence>)> {
        let options = plan::Options {
            impact: !self.no_impact,
            removed: plan::Removed::Name,
            remedies: FLAGS,
            ..plan::Options::default()
        };
        let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
        let reading = evidence::Reading {
            controls: &controls,
            folders: &BTreeSet::new(),
            refresh: self.refresh,
            scope: &self.scope,
            packs: None,
        };
        Session::run(global, &checked.config, async |session| {
            let Planned { plan, .. } = plan_in(global, checked, session, &options, self.refresh).await?;
            let evidence = Box::pin(evidence::read(session, global, checked, &reading)).await?;
            Ok((Some(plan), Some(evidence)))
        })
    }
}
