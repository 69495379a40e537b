//! What was read of accounts: the input of every decision about evidence, and the format of its cache.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::keywords::Trigger;

/// Seconds since 1970, UTC.
pub type Seconds = i64;

/// Seconds of a day.
pub(crate) const DAY: Seconds = 86_400;

/// Returns the day of a time, `YYYY-MM-DD`, in UTC.
pub fn day(at: Seconds) -> String {
    time::OffsetDateTime::from_unix_timestamp(at)
        .map_or_else(|_| "an unknown day".to_owned(), |at| at.date().to_string())
}

/// A value of an account, or why it was not read. An empty list is a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fact<T> {
    /// The service answered.
    Known(T),
    /// It did not.
    Unread(Unread),
}

impl<T> Fact<T> {
    /// Returns the value, if it was read.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unread(_) => None,
        }
    }

    /// Returns why it was not read.
    pub const fn unread(&self) -> Option<&Unread> {
        match self {
            Self::Known(_) => None,
            Self::Unread(why) => Some(why),
        }
    }
}

/// A fact that nothing has asked for.
impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::Unread(Unread::default())
    }
}

/// Why a value was not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    /// Name of the service.
    pub service: String,
    /// The IAM action, which is the name of the operation.
    pub action: String,
    /// What kept it from being read.
    pub reason: UnreadReason,
    /// The message of the service.
    pub message: String,
}

/// What kept a value from being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnreadReason {
    /// Nothing has asked for it.
    #[default]
    NotAsked,
    /// The permission is missing.
    Denied,
    /// Every attempt was throttled.
    Throttled,
    /// The role in the account cannot be assumed; the message is its name.
    NotAssumed,
    /// Reading the account took too long; the message is how long it may take.
    TooSlow,
    /// The request failed, or its answer cannot be used.
    Failed,
}

/// An account in a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Account ID; empty if nothing shows it.
    pub account: String,
    /// AWS Region.
    pub region: String,
}

/// Everything that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Audit Manager and what belongs to it, which only its own account has.
    pub audit_manager: AuditManagerFacts,
    /// What each account has.
    pub accounts: BTreeMap<Place, AccountFacts>,
}

/// Audit Manager and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditManagerFacts {
    /// Its account and Region.
    pub place: Place,
    /// When it was read.
    pub read_at: Seconds,
    /// The custom controls, by name.
    pub controls: Fact<BTreeMap<String, Vec<CreatedControl>>>,
    /// The active assessments.
    pub assessments: Fact<Vec<Assessment>>,
    /// Evidence folders by the ID of a control: only of those that were asked for.
    pub folders: BTreeMap<String, Fact<Vec<Folder>>>,
    /// The delegated administrator of the organization; `None` if there is none.
    pub administrator: Fact<Option<String>>,
    /// The EventBridge rule that receives findings of Security Hub; `None` if it does not exist.
    pub receiver: Fact<Option<Receiver>>,
    /// How much evidence each control has, by assessment and control, and since when.
    pub counts: Counts,
}

/// A control in the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedControl {
    /// Its ID.
    pub id: String,
    /// When it was created.
    pub created_at: Seconds,
}

/// An active assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Seconds,
    /// What is in it.
    pub detail: Fact<AssessmentDetail>,
    /// IDs of the controls that collected evidence on the day of the newest evidence, with that day.
    pub collected: Fact<BTreeMap<String, Seconds>>,
}

/// What is in an assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentDetail {
    /// IDs of the accounts in its scope.
    pub accounts: Vec<String>,
    /// Its controls.
    pub controls: Vec<AssessedControl>,
}

/// A control in an assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssessedControl {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The ID of its control set in the assessment.
    pub set: String,
    /// Whether it collects evidence.
    pub active: bool,
    /// How many items of evidence it has.
    pub evidence: i64,
}

/// The evidence that one service provided to a control on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// The assessment.
    pub assessment: String,
    /// The day.
    pub date: Seconds,
    /// The source, as Audit Manager names it.
    pub data_source: String,
    /// How many items of evidence it has.
    pub evidence: i64,
}

/// The EventBridge rule that receives findings of Security Hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receiver {
    /// Whether it is enabled.
    pub enabled: bool,
}

/// How much evidence controls have, by the ID of the assessment and of the control.
pub type Counts = BTreeMap<String, BTreeMap<String, Counted>>;

/// How much evidence a control has in an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// Items of evidence.
    pub items: i64,
    /// Since when it has been this number, as far as runs have seen.
    pub since: Seconds,
    /// A time after which it grew; `None` if no run has seen that.
    pub grew_after: Option<Seconds>,
    /// When it was last counted.
    pub read_at: Seconds,
}

/// What an account has in a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountFacts {
    /// The account and Region.
    pub place: Place,
    /// When it was read.
    pub read_at: Seconds,
    /// The configuration recorders of AWS Config.
    pub recorders: Fact<Vec<Recorder>>,
    /// The rules of AWS Config.
    pub rules: Fact<Vec<ConfigRule>>,
    /// How rules were evaluated, by name: only of those that decide.
    pub evaluations: Fact<BTreeMap<String, Evaluation>>,
    /// Numbers of recorded resources by type: only of those that decide.
    pub resources: Fact<BTreeMap<String, i64>>,
    /// Security Hub CSPM; `None` if it is off.
    pub hub: Fact<Option<Hub>>,
    /// Its enabled standards.
    pub standards: Fact<Vec<Standard>>,
    /// Controls of an enabled standard by the ARN of its subscription: whether each is enabled, by its ID in the standard.
    pub standard_controls: BTreeMap<String, Fact<BTreeMap<String, bool>>>,
    /// Whether a control is enabled in any standard, by its consolidated ID: only of those that were asked for and exist.
    pub hub_controls: Fact<BTreeMap<String, bool>>,
    /// The Security Hub administrator of the account; `None` if it has none.
    pub hub_administrator: Fact<Option<String>>,
    /// The trails of CloudTrail.
    pub trails: Fact<Vec<Trail>>,
}

