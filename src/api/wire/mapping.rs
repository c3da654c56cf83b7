//! `headers` and `mapping`: which CSV column goes into which Plannr field.

use super::json::{Json, Members, Raw, plain};
use super::scalar::clipped;
use super::unexpected::Unexpected;
use crate::domain::import::Mapping;
use crate::domain::text::SafeText;

/// Joins both. A header without a field maps to `None`; mapped columns that are not among the headers come last.
pub(super) fn mapping(
    headers: Option<Raw<'_>>,
    mapping: Option<Raw<'_>>,
    unexpected: &mut Unexpected,
) -> Mapping {
    let headers = headers.map(|raw| names(raw, unexpected)).unwrap_or_default();
    let mapped = mapping.map(|raw| pairs(raw, &headers, unexpected)).unwrap_or_default();
    let field = |header: &str, unexpected: &mut Unexpected| {
        mapped.get(header).and_then(|raw| target(raw, unexpected))
    };
    let mut columns: Vec<_> =
        headers.iter().map(|header| (clipped(header), field(header, unexpected))).collect();
    let known: std::collections::HashSet<_> = headers.iter().map(String::as_str).collect();
    for (name, raw) in mapped.0.iter().filter(|(name, _)| !known.contains(name.as_str())) {
        unexpected.note("mapping", "has a column that is not in the headers");
        columns.push((clipped(name), target(raw, unexpected)));
    }
    Mapping { columns }
}

fn names(raw: Raw<'_>, unexpected: &mut Unexpected) -> Vec<String> {
    let values = match Json::of(raw, unexpected) {
        Json::List(items) => items,
        Json::Object(members) => members.0.into_iter().map(|(_, value)| value).collect(),
        Json::Null => Vec::new(),
        _ => {
            unexpected.note("headers", "is not a list");
            Vec::new()
        }
    };
    values.into_iter().map(|value| plain(value, unexpected)).collect()
}

fn pairs<'a>(raw: Raw<'a>, headers: &[String], unexpected: &mut Unexpected) -> Members<'a> {
    match Json::of(raw, unexpected) {
        Json::Object(members) => members,
        Json::Null => Members::default(),
        Json::List(items) => {
            if !items.is_empty() {
                unexpected.note("mapping", "is a list instead of an object");
            }
            Members(headers.iter().cloned().zip(items).collect())
        }
        _ => {
            unexpected.note("mapping", "is not an object");
            Members::default()
        }
    }
}

fn target(raw: Raw<'_>, unexpected: &mut Unexpected) -> Option<SafeText> {
    match Json::of(raw, unexpected) {
        Json::Text(field) if field.trim().is_empty() => None,
        Json::Text(field) => Some(clipped(&field)),
        Json::Number(digits) => Some(clipped(digits)),
        Json::Null | Json::Bool => None,
        Json::List(_) | Json::Object(_) => {
            unexpected.note("mapping", "has a field that is not a string");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_meet_their_fields() {
        let read = |headers: &str, fields: &str| {
            let raw = |json| Some(serde_json::from_str(json).unwrap());
            let mapping = mapping(raw(headers), raw(fields), &mut Unexpected::default());
            let pairs = mapping.columns.iter().map(|(header, field)| match field {
                Some(field) => format!("{header}>{field}"),
                None => format!("{header}>"),
            });
            pairs.collect::<Vec<_>>().join(" ")
        };
        for (headers, fields, expected) in [
            (r#"["f", "l", "x"]"#, r#"{"l": "last", "f": "first"}"#, "f>first l>last x>"),
            (r#"["f", "g", "h", "i"]"#, r#"{"f": null, "g": "", "h": [], "i": false}"#, "f> g> h> i>"),
            (r#"["f"]"#, r#"{"z": "last", "f": "first"}"#, "f>first z>last"),
            (r#"["f"]"#, "[]", "f>"),
            (r#"["f"]"#, "null", "f>"),
            (r#"["f", "l"]"#, r#"["first"]"#, "f>first l>"),
            (r#"["f", "f"]"#, r#"{"f": "first"}"#, "f>first f>first"),
            (r#"[2024, "", null]"#, r#"{"2024": 7, "": "x"}"#, "2024>7 >x >x"),
            (r#"{"0": "f", "2": "l"}"#, r#"{"f": "first"}"#, "f>first l>"),
            ("[]", r#"{"f": "first"}"#, "f>first"),
            ("null", "[]", ""),
            ("7", "\"x\"", ""),
        ] {
            assert_eq!(read(headers, fields), expected, "{headers} {fields}");
        }
    }
}
