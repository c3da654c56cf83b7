//! Styles and glyphs, named by meaning. No other file names a colour, but `terminal/paint.rs`, which
//! writes it.

mod custom;
mod depth;
mod palette;
mod themes;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

pub use self::custom::{ConfigColor, CustomTheme, MODIFIERS, StyleChange, roles};
pub use self::depth::{Depth, TerminalEnv};
pub use self::themes::{AUTO, NO_COLOUR, Themes};

use crate::app::event_log::Severity;
use crate::domain::tally::Verdict;

/// The styles and glyphs of the screen. Colour never carries information on its own.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    pub text: Style,
    /// Secondary text: headings, units, finished imports.
    pub dim: Style,
    /// Rules, frames and scroll bars.
    pub line: Style,
    /// The program's name, the selection mark, what has the focus.
    pub accent: Style,
    /// Headings of panes and columns.
    pub heading: Style,
    /// The selected line; applied by [`Theme::select`].
    pub selected: Style,
    /// Succeeded rows, successes.
    pub good: Style,
    /// Needs attention: stalled, offline.
    pub warning: Style,
    /// Failed rows, errors.
    pub bad: Style,
    /// Key names.
    pub key: Style,
    /// Names of firms, in turns.
    firms: [Style; FIRMS],
    /// The symbols.
    pub glyphs: &'static Glyphs,
}

/// How many firms in a row look different.
const FIRMS: usize = 4;

