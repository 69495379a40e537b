use anyhow::Result;
use clap::ValueEnum;
use controlsync_core::applied::ChangeResult;
use controlsync_core::check::{Checked, check};
use controlsync_core::diagnostic::Diagnostic;
use controlsync_core::plan::{self, Needs, Outcome, Plan, plan};
use controlsync_core::report::{Findings, plan_json, plan_text, text};

use crate::exit::Exit;
use crate::files;
use crate::options::Global;
use crate::output::{self, Format};
use crate::session::{self, Session};

/// Show what would change in the account.
///
/// Exits with 0 where nothing differs, and with 3 where changes are pending.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    planning: Planning,
}

/// The flags of `plan`, which `apply` has too.
#[derive(Debug, clap::Args)]
pub struct Planning {
    /// How the plan is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,

    /// What to do with objects of the right name that no catalogue has made.
    #[arg(long, value_name = "WHICH", default_value = "identical")]
    pub adopt: Adopt,
}

/// What to do with objects of the right name that no catalogue has made.
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
        let plan = session::runtime()?.block_on(async {
            let session = Session::open(global, &checked.config).await?;
            let plan = self.planning.plan(global, &checked, &session).await;
            let closed = session.close().await;
            plan.and_then(|plan| closed.map(|()| plan))
        })?;
        output::print(&match self.planning.format {
            Format::Text => show(global, &checked, &plan),
            Format::Json => json(global, &checked, &plan, None),
        })?;
        Ok(match plan.outcome() {
            Outcome::InSync => Exit::Done,
            Outcome::Changes => Exit::Pending,
            Outcome::Conflict => Exit::Findings,
        })
    }
}

impl Planning {
    /// Checks the catalogue. None where it has errors, which are then told.
    ///
    /// # Errors
    ///
    /// It cannot be read, or the findings cannot be written.
    pub fn check(&self, global: &Global) -> Result<Option<Checked>> {
        let sources = files::read(&global.catalog_dir, global.config.as_deref(), None)?;
        let checked = check(sources, &global.check_options()?);
        if checked.has_errors() {
            match self.format {
                Format::Text => {
                    let findings = [findings(&checked, checked.diagnostics.iter().collect(), global)];
                    let mut report = text::findings(&findings, &output::style(global.color));
                    report += &text::summary(&findings);
                    report += "No plan is made from a catalogue with errors.\n";
                    output::print(&report)?;
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
        if self.format == Format::Text && !global.quiet {
            let findings = findings(&checked, checked.findings_beside_a_plan(), global);
            anstream::eprint!("{}", text::findings(&[findings], &output::style_of_stderr(global.color)));
        }
        Ok(Some(checked))
    }

    /// Reads the account and plans.
    ///
    /// # Errors
    ///
    /// The account cannot be read, or it is not the one that the configuration names.
    pub async fn plan(&self, global: &Global, checked: &Checked, session: &Session) -> Result<Plan> {
        global.say(|| format!("reading the account in {}", session.client.region()));
        let actual = session.read(&Needs::of(&checked.catalog), global).await?;
        global.say(|| {
            format!("{} custom controls, {} custom frameworks", actual.controls.len(), actual.frameworks.len())
        });
        let mut plan = plan(&checked.catalog, &checked.sources, &actual, &plan::Options { adopt: self.adopt.into() });
        checked.configure(&mut plan.diagnostics);
        if plan.target.account.is_some() {
            session.check_account(&plan)?;
        }
        Ok(plan)
    }
}

/// A plan for programs; with results, what became of it.
pub fn json(global: &Global, checked: &Checked, plan: &Plan, results: Option<&[ChangeResult]>) -> String {
    let paths = files::paths_for_programs(&global.catalog_dir);
    plan_json::plan(plan, results, &checked.sources, &checked.findings_beside_a_plan(), &paths)
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
