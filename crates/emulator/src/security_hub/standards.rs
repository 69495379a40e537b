//! The standards and their controls: those that Audit Manager lists
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html>).
//!
//! `data/controls.tsv` has the standard, the ID in the standard, the consolidated ID, and the severity. Titles are not
//! those of AWS.

use serde::{Deserialize, Serialize};

/// A standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Standard {
    #[serde(rename = "FSBP")]
    Foundational,
    #[serde(rename = "CIS")]
    Cis,
    #[serde(rename = "PCI")]
    Pci,
}

/// A control in a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StandardControl {
    pub(crate) standard: Standard,
    /// The end of its ARN.
    pub(crate) local: &'static str,
    /// The consolidated ID.
    pub(crate) id: &'static str,
    pub(crate) severity: &'static str,
}

impl Standard {
    pub(crate) const ALL: [Self; 3] = [Self::Foundational, Self::Cis, Self::Pci];

    /// Its name in the table.
    fn short(self) -> &'static str {
        match self {
            Self::Foundational => "FSBP",
            Self::Cis => "CIS",
            Self::Pci => "PCI",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Foundational => "AWS Foundational Security Best Practices v1.0.0",
            Self::Cis => "CIS AWS Foundations Benchmark v1.2.0",
            Self::Pci => "PCI DSS v3.2.1",
        }
    }

    /// Name and version in ARNs.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Foundational => "aws-foundational-security-best-practices/v/1.0.0",
            Self::Cis => "cis-aws-foundations-benchmark/v/1.2.0",
            Self::Pci => "pci-dss/v/3.2.1",
        }
    }

    /// Whether `EnableSecurityHub` enables it.
    pub(crate) fn is_default(self) -> bool {
        self != Self::Pci
    }

    pub(crate) fn arn(self, region: &str) -> String {
        match self {
            Self::Cis => format!("arn:aws:securityhub:::ruleset/{}", self.path()),
            _ => format!("arn:aws:securityhub:{region}::standards/{}", self.path()),
        }
    }

    /// Its ID in findings: the end of its ARN.
    pub(crate) fn id(self) -> String {
        let kind = if self == Self::Cis { "ruleset" } else { "standards" };
        format!("{kind}/{}", self.path())
    }

    pub(crate) fn of_arn(arn: &str, region: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standard| standard.arn(region) == arn)
    }

    /// Its controls, in the order of the table.
    pub(crate) fn controls(self) -> impl Iterator<Item = StandardControl> {
        controls().filter(move |control| control.standard == self)
    }
}

impl StandardControl {
    /// `ControlId` in the standard.
    pub(crate) fn control_id(&self) -> String {
        match self.standard {
            Standard::Cis => format!("CIS.{}", self.local),
            _ => self.local.to_owned(),
        }
    }
}

/// All controls of all standards.
pub(crate) fn controls() -> impl Iterator<Item = StandardControl> {
    include_str!("data/controls.tsv").lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let (short, local, id, severity) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
        let standard = Standard::ALL.into_iter().find(|standard| standard.short() == short)?;
        Some(StandardControl { standard, local, id, severity })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_control() {
        assert_eq!(controls().count(), include_str!("data/controls.tsv").lines().count());
        assert_eq!(Standard::Cis.controls().count(), 42);
        let control = Standard::Cis.controls().find(|control| control.local == "1.4").unwrap();
        assert_eq!((control.id, control.control_id().as_str()), ("IAM.3", "CIS.1.4"));
        for standard in Standard::ALL {
            assert_eq!(Standard::of_arn(&standard.arn("eu-west-1"), "eu-west-1"), Some(standard));
        }
    }
}
