//! The settings of the function: its environment variables.

use controlsync_core::run::{Deployment, Notify};
use controlsync_evidence::Role;

use crate::variables::{PREFIX, Shared, Variables};

/// All variables, without the prefix.
pub const VARIABLES: [&str; 9] =
    ["BUCKET", "PREFIX", "TOPIC_ARN", "EVENTS_TOPIC_ARN", "CATALOG", "NOTIFY", "MEMBER_ROLE", "EXTERNAL_ID", "STACK"];

/// The environment of the function.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What every function is set.
    pub(crate) shared: Shared,
    /// Which runs are reported by email.
    pub notify: Notify,
    /// The role in accounts other than that of Audit Manager; without it, these are not read.
    pub role: Option<Role>,
    /// How the settings are changed.
    pub deployment: Deployment,
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
        let environment =
            Self { notify: reader.notify(), role: reader.role(), deployment: reader.deployment(&shared), shared };
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
            ("MODE", "apply", "unknown variable CONTROLSYNC_MODE; remove it"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err(), message);
        }
    }
}
