//! How many colours the terminal has, and what is nearest to a colour that it has not.

use ratatui::style::Color;

use super::Theme;
use crate::app::event::Background;

/// What the environment tells about the terminal's colours. Empty where it tells nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalEnv {
    /// `TERM`.
    pub term: String,
    /// `COLORTERM`.
    pub colorterm: String,
    /// `COLORFGBG`: the numbers of text and ground among the sixteen colours, `15;0`.
    pub colorfgbg: String,
    /// Whether the terminal is one that has all colours and says so by a variable of its own.
    pub modern: bool,
    /// Whether the program runs inside tmux, which makes do with what the terminal around it has.
    pub tmux: bool,
    /// Whether a variable of its own says that the terminal is xterm, whose `TERM` may say less than it can do.
    pub xterm: bool,
}

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None.
    None,
    /// The sixteen that every terminal has, each looking as the user likes.
    Sixteen,
    /// Those and 240 that look the same everywhere.
    Many,
    /// All.
    All,
}

/// Terminals that have all colours, by the beginning of `TERM`: through SSH that is all that comes along.
const ALL: [&str; 7] = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour", "rio"];
/// Terminals without colours.
const NONE: [&str; 6] = ["dumb", "vt52", "vt100", "vt102", "vt220", "xterm-mono"];

impl TerminalEnv {
    /// How many colours the terminal has.
    pub fn depth(&self) -> Depth {
        let term = self.term.as_str();
        let begins = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if NONE.contains(&term) {
            return Depth::None;
        }
        // GNU screen knows 256 at most and passes `COLORTERM` on from the terminal around it.
        let screen = term.starts_with("screen") && !self.tmux;
        let says_all = ["truecolor", "24bit"].contains(&self.colorterm.as_str()) || self.modern;
        if !screen && (says_all || term.ends_with("-direct") || begins(&ALL)) {
            Depth::All
        } else if term.contains("256color") || self.tmux || (self.xterm && term.starts_with("xterm")) {
            Depth::Many
        } else {
            Depth::Sixteen
        }
    }

    /// The ground, where the terminal tells it by a variable. rxvt writes `default` for a number it does not know.
    ///
    /// tmux before 3.4 passes no question on and so never answers; most backgrounds around it are dark.
    pub fn background(&self) -> Option<Background> {
        let number = self.colorfgbg.rsplit(';').next().and_then(|number| number.parse().ok());
        match number {
            Some(0..=6 | 8) => Some(Background::Dark),
            Some(7 | 9..=15) => Some(Background::Light),
            _ => self.tmux.then_some(Background::Dark),
        }
    }
}

impl Depth {
    /// Makes a theme of the nearest colours that the terminal has.
    pub(super) fn fit(self, theme: &mut Theme) {
        for (_, style) in theme.styles_mut() {
            style.fg = style.fg.and_then(|colour| self.nearest(colour));
            style.bg = style.bg.and_then(|colour| self.nearest(colour));
        }
    }

    fn nearest(self, colour: Color) -> Option<Color> {
        let beyond = match colour {
            Color::Rgb(..) => self != Self::All,
            Color::Indexed(number) => number > 15 && self == Self::Sixteen,
            _ => false,
        };
        match self {
            Self::None => None,
            _ if !beyond => Some(colour),
            Self::Sixteen => Some(nearest(colour, 0..=15)),
            // Of the first sixteen nobody knows what they look like.
            Self::Many | Self::All => Some(nearest(colour, 16..=255)),
        }
    }
}

fn nearest(colour: Color, among: std::ops::RangeInclusive<u8>) -> Color {
    let Some(wanted) = channels(colour) else { return colour };
    let distance = |number: &u8| {
        let found = channels(Color::Indexed(*number)).unwrap_or_default();
        wanted.iter().zip(found).map(|(a, b)| i32::from(a.abs_diff(b)).pow(2)).sum::<i32>()
    };
    among.min_by_key(distance).map_or(colour, Color::Indexed)
}

