//! Text from outside, made safe for a terminal. The only door.
//!
//! Imported rows are typed by strangers. Before anything of theirs is drawn, copied into a title or written
//! to a log it passes through here, so that no cell can move the cursor, recolour the screen, reverse the
//! reading order or push its neighbours.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use unicode_width::UnicodeWidthChar;

/// How many combining marks one base character keeps.
const MAX_MARKS: usize = 2;

/// One line of text that is safe to draw: no control, format, bidi or zero-width character in it.
///
/// Control characters are shown as stand-ins (a newline as `␊`), so that nobody mistakes two values for the
/// same; invisible characters are left out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(Arc<str>);

impl SafeText {
    /// Makes any text safe.
    pub fn new(raw: &str) -> Self {
        Self(Arc::from(sanitise(raw)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// A value of the client's data exactly as it came.
///
/// It has no `Display`: it is drawn through [`Untrusted::shown`], and only files and copies that must be
/// exact take [`Untrusted::raw`]. `Debug` tells the length only, so that no client data reaches a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Arc<str>);

impl Untrusted {
    /// Keeps a value as it came.
    pub fn new(raw: impl Into<Arc<str>>) -> Self {
        Self(raw.into())
    }

    /// The value as a terminal may show it.
    pub fn shown(&self) -> SafeText {
        SafeText::new(&self.0)
    }

    /// The value itself, for files and exact copies; never for the screen.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.0.len())
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
            Some(shown) if UnicodeWidthChar::width(shown) == Some(0) => {
                marks += 1;
                if marks <= MAX_MARKS && !safe.is_empty() {
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
    Cow::Owned(safe)
}

/// What is drawn for one character: itself, a visible stand-in, or nothing.
fn stand_in(c: char) -> Option<char> {
    match c {
        // The control pictures block mirrors C0.
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32),
        '\u{7f}' => Some('␡'),
        '\u{80}'..='\u{9f}' => Some('\u{fffd}'),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2028}' | '\u{2029}' => Some('␊'),
        // Format, bidi, zero-width, fillers, variation selectors, tags, private use and not a character.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1345f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Some('\u{fffd}'),
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
        ];
        for (raw, safe) in table {
            assert_eq!(SafeText::new(raw).as_str(), safe, "{raw:?}");
        }
    }

    #[test]
    fn debug_of_a_client_value_tells_its_length_only() {
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
    }
}
