//! The only place where untrusted text is sanitised for a terminal.
//!
//! Imported rows are typed by strangers. Whatever of them is drawn, copied into a title or logged passes through here,
//! so that no cell can move the cursor, recolour the screen, reverse the reading order or shift its neighbours.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Combining marks that one base character keeps.
const MAX_MARKS: usize = 2;

/// One line of text that is safe to draw: no control, format, bidi or zero-width character in it.
///
/// Control characters become visible stand-ins (a newline `␊`), so that different values look different; private,
/// unassigned and non-characters become `\u{fffd}`. Invisible characters are dropped: format and bidi controls, joiners,
/// variation selectors, skin tones, tags, fillers. A flag becomes its two letters. A character keeps two combining marks
/// and is as wide as its parts one by one, which is what terminals agree on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(Arc<str>);

impl SafeText {
    pub fn new(raw: &str) -> Self {
        Self(Arc::from(sanitise(raw)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both share one allocation.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Default for SafeText {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for SafeText {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

/// A client's value, unchanged.
///
/// It has no `Display`: it is drawn through [`Untrusted::display`], and only files and exact copies use
/// [`Untrusted::raw`]. `Debug` prints only the length, so that no client data reaches a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Untrusted(Arc<str>);

impl Untrusted {
    pub fn new(raw: &str) -> Self {
        Self(raw.into())
    }

    /// Sanitised for a terminal.
    pub fn display(&self) -> SafeText {
        SafeText::new(self.raw())
    }

    /// Whether it is empty or only whitespace.
    pub fn is_blank(&self) -> bool {
        self.raw().trim().is_empty()
    }

    /// The value itself, for files and exact copies; never for the screen.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

/// A borrowed [`Untrusted`] value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UntrustedRef<'a>(&'a str);

impl<'a> UntrustedRef<'a> {
    pub fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// Whether it is empty or only whitespace.
    pub fn is_blank(self) -> bool {
        self.0.trim().is_empty()
    }

    /// The value itself, for files and exact copies; never for the screen.
    pub fn raw(self) -> &'a str {
        self.0
    }
}

impl<'a> From<&'a Untrusted> for UntrustedRef<'a> {
    fn from(value: &'a Untrusted) -> Self {
        Self(value.raw())
    }
}

/// A text from the server that a client or colleague may have written.
impl<'a> From<&'a SafeText> for UntrustedRef<'a> {
    fn from(text: &'a SafeText) -> Self {
        Self(text.as_str())
    }
}

impl fmt::Debug for UntrustedRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.0.len())
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.raw().len())
    }
}

fn sanitise(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(raw);
    }
    let mut safe = String::with_capacity(raw.len());
    let mut marks = 0;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        match stand_in(c) {
            Some(shown) if cells(shown) == 0 => {
                marks += 1;
                if marks <= MAX_MARKS && joins(&safe, shown) {
                    safe.push(shown);
                }
            }
            Some(shown) => {
                marks = 0;
                safe.push(shown);
            }
            None => {}
        }
    }
    while let Some(plainer) = without_disputed(&safe) {
        safe = plainer;
    }
    Cow::Owned(safe)
}

/// Whether a zero-width character combines with the one before it. Some combine with the one after them, which terminals
/// do not know.
fn joins(before: &str, mark: char) -> bool {
    before.chars().next_back().is_some_and(|last| {
        let both = String::from_iter([last, mark]);
        both.graphemes(true).nth(1).is_none()
    })
}

fn cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Reduces graphemes whose width differs from the sum of their parts to their first character, because terminals disagree
/// on where the next one starts. `None` if there are none.
fn without_disputed(text: &str) -> Option<String> {
    let disputed = |grapheme: &str| grapheme.width() != grapheme.chars().map(cells).sum::<usize>();
    if !text.graphemes(true).any(disputed) {
        return None;
    }
    let first = |grapheme: &str| grapheme.chars().next().map_or(0, char::len_utf8);
    let kept = text.graphemes(true).map(|grapheme| match disputed(grapheme) {
        true => grapheme.get(..first(grapheme)).unwrap_or_default(),
        false => grapheme,
    });
    Some(kept.collect())
}

