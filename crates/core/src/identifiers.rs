//! Identifiers of AWS: ARNs and UUIDs.

/// An Amazon Resource Name, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
///
/// ```
/// use controlsync_core::identifiers::Arn;
/// let arn = Arn::parse("arn:aws:auditmanager:eu-west-1:111122223333:control/7c3f5a9e").unwrap();
/// assert_eq!(arn.account(), Some("111122223333"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// Service, such as `sns`.
    pub service: &'a str,
    /// Region; empty for global resources.
    pub region: &'a str,
    /// Account ID; empty for resources of AWS.
    pub account: &'a str,
    /// Everything else. It may contain colons.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN into its parts; `None` if it is not an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _partition, service, region, account, resource] if !service.is_empty() && !resource.is_empty() => {
                Some(Self { service, region, account, resource })
            }
            _ => None,
        }
    }

    /// Returns the account ID, if the ARN has one.
    pub fn account(&self) -> Option<&'a str> {
        Some(self.account).filter(|account| !account.is_empty())
    }
}

/// Whether a text is a UUID in the form that Audit Manager uses: lowercase, with hyphens.
pub fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(digits)
}

/// Returns the ID of a control from an ID in any case, or from the ARN of a control
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsauditmanager.html>); `None` for other texts.
pub fn control_id(text: &str) -> Option<String> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "auditmanager");
    let id = arn.map_or(Some(text), |arn| arn.resource.strip_prefix("control/"))?.to_ascii_lowercase();
    is_uuid(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts() {
        let arn = Arn::parse("arn:aws:lambda:eu-west-1:111122223333:function:sync:7").unwrap();
        assert_eq!((arn.service, arn.region), ("lambda", "eu-west-1"));
        assert_eq!((arn.account(), arn.resource), (Some("111122223333"), "function:sync:7"));
        assert_eq!(Arn::parse("arn:aws:controlcatalog:::common-control/a").unwrap().account(), None);
        for text in
            ["", "arn", "arn:aws:sns:eu-west-1:111122223333", "arn:aws:sns:eu-west-1:111122223333:", "urn:a:b:c:d:e"]
        {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn control_ids_are_read_in_any_case_and_from_arns() {
        let id = "6f2b1c3d-0a4e-4f5b-8c7d-9e0f1a2b3c4d";
        let arn = format!("arn:aws:auditmanager:eu-west-1:111122223333:control/{id}");
        for text in [id, &id.to_uppercase(), &arn] {
            assert_eq!(control_id(text).as_deref(), Some(id), "{text}");
        }
        for text in ["AC-2", "", &arn.replace("control/", "assessment/"), &arn.replace("auditmanager", "config")] {
            assert_eq!(control_id(text), None, "{text}");
        }
    }

    #[test]
    fn a_uuid_has_five_parts_of_lowercase_digits() {
        assert!(is_uuid("6f2b1c3d-0a4e-4f5b-8c7d-9e0f1a2b3c4d"));
        for text in ["", "6f2b1c3d", "6F2B1C3D-0A4E-4F5B-8C7D-9E0F1A2B3C4D", "6f2b1c3d-0a4e-4f5b-8c7d-9e0f1a2b3c4g"] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
