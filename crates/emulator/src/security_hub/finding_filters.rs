//! Filters and order of findings. What is not supported is rejected, never ignored.

use serde_json::Value;

use crate::protocol::operation::text;
use crate::protocol::reply::Rejection;
use crate::security_hub::state::invalid;

/// Attributes in a request, and values of an attribute (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html>).
const MAX_ATTRIBUTES: usize = 10;
const MAX_VALUES: usize = 20;

/// The attributes that the emulator filters and sorts by, and where a finding has them.
const ATTRIBUTES: [(&str, &str); 14] = [
    ("AwsAccountId", "/AwsAccountId"),
    ("ComplianceSecurityControlId", "/Compliance/SecurityControlId"),
    ("ComplianceStatus", "/Compliance/Status"),
    ("GeneratorId", "/GeneratorId"),
    ("Id", "/Id"),
    ("ProductArn", "/ProductArn"),
    ("ProductName", "/ProductName"),
    ("RecordState", "/RecordState"),
    ("Region", "/Region"),
    ("ResourceId", "/Resources/0/Id"),
    ("ResourceType", "/Resources/0/Type"),
    ("SeverityLabel", "/Severity/Label"),
    ("UpdatedAt", "/UpdatedAt"),
    ("WorkflowStatus", "/Workflow/Status"),
];

/// The conditions on findings.
#[derive(Debug)]
pub(crate) struct Filters<'a>(Vec<Condition<'a>>);

/// The values that an attribute may have, or must not have.
#[derive(Debug)]
struct Condition<'a> {
    pointer: &'static str,
    values: Vec<(&'a str, Comparison)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    Prefix,
    NotEquals,
    PrefixNotEquals,
}

impl Comparison {
    fn of(name: &str) -> Option<Self> {
        match name {
            "EQUALS" => Some(Self::Equals),
            "PREFIX" => Some(Self::Prefix),
            "NOT_EQUALS" => Some(Self::NotEquals),
            "PREFIX_NOT_EQUALS" => Some(Self::PrefixNotEquals),
            _ => None,
        }
    }

    /// Whether one such filter is enough. All others must hold.
    fn is_alternative(self) -> bool {
        matches!(self, Self::Equals | Self::Prefix)
    }

    fn holds(self, value: &str, asked: &str) -> bool {
        match self {
            Self::Equals => value == asked,
            Self::Prefix => value.starts_with(asked),
            Self::NotEquals => value != asked,
            Self::PrefixNotEquals => !value.starts_with(asked),
        }
    }
}

/// Where findings have an attribute.
fn pointer(name: &str, use_of_it: &str) -> Result<&'static str, Rejection> {
    let found = ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, pointer)| *pointer);
    found.ok_or_else(|| {
        let known: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
        invalid(format!("The emulator does not {use_of_it} findings by {name}, only by {}", known.join(", ")))
    })
}

impl<'a> Filters<'a> {
    /// Reads the filters of a request.
    ///
    /// # Errors
    ///
    /// The service, or the emulator, does not accept them.
    pub(crate) fn of(input: &'a Value) -> Result<Self, Rejection> {
        let Some(sent) = input["Filters"].as_object() else { return Ok(Self(Vec::new())) };
        if sent.len() > MAX_ATTRIBUTES {
            return Err(invalid(format!("Findings can be filtered by at most {MAX_ATTRIBUTES} attributes")));
        }
        let conditions = sent.iter().map(|(name, filters)| condition(name, filters));
        conditions.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a finding meets all conditions.
    pub(crate) fn accept(&self, finding: &Value) -> bool {
        self.0.iter().all(|condition| condition.accepts(finding.pointer(condition.pointer)))
    }

    /// Whether findings of a control can meet all conditions, so that others need not be made up.
    pub(crate) fn accept_control(&self, control: &str) -> bool {
        self.accept_only("/Compliance/SecurityControlId", control)
    }

    /// Whether findings of an account can meet all conditions.
    pub(crate) fn accept_account(&self, account: &str) -> bool {
        self.accept_only("/AwsAccountId", account)
    }

    fn accept_only(&self, pointer: &str, value: &str) -> bool {
        let value = Value::from(value);
        self.0.iter().filter(|condition| condition.pointer == pointer).all(|condition| condition.accepts(Some(&value)))
    }
}

fn condition<'a>(name: &str, filters: &'a Value) -> Result<Condition<'a>, Rejection> {
    let filters = filters.as_array().map(Vec::as_slice).unwrap_or_default();
    if filters.len() > MAX_VALUES {
        return Err(invalid(format!("{name} has more than {MAX_VALUES} filter values")));
    }
    let pointer = pointer(name, "filter")?;
    let values = filters.iter().map(|filter| {
        let (value, sent) = (text(filter, "Value"), text(filter, "Comparison"));
        match Comparison::of(sent).filter(|_| filter["Value"].is_string()) {
            Some(comparison) => Ok((value, comparison)),
            None => Err(invalid(format!("The emulator does not filter findings by {name} with this filter: {filter}"))),
        }
    });
    let values: Vec<_> = values.collect::<Result<_, _>>()?;
    let has = |asked| values.iter().any(|(_, comparison)| *comparison == asked);
    if has(Comparison::Equals) && (has(Comparison::NotEquals) || has(Comparison::PrefixNotEquals)) {
        return Err(invalid(format!("{name} has an EQUALS filter and one that excludes values")));
    }
    Ok(Condition { pointer, values })
}

impl Condition<'_> {
    fn accepts(&self, value: Option<&Value>) -> bool {
        let value = value.and_then(Value::as_str).unwrap_or_default();
        let (some, all): (Vec<_>, Vec<_>) = self.values.iter().partition(|(_, comparison)| comparison.is_alternative());
        let holds = |(asked, comparison): &&(&str, Comparison)| comparison.holds(value, asked);
        (some.is_empty() || some.iter().any(holds)) && all.iter().all(holds)
    }
}

/// The order that a request asks for: where findings have an attribute, and whether the highest value is first.
///
/// # Errors
///
/// The emulator does not sort by an attribute.
pub(crate) fn order(input: &Value) -> Result<Vec<(&'static str, bool)>, Rejection> {
    let criteria = input["SortCriteria"].as_array().map(Vec::as_slice).unwrap_or_default();
    criteria.iter().map(|of| Ok((pointer(text(of, "Field"), "sort")?, of["SortOrder"] == "desc"))).collect()
}

/// Sorts findings with their keys.
pub(crate) fn sort(order: &[(&'static str, bool)], findings: &mut [(String, Value)]) {
    let value =
        |finding: &Value, pointer| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    findings.sort_by(|(one_key, one), (other_key, other)| {
        let by_attribute = order.iter().map(|(pointer, descending)| {
            let order = value(one, pointer).cmp(&value(other, pointer));
            if *descending { order.reverse() } else { order }
        });
        by_attribute.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(one_key.cmp(other_key))
    });
}
