//! What a validator's sentence is about.
//!
//! Laravel writes "The first name field is required.", "The selected plan type is invalid.": the field's name
//! with blanks for underscores, then a verb (`lang/en/validation.php`).

use hashbrown::{HashMap, HashSet};

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
/// How long most names are at most, in bytes: no more room is made for one at first.
const USUAL_NAME: usize = 64;
/// How many words a field's name has at most.
const MOST_WORDS: usize = 8;

/// What a name means: one of the client's own headers, one of Plannr's fields in the mapping, or both.
struct Name {
    /// How the field is called.
    field: SafeText,
    /// Its column where it is named outright: the mapping knows best.
    named: Option<usize>,
    /// Its column where a sentence begins with it: a client's own header of that name is meant before the one that is
    /// imported into the field.
    spoken: Option<usize>,
}

/// The names that fields go by, and the column each means. Keys are names by letters and digits.
pub(super) struct Names {
    known: HashMap<String, Name>,
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
        let of_header =
            |(key, (field, column))| (key, Name { field, named: Some(column), spoken: Some(column) });
        let mut known: HashMap<_, _> = headers.into_iter().map(of_header).collect();
        for (key, (field, column)) in fields {
            let header = known.get(&key).and_then(|name: &Name| name.spoken);
            known.insert(key, Name { field, named: column.or(header), spoken: header.or(column) });
        }
        let longest = known.keys().map(String::len).max().unwrap_or_default();
        Self { known, indexed, longest }
    }

    /// A field that is named outright: the mapping knows its column best.
    pub(super) fn by_name(&self, name: &str) -> (SafeText, Option<usize>) {
        let (whole, last) = (name.trim(), last_part(name));
        let column = |name: &str| self.known.get(&name_key(name))?.named;
        if self.known.contains_key(&name_key(whole)) || self.indexed.contains(&name_key(last)) {
            return (SafeText::new(whole), column(whole));
        }
        // `rows.12.email`: the last part is the field.
        (SafeText::new(last), column(last))
    }

    /// The field that a message is about; empty where it does not say.
    pub(super) fn in_message(&self, message: &str) -> (SafeText, Option<usize>) {
        let whole = after_article(message);
        let known = self.longest_known(whole).or_else(|| {
            let subject = subject(message);
            let indexed =
                || words(subject).next().is_some_and(|(_, word)| self.indexed.contains(&name_key(word)));
            // Of `addresses.1.postcode` the last part alone would lead to the postcode of another address.
            if whole.len() == subject.len() || indexed() { None } else { self.longest_known(subject) }
        });
        if let Some(Name { field, spoken, .. }) = known {
            return (field.clone(), *spoken);
        }
        let words: Vec<&str> = match message.starts_with("The ") {
            true => attribute_words(subject(message)).map(|(_, word)| word).collect(),
            false => Vec::new(),
        };
        (SafeText::new(&words.join("_").to_lowercase()), None)
    }

    /// The known name that a text begins with, the longest.
    fn longest_known(&self, text: &str) -> Option<&Name> {
        let mut key = String::with_capacity(self.longest.min(USUAL_NAME));
        let mut found = None;
        for (_, word) in words(text) {
            let least = word.bytes().filter(u8::is_ascii_alphanumeric).count();
            if key.len() + least > self.longest {
                break;
            }
            push_name_key(&mut key, word);
            found = self.known.get(&key).or(found);
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
    let mut wanted = folded(field).peekable();
    let is_named = wanted.peek().is_some();
    for (end, word) in words(subject) {
        if !folded(word).all(|c| wanted.next() == Some(c)) {
            break;
        }
        if is_named && wanted.peek().is_none() {
            return start + end;
        }
    }
    match message.starts_with("The ") {
        true => start + attribute_words(subject).last().map_or(0, |(end, _)| end),
        false => 0,
    }
}

/// The characters of its [`name_key`].
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
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
