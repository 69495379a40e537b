//! The flags that every command has.

use std::num::NonZero;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use controlsync_core::check;
use controlsync_core::config::is_catalog_name;
use controlsync_core::schema::CATALOG_NAME;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the embedded Audit Manager keeps its state.
#[derive(Clone, Debug)]
pub enum LocalState {
    /// In the catalog's folder.
    Default,
    /// In a file.
    File(PathBuf),
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a Result")]
fn local_state(value: &str) -> Result<LocalState, std::convert::Infallible> {
    Ok(if value.is_empty() { LocalState::Default } else { LocalState::File(value.into()) })
}

/// Whether an endpoint can be this.
pub fn is_url(value: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

fn url(value: &str) -> Result<String, String> {
    if is_url(value) { Ok(value.to_owned()) } else { Err("use a URL such as http://127.0.0.1:4571".to_owned()) }
}

/// The flags that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The folder that holds `controls/` and `frameworks/`.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub catalog_dir: PathBuf,

    /// The configuration file [default: `controlsync.toml` in the catalog's folder, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The catalog's name, which owns its objects; beats `catalog` in the configuration.
    #[arg(long, global = true, value_name = "NAME", env = "CONTROLSYNC_CATALOG", hide_env_values = true)]
    pub catalog: Option<String>,

    /// Use the embedded Audit Manager, with its state in FILE [default: `.controlsync/local.json` in the catalog's
    /// folder]
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true,
          default_missing_value = "", value_parser = local_state, help_heading = "Account")]
    pub local: Option<LocalState>,

    /// The AWS Region.
    #[arg(long, global = true, value_name = "REGION", value_parser = NonEmptyStringValueParser::new(), help_heading = "Account")]
    pub region: Option<String>,

    /// The profile of the AWS configuration files.
    #[arg(long, global = true, value_name = "PROFILE", conflicts_with = "local", value_parser = NonEmptyStringValueParser::new(), help_heading = "Account")]
    pub profile: Option<String>,

    /// A role to assume.
    #[arg(long, global = true, value_name = "ARN", conflicts_with = "local", value_parser = NonEmptyStringValueParser::new(), help_heading = "Account")]
    pub role_arn: Option<String>,

    /// Another address of Audit Manager; other services keep theirs.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "local", value_parser = url, help_heading = "Account")]
    pub endpoint_url: Option<String>,

    /// When to colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Print results only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say on standard error what is being done, and show every field of what is created.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Global {
    /// What checking takes from flags and environment.
    ///
    /// # Errors
    ///
    /// The catalog's name is none.
    pub fn check_options(&self) -> Result<check::Options> {
        let catalog = self.catalog()?;
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Ok(check::Options { catalog, threads })
    }

    /// The catalog's name, where flag or environment say one.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn catalog(&self) -> Result<Option<String>> {
        // A variable that is set to nothing says nothing.
        let catalog = self.catalog.clone().filter(|name| !name.is_empty());
        if let Some(name) = &catalog
            && !is_catalog_name(name)
        {
            bail!("{name:?} (--catalog or CONTROLSYNC_CATALOG) cannot be a catalog's name: {CATALOG_NAME}");
        }
        Ok(catalog)
    }

    /// Says what is being done, where that was asked for.
    pub fn say(&self, words: impl FnOnce() -> String) {
        if self.verbose {
            anstream::eprintln!("{}", words());
        }
    }
}
