//! Results of rules: evaluations of single resources, and numbers of resources that are made up when they are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::protocol::time::Time;

/// The maximum of a count of resources
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ComplianceSummary.html>).
pub(crate) const MAX_RESOURCES: u64 = 100;

/// The maximum of a count of rules, by the same page.
pub(crate) const MAX_RULES: u64 = 25;

/// `ComplianceType` of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Compliance {
    NonCompliant,
    Compliant,
    NotApplicable,
    InsufficientData,
}

/// The results of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RuleResults {
    /// By type and ID of the resource.
    pub(crate) evaluations: BTreeMap<String, Evaluation>,
    pub(crate) counted: Option<Counted>,
    /// The status of the rule, if its results do not decide it.
    pub(crate) status: Option<Compliance>,
}

/// The evaluation of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evaluation {
    pub(crate) resource_type: String,
    pub(crate) resource_id: String,
    pub(crate) compliance: Compliance,
    pub(crate) annotation: Option<String>,
    /// `OrderingTimestamp` of the model.
    pub(crate) ordered: Time,
    pub(crate) recorded: Time,
}

/// Resources that have only numbers, so that a million of them needs no memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counted {
    pub(crate) non_compliant: u64,
    pub(crate) compliant: u64,
    pub(crate) not_applicable: u64,
    pub(crate) resource_type: String,
    /// Of the noncompliant ones.
    pub(crate) annotation: Option<String>,
    pub(crate) at: Time,
}

impl Compliance {
    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NonCompliant => "NON_COMPLIANT",
            Self::Compliant => "COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// That of a rule of a conformance pack, which has no `NOT_APPLICABLE`.
    pub(crate) fn of_pack_rule(self) -> Self {
        if self == Self::NotApplicable { Self::InsufficientData } else { self }
    }
}

impl Evaluation {
    /// Its key among the results of its rule.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.resource_type, self.resource_id)
    }

    /// The members that all results have on the wire.
    pub(crate) fn on_wire(&self, rule: &str) -> Value {
        let mut view = json!({
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {
                    "ConfigRuleName": rule,
                    "ResourceType": self.resource_type,
                    "ResourceId": self.resource_id,
                    "EvaluationMode": "DETECTIVE",
                },
                "OrderingTimestamp": self.ordered.seconds(false),
            },
            "ComplianceType": self.compliance.name(),
            "ResultRecordedTime": self.recorded.seconds(false),
            "ConfigRuleInvokedTime": self.recorded.seconds(false),
        });
        if let Some(annotation) = &self.annotation {
            view["Annotation"] = Value::from(annotation.as_str());
        }
        view
    }
}

impl Counted {
    /// The resources with a compliance: the noncompliant ones are first, and those that the rule does not apply to last.
    fn numbers(&self, compliance: Compliance) -> std::ops::Range<u64> {
        let applicable = self.non_compliant.saturating_add(self.compliant);
        match compliance {
            Compliance::NonCompliant => 0..self.non_compliant,
            Compliance::Compliant => self.non_compliant..applicable,
            Compliance::NotApplicable => applicable..applicable.saturating_add(self.not_applicable),
            Compliance::InsufficientData => 0..0,
        }
    }

    fn evaluation(&self, number: u64, compliance: Compliance) -> Evaluation {
        let kind = self.resource_type.rsplit("::").next().unwrap_or_default().to_lowercase();
        Evaluation {
            resource_type: self.resource_type.clone(),
            resource_id: format!("{kind}-{number:08}"),
            compliance,
            annotation: self.annotation.clone().filter(|_| compliance == Compliance::NonCompliant),
            ordered: self.at,
            recorded: self.at,
        }
    }
}

impl RuleResults {
    /// The number of resources with a compliance.
    pub(crate) fn count(&self, compliance: Compliance) -> u64 {
        let single = self.evaluations.values().filter(|of| of.compliance == compliance).count();
        let counted = self.counted.as_ref().map_or(0..0, |counted| counted.numbers(compliance));
        u64::try_from(single).unwrap_or(u64::MAX).saturating_add(counted.end - counted.start)
    }

    /// The status of the rule
    /// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html>): a rule that
    /// applies to no resource has `INSUFFICIENT_DATA`, too.
    pub(crate) fn status(&self) -> Compliance {
        let has = |compliance: &Compliance| self.count(*compliance) > 0;
        let found = [Compliance::NonCompliant, Compliance::Compliant].into_iter().find(has);
        self.status.or(found).unwrap_or(Compliance::InsufficientData)
    }

