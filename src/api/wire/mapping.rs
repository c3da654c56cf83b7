//! `headers` and `mapping`: which CSV column goes into which Plannr field.

use std::borrow::Cow;

use super::json::{Index, Json, Members, Raw, plain};
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
    let [headers, mapping] = [headers, mapping].map(|raw| raw.map(|raw| Index::new(raw.get(), unexpected)));
    let headers = headers.as_ref().map(|index| names(index.root(), unexpected)).unwrap_or_default();
    let mapped = mapping.as_ref().map(|index| pairs(index.root(), &headers, unexpected)).unwrap_or_default();
    let field = |header: &str, unexpected: &mut Unexpected| {
        mapped.get(header).and_then(|raw| target(raw, unexpected))
    };
    let mut columns: Vec<_> =
        headers.iter().map(|header| (clipped(header), field(header, unexpected))).collect();
    let known: std::collections::HashSet<_> = headers.iter().map(AsRef::as_ref).collect();
    for (name, raw) in mapped.0.iter().filter(|(name, _)| !known.contains(name.as_ref())) {
        unexpected.note("mapping", "has a column that is not in the headers");
        columns.push((clipped(name), target(*raw, unexpected)));
    }
    Mapping { columns }
}

fn names<'a>(raw: Raw<'a>, unexpected: &mut Unexpected) -> Vec<Cow<'a, str>> {
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

fn pairs<'a>(raw: Raw<'a>, headers: &[Cow<'a, str>], unexpected: &mut Unexpected) -> Members<'a> {
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
            let mut unexpected = Unexpected::default();
            let [headers, fields] = [headers, fields].map(|json| Index::new(json, &mut unexpected));
            let mapping = mapping(Some(headers.root()), Some(fields.root()), &mut unexpected);
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
