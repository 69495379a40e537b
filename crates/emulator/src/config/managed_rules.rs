//! The managed rules of AWS Config: identifiers, triggers, resource types and parameters.
//!
//! The table is that of moto 5.2.5 (Apache License 2.0), which was read from the guide of AWS Config; see
//! `data/managed_rules.tsv`: identifier, trigger, resource types, parameters as `name:type:default`, with `*` after the
//! name of a parameter that must be given.

/// The identifier of a process check: a rule of a conformance pack that a person evaluates
/// (<https://docs.aws.amazon.com/config/latest/developerguide/process-checks.html>).
pub(crate) const PROCESS_CHECK: &str = "AWS_CONFIG_PROCESS_CHECK";

/// A managed rule.
#[derive(Debug)]
pub(crate) struct ManagedRule {
    trigger: &'static str,
    types: &'static str,
    parameters: &'static str,
}

/// Returns the managed rule with an identifier.
pub(crate) fn find(identifier: &str) -> Option<ManagedRule> {
    include_str!("data/managed_rules.tsv").lines().find_map(|line| {
        let rest = line.strip_prefix(identifier)?.strip_prefix('\t')?;
        let mut columns = rest.split('\t');
        let (trigger, types, parameters) = (columns.next()?, columns.next()?, columns.next()?);
        Some(ManagedRule { trigger, types, parameters })
    })
}

impl ManagedRule {
    /// Whether it evaluates at intervals, without a change.
    pub(crate) fn is_periodic(&self) -> bool {
        self.trigger.contains("Periodic")
    }

    /// The types of the resources that it evaluates.
    pub(crate) fn types(&self) -> impl Iterator<Item = &'static str> {
        self.types.split([',', ' ']).filter(|name| !name.is_empty())
    }

    /// Whether it has a parameter.
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        self.parameters().any(|(known, _)| known == name)
    }

    /// The parameters that must be given.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'static str> {
        self.parameters().filter(|(_, required)| *required).map(|(name, _)| name)
    }

    fn parameters(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.parameters.split("; ").filter_map(|parameter| {
            let (name, _) = parameter.split_once(':')?;
            Some(name.strip_suffix('*').map_or((name, false), |name| (name, true)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_triggers_types_and_parameters() {
        let keys = find("ACCESS_KEYS_ROTATED").unwrap();
        assert!(keys.is_periodic() && keys.has_parameter("maxAccessKeyAge"));
        assert_eq!(keys.required().collect::<Vec<_>>(), ["maxAccessKeyAge"]);
        assert!(find("ACCESS_KEYS").is_none() && find("").is_none());
        let ssh = find("INCOMING_SSH_DISABLED").unwrap();
        assert!(ssh.types().any(|name| name == "AWS::EC2::SecurityGroup"));
    }
}
