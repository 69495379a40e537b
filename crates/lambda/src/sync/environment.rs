//! The settings of the function: its environment variables.

use controlsync_aws::audit_manager::DEFAULT_RATE;
use controlsync_core::plan::{Adopt, Drift};
use controlsync_core::quotas::Quotas;
use controlsync_core::run::{Mode, Settings};

use crate::variables::{PREFIX, Shared, Variables};

/// The limit of the account (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
const MAX_RATE: f64 = 20.0;

/// All variables, without the prefix.
pub const VARIABLES: [&str; 15] = [
    "BUCKET",
    "PREFIX",
    "TOPIC_ARN",
    "EVENTS_TOPIC_ARN",
    "QUEUE_URL",
    "CATALOG",
    "MODE",
    "ADOPT",
    "NOTIFY",
    "ON_REMOVE",
    "MAX_DELETES",
    "DRIFT",
    "RATE",
    "QUOTAS",
    "STACK",
];

/// The environment of the function.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What every function is set.
    pub(crate) shared: Shared,
    /// The queue that triggers the function.
    pub queue: Option<String>,
    /// Quotas of the account. They override those in `controlsync.toml`.
    pub quotas: Quotas,
    /// Settings of a run.
    pub settings: Settings,
    /// Requests per second to Audit Manager.
    pub rate: f64,
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
            queue: reader.queue(),
            quotas: reader.quotas(),
            settings: Settings {
                mode: reader.choice("MODE", &[("plan", Mode::Plan), ("apply", Mode::Apply)]),
                adopt: reader
                    .choice("ADOPT", &[("identical", Adopt::Identical), ("never", Adopt::Never), ("all", Adopt::All)]),
                notify: reader.notify(),
                deletes: reader.choice("ON_REMOVE", &[("retain", false), ("delete", true)]),
                max_deletes: reader.number("MAX_DELETES", "a whole number such as 10"),
                drift: reader.choice("DRIFT", &[("report", Drift::Leave), ("repair", Drift::Repair)]),
                deployment: reader.deployment(&shared),
            },
            shared,
            rate: reader.rate(),
        };
        reader.finish(environment)
    }
}

impl Variables {
    fn queue(&mut self) -> Option<String> {
        let value = self.get("QUEUE_URL")?.to_owned();
        if !value.starts_with("https://") && !value.starts_with("http://") {
            self.error(&format!(
                "invalid value {value:?} for {PREFIX}QUEUE_URL: \
                 set it to the URL of the queue that triggers the function"
            ));
        }
        Some(value)
    }

    fn quotas(&mut self) -> Quotas {
        const WHAT: &str = "quotas such as custom_controls=800,custom_frameworks=200";
        Quotas::parse(self.get("QUOTAS").unwrap_or_default()).unwrap_or_else(|part| {
            self.error(&format!("invalid value {part:?} for {PREFIX}QUOTAS: set it to {WHAT}"));
            Quotas::default()
        })
    }

    fn rate(&mut self) -> f64 {
        const WHAT: &str = "requests per second, more than 0 and at most 20, such as 10";
        let rate = self.number("RATE", WHAT).unwrap_or(DEFAULT_RATE);
        if !(rate > 0.0 && rate <= MAX_RATE) {
            self.error(&format!("invalid value {rate} for {PREFIX}RATE: set it to {WHAT}"));
        }
        rate
    }
}

#[cfg(test)]
mod tests {
    use controlsync_core::schema::CATALOG_NAME;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:emails";

    fn read(variables: &[(&str, &str)]) -> Result<Environment, String> {
        let given = |name: &str| variables.iter().any(|(given, _)| *given == name);
        let required = [("BUCKET", "catalog"), ("TOPIC_ARN", TOPIC)].into_iter().filter(|(name, _)| !given(name));
        let all = required.chain(variables.iter().copied());
        Environment::read(all.map(|(name, value)| (format!("CONTROLSYNC_{name}"), value.to_owned())))
    }

