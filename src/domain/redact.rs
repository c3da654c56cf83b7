//! Client values masked for a shared screen, with shape enough left to tell rows apart.

use unicode_segmentation::UnicodeSegmentation as _;

use super::text::{SafeText, UntrustedRef};

/// Stands for what is hidden; always as many, so that lengths do not give a value away.
const HIDDEN: &str = "•••";
/// Shorter values are too common in ordinary words to be looked for in a message.
const TELLING: usize = 3;

/// Whether client values are shown or masked. The one way from a value to something that is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Veil {
    /// Values are masked.
    pub drawn: bool,
}

impl Veil {
    /// A client's value as it may be seen.
    pub fn value<'a>(self, value: impl Into<UntrustedRef<'a>>) -> SafeText {
        let raw = value.into().raw();
        if self.drawn { SafeText::new(&mask(raw)) } else { SafeText::new(raw) }
    }

    /// A client's value as it may be copied: exact where values may be seen.
    pub fn copied(self, value: UntrustedRef<'_>) -> String {
        if self.drawn { mask(value.raw()) } else { value.raw().to_owned() }
    }

    /// A message as it may be seen; `cells` are the values of the row that it is about, if it is about one.
    pub fn message<'a>(self, message: &str, cells: impl Iterator<Item = UntrustedRef<'a>>) -> SafeText {
        if self.drawn { mask_message(message, cells) } else { SafeText::new(message) }
    }
}

/// The value with each word cut to its first character: `gareth@codepotato.co.uk` is `g•••@c•••.c•••.uk`.
///
/// What stands between the words stays, and so does the last label of a domain.
pub fn mask(value: &str) -> String {
    let keeps_last = value.contains('@');
    let mut masked = String::with_capacity(value.len());
    // A letter with its marks is one letter, and no mark is left to stand alone.
    let is_letter = |cluster: &str| cluster.chars().any(char::is_alphanumeric);
    let mut clusters = value.graphemes(true).peekable();
    while let Some(first) = clusters.next() {
        if !is_letter(first) {
            masked.push_str(first);
            continue;
        }
        let mut word = first.to_owned();
        while let Some(next) = clusters.next_if(|next| is_letter(next)) {
            word.push_str(next);
        }
        if keeps_last && clusters.peek().is_none() && masked.ends_with('.') {
            masked.push_str(&word);
        } else if word.len() > first.len() {
            masked.push_str(first);
            masked.push_str(HIDDEN);
        } else {
            masked.push_str(HIDDEN);
        }
    }
    masked
}

/// The message with what it quotes masked: the row's own values, and whatever looks like one: an address, a
/// word with digits, a text in quotes.
pub fn mask_message<'a>(message: &str, cells: impl Iterator<Item = UntrustedRef<'a>>) -> SafeText {
    let mut masked = message.to_owned();
    let mut values: Vec<&str> =
        cells.map(|cell| cell.raw().trim()).filter(|value| value.chars().count() >= TELLING).collect();
    // The longest first: one value may be part of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values {
        if masked.contains(value) && !is_plain_word(value) {
            masked = masked.replace(value, &mask(value));
        }
    }
    let words: Vec<String> = quoted(&masked)
        .split_inclusive(' ')
        .map(|word| {
            let telling = word.contains('@') || word.chars().any(|c| c.is_ascii_digit());
            if telling && !word.contains(HIDDEN) { mask(word) } else { word.to_owned() }
        })
        .collect();
    SafeText::new(&words.concat())
}

/// Whether a value is a word that messages use anyway, such as `email` or `required`.
fn is_plain_word(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_lowercase())
}

/// The message with texts in quotes masked.
fn quoted(message: &str) -> String {
    const PAIRS: [(char, char); 4] = [('"', '"'), ('‹', '›'), ('“', '”'), ('«', '»')];
    let mut masked = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((at, open, close)) = PAIRS
        .iter()
        .filter_map(|(open, close)| Some((rest.find(*open)?, *open, *close)))
        .min_by_key(|(at, ..)| *at)
    {
        let (before, from) = rest.split_at(at);
        let inside = from.get(open.len_utf8()..).unwrap_or_default();
        let Some((value, after)) = inside.split_once(close) else { break };
        masked.push_str(before);
        masked.push(open);
        masked.push_str(&mask(value));
        masked.push(close);
        rest = after;
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shape_stays_and_the_value_goes() {
        for (value, masked) in [
            ("gareth@codepotato.co.uk", "g•••@c•••.c•••.uk"),
            ("Ann-Marie O'Neill", "A•••-M••• •••'N•••"),
            ("14/07/1985", "1•••/0•••/1•••"),
            ("QQ123456C", "Q•••"),
            ("07700 900123", "0••• 9•••"),
            ("£1,250.00", "£•••,2•••.0•••"),
            ("x", "•••"),
            ("", ""),
            ("Łukasz 日本", "Ł••• 日•••"),
            ("Zoe\u{308}", "Z•••"),
            ("e\u{301}", "•••"),
            ("किरण", "कि•••"),
        ] {
            assert_eq!(mask(value), masked, "{value}");
        }
    }

    #[test]
    fn messages_keep_their_words_and_lose_their_values() {
        let cells = ["ann@example.com", "Ann Weaver", "email"].map(UntrustedRef::new);
        for (message, masked) in [
            (
                "The email ann@example.com has already been taken.",
                "The email a•••@e•••.com has already been taken.",
            ),
            ("Ann Weaver is unknown.", "A••• W••• is unknown."),
            ("The email field is required.", "The email field is required."),
            ("The value \"Ivor Novello\" is invalid.", "The value \"I••• N•••\" is invalid."),
            ("Reference AB12 is not known.", "Reference A••• is not known."),
            ("An open \" quote", "An open \" quote"),
        ] {
            assert_eq!(mask_message(message, cells.into_iter()).as_str(), masked);
        }
    }

    proptest! {
        #[test]
        fn no_word_of_two_letters_survives(value in "[a-zA-Z0-9 ./-]{0,40}") {
            let masked = mask(&value);
            let longest = masked.split(|c: char| !c.is_alphanumeric()).map(str::len).max().unwrap_or(0);
            prop_assert!(longest <= 1, "{}", masked);
        }

        #[test]
        fn any_message_can_be_masked(message: String, value: String) {
            mask_message(&message, std::iter::once(UntrustedRef::new(&value)));
        }
    }
}
