//! A database's refusal, as PHP passes it on: `SQLSTATE[23000]: Integrity constraint violation: … (Connection: mysql,
//! SQL: insert into …)`.

use std::borrow::Cow;
use std::ops::Range;

use super::{ParsedMessage, step};

pub(super) const START: &str = "SQLSTATE[";

/// Where the statement begins, which holds all of the row's values, or where the program's own lines do.
const TAILS: [&str; 4] = [" (Connection: ", " (SQL: ", "\nStack trace:", "\n#0 "];

/// What stands right before the column that a refusal is about, in quotation marks or bare.
const BEFORE_QUOTED: [&str; 6] =
    ["Column ", "for column ", "in column ", "into column ", "Field ", "FOREIGN KEY ("];
const BEFORE_BARE: [&str; 2] = ["NOT NULL constraint failed: ", "UNIQUE constraint failed: "];
/// What stands right before the name of a key or constraint.
const BEFORE_KEY: [&str; 4] =
    ["for key ", "unique constraint ", "UNIQUE KEY constraint ", "foreign key constraint "];

/// Where a refusal begins in a cell, outside of quotation marks.
pub(super) fn start(cell: &str, quoted: &[Range<usize>]) -> Option<usize> {
    step(cell.len());
    // Most cells have no bracket, which is sooner found than a word.
    if !cell.contains('[') {
        return None;
    }
    let mut quoted = quoted.iter().peekable();
    cell.match_indices(START).map(|(at, _)| at).find(|at| {
        while quoted.next_if(|span| span.end <= *at).is_some() {}
        quoted.peek().is_none_or(|span| !span.contains(at))
    })
}

/// The refusal without the statement, and the column that it names.
pub(super) fn exception(text: &str) -> ParsedMessage<'_> {
    step(text.len());
    let end = TAILS.iter().filter_map(|tail| text.find(tail)).min().unwrap_or(text.len());
    let (message, statement) = text.split_at(end);
    let field = column(message).or_else(|| column_of_key(message, statement)).map(Cow::Borrowed);
    ParsedMessage { field, message: message.trim().into() }
}

/// The column, where the message names one and no more.
fn column(message: &str) -> Option<&str> {
    let after = |words: &&str| message.get(message.rfind(*words)? + words.len()..);
    let is_quoted = |text: &&str| text.starts_with(['\'', '"', '`', '[']);
    // Several columns together are none for itself.
    if let Some((name, rest)) = BEFORE_QUOTED.iter().filter_map(after).find(is_quoted).and_then(name) {
        return (!rest.starts_with(", `")).then_some(name);
    }
    if let Some((name, rest)) = BEFORE_BARE.iter().find_map(after).and_then(name) {
        return (!rest.starts_with(',')).then_some(name);
    }
    // PostgreSQL: `Key (email)=(…) already exists.`
    let (_, key) = message.split_once("Key (")?;
    let (columns, _) = key.split_once(")=(")?;
    (!columns.contains(',')).then(|| columns.trim_matches('"'))
}

/// The column of a key that is named as Laravel names them: `clients_email_unique` of the table `clients`.
fn column_of_key<'a>(message: &'a str, statement: &str) -> Option<&'a str> {
    let (key, _) =
        BEFORE_KEY.iter().find_map(|words| name(message.get(message.rfind(words)? + words.len()..)?))?;
    let table = ["insert into ", "INSERT INTO ", "update ", "UPDATE "]
        .iter()
        .find_map(|words| name(statement.get(statement.find(words)? + words.len()..)?))?
        .0;
    let column = key.strip_prefix(table)?.strip_prefix('_')?;
    let column =
        ["_unique", "_foreign", "_key", "_fkey"].iter().find_map(|kind| column.strip_suffix(kind))?;
    (!column.is_empty()).then_some(column)
}

/// The name at the beginning of a text, in any database's quotation marks, and the rest: of `database.table.column`
/// the last part.
fn name(text: &str) -> Option<(&str, &str)> {
    let mut text = text;
    loop {
        let close = match text.chars().next()? {
            mark @ ('\'' | '"' | '`') => Some(mark),
            '[' => Some(']'),
            _ => None,
        };
        let is_bare = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
        let (part, rest) = match close {
            Some(close) => text.get(1..)?.split_once(close)?,
            None => text.split_at(text.find(|c| !is_bare(c)).unwrap_or(text.len())),
        };
        match rest.strip_prefix('.').filter(|next| next.starts_with(|c| is_bare(c) || "'\"`[".contains(c))) {
            Some(next) => text = next,
            None => {
                let part = part.rsplit('.').next().unwrap_or(part);
                return (!part.is_empty()).then_some((part, rest));
            }
        }
    }
}