    #[test]
    fn defaults_are_the_safe_choice() {
        let environment = read(&[("MODE", "")]).unwrap();
        let Environment { settings, shared, rate, .. } = environment;
        assert_eq!(settings, Settings { drift: Drift::Leave, ..Settings::default() });
        assert_eq!((settings.mode, settings.deletes, settings.adopt), (Mode::Plan, false, Adopt::Identical));
        assert_eq!((shared.location.prefix.as_str(), rate), ("", 10.0));
        assert_eq!(read(&[("PREFIX", "/a/b//")]).unwrap().shared.location.prefix, "a/b/");
    }

    #[test]
    fn every_invalid_variable_is_named() {
        for (name, value) in [
            ("BUCKET", ""),
            ("TOPIC_ARN", ""),
            ("TOPIC_ARN", "emails"),
            ("EVENTS_TOPIC_ARN", "arn:aws:sqs:eu-west-1:111122223333:q"),
            ("QUEUE_URL", "queue"),
            ("CATALOG", "a\nb"),
            ("MODE", "aply"),
            ("ADOPT", "yes"),
            ("NOTIFY", "some"),
            ("ON_REMOVE", "remove"),
            ("MAX_DELETES", "-1"),
            ("DRIFT", "fix"),
            ("RATE", "0"),
            ("RATE", "NaN"),
            ("RATE", "50"),
            ("QUOTAS", "custom_controls"),
            ("STACK", "a; b"),
            ("DRFIT", "repair"),
            ("UNHEARD_OF", "x"),
        ] {
            let message = read(&[(name, value)]).unwrap_err();
            assert!(message.contains(&format!("CONTROLSYNC_{name}")), "{name}={value}: {message}");
        }
        assert!(read(&[("DRFIT", "x")]).unwrap_err().contains("did you mean CONTROLSYNC_DRIFT?"));
        let all = read(&[("MODE", "x"), ("RATE", "x")]).unwrap_err();
        assert!(all.contains("CONTROLSYNC_MODE") && all.contains("CONTROLSYNC_RATE"), "{all}");
    }

    #[test]
    fn every_error_says_what_to_set() {
        for (name, value, message) in [
            ("BUCKET", "", "CONTROLSYNC_BUCKET is not set: set it to the name of the bucket"),
            (
                "TOPIC_ARN",
                "emails",
                "invalid value \"emails\" for CONTROLSYNC_TOPIC_ARN: set it to the ARN of a topic, such as \
                 arn:aws:sns:eu-west-1:111122223333:controlsync",
            ),
            (
                "QUEUE_URL",
                "queue",
                "invalid value \"queue\" for CONTROLSYNC_QUEUE_URL: \
                 set it to the URL of the queue that triggers the function",
            ),
            ("MODE", "aply", "invalid value \"aply\" for CONTROLSYNC_MODE: set it to one of plan, apply"),
            (
                "MAX_DELETES",
                "-1",
                "invalid value \"-1\" for CONTROLSYNC_MAX_DELETES: set it to a whole number such as 10",
            ),
            (
                "RATE",
                "50",
                "invalid value 50 for CONTROLSYNC_RATE: \
                 set it to requests per second, more than 0 and at most 20, such as 10",
            ),
            (
                "QUOTAS",
                "custom_controls=800, controls=1",
                "invalid value \"controls=1\" for CONTROLSYNC_QUOTAS: \
                 set it to quotas such as custom_controls=800,custom_frameworks=200",
            ),
            (
                "STACK",
                "a b",
                "invalid value \"a b\" for CONTROLSYNC_STACK: set it to the name of the stack that cdk/deploy.sh updates",
            ),
            ("MOED", "plan", "unknown variable CONTROLSYNC_MOED; did you mean CONTROLSYNC_MODE?"),
            ("UNHEARD_OF", "x", "unknown variable CONTROLSYNC_UNHEARD_OF; remove it"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err(), message);
        }
        let message = read(&[("CATALOG", "a\nb")]).unwrap_err();
        assert_eq!(message, format!("invalid value \"a\\nb\" for CONTROLSYNC_CATALOG: {CATALOG_NAME}"));
    }
}
