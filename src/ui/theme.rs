//! Styles and glyphs, named by what they mean. No other file names a colour.

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

use crate::app::event::Background;
use crate::app::event_log::Severity;
use crate::domain::tally::Verdict;

/// How the screen looks. Whatever a colour says, a word or a glyph says too.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What is there when looked for: headings, units, what is over.
    pub dim: Style,
    /// Rules, frames and scroll bars.
    pub line: Style,
    /// The program's name, the selection's mark, what has the keyboard.
    pub accent: Style,
    /// Headings of panes and columns.
    pub heading: Style,
    /// The selected line; put on with [`Theme::select`].
    pub selected: Style,
    /// Rows that were imported, things that went well.
    pub good: Style,
    /// Something to look at: stalled, no contact.
    pub warning: Style,
    /// Rows that failed, things that went wrong.
    pub bad: Style,
    /// A key's name.
    pub key: Style,
    /// The characters that pictures are made of.
    pub glyphs: &'static Glyphs,
}

/// The characters that pictures are made of.
#[derive(Debug)]
pub struct Glyphs {
    /// Marks the selected line.
    pub cursor: &'static str,
    /// Marks a marked line.
    pub mark: &'static str,
    /// Marks a line whose notifications are muted.
    pub muted: &'static str,
    /// A full cell of succeeded rows. No part of a gauge fills its cell: terminals draw full blocks without a gap, and the
    /// gauges of neighbouring lines would melt into one. Heights tell the parts apart without their colours.
    pub full: &'static str,
    /// Partly filled cells, from one eighth to seven.
    pub eighths: [&'static str; 7],
    /// A cell of failed rows.
    pub failed: &'static str,
    /// Cells of succeeded, failed and pending rows of an import that is over.
    pub over: [&'static str; 3],
    /// A cell of pending rows.
    pub pending: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// A vertical rule.
    pub bar: &'static str,
    /// The part of a scroll bar that shows where a list is.
    pub thumb: &'static str,
    /// Between words on one line.
    pub dot: &'static str,
    /// Leads from a header to its field.
    pub arrow: &'static str,
    /// Stands for what was cut away.
    pub ellipsis: char,
    /// Before a number that may be larger.
    pub least: &'static str,
    /// Between the ends of a range.
    pub dash: char,
    /// Stands for a number that is not known.
    pub none: &'static str,
    /// In contact with the server.
    pub live: &'static str,
    /// Out of contact.
    pub lost: &'static str,
    /// Ascending and descending order.
    pub order: [&'static str; 2],
    /// Heights of a sparkline, lowest first.
    pub levels: [&'static str; 9],
    /// The border of a box.
    pub border: border::Set<'static>,
    /// From a screen to the one opened from it.
    pub step: &'static str,
    /// By verdict.
    verdicts: [&'static str; 9],
}

impl Glyphs {
    /// Within ASCII, or beyond.
    fn new(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &UNICODE }
    }

    /// The sign of a verdict.
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

/// A border for terminals without line characters.
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
    /// The terminal's own sixteen colours, or none; with or without characters beyond ASCII.
    pub fn new(colour: bool, ascii: bool) -> Self {
        let glyphs = Glyphs::new(ascii);
        if colour { palette::ANSI.palette(Background::Dark, true).theme(glyphs) } else { Self::plain(glyphs) }
    }

    /// The styles by the names that the configuration has for them.
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

    /// Whether it has any colour.
    pub fn has_colour(mut self) -> bool {
        self.styles_mut().iter().any(|(_, style)| style.fg.or(style.bg).is_some())
    }

    /// Makes an area that is drawn already the selected line: colours that mean something stay.
    pub fn select(&self, area: Rect, buf: &mut Buffer) {
        for at in area.intersection(buf.area).positions() {
            if let Some(cell) = buf.cell_mut(at) {
                let style =
                    if cell.fg == Color::Reset { self.selected } else { Style { fg: None, ..self.selected } };
                cell.set_style(style);
            }
        }
    }

    /// The mark of the selected line, as far as it has the keyboard.
    pub fn cursor(&self, focused: bool) -> Style {
        if focused { self.accent.remove_modifier(Modifier::REVERSED) } else { self.dim }
    }

    /// How a verdict is written.
    pub fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Queued | Verdict::Unknown | Verdict::Done => self.dim,
            Verdict::Running | Verdict::Finishing => self.good,
            Verdict::Stalled => self.warning,
            Verdict::DoneWithFailures | Verdict::Cancelled => self.text,
            Verdict::Failed => self.bad,
        }
    }

    /// How a notice or a log line is written.
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
