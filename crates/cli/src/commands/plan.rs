use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use controlsync_aws::account::Reading;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::Diagnostic;
use controlsync_core::plan::{self, Outcome, Plan};
use controlsync_core::report::{Findings, plan_json, plan_markdown, plan_text, printable, text};
use controlsync_core::saved::{PlanInputs, SavedPlan};
use controlsync_core::suggest::closest;

use crate::atomic::{self, Existing};
use crate::exit::Exit;
use crate::files;
use crate::options::Global;
use crate::output;
use crate::progress::Progress;
use crate::session::{Session, unreadable};

/// Show what would change in the account.
///
/// Exits with 0 where nothing differs, and with 3 where changes are pending.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    planning: Planning,

    /// Save in FILE what the plan was made from, for `apply --plan FILE`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The flags of `plan`, which `apply` has too.
#[derive(Debug, clap::Args)]
pub struct Planning {
    /// How the plan is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,

    /// What to do with objects of the right name that no catalog has made.
    #[arg(long, value_name = "WHICH", default_value = "identical")]
    pub adopt: Adopt,

    /// Treat the objects of another catalog as if no catalog had made them, so that they can be adopted.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub take_over: Vec<String>,

    /// Delete the objects of this catalog whose files are gone. Deleting a control takes it out of all frameworks and
    /// assessments.
    #[arg(long)]
    pub prune: bool,

    /// How many objects --prune may delete [default: 10, or a fifth of the catalog's where that is less]
    #[arg(long, value_name = "N", requires = "prune")]
    pub max_deletes: Option<usize>,

    /// Plan the control or framework of this name only, and the new controls that it needs.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub only: Vec<String>,

    /// Read everything again, whatever an earlier run has read.
    #[arg(long)]
    pub refresh: bool,

    /// Do not find out which frameworks and assessments hold what would change.
    #[arg(long, conflicts_with = "prune")]
    pub no_impact: bool,
}

/// How plans are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For a comment on a pull request; at most 65,000 characters.
    Markdown,
}

/// What to do with objects of the right name that no catalog has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Adopt {
    /// Leave them alone.
    Never,
    /// Take over those where nothing but tags would change.
    Identical,
    /// Take them over and bring them to what the files say.
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
        refuse(&plan)?;
        if let Some(path) = &self.out {
            atomic::write(path, &saved.to_text(), Existing::Replace)?;
            if !global.quiet {
                output::print_aside(&format!("saved; `controlsync apply --plan {}` carries it out\n", path.display()));
            }
        }
        Ok(match plan.outcome() {
            Outcome::InSync => Exit::Done,
            Outcome::Changes => Exit::Pending,
            Outcome::Conflict => Exit::Findings,
        })
    }
}

impl Planning {
    /// What the plan is to do.
    ///
    /// # Errors
    ///
    /// A name is chosen that nothing has.
    pub fn options(&self, checked: &Checked) -> Result<plan::Options> {
        let catalog = &checked.catalog;
        let known = || catalog.controls.keys().chain(catalog.frameworks.keys()).map(String::as_str);
        // What --prune deletes, only the account knows.
        for name in self.only.iter().filter(|_| !self.prune) {
            if !known().any(|known| known == name) {
                let meant = closest(name, known()).map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
                bail!("--only {name:?}: the catalog has neither a control nor a framework of this name{meant}");
            }
        }
        let only = self.only.iter().cloned().collect();
        Ok(plan::Options {
            adopt: self.adopt.into(),
            take_over: self.take_over.iter().cloned().collect(),
            removed: plan::Removed::asked(self.prune, &only),
            max_deletes: self.max_deletes,
            only,
            impact: !self.no_impact,
            drift: plan::Drift::Repair,
        })
    }

