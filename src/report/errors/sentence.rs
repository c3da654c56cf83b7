//! What a cell reads like: a validator's sentence or JSON; which parts of it are quoted.

use std::ops::Range;

/// What only a validator says: the sentences of Laravel's `validation.php`, after the field. Each begins with a blank.
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
    text.starts_with("The ") && has_phrase(text)
}

/// Whether a text holds what only a validator says, wherever.
pub(super) fn has_phrase(text: &str) -> bool {
    let text = text.as_bytes();
    let blanks = text.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    blanks.filter_map(|(at, _)| text.get(at..)).any(|rest| {
        // Most words are told from all phrases by their first letter.
        let begins = |phrase: &[u8]| phrase.get(1) == rest.get(1) && rest.starts_with(phrase);
        PHRASES.iter().any(|phrase| begins(phrase.as_bytes()))
    })
}

/// Whether a cell looks like a JSON list or object.
pub(super) fn is_json(text: &str) -> bool {
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

/// Quoted parts of a message, the marks included, in order. An apostrophe within a word quotes nothing.
pub(in crate::report) fn quoted_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    // Most messages have no mark. Those beyond ASCII begin with one of these bytes.
    if !text.bytes().any(|byte| matches!(byte, b'"' | b'`' | b'\'' | 0xc2 | 0xe2)) {
        return spans;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_phrase_is_found_wherever_it_is(text in "( |  |[a-z]{0,3}|é|must|is|not|valid|a|has|field|format|required|does|exist){0,8}") {
            prop_assert_eq!(has_phrase(&text), PHRASES.iter().any(|phrase| text.contains(phrase)));
        }
    }
}
