//! What a plain scalar means: the YAML 1.2 core schema, <https://yaml.org/spec/1.2.2/#1032-tag-resolution>.

use super::Value;

/// Resolves a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_int(text) => Value::Int,
        _ if is_float(text) => Value::Float,
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

/// A text as a double-quoted scalar, for YAML and JSON alike.
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
            Value::Int => "int",
            Value::Float => "float",
            _ => "string",
        }
    }

    #[test]
    fn resolves_as_the_core_schema_says() {
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
