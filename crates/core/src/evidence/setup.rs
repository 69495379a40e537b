//! The setup of a source, and what is wrong with it.

use super::facts::{Fact, Unread, UnreadReason};
use crate::diagnostic::{Level, Rule};

/// Whether a source can collect evidence; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setup {
    /// A problem keeps it from collecting.
    NotReady,
    /// A fact that decides could not be read.
    Unknown,
    /// Ready, but its assessment is too young to have collected.
    Waiting,
    /// Everything that must be true is true.
    Ready,
    /// An exception accepts that it does not.
    Excepted,
    /// Users upload its evidence.
    Manual,
    /// AWS decides what it collects.
    AwsManaged,
}

impl Setup {
    /// All of them, the worst first.
    pub const ALL: [Self; 7] =
        [Self::NotReady, Self::Unknown, Self::Waiting, Self::Ready, Self::Excepted, Self::Manual, Self::AwsManaged];

    /// Name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotReady => "not-ready",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Excepted => "excepted",
            Self::Manual => "manual",
            Self::AwsManaged => "aws-managed",
        }
    }
}

/// Something that keeps a source from collecting, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its rule.
    pub rule: &'static Rule,
    /// Only an error keeps the source from collecting.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The key of the source that it is about, as a path within the source; empty for the keyword.
    pub key: String,
}

/// Why a setup is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// A fact was not read.
    Unread(Unread),
    /// Nothing of the account was read.
    Account,
    /// The service answered, but not what decides.
    Undecided(String),
}

impl Unknown {
    /// Returns what is not known, without what differs between requests.
    pub fn key(&self) -> String {
        match self {
            Self::Unread(Unread { service, action, reason, .. }) => {
                let reason = match reason {
                    UnreadReason::NotAsked => "not asked",
                    UnreadReason::Denied => "denied",
                    UnreadReason::NotAssumed => "not assumed",
                    UnreadReason::Throttled => "throttled",
                    UnreadReason::TooSlow => "too slow",
                    UnreadReason::Failed => "failed",
                };
                format!("{reason} {service} {action}")
            }
            Self::Account => "account".to_owned(),
            Self::Undecided(why) => why.clone(),
        }
    }

    /// Whether it stays so until someone changes something.
    pub const fn lasts(&self) -> bool {
        match self {
            Self::Unread(unread) => matches!(unread.reason, UnreadReason::Denied | UnreadReason::NotAssumed),
            Self::Account => false,
            Self::Undecided(_) => true,
        }
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unread(Unread { service, action, reason, message }) => match reason {
                UnreadReason::NotAsked => write!(f, "{service} was not read"),
                UnreadReason::Denied => write!(f, "no permission for {action}"),
                UnreadReason::Throttled => write!(f, "{service} throttled {action} until all attempts were used"),
                UnreadReason::NotAssumed => {
                    write!(
                        f,
                        "the role `{message}` cannot be assumed: it does not exist, does not trust these credentials, or requires \
                         another external ID"
                    )
                }
                UnreadReason::TooSlow => write!(f, "the account was not read within {message}"),
                UnreadReason::Failed => write!(f, "{action} failed: {message}"),
            },
            Self::Account => f.write_str("the account was not read"),
            Self::Undecided(why) => f.write_str(why),
        }
    }
}

/// What checks found out about one source in one account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) problems: Vec<Problem>,
    pub(crate) unknown: Vec<Unknown>,
}

impl Found {
    /// Returns the value of a fact that decides. If it was not read, the setup is unknown.
    pub(crate) fn known<'f, T>(&mut self, fact: &'f Fact<T>) -> Option<&'f T> {
        match fact {
            Fact::Known(value) => Some(value),
            Fact::Unread(unread) => {
                self.unknown(Unknown::Unread(unread.clone()));
                None
            }
        }
    }

    /// Adds a reason why the setup is not known, once.
    pub(crate) fn unknown(&mut self, why: Unknown) {
        if !self.unknown.contains(&why) {
            self.unknown.push(why);
        }
    }

    /// Adds a problem with the level of its rule.
    pub(crate) fn problem(&mut self, rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) {
        self.problem_at(rule, rule.level, "", message, help);
    }

    /// Adds a problem at a key of the source, with a level.
    pub(crate) fn problem_at(
        &mut self,
        rule: &'static Rule,
        level: Level,
        key: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help, key) = (message.into(), help.into(), key.to_owned());
        self.problems.push(Problem { rule, level, message, help, key });
    }

    /// Returns the setup: an error is certain, whatever else is unknown.
    pub(crate) fn setup(&self, waiting: bool) -> Setup {
        if self.problems.iter().any(|problem| problem.level == Level::Error) {
            Setup::NotReady
        } else if !self.unknown.is_empty() {
            Setup::Unknown
        } else if waiting {
            Setup::Waiting
        } else {
            Setup::Ready
        }
    }
}
