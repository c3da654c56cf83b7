//! The texts that cells share.

use super::super::read_error::ReadError;
use super::package::Package;
use super::xml::{Event, Tag};

/// All texts in one buffer: 4 bytes a text besides.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    pub(super) fn read(package: &mut Package<'_>, part: usize) -> Result<Self, ReadError> {
        let mut strings = Self::default();
        let mut rich = RichText::default();
        let mut xml = package.part(part)?;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => rich.start(&tag),
                Event::Text(text) => rich.text(&text),
                Event::End(tag) => {
                    rich.end(tag.name(), &mut strings.text);
                    if tag.name() == "si" {
                        let end = u32::try_from(strings.text.len()).unwrap_or(u32::MAX);
                        strings.ends.push(end);
                    }
                }
                Event::Other => {}
            }
        }
        Ok(strings)
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start as usize..*self.ends.get(at)? as usize)
    }
}

/// The text of `<is>` or `<si>`: its runs one after another, without the reading aids of Japanese.
#[derive(Default)]
pub(super) struct RichText {
    /// The piece being read, escapes and all.
    raw: String,
    in_text: bool,
    in_phonetic: bool,
}

impl RichText {
    pub(super) fn start(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "rPh" => self.in_phonetic = true,
            "t" => self.in_text = !self.in_phonetic,
            _ => {}
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.in_text {
            self.raw.push_str(text);
        }
    }

    /// Adds the text to `out` where it is complete.
    pub(super) fn end(&mut self, name: &str, out: &mut String) {
        match name {
            "rPh" => self.in_phonetic = false,
            "t" => {
                self.in_text = false;
                push_unescaped(out, &self.raw);
                self.raw.clear();
            }
            _ => {}
        }
    }
}

/// Adds a text with `_xHHHH_`, one unit of UTF-16, as the character that it stands for: XML can hold no other control
/// characters than line ends and tabs.
pub(super) fn push_unescaped(out: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some(at) = rest.find("_x") {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        let (character, length) = unescaped(escape);
        out.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// The character at the beginning of a text that begins with `_x`, and the bytes that it takes.
fn unescaped(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let escape = text.get(at..at + 7)?;
        let digits = escape.strip_prefix("_x")?.strip_suffix('_')?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    let decoded = |units: &[u16]| char::decode_utf16(units.iter().copied()).next()?.ok();
    let Some(first) = unit(0) else { return ('_', 1) };
    if let Some(character) = decoded(&[first]) {
        return (character, 7);
    }
    let pair = || unit(7).and_then(|second| decoded(&[first, second]));
    pair().map_or(('\u{fffd}', 7), |character| (character, 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_the_characters_that_they_stand_for() {
        for (raw, text) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_", "😀"),
            ("_xD83D_ alone", "\u{fffd} alone"),
            ("snake_xylophone_x00zz_", "snake_xylophone_x00zz_"),
            ("_x_x0041_", "_xA"),
            ("_x+041_é_x", "_x+041_é_x"),
        ] {
            let mut out = String::new();
            push_unescaped(&mut out, raw);
            assert_eq!(out, text);
        }
    }
}
