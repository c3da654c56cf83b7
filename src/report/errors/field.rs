//! What a validator's sentence is about.
//!
//! Laravel writes "The first name field is required.", "The selected plan type is invalid.": the field's name
//! with blanks for underscores, then a verb (`lang/en/validation.php`).

use std::collections::{HashMap, HashSet};

use crate::domain::failure::{name_key, push_name_key};
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
/// How many words a field's name has at most.
const MOST_WORDS: usize = 8;

/// The names that fields go by, and the column each means. Keys are names by letters and digits.
pub(super) struct Names {
    /// The client's own headers: how such a field is called, and the column.
    headers: HashMap<String, (SafeText, usize)>,
    /// Plannr's fields as the mapping has them, and the column that is imported into each, where the report has it.
    fields: HashMap<String, (SafeText, Option<usize>)>,
    /// The last parts of fields with an index (`addresses.1.postcode`): another index is another column.
    indexed: HashSet<String>,
    /// The longest key of a header or field, in bytes.
    longest: usize,
}

impl Names {
    pub(super) fn new(table: &Table, columns: &Columns, mapping: Option<&Mapping>) -> Self {
        let mut headers = HashMap::new();
        for column in columns.own.iter().copied() {
            let key = name_key(table.header(column));
            if !key.is_empty() {
                headers.entry(key).or_insert_with(|| (snake_case(table.header(column)), column));
            }
        }
        let (mut fields, mut indexed) = (HashMap::new(), HashSet::new());
        for (header, field) in mapping.iter().flat_map(|mapping| &mapping.columns) {
            let Some(field) = field else { continue };
            let column = headers.get(&name_key(header.as_str())).map(|(_, column)| *column);
            fields.entry(name_key(field.as_str())).or_insert_with(|| (field.clone(), column));
            if field.as_str().contains('.') {
                indexed.insert(name_key(last_part(field.as_str())));
            }
        }
        let longest = headers.keys().chain(fields.keys()).map(String::len).max().unwrap_or_default();
        Self { headers, fields, indexed, longest }
    }

    /// A field that is named outright: the mapping knows its column best.
    pub(super) fn by_name(&self, name: &str) -> (SafeText, Option<usize>) {
        let (whole, last) = (name.trim(), last_part(name));
        let column = |name: &str| {
            let key = name_key(name);
            let mapped = self.fields.get(&key).and_then(|(_, column)| *column);
            mapped.or_else(|| self.headers.get(&key).map(|(_, column)| *column))
        };
        let known = |key: &str| self.fields.contains_key(key) || self.headers.contains_key(key);
        if known(&name_key(whole)) || self.indexed.contains(&name_key(last)) {
            return (SafeText::new(whole), column(whole));
        }
        // `rows.12.email`: the last part is the field.
        (SafeText::new(last), column(last))
    }

    /// The field that a message is about; empty where it does not say.
    pub(super) fn in_message(&self, message: &str) -> (SafeText, Option<usize>) {
        let (whole, subject) = (after_article(message), subject(message));
        let known = self.longest_known(whole).or_else(|| {
            let indexed =
                || words(subject).next().is_some_and(|(_, word)| self.indexed.contains(&name_key(word)));
            // Of `addresses.1.postcode` the last part alone would lead to the postcode of another address.
            if whole.len() == subject.len() || indexed() { None } else { self.longest_known(subject) }
        });
        if let Some((field, column)) = known {
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
            push_name_key(&mut key, word);
            if key.len() > self.longest {
                break;
            }
            match (self.fields.get(&key), self.headers.get(&key)) {
                (Some((field, column)), header) => {
                    // A client's own header of that name is meant before the one that is imported into the field.
                    found = Some((field, header.map(|(_, column)| *column).or(*column)));
                }
                (None, Some((field, column))) => found = Some((field, Some(*column))),
                (None, None) => {}
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
        push_name_key(&mut key, word);
        if !wanted.is_empty() && key == wanted {
            return start + end;
        }
        if key.len() > wanted.len() {
            break;
        }
    }
    match message.starts_with("The ") {
        true => start + attribute_words(subject).last().map_or(0, |(end, _)| end),
        false => 0,
    }
}

/// The last part of a name with dots.
fn last_part(name: &str) -> &str {
    name.trim().rsplit('.').find(|part| !part.is_empty()).unwrap_or_default()
}

/// A message without "The" or "The selected" before its field's name.
fn after_article(message: &str) -> &str {
    let rest = message.strip_prefix("The ").unwrap_or(message);
    rest.strip_prefix("selected ").unwrap_or(rest)
}

/// The same without `rows.12.` before the name.
fn subject(message: &str) -> &str {
    let rest = after_article(message);
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
