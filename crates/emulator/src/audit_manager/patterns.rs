//! The patterns of the service model, as plain functions.
//!
//! A pattern must match the full string, with the character classes of Java, the language of the service: `\s` is ASCII
//! whitespace, and `.` is anything but a line terminator. One of the patterns has a lookahead, which regex crates with
//! linear time do not support; functions are also easier to read.

use crate::protocol::pattern::{Pattern, is_java_space, is_line_terminator};

pub(crate) static NO_BACKSLASH: Pattern = Pattern { text: r"^[^\\]*$", matches: |text| !text.contains('\\') };

pub(crate) static NO_BACKSLASH_OR_UNDERSCORE: Pattern =
    Pattern { text: r"^[^\\\_]*$", matches: |text| !text.contains(['\\', '_']) };

pub(crate) static KEYWORD: Pattern = Pattern {
    text: r"^[a-zA-Z_0-9-\s().:\/]+$",
    matches: |text| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-().:/".contains(c) || is_java_space(c))
    },
};

/// At most 255 characters, although the shape allows 256: both limits apply.
pub(crate) static TAG_VALUE: Pattern =
    Pattern { text: ".{0,255}", matches: |text| text.chars().count() <= 255 && !text.contains(is_line_terminator) };

pub(crate) static UUID: Pattern = Pattern {
    text: "^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$",
    matches: |text| {
        text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => matches!(byte, b'a'..=b'f' | b'0'..=b'9'),
            })
    },
};

pub(crate) static TOKEN: Pattern = Pattern {
    text: r"^[A-Za-z0-9+\/=]*$",
    matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)),
};

pub(crate) static AUDIT_MANAGER_ARN: Pattern =
    Pattern { text: "^arn:.*:auditmanager:.*", matches: |text| is_arn_of(text, ":auditmanager:") };

pub(crate) static CONTROL_CATALOG_ID: Pattern = Pattern {
    text: "^arn:.*:controlcatalog:.*|UNCATEGORIZED",
    matches: |text| text == "UNCATEGORIZED" || is_arn_of(text, ":controlcatalog:"),
};

pub(crate) static S3_URL: Pattern = Pattern {
    text: r"^(S|s)3:\/\/[a-zA-Z0-9\-\.\(\)\'\*\_\!\=\+\@\:\s\,\?\/]+$",
    matches: |text| {
        let rest = text.strip_prefix("s3://").or_else(|| text.strip_prefix("S3://")).unwrap_or_default();
        !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || "-.()'*_!=+@:,?/".contains(c) || is_java_space(c))
    },
};

pub(crate) static ACCOUNT_ID: Pattern =
    Pattern { text: "^[0-9]{12}$", matches: |text| text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) };

pub(crate) static EMAIL_ADDRESS: Pattern =
    Pattern { text: "^.*@.*$", matches: |text| text.contains('@') && !text.contains(is_line_terminator) };

pub(crate) static ACCOUNT_NAME: Pattern = Pattern {
    text: r"^[\u0020-\u007E]+$",
    matches: |text| !text.is_empty() && text.chars().all(|c| (' '..='~').contains(&c)),
};

pub(crate) static AWS_SERVICE_NAME: Pattern = Pattern {
    text: r"^[a-zA-Z0-9-\s().]+$",
    matches: |text| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-().".contains(c) || is_java_space(c))
    },
};

pub(crate) static IAM_ARN: Pattern = Pattern { text: "^arn:.*:iam:.*", matches: |text| is_arn_of(text, ":iam:") };

pub(crate) static CONTROL_DOMAIN_ID: Pattern = Pattern {
    text: "^arn:.*:controlcatalog:.*:.*:domain/.*|UNCATEGORIZED|^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$",
    matches: |text| text == "UNCATEGORIZED" || is_domain_arn(text) || (UUID.matches)(text),
};

fn is_domain_arn(text: &str) -> bool {
    let rest = text.strip_prefix("arn:").and_then(|rest| rest.split_once(":controlcatalog:")).map(|(_, rest)| rest);
    let before = rest.and_then(|rest| rest.rsplit_once(":domain/")).map(|(before, _)| before);
    before.is_some_and(|before| before.contains(':')) && !text.contains(is_line_terminator)
}

fn is_arn_of(text: &str, service: &str) -> bool {
    text.strip_prefix("arn:").is_some_and(|rest| rest.contains(service) && !rest.contains(is_line_terminator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::pattern::TAG_KEY;

    fn check(pattern: &Pattern, accepted: &[&str], rejected: &[&str]) {
        for text in accepted {
            assert!((pattern.matches)(text), "{text:?} should match {}", pattern.text);
        }
        for text in rejected {
            assert!(!(pattern.matches)(text), "{text:?} should not match {}", pattern.text);
        }
    }

    #[test]
    fn names() {
        check(&NO_BACKSLASH, &["", "a_b", "ünï\n"], &["a\\b"]);
        check(&NO_BACKSLASH_OR_UNDERSCORE, &["a-b"], &["a\\b", "a_b"]);
    }

    #[test]
    fn keywords() {
        check(&KEYWORD, &["IAM.1", "iam_ListUsers", "a (b)\t", "arn:aws:x:::y/z"], &["", "a*", "é", "\u{a0}"]);
    }

    #[test]
    fn tags() {
        check(
            &TAG_KEY,
            &["ID", "a+b=c", "0;<", "controlsync:catalog", "AWS:x", "xaws:"],
            &["", "aws:x", "a b", "a@b", "a>b", "a*"],
        );
        check(&TAG_VALUE, &["", "NIST SP 800-53 Rev 4", &"é".repeat(255)], &["a\nb", "a\u{2028}", &"a".repeat(256)]);
    }

    #[test]
    fn ids_and_tokens() {
        check(
            &UUID,
            &["7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f"],
            &["7C3F5A9E-0d6e-4f5b-8f57-1a2b3c4d5e6f", "7c3f5a9e00d6e-4f5b-8f57-1a2b3c4d5e6f", ""],
        );
        check(&TOKEN, &["", "aZ09+/="], &["a-b", "a b"]);
    }

    #[test]
    fn arns() {
        check(
            &AUDIT_MANAGER_ARN,
            &["arn:aws:auditmanager:us-east-1::control/x"],
            &["arn:auditmanager:x", "xarn:aws:auditmanager:", "arn:aws:iam::x"],
        );
        check(
            &CONTROL_CATALOG_ID,
            &["UNCATEGORIZED", "arn:aws:controlcatalog:::objective/x"],
            &["UNCATEGORIZED ", "arn:aws:iam::x"],
        );
    }
}
