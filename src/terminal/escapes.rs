//! What no library writes for us: links, copies through tmux, and the few mouse events that are wanted.

use std::io::{self, Write};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{MoveTo, RestorePosition, SavePosition};
use crossterm::{Command, queue};
use ratatui::layout::Position;

use crate::domain::import::Link;
use crate::domain::text::SafeText;

/// The most that terminals commonly copy, in bytes: 100,000 after base64.
const LONGEST_COPY: usize = 74_994;

/// A link over the cells from `at` on (OSC 8), underlined. A [`Link`] holds no character that could end it.
pub(super) fn link(out: &mut impl Write, at: Position, text: &str, link: &Link) -> io::Result<()> {
    let text = SafeText::new(text);
    queue!(out, SavePosition, MoveTo(at.x, at.y))?;
    write!(out, "\x1b]8;;{}\x1b\\\x1b[4m{text}\x1b[24m\x1b]8;;\x1b\\", link.as_str())?;
    queue!(out, RestorePosition)
}

/// Asks the terminal to copy (OSC 52).
pub(super) fn copy(out: &mut impl Write, text: &str, tmux: bool) -> io::Result<()> {
    if text.len() > LONGEST_COPY {
        return Err(io::Error::other(format!("too long to copy: more than {LONGEST_COPY} bytes")));
    }
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).map_err(io::Error::other)?;
    out.write_all(sequence.as_bytes())?;
    if tmux {
        // One of the two arrives, by tmux's settings `set-clipboard` and `allow-passthrough`.
        write!(out, "\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))?;
    }
    Ok(())
}

/// Clicks, the wheel and moves with a button down (1002) with exact columns (1006). Not the other moves that crossterm
/// would ask for as well: each would wake the program up.
#[cfg(not(windows))]
pub(super) fn mouse(out: &mut impl Write, on: bool) -> io::Result<()> {
    out.write_all(if on { b"\x1b[?1002h\x1b[?1006h" } else { b"\x1b[?1006l\x1b[?1002l" })?;
    out.flush()
}

#[cfg(windows)]
pub(super) fn mouse(_: &mut impl Write, on: bool) -> io::Result<()> {
    use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
    match on {
        true => crossterm::execute!(io::stdout(), EnableMouseCapture),
        false => crossterm::execute!(io::stdout(), DisableMouseCapture),
    }
}
