//! A number into the places of a format's section.

use super::decimal::Decimal;
use super::section::{Pad, Piece, Section};
use super::write_general;

/// The largest denominator that a fraction is looked for with.
const LARGEST_DENOMINATOR: u32 = 9999;

/// Writes a number that is finite and not negative; `sign` puts a minus before everything.
pub(super) fn write(out: &mut String, section: &Section, number: f64, sign: bool) {
    let pieces = &section.pieces;
    let start = out.len();
    if sign {
        out.push('-');
    }
    let is_digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    let has = |wanted: &dyn Fn(&Piece) -> bool| pieces.iter().position(wanted);
    let slash = has(&|piece| *piece == Piece::Slash).filter(|at| {
        let (before, after) = pieces.split_at(*at);
        before.iter().any(is_digit) && after.iter().any(|piece| is_digit(piece) || is_number(piece))
    });
    if let Some(at) = has(&|piece| matches!(piece, Piece::Exponent { .. })) {
        scientific(out, pieces, at, number);
    } else if let Some(at) = slash {
        fraction(out, pieces, at, number);
    } else {
        plain(out, pieces, &Decimal::new(number), number);
    }
    trim_blanks(out, start);
}

/// Writes a text in its place.
pub(super) fn write_text(out: &mut String, section: &Section, text: &str) {
    for piece in &section.pieces {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Text => out.push_str(text),
            _ => {}
        }
    }
}

/// Digits left of the point, the point, digits right of it; anything else between them stays where it is.
fn plain(out: &mut String, pieces: &[Piece], number: &Decimal, as_it_is: f64) {
    let is_digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    let point = pieces.iter().position(|piece| *piece == Piece::Point).unwrap_or(pieces.len());
    let (before, after) = pieces.split_at(point);
    let last = before.iter().rposition(is_digit);
    let first = before.iter().position(is_digit);
    let comma = |at: usize| before.get(at) == Some(&Piece::Comma);
    // Commas between digits part thousands, those behind the last one divide by a thousand each.
    let grouped = first.zip(last).is_some_and(|(first, last)| (first..last).any(comma));
    let behind = |pieces: &[Piece], from: usize| {
        pieces.iter().skip(from).take_while(|piece| **piece == Piece::Comma).count()
    };
    let divided = last.map_or(0, |last| behind(before, last + 1))
        + after.iter().rposition(is_digit).map_or(0, |last| behind(after, last + 1));
    let percents = pieces.iter().filter(|piece| **piece == Piece::Percent).count();
    let powers = 2 * i32::try_from(percents).unwrap_or(0) - 3 * i32::try_from(divided).unwrap_or(0);
    let places = after.iter().filter(|piece| is_digit(piece)).count();
    let (whole, part) = number.clone().shifted(powers).rounded(places);

    let mut left = Vec::new();
    whole_digits(&mut left, before, &whole, grouped, as_it_is);
    out.extend(left.iter().rev());
    if first.is_none() && !after.is_empty() {
        out.push_str(&whole);
    }
    part_digits(out, after, &part);
}

/// The pieces left of the point from right to left, each with its digit; the leftmost has all that are left.
fn whole_digits(left: &mut Vec<char>, pieces: &[Piece], whole: &str, grouped: bool, as_it_is: f64) {
    let mut digits = whole.bytes().rev().map(char::from);
    let mut count = 0;
    let mut push = |left: &mut Vec<char>, digit: char| {
        if grouped && count > 0 && count % 3 == 0 {
            left.push(',');
        }
        count += 1;
        left.push(digit);
    };
    let mut remaining = pieces.iter().filter(|piece| matches!(piece, Piece::Digit(_))).count();
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Digit(pad) => {
                remaining -= 1;
                match (digits.next(), pad) {
                    (Some(digit), _) => push(left, digit),
                    (None, Pad::Zero) => push(left, '0'),
                    (None, Pad::Blank) => left.push(' '),
                    (None, Pad::Nothing) => {}
                }
                if remaining == 0 {
                    digits.by_ref().for_each(|digit| push(left, digit));
                }
            }
            // Before the first digit it is a character like any other.
            Piece::Comma if remaining == 0 => left.push(','),
            Piece::General => {
                let mut text = String::new();
                write_general(&mut text, as_it_is);
                left.extend(text.chars().rev());
            }
            piece => left.extend(literal(piece).unwrap_or_default().chars().rev()),
        }
    }
}

/// The point and the pieces right of it.
fn part_digits(out: &mut String, pieces: &[Piece], part: &str) {
    let mut at = 0;
    for piece in pieces {
        match piece {
            Piece::Point => out.push('.'),
            Piece::Digit(pad) => {
                let rest = part.get(at..).unwrap_or_default();
                at += 1;
                let is_shown = *pad == Pad::Zero || rest.bytes().any(|digit| digit != b'0');
                match (rest.chars().next(), pad) {
                    (Some(digit), _) if is_shown => out.push(digit),
                    (_, Pad::Blank) => out.push(' '),
                    _ => {}
                }
            }
            piece => out.extend(literal(piece)),
        }
    }
}

