//! The colours of the built-in themes.
//!
//! Only the selection has a background of its own. Each theme has colours for dark and for light backgrounds, and for each
//! of those a second set from the terminal's own sixteen. Text has a contrast of 4.5:1 with every usual background and with
//! the selection (WCAG AA), lines have 3:1 with the background; a test checks that.

use ratatui::style::{Color, Modifier, Style};

use super::{FIRMS, Glyphs, Theme};
use crate::app::event::Background;

/// The colours of one theme on one background; `None` is the terminal's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) text: Option<Color>,
    /// `None`: dimmed.
    pub(super) dim: Option<Color>,
    /// `None`: dimmed.
    pub(super) line: Option<Color>,
    pub(super) accent: Option<Color>,
    pub(super) key: Option<Color>,
    pub(super) good: Option<Color>,
    pub(super) warning: Option<Color>,
    pub(super) bad: Option<Color>,
    /// Tells neighbouring firms apart; their names say which they are.
    pub(super) firms: [Option<Color>; FIRMS],
    /// Text and background of the selected line.
    pub(super) selected: [Option<Color>; 2],
}

/// A built-in theme.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// On dark and on light backgrounds: in all colours, and in sixteen.
    pub(super) dark: [Palette; 2],
    pub(super) light: [Palette; 2],
    /// Where the background is not known: colours made for one may vanish on the other.
    pub(super) unknown: [Palette; 2],
}

const fn rgb(hex: u32) -> Option<Color> {
    let [_, red, green, blue] = hex.to_be_bytes();
    Some(Color::Rgb(red, green, blue))
}

const DARK: Palette = Palette {
    text: None,
    dim: rgb(0xa0a9b8),
    line: rgb(0x6f7a8a),
    accent: rgb(0x62c7d4),
    key: rgb(0x62c7d4),
    good: rgb(0x8fce7f),
    warning: rgb(0xe6c25f),
    bad: rgb(0xff928f),
    firms: [rgb(0x9dbdff), rgb(0xc9adff), rgb(0x7fd1c0), rgb(0xf0b58e)],
    selected: [rgb(0xe6e9ef), rgb(0x2f3744)],
};

const LIGHT: Palette = Palette {
    text: None,
    dim: rgb(0x57606a),
    line: rgb(0x80868f),
    accent: rgb(0x0b5a9e),
    key: rgb(0x0b5a9e),
    good: rgb(0x12652b),
    warning: rgb(0x7a4900),
    bad: rgb(0xa8121f),
    firms: [rgb(0x0b5a9e), rgb(0x5f2a9e), rgb(0x005f5a), rgb(0x703800)],
    selected: [rgb(0x1f2328), rgb(0xe2e8f0)],
};

/// The terminal's own colours, as the user chose them.
const ANSI_DARK: Palette = Palette {
    text: None,
    dim: None,
    line: None,
    accent: Some(Color::Cyan),
    key: Some(Color::Cyan),
    good: Some(Color::Green),
    warning: Some(Color::Yellow),
    bad: Some(Color::Red),
    firms: [None; FIRMS],
    selected: [None, None],
};

/// Without yellow and cyan, which few terminals make dark enough for a light background.
const ANSI_LIGHT: Palette =
    Palette { accent: Some(Color::Blue), key: Some(Color::Blue), warning: Some(Color::Magenta), ..ANSI_DARK };

const CONTRAST_DARK: Palette = Palette {
    text: rgb(0xffffff),
    dim: rgb(0xd8d8d8),
    line: rgb(0xb0b0b0),
    accent: rgb(0x7fe7ff),
    key: rgb(0x7fe7ff),
    good: rgb(0x8dff8d),
    warning: rgb(0xffe45c),
    bad: rgb(0xffb3ad),
    firms: [rgb(0xc4d4ff), rgb(0xe2d0ff), rgb(0xa8f0e4), rgb(0xffd2b0)],
    selected: [rgb(0xffffff), rgb(0x00005f)],
};

const CONTRAST_LIGHT: Palette = Palette {
    text: rgb(0x000000),
    dim: rgb(0x303030),
    line: rgb(0x606060),
    accent: rgb(0x00005f),
    key: rgb(0x00005f),
    good: rgb(0x003d00),
    warning: rgb(0x4d2b00),
    bad: rgb(0x7a0000),
    firms: [rgb(0x00005f), rgb(0x3f0066), rgb(0x002b2b), rgb(0x5c2600)],
    selected: [rgb(0x000000), rgb(0xffffaf)],
};

const CONTRAST_ANSI_DARK: Palette = Palette {
    text: Some(Color::White),
    dim: Some(Color::Gray),
    line: Some(Color::Gray),
    accent: Some(Color::LightCyan),
    key: Some(Color::LightCyan),
    good: Some(Color::LightGreen),
    warning: Some(Color::LightYellow),
    bad: Some(Color::LightRed),
    firms: [None; FIRMS],
    selected: [Some(Color::White), Some(Color::Blue)],
};

