//! Custom themes: what they can change, and how they are applied.

use ratatui::style::{Color, Modifier};

use super::{Glyphs, Theme};
use crate::domain::text::SafeText;
use crate::suggest::nearest;

/// A custom theme: overrides parts of another theme.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomTheme {
    pub name: String,
    /// The theme that it is based on; without one it follows the terminal's background.
    pub base: Option<String>,
    /// The changes, by the names of [`roles`].
    pub changes: Vec<(&'static str, StyleChange)>,
}

/// Overrides for one style.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StyleChange {
    /// The text colour; for the selected line without `bg`, its background.
    pub fg: Option<ConfigColor>,
    pub bg: Option<ConfigColor>,
    /// By the names of [`MODIFIERS`].
    pub modifiers: Vec<(&'static str, bool)>,
}

/// A colour as written in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigColor(Color);

/// The modifiers that can be switched on or off.
pub const MODIFIERS: [&str; 5] = ["bold", "dim", "italic", "underline", "reverse"];

/// The named colours: the terminal's own sixteen.
const NAMES: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// The styles that can be changed, by name.
pub fn roles() -> [&'static str; 10] {
    Theme::plain(Glyphs::new(false)).styles_mut().map(|(name, _)| name)
}

impl ConfigColor {
    /// A name, `#rrggbb`, `#rgb`, or a number as text.
    ///
    /// # Errors
    /// The mistake and the fix, as a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        if let Some(digits) = text.strip_prefix('#') {
            return hex(digits).map(Self).ok_or_else(|| {
                format!(
                    "{} is not a colour: # is followed by six hexadecimal digits, like #62c7d4",
                    SafeText::new(text)
                )
            });
        }
        if let Ok(number) = text.parse() {
            return Self::number(number);
        }
        let wanted = text.to_lowercase().replace([' ', '_'], "-").replace("gray", "grey");
        let wanted = if wanted == "grey" { "bright-black" } else { &wanted };
        if let Some((_, colour)) = NAMES.iter().find(|(name, _)| *name == wanted) {
            return Ok(Self(*colour));
        }
        let hint = match nearest(wanted, NAMES.iter().map(|(name, _)| *name)) {
            Some(name) => format!("did you mean {name}?"),
            None => {
                "give \"#rrggbb\", a number from 0 to 255, or a name such as red or bright-blue".to_owned()
            }
        };
        Err(format!("no colour is called {}; {hint}", SafeText::new(text)))
    }

    /// One of the 256 colours.
    ///
    /// # Errors
    /// The number is out of range.
    pub fn number(number: i64) -> Result<Self, String> {
        let number = u8::try_from(number);
        number
            .map(|number| Self(Color::Indexed(number)))
            .map_err(|_| "colours have the numbers 0 to 255".to_owned())
    }

    fn colour(self) -> Option<Color> {
        Some(self.0).filter(|colour| *colour != Color::Reset)
    }
}

fn hex(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => Some(Color::from_u32(number)),
        3 => {
            let twice = |shift: u32| u8::try_from(number >> shift & 0xf).map(|digit| digit * 0x11).ok();
            Some(Color::Rgb(twice(8)?, twice(4)?, twice(0)?))
        }
        _ => None,
    }
}

impl CustomTheme {
    pub(super) fn apply(&self, theme: &mut Theme) {
        for (role, change) in &self.changes {
            let Some((_, style)) = theme.styles_mut().into_iter().find(|(name, _)| name == role) else {
                continue;
            };
            let (fg, bg) = match (change.fg, change.bg) {
                // For the selected line a single colour means its background.
                (Some(only), None) if *role == "selected" && change.modifiers.is_empty() => {
                    (None, Some(only))
                }
                both => both,
            };
            if let Some(colour) = fg {
                style.fg = colour.colour();
                // A chosen colour is not dimmed.
                style.add_modifier -= Modifier::DIM;
            }
            if let Some(colour) = bg {
                style.bg = colour.colour();
            }
            for (name, on) in &change.modifiers {
                style.add_modifier.set(modifier(name), *on);
            }
        }
    }
}

fn modifier(name: &str) -> Modifier {
    match name {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => Modifier::empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_or_it_is_said_what_would_be_right() {
        for (text, colour) in [
            ("#62c7d4", Color::Rgb(0x62, 0xc7, 0xd4)),
            ("#F0a", Color::Rgb(0xff, 0, 0xaa)),
            ("red", Color::Red),
            ("Bright Blue", Color::LightBlue),
            ("grey", Color::DarkGray),
            ("208", Color::Indexed(208)),
            ("default", Color::Reset),
        ] {
            assert_eq!(ConfigColor::read(text), Ok(ConfigColor(colour)), "{text}");
        }
        for (text, says) in [
            ("#62c7", "six hexadecimal digits"),
            ("#62c7dx", "six hexadecimal digits"),
            ("#日本", "six hexadecimal digits"),
            ("geren", "did you mean green?"),
            ("mauve-ish", "\"#rrggbb\""),
            ("256", "0 to 255"),
            ("-1", "0 to 255"),
        ] {
            let problem = ConfigColor::read(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