    /// `Compliance` on the wire. `counts` says which statuses come with a count.
    pub(crate) fn compliance(&self, counts: &[Compliance]) -> Value {
        let status = self.status();
        let mut view = json!({ "ComplianceType": status.name() });
        if counts.contains(&status) {
            view["ComplianceContributorCount"] = capped(self.count(status), MAX_RESOURCES);
        }
        view
    }

    /// The results from a key on, in the order of keys; only those with one of these compliances.
    pub(crate) fn from<'a>(
        &'a self,
        after: Option<&str>,
        wanted: &'a [Compliance],
    ) -> impl Iterator<Item = (String, Cow<'a, Evaluation>)> + use<'a> {
        let first = after.and_then(|key| key.strip_prefix("2/")?.parse::<u64>().ok()).unwrap_or(0);
        let single = self.evaluations.iter().filter(|(_, of)| wanted.contains(&of.compliance));
        let single = single.map(|(key, evaluation)| (format!("1/{key}"), Cow::Borrowed(evaluation)));
        let counted = self.counted.iter().flat_map(move |counted| {
            // In the order of their numbers.
            let in_order = [Compliance::NonCompliant, Compliance::Compliant, Compliance::NotApplicable];
            in_order.into_iter().filter(|compliance| wanted.contains(compliance)).flat_map(move |compliance| {
                let numbers = counted.numbers(compliance);
                (numbers.start.max(first)..numbers.end)
                    .map(move |number| (format!("2/{number:012}"), Cow::Owned(counted.evaluation(number, compliance))))
            })
        });
        single.chain(counted)
    }

    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        for evaluation in self.evaluations.values_mut() {
            evaluation.ordered.age(millis);
            evaluation.recorded.age(millis);
        }
        if let Some(counted) = &mut self.counted {
            counted.at.age(millis);
        }
    }
}

/// `ComplianceContributorCount` on the wire.
pub(crate) fn capped(count: u64, max: u64) -> Value {
    json!({ "CappedCount": count.min(max), "CapExceeded": count > max })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(non_compliant: u64, compliant: u64, not_applicable: u64) -> RuleResults {
        let resource_type = "AWS::S3::Bucket".to_owned();
        let counted =
            Counted { non_compliant, compliant, not_applicable, resource_type, annotation: None, at: Time(1) };
        RuleResults { counted: Some(counted), ..RuleResults::default() }
    }

    #[test]
    fn the_worst_result_is_the_status_of_a_rule() {
        for (results, status) in [
            (counted(1, 9, 1), Compliance::NonCompliant),
            (counted(0, 9, 1), Compliance::Compliant),
            (counted(0, 0, 1), Compliance::InsufficientData),
            (RuleResults::default(), Compliance::InsufficientData),
            (RuleResults { status: Some(Compliance::NotApplicable), ..counted(1, 0, 0) }, Compliance::NotApplicable),
        ] {
            assert_eq!(results.status(), status);
        }
        assert_eq!(
            counted(101, 0, 0).compliance(&[Compliance::NonCompliant])["ComplianceContributorCount"],
            json!({
                "CappedCount": 100, "CapExceeded": true
            })
        );
    }

    #[test]
    fn results_are_made_up_from_any_key_on() {
        let results = counted(2, 1_000_000_000, 1);
        let all = [Compliance::NonCompliant, Compliance::Compliant, Compliance::NotApplicable];
        let from = |after, wanted| {
            let items = results.from(after, wanted).take(2);
            items.map(|(key, of)| (key, of.resource_id.clone(), of.compliance)).collect::<Vec<_>>()
        };
        let item = |number: u64, compliance| (format!("2/{number:012}"), format!("bucket-{number:08}"), compliance);
        assert_eq!(from(None, &all), [item(0, Compliance::NonCompliant), item(1, Compliance::NonCompliant)]);
        let late = [item(1_000_000_001, Compliance::Compliant), item(1_000_000_002, Compliance::NotApplicable)];
        assert_eq!(from(Some("2/1000000001"), &all), late);
        assert_eq!(from(None, &[Compliance::NotApplicable]), late[1..]);
    }
}
