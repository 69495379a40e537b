//! The patterns of the model of EventBridge.

use crate::protocol::pattern::{Pattern, has_only};

pub(crate) static RULE_NAME: Pattern = Pattern { text: r"[\.\-_A-Za-z0-9]+", matches: |text| has_only(text, ".-_") };

pub(crate) static EVENT_BUS: Pattern = Pattern {
    text: r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+",
    matches: |text| has_only(text, "/.-_") || name_in_arn(text).is_some_and(|name| has_only(name, "/.-_")),
};

/// The name of the event bus in its ARN.
pub(crate) fn name_in_arn(text: &str) -> Option<&str> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let letters = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase());
    let mut of_region = region.splitn(3, '-');
    let is_region = of_region.next().is_some_and(letters)
        && of_region.next().is_some_and(letters)
        && of_region.next().is_some_and(|rest| !rest.is_empty() && word(rest));
    let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    let is_partition = partition.strip_prefix("aws").is_some_and(word);
    let valid = arn == "arn" && service == "events" && is_partition && is_region && is_account;
    valid.then(|| resource.strip_prefix("event-bus/")).flatten()
}
