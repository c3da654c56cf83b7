//! A frame as an SVG picture: a terminal window on its own background, for light and dark pages.
//!
//! Every run of text says how long it is, so columns stay in line whatever monospaced font there is.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// One cell, and the room around all of them, in pixels.
const CELL: (u16, u16) = (9, 19);
const MARGIN: u16 = 16;
const TITLE_BAR: u16 = 34;
const FONT_SIZE: u16 = 15;
/// Where letters stand in a cell, from its top.
const BASELINE: u16 = 14;

/// The colours of a terminal's window.
pub struct Window {
    background: &'static str,
    bar: &'static str,
    edge: &'static str,
    ink: &'static str,
}

pub const DARK: Window = Window { background: "#171b22", bar: "#222833", edge: "#3a4250", ink: "#d7dce5" };
pub const LIGHT: Window = Window { background: "#fdfdfb", bar: "#eceef1", edge: "#c8ccd2", ink: "#1f2328" };

/// The terminal's sixteen colours, in ANSI's order.
const PALETTE: [&str; 16] = [
    "#2a303b", "#f0717b", "#8ccf7e", "#e5c76b", "#67b0e8", "#c47fd5", "#6cbfbf", "#b3b9c5", //
    "#7d8797", "#ff8f97", "#a8e29b", "#f4dd94", "#8fcaf6", "#dba0e8", "#8ed8d8", "#ffffff",
];

/// Draws a frame in a window with a title.
pub fn picture(frame: &Buffer, title: &str, window: &Window) -> String {
    let mut svg = opened(frame.area, title, window);
    draw(&mut svg, frame, window);
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Draws frames one after another, each for so many seconds, over and over. Where nothing moves, the first is seen.
pub fn recording(frames: &[(&Buffer, f32)], title: &str, window: &Window) -> String {
    let whole: f32 = frames.iter().map(|(_, seconds)| seconds).sum();
    let Some((first, _)) = frames.first() else { return String::new() };
    let mut svg = opened(first.area, title, window);
    let mut begun = 0.0;
    for (frame, seconds) in frames {
        let (from, to) = (begun / whole, (begun + seconds) / whole);
        let (base, values, times) = match begun > 0.0 {
            false => ("visible", "visible;hidden", format!("0;{to:.4}")),
            true => ("hidden", "hidden;visible;hidden", format!("0;{from:.4};{to:.4}")),
        };
        let _ = writeln!(
            svg,
            r#"<g visibility="{base}"><animate attributeName="visibility" values="{values}" keyTimes="{times}" dur="{whole}s" calcMode="discrete" repeatCount="indefinite"/>"#
        );
        draw(&mut svg, frame, window);
        svg.push_str("</g>\n");
        begun += seconds;
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn draw(svg: &mut String, frame: &Buffer, window: &Window) {
    for y in 0..frame.area.height {
        for run in runs(frame, y) {
            run.write(svg, window);
        }
    }
}

/// The window, and what all its text has in common.
fn opened(area: Rect, title: &str, window: &Window) -> String {
    let Window { background, bar, edge, ink } = window;
    let width = area.width * CELL.0 + 2 * MARGIN;
    let height = TITLE_BAR + area.height * CELL.1 + MARGIN + MARGIN / 2;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{title}</title>
<rect x="0.5" y="0.5" width="{}" height="{}" rx="10" fill="{background}" stroke="{edge}"/>
<path d="M1 {TITLE_BAR}V10.5A9.5 9.5 0 0 1 10.5 1H{}A9.5 9.5 0 0 1 {} 10.5V{TITLE_BAR}Z" fill="{bar}"/>
<circle cx="22" cy="17" r="6" fill="{red}"/><circle cx="42" cy="17" r="6" fill="{yellow}"/><circle cx="62" cy="17" r="6" fill="{green}"/>
<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="{FONT_SIZE}" fill="{ink}" xml:space="preserve">
<text x="{}" y="22" text-anchor="middle" font-size="13" fill="{grey}">{title}</text>
"#,
        width - 1,
        height - 1,
        f32::from(width) - 10.5,
        width - 1,
        width / 2,
        title = escaped(title),
        red = PALETTE[1],
        yellow = PALETTE[3],
        green = PALETTE[2],
        grey = PALETTE[7],
    )
}

/// Neighbouring cells that look alike.
struct Run {
    at: (u16, u16),
    cells: u16,
    text: String,
    look: Look,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    ink: Option<Color>,
    background: Option<Color>,
    modifier: Modifier,
    /// Signs may come from another font than words, of another width: each stretches for itself.
    sign: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let sign = cell.symbol().chars().any(|c| c >= '\u{2000}' && !"–—‘’…".contains(c));
        let colour = |colour| (colour != Color::Reset).then_some(colour);
        Self { ink: colour(cell.fg), background: colour(cell.bg), modifier: cell.modifier, sign }
    }

    /// Text and background colours as drawn: swapped where reversed.
    fn colours(self, window: &Window) -> (Option<String>, Option<String>) {
        let (ink, background) = (self.ink.map(hex), self.background.map(hex));
        match self.modifier.contains(Modifier::REVERSED) {
            true => {
                (Some(background.unwrap_or(window.background.into())), Some(ink.unwrap_or(window.ink.into())))
            }
            false => (ink, background),
        }
    }

    /// Whether a blank that looks so can be seen.
    fn shows_on_blanks(self) -> bool {
        self.background.is_some() || self.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED)
    }
}

