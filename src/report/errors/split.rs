//! Several messages in one cell, taken apart.
//!
//! Reports join messages with `, `, `; `, ` | `, a line end or nothing but a blank, or write them as JSON. A
//! comma within a message must not cut it, so a cut needs a message on both its sides.

use std::borrow::Cow;

use serde_json::Value;

use super::field::{is_json, quoted_spans, reads_like_laravel};

/// One message of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said<'a> {
    /// The field, where it is written beside the message.
    pub(super) field: Option<Cow<'a, str>>,
    /// The words, without blanks around them.
    pub(super) message: Cow<'a, str>,
}

impl<'a> Said<'a> {
    /// A text that is one message.
    pub(super) fn whole(message: &'a str) -> Self {
        Self { field: None, message: message.into() }
    }
}

/// The messages of a cell; none for a blank one.
pub(super) fn messages(cell: &str) -> Vec<Said<'_>> {
    let cell = cell.trim();
    if is_json(cell)
        && let Ok(value) = serde_json::from_str::<Value>(cell)
    {
        let mut said = Vec::new();
        from_json(value, None, &mut said);
        return said;
    }
    let mut said = Vec::new();
    let mut start = 0;
    for (end, next) in cuts(cell) {
        said.extend(cell.get(start..end).and_then(one));
        start = next;
    }
    said.extend(cell.get(start..).and_then(one));
    said
}

/// Where a cell is cut: the end of a message and the start of the next.
fn cuts(cell: &str) -> Vec<(usize, usize)> {
    let quoted = quoted_spans(cell);
    let mut quoted = quoted.iter().peekable();
    let mut cuts = Vec::new();
    let mut start = 0;
    for (at, mark) in cell.match_indices(['\n', '\r', '|', ',', ';', '.']) {
        while quoted.next_if(|span| span.end <= at).is_some() {}
        let inside = quoted.peek().is_some_and(|span| span.contains(&at));
        let hard = matches!(mark, "\n" | "\r");
        if inside && !hard {
            continue;
        }
        // A full stop stays with its message.
        let end = if mark == "." { at + 1 } else { at };
        let before = cell.get(start..end).unwrap_or_default().trim();
        let rest = cell.get(at + 1..).unwrap_or_default();
        let after = rest.trim_start();
        let cut = match mark {
            "." => rest.starts_with([' ', '\t']) && reads_like_laravel(before) && begins(after),
            "," | ";" => is_cut(before, after, mark),
            _ => true,
        };
        if cut {
            cuts.push((end, cell.len() - after.len()));
            start = cell.len() - after.len();
        }
    }
    cuts
}

/// Whether a comma or semicolon ends a message.
fn is_cut(before: &str, after: &str, mark: &str) -> bool {
    let ended = before.ends_with(['.', '!', '?']);
    if after.is_empty() {
        return ended;
    }
    if begins(after) {
        return reads_like_laravel(before) || (ended && !before.starts_with("The "));
    }
    let capital = after.starts_with(|c: char| c.is_uppercase());
    capital && (mark == ";" || (ended && reads_like_laravel(before)))
}

/// Whether a message of Laravel's begins here, perhaps with its field before it.
fn begins(text: &str) -> bool {
    let sentence = text.split(['\n', '|']).next().unwrap_or_default();
    reads_like_laravel(sentence) || field_before(sentence).is_some()
}

/// `email: The email field is required.`: the field and the rest.
fn field_before(text: &str) -> Option<(&str, &str)> {
    let (field, rest) = text.split_once(':')?;
    let rest = rest.trim_start();
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let fits = !field.is_empty() && field.len() <= 60 && field.chars().all(name);
    (fits && reads_like_laravel(rest)).then_some((field.trim(), rest))
}

/// One message; its field apart, its count of others left out.
fn one(text: &str) -> Option<Said<'_>> {
    let text = text.trim().trim_matches([';', '|']).trim();
    let text = text.strip_prefix(['-', '•', '*']).map_or(text, str::trim_start);
    let text = without_more(text);
    if text.is_empty() {
        return None;
    }
    Some(match field_before(text) {
        // "Row 12: The …" counts rows.
        Some((field, rest)) if field.bytes().any(|b| b.is_ascii_digit()) && field.contains(' ') => {
            Said::whole(rest)
        }
        Some((field, rest)) => Said { field: Some(field.into()), message: rest.into() },
        None => Said::whole(text),
    })
}

/// Laravel ends the first of several messages with "(and 2 more errors)".
fn without_more(text: &str) -> &str {
    match text.rfind(" (and ") {
        Some(at) if text.ends_with(" more errors)") || text.ends_with(" more error)") => {
            text.get(..at).unwrap_or(text).trim_end()
        }
        _ => text,
    }
}

/// Messages in JSON: a text, a list, an object by field, or objects with a field and messages inside.
fn from_json(value: Value, field: Option<&str>, said: &mut Vec<Said<'static>>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) => {
            let message = text.trim().to_owned();
            if !message.is_empty() {
                let field = field.map(|field| Cow::Owned(field.to_owned()));
                said.push(Said { field, message: message.into() });
            }
        }
        Value::Number(number) => {
            let field = field.map(|field| Cow::Owned(field.to_owned()));
            said.push(Said { field, message: number.to_string().into() });
        }
        Value::Array(values) => values.into_iter().for_each(|value| from_json(value, field, said)),
        Value::Object(mut object) => {
            let key = |names: &[&'static str]| names.iter().copied().find(|name| object.contains_key(*name));
            let named = key(&["field", "attribute", "column"]);
            let words = key(&["messages", "message", "errors", "error"]);
            if let (Some(named), Some(words)) = (named, words) {
                let named = object.get(named).and_then(Value::as_str).map(str::to_owned);
                if let Some(words) = object.remove(words) {
                    from_json(words, named.as_deref().or(field), said);
                }
                return;
            }
            for (name, value) in object {
                // `{"errors": {…}}` wraps; a bare number is a place in a list.
                let wraps = matches!(name.as_str(), "errors" | "messages" | "message")
                    || name.bytes().all(|b| b.is_ascii_digit());
                from_json(value, if wraps { field } else { Some(&name) }, said);
            }
        }
    }
}
