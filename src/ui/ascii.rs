//! For terminals that show only ASCII: text and data as well as symbols.

use nucleo_matcher::chars::normalize;
use ratatui::buffer::Buffer;

use super::theme::Theme;

/// Replaces everything beyond ASCII if the theme's own glyphs are ASCII.
pub(super) fn only_where_wanted(buf: &mut Buffer, theme: &Theme) {
    if !theme.glyphs.ellipsis.is_ascii() {
        return;
    }
    for cell in &mut buf.content {
        if let Some(first) = cell.symbol().chars().next()
            && !cell.symbol().is_ascii()
        {
            cell.set_char(nearest(first));
        }
    }
}

/// A text with everything beyond ASCII replaced.
pub fn text(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c } else { nearest(c) }).collect()
}

/// The ASCII character that reads most like another one, whatever its width; the cell after a wide one is blank.
fn nearest(c: char) -> char {
    match c {
        '…' => '.',
        '×' => 'x',
        '→' | '›' => '>',
        '·' | '–' | '—' | '−' | '‑' => '-',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '\u{a0}' => ' ',
        other => Some(normalize(other)).filter(char::is_ascii).unwrap_or('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_becomes_ascii_and_stays_in_its_place() {
        let lines = ["Zoë 3×, Ø£ e\u{301}…", "“日本” → x"];
        let mut buf = Buffer::with_lines(lines);
        only_where_wanted(&mut buf, &Theme::new(true, false));
        assert_eq!(buf, Buffer::with_lines(lines));
        only_where_wanted(&mut buf, &Theme::new(true, true));
        assert_eq!(buf, Buffer::with_lines(["Zoe 3x, O? e.", "\"? ? \" > x"]));
    }
}