/// A configuration recorder and its status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// The service that it belongs to; `None` if it is the account's own.
    pub service_principal: Option<String>,
    /// Whether it records.
    pub recording: bool,
    /// Whether its last delivery failed, and why.
    pub failure: Option<String>,
    /// Which types it records.
    pub strategy: Strategy,
    /// Whether it includes the global types of IAM.
    pub includes_global_types: bool,
    /// The types that it records, or those that it does not, as the strategy says.
    pub resource_types: Vec<String>,
}

/// Which resource types a recorder records
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingStrategy.html>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Strategy {
    /// All supported types.
    #[default]
    All,
    /// Those of its list.
    Inclusion,
    /// All but those of its list.
    Exclusion,
}

/// A rule of AWS Config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigRule {
    /// Its name.
    pub name: String,
    /// Its ARN, which names the service that deployed it.
    pub arn: String,
    /// The identifier of a managed rule; `None` for a custom rule.
    pub identifier: Option<String>,
    /// Its parameters: strings.
    pub parameters: BTreeMap<String, String>,
    /// The resource types that it is limited to; empty for no limit.
    pub scope_types: Vec<String>,
    /// The one resource or the tag that it is limited to, in words.
    pub scope_limit: Option<String>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Whether it evaluates existing resources, not only planned ones.
    pub detective: bool,
    /// When a custom rule evaluates; `None` if it does not say it.
    pub trigger: Option<Trigger>,
}

/// How a rule was evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Evaluation {
    /// When the rule was activated.
    pub activated_at: Option<Seconds>,
    /// The last evaluation that succeeded.
    pub succeeded_at: Option<Seconds>,
    /// The last evaluation that failed.
    pub failed_at: Option<Seconds>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Security Hub CSPM in an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hub {
    /// Whether a control has one finding for all standards.
    pub consolidated: bool,
}

/// An enabled standard of Security Hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standard {
    /// ARN of the standard.
    pub arn: String,
    /// ARN of the subscription to it.
    pub subscription: String,
    /// Whether its controls run.
    pub ready: bool,
    /// Its status and the reason for it, in the words of the service.
    pub status: String,
}

/// A trail of CloudTrail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// Whether it logs; `None` if that could not be read.
    pub logging: Option<bool>,
    /// Whether it has management events that write; `None` if that could not be read.
    pub management_events: Option<bool>,
}

impl AccountFacts {
    /// Creates the facts of an account that could not be read, for one reason.
    pub fn unread(place: Place, read_at: Seconds, why: &Unread) -> Self {
        Self {
            place,
            read_at,
            recorders: Fact::Unread(why.clone()),
            rules: Fact::Unread(why.clone()),
            evaluations: Fact::Unread(why.clone()),
            resources: Fact::Unread(why.clone()),
            hub: Fact::Unread(why.clone()),
            standards: Fact::Unread(why.clone()),
            standard_controls: BTreeMap::new(),
            hub_controls: Fact::Unread(why.clone()),
            hub_administrator: Fact::Unread(why.clone()),
            trails: Fact::Unread(why.clone()),
        }
    }

    /// Returns what became of each fact that was asked for.
    fn answers(&self) -> impl Iterator<Item = Result<(), &Unread>> {
        let all = [
            answer(&self.recorders),
            answer(&self.rules),
            answer(&self.evaluations),
            answer(&self.resources),
            answer(&self.hub),
            answer(&self.standards),
            answer(&self.hub_controls),
            answer(&self.hub_administrator),
            answer(&self.trails),
        ];
        all.into_iter().chain(self.standard_controls.values().map(answer)).flatten()
    }

    /// Whether everything that was asked for was read.
    pub fn is_complete(&self) -> bool {
        self.answers().all(|answer| answer.is_ok())
    }

    /// Whether the account answered anything, or nothing was asked.
    pub fn is_read(&self) -> bool {
        // Other facts are known without a request if these are not, and whether Security Hub is on may be known from its administrator.
        let off = answer(&self.hub).filter(Result::is_err);
        let asked = [answer(&self.recorders), answer(&self.rules), answer(&self.standards), answer(&self.trails), off];
        let mut answers = asked.into_iter().flatten().peekable();
        answers.peek().is_none() || answers.any(|answer| answer.is_ok())
    }
}

/// Returns what became of a fact; `None` if it was not asked for.
fn answer<T>(fact: &Fact<T>) -> Option<Result<(), &Unread>> {
    match fact {
        Fact::Known(_) => Some(Ok(())),
        Fact::Unread(unread) => Some(Err(unread)).filter(|_| unread.reason != UnreadReason::NotAsked),
    }
}

/// Whether a fact was read, or not asked for.
fn is_answered<T>(fact: &Fact<T>) -> bool {
    answer(fact).is_none_or(|answer| answer.is_ok())
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.account.as_str() {
            "" => write!(f, "this account in {}", self.region),
            account => write!(f, "account {account} in {}", self.region),
        }
    }
}

impl AuditManagerFacts {
    /// Whether everything that was asked for was read.
    pub fn is_complete(&self) -> bool {
        let assessments = self.assessments.known().into_iter().flatten();
        is_answered(&self.controls)
            && is_answered(&self.assessments)
            && assessments.into_iter().all(|of| is_answered(&of.detail) && is_answered(&of.collected))
            && self.folders.values().all(is_answered)
            && is_answered(&self.administrator)
            && is_answered(&self.receiver)
    }
}
