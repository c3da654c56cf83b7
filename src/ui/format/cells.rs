//! Text cut and padded to a number of cells.
//!
//! A cell is one column of the terminal. Text is cut between graphemes, which are measured one by one, as the buffer
//! draws them.

use std::borrow::Cow;
use std::iter::repeat_n;

use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How text is aligned in a wider field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Whether each character takes one cell, and none combines with another.
pub fn is_plain(text: &str) -> bool {
    let plain = |c| {
        matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{17f}' | '\u{2010}'..='\u{2027}' | '─'..='▟')
            || matches!(c, '←'..='↓' | '■' | '▸' | '○' | '●' | '◦' | '✓' | '✗')
    };
    text.chars().all(plain)
}

/// The width of a text in cells.
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.chars().count();
    }
    text.graphemes(true).map(cells).sum()
}

/// The width of a line in cells.
pub fn line_width(line: &Line<'_>) -> usize {
    line.iter().map(|span| width(&span.content)).sum()
}

/// The text in at most `width` cells; `mark` replaces the end of a longer one.
pub fn truncate(text: &str, width: usize, mark: char) -> Cow<'_, str> {
    if self::width(text) <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(mark_width(mark)) else { return Cow::Borrowed("") };
    let mut cut = prefix(text, room).to_owned();
    cut.push(mark);
    Cow::Owned(cut)
}

/// The text in at most `width` cells; `mark` replaces the middle of a longer one, so that both ends of a uuid or a file
/// name stay readable.
pub fn truncate_middle(text: &str, width: usize, mark: char) -> Cow<'_, str> {
    if self::width(text) <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(mark_width(mark)) else { return Cow::Borrowed("") };
    let (head, tail) = (prefix(text, room.div_ceil(2)), suffix(text, room / 2));
    Cow::Owned(format!("{head}{mark}{tail}"))
}

/// The text in exactly `width` cells: truncated as by [`truncate`], or padded with spaces.
pub fn fit(text: &str, width: usize, align: Align, mark: char) -> String {
    let text = truncate(text, width, mark);
    let spare = width.saturating_sub(self::width(&text));
    let before = match align {
        Align::Left => 0,
        Align::Right => spare,
    };
    let mut fitted = String::with_capacity(text.len() + spare);
    fitted.extend(repeat_n(' ', before));
    fitted.push_str(&text);
    fitted.extend(repeat_n(' ', spare - before));
    fitted
}

/// The text in lines of at most `width` cells, broken between words where possible. No lines for an empty text.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let wide = self::width(word);
        let fits = used + self::width(word.trim_end()) <= width;
        if let (true, Some(line)) = (fits, lines.last_mut()) {
            line.push_str(word);
            used += wide;
        } else {
            let mut rest = word;
            loop {
                let head = prefix(rest, width);
                // A character wider than the line must not loop for ever.
                let head = if head.is_empty() { rest } else { head };
                lines.push(head.to_owned());
                used = self::width(head);
                rest = rest.get(head.len()..).unwrap_or_default();
                if rest.is_empty() {
                    break;
                }
            }
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The longest start that fits into `room` cells.
fn prefix(text: &str, room: usize) -> &str {
    let end = length_of(text.graphemes(true), room);
    text.get(..end).unwrap_or_default()
}

/// The longest end that fits into `room` cells.
fn suffix(text: &str, room: usize) -> &str {
    let length = length_of(text.graphemes(true).rev(), room);
    text.get(text.len() - length..).unwrap_or_default()
}

/// How many bytes of these graphemes fit into `room` cells.
fn length_of<'t>(graphemes: impl Iterator<Item = &'t str>, mut room: usize) -> usize {
    graphemes
        .map_while(|grapheme| {
            room = room.checked_sub(cells(grapheme))?;
            Some(grapheme.len())
        })
        .sum()
}

/// The buffer skips graphemes that contain a control character.
fn cells(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { grapheme.width() }
}

fn mark_width(mark: char) -> usize {
    mark.width().unwrap_or_default()
}