    /// Checks the catalog. None where it has errors, which are then told.
    ///
    /// # Errors
    ///
    /// It cannot be read, or the findings cannot be written.
    pub fn check(&self, global: &Global) -> Result<Option<Checked>> {
        let checked = check_catalog(global)?;
        if checked.has_errors() {
            match self.format {
                Format::Text => tell_errors(global, &checked, "No plan is made from a catalog with errors.")?,
                Format::Markdown => {
                    let paths = files::paths_for_programs(&global.catalog_dir);
                    output::print(&plan_markdown::invalid(&checked, &paths))?;
                }
                Format::Json => {
                    let paths = files::paths_for_programs(&global.catalog_dir);
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
            tell_warnings(global, &checked);
        }
        Ok(Some(checked))
    }
}

/// Checks the catalog.
///
/// # Errors
///
/// It cannot be read.
pub fn check_catalog(global: &Global) -> Result<Checked> {
    let sources = files::read(&global.catalog_dir, global.config.as_deref(), None)?;
    Ok(check(sources, &global.check_options()?))
}

/// Tells people everything that is wrong with the catalog, and what is not done because of it.
///
/// # Errors
///
/// The findings cannot be written.
pub fn tell_errors(global: &Global, checked: &Checked, consequence: &str) -> Result<()> {
    let findings = [findings(checked, checked.diagnostics.iter().collect(), global)];
    let report = text::findings(&findings, &output::style(global.color));
    output::print(&format!("{report}{}{consequence}\n", text::summary(&findings)))
}

/// Tells people what is worth knowing of a catalog without errors, unless results only were asked for.
pub fn tell_warnings(global: &Global, checked: &Checked) {
    if !global.quiet {
        let findings = findings(checked, checked.findings_beside_a_plan(), global);
        anstream::eprint!("{}", text::findings(&[findings], &output::style_of_stderr(global.color)));
    }
}

/// A plan, and what it was made from.
pub struct Planned {
    pub plan: Plan,
    pub saved: SavedPlan,
    pub reading: Reading,
}

/// Reads the account and plans.
///
/// # Errors
///
/// The account cannot be read, or it is not the one that the configuration names.
pub async fn plan_in(
    global: &Global,
    checked: &Checked,
    session: &Session,
    options: &plan::Options,
    refresh: bool,
) -> Result<Planned> {
    let mut reading = session.read(global, refresh).await?;
    let progress = Progress::new("reading the account", global);
    let planned =
        reading.plan(&checked.catalog, &checked.sources, options, |done, total| progress.set(done, total)).await;
    drop(progress);
    session.keep(global, &reading);
    let mut plan = planned.map_err(unreadable)?;
    if let Some(name) = options.only.iter().find(|name| plan.changes.iter().all(|change| change.name != **name)) {
        bail!(
            "--only {name:?}: the catalog has neither a control nor a framework of this name, and there is none to delete"
        );
    }
    // With chosen names not everything was read.
    let owners = reading.actual().owners();
    for name in options.take_over.iter().filter(|name| options.only.is_empty() && !owners.contains(name.as_str())) {
        if !global.quiet {
            anstream::eprintln!(
                "warning: --take-over {name:?}: nothing in the account belongs to a catalog of this name"
            );
        }
    }
    checked.configure(&mut plan.diagnostics);
    if let (Some(why), false) = (&plan.unknown_impact, global.quiet) {
        anstream::eprintln!("warning: what holds the objects is not known: {}", printable(why));
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

/// Stops where a guard refuses deletions.
///
/// # Errors
///
/// It does.
pub fn refuse(plan: &Plan) -> Result<()> {
    match &plan.refused {
        Some(refusal) => Err(anyhow!("{refusal}")),
        None => Ok(()),
    }
}

/// A plan for programs; with results, what became of it.
pub fn json(global: &Global, checked: &Checked, plan: &Plan, results: Option<&[ChangeResult]>) -> String {
    let paths = files::paths_for_programs(&global.catalog_dir);
    plan_json::plan(plan, results, checked, &paths)
}

/// A plan for a pull request; with results, what became of it.
pub fn markdown(global: &Global, checked: &Checked, plan: &Plan, results: Option<&[ChangeResult]>) -> String {
    plan_markdown::plan(plan, results, checked, &files::paths_for_programs(&global.catalog_dir))
}

/// A plan for people: what stands in the way, then the changes.
pub fn show(global: &Global, checked: &Checked, plan: &Plan) -> String {
    let style = output::style(global.color);
    let findings = findings(checked, plan.diagnostics.iter().collect(), global);
    text::findings(&[findings], &style) + &plan_text::plan(plan, global.verbose, &style)
}

/// Findings as people see them.
fn findings<'a>(checked: &'a Checked, diagnostics: Vec<&'a Diagnostic>, global: &Global) -> Findings<'a> {
    let paths = files::paths_for_people(&global.catalog_dir);
    Findings { sources: &checked.sources, diagnostics, files: checked.sources.len(), paths }
}