/// Red, green and blue as xterm has them; `None` for the terminal's own text and ground.
pub(super) fn channels(colour: Color) -> Option<[u8; 3]> {
    let number = match colour {
        Color::Rgb(red, green, blue) => return Some([red, green, blue]),
        Color::Indexed(number) => number,
        _ => return None,
    };
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |at: u8| STEPS.get(usize::from(at % 6)).copied().unwrap_or_default();
    Some(match number {
        0 => [0, 0, 0],
        7 => [229, 229, 229],
        8 => [127, 127, 127],
        1..=15 => {
            let full = if number > 8 { 255 } else { 205 };
            [0, 1, 2].map(|bit| if number >> bit & 1 == 1 { full } else { 0 })
        }
        16..=231 => [step((number - 16) / 36), step((number - 16) / 6), step(number - 16)],
        232..=255 => [8 + (number - 232) * 10; 3],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_counted_by_what_the_terminal_says() {
        let table = [
            ("xterm-256color", "truecolor", false, Depth::All),
            ("xterm-256color", "", false, Depth::Many),
            ("xterm-kitty", "", false, Depth::All),
            ("xterm-direct", "", false, Depth::All),
            ("screen-256color", "truecolor", true, Depth::All),
            ("screen", "", true, Depth::Many),
            ("vt100", "", true, Depth::None),
            ("screen.xterm-256color", "truecolor", false, Depth::Many),
            ("screen", "24bit", false, Depth::Sixteen),
            ("linux", "", false, Depth::Sixteen),
            ("xterm", "", false, Depth::Sixteen),
            ("", "", false, Depth::Sixteen),
            ("vt100", "", false, Depth::None),
        ];
        for (term, colorterm, tmux, depth) in table {
            let around = TerminalEnv {
                term: term.into(),
                colorterm: colorterm.into(),
                tmux,
                ..TerminalEnv::default()
            };
            assert_eq!(around.depth(), depth, "{term} {colorterm}");
        }
    }

    #[test]
    fn an_xterm_that_says_so_has_256_colours() {
        for (term, depth) in [("xterm", Depth::Many), ("screen", Depth::Sixteen), ("xterm-mono", Depth::None)]
        {
            let around = TerminalEnv { term: term.into(), xterm: true, ..TerminalEnv::default() };
            assert_eq!(around.depth(), depth, "{term}");
        }
    }

    #[test]
    fn the_ground_is_the_last_number_of_colorfgbg() {
        let dark = Some(Background::Dark);
        let light = Some(Background::Light);
        for (text, background) in [
            ("15;0", dark),
            ("0;15", light),
            ("0;default;15", light),
            ("12;8", dark),
            ("0;7", light),
            ("15;default", None),
            ("", None),
            ("0;256", None),
        ] {
            let around = TerminalEnv { colorfgbg: text.into(), ..TerminalEnv::default() };
            assert_eq!(around.background(), background, "{text}");
            let inside = TerminalEnv { tmux: true, ..around };
            assert_eq!(inside.background(), background.or(dark), "in tmux: {text}");
        }
    }

    #[test]
    fn what_the_terminal_has_not_becomes_what_is_nearest() {
        let table = [
            (Color::Rgb(255, 0, 0), Depth::All, Some(Color::Rgb(255, 0, 0))),
            (Color::Rgb(255, 0, 0), Depth::Many, Some(Color::Indexed(196))),
            (Color::Rgb(8, 8, 8), Depth::Many, Some(Color::Indexed(232))),
            (Color::Rgb(250, 5, 5), Depth::Sixteen, Some(Color::Indexed(9))),
            (Color::Indexed(22), Depth::Sixteen, Some(Color::Indexed(0))),
            (Color::Indexed(22), Depth::Many, Some(Color::Indexed(22))),
            (Color::Red, Depth::Sixteen, Some(Color::Red)),
            (Color::Red, Depth::None, None),
        ];
        for (colour, depth, wanted) in table {
            assert_eq!(depth.nearest(colour), wanted, "{colour:?} {depth:?}");
        }
    }
}
