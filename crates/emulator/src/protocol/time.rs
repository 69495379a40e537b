//! Points in time.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// A point in time: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Time(pub(crate) u64);

impl Time {
    /// The time of the system.
    pub(crate) fn now() -> Self {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(system.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether this many milliseconds have passed since then.
    pub(crate) fn is_older_than(self, millis: u32) -> bool {
        millis == 0 || self.0.saturating_add(u64::from(millis)) <= Self::now().0
    }

    /// Makes it this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        self.0 = self.0.saturating_sub(millis);
    }

    /// The time on the wire: seconds with a fraction, or whole seconds.
    pub(crate) fn seconds(self, whole: bool) -> Value {
        let (seconds, millis) = (self.0 / 1000, if whole { 0 } else { self.0 % 1000 });
        // Seconds with three decimal places are exact in a double for some hundred thousand years.
        let number = format!("{seconds}.{millis:03}").parse().ok();
        number.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
    }

    /// The start of its day.
    pub(crate) fn start_of_day(self) -> Self {
        Self(self.0 - self.0 % DAY)
    }

    /// The middle of its day.
    pub(crate) fn noon(self) -> Self {
        Self(self.start_of_day().0 + DAY / 2)
    }

    /// The day, as `2026-11-27`.
    pub(crate) fn date(self) -> String {
        let (year, month, day) = civil(self.0 / DAY);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The time in RFC 3339, with milliseconds.
    pub(crate) fn rfc3339(self) -> String {
        let (seconds, millis) = (self.0 % DAY / 1000, self.0 % 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z", self.date())
    }

    /// The time in RFC 3339, in whole seconds.
    pub(crate) fn rfc3339_seconds(self) -> String {
        self.rfc3339().split_once('.').map_or_else(String::new, |(seconds, _)| format!("{seconds}Z"))
    }

    /// The time this many milliseconds later.
    pub(crate) fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads seconds since 1970, a date, or a time in RFC 3339 in UTC; `None` for anything else.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                if let Some(seconds) = number.as_u64() {
                    return seconds.checked_mul(1000).map(Self);
                }
                let text = format!("{:.3}", number.as_f64()?);
                let (seconds, millis) = text.split_once('.')?;
                let (seconds, millis): (u64, u64) = (seconds.parse().ok()?, millis.parse().ok()?);
                seconds.checked_mul(1000)?.checked_add(millis).map(Self)
            }
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            None => (text, None),
            Some((date, time)) => (date, Some(time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00"))?)),
        };
        let days = days_of(date)?;
        let Some(time) = time else { return Some(Self(days * DAY)) };
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [hours, minutes, seconds]: [u64; 3] = numbers(clock, ':')?;
        let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let valid = hours < 24 && minutes < 60 && seconds < 60;
        valid.then(|| Self(days * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis))
    }
}

/// Makes a time that may be missing older.
pub(crate) fn age(time: &mut Option<Time>, millis: u64) {
    if let Some(time) = time {
        time.age(millis);
    }
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[u64; N]> {
    let parts: Vec<u64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// The days since 1970 of `2026-11-27`.
fn days_of(date: &str) -> Option<u64> {
    let [year, month, day]: [u64; 3] = numbers(date, '-')?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || date.len() != 10 {
        return None;
    }
    // Years start in March, so that a leap day is the last of its year.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    (civil(days) == (year, month, day)).then_some(days)
}

/// Year, month and day of a number of days since 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let months = (5 * of_year + 2) / 153;
    let day = of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    (era * 400 + year + u64::from(month < 3), month, day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_seconds_with_milliseconds() {
        assert_eq!(Time(1_763_689_356_007).seconds(false).to_string(), "1763689356.007");
        assert_eq!(Time(1_763_689_356_000).seconds(false).to_string(), "1763689356.0");
        assert_eq!(Time(1_763_689_356_007).seconds(true).to_string(), "1763689356.0");
    }

    #[test]
    fn dates_and_times_are_read_and_written() {
        for (value, millis) in [
            (json!("1970-01-01"), 0),
            (json!("2000-02-29"), 951_782_400_000),
            (json!("2025-11-21T01:42:36.007Z"), 1_763_689_356_007),
            (json!("2025-11-21T01:42:36+00:00"), 1_763_689_356_000),
            (json!(1_763_689_356.5), 1_763_689_356_500),
            (json!(7), 7000),
        ] {
            assert_eq!(Time::parse(&value), Some(Time(millis)), "{value}");
        }
        for invalid in
            [json!("2025-02-29"), json!("2025-13-01"), json!("2025-1-1"), json!("2025-11-21T01:42"), json!(-1)]
        {
            assert_eq!(Time::parse(&invalid), None, "{invalid}");
        }
        assert_eq!(Time(1_763_689_356_007).rfc3339(), "2025-11-21T01:42:36.007Z");
        assert_eq!(Time(1_763_689_356_007).rfc3339_seconds(), "2025-11-21T01:42:36Z");
        assert_eq!(Time(951_782_400_000).date(), "2000-02-29");
    }
}
