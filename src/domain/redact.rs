//! Masks client values for a shared screen, leaving enough shape to tell rows apart.
//!
//! A value keeps the first letter of each word. A message works the other way: it shows only the words of a validator's
//! vocabulary, the names of Plannr's fields and the bounds of a rule, whoever wrote it.

mod vocabulary;

use unicode_segmentation::UnicodeSegmentation as _;

pub use self::vocabulary::FieldNames;
use self::vocabulary::{BEFORE_BOUND, BEFORE_COUNT, DATE_FORMATS, UNITS};
use super::text::{SafeText, UntrustedRef};

/// Always the same length, so that it does not give a value's away.
const HIDDEN: &str = "•••";
/// Digits of the longest bound of a rule: a longer number may be a phone number.
const LONGEST_BOUND: usize = 9;

/// Whether client values are masked. Values are shown and copied only through this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redaction {
    pub enabled: bool,
}

impl Redaction {
    /// A client's value, a colleague's name or a file's name, ready to show.
    pub fn value<'a>(self, value: impl Into<UntrustedRef<'a>>) -> SafeText {
        let raw = value.into().raw();
        if self.enabled { SafeText::new(&mask(raw)) } else { SafeText::new(raw) }
    }

    /// A client's value, ready to copy: exact unless masked.
    pub fn copied(self, value: UntrustedRef<'_>) -> String {
        if self.enabled { mask(value.raw()) } else { value.raw().to_owned() }
    }

    /// A validator's message or a field's name, ready to show; `fields` are those of its import.
    pub fn message(self, message: &str, fields: &FieldNames) -> SafeText {
        let message = SafeText::new(message);
        if self.enabled { SafeText::new(&mask_message(message.as_str(), fields)) } else { message }
    }

    /// The server's error message, ready to show.
    pub fn server_message(self, message: &str) -> SafeText {
        self.message(message, &FieldNames::default())
    }
}

/// A sentence in both forms, because redaction may be toggled after it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redactable {
    plain: SafeText,
    masked: SafeText,
}

impl Redactable {
    pub fn new(text: impl Fn(Redaction) -> String) -> Self {
        let form = |enabled| SafeText::new(&text(Redaction { enabled }));
        Self { plain: form(false), masked: form(true) }
    }

    pub fn text(&self, redaction: Redaction) -> &SafeText {
        if redaction.enabled { &self.masked } else { &self.plain }
    }
}

/// A sentence without client values, which needs no mask.
impl<T: AsRef<str>> From<T> for Redactable {
    fn from(text: T) -> Self {
        let text = SafeText::new(text.as_ref());
        Self { plain: text.clone(), masked: text }
    }
}

/// The value with each word cut to its first character: `gareth@codepotato.co.uk` is `g•••@c•••.c•••.u•••`.
///
/// Everything between the words is kept.
pub fn mask(value: &str) -> String {
    let mut masked = String::with_capacity(value.len());
    // A letter and its combining marks stay together.
    let is_letter = |cluster: &str| cluster.chars().any(char::is_alphanumeric);
    let mut clusters = value.graphemes(true).peekable();
    while let Some(first) = clusters.next() {
        if !is_letter(first) {
            masked.push_str(first);
            continue;
        }
        let mut is_longer = false;
        while clusters.next_if(|next| is_letter(next)).is_some() {
            is_longer = true;
        }
        masked.push_str(if is_longer { first } else { "" });
        masked.push_str(HIDDEN);
    }
    masked
}

/// A part of a message.
enum Piece<'a> {
    /// Letters and digits; an apostrophe between letters belongs to them.
    Word(&'a str),
    /// Digits, with a point or comma between digits.
    Number(&'a str),
    /// What stands between.
    Between(&'a str),
}

/// Masks every word that is not in the vocabulary, not part of a field's name and not a rule's bound. One pass.
fn mask_message(message: &str, fields: &FieldNames) -> String {
    let pieces = pieces(message);
    let mut masked = String::with_capacity(message.len());
    // The words shown just before, in lower case, each after a space: they decide whether a number is a bound.
    let mut before = String::new();
    let mut format_ends = 0;
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let (text, shown) = match piece {
            Piece::Between(text) => {
                if *text != " " && !matches!(*text, "_" | ".") {
                    before.clear();
                }
                (*text, true)
            }
            _ if at < format_ends => (text_of(piece), true),
            Piece::Number(text) => {
                let last = before.rsplit(' ').next().unwrap_or_default();
                let is_bound = message.get(..at).is_some_and(|text| text.ends_with(' '))
                    && is_bound(text, &before, pieces.get(index + 1..).unwrap_or_default());
                (*text, is_bound || fields.numbers(last, text))
            }
            Piece::Word(text) => {
                let lower = text.to_ascii_lowercase().replace('’', "'");
                (*text, fields.may_show(&lower))
            }
        };
        at += text.len();
        if matches!(piece, Piece::Between(_)) || shown {
            masked.push_str(text);
        } else {
            masked.push_str(&mask(text));
        }
        match piece {
            Piece::Between(_) => {}
            _ if !shown => before.clear(),
            _ => {
                before.push(' ');
                before.push_str(&text.to_ascii_lowercase());
                if before.ends_with(" format") {
                    let rest = message.get(at..).unwrap_or_default();
                    format_ends = at + date_format(rest);
                }
            }
        }
    }
    masked
}

fn text_of<'a>(piece: &Piece<'a>) -> &'a str {
    match piece {
        Piece::Word(text) | Piece::Number(text) | Piece::Between(text) => text,
    }
}

