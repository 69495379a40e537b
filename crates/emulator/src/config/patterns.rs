//! The patterns of the model of AWS Config.

use crate::protocol::account;
use crate::protocol::pattern::{Pattern, has_only, is_line_terminator};

pub(crate) static SERVICE_PRINCIPAL: Pattern =
    Pattern { text: r"[\w+=,.@-]+", matches: |text| has_only(text, "_+=,.@-") };

pub(crate) static POLICY_RUNTIME: Pattern = Pattern { text: r"guard\-2\.x\.x", matches: |text| text == "guard-2.x.x" };

pub(crate) static AGGREGATOR_NAME: Pattern = Pattern { text: r"[\w\-]+", matches: |text| has_only(text, "_-") };

pub(crate) static ACCOUNT_ID: Pattern = Pattern { text: r"\d{12}", matches: account::is_id };

pub(crate) static RESOURCE_TYPE: Pattern = Pattern {
    text: "[a-zA-Z0-9]{2,64}::[a-zA-Z0-9]{2,64}::[a-zA-Z0-9]{2,64}",
    matches: |text| {
        let parts: Vec<&str> = text.split("::").collect();
        parts.len() == 3 && parts.iter().all(|part| has_only(part, "") && (2..=64).contains(&part.len()))
    },
};

pub(crate) static PACK_NAME: Pattern = Pattern {
    text: "[a-zA-Z][-a-zA-Z0-9]*",
    matches: |text| has_only(text, "-") && text.starts_with(|c: char| c.is_ascii_alphabetic()),
};

pub(crate) static S3_URI: Pattern = Pattern {
    text: "s3://.*",
    matches: |text| text.strip_prefix("s3://").is_some_and(|rest| !rest.contains(is_line_terminator)),
};

pub(crate) static DOCUMENT_NAME: Pattern = Pattern {
    text: r"^[a-zA-Z0-9_\-.:/]{3,200}$",
    matches: |text| has_only(text, "_-.:/") && (3..=200).contains(&text.len()),
};

pub(crate) static DOCUMENT_VERSION: Pattern = Pattern {
    text: "([$]LATEST|[$]DEFAULT|^[1-9][0-9]*$)",
    matches: |text| {
        matches!(text, "$LATEST" | "$DEFAULT")
            || (text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty() && !text.starts_with('0'))
    },
};