#[derive(Debug)]
pub struct Glyphs {
    pub cursor: &'static str,
    /// Marks a line that the user marked.
    pub mark: &'static str,
    /// Marks an import to which something happened that the user has not seen.
    pub unseen: &'static str,
    /// Marks an import whose notifications are muted.
    pub muted: &'static str,
    /// A full cell of succeeded rows. No part of a gauge fills its cell: terminals draw full blocks without a gap, so the
    /// gauges of neighbouring lines would merge. Different heights tell the parts apart without colour.
    pub full: &'static str,
    /// Partly filled cells, from one eighth to seven.
    pub eighths: [&'static str; 7],
    pub failed: &'static str,
    /// Succeeded, failed and pending rows of a finished import.
    pub over: [&'static str; 3],
    pub pending: &'static str,
    pub rule: &'static str,
    pub bar: &'static str,
    /// The thumb of a scroll bar.
    pub thumb: &'static str,
    /// Separates items on a line.
    pub dot: &'static str,
    /// From a header to its field.
    pub arrow: &'static str,
    /// Replaces text that was cut off.
    pub ellipsis: char,
    /// Before a number that may be larger.
    pub least: &'static str,
    /// Between the ends of a range.
    pub dash: char,
    /// In place of an unknown number.
    pub none: &'static str,
    /// The connection works; the active account.
    pub live: &'static str,
    /// The connection is lost.
    pub lost: &'static str,
    /// Ascending and descending order.
    pub order: [&'static str; 2],
    /// Heights of a sparkline, lowest first.
    pub levels: [&'static str; 9],
    pub border: border::Set<'static>,
    /// Between breadcrumbs.
    pub step: &'static str,
    verdicts: [&'static str; 9],
}

impl Glyphs {
    fn new(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &UNICODE }
    }

    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        let [queued, running, stalled, finishing, done, failures, failed, cancelled, unknown] = self.verdicts;
        match verdict {
            Verdict::Queued => queued,
            Verdict::Running => running,
            Verdict::Stalled => stalled,
            Verdict::Finishing => finishing,
            Verdict::Done => done,
            Verdict::DoneWithFailures => failures,
            Verdict::Failed => failed,
            Verdict::Cancelled => cancelled,
            Verdict::Unknown => unknown,
        }
    }
}

const UNICODE: Glyphs = Glyphs {
    cursor: "▌",
    mark: "•",
    unseen: "●",
    muted: "⊘",
    full: "▆",
    eighths: ["▂", "▂", "▃", "▃", "▅", "▅", "▅"],
    failed: "▄",
    over: ["━", "╍", "─"],
    pending: "▁",
    rule: "─",
    bar: "│",
    thumb: "┃",
    dot: "·",
    arrow: "→",
    ellipsis: '…',
    least: "≥",
    dash: '–',
    none: "–",
    live: "●",
    lost: "○",
    order: ["↑", "↓"],
    levels: [" ", "▁", "▂", "▃", "▄", "▄", "▅", "▆", "▇"],
    border: border::PLAIN,
    step: "›",
    verdicts: ["○", "▸", "‖", "◦", "✓", "!", "✗", "■", "?"],
};

const ASCII: Glyphs = Glyphs {
    cursor: ">",
    mark: "*",
    unseen: "+",
    muted: "m",
    full: "#",
    eighths: ["-", "-", "-", "-", "=", "=", "="],
    failed: "x",
    over: ["=", "x", "."],
    pending: ".",
    rule: "-",
    bar: "|",
    thumb: "#",
    dot: "-",
    arrow: "->",
    ellipsis: '~',
    least: "at least",
    dash: '-',
    none: "-",
    live: "*",
    lost: "o",
    order: ["^", "v"],
    levels: [" ", "_", ".", ".", "-", "-", "=", "=", "#"],
    border: ASCII_BORDER,
    step: ">",
    verdicts: ["o", ">", "|", "~", "+", "!", "x", "/", "?"],
};

const ASCII_BORDER: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Theme {
    /// The terminal's own sixteen colours, or none; with or without non-ASCII glyphs.
    pub fn new(colour: bool, ascii: bool) -> Self {
        let glyphs = Glyphs::new(ascii);
        if colour { palette::ANSI.palette(None, true).theme(glyphs) } else { Self::plain(glyphs) }
    }

    /// The styles by their names in the configuration.
    fn styles_mut(&mut self) -> [(&'static str, &mut Style); 10] {
        [
            ("text", &mut self.text),
            ("dim", &mut self.dim),
            ("line", &mut self.line),
            ("accent", &mut self.accent),
            ("heading", &mut self.heading),
            ("selected", &mut self.selected),
            ("good", &mut self.good),
            ("warning", &mut self.warning),
            ("bad", &mut self.bad),
            ("key", &mut self.key),
        ]
    }

    pub fn has_colour(mut self) -> bool {
        self.styles_mut().iter().any(|(_, style)| style.fg.or(style.bg).is_some())
    }

    /// Turns an area that was already drawn into the selected line: meaningful colours stay.
    pub fn select(&self, area: Rect, buf: &mut Buffer) {
        let reversed = self.selected.add_modifier.contains(Modifier::REVERSED);
        for at in area.intersection(buf.area).positions() {
            if let Some(cell) = buf.cell_mut(at) {
                let style = match cell.fg {
                    Color::Reset => self.selected,
                    // Reversed, a coloured word would be a block of its colour.
                    _ if reversed => self.selected.fg(self.selected.fg.unwrap_or(Color::Reset)),
                    _ => Style { fg: None, ..self.selected },
                };
                cell.set_style(style);
            }
        }
    }

    /// The mark of the selected line.
    pub fn cursor(&self, focused: bool) -> Style {
        if focused { self.accent.remove_modifier(Modifier::REVERSED) } else { self.dim }
    }

    pub fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Queued | Verdict::Unknown | Verdict::Done => self.dim,
            Verdict::Running | Verdict::Finishing => self.good,
            Verdict::Stalled => self.warning,
            Verdict::DoneWithFailures | Verdict::Cancelled => self.text,
            Verdict::Failed => self.bad,
        }
    }

    /// The name of a firm, by its place among those that are listed.
    pub fn firm(&self, nth: usize) -> Style {
        self.firms.get(nth % FIRMS).copied().unwrap_or(self.text)
    }

    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Info => self.text,
            Severity::Good => self.good,
            Severity::Warning => self.warning,
            Severity::Error => self.bad,
        }
    }
}

#[cfg(test)]
mod tests;
