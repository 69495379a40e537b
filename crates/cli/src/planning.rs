//! What the commands share that make a plan: flags, reading the account, and output.

use std::borrow::Cow;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use controlsync_aws::audit_manager::account::Reading;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::characters::printable;
use controlsync_core::check::Checked;
use controlsync_core::plan::{self, Plan, Remedies};
use controlsync_core::report::{plan_json, plan_markdown, plan_text, text};
use controlsync_core::saved::{PlanInputs, SavedPlan};
use controlsync_core::suggest::closest;

use crate::catalog::{check_catalog, findings, report_errors, report_warnings};
use crate::error::{bail, error};
use crate::options::Global;
use crate::output;
use crate::paths;
use crate::session::Session;

/// The flags that `plan` and `apply` share.
#[derive(Debug, clap::Args)]
pub struct Planning {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,

    /// Which unmanaged objects with a matching name to adopt.
    #[arg(long, value_name = "WHICH", default_value = "identical")]
    pub adopt: Adopt,

    /// Treat the objects of catalog NAME as not managed, so that they can be adopted.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub take_over: Vec<String>,

    /// Delete objects of this catalog that no longer have a file. Deleting a control removes it from all frameworks and
    /// assessments.
    #[arg(long)]
    pub prune: bool,

    /// Maximum number of objects that --prune may delete [default: 10, or a fifth of the catalog's objects if that is
    /// less]
    #[arg(long, value_name = "N", requires = "prune")]
    pub max_deletes: Option<usize>,

    /// Plan only the control or framework NAME, and the new controls that it needs.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub only: Vec<String>,

    /// Read the account again instead of using the cache.
    #[arg(long)]
    pub refresh: bool,

    /// Do not look up which frameworks and assessments use the objects that would change.
    #[arg(long, conflicts_with = "prune")]
    pub no_impact: bool,
}

/// Output format of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for a terminal.
    Text,
    /// JSON for programs.
    Json,
    /// Markdown for a comment on a pull request, at most 65,000 characters.
    Markdown,
}

/// Which unmanaged objects with a matching name to adopt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Adopt {
    /// None.
    Never,
    /// Those where only tags would change.
    Identical,
    /// All of them, and update them to match the files.
    All,
}

impl From<Adopt> for plan::Adopt {
    fn from(adopt: Adopt) -> Self {
        match adopt {
            Adopt::Never => Self::Never,
            Adopt::Identical => Self::Identical,
            Adopt::All => Self::All,
        }
    }
}

/// What the flags of `plan` and `apply` can do about what a plan does not do.
pub const FLAGS: Remedies = Remedies {
    adopt_identical: Cow::Borrowed("`--adopt identical`"),
    adopt_all: Cow::Borrowed("`--adopt all`"),
    take_over: Cow::Borrowed("`--take-over {owner}`"),
    delete: Cow::Borrowed("`--prune`"),
    max_deletes: Cow::Borrowed("`--max-deletes {count}`"),
};

impl Planning {
    /// The options of the plan.
    ///
    /// # Errors
    ///
    /// `--only` names an object that does not exist.
    pub fn options(&self, checked: &Checked) -> Result<plan::Options> {
        let catalog = &checked.catalog;
        let known = || catalog.controls.keys().chain(catalog.frameworks.keys()).map(String::as_str);
        // Only the account knows the objects that `--prune` deletes.
        for name in self.only.iter().filter(|_| !self.prune) {
            if !known().any(|known| known == name) {
                let meant = closest(name, known()).map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
                bail!(Usage, "--only {name:?}: the catalog has no control or framework with this name{meant}");
            }
        }
        let only = self.only.iter().cloned().collect();
        Ok(plan::Options {
            adopt: self.adopt.into(),
            take_over: self.take_over.iter().cloned().collect(),
            removed: plan::Removed::requested(self.prune, &only),
            max_deletes: self.max_deletes,
            only,
            impact: !self.no_impact,
            drift: plan::Drift::Repair,
            remedies: FLAGS,
        })
    }

