//! The settings of the function: its environment variables.

use controlsync_core::catalog_path::{places, similar_directory};
use controlsync_core::run::{Deployment, Notify};
use controlsync_evidence::Role;

use crate::store::FOLDER as STATE_FOLDER;
use crate::variables::{PREFIX, Shared, Variables};

/// All variables, without the prefix.
pub const VARIABLES: [&str; 11] = [
    "BUCKET",
    "PREFIX",
    "TOPIC_ARN",
    "EVENTS_TOPIC_ARN",
    "CATALOG",
    "NOTIFY",
    "MEMBER_ROLE",
    "EXTERNAL_ID",
    "REPORTS",
    "AGGREGATOR",
    "STACK",
];

/// The environment of the function.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What every function is set.
    pub(crate) shared: Shared,
    /// Which runs are reported by email.
    pub notify: Notify,
    /// The role in accounts other than that of Audit Manager; without it, these are not read.
    pub role: Option<Role>,
    /// Where reports about compliance are written, and where the results are; `None` if there are no reports.
    pub reports: Option<ReportSettings>,
    /// How the settings are changed.
    pub deployment: Deployment,
}

/// The settings of reports about compliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// The prefix of their keys, with `/` at its end.
    pub prefix: String,
    /// The aggregator of AWS Config that has the results; `None` to ask each account.
    pub aggregator: Option<String>,
}

impl Environment {
    /// Reads the variables. An empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// One message for every invalid variable, with its name.
    pub fn read(variables: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let mut reader = Variables::new(variables, &VARIABLES);
        let shared = reader.shared();
        let environment = Self {
            notify: reader.notify(),
            role: reader.role(),
            reports: reader.reports(&shared.location.prefix),
            deployment: reader.deployment(&shared),
            shared,
        };
        reader.finish(environment)
    }
}

impl Variables {
    fn role(&mut self) -> Option<Role> {
        let name = self.get("MEMBER_ROLE").map(str::to_owned);
        let external_id = self.get("EXTERNAL_ID").map(str::to_owned);
        if name.is_none() && external_id.is_some() {
            self.error(&format!(
                "{PREFIX}EXTERNAL_ID is set, but {PREFIX}MEMBER_ROLE is not: set it to the name of the role"
            ));
        }
        let name = name?;
        if !Role::is_name(&name) {
            self.error(&format!(
                "invalid value {name:?} for {PREFIX}MEMBER_ROLE: set it to the name of a role, with its path if it has one, such as \
                 controlsync-evidence"
            ));
        }
        Some(Role { name, external_id })
    }

    /// The settings of reports; the prefix of the catalog says which keys are taken.
    fn reports(&mut self, catalog: &str) -> Option<ReportSettings> {
        let aggregator = self.get("AGGREGATOR").map(str::to_owned);
        let prefix = self.get("REPORTS").map(str::to_owned);
        if prefix.is_none() && aggregator.is_some() {
            self.error(&format!(
                "{PREFIX}AGGREGATOR is set, but {PREFIX}REPORTS is not: set it to the prefix of the reports"
            ));
        }
        if let Some(name) = aggregator.as_deref().filter(|name| !is_aggregator_name(name)) {
            self.error(&format!(
                "invalid value {name:?} for {PREFIX}AGGREGATOR: set it to the name of an aggregator of AWS Config"
            ));
        }
        let prefix = prefix?;
        if !is_report_prefix(&prefix) {
            self.error(&format!(
                "invalid value {prefix:?} for {PREFIX}REPORTS: set it to a prefix of keys that ends with /, such as reports/"
            ));
        } else if is_taken(&prefix, catalog) {
            self.error(&format!(
                "invalid value {prefix:?} for {PREFIX}REPORTS: the catalog or the state is there; set it to another prefix, such as reports/"
            ));
        }
        Some(ReportSettings { prefix, aggregator })
    }
}