/// How many bytes after the word "format" are a date format.
fn date_format(rest: &str) -> usize {
    let Some(format) = rest.strip_prefix(' ') else { return 0 };
    let is_over = |rest: &str| rest.is_empty() || rest.starts_with([' ', '.', ',', ';', ')', '\'', '"']);
    let ends = |known: &&str| format.strip_prefix(*known).is_some_and(is_over);
    DATE_FORMATS.iter().find(|known| ends(known)).map_or(0, |known| known.len() + 1)
}

/// Whether a number is a rule's bound, by the words right before it and the word after it.
fn is_bound(number: &str, before: &str, behind: &[Piece<'_>]) -> bool {
    if number.bytes().filter(u8::is_ascii_digit).count() > LONGEST_BOUND {
        return false;
    }
    // Not if something is attached, as in `07/` or `1985-`.
    let next = behind.first().map(text_of).unwrap_or_default();
    let ends = next.is_empty() || next.starts_with(' ') || matches!(next, "." | "," | ";" | ")" | ". ");
    let ends_with =
        |phrase: &&'static str| before.strip_suffix(*phrase).is_some_and(|rest| rest.ends_with(' '));
    let counts = || {
        let unit = behind.get(1).map(text_of).unwrap_or_default();
        next == " " && UNITS.contains(&unit) && BEFORE_COUNT.iter().any(ends_with)
    };
    // `between 5 and 9`: 9 is a bound because 5 is.
    let second = || {
        let low = before.strip_suffix(" and").and_then(|rest| rest.rsplit_once(' '));
        low.is_some_and(|(words, low)| words.ends_with(" between") && low.bytes().any(|b| b.is_ascii_digit()))
    };
    ends && (BEFORE_BOUND.iter().any(ends_with) || second() || counts())
}

/// Splits a message into pieces that cover every byte.
fn pieces(message: &str) -> Vec<Piece<'_>> {
    let kind = |cluster: &str| {
        if cluster.len() == 1 && cluster.bytes().all(|b| b.is_ascii_digit()) {
            Kind::Digit
        } else if cluster.chars().any(char::is_alphanumeric) {
            Kind::Letter
        } else {
            Kind::Other
        }
    };
    let clusters: Vec<(usize, &str)> = message.grapheme_indices(true).collect();
    let kind_at = |at: usize| clusters.get(at).map_or(Kind::Other, |(_, cluster)| kind(cluster));
    let text_at = |at: usize| clusters.get(at).map_or("", |(_, cluster)| *cluster);
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < clusters.len() {
        let (from, is_text) = (at, kind_at(at) != Kind::Other);
        let mut only_digits = is_text;
        while at < clusters.len() {
            let joins = match kind_at(at) {
                Kind::Other if is_text && only_digits => {
                    matches!(text_at(at), "." | ",") && kind_at(at + 1) == Kind::Digit
                }
                Kind::Other if is_text => matches!(text_at(at), "'" | "’") && kind_at(at + 1) == Kind::Letter,
                Kind::Other => true,
                _ => is_text,
            };
            if !joins {
                break;
            }
            only_digits &= kind_at(at) == Kind::Digit || matches!(text_at(at), "." | ",");
            at += 1;
        }
        let start = clusters.get(from).map_or(0, |(start, _)| *start);
        let end = clusters.get(at).map_or(message.len(), |(start, _)| *start);
        let text = message.get(start..end).unwrap_or_default();
        pieces.push(match (is_text, only_digits) {
            (false, _) => Piece::Between(text),
            (true, true) => Piece::Number(text),
            (true, false) => Piece::Word(text),
        });
    }
    pieces
}

/// What a cluster of characters is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Other,
}

#[cfg(test)]
mod tests;
