//! What a filter can be completed with while it is typed. Pure.

use std::ops::Range;

use super::scan::{Names, Part, terms};

/// A field, with the values that are known for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completable {
    pub name: String,
    pub values: Vec<String>,
}

/// What may stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the filter that a candidate replaces: a beginning, before the cursor.
    pub span: Range<usize>,
    /// The field whose value is typed, if it is one.
    pub field: Option<String>,
    /// Fields with their colon, or values; in quotes where the language needs them.
    pub candidates: Vec<String>,
}

/// The candidates for what is typed before the cursor, a byte of the text. `columns`: the fields are columns of a file.
pub fn complete(text: &str, cursor: usize, fields: &[Completable], columns: bool) -> Completion {
    let text = text.get(..cursor).unwrap_or(text);
    let names = if columns { Names::Columns } else { Names::Fields };
    let parts = terms(text, names).pop().map(|term| term.parts).unwrap_or_default();
    // After a space a new term begins.
    let part = parts.last().filter(|part| part.span.end == text.len() && !ends_with_space(text, part));
    let name = part.and_then(|_| parts.iter().rev().find_map(|part| part.field.as_ref()));
    let Some(part) = part else {
        let candidates = named(fields, "", names);
        return Completion { span: text.len()..text.len(), field: None, candidates };
    };
    let whole = name.is_some() && !part.literal && part.text.starts_with('=');
    let typed = part.text.get(usize::from(whole)..).unwrap_or_default().to_lowercase();
    let span = part.span.start + usize::from(whole)..text.len();
    let Some(name) = name else {
        let candidates = if part.literal && !columns { Vec::new() } else { named(fields, &typed, names) };
        return Completion { span, field: None, candidates };
    };
    let field = fields.iter().find(|field| same(&field.name, &name.text));
    let values = field.map(|field| field.values.as_slice()).unwrap_or_default();
    let position = |value: &&String| value.to_lowercase().find(&typed);
    let (begin, contain): (Vec<&String>, Vec<&String>) =
        values.iter().filter(|value| position(value).is_some()).partition(|value| position(value) == Some(0));
    let mut candidates: Vec<String> =
        begin.into_iter().chain(contain).filter_map(|value| quoted(value)).collect();
    // Another field may begin after a comma.
    if part.field.is_none() && !part.literal {
        candidates.extend(named(fields, &typed, names));
    }
    if candidates.iter().all(|candidate| Some(candidate.as_str()) == text.get(span.clone())) {
        candidates.clear();
    }
    Completion { span, field: Some(name.text.clone()), candidates }
}

/// Whether the text ends with a space that is not part of this, its last part.
fn ends_with_space(text: &str, part: &Part) -> bool {
    text.ends_with(char::is_whitespace) && !part.text.ends_with(char::is_whitespace)
}

fn same(name: &str, typed: &str) -> bool {
    name.to_lowercase() == typed.to_lowercase()
}

/// The fields that begin with what is typed, with their colon.
fn named(fields: &[Completable], typed: &str, names: Names) -> Vec<String> {
    let begins = fields.iter().filter(|field| field.name.to_lowercase().starts_with(typed));
    let spelt = begins.filter_map(|field| match names {
        Names::Columns if !field.name.starts_with(char::is_alphabetic) => in_quotes(&field.name),
        _ => quoted(&field.name),
    });
    spelt.map(|name| name + ":").collect()
}

/// A value as the language takes it; `None` if it has a quote itself, which cannot be written.
fn quoted(value: &str) -> Option<String> {
    let plain = !value.is_empty()
        && !value.starts_with(['-', '='])
        && !value.contains([',', ':'])
        && !value.contains(char::is_whitespace);
    if plain && !value.contains('"') { Some(value.to_owned()) } else { in_quotes(value) }
}

fn in_quotes(value: &str) -> Option<String> {
    (!value.contains('"')).then(|| format!("\"{value}\""))
}