/// Whether a name can be that of an aggregator
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationAggregator.html>).
fn is_aggregator_name(name: &str) -> bool {
    name.len() <= 256 && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// Whether keys of reports can start with it.
fn is_report_prefix(prefix: &str) -> bool {
    let has_parts = prefix.split_terminator('/').all(|part| !matches!(part, "" | "." | ".."));
    prefix.ends_with('/') && prefix.len() <= 512 && !prefix.contains(char::is_control) && has_parts
}

/// Whether reports with a prefix of keys would be where a catalog is read, or a state is kept.
fn is_taken(prefix: &str, catalog: &str) -> bool {
    let is_state = prefix.split('/').any(|part| part == STATE_FOLDER);
    let of_catalog = |path: &str| {
        let folder = path.split('/').next().unwrap_or_default();
        places().iter().any(|place| path.starts_with(place.as_str()) || place.strip_suffix('/') == Some(folder))
            || similar_directory(folder).is_some()
    };
    is_state || prefix.strip_prefix(catalog).is_some_and(of_catalog)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, String> {
        let required = [("BUCKET", "catalog"), ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:emails")];
        let all = required.iter().chain(variables);
        Environment::read(all.map(|(name, value)| (format!("CONTROLSYNC_{name}"), (*value).to_owned())))
    }

    #[test]
    fn a_role_is_optional_and_may_require_an_external_id() {
        assert_eq!(read(&[]).unwrap().role, None);
        let role =
            read(&[("MEMBER_ROLE", "audit/controlsync-evidence"), ("EXTERNAL_ID", "a1b2")]).unwrap().role.unwrap();
        assert_eq!((role.name.as_str(), role.external_id.as_deref()), ("audit/controlsync-evidence", Some("a1b2")));
    }

    #[test]
    fn reports_are_kept_apart_from_the_catalog() {
        assert_eq!(read(&[]).unwrap().reports, None);
        let settings = read(&[("REPORTS", "audit/reports/"), ("AGGREGATOR", "all")]).unwrap().reports.unwrap();
        assert_eq!((settings.prefix.as_str(), settings.aggregator.as_deref()), ("audit/reports/", Some("all")));
        for (catalog, prefix, valid) in [
            ("", "reports/", true),
            ("", "a.b_c/d-e/", true),
            ("", "reports", false),
            ("", "/reports/", false),
            ("", "a//b/", false),
            ("", "../", false),
            ("", "a\nb/", false),
            ("", "Prüfung 2026 (a)/reports/", true),
            ("", "controls/", false),
            ("", "controls/reports/", false),
            ("", "Frameworks/", false),
            ("", "exceptions/x/", false),
            ("", "keywords/", false),
            ("", ".controlsync/", false),
            ("", "a/.controlsync/reports/", false),
            ("team", "controls/", true),
            ("team", "team/", true),
            ("team", "team/reports/", true),
            ("team", "team/rules/", false),
        ] {
            let found = read(&[("PREFIX", catalog), ("REPORTS", prefix)]);
            assert_eq!(found.is_ok(), valid, "{catalog:?} {prefix:?}: {found:?}");
        }
    }

    #[test]
    fn invalid_variables_are_named() {
        for (name, value, message) in [
            (
                "MEMBER_ROLE",
                "arn:aws:iam::111122223333:role/r",
                "invalid value \"arn:aws:iam::111122223333:role/r\" for CONTROLSYNC_MEMBER_ROLE: set it to the name of a role, with its path \
                 if it has one, such as controlsync-evidence",
            ),
            (
                "EXTERNAL_ID",
                "a1b2",
                "CONTROLSYNC_EXTERNAL_ID is set, but CONTROLSYNC_MEMBER_ROLE is not: set it to the name of the role",
            ),
            (
                "REPORTS",
                "reports",
                "invalid value \"reports\" for CONTROLSYNC_REPORTS: set it to a prefix of keys that ends with /, such as reports/",
            ),
            (
                "REPORTS",
                "controls/",
                "invalid value \"controls/\" for CONTROLSYNC_REPORTS: the catalog or the state is there; set it to another prefix, such as \
                 reports/",
            ),
            (
                "AGGREGATOR",
                "all",
                "CONTROLSYNC_AGGREGATOR is set, but CONTROLSYNC_REPORTS is not: set it to the prefix of the reports",
            ),
            ("MODE", "apply", "unknown variable CONTROLSYNC_MODE; remove it"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err(), message);
        }
        let error = read(&[("REPORTS", "reports/"), ("AGGREGATOR", "all accounts")]).unwrap_err();
        let message = "invalid value \"all accounts\" for CONTROLSYNC_AGGREGATOR: set it to the name of an aggregator of AWS Config";
        assert_eq!(error, message);
    }
}
