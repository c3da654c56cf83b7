//! What a cell reads like: a validator's sentence or JSON; which parts of it are quoted.

use std::ops::Range;

use memchr::{memchr2, memchr3};

/// What only a validator says and begins with this letter: the sentences of Laravel's `validation.php`, after the field.
fn phrases(first: u8) -> &'static [&'static str] {
    match first {
        b'a' => &["are invalid"],
        b'c' => &["could not be found"],
        b'd' => &["does not match", "does not exist"],
        b'f' => &["field is ", "field must ", "field has ", "format is ", "failed to "],
        b'h' => &["has already been taken", "has invalid", "has a duplicate"],
        b'i' => {
            &["is required", "is invalid", "is not a valid", "is not valid", "is prohibited", "is incorrect"]
        }
        b'm' => &["must ", "may not ", "may only "],
        b'p' => &["prohibits "],
        b'w' => &["was not found", "was not recognised"],
        _ => &[],
    }
}

/// Whether a sentence has the shape of Laravel's: "The … must …", "The … is required".
pub(super) fn reads_like_laravel(text: &str) -> bool {
    text.starts_with("The ") && has_phrase(text)
}

/// Whether a text holds what only a validator says, behind a blank.
pub(super) fn has_phrase(text: &str) -> bool {
    let text = text.as_bytes();
    let blanks = text.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    blanks.filter_map(|(at, _)| text.get(at + 1..)).any(|rest| {
        let alike = rest.first().map_or(&[][..], |first| phrases(*first));
        alike.iter().any(|phrase| rest.starts_with(phrase.as_bytes()))
    })
}

/// Whether a cell looks like a JSON list or object.
pub(super) fn is_json(text: &str) -> bool {
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

/// Quoted parts of a message, the marks included, in order. An apostrophe within a word quotes nothing.
pub(in crate::report) fn quoted_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    // Most messages have no mark. Those beyond ASCII begin with one of the last two bytes.
    let bytes = text.as_bytes();
    if memchr3(b'"', b'`', b'\'', bytes).is_none()
        && (bytes.is_ascii() || memchr2(0xc2, 0xe2, bytes).is_none())
    {
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

    #[test]
    fn each_phrase_is_found_by_its_first_letter() {
        for (first, phrase) in
            (0..=u8::MAX).flat_map(|first| phrases(first).iter().map(move |it| (first, it)))
        {
            assert_eq!(phrase.as_bytes().first(), Some(&first), "{phrase}");
            assert!(has_phrase(&format!("The email {phrase}")), "{phrase}");
        }
    }

    proptest! {
        #[test]
        fn a_phrase_is_found_wherever_it_is(text in "( |  |[a-z]{0,3}|é|must|is|not|valid|a|has|field|format|required|does|exist){0,8}") {
            let mut all = (0..=u8::MAX).flat_map(phrases);
            prop_assert_eq!(has_phrase(&text), all.any(|phrase| text.contains(&format!(" {phrase}"))));
        }
    }
}