fn runs(frame: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < frame.area.width {
        let cell = &frame[(x, y)];
        let (look, symbol) = (Look::of(cell), cell.symbol());
        let cells = u16::try_from(symbol.width()).unwrap().max(1);
        let blank = symbol.trim().is_empty() && !look.shows_on_blanks();
        match runs.last_mut() {
            Some(run) if run.look == look && run.at.0 + run.cells == x && !run.text.ends_with("  ") => {
                run.text.push_str(symbol);
                run.cells += cells;
            }
            _ if blank => {}
            _ => runs.push(Run { at: (x, y), cells, text: symbol.to_owned(), look }),
        }
        x += cells;
    }
    runs.retain_mut(Run::trim);
    runs
}

impl Run {
    /// Takes away blanks at the end that nobody sees; `false` if nothing is left.
    fn trim(&mut self) -> bool {
        if !self.look.shows_on_blanks() {
            let kept = self.text.trim_end().len();
            self.cells -= u16::try_from(self.text.len() - kept).unwrap();
            self.text.truncate(kept);
        }
        !self.text.is_empty()
    }

    fn write(&self, svg: &mut String, window: &Window) {
        let (x, y) = (MARGIN + self.at.0 * CELL.0, TITLE_BAR + MARGIN / 2 + self.at.1 * CELL.1);
        let length = self.cells * CELL.0;
        let (ink, background) = self.look.colours(window);
        if let Some(background) = background {
            let height = CELL.1;
            writeln!(
                svg,
                r#"<rect x="{x}" y="{y}" width="{length}" height="{height}" fill="{background}"/>"#
            )
            .unwrap();
        }
        let mut look = ink.map(|ink| format!(r#" fill="{ink}""#)).unwrap_or_default();
        let mut mark = |modifier, attribute: &str| {
            if self.look.modifier.contains(modifier) {
                look.push_str(attribute);
            }
        };
        mark(Modifier::BOLD, r#" font-weight="bold""#);
        mark(Modifier::ITALIC, r#" font-style="italic""#);
        mark(Modifier::DIM, r#" opacity="0.6""#);
        mark(Modifier::UNDERLINED, r#" text-decoration="underline""#);
        // Blanks around a text would be left out of it, and the rest stretched.
        let blanks = |text: &str| CELL.0 * u16::try_from(self.text.len() - text.len()).unwrap();
        let (before, after) = (blanks(self.text.trim_start()), blanks(self.text.trim_end()));
        if self.text.trim().is_empty() {
            return;
        }
        let (x, length) = (x + before, length - before - after);
        let (y, text) = (y + BASELINE, escaped(self.text.trim()));
        writeln!(
            svg,
            r#"<text x="{x}" y="{y}" textLength="{length}" lengthAdjust="spacingAndGlyphs"{look}>{text}</text>"#
        )
        .unwrap();
    }
}

fn hex(colour: Color) -> String {
    let at = match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
        other => panic!("{other:?} looks different on every terminal"),
    };
    PALETTE[at].to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[test]
fn a_picture_holds_the_text_where_it_stands_and_how_it_looks() {
    let mut frame = Buffer::with_lines(["a <b> & c  日本 █x", "  plain"]);
    frame[(0, 0)].set_fg(Color::Red).modifier = Modifier::BOLD | Modifier::UNDERLINED;
    frame[(2, 1)].set_bg(Color::Blue);
    let svg = picture(&frame, "1 < 2", &DARK);
    let line =
        |what: &str| svg.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{svg}"));
    assert!(svg.contains("<title>1 &lt; 2</title>"));
    assert!(line(">a<").contains(r##"x="16" y="56" textLength="9" "##), "{svg}");
    assert!(
        line(">a<").ends_with(r##" fill="#f0717b" font-weight="bold" text-decoration="underline">a</text>"##)
    );
    assert!(line("&lt;b&gt; &amp; c<").contains(r#"x="34" y="56" textLength="63""#), "{svg}");
    assert!(
        line(">日本<").contains(r#"x="115" y="56" textLength="36""#),
        "a wide letter takes two cells: {svg}"
    );
    assert!(line(">█<").contains(r#"x="160""#), "{svg}");
    assert!(line("<rect x=\"34\"").ends_with(r##"fill="#67b0e8"/>"##), "{svg}");
}
