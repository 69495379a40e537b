//! The services of the emulator. A client says which one it means in the signature of its request.

use serde::{Deserialize, Serialize};

use crate::audit_manager::operation;

/// A service of the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Service {
    AuditManager,
}

impl Service {
    const ALL: [Self; 1] = [Self::AuditManager];

    /// The name in signatures and in IAM actions.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::AuditManager => "auditmanager",
        }
    }

    /// The operations, by their names in the model.
    fn operations(self) -> impl Iterator<Item = String> {
        match self {
            Self::AuditManager => operation::names(),
        }
    }

    /// Returns the service of a request by its header `Authorization`. Without a signature it is Audit Manager, so that
    /// plain HTTP clients work.
    ///
    /// # Errors
    ///
    /// The request is signed for a service that the emulator does not have; the error is its signing name.
    pub(crate) fn of(authorization: Option<&str>) -> Result<Self, &str> {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: the scope of the
        // credential ends with the signing name and "aws4_request".
        let scope = authorization.and_then(|text| text.split_once("Credential=")?.1.split(',').next());
        let Some(name) = scope.and_then(|scope| scope.rsplit('/').nth(1)) else { return Ok(Self::AuditManager) };
        Self::ALL.into_iter().find(|service| service.signing_name() == name).ok_or(name)
    }

    /// The name of one of its operations for faults and the log: `auditmanager:CreateControl`.
    pub(crate) fn qualified(self, operation: &str) -> String {
        format!("{}:{operation}", self.signing_name())
    }
}

/// Whether an operation has this qualified name.
///
/// # Errors
///
/// No operation has it; the error is the name that may be meant.
pub(crate) fn check_operation(name: &str) -> Result<(), Option<String>> {
    let qualified = || Service::ALL.into_iter().flat_map(|of| of.operations().map(move |name| of.qualified(&name)));
    if qualified().any(|known| known == name) {
        return Ok(());
    }
    let alike = |known: &String| known.rsplit(':').next().is_some_and(|known| Some(known) == name.rsplit(':').next());
    Err(qualified().find(alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_the_service() {
        let signed = |name: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=any/20261127/eu-west-1/{name}/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        assert_eq!(Service::of(Some(&signed("auditmanager"))), Ok(Service::AuditManager));
        assert_eq!(Service::of(Some(&signed("s3"))), Err("s3"));
        for unsigned in [None, Some("Bearer a"), Some("Credential=any")] {
            assert_eq!(Service::of(unsigned), Ok(Service::AuditManager), "{unsigned:?}");
        }
    }

    #[test]
    fn an_operation_is_named_with_its_service() {
        assert_eq!(check_operation("auditmanager:GetControl"), Ok(()));
        for close in ["GetControl", "config:GetControl"] {
            assert_eq!(check_operation(close), Err(Some("auditmanager:GetControl".to_owned())), "{close}");
        }
        assert_eq!(check_operation("auditmanager:getControl"), Err(None));
    }
}
