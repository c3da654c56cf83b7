//! A cell as its author meant it to look: without what cannot be seen, and as it was before it was garbled.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::super::matching::is_zero_width;
use super::Kind;

/// Signs that UTF-8 was read as Windows-1252.
const GARBLED: [char; 6] = ['Ã', 'Â', 'â', 'Å', 'Ä', 'Ë'];

/// A tidied cell, and which kind of change that was; `None` where there was nothing to do.
pub(super) fn tidy(value: &str) -> Option<(String, Kind, &'static str)> {
    // A blank may be part of what was garbled, and a look-alike may hide it.
    let whole = ungarbled(value).or_else(|| ungarbled(&visible(value)));
    let text = visible(whole.as_deref().unwrap_or(value));
    match whole {
        Some(_) => Some((text.into_owned(), Kind::Mojibake, "garbled letters restored")),
        None => {
            let what = if text
                .chars()
                .filter(|c| !c.is_whitespace())
                .eq(value.chars().filter(|c| !c.is_whitespace()))
            {
                "blanks around it removed, other blanks made plain"
            } else {
                "characters that cannot be seen removed, look-alikes replaced"
            };
            (text != value).then(|| (text.into_owned(), Kind::Blanks, what))
        }
    }
}

/// The text with each word as it was before its UTF-8 was read as Windows-1252.
fn ungarbled(value: &str) -> Option<String> {
    if value.is_ascii() || !value.contains(GARBLED) {
        return None;
    }
    let word = |word| word_before(word).map_or(Cow::Borrowed(word), Cow::Owned);
    let text: String = value.split_inclusive(' ').map(word).collect();
    (text != value).then_some(text)
}

/// A word before it was garbled, once or twice.
fn word_before(value: &str) -> Option<String> {
    let mut text = Cow::Borrowed(value);
    for _ in 0..2 {
        if text.is_ascii() || !text.contains(GARBLED) {
            break;
        }
        let (bytes, _, unmappable) = WINDOWS_1252.encode(&text);
        match String::from_utf8(bytes.into_owned()) {
            Ok(before) if !unmappable => text = Cow::Owned(before),
            _ => break,
        }
    }
    match text {
        Cow::Owned(text) if !text.chars().any(|c| matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}')) => {
            Some(text)
        }
        _ => None,
    }
}

/// Without invisible characters and blanks around it, other blanks plain, look-alike letters Latin.
fn visible(value: &str) -> Cow<'_, str> {
    if value.is_ascii() && !value.bytes().any(|b| b.is_ascii_control()) {
        return Cow::Borrowed(value.trim());
    }
    let plain = |c: char| if c.is_whitespace() && !matches!(c, '\n' | '\r') { ' ' } else { c };
    let seen = |c: &char| !is_zero_width(*c) && (!c.is_control() || c.is_whitespace());
    let text: String = value.chars().filter(seen).map(plain).collect();
    let words = text.trim().split_inclusive(|c: char| !c.is_alphabetic());
    Cow::Owned(words.map(latin).collect())
}

/// A word in which Greek or Cyrillic letters stand among Latin ones, all Latin.
fn latin(word: &str) -> Cow<'_, str> {
    const FOREIGN: &str = "АВЕКМНОРСТУХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανρ";
    const LATIN: &str = "ABEKMHOPCTYXaeopcyxisjABEZHIKMNOPTYXoavp";
    let mixed = word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(|c| FOREIGN.contains(c));
    let known = |c: char| c.is_ascii() || FOREIGN.contains(c);
    if !mixed || !word.chars().all(known) {
        return Cow::Borrowed(word);
    }
    let replaced =
        |c| FOREIGN.chars().zip(LATIN.chars()).find(|(foreign, _)| *foreign == c).map_or(c, |(_, l)| l);
    Cow::Owned(word.chars().map(replaced).collect())
}

/// In plain width and without ligatures, for what is made of ASCII: `＠` is `@`.
pub(super) fn plain_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        ComposingNormalizerBorrowed::new_nfkc().normalize(text)
    }
}

/// Whether a text says that there is no value. Words of letters may be a name or a value of a list: they say so only
/// where what is wanted `has_form`, as a date or a number has.
pub(super) fn is_placeholder(text: &str, has_form: bool) -> bool {
    const SIGNS: [&str; 8] = ["n/a", "n.a.", "n\\a", "#n/a", "#ref!", "#value!", "#name?", "#null!"];
    const WORDS: [&str; 13] = [
        "na",
        "none",
        "null",
        "nil",
        "unknown",
        "not known",
        "not provided",
        "not applicable",
        "tbc",
        "tba",
        "tbd",
        "pending",
        "no email",
    ];
    let signs = !text.is_empty() && text.chars().all(|c| matches!(c, '-' | '?' | '–' | '—' | '.'));
    let lower = text.to_lowercase();
    signs || SIGNS.contains(&lower.as_str()) || (has_form && WORDS.contains(&lower.as_str()))
}

/// Placeholders that mean nothing at all or zero, where a number is wanted.
pub(super) fn may_be_zero(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '-' | '–' | '—'))
        || ["nil", "none"].contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_goes_and_what_was_garbled_comes_back() {
        for (value, text) in [
            (" Ann ", "Ann"),
            ("Ann\u{a0}Fair", "Ann Fair"),
            ("An\u{200b}n", "Ann"),
            ("\u{feff}Ann", "Ann"),
            ("С\u{43b}АRK", "С\u{43b}АRK"),
            ("СLARK", "CLARK"),
            ("JosÃ©", "José"),
            ("JosÃƒÂ©", "José"),
            ("Oâ€™Brien", "O’Brien"),
            ("Â£120", "£120"),
            ("José", "José"),
            ("Łukasz JosÃ©", "Łukasz José"),
            ("Ângela", "Ângela"),
            ("Владимир", "Владимир"),
            ("two  blanks", "two  blanks"),
            ("two\nlines", "two\nlines"),
            ("\u{a0}", ""),
        ] {
            let tidied = tidy(value).map_or(value.to_owned(), |(text, ..)| text);
            assert_eq!(tidied, text, "{value:?}");
        }
    }

    #[test]
    fn placeholders_are_known() {
        assert!(["n/a", "N/A", "???", "-", "--", "#N/A"].iter().all(|text| is_placeholder(text, false)));
        assert!(["TBC", "Null", "Pending", "not known"].iter().all(|text| is_placeholder(text, true)));
        assert!(["TBC", "Null", "Pending", "None", "Na"].iter().all(|text| !is_placeholder(text, false)));
        assert!(["", "0", "no", "Nora", "A-1"].iter().all(|text| !is_placeholder(text, true)));
    }
}
