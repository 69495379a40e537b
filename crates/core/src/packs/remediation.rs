//! Remediations as packs can have them.

use std::collections::BTreeMap;

use super::gap::Reason;
use crate::model::{Remediation, RemediationValue};
use crate::pack_limits::MAX_REMEDIATION_PARAMETERS;

/// The parameter of a document that has the role.
pub(crate) const ROLE: &str = "AutomationAssumeRole";

/// What the user allows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    /// Whether the packs are for an organization.
    pub(crate) organization: bool,
    /// Whether AWS Config may start remediations.
    pub(crate) allow_automatic: bool,
}

/// A remediation in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackRemediation {
    pub(crate) document: String,
    pub(crate) automatic: bool,
    /// Parameters of the document, with the role.
    pub(crate) parameters: BTreeMap<String, RemediationValue>,
}

impl PackRemediation {
    /// Returns the remediation as a pack has it, and what is lost of it.
    ///
    /// # Errors
    ///
    /// No pack can have it: why, and what that is about.
    pub(crate) fn new(
        remediation: &Remediation,
        policy: Policy,
    ) -> Result<(Self, Option<Reason>), (Reason, Option<String>)> {
        let mut parameters = remediation.parameters.clone();
        if let Some(role) = &remediation.automation_role {
            parameters.insert(ROLE.to_owned(), RemediationValue::One(role.clone()));
        }
        let role = match parameters.get(ROLE) {
            Some(RemediationValue::One(role)) => Some(role.clone()),
            Some(RemediationValue::List(roles)) => roles.first().cloned(),
            None => None,
        };
        let automatic = remediation.automatic == Some(true);
        if automatic && role.is_none() {
            return Err((Reason::RemediationRole, Some(remediation.ssm_document.clone())));
        }
        if policy.organization && role.is_some() {
            return Err((Reason::RemediationOfOneAccount, role));
        }
        if parameters.len() > MAX_REMEDIATION_PARAMETERS {
            return Err((Reason::RemediationParameters, Some(remediation.ssm_document.clone())));
        }
        let lost = (automatic && !policy.allow_automatic).then_some(Reason::RemediationNotAutomatic);
        let document = remediation.ssm_document.clone();
        Ok((Self { document, automatic: automatic && policy.allow_automatic, parameters }, lost))
    }
}
