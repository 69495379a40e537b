use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use controlsync_core::check::Checked;
use controlsync_core::plan::{self, Outcome, Plan};
use controlsync_core::report::show::{self, View};

use super::plan::{Planned, check_catalog, plan_in};
use crate::atomic::{self, Existing};
use crate::exit::Exit;
use crate::files;
use crate::options::Global;
use crate::output;
use crate::session::Session;

/// Show the catalog to people who do not read YAML.
///
/// As tables, or as one page of HTML that needs nothing else and can be searched, filtered and printed. What has errors is
/// shown with its findings; the exit code is then 1.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How it is shown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Write it to FILE instead of standard output; a file that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Show also what the account holds of each object, as `plan` sees it; --local says so, too.
    #[arg(long)]
    account: bool,

    /// Read everything of the account again, whatever an earlier run has read.
    #[arg(long)]
    refresh: bool,

    /// Do not find out which frameworks and assessments hold what would change.
    #[arg(long)]
    no_impact: bool,
}

/// How a catalog is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Text,
    /// One page that stands alone.
    Html,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let account = self.account || global.local.is_some();
        if !account && (self.refresh || self.no_impact) {
            bail!("--refresh and --no-impact say how the account is read; add --account");
        }
        let checked = check_catalog(global)?;
        let plan = if account { Some(self.plan(global, &checked)?) } else { None };
        let shown = match self.format {
            Format::Text => {
                let view = View::new(&checked, plan.as_ref(), &files::paths_for_people(&global.catalog_dir));
                show::text(&view, &output::style(global.color))
            }
            Format::Html => {
                let view = View::new(&checked, plan.as_ref(), &files::paths_for_programs(&global.catalog_dir));
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

    /// What the account holds. What has errors is left out, as it is where nobody looks on.
    fn plan(&self, global: &Global, checked: &Checked) -> Result<Plan> {
        let options =
            plan::Options { impact: !self.no_impact, removed: plan::Removed::Name, ..plan::Options::default() };
        let Planned { plan, .. } = Session::run(global, &checked.config, async |session| {
            plan_in(global, checked, session, &options, self.refresh).await
        })?;
        Ok(plan)
    }
}
