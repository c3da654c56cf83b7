//! Several messages in one cell, taken apart.
//!
//! Reports join messages with `, `, `; `, ` | `, a line end, `<br>` or nothing but a blank, number them, or write them
//! as JSON. A comma within a message must not cut it, so a cut needs a message on both its sides. An SQL exception is
//! one message, whatever is in it.
//!
//! A cell may be long and quote anything, so each function here is linear in its bytes.

mod html;
mod numbered;
mod sql;

use std::borrow::Cow;

use memchr::memchr;
use serde_json::Value;

use super::sentence::{self, is_json, quoted_spans, reads_like_laravel};

/// The longest field that JSON names, in bytes: a longer key is no field, and would be kept with each of its messages.
const LONGEST_FIELD: usize = 255;
/// How many marks most texts have at most: no more room is made for them at first.
const USUAL_MARKS: usize = 8;
/// The longest field before a colon, in bytes.
const LONGEST_BEFORE: usize = 60;

/// One message of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedMessage<'a> {
    /// The field, where it is written beside the message.
    pub(super) field: Option<Cow<'a, str>>,
    /// The words, without blanks around them.
    pub(super) message: Cow<'a, str>,
}

impl<'a> ParsedMessage<'a> {
    /// A text that is one message.
    pub(super) fn whole(message: &'a str) -> Self {
        match message.starts_with(sql::START) {
            true => sql::exception(message),
            false => Self { field: None, message: message.into() },
        }
    }

    fn into_owned(self) -> ParsedMessage<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        ParsedMessage { field: self.field.map(owned), message: owned(self.message) }
    }
}

/// The messages of a cell; none for a blank one.
pub(super) fn messages(cell: &str) -> Vec<ParsedMessage<'_>> {
    let cell = cell.trim();
    if is_json(cell)
        && let Ok(value) = serde_json::from_str::<Value>(cell)
    {
        let mut messages = Vec::new();
        from_json(value, None, &mut messages);
        return messages;
    }
    let quoted = quoted_spans(cell);
    let exception = sql::start(cell, &quoted).unwrap_or(cell.len());
    let (cell, exception) = cell.split_at(exception);
    let mut messages = match html::plain(cell, &quoted) {
        Some(text) => in_text(&text).into_iter().map(ParsedMessage::into_owned).collect(),
        None => in_text(cell),
    };
    if !exception.is_empty() {
        // "Import failed: SQLSTATE[23000]…" is one message, and says where it comes from.
        messages.pop_if(|last| last.message.ends_with(':'));
        messages.push(sql::exception(exception));
    }
    messages
}

fn in_text(text: &str) -> Vec<ParsedMessage<'_>> {
    let mut messages = Vec::new();
    match numbered::items(text.trim()) {
        Some(items) => items.into_iter().for_each(|item| cut(item, &mut messages)),
        None => cut(text.trim(), &mut messages),
    }
    messages
}

fn cut<'a>(text: &'a str, messages: &mut Vec<ParsedMessage<'a>>) {
    let mut start = 0;
    for (end, next) in cuts(text) {
        messages.extend(text.get(start..end).and_then(one));
        start = next;
    }
    messages.extend(text.get(start..).and_then(one));
}

/// Where a text is cut: the end of a message and the start of the next.
fn cuts(text: &str) -> Vec<(usize, usize)> {
    let pieces = Pieces::new(text);
    let quoted = quoted_spans(text);
    let mut quoted = quoted.iter().peekable();
    let mut cuts = Vec::new();
    // Where the message begins that is being read, and in which piece.
    let (mut start, mut first) = (0, 0);
    for (nth, &Mark { at, byte: mark, .. }) in pieces.marks.iter().enumerate() {
        // Among the blanks behind the cut before.
        if at < start {
            continue;
        }
        while quoted.next_if(|span| span.end <= at).is_some() {}
        let inside = quoted.peek().is_some_and(|span| span.contains(&at));
        if inside && !matches!(mark, b'\n' | b'\r') {
            continue;
        }
        // A full stop stays with its message.
        let end = if mark == b'.' { at + 1 } else { at };
        let before = text.get(start..end).unwrap_or_default().trim_end();
        let rest = text.get(at + 1..).unwrap_or_default();
        let after = rest.trim_start();
        step(rest.len() - after.len() + LONGEST_BEFORE);
        let reads = before.starts_with("The ") && pieces.has_phrase(first, nth);
        let cut = match mark {
            b'.' => rest.starts_with([' ', '\t']) && reads && pieces.begins(after, nth),
            b';' if ends_reference(before) => false,
            b',' | b';' => is_cut(before, reads, after, mark, || pieces.begins(after, nth)),
            _ => true,
        };
        if cut {
            start = text.len() - after.len();
            first = nth + 1;
            cuts.push((end, start));
        }
    }
    cuts
}