    /// Checks the catalog. Reports its errors and returns `None` if there are any.
    ///
    /// # Errors
    ///
    /// The catalog cannot be read, or the findings cannot be written.
    pub fn check(&self, global: &Global) -> Result<Option<Checked>> {
        let checked = check_catalog(global)?;
        if checked.has_errors() {
            match self.format {
                Format::Text => report_errors(global, &checked, "Nothing was planned: the catalog has errors.")?,
                Format::Markdown => {
                    let paths = paths::from_repository(&global.catalog_dir);
                    output::print(&plan_markdown::invalid(&checked, &paths))?;
                }
                Format::Json => {
                    let paths = paths::from_repository(&global.catalog_dir);
                    output::print(&plan_json::invalid(
                        &checked.catalog.name,
                        &checked.sources,
                        &checked.diagnostics.iter().collect::<Vec<_>>(),
                        &paths,
                    ))?;
                }
            }
            return Ok(None);
        }
        if self.format == Format::Text {
            report_warnings(global, &checked);
        }
        Ok(Some(checked))
    }
}

/// A plan, and its inputs.
pub struct Planned {
    pub plan: Plan,
    pub saved: SavedPlan,
    pub reading: Reading,
}

/// Reads the account and plans.
///
/// # Errors
///
/// The account cannot be read, or it is not the one in the configuration.
pub async fn plan_in(
    global: &Global,
    checked: &Checked,
    session: &Session,
    options: &plan::Options,
    refresh: bool,
) -> Result<Planned> {
    let (reading, mut plan) = session
        .read(global, refresh, async |reading, progress| {
            reading.plan(&checked.catalog, &checked.sources, options, |done, total| progress.set(done, total)).await
        })
        .await?;
    if let Some(name) = options.only.iter().find(|name| plan.changes.iter().all(|change| change.name != **name)) {
        bail!(
            Usage,
            "--only {name:?}: the catalog has no control or framework with this name, and there is none to delete"
        );
    }
    // With `--only`, the account was not read completely.
    let owners = reading.actual().owners();
    for name in options.take_over.iter().filter(|name| options.only.is_empty() && !owners.contains(name.as_str())) {
        if !global.quiet {
            anstream::eprintln!(
                "warning: --take-over {name:?}: no object in the account is owned by a catalog with this name"
            );
        }
    }
    checked.configure(&mut plan.diagnostics);
    if let (Some(why), false) = (&plan.unknown_impact, global.quiet) {
        anstream::eprintln!("warning: the impact of the changes is unknown: {}", printable(why));
    }
    if plan.target.account.is_some() {
        session.check_account(plan.target.account.as_deref())?;
    }
    let origin = PlanInputs {
        program: env!("CARGO_PKG_VERSION"),
        endpoint: reading.key().filter(|_| !session.is_local()).map(|key| key.endpoint.as_str()),
        sources: &checked.sources,
        actual: reading.actual(),
        options,
    };
    let saved = SavedPlan::new(&plan, &origin);
    Ok(Planned { plan, saved, reading })
}

/// Checks that no guard of `--prune` rejects the plan.
///
/// # Errors
///
/// A guard rejects the deletions.
pub fn check_refusal(plan: &Plan) -> Result<()> {
    match &plan.refused {
        Some(refused) => Err(error!(Usage, "nothing is deleted: {refused}")),
        None => Ok(()),
    }
}

/// The plan as JSON, with the results if it was applied.
pub fn json(global: &Global, checked: &Checked, plan: &Plan, results: Option<&[ChangeResult]>) -> String {
    let paths = paths::from_repository(&global.catalog_dir);
    plan_json::plan(plan, results, checked, &paths)
}

/// The plan as Markdown, with the results if it was applied.
pub fn markdown(global: &Global, checked: &Checked, plan: &Plan, results: Option<&[ChangeResult]>) -> String {
    plan_markdown::plan(plan, results, checked, &paths::from_repository(&global.catalog_dir))
}

/// The plan as text: first the findings, then the changes.
pub fn show(global: &Global, checked: &Checked, plan: &Plan) -> String {
    let style = output::style(global.color);
    let findings = findings(checked, plan.diagnostics.iter().collect(), global);
    text::findings(&[findings], &style) + &plan_text::plan(plan, global.verbose, &style)
}
