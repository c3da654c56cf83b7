//! Cells as the bytes that draw them.
//!
//! A character of several code points (as in Indic scripts, Thai and joined emoji) or of two cells takes as many cells as
//! the terminal thinks, which is not always what we think. Writing only the changed cells would leave its other half
//! behind: letters of one client on another client's row. So a row that has such a character, or had one until now, is
//! rewritten from its first cell to its last, and the cursor is moved explicitly after each such character.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// Unchanged cells up to this many are written again rather than jumped over: a jump takes four bytes.
const BRIDGED: usize = 4;
/// Blank cells up to this many are written rather than erased: erasing takes three bytes, and three for its style.
const WRITTEN: usize = 6;

const MODIFIERS: [(Modifier, &[u8]); 9] = [
    (Modifier::BOLD, b"1"),
    (Modifier::DIM, b"2"),
    (Modifier::ITALIC, b"3"),
    (Modifier::UNDERLINED, b"4"),
    (Modifier::SLOW_BLINK, b"5"),
    (Modifier::RAPID_BLINK, b"6"),
    (Modifier::REVERSED, b"7"),
    (Modifier::HIDDEN, b"8"),
    (Modifier::CROSSED_OUT, b"9"),
];

/// What takes modifiers away: there is no code for bold, but not dim.
const WITHOUT: [(Modifier, &[u8]); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), b"22"),
    (Modifier::ITALIC, b"23"),
    (Modifier::UNDERLINED, b"24"),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), b"25"),
    (Modifier::REVERSED, b"27"),
    (Modifier::HIDDEN, b"28"),
    (Modifier::CROSSED_OUT, b"29"),
];

/// What shows where there is no letter.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// Writes the rows of one frame, from top to bottom.
pub(super) struct Painter<'a> {
    out: &'a mut Vec<u8>,
    pen: Pen,
    /// Where the terminal draws next, column and row, if known.
    at: Option<(usize, u16)>,
    drawn: bool,
}

/// How the terminal draws what comes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a cell drawn with it looks as it should.
    fn draws(self, cell: &Cell) -> bool {
        let wanted = Self::of(cell);
        self == wanted || cell.symbol() == " " && self.blank() == wanted.blank() && self.blank().is_some()
    }

    /// What can be seen of a blank; `None` if that is more than its background.
    fn blank(self) -> Option<Color> {
        (!self.modifier.intersects(SEEN_ON_BLANKS)).then_some(self.bg)
    }
}

