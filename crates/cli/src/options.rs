//! The global flags.

use std::num::NonZero;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use controlsync_core::check;
use controlsync_core::config::is_catalog_name;
use controlsync_core::regions::{self, is_region};
use controlsync_core::schema::CATALOG_NAME;

use crate::error::bail;

/// When to use color.
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

/// Where the embedded emulator keeps its state.
#[derive(Clone, Debug)]
pub enum LocalState {
    /// In the catalog's root directory.
    Default,
    /// In a file.
    File(PathBuf),
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a Result")]
fn local_state(value: &str) -> Result<LocalState, std::convert::Infallible> {
    Ok(if value.is_empty() { LocalState::Default } else { LocalState::File(value.into()) })
}

/// Whether a string is a valid endpoint URL.
pub fn is_url(value: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| value.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

fn url(value: &str) -> Result<String, String> {
    if is_url(value) { Ok(value.to_owned()) } else { Err("use a URL such as http://127.0.0.1:4571".to_owned()) }
}

fn region(value: &str) -> Result<String, String> {
    if is_region(value) {
        return Ok(value.to_owned());
    }
    Err(format!("use the name of a Region, such as {}", regions::meant(value).unwrap_or("eu-west-1")))
}

/// The global flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Root directory of the catalog, with `controls/` and `frameworks/`.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub catalog_dir: PathBuf,

    /// Configuration file [default: `controlsync.toml` in the catalog's root directory, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Name of the catalog, which owns its objects; overrides `catalog` in the configuration.
    #[arg(long, global = true, value_name = "NAME", env = "CONTROLSYNC_CATALOG", hide_env_values = true)]
    pub catalog: Option<String>,

    /// Use the embedded emulator instead of AWS, with its state in FILE [default: `.controlsync/local.json` in the
    /// catalog's root directory]
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true,
          default_missing_value = "", value_parser = local_state, help_heading = "Account")]
    pub local: Option<LocalState>,

    /// Behavior of the embedded emulator where that of the service is unknown: a report of `controlsync probe --format json`.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Account")]
    pub behavior: Option<PathBuf>,

    /// AWS Region.
    #[arg(long, global = true, value_name = "REGION", value_parser = region, help_heading = "Account")]
    pub region: Option<String>,

    /// Profile from the AWS configuration files.
    #[arg(long, global = true, value_name = "PROFILE", conflicts_with = "local", value_parser = NonEmptyStringValueParser::new(), help_heading = "Account")]
    pub profile: Option<String>,

    /// IAM role to assume.
    #[arg(long, global = true, value_name = "ARN", conflicts_with = "local", value_parser = NonEmptyStringValueParser::new(), help_heading = "Account")]
    pub role_arn: Option<String>,

    /// Endpoint URL of Audit Manager; other services keep their own.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "local", value_parser = url, help_heading = "Account")]
    pub endpoint_url: Option<String>,

    /// When to color the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Print only results.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Report progress on standard error, and show every field of the objects to be created.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The current day, `YYYY-MM-DD` in UTC.
pub fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}

impl Global {
    /// The options of a check, from flags and environment.
    ///
    /// # Errors
    ///
    /// The catalog name is invalid.
    pub fn check_options(&self) -> Result<check::Options> {
        let catalog = self.catalog()?;
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Ok(check::Options { catalog, threads, today: Some(today()), ..check::Options::default() })
    }

    /// The catalog name, if the flag or the environment sets one.
    ///
    /// # Errors
    ///
    /// The name is invalid.
    pub fn catalog(&self) -> Result<Option<String>> {
        // An empty variable counts as unset.
        let catalog = self.catalog.clone().filter(|name| !name.is_empty());
        if let Some(name) = &catalog
            && !is_catalog_name(name)
        {
            bail!(Usage, "invalid catalog name {name:?} (--catalog or CONTROLSYNC_CATALOG): {CATALOG_NAME}");
        }
        Ok(catalog)
    }

    /// Prints a message to standard error with `--verbose`.
    pub fn log(&self, message: impl FnOnce() -> String) {
        if self.verbose {
            anstream::eprintln!("{}", message());
        }
    }
}
