//! What the evidence says, and why it says no more.

use crate::evidence::Unknown;

/// What the evidence says; the worst first. The first four are in the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A resource is not compliant.
    NonCompliant,
    /// A fact that decides could not be read.
    Unknown,
    /// Everything was read, and nothing says that it is compliant.
    NoData,
    /// All results are compliant.
    Compliant,
    /// An exception accepts what is wrong.
    Excepted,
    /// Evaluated without an error, and there was nothing to evaluate.
    NoResources,
    /// Its evidence does not say whether something is compliant.
    EvidenceOnly,
    /// Users judge.
    Manual,
}

impl Status {
    /// All of them, the worst first.
    pub const ALL: [Self; 8] = [
        Self::NonCompliant,
        Self::Unknown,
        Self::NoData,
        Self::Compliant,
        Self::Excepted,
        Self::NoResources,
        Self::EvidenceOnly,
        Self::Manual,
    ];

    /// Name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonCompliant => "non-compliant",
            Self::Unknown => "unknown",
            Self::NoData => "no-data",
            Self::Compliant => "compliant",
            Self::Excepted => "excepted",
            Self::NoResources => "no-resources",
            Self::EvidenceOnly => "evidence-only",
            Self::Manual => "manual",
        }
    }

    /// Returns the status with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether it is in the score.
    pub fn is_scored(self) -> bool {
        self <= Self::Compliant
    }

    /// Whether an exception for the whole account accepts it.
    pub(super) fn is_wrong(self) -> bool {
        self < Self::Compliant
    }
}

/// How many there are of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Status::ALL.len()]);

impl Counts {
    /// Counts some.
    pub fn of(all: impl IntoIterator<Item = Status>) -> Self {
        let mut counts = Self::default();
        all.into_iter().for_each(|status| counts.add(status));
        counts
    }

    /// Counts one more.
    pub fn add(&mut self, status: Status) {
        self.0[status as usize] += 1;
    }

    /// How many have a status.
    pub fn count(&self, status: Status) -> usize {
        self.0[status as usize]
    }

    /// The statuses that there are, the worst first, with their numbers.
    pub fn each(&self) -> impl Iterator<Item = (Status, usize)> {
        Status::ALL.into_iter().map(|status| (status, self.count(status))).filter(|(_, count)| *count > 0)
    }

    /// How many are not in the score.
    pub fn beside(&self) -> usize {
        self.each().filter(|(status, _)| !status.is_scored()).map(|(_, count)| count).sum()
    }

    /// The score of what was counted.
    pub fn score(&self) -> Score {
        let scored = Status::ALL.into_iter().filter(|status| status.is_scored());
        Score { compliant: self.count(Status::Compliant), of: scored.map(|status| self.count(status)).sum() }
    }
}

/// How many are compliant, of those that should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many are compliant.
    pub compliant: usize,
    /// How many are compliant or not, or not known to be.
    pub of: usize,
}

impl Score {
    /// In percent, rounded down so that 100 means all; `None` of nothing.
    pub fn percent(self) -> Option<usize> {
        (self.compliant * 100).checked_div(self.of)
    }
}

/// Why a status is not a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is not known.
    Unknown(Unknown),
    /// The aggregator has no data of the account.
    NotAggregated {
        /// Name of the aggregator.
        aggregator: String,
    },
    /// The rule is not deployed, or none that counts.
    NotDeployed {
        /// What is wanted, in words.
        wanted: String,
    },
    /// A rule checks less than the control demands.
    WeakerParameter {
        /// Name of the rule.
        rule: String,
        /// Name of the parameter.
        parameter: String,
        /// Its value; `None` if the rule does not set it.
        value: Option<String>,
        /// What the control demands.
        demand: String,
    },
    /// The rule has no results.
    NoResults,
    /// There are no findings.
    NoFindings,
    /// All findings are suppressed or archived.
    SetApart,
    /// Some findings are warnings or not available.
    NotChecked,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(why) => why.fmt(f),
            Self::NotAggregated { aggregator } => write!(f, "the aggregator `{aggregator}` does not have the account"),
            Self::NotDeployed { wanted } => write!(f, "no {wanted} that counts is deployed"),
            Self::WeakerParameter { rule, parameter, value: Some(value), demand } => {
                write!(f, "weaker parameter: `{parameter}` is `{value}` in `{rule}`; the control demands {demand}")
            }
            Self::WeakerParameter { rule, parameter, value: None, demand } => {
                write!(f, "weaker parameter: `{rule}` does not set `{parameter}`; the control demands {demand}")
            }
            Self::NoResults => f.write_str("the rule has no results"),
            Self::NoFindings => f.write_str("the control of Security Hub has no findings"),
            Self::SetApart => f.write_str("all findings of the control of Security Hub are suppressed or archived"),
            Self::NotChecked => f.write_str("Security Hub could not check all resources"),
        }
    }
}
