//! Escape sequences that no library writes for us: links, copies through tmux, the few mouse events that we need, and
//! notifications, title and taskbar.

use std::io::{self, Write};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{MoveTo, RestorePosition, SavePosition};
use crossterm::{Command, queue};
use ratatui::layout::Position;

use super::Desktop;
use crate::app::event::Taskbar;
use crate::domain::import::Link;
use crate::domain::text::SafeText;

/// The most that terminals commonly copy, in bytes: 100,000 in base64.
const LONGEST_COPY: usize = 74_994;
/// The most characters of a title or a notification; terminals have limits of their own.
const LONGEST_TEXT: usize = 200;
/// The sender of notifications.
const NAME: &str = "plannr";

/// A link over the cells at `at` (OSC 8), underlined. A [`Link`] contains no character that could end it.
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
        // One of the two arrives, depending on tmux's options `set-clipboard` and `allow-passthrough`.
        passed_on(out, &sequence)?;
    }
    Ok(())
}

/// Has tmux pass a sequence on, if its option `allow-passthrough` permits.
fn passed_on(out: &mut impl Write, sequence: &str) -> io::Result<()> {
    write!(out, "\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
}

/// A sequence for the terminal itself, not for tmux.
fn outermost(out: &mut impl Write, sequence: &str, tmux: bool) -> io::Result<()> {
    if tmux { passed_on(out, sequence) } else { out.write_all(sequence.as_bytes()) }
}

pub(super) fn bell(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\x07")
}

/// Shows a desktop notification.
pub(super) fn notification(
    out: &mut impl Write,
    desktop: Desktop,
    text: &str,
    ascii: bool,
    tmux: bool,
) -> io::Result<()> {
    let text = payload(text, ascii);
    let sequence = match desktop {
        // Not the text alone: ConEmu's commands start with a number there.
        Desktop::Osc9 => format!("\x1b]9;{NAME}: {text}\x1b\\"),
        Desktop::Osc777 => format!("\x1b]777;notify;{NAME};{text}\x1b\\"),
        // One identifier for all: the latest replaces the previous one.
        Desktop::Osc99 => {
            format!("\x1b]99;i={NAME}:d=0;{NAME}\x1b\\\x1b]99;i={NAME}:p=body;{text}\x1b\\")
        }
    };
    outermost(out, &sequence, tmux)
}

/// Shows progress (OSC 9;4).
pub(super) fn taskbar(out: &mut impl Write, progress: Taskbar, tmux: bool) -> io::Result<()> {
    let (state, percent) = match progress {
        Taskbar::Empty => (0, 0),
        Taskbar::Running(percent) => (1, percent),
        Taskbar::Failing(percent) => (2, percent),
        Taskbar::Stalled(percent) => (4, percent),
    };
    outermost(out, &format!("\x1b]9;4;{state};{}\x1b\\", percent.min(100)), tmux)
}

/// Sets the window title (OSC 2).
pub(super) fn title(out: &mut impl Write, text: &str, ascii: bool) -> io::Result<()> {
    write!(out, "\x1b]2;{}\x1b\\", payload(text, ascii))
}

/// Saves or restores the window title (XTWINOPS). Where terminals cannot save it (urxvt, mosh, xterm.js) the title becomes
/// a neutral one, not the last count of imports.
pub(super) fn remember_title(out: &mut impl Write, remember: bool) -> io::Result<()> {
    out.write_all(if remember { b"\x1b[22;2t" } else { b"\x1b]2;Terminal\x1b\\\x1b[23;2t" })
}

/// Clears the screen and moves the cursor to the first line. Not with `ED 2`, which some terminals keep in the scrollback:
/// the screen contains client data.
pub(super) fn wipe(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\x1b[0m\x1b[H\x1b[J")
}

/// Moves the cursor to the last line, whatever its number.
pub(super) fn to_last_line(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\x1b[9999;1H")
}

/// Text that can neither end a sequence nor separate fields; only ASCII where the terminal knows no more, since parts of
/// other characters would be controls there.
fn payload(text: &str, ascii: bool) -> String {
    let safe = |c| match c {
        ';' => ',',
        c if ascii && !c.is_ascii() => '?',
        c => c,
    };
    SafeText::new(text).as_str().chars().take(LONGEST_TEXT).map(safe).collect()
}

/// Queries the background colour (OSC 11). Ends with BEL, because rxvt would otherwise reply with half a line. Not on
/// Windows, where a reply arrives in pieces that look like keys.
pub(super) fn query_background(out: &mut impl Write) -> io::Result<()> {
    if cfg!(windows) { Ok(()) } else { out.write_all(b"\x1b]11;?\x07") }
}

/// Clicks, the wheel and drags (1002) with exact columns (1006). Not other movements, which crossterm would request as
/// well: each would wake the program.
#[cfg(not(windows))]
pub(super) fn mouse(out: &mut impl Write, on: bool) -> io::Result<()> {
    out.write_all(if on { b"\x1b[?1002h\x1b[?1006h" } else { b"\x1b[?1006l\x1b[?1002l" })
}

#[cfg(windows)]
pub(super) fn mouse(_: &mut impl Write, on: bool) -> io::Result<()> {
    use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
    match on {
        true => crossterm::execute!(io::stdout(), EnableMouseCapture),
        false => crossterm::execute!(io::stdout(), DisableMouseCapture),
    }
}
