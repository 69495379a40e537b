//! Reads the settings of a function: its environment variables. Every invalid one has a message.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use controlsync_core::catalog_path::key_prefix;
use controlsync_core::check::Checked;
use controlsync_core::config::is_catalog_name;
use controlsync_core::identifiers::Arn;
use controlsync_core::run::{Deployment, Notify};
use controlsync_core::schema::CATALOG_NAME;
use controlsync_core::suggest::closest;

use crate::event::CatalogLocation;

/// Prefix of all variables.
pub(crate) const PREFIX: &str = "CONTROLSYNC_";

/// What every function is set.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// Location of the catalog.
    pub(crate) location: CatalogLocation,
    /// Topic of the emails.
    pub(crate) topic: String,
    /// Topic of the JSON notifications.
    pub(crate) events_topic: Option<String>,
    /// The catalog's name. Overrides the one in `controlsync.toml`.
    pub(crate) catalog: Option<String>,
}

impl Shared {
    /// The name of the catalog: as it was read, or else as it is set.
    pub(crate) fn catalog_name(&self, checked: Option<&Checked>) -> String {
        // With errors in the configuration, the name may be invalid.
        let name = checked.map(|checked| checked.catalog.name.clone()).filter(|name| is_catalog_name(name));
        name.or_else(|| self.catalog.clone()).unwrap_or_else(|| "unknown".to_owned())
    }

    /// Where the catalog is, as `s3://bucket/prefix`.
    pub(crate) fn url(&self) -> String {
        format!("s3://{}/{}", self.location.bucket, self.location.prefix)
    }
}

/// Variables that are being read, and what is wrong with them.
pub(crate) struct Variables {
    values: BTreeMap<String, String>,
    errors: String,
}

impl Variables {
    /// Reads all variables. An empty one counts as not set; the names without the prefix are in `known`.
    pub(crate) fn new(variables: impl Iterator<Item = (String, String)>, known: &[&str]) -> Self {
        let mut reader = Self { values: BTreeMap::new(), errors: String::new() };
        for (name, value) in variables {
            let Some(name) = name.strip_prefix(PREFIX) else { continue };
            if !known.contains(&name) {
                let help = closest(name, known.iter().copied())
                    .map_or_else(|| "remove it".to_owned(), |closest| format!("did you mean {PREFIX}{closest}?"));
                reader.error(&format!("unknown variable {PREFIX}{name}; {help}"));
            } else if !value.trim().is_empty() {
                reader.values.insert(name.to_owned(), value.trim().to_owned());
            }
        }
        reader
    }

    /// Returns what was read from them.
    ///
    /// # Errors
    ///
    /// One message for every invalid variable, with its name.
    pub(crate) fn finish<T>(self, read: T) -> Result<T, String> {
        if self.errors.is_empty() { Ok(read) } else { Err(self.errors) }
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Adds a message about a variable that is not valid.
    pub(crate) fn error(&mut self, message: &str) {
        let separator = if self.errors.is_empty() { "" } else { "; " };
        let _ = write!(self.errors, "{separator}{message}");
    }

    /// What every function is set.
    pub(crate) fn shared(&mut self) -> Shared {
        Shared {
            location: CatalogLocation {
                bucket: self.required("BUCKET", "the name of the bucket"),
                prefix: self.prefix(),
            },
            topic: self.arn("TOPIC_ARN", true).unwrap_or_default(),
            events_topic: self.arn("EVENTS_TOPIC_ARN", false),
            catalog: self.catalog(),
        }
    }

    /// How the settings are changed.
    pub(crate) fn deployment(&mut self, shared: &Shared) -> Deployment {
        Deployment { stack: self.stack(), names_catalog: shared.catalog.is_some() }
    }

    /// The value of a variable that must be set.
    fn required(&mut self, name: &str, what: &str) -> String {
        let value = self.values.get(name).cloned();
        if value.is_none() {
            self.error(&format!("{PREFIX}{name} is not set: set it to {what}"));
        }
        value.unwrap_or_default()
    }

    /// Prefix of the keys of the catalog: empty, or ending with `/`.
    fn prefix(&self) -> String {
        key_prefix(self.values.get("PREFIX").map_or("", String::as_str))
    }

    /// The ARN of a topic.
    fn arn(&mut self, name: &str, required: bool) -> Option<String> {
        const WHAT: &str = "the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:controlsync";
        if required {
            self.required(name, WHAT);
        }
        let value = self.values.get(name).cloned()?;
        if Arn::parse(&value).is_none_or(|arn| arn.service != "sns") {
            self.error(&format!("invalid value {value:?} for {PREFIX}{name}: set it to {WHAT}"));
        }
        Some(value)
    }

    /// The name of the catalog.
    fn catalog(&mut self) -> Option<String> {
        let value = self.values.get("CATALOG").cloned()?;
        if !is_catalog_name(&value) {
            self.error(&format!("invalid value {value:?} for {PREFIX}CATALOG: {CATALOG_NAME}"));
        }
        Some(value)
    }

    /// Messages name it in commands.
    fn stack(&mut self) -> Option<String> {
        let value = self.values.get("STACK").cloned()?;
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            self.error(&format!(
                "invalid value {value:?} for {PREFIX}STACK: set it to the name of the stack that cdk/deploy.sh updates"
            ));
        }
        Some(value)
    }

    /// One of several words. The first is the default.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> T {
        let value = self.values.get(name).cloned();
        let found = words.iter().find(|(word, _)| value.as_deref().is_none_or(|value| value == *word));
        let (_, chosen) = found.unwrap_or_else(|| {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let value = value.as_deref().unwrap_or_default();
            self.error(&format!("invalid value {value:?} for {PREFIX}{name}: set it to one of {}", all.join(", ")));
            &words[0]
        });
        *chosen
    }

    /// A number.
    pub(crate) fn number<T: std::str::FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = self.values.get(name).cloned()?;
        let number = value.parse().ok();
        if number.is_none() {
            self.error(&format!("invalid value {value:?} for {PREFIX}{name}: set it to {what}"));
        }
        number
    }

    /// Which runs are reported by email.
    pub(crate) fn notify(&mut self) -> Notify {
        self.choice("NOTIFY", &[("all", Notify::All), ("changes", Notify::Changes), ("errors", Notify::Errors)])
    }
}
