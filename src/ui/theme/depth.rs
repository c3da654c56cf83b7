//! How many colours the terminal has, and the nearest of those to any other.

use ratatui::style::Color;

use super::Theme;
use crate::app::event::Background;

/// What the environment says about the terminal's colours. Empty where a variable is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalEnv {
    pub term: String,
    pub colorterm: String,
    /// `COLORFGBG`: text and background by their numbers among the sixteen colours, `15;0`.
    pub colorfgbg: String,
    /// Whether a variable identifies a terminal with 24-bit colour.
    pub modern: bool,
    /// Whether the program runs inside tmux, which falls back to the colours of the terminal around it.
    pub tmux: bool,
    /// Whether a variable identifies xterm, whose `TERM` may claim less than it can do.
    pub xterm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    None,
    /// The sixteen that every terminal has, in the user's choice of shades.
    Sixteen,
    /// Those and 240 that look the same everywhere.
    Many,
    /// 24-bit colour.
    All,
}

/// Terminals with 24-bit colour, by the start of `TERM`: SSH passes on nothing else.
const ALL: [&str; 7] = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour", "rio"];
const NONE: [&str; 6] = ["dumb", "vt52", "vt100", "vt102", "vt220", "xterm-mono"];

impl TerminalEnv {
    pub fn depth(&self) -> Depth {
        let term = self.term.as_str();
        let begins = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if NONE.contains(&term) {
            return Depth::None;
        }
        // GNU screen knows 256 at most but passes on `COLORTERM` from the terminal around it.
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

    /// The background, where a variable says so. rxvt writes `default` for an unknown number.
    ///
    /// tmux before 3.4 passes no query on and so never replies; most backgrounds around it are dark.
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
    /// Replaces each colour by the nearest that the terminal has.
    pub(super) fn fit(self, theme: &mut Theme) {
        for (_, style) in theme.styles_mut() {
            style.fg = style.fg.and_then(|colour| self.nearest(colour));
            style.bg = style.bg.and_then(|colour| self.nearest(colour));
        }
        for style in &mut theme.firms {
            style.fg = style.fg.and_then(|colour| self.nearest(colour));
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
            Self::Sixteen => Some(nearest(colour, 0..16)),
            Self::Many | Self::All => Some(nearest(colour, candidates(colour))),
        }
    }
}

/// Of the 240 colours that are the same everywhere (users choose the first sixteen) the nearest of the cube and of the greys.
fn candidates(colour: Color) -> [u8; 2] {
    let wanted = channels(colour).unwrap_or_default();
    let step = |channel: u8| {
        (0..6_u8).min_by_key(|at| STEPS.get(usize::from(*at)).map_or(255, |step| step.abs_diff(channel)))
    };
    let [red, green, blue] = wanted.map(|channel| step(channel).unwrap_or_default());
    let mean = wanted.iter().map(|channel| u32::from(*channel)).sum::<u32>() / 3;
    let grey = u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23);
    [16 + 36 * red + 6 * green + blue, 232 + grey]
}

/// The channels of the colour cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn nearest(colour: Color, among: impl IntoIterator<Item = u8>) -> Color {
    let Some(wanted) = channels(colour) else { return colour };
    let distance = |number: &u8| {
        let found = channels(Color::Indexed(*number)).unwrap_or_default();
        wanted.iter().zip(found).map(|(a, b)| i32::from(a.abs_diff(b)).pow(2)).sum::<i32>()
    };
    among.into_iter().min_by_key(distance).map_or(colour, Color::Indexed)
}

/// Red, green and blue as in xterm; `None` for the terminal's own text and background.
pub(super) fn channels(colour: Color) -> Option<[u8; 3]> {
    let number = match colour {
        Color::Rgb(red, green, blue) => return Some([red, green, blue]),
        Color::Indexed(number) => number,
        _ => return None,
    };
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
    fn colour_depth_follows_the_environment() {
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
            let env = TerminalEnv {
                term: term.into(),
                colorterm: colorterm.into(),
                tmux,
                ..TerminalEnv::default()
            };
            assert_eq!(env.depth(), depth, "{term} {colorterm}");
        }
    }

    #[test]
    fn an_xterm_that_says_so_has_256_colours() {
        for (term, depth) in [("xterm", Depth::Many), ("screen", Depth::Sixteen), ("xterm-mono", Depth::None)]
        {
            let env = TerminalEnv { term: term.into(), xterm: true, ..TerminalEnv::default() };
            assert_eq!(env.depth(), depth, "{term}");
        }
    }

    #[test]
    fn the_background_is_the_last_number_of_colorfgbg() {
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
            let env = TerminalEnv { colorfgbg: text.into(), ..TerminalEnv::default() };
            assert_eq!(env.background(), background, "{text}");
            let inside = TerminalEnv { tmux: true, ..env };
            assert_eq!(inside.background(), background.or(dark), "in tmux: {text}");
        }
    }

    #[test]
    fn missing_colours_become_the_nearest_ones() {
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

    #[test]
    fn the_nearest_of_240_colours_is_the_nearest_of_cube_or_greys() {
        let shades = (0..=255_u8).step_by(17).chain([3, 7, 8, 13, 90, 95, 100]);
        for red in shades.clone() {
            for (green, blue) in
                shades.clone().flat_map(|green| shades.clone().map(move |blue| (green, blue)))
            {
                let wanted = [red, green, blue];
                let far = |found: Color| {
                    let found = channels(found).unwrap_or_default();
                    wanted.iter().zip(found).map(|(a, b)| i32::from(a.abs_diff(b)).pow(2)).sum::<i32>()
                };
                let colour = Color::Rgb(red, green, blue);
                let best = (16..=255).map(|number| far(Color::Indexed(number))).min();
                assert_eq!(Some(far(nearest(colour, candidates(colour)))), best, "{wanted:?}");
            }
        }
    }
}