/// Whether a comma or semicolon ends a message.
fn is_cut(before: &str, reads: bool, after: &str, mark: u8, begins: impl Fn() -> bool) -> bool {
    let ended = before.ends_with(['.', '!', '?']);
    if after.is_empty() {
        return ended;
    }
    if begins() {
        return reads || (ended && !before.starts_with("The "));
    }
    let capital = after.starts_with(|c: char| c.is_uppercase());
    capital && (mark == b';' || (ended && reads))
}

/// Whether `&amp` and its like stand before a semicolon.
fn ends_reference(before: &str) -> bool {
    const LONGEST: usize = 8;
    let name =
        before.bytes().rev().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    name > 1 && before.len().checked_sub(name + 1).and_then(|at| before.as_bytes().get(at)) == Some(&b'&')
}

/// A text between the marks that may cut it, and which of these pieces hold what only a validator says. No phrase of
/// the validator has a mark in it, so each piece is looked through once.
struct Pieces<'a> {
    text: &'a str,
    marks: Vec<Mark>,
    /// How many pieces hold a phrase.
    phrases: usize,
}

struct Mark {
    at: usize,
    byte: u8,
    /// How many pieces before it hold a phrase.
    phrases: usize,
    /// Which mark, from this one on, ends the line: a line end or a bar.
    line_end: usize,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        let is_mark = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'|' | b',' | b';' | b'.');
        let mut marks = Vec::with_capacity(USUAL_MARKS);
        let (mut start, mut phrases) = (0, 0);
        for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| is_mark(byte)) {
            phrases += usize::from(has_phrase(text.get(start..at).unwrap_or_default()));
            marks.push(Mark { at, byte, phrases, line_end: 0 });
            start = at + 1;
        }
        phrases += usize::from(has_phrase(text.get(start..).unwrap_or_default()));
        let mut line_end = marks.len();
        for (nth, mark) in marks.iter_mut().enumerate().rev() {
            if matches!(mark.byte, b'\n' | b'|') {
                line_end = nth;
            }
            mark.line_end = line_end;
        }
        Self { text, marks, phrases }
    }

    /// Whether a validator's phrase is in a piece from one up to another.
    fn has_phrase(&self, first: usize, last: usize) -> bool {
        let before = |piece: usize| match piece.checked_sub(1) {
            Some(mark) => self.marks.get(mark).map_or(self.phrases, |mark| mark.phrases),
            None => 0,
        };
        before(first) < before(last + 1)
    }

    /// Whether a message of Laravel's begins here, behind that mark, perhaps with its field before it.
    fn begins(&self, after: &str, mark: usize) -> bool {
        let end = self.marks.get(mark + 1).map_or(self.marks.len(), |mark| mark.line_end);
        if after.starts_with("The ") && self.has_phrase(mark + 1, end) {
            return true;
        }
        let Some((field, message)) = field_and_rest(after) else { return false };
        // The piece in which the message begins: few lie within the longest field.
        let start = self.text.len() - message.len();
        let before = field.len() + after.len().min(LONGEST_BEFORE);
        step(before);
        let behind = self.marks.iter().enumerate().skip(mark + 1).find(|(_, mark)| mark.at >= start);
        let (piece, piece_end) =
            behind.map_or((self.marks.len(), self.text.len()), |(nth, mark)| (nth, mark.at));
        piece <= end
            && (has_phrase(self.text.get(start..piece_end).unwrap_or_default())
                || (piece < end && self.has_phrase(piece + 1, end)))
    }
}

