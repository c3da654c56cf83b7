//! Single values: numbers, dates and words, however the server wrote them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::json::{Json, Raw};
use super::oddities::Oddities;
use crate::domain::text::SafeText;

/// How many characters of a word or a message are kept.
const MAX_WORD: usize = 1_000;

/// A number of things: never negative, a fraction is cut off.
pub(super) fn count(raw: Option<Raw<'_>>, field: &'static str, odd: &mut Oddities) -> Option<u64> {
    let (digits, number) = finite(raw?, field, odd)?;
    let whole = digits.parse();
    if whole.is_err() {
        odd.note(field, if number < 0.0 { "a negative number" } else { "a number with a fraction" });
    }
    // The cast saturates.
    Some(whole.unwrap_or(number as u64))
}

/// Any finite number.
pub(super) fn number(raw: Option<Raw<'_>>, field: &'static str, odd: &mut Oddities) -> Option<f64> {
    finite(raw?, field, odd).map(|(_, number)| number)
}

fn finite(raw: Raw<'_>, field: &'static str, odd: &mut Oddities) -> Option<(String, f64)> {
    let (digits, as_text) = match Json::of(raw, odd) {
        Json::Number(digits) => (digits.to_owned(), false),
        Json::Text(text) => (text.trim().to_owned(), true),
        Json::Null => {
            odd.note(field, "null instead of a number");
            return None;
        }
        Json::Bool | Json::List(_) | Json::Object(_) => {
            odd.note(field, "not a number");
            return None;
        }
    };
    match digits.parse::<f64>().ok().filter(|number| number.is_finite()) {
        Some(number) => {
            if as_text {
                odd.note(field, "a number written as a text");
            }
            Some((digits, number))
        }
        None => {
            odd.note(field, "a word instead of a number");
            None
        }
    }
}

/// A moment: RFC 3339, or a date and time without an offset, which is UTC.
pub(super) fn moment(raw: Option<Raw<'_>>, field: &'static str, odd: &mut Oddities) -> Option<Timestamp> {
    let Json::Text(text) = Json::of(raw?, odd) else {
        odd.note(field, "not a date");
        return None;
    };
    if let Ok(moment) = text.trim().parse() {
        return Some(moment);
    }
    let utc = text.trim().parse::<DateTime>().ok().and_then(|date| TimeZone::UTC.to_timestamp(date).ok());
    odd.note(field, if utc.is_some() { "a date without an offset" } else { "not a date" });
    utc
}

/// A word of the API that should be there: a text, cut to what can be shown.
pub(super) fn word(raw: Option<Raw<'_>>, field: &'static str, odd: &mut Oddities) -> SafeText {
    let what = match raw.map(|raw| Json::of(raw, odd)) {
        Some(Json::Text(text)) => return clipped(&text),
        Some(Json::Number(digits)) => {
            odd.note(field, "a number instead of a text");
            return clipped(digits);
        }
        None => "missing",
        Some(Json::Null) => "null instead of a text",
        Some(_) => "not a text",
    };
    odd.note(field, what);
    SafeText::default()
}

/// A word that need not be there and may be of any shape; empty unless it is a scalar.
pub(super) fn note(raw: Option<Raw<'_>>, odd: &mut Oddities) -> SafeText {
    match raw.map(|raw| Json::of(raw, odd)) {
        Some(Json::Text(text)) => clipped(text.trim()),
        Some(Json::Number(digits)) => clipped(digits),
        _ => SafeText::default(),
    }
}

/// A text made safe and cut to what can be shown.
pub(super) fn clipped(text: &str) -> SafeText {
    let end = text.char_indices().nth(MAX_WORD).map_or(text.len(), |(at, _)| at);
    SafeText::new(text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(
        json: &str,
        reader: impl Fn(Option<Raw<'_>>, &'static str, &mut Oddities) -> T,
    ) -> (T, Vec<String>) {
        let mut odd = Oddities::default();
        let value = reader(Some(serde_json::from_str(json).unwrap()), "x", &mut odd);
        (value, odd.into_list().iter().map(|oddity| oddity.what.to_string()).collect())
    }

    #[test]
    fn counts_are_read_however_they_are_written() {
        for (json, count_, oddity) in [
            ("4", Some(4), ""),
            ("18446744073709551615", Some(u64::MAX), ""),
            (r#"" 4 ""#, Some(4), "x: a number written as a text"),
            ("4.0", Some(4), "x: a number with a fraction"),
            ("4.9", Some(4), "x: a number with a fraction"),
            ("-3", Some(0), "x: a negative number"),
            ("1e300", Some(u64::MAX), "x: a number with a fraction"),
            ("1e999", None, "x: a word instead of a number"),
            (r#""NaN""#, None, "x: a word instead of a number"),
            (r#""four""#, None, "x: a word instead of a number"),
            (r#""""#, None, "x: a word instead of a number"),
            ("null", None, "x: null instead of a number"),
            ("[4]", None, "x: not a number"),
            ("true", None, "x: not a number"),
        ] {
            let oddities = if oddity.is_empty() { vec![] } else { vec![oddity.to_owned()] };
            assert_eq!(read(json, count), (count_, oddities), "{json}");
        }
        assert_eq!(read("-0.5", number).0, Some(-0.5));
        assert_eq!(count(None, "x", &mut Oddities::default()), None);
    }

    #[test]
    fn dates_are_read_with_and_without_an_offset() {
        for (json, expected, odd) in [
            (r#""2025-12-24T11:02:58+00:00""#, Some("2025-12-24T11:02:58Z"), false),
            (r#""2025-12-24T11:02:58.123000Z""#, Some("2025-12-24T11:02:58.123Z"), false),
            (r#""2025-06-24T11:02:58+01:00""#, Some("2025-06-24T10:02:58Z"), false),
            (r#""2025-12-24 11:02:58""#, Some("2025-12-24T11:02:58Z"), true),
            (r#""2025-12-24""#, Some("2025-12-24T00:00:00Z"), true),
            (r#""0000-00-00 00:00:00""#, None, true),
            (r#""yesterday""#, None, true),
            ("1766574178", None, true),
            ("null", None, true),
        ] {
            let (moment, oddities) = read(json, moment);
            assert_eq!(moment.map(|m| m.to_string()).as_deref(), expected, "{json}");
            assert_eq!(!oddities.is_empty(), odd, "{json}");
        }
    }

    #[test]
    fn words_are_safe_and_short() {
        assert_eq!(read(r#""a\u001b[2J""#, word).0.as_str(), "a␛[2J");
        assert_eq!(read(&format!("\"{}\"", "é".repeat(5_000)), word).0.as_str().chars().count(), MAX_WORD);
        assert_eq!(read("7", word).0.as_str(), "7");
        assert_eq!(read("{}", word), (SafeText::default(), vec!["x: not a text".to_owned()]));
    }
}
