//! The code of a number format, taken apart.

use std::iter::Peekable;
use std::str::Chars;

/// One section of a format.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Section {
    pub(super) condition: Option<Condition>,
    pub(super) pieces: Vec<Piece>,
    pub(super) shows: Shows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shows {
    #[default]
    Number,
    /// A day, a time or both.
    Date,
    /// Time that has passed, more than 24 hours too.
    Elapsed,
    Text,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Literal(String),
    /// `0`, `#` or `?`: a digit, and what is there for one that the number lacks.
    Digit(Pad),
    Point,
    Comma,
    Percent,
    /// `E+` or `E-`: whether a plus is shown.
    Exponent {
        plus: bool,
    },
    Slash,
    /// The text of the cell.
    Text,
    /// The number as it is.
    General,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pad {
    Zero,
    Nothing,
    Blank,
}

/// `[>=100]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Condition {
    comparison: Comparison,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    Greater,
}

impl Condition {
    /// The words between the brackets, where they are a condition.
    fn parse(words: &str) -> Option<Self> {
        use Comparison::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        let signs =
            [("<=", AtMost), (">=", AtLeast), ("<>", NotEqual), ("<", Less), (">", Greater), ("=", Equal)];
        let (sign, comparison) = signs.into_iter().find(|(sign, _)| words.starts_with(sign))?;
        let bound = words.get(sign.len()..)?.trim().parse().ok()?;
        Some(Self { comparison, bound })
    }

    pub(super) fn holds(self, number: f64) -> bool {
        match self.comparison {
            Comparison::Less => number < self.bound,
            Comparison::AtMost => number <= self.bound,
            Comparison::Equal => number == self.bound,
            Comparison::NotEqual => number != self.bound,
            Comparison::AtLeast => number >= self.bound,
            Comparison::Greater => number > self.bound,
        }
    }

    /// Whether it holds for negative numbers only: then the section shows their sign as it likes.
    pub(super) fn is_for_negatives(self) -> bool {
        match self.comparison {
            Comparison::Less => self.bound <= 0.0,
            Comparison::AtMost | Comparison::Equal => self.bound < 0.0,
            Comparison::NotEqual | Comparison::AtLeast | Comparison::Greater => false,
        }
    }
}

impl Section {
    pub(super) fn has_place_for_text(&self) -> bool {
        self.pieces.contains(&Piece::Text)
    }

    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(known)) => known.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// `[Red]`, `[>0]`, `[$£-809]`, `[h]`.
    fn brackets(&mut self, words: &str) {
        let lower = words.to_lowercase();
        if let Some(condition) = Condition::parse(words) {
            self.condition = Some(condition);
        } else if let Some(currency) = words.strip_prefix('$') {
            let sign = currency.split_once('-').map_or(currency, |(sign, _)| sign);
            self.literal(sign);
        } else if ["h", "m", "s"].iter().any(|unit| !lower.is_empty() && lower.replace(unit, "").is_empty()) {
            self.shows = Shows::Elapsed;
        }
        // Colours and scripts show nothing.
    }
}

/// The sections of a code.
pub(super) fn sections(code: &str) -> Vec<Section> {
    let mut all = vec![Section::default()];
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ';' {
            all.push(Section::default());
        } else if let Some(section) = all.last_mut() {
            read(section, c, &mut chars);
        }
    }
    all
}

fn read(section: &mut Section, c: char, chars: &mut Peekable<Chars<'_>>) {
    match c {
        '"' => {
            let text: String = chars.by_ref().take_while(|c| *c != '"').collect();
            section.literal(&text);
        }
        '\\' => section.literal(&chars.next().map(String::from).unwrap_or_default()),
        // Room as wide as a character, and a character that fills the cell: nothing that is read.
        '_' | '*' => drop(chars.next()),
        '[' => {
            let words: String = chars.by_ref().take_while(|c| *c != ']').collect();
            section.brackets(&words);
        }
        '0' => section.pieces.push(Piece::Digit(Pad::Zero)),
        '#' => section.pieces.push(Piece::Digit(Pad::Nothing)),
        '?' => section.pieces.push(Piece::Digit(Pad::Blank)),
        '.' => section.pieces.push(Piece::Point),
        ',' => section.pieces.push(Piece::Comma),
        '%' => section.pieces.push(Piece::Percent),
        '/' => section.pieces.push(Piece::Slash),
        '@' => {
            section.pieces.push(Piece::Text);
            section.shows = Shows::Text;
        }
        'G' | 'g' if follows(chars, "eneral") => section.pieces.push(Piece::General),
        'E' | 'e' if matches!(chars.peek(), Some('+' | '-')) => {
            section.pieces.push(Piece::Exponent { plus: chars.next() == Some('+') });
        }
        // Years, months, days, hours, minutes, seconds; eras and the Buddhist year; AM/PM.
        'y' | 'm' | 'd' | 'h' | 's' | 'Y' | 'M' | 'D' | 'H' | 'S' | 'e' | 'E' | 'b' | 'B' | 'g' | 'G' => {
            dated(section);
        }
        'A' | 'a' if follows(chars, "M/PM") || follows(chars, "/P") => dated(section),
        other => section.literal(other.encode_utf8(&mut [0; 4])),
    }
}

fn dated(section: &mut Section) {
    if section.shows != Shows::Elapsed {
        section.shows = Shows::Date;
    }
}

/// Takes a word if it comes next, in capitals or not.
fn follows(chars: &mut Peekable<Chars<'_>>, word: &str) -> bool {
    let mut ahead = chars.clone();
    let same = word.chars().all(|c| ahead.next().is_some_and(|other| other.eq_ignore_ascii_case(&c)));
    if same {
        *chars = ahead;
    }
    same
}