/// Whether a part of a sentence holds what only a validator says.
fn has_phrase(piece: &str) -> bool {
    step(piece.len());
    sentence::has_phrase(piece.trim_end())
}

/// `email: The email field is required.`: the field, and what begins as a message of Laravel's.
fn field_and_rest(text: &str) -> Option<(&str, &str)> {
    let begin = text.as_bytes().get(..=LONGEST_BEFORE).unwrap_or(text.as_bytes());
    let colon = memchr(b':', begin)?;
    let (field, rest) = (text.get(..colon)?, text.get(colon + 1..)?.trim_start());
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let fits = !field.is_empty() && field.chars().all(name);
    (fits && rest.starts_with("The ")).then_some((field.trim(), rest))
}

/// One message; its field apart, its count of others left out.
fn one(text: &str) -> Option<ParsedMessage<'_>> {
    step(text.len());
    let text = text.trim().trim_matches([';', '|']).trim();
    let text = text.strip_prefix(['-', '•', '*']).map_or(text, str::trim_start);
    let text = without_more(text);
    if text.is_empty() {
        return None;
    }
    Some(match field_and_rest(text).filter(|(_, rest)| reads_like_laravel(rest)) {
        // "Row 12: The …" counts rows.
        Some((field, rest)) if field.bytes().any(|b| b.is_ascii_digit()) && field.contains(' ') => {
            ParsedMessage::whole(rest)
        }
        Some((field, rest)) => ParsedMessage { field: Some(field.into()), message: rest.into() },
        None => ParsedMessage::whole(text),
    })
}

/// Laravel ends the first of several messages with "(and 2 more errors)".
fn without_more(text: &str) -> &str {
    if !text.ends_with(" more errors)") && !text.ends_with(" more error)") {
        return text;
    }
    let begins = text.rfind(" (and ");
    begins.and_then(|at| text.get(..at)).map_or(text, str::trim_end)
}

/// Messages in JSON: a text, a list, an object by field, or objects with a field and messages inside.
fn from_json(value: Value, field: Option<&str>, messages: &mut Vec<ParsedMessage<'static>>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) => {
            let message = text.trim().to_owned();
            if !message.is_empty() {
                let known = ParsedMessage::whole(&message).into_owned();
                let field = field.map(|field| Cow::Owned(field.to_owned()));
                messages.push(ParsedMessage { field: known.field.or(field), ..known });
            }
        }
        Value::Number(number) => {
            let field = field.map(|field| Cow::Owned(field.to_owned()));
            messages.push(ParsedMessage { field, message: number.to_string().into() });
        }
        Value::Array(values) => values.into_iter().for_each(|value| from_json(value, field, messages)),
        Value::Object(mut object) => {
            let key = |names: &[&'static str]| names.iter().copied().find(|name| object.contains_key(*name));
            let named = key(&["field", "attribute", "column"]);
            let words = key(&["messages", "message", "errors", "error"]);
            if let (Some(named), Some(words)) = (named, words) {
                let named = object.get(named).and_then(Value::as_str).map(str::to_owned);
                let named = named.filter(|name| name.len() <= LONGEST_FIELD);
                if let Some(words) = object.remove(words) {
                    from_json(words, named.as_deref().or(field), messages);
                }
                return;
            }
            for (name, value) in object {
                // `{"errors": {…}}` wraps; a bare number is a place in a list.
                let wraps = matches!(name.as_str(), "errors" | "messages" | "message")
                    || name.bytes().all(|b| b.is_ascii_digit());
                let named = if wraps { field } else { Some(name.as_str()) };
                from_json(value, named.filter(|name| name.len() <= LONGEST_FIELD), messages);
            }
        }
    }
}

/// Counts bytes that are looked at, for tests: time says nothing about a shared machine.
fn step(bytes: usize) {
    #[cfg(test)]
    tests::STEPS.set(tests::STEPS.get() + bytes);
    #[cfg(not(test))]
    let _ = bytes;
}

#[cfg(test)]
mod tests;
