//! What a validator's sentence is about.
//!
//! Laravel writes "The first name field is required.", "The selected plan type is invalid.": the field's name
//! with blanks for underscores, then a verb (`lang/en/validation.php`).

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::failure::name_key;
use crate::domain::import::Mapping;
use crate::domain::text::SafeText;

use super::super::table::Table;
use super::columns::Columns;

/// Words that come after the field's name.
const VERBS: [&str; 20] = [
    "field",
    "must",
    "has",
    "have",
    "is",
    "are",
    "does",
    "do",
    "may",
    "should",
    "can",
    "cannot",
    "could",
    "was",
    "were",
    "format",
    "confirmation",
    "contains",
    "failed",
    "already",
];
/// What only a validator says: the sentences of Laravel's `validation.php`, after the field.
const PHRASES: [&str; 24] = [
    " is required",
    " has already been taken",
    " is invalid",
    " are invalid",
    " must ",
    " may not ",
    " may only ",
    " does not match",
    " does not exist",
    " is not a valid",
    " is not valid",
    " format is ",
    " field is ",
    " field must ",
    " field has ",
    " is prohibited",
    " prohibits ",
    " has invalid",
    " has a duplicate",
    " failed to ",
    " is incorrect",
    " could not be found",
    " was not found",
    " was not recognised",
];
/// How many words a field's name has at most.
const MOST_WORDS: usize = 8;

/// Whether a sentence has the shape of Laravel's: "The … must …", "The … is required".
pub(super) fn reads_like_laravel(text: &str) -> bool {
    text.starts_with("The ") && PHRASES.iter().any(|phrase| text.contains(phrase))
}

/// Whether a cell looks like a JSON list or object.
pub(super) fn is_json(text: &str) -> bool {
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

/// The names that fields go by, and the column each means.
pub(super) struct Names {
    /// By letters and digits: how the field is called, and its column.
    known: HashMap<String, (SafeText, Option<usize>)>,
}

impl Names {
    /// The client's own headers, and the fields that they are imported into. A header of a field's own name goes
    /// before one that is mapped to it, as everywhere.
    pub(super) fn new(table: &Table, columns: &Columns, mapping: Option<&Mapping>) -> Self {
        let mut known = HashMap::new();
        for column in columns.own.iter().copied() {
            let key = name_key(table.header(column));
            if !key.is_empty() {
                known.entry(key).or_insert_with(|| (snake_case(table.header(column)), Some(column)));
            }
        }
        for (header, field) in mapping.iter().flat_map(|mapping| &mapping.columns) {
            let Some(field) = field else { continue };
            let column = known.get(&name_key(header.as_str())).and_then(|(_, column)| *column);
            let key = name_key(field.as_str());
            let entry = known.entry(key).or_insert_with(|| (field.clone(), column));
            entry.0 = field.clone();
        }
        Self { known }
    }

    /// A field that is named outright.
    pub(super) fn by_name(&self, name: &str) -> (SafeText, Option<usize>) {
        // `rows.12.email`: the last part is the field.
        let last = name.trim().rsplit('.').find(|part| !part.is_empty()).unwrap_or_default();
        let column = |name: &str| self.known.get(&name_key(name)).and_then(|(_, column)| *column);
        let whole = name.trim();
        match self.known.get(&name_key(whole)) {
            Some((_, found)) => (SafeText::new(whole), *found),
            None => (SafeText::new(last), column(last)),
        }
    }

    /// The field that a message is about; empty where it does not say.
    pub(super) fn in_message(&self, message: &str) -> (SafeText, Option<usize>) {
        let subject = subject(message);
        if let Some((field, column)) = self.longest_known(subject) {
            return (field.clone(), column);
        }
        let words: Vec<&str> = match message.starts_with("The ") {
            true => attribute_words(subject).map(|(_, word)| word).collect(),
            false => Vec::new(),
        };
        (SafeText::new(&words.join("_").to_lowercase()), None)
    }

    /// The known name that a text begins with, the longest.
    fn longest_known(&self, text: &str) -> Option<(&SafeText, Option<usize>)> {
        let mut key = String::new();
        let mut found = None;
        for (_, word) in words(text) {
            key.push_str(&name_key(word));
            if let Some((field, column)) = self.known.get(&key) {
                found = Some((field, *column));
            }
            if word.ends_with([':', ';', ',', '.']) {
                break;
            }
        }
        found
    }
}

/// Where in a message the name of its field ends, in bytes: values are looked for behind it.
pub(in crate::report) fn attribute_end(message: &str, field: &str) -> usize {
    let subject = subject(message);
    let start = message.len() - subject.len();
    let wanted = name_key(field);
    let mut key = String::new();
    for (end, word) in words(subject) {
        key.push_str(&name_key(word));
        if !wanted.is_empty() && key == wanted {
            return start + end;
        }
    }
    match message.starts_with("The ") {
        true => start + attribute_words(subject).last().map_or(0, |(end, _)| end),
        false => 0,
    }
}

/// A message from its field's name on: without "The selected", without `rows.12.` before the name.
fn subject(message: &str) -> &str {
    let rest = message.strip_prefix("The ").unwrap_or(message);
    let rest = rest.strip_prefix("selected ").unwrap_or(rest);
    let first = rest.split_whitespace().next().unwrap_or_default();
    match first.rfind('.') {
        Some(dot) if dot + 1 < first.len() && first.bytes().any(|b| b.is_ascii_digit()) => {
            rest.get(dot + 1..).unwrap_or(rest)
        }
        _ => rest,
    }
}

/// The words that may be a field's name, each with where it ends.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    let words = text.split_inclusive(char::is_whitespace).map(move |word| {
        end += word.len();
        (end - (word.len() - word.trim_end().len()), word.trim_end())
    });
    words.filter(|(_, word)| !word.is_empty()).take(MOST_WORDS)
}

/// The words before the verb; a quotation or a value ends them too.
fn attribute_words(subject: &str) -> impl Iterator<Item = (usize, &str)> {
    words(subject).enumerate().map_while(|(nth, (end, word))| {
        let name = word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let value = nth > 0 && word.len() > 2 && word.bytes().any(|b| b.is_ascii_digit());
        (name && !value && !VERBS.contains(&word)).then_some((end, word))
    })
}

/// A header as Laravel would name the field.
fn snake_case(header: &str) -> SafeText {
    let words = header.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    SafeText::new(&words.collect::<Vec<_>>().join("_").to_lowercase())
}

/// Quoted parts of a message, the marks included, in order. An apostrophe within a word quotes nothing.
pub(in crate::report) fn quoted_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, next)| *next);
        match open {
            Some((from, close)) if c == close && (c != '\'' && c != '’' || !after.is_alphanumeric()) => {
                spans.push(from..at + c.len_utf8());
                open = None;
            }
            Some(_) => {}
            None => {
                let close = match c {
                    '"' | '`' => Some(c),
                    '\'' if !before.is_alphanumeric() => Some('\''),
                    '“' => Some('”'),
                    '‘' => Some('’'),
                    '«' => Some('»'),
                    '‹' => Some('›'),
                    _ => None,
                };
                open = close.map(|close| (at, close));
            }
        }
        before = c;
    }
    spans
}
