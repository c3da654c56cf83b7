//! Numbers, dates and words, however the server wrote them.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::json::{Json, Raw};
use super::unexpected::Unexpected;
use crate::domain::text::SafeText;

/// Characters kept of a word or a message.
const MAX_WORD: usize = 1_000;

/// A count: negative numbers become 0, a fraction is cut off.
pub(super) fn count(raw: Option<Raw<'_>>, field: &'static str, unexpected: &mut Unexpected) -> Option<u64> {
    let (digits, number) = finite(raw?, field, unexpected)?;
    let whole = digits.trim().parse();
    if whole.is_err() {
        unexpected.note(field, if number < 0.0 { "is negative" } else { "is not a whole number" });
    }
    // The cast saturates.
    Some(whole.unwrap_or(number as u64))
}

/// Any finite number.
pub(super) fn number(raw: Option<Raw<'_>>, field: &'static str, unexpected: &mut Unexpected) -> Option<f64> {
    finite(raw?, field, unexpected).map(|(_, number)| number)
}

fn finite<'a>(raw: Raw<'a>, field: &'static str, unexpected: &mut Unexpected) -> Option<(Cow<'a, str>, f64)> {
    let (digits, as_text) = match Json::of(raw, unexpected) {
        Json::Number(digits) => (Cow::Borrowed(digits), false),
        Json::Text(text) => (text, true),
        Json::Null => {
            unexpected.note(field, "is null instead of a number");
            return None;
        }
        Json::Bool | Json::List(_) | Json::Object(_) => {
            unexpected.note(field, "is not a number");
            return None;
        }
    };
    match digits.trim().parse::<f64>().ok().filter(|number| number.is_finite()) {
        Some(number) => {
            if as_text {
                unexpected.note(field, "is a string");
            }
            Some((digits, number))
        }
        None => {
            unexpected.note(field, "is text instead of a number");
            None
        }
    }
}

/// RFC 3339, or a date and time without an offset, which is read as UTC.
pub(super) fn moment(
    raw: Option<Raw<'_>>,
    field: &'static str,
    unexpected: &mut Unexpected,
) -> Option<Timestamp> {
    let Json::Text(text) = Json::of(raw?, unexpected) else {
        unexpected.note(field, "is not a date");
        return None;
    };
    if let Ok(moment) = text.trim().parse() {
        return Some(moment);
    }
    let utc = text.trim().parse::<DateTime>().ok().and_then(|date| TimeZone::UTC.to_timestamp(date).ok());
    unexpected.note(field, if utc.is_some() { "has no UTC offset" } else { "is not a date" });
    utc
}

/// A required word, sanitised and cut.
pub(super) fn word(raw: Option<Raw<'_>>, field: &'static str, unexpected: &mut Unexpected) -> SafeText {
    let what = match raw.map(|raw| Json::of(raw, unexpected)) {
        Some(Json::Text(text)) => return clipped(&text),
        Some(Json::Number(digits)) => {
            unexpected.note(field, "is a number instead of a string");
            return clipped(digits);
        }
        None => "is missing",
        Some(Json::Null) => "is null instead of a string",
        Some(_) => "is not a string",
    };
    unexpected.note(field, what);
    SafeText::default()
}

/// An optional text of any type; empty unless it is a scalar.
pub(super) fn note(raw: Option<Raw<'_>>, unexpected: &mut Unexpected) -> SafeText {
    match raw.map(|raw| Json::of(raw, unexpected)) {
        Some(Json::Text(text)) => clipped(text.trim()),
        Some(Json::Number(digits)) => clipped(digits),
        _ => SafeText::default(),
    }
}

/// Sanitised and cut.
pub(super) fn clipped(text: &str) -> SafeText {
    let end = if text.len() > MAX_WORD { text.char_indices().nth(MAX_WORD) } else { None };
    SafeText::new(end.and_then(|(at, _)| text.get(..at)).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::super::json::Index;
    use super::*;

    fn read<T>(
        json: &str,
        reader: impl Fn(Option<Raw<'_>>, &'static str, &mut Unexpected) -> T,
    ) -> (T, Vec<String>) {
        let mut unexpected = Unexpected::default();
        let index = Index::new(json, &mut unexpected);
        let value = reader(Some(index.root()), "x", &mut unexpected);
        (value, unexpected.into_list().iter().map(|note| note.what.to_string()).collect())
    }

    #[test]
    fn counts_are_read_however_they_are_written() {
        for (json, expected, note) in [
            ("4", Some(4), ""),
            ("18446744073709551615", Some(u64::MAX), ""),
            (r#"" 4 ""#, Some(4), "x is a string"),
            ("4.0", Some(4), "x is not a whole number"),
            ("4.9", Some(4), "x is not a whole number"),
            ("-3", Some(0), "x is negative"),
            ("1e300", Some(u64::MAX), "x is not a whole number"),
            ("1e999", None, "x is text instead of a number"),
            (r#""NaN""#, None, "x is text instead of a number"),
            (r#""four""#, None, "x is text instead of a number"),
            (r#""""#, None, "x is text instead of a number"),
            ("null", None, "x is null instead of a number"),
            ("[4]", None, "x is not a number"),
            ("true", None, "x is not a number"),
        ] {
            let notes = if note.is_empty() { vec![] } else { vec![note.to_owned()] };
            assert_eq!(read(json, count), (expected, notes), "{json}");
        }
        assert_eq!(read("-0.5", number).0, Some(-0.5));
        assert_eq!(count(None, "x", &mut Unexpected::default()), None);
    }

    #[test]
    fn dates_are_read_with_and_without_an_offset() {
        for (json, expected, is_unexpected) in [
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
            let (moment, unexpected) = read(json, moment);
            assert_eq!(moment.map(|m| m.to_string()).as_deref(), expected, "{json}");
            assert_eq!(!unexpected.is_empty(), is_unexpected, "{json}");
        }
    }

    #[test]
    fn words_are_safe_and_short() {
        assert_eq!(read(r#""a\u001b[2J""#, word).0.as_str(), "a␛[2J");
        assert_eq!(read(&format!("\"{}\"", "é".repeat(5_000)), word).0.as_str().chars().count(), MAX_WORD);
        assert_eq!(read("7", word).0.as_str(), "7");
        assert_eq!(read("{}", word), (SafeText::default(), vec!["x is not a string".to_owned()]));
    }
}
