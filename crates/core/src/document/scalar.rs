//! Type of a plain scalar in the YAML 1.2 core schema, <https://yaml.org/spec/1.2.2/#1032-tag-resolution>.

use super::Value;

/// Resolves a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_int(text) => Value::Int(text.parse().ok()),
        _ if is_float(text) => Value::Float(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

fn is_int(text: &str) -> bool {
    let all = |digits: &str, valid: fn(char) -> bool| !digits.is_empty() && digits.chars().all(valid);
    if let Some(octal) = text.strip_prefix("0o") {
        return all(octal, |digit| digit.is_digit(8));
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, |digit| digit.is_ascii_hexdigit());
    }
    all(text.strip_prefix(['-', '+']).unwrap_or(text), |digit| digit.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// Whether a string of YAML 1.2 has another type in YAML 1.1, which many tools still use: a boolean, a date, a number
/// (<https://yaml.org/type/>).
pub(crate) fn ambiguous(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    if text.len() <= 3 {
        // `yEs` is a string in both versions.
        let rest = text.get(1..).unwrap_or_default();
        let upper = text.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_spelling = upper || rest.bytes().all(|byte| byte.is_ascii_lowercase());
        if text == "=" || is_spelling && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return true;
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    is_date(text) || is_sexagesimal(unsigned) || is_number_with_underscores(unsigned)
}

/// `2024-01-31`, optionally followed by a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, most: usize| {
        part.is_some_and(|part| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let year = text.as_bytes().get(4) == Some(&b'-') && digits(parts.next(), 4);
    let month = digits(parts.next(), 2);
    let rest = parts.next().unwrap_or_default();
    let day_ends = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let rest_of_line = &rest[day_ends..];
    let time = rest_of_line.is_empty()
        || (rest_of_line.starts_with(['T', 't', ' ']) && rest_of_line[1..].starts_with(|c: char| c.is_ascii_digit()));
    year && month && digits(Some(&rest[..day_ends]), 2) && time
}

/// `12:30:45`: a base 60 number.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let first = parts.next().is_some_and(|part| digits(part) && !part.starts_with('_'));
    let mut rest = parts.peekable();
    let some = rest.peek().is_some();
    first
        && some
        && rest.all(|part| {
            let part = part.split('.').next().unwrap_or_default();
            digits(part) && part.len() <= 2 && part.as_bytes()[0] < b'6' || part.len() == 1 && digits(part)
        })
}

/// `1_000`, `0b101` and `0x_ff`.
fn is_number_with_underscores(text: &str) -> bool {
    if let Some(binary) = text.strip_prefix("0b") {
        return !binary.is_empty() && binary.bytes().all(|byte| matches!(byte, b'0' | b'1' | b'_'));
    }
    let plain = text.replace('_', "");
    plain.len() < text.len() && text.starts_with(|c: char| c.is_ascii_digit()) && (is_int(&plain) || is_float(&plain))
}

/// Whether a string needs no quotes in any position of a value. Conservative.
pub(crate) fn is_plain_string(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./() ".contains(&byte))
        && !text.ends_with(' ')
        && matches!(resolve(text), Value::String(_))
}

/// Returns a string as a double-quoted scalar, valid in YAML and JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> &'static str {
        match resolve(text) {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            _ => "string",
        }
    }

    #[test]
    fn strings_with_another_type_in_yaml_1_1_are_ambiguous() {
        for text in [
            "y",
            "NO",
            "Yes",
            "on",
            "OFF",
            "2024-01-31",
            "2024-1-3",
            "2024-01-31T10:00:00Z",
            "2024-01-31 10:00",
            "12:30",
            "12:30:45",
            "1:9",
            "-1:30",
            "1_000",
            "0b101",
            "0x_ff",
            "1_0.5",
        ] {
            assert!(ambiguous(text), "{text}");
        }
        for text in [
            "yEs",
            "none",
            "nope",
            "2024-01-31-draft",
            "2024-01",
            "12:30 Uhr",
            "12:75",
            "v1_000",
            "_1",
            "1.2.3",
            "10-12",
            "one",
            "",
            "é",
            "2024-01-31Tomorrow",
            "arn:aws:1:2",
        ] {
            assert!(!ambiguous(text), "{text}");
        }
    }

    #[test]
    fn plain_scalars_are_resolved_by_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(kind(text), "null", "{text}");
        }
        for text in ["true", "False", "TRUE"] {
            assert_eq!(kind(text), "bool", "{text}");
        }
        for text in ["0", "-1", "+12", "010", "0o17", "0xFf", "99999999999999999999999"] {
            assert_eq!(kind(text), "int", "{text}");
        }
        for text in ["1.10", "-.5", "1.", "1e3", "2.5E-3", ".inf", "-.INF", ".nan"] {
            assert_eq!(kind(text), "float", "{text}");
        }
        for text in
            ["yes", "on", "n", "1_000", "2024-01-01", "0o8", "0x", "1.2.3", ".", "-", "e3", "1e", "nul", "+.nan"]
        {
            assert_eq!(kind(text), "string", "{text}");
        }
    }
}