const CONTRAST_ANSI_LIGHT: Palette = Palette {
    text: Some(Color::Black),
    dim: Some(Color::Black),
    line: Some(Color::Black),
    selected: [Some(Color::Black), Some(Color::LightYellow)],
    ..ANSI_LIGHT
};

// Okabe and Ito's blue, yellow and orange, adjusted for enough contrast: on a light background that leaves no yellow.
const BLIND_DARK: Palette = Palette {
    accent: rgb(0xe6e9ef),
    key: rgb(0xe6e9ef),
    good: rgb(0x56b4e9),
    warning: rgb(0xf0e442),
    bad: rgb(0xff8c42),
    ..DARK
};

const BLIND_LIGHT: Palette = Palette {
    accent: rgb(0x1f2328),
    key: rgb(0x1f2328),
    good: rgb(0x005f87),
    warning: rgb(0x8700af),
    bad: rgb(0x8a3500),
    ..LIGHT
};

const BLIND_ANSI_DARK: Palette = Palette { accent: None, key: None, good: Some(Color::Cyan), ..ANSI_DARK };

const BLIND_ANSI_LIGHT: Palette = Palette { accent: None, key: None, good: Some(Color::Blue), ..ANSI_LIGHT };

/// The theme that uses the terminal's own colours.
pub(super) const ANSI: Family = Family {
    name: "ansi16",
    about: "the terminal's own sixteen colours",
    dark: [ANSI_DARK; 2],
    light: [ANSI_LIGHT; 2],
    unknown: [ANSI_DARK; 2],
};

/// The built-in themes besides `auto` and `no-colour`.
pub(super) const FAMILIES: [Family; 5] = [
    Family {
        name: "dark",
        about: "for dark backgrounds",
        dark: [DARK, ANSI_DARK],
        light: [DARK, ANSI_DARK],
        unknown: [DARK, ANSI_DARK],
    },
    Family {
        name: "light",
        about: "for light backgrounds",
        dark: [LIGHT, ANSI_LIGHT],
        light: [LIGHT, ANSI_LIGHT],
        unknown: [LIGHT, ANSI_LIGHT],
    },
    Family {
        name: "high-contrast",
        about: "highest contrast, on dark and light backgrounds",
        dark: [CONTRAST_DARK, CONTRAST_ANSI_DARK],
        light: [CONTRAST_LIGHT, CONTRAST_ANSI_LIGHT],
        unknown: [ANSI_DARK; 2],
    },
    Family {
        name: "colour-blind",
        about: "blue, yellow or purple, and orange instead of red and green",
        dark: [BLIND_DARK, BLIND_ANSI_DARK],
        light: [BLIND_LIGHT, BLIND_ANSI_LIGHT],
        unknown: [BLIND_ANSI_DARK; 2],
    },
    ANSI,
];

impl Family {
    /// Its colours on a background; `few` if the terminal has sixteen.
    pub(super) fn palette(&self, background: Option<Background>, few: bool) -> Palette {
        let [all, sixteen] = match background {
            None => self.unknown,
            Some(Background::Dark) => self.dark,
            Some(Background::Light) => self.light,
        };
        if few { sixteen } else { all }
    }
}

impl Palette {
    pub(super) fn theme(self, glyphs: &'static Glyphs) -> Theme {
        let style = |colour: Option<Color>| Style { fg: colour, ..Style::new() };
        let faint = |colour: Option<Color>| match colour {
            Some(colour) => style(Some(colour)),
            None => Style::new().add_modifier(Modifier::DIM),
        };
        let [fg, bg] = self.selected;
        // None of the sixteen colours is sure to differ from the background, and bold alone is easily overlooked.
        let marked = if bg.is_some() { Modifier::BOLD } else { Modifier::REVERSED };
        Theme {
            text: style(self.text),
            dim: faint(self.dim),
            line: faint(self.line),
            accent: style(self.accent).add_modifier(Modifier::BOLD),
            heading: style(self.text).add_modifier(Modifier::BOLD),
            selected: Style { fg, bg, ..Style::new() }.add_modifier(marked),
            good: style(self.good),
            warning: style(self.warning),
            bad: style(self.bad),
            key: style(self.key),
            firms: self.firms.map(|colour| style(colour.or(self.text))),
            glyphs,
        }
    }
}

impl Theme {
    /// Without any colour: weight and reversed text only.
    pub(super) fn plain(glyphs: &'static Glyphs) -> Self {
        let plain = Style::new();
        let (dim, bold) = (plain.add_modifier(Modifier::DIM), plain.add_modifier(Modifier::BOLD));
        Self {
            text: plain,
            dim,
            line: dim,
            accent: bold,
            heading: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            good: plain,
            warning: bold,
            bad: bold,
            key: bold,
            firms: [plain; FIRMS],
            glyphs,
        }
    }
}