/// What is drawn for one character: itself, a visible stand-in, or nothing.
fn stand_in(c: char) -> Option<char> {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate, Unassigned,
    };
    const INVISIBLE: CodePointSetDataBorrowed<'_> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    const CATEGORIES: CodePointMapDataBorrowed<'_, GeneralCategory> = CodePointMapData::new();
    match c {
        ' '..='~' => return Some(c),
        // The control pictures block mirrors C0.
        '\u{0}'..='\u{1f}' => return char::from_u32(0x2400 + c as u32),
        '\u{7f}' => return Some('␡'),
        // A flag is two of these letters, and takes two cells in one terminal and four in another.
        '\u{1f1e6}'..='\u{1f1ff}' => return char::from_u32('A' as u32 + (c as u32 - 0x1f1e6)),
        // Skin tones: a thumb with one takes two cells or four, likewise.
        '\u{1f3fb}'..='\u{1f3ff}' => return None,
        _ if INVISIBLE.contains(c) => return None,
        _ => {}
    }
    match CATEGORIES.get(c) {
        // C1, and what fonts and terminals do not agree on.
        Control | PrivateUse | Unassigned | Surrogate => Some(char::REPLACEMENT_CHARACTER),
        LineSeparator | ParagraphSeparator => Some('␊'),
        SpaceSeparator => Some(' '),
        Format => None,
        _ => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown_or_dropped() {
        let table = [
            ("plain", "plain"),
            ("\u{1b}[31mred\u{7}", "␛[31mred␇"),
            ("two\r\nlines\rand\nmore", "two␊lines␍and␊more"),
            ("\u{9b}31m", "\u{fffd}31m"),
            ("abc\u{202e}fdp.exe", "abcfdp.exe"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("nbsp\u{a0}here", "nbsp here"),
            ("z\u{301}\u{302}\u{303}\u{304}algo", "z\u{301}\u{302}algo"),
            ("\u{301}leading mark", "leading mark"),
            ("日本 naïve £5", "日本 naïve £5"),
            ("👩\u{200d}👩\u{200d}👧", "👩👩👧"),
            ("👍🏽 🇬🇧 1\u{fe0f}\u{20e3} ❤\u{fe0f}", "👍 GB 1\u{20e3} ❤"),
            ("\u{e0041}\u{e007f}tag\u{ad}\u{34f}\u{61c}", "tag"),
            ("\u{2066}a\u{2069}\u{2028}b\u{2029}c\u{85}d", "a␊b␊c\u{fffd}d"),
            ("#\u{1193f}a \u{d4e}b", "#a b"),
            ("\u{e000}\u{fdd0}\u{10ffff}\u{378}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{1b}P1$r\u{1b}\\\u{90}\u{98}\u{9e}\u{9f}", "␛P1$r␛\\\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ];
        for (raw, safe) in table {
            assert_eq!(SafeText::new(raw).as_str(), safe, "{raw:?}");
        }
    }

    #[test]
    fn debug_of_a_client_value_prints_only_its_length() {
        assert_eq!(format!("{:?}", Untrusted::new("QQ123456C")), "Untrusted(9 bytes)");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_survives_and_safe_text_stays_as_it_is(raw in "\\PC*|.*|[\\x00-\\x1f\\u{7f}-\\u{9f}\\u{200b}-\\u{206f}a]*") {
            let safe = SafeText::new(&raw);
            let inert = |c: char| !c.is_control() && !matches!(c, '\u{202e}' | '\u{200d}');
            prop_assert!(safe.as_str().chars().all(inert));
            prop_assert_eq!(SafeText::new(safe.as_str()), safe);
        }

        #[test]
        fn a_text_takes_the_cells_of_its_characters(chars in prop::collection::vec(any::<char>(), 0..6)) {
            let safe = SafeText::new(&String::from_iter(chars));
            let each: usize = safe.as_str().chars().map(cells).sum();
            let drawn: usize = safe.as_str().graphemes(true).map(|grapheme| grapheme.width()).sum();
            prop_assert_eq!(each, drawn);
            prop_assert_eq!(SafeText::new(safe.as_str()), safe);
        }
    }

    /// Every character there is.
    #[test]
    fn no_character_is_forgotten() {
        for c in '\0'..=char::MAX {
            let safe = SafeText::new(&format!("a{c}b"));
            let text = safe.as_str();
            assert!(text.starts_with('a') && text.ends_with('b'), "{c:?}: {text:?}");
            assert!(text.width() >= 2 && !text.contains(char::is_control), "{c:?}: {text:?}");
            assert_eq!(text.width(), text.chars().map(cells).sum::<usize>(), "{c:?}: {text:?}");
            assert_eq!(SafeText::new(text), safe, "{c:?}");
        }
    }
}