/// `0.00E+00`; with several digits before the point the exponent is a multiple of their number.
fn scientific(out: &mut String, pieces: &[Piece], at: usize, number: f64) {
    let (mantissa, rest) = pieces.split_at(at);
    let digit = |piece: &&Piece| matches!(piece, Piece::Digit(_));
    let point = mantissa.iter().position(|piece| *piece == Piece::Point).unwrap_or(mantissa.len());
    let before = mantissa.iter().take(point).filter(digit).count().max(1);
    let places = mantissa.iter().skip(point).filter(digit).count();
    let step = i32::try_from(before).unwrap_or(1);
    let decimal = Decimal::new(number);
    let mut exponent = decimal.exponent().div_euclid(step) * step;
    // Rounding may bring one more digit: 9.99 is 10.0.
    let (whole, _) = decimal.clone().shifted(-exponent).rounded(places);
    if whole.len() > before {
        exponent += step;
    }
    plain(out, mantissa, &decimal.shifted(-exponent), number);
    let shown = exponent.unsigned_abs().to_string();
    let width = rest.iter().filter(digit).count();
    out.push('E');
    match rest.first() {
        _ if exponent < 0 => out.push('-'),
        Some(Piece::Exponent { plus: true }) => out.push('+'),
        _ => {}
    }
    out.extend(std::iter::repeat_n('0', width.saturating_sub(shown.len())));
    out.push_str(&shown);
    for piece in rest {
        out.extend(literal(piece));
    }
}

/// `# ?/?`, `# ??/??`, `# ?/8`: the whole number, then the nearest fraction.
fn fraction(out: &mut String, pieces: &[Piece], slash: usize, number: f64) {
    let is_digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    let (before, after) = pieces.split_at(slash);
    // The numerator's digits are the last before the slash; the whole number's stand apart from them.
    let numerator = before.iter().rposition(|piece| !is_digit(piece)).map_or(0, |at| at + 1);
    let has_whole = before.iter().take(numerator).any(is_digit);
    let fixed = denominator(after);
    let width = after.iter().filter(|piece| is_digit(piece)).count().clamp(1, 4);
    let most = (10_u32.pow(u32::try_from(width).unwrap_or(1)) - 1).min(LARGEST_DENOMINATOR);
    let part = if has_whole { number.fract() } else { number };
    let (mut top, bottom) = match fixed {
        Some(bottom) => ((part * f64::from(bottom)).round(), bottom),
        None => nearest(part, most),
    };
    let mut whole = if has_whole { number.trunc() } else { 0.0 };
    if has_whole && top >= f64::from(bottom) {
        whole += 1.0;
        top -= f64::from(bottom);
    }
    let shows_whole = has_whole && (whole > 0.0 || top == 0.0);
    if shows_whole {
        write_general(out, whole);
    }
    if top > 0.0 || !has_whole {
        if shows_whole {
            out.push(' ');
        }
        write_general(out, top);
        out.push('/');
        write_general(out, f64::from(bottom));
    }
}

/// A denominator that the format names, such as `8` or `100`.
fn denominator(after: &[Piece]) -> Option<u32> {
    let mut digits = String::new();
    for piece in after {
        match piece {
            Piece::Literal(text) => digits.push_str(text.trim()),
            Piece::Digit(Pad::Zero) => digits.push('0'),
            _ => {}
        }
    }
    digits
        .parse()
        .ok()
        .filter(|bottom| (1..=LARGEST_DENOMINATOR).contains(bottom) && !digits.starts_with('0'))
}

/// The fraction with a denominator up to `most` that comes nearest, by continued fractions.
fn nearest(number: f64, most: u32) -> (f64, u32) {
    let (mut top, mut bottom) = ((1.0, number.floor()), (0.0, 1.0));
    let mut rest = number - number.floor();
    while rest > 1e-10 {
        let inverse = 1.0 / rest;
        let digit = inverse.floor();
        let next = digit * bottom.1 + bottom.0;
        if next > f64::from(most) {
            break;
        }
        top = (top.1, digit * top.1 + top.0);
        bottom = (bottom.1, next);
        rest = inverse - digit;
    }
    (top.1, bottom.1 as u32)
}

/// What a piece shows whatever the number.
fn literal(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Literal(text) => Some(text),
        Piece::Percent => Some("%"),
        Piece::Slash => Some("/"),
        _ => None,
    }
}

fn is_number(piece: &Piece) -> bool {
    matches!(piece, Piece::Literal(text) if text.trim().parse::<u32>().is_ok())
}

/// Takes away blanks at the ends, which only line numbers up.
fn trim_blanks(out: &mut String, start: usize) {
    let text = out.get(start..).unwrap_or_default().trim_matches(' ').to_owned();
    out.truncate(start);
    out.push_str(&text);
}