impl<'a> Painter<'a> {
    /// Begins with the terminal's own style, and leaves it behind.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, pen: Pen::default(), at: None, drawn: false }
    }

    /// Writes what is to be shown in a row and `was` not yet.
    pub(super) fn row(&mut self, y: u16, was: &[Cell], is: &[Cell]) {
        let differs = |(was, is): (&Cell, &Cell)| was != is && !are_blanks_alike(was, is);
        let Some(first) = was.iter().zip(is).position(differs) else { return };
        self.drawn = true;
        let blank_from =
            is.iter().rposition(|cell| !are_blanks_alike(cell, &Cell::EMPTY)).map_or(0, |last| last + 1);
        if was.iter().chain(is).any(is_disputed) {
            return self.whole_row(y, is, blank_from);
        }
        let last = was.iter().zip(is).rposition(differs).unwrap_or(first);
        for (x, (was, cell)) in was.iter().zip(is).enumerate().take(last + 1).skip(first) {
            if x >= blank_from && last - x >= WRITTEN {
                self.go(x, y, is);
                return self.erase_rest();
            }
            if differs((was, cell)) {
                self.go(x, y, is);
                self.put(cell, is.len());
            }
        }
    }

    /// Back to the terminal's own style; whether anything was drawn.
    pub(super) fn end(mut self) -> bool {
        self.take(Pen::default());
        self.drawn
    }

    fn whole_row(&mut self, y: u16, is: &[Cell], blank_from: usize) {
        let mut rest = is.iter().enumerate();
        while let Some((x, cell)) = rest.next() {
            if x >= blank_from {
                self.go(x, y, is);
                return self.erase_rest();
            }
            if is_disputed(cell) {
                // First the cells that it should cover: the terminal may draw it narrower.
                for (x, covered) in rest.by_ref().take(cell.symbol().width().saturating_sub(1)) {
                    self.go(x, y, is);
                    self.take(Pen::of(covered));
                    self.write(" ", is.len());
                }
                self.at = None;
                self.go(x, y, is);
                self.put(cell, is.len());
                self.at = None;
            } else {
                self.go(x, y, is);
                self.put(cell, is.len());
            }
        }
    }

    /// Moves to a cell of a row that shows `is` up to there.
    fn go(&mut self, x: usize, y: u16, is: &[Cell]) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((from, row)) if row == y && from < x => {
                let between = is.get(from..x).unwrap_or_default();
                let same = |cell: &Cell| cell.symbol().len() == 1 && self.pen.draws(cell);
                if between.len() <= BRIDGED && between.iter().all(same) {
                    for cell in between {
                        self.out.extend_from_slice(cell.symbol().as_bytes());
                    }
                } else {
                    self.out.extend_from_slice(b"\x1b[");
                    number(self.out, x - from);
                    self.out.push(b'C');
                }
            }
            _ => {
                self.out.extend_from_slice(b"\x1b[");
                number(self.out, usize::from(y) + 1);
                if x > 0 {
                    self.out.push(b';');
                    number(self.out, x + 1);
                }
                self.out.push(b'H');
            }
        }
        self.at = Some((x, y));
    }

    fn put(&mut self, cell: &Cell, width: usize) {
        if !self.pen.draws(cell) {
            self.take(Pen::of(cell));
        }
        self.write(cell.symbol(), width);
    }

    /// Writes what takes one cell of a row so wide.
    fn write(&mut self, symbol: &str, width: usize) {
        self.out.extend_from_slice(symbol.as_bytes());
        // Behind the last cell some terminals wait, others are on the next row.
        self.at = self.at.map(|(x, y)| (x + 1, y)).filter(|(x, _)| *x < width);
    }

    fn erase_rest(&mut self) {
        // Terminals erase in the colour of the pen.
        self.take(Pen::default());
        self.out.extend_from_slice(b"\x1b[K");
    }

    fn take(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        let mut from = std::mem::replace(&mut self.pen, pen);
        self.out.extend_from_slice(b"\x1b[");
        if pen != Pen::default() {
            let gone = from.modifier.difference(pen.modifier);
            if !gone.is_empty() && pen.fg == Color::Reset && pen.bg == Color::Reset {
                // Shorter than what is to go.
                from = Pen::default();
                self.out.push(b'0');
            }
            for (modifiers, code) in WITHOUT {
                if from.modifier.intersects(gone.intersection(modifiers)) {
                    self.parameter(code);
                    from.modifier.remove(modifiers);
                }
            }
            for (modifier, code) in MODIFIERS {
                if pen.modifier.contains(modifier) && !from.modifier.contains(modifier) {
                    self.parameter(code);
                }
            }
            let is_bold = |pen: Pen| pen.modifier.contains(Modifier::BOLD);
            // Chosen by its own code, the same colour would become brighter now.
            let brightens = is_bold(pen) && !is_bold(from) && index(pen.fg).is_some_and(|index| index < 8);
            if pen.fg != from.fg || brightens {
                self.colour(b"3", pen.fg, is_bold(pen));
            }
            if pen.bg != from.bg {
                self.colour(b"4", pen.bg, false);
            }
        }
        self.out.push(b'm');
    }

    fn parameter(&mut self, code: &[u8]) {
        if self.out.last() != Some(&b'[') {
            self.out.push(b';');
        }
        self.out.extend_from_slice(code);
    }

    /// The first eight colours by their own codes; all others by their index: the codes of the next eight would leave the
    /// Linux console in bold. In bold those of the first eight as well: there, terminals make their own codes brighter.
    fn colour(&mut self, plane: &[u8], colour: Color, by_index: bool) {
        self.parameter(plane);
        match index(colour) {
            Some(index) => {
                if by_index || index >= 8 {
                    self.out.extend_from_slice(b"8;5;");
                }
                number(self.out, index.into());
            }
            None => {
                let Color::Rgb(red, green, blue) = colour else { return self.out.push(b'9') };
                self.out.extend_from_slice(b"8;2");
                for part in [red, green, blue] {
                    self.out.push(b';');
                    number(self.out, part.into());
                }
            }
        }
    }
}

/// The colour's index in the terminal's palette.
fn index(colour: Color) -> Option<u8> {
    match colour {
        Color::Reset | Color::Rgb(..) => None,
        Color::Indexed(index) => Some(index),
        Color::Black => Some(0),
        Color::Red => Some(1),
        Color::Green => Some(2),
        Color::Yellow => Some(3),
        Color::Blue => Some(4),
        Color::Magenta => Some(5),
        Color::Cyan => Some(6),
        Color::Gray => Some(7),
        Color::DarkGray => Some(8),
        Color::LightRed => Some(9),
        Color::LightGreen => Some(10),
        Color::LightYellow => Some(11),
        Color::LightBlue => Some(12),
        Color::LightMagenta => Some(13),
        Color::LightCyan => Some(14),
        Color::White => Some(15),
    }
}

fn number(out: &mut Vec<u8>, number: usize) {
    if number >= 10 {
        self::number(out, number / 10);
    }
    out.push(b'0' + (number % 10) as u8);
}

fn are_blanks_alike(one: &Cell, other: &Cell) -> bool {
    one.symbol() == " " && other.symbol() == " " && Pen::of(one).draws(other)
}

/// Whether terminals may disagree about its width.
fn is_disputed(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    symbol.len() > 1 && (symbol.chars().nth(1).is_some() || symbol.width() != 1)
}
