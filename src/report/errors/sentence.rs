//! What a cell reads like: a validator's sentence or JSON; which parts of it are quoted.

use std::ops::Range;

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

/// Whether a sentence has the shape of Laravel's: "The … must …", "The … is required".
pub(super) fn reads_like_laravel(text: &str) -> bool {
    text.starts_with("The ") && PHRASES.iter().any(|phrase| text.contains(phrase))
}

/// Whether a cell looks like a JSON list or object.
pub(super) fn is_json(text: &str) -> bool {
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
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
