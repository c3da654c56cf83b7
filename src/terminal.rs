//! The real terminal: taking it over, and restoring it however the program ends.
//!
//! [`restore`] is the only way back. It serves normal exits and errors (when [`Tty`] is dropped), panics (from the hook
//! of [`install_hooks`]), signals (the loop ends and drops [`Tty`]) and Ctrl-Z.

mod escapes;
mod input;
mod output;
mod paint;
mod screen;
mod signals;

use std::io::{self, IsTerminal as _, Stdout, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use color_eyre::config::{HookBuilder, Theme};
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::queue;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::{Position, Size};

use crate::app::event::{Notification, Taskbar};
use crate::domain::import::Link;
use crate::exit::{Exit, Failure};
use crate::run::console::Console;
use crate::secrets;
use crate::whole_write::{until_writable, write_whole};

pub use input::input;
pub use output::Output;
pub use screen::Screen;
pub use signals::{Signal, Signals, signals};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether clicks and the wheel are captured.
    pub mouse: bool,
    /// Whether tmux is between the program and the terminal.
    pub tmux: bool,
    /// Whether the terminal shows only ASCII.
    pub ascii: bool,
    pub abilities: Abilities,
}

/// What a terminal can show outside its own screen. None reports this; it is known by the terminal's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Whether its window has a title.
    pub title: bool,
    /// The protocol for desktop notifications, if it has one.
    pub desktop: Option<Desktop>,
    /// Whether it shows progress in the taskbar or on its tab.
    pub taskbar: bool,
}

/// A protocol for desktop notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desktop {
    /// iTerm2's.
    Osc9,
    /// urxvt's, which most others support.
    Osc777,
    /// kitty's.
    Osc99,
}

/// Whether the terminal is taken over now. There is one terminal, and any thread may panic.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the terminal has saved the window's previous title.
static TITLED: AtomicBool = AtomicBool::new(false);
/// Whether the taskbar shows our progress, and how it was sent.
static PROGRESS: AtomicU8 = AtomicU8::new(NO_PROGRESS);
const NO_PROGRESS: u8 = 0;
const PROGRESS_DIRECT: u8 = 1;
const PROGRESS_BY_TMUX: u8 = 2;

/// Checks that there is a terminal to draw on; `dumb` means `TERM=dumb`.
///
/// # Errors
/// There is none: wrong usage.
pub fn check(dumb: bool) -> Result<(), Failure> {
    let problem = if !io::stdout().is_terminal() {
        "stdout is not a terminal"
    } else if !io::stdin().is_terminal() {
        "stdin is not a terminal, so no keys can be read"
    } else if dumb {
        "TERM=dumb shows plain text only"
    } else {
        return Ok(());
    };
    let message =
        format!("the monitor needs a terminal: {problem}; `plannr-tui list` prints the imports without one");
    Err(Failure { message, exit: Exit::Usage })
}

/// Takes the terminal over: raw mode at once, the rest with the first frame. Dropping [`Tty`] restores it.
///
/// # Errors
/// The terminal refuses; it is restored before this returns.
pub fn enter(options: Options) -> io::Result<(Screen<Stdout>, Tty<Stdout>)> {
    let output = Output::new(io::stdout());
    let mut tty = Tty::new(output.clone(), options);
    tty.take()?;
    Ok((Screen::new(output, size), tty))
}

/// The size that the terminal reports, in cells.
pub(crate) fn size() -> io::Result<Size> {
    // crossterm opens and closes the terminal's file each time, and starts `tput` where it is gone.
    #[cfg(unix)]
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            return Ok(Size::new(size.ws_col, size.ws_row));
        }
        Err(rustix::io::Errno::IO) => return Err(rustix::io::Errno::IO.into()),
        _ => {}
    }
    crossterm::terminal::size().map(Size::from)
}

/// Restores the terminal, if it is taken over; returns whether it was. Errors are ignored: the terminal may be gone, and
/// there is nowhere left to report them.
pub fn restore() -> bool {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return false;
    }
    // First, because it cannot wait: a terminal that accepts no output (Ctrl-S, a hung connection) blocks what follows.
    let _ = disable_raw_mode();
    let mut out = Vec::new();
    let _ = queue!(out, EndSynchronizedUpdate, DisableMouseCapture);
    let progress = PROGRESS.swap(NO_PROGRESS, Ordering::SeqCst);
    if progress != NO_PROGRESS {
        let _ = escapes::taskbar(&mut out, Taskbar::Empty, progress == PROGRESS_BY_TMUX);
    }
    if TITLED.swap(false, Ordering::SeqCst) {
        let _ = escapes::remember_title(&mut out, false);
    }
    // Without an alternate screen: the prompt must not appear in the middle of what was drawn.
    let _ = escapes::wipe(&mut out);
    let _ = escapes::to_last_line(&mut out);
    let _ = queue!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = write_whole(&mut io::stdout(), &out, until_writable);
    true
}

/// Makes errors and panics readable. Called first in the program.
///
/// A panic while the terminal is taken over restores it, prints the report and ends the program with code 1, whichever
/// thread it came from: a monitor with a missing thread is worse than none.
///
/// # Errors
/// Hooks are installed already.
pub fn install_hooks() -> color_eyre::Result<()> {
    let builder = HookBuilder::default().theme(Theme::new()).display_env_section(false);
    let (panics, errors) = builder.try_into_hooks()?;
    errors.install()?;
    std::panic::set_hook(Box::new(move |info| {
        let was_ours = restore();
        // The place only: the message may contain anything.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
        // Not `eprintln`, which would panic if the terminal is gone.
        let report = panics.panic_report(info).to_string();
        let _ = writeln!(io::stderr(), "{}", secrets::scrubbed(&report));
        if was_ours {
            std::process::exit(Exit::Unexpected.code().into());
        }
    }));
    Ok(())
}

/// The terminal while it is taken over; restores it when dropped.
#[derive(Debug)]
pub struct Tty<W: Write> {
    output: Output<W>,
    options: Options,
    /// The link written last.
    link: Option<(Position, String, Link)>,
    /// What title and taskbar show: both are sent again after Ctrl-Z.
    title: Option<String>,
    progress: Taskbar,
}

impl<W: Write> Tty<W> {
    fn new(output: Output<W>, options: Options) -> Self {
        Self { output, options, link: None, title: None, progress: Taskbar::Empty }
    }

    /// Raw mode at once; the sequences are written with the next frame.
    fn take(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        queue!(self.output, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)?;
        // Without an alternate screen (GNU screen, mosh, the Linux console) the shell's text is still there.
        escapes::wipe(&mut self.output)?;
        if self.options.mouse { escapes::mouse(&mut self.output, true) } else { Ok(()) }
    }

    fn queue_title(&mut self) -> io::Result<()> {
        let shows = self.title.is_some();
        if TITLED.swap(shows, Ordering::SeqCst) != shows {
            escapes::remember_title(&mut self.output, shows)?;
        }
        match &self.title {
            Some(title) => escapes::title(&mut self.output, title, self.options.ascii),
            None => Ok(()),
        }
    }

    fn queue_taskbar(&mut self) -> io::Result<()> {
        let tmux = self.options.tmux;
        let shown = match self.progress {
            Taskbar::Empty => NO_PROGRESS,
            _ if tmux => PROGRESS_BY_TMUX,
            _ => PROGRESS_DIRECT,
        };
        PROGRESS.store(shown, Ordering::SeqCst);
        escapes::taskbar(&mut self.output, self.progress, tmux)
    }
}

impl<W: Write> Drop for Tty<W> {
    fn drop(&mut self) {
        restore();
    }
}

impl<W: Write> Console for Tty<W> {
    fn frame_begins(&mut self) {
        self.output.begin();
    }

    fn frame_ends(&mut self) -> io::Result<()> {
        self.output.end()
    }

    fn link(&mut self, at: Position, text: &str, link: &Link) -> io::Result<()> {
        // The cells underneath contain the same text: drawing them again removes the link.
        let written =
            |(was_at, was, to): &(Position, String, Link)| (*was_at, &**was, to) == (at, text, link);
        if self.output.is_silent() && self.link.as_ref().is_some_and(written) {
            return Ok(());
        }
        escapes::link(&mut self.output, at, text, link)?;
        self.link = Some((at, text.to_owned(), link.clone()));
        self.output.flush()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        escapes::copy(&mut self.output, text, self.options.tmux)?;
        self.output.flush()
    }

    fn notify(&mut self, notification: &Notification) -> io::Result<()> {
        let Options { tmux, ascii, abilities, .. } = self.options;
        if let Some(desktop) = abilities.desktop.filter(|_| notification.desktop) {
            escapes::notification(&mut self.output, desktop, &notification.text, ascii, tmux)?;
        }
        if notification.bell {
            escapes::bell(&mut self.output)?;
        }
        self.output.flush()
    }

    fn title(&mut self, title: Option<&str>) -> io::Result<()> {
        if !self.options.abilities.title {
            return Ok(());
        }
        self.title = title.map(str::to_owned);
        self.queue_title()?;
        self.output.flush()
    }

    fn taskbar(&mut self, progress: Taskbar) -> io::Result<()> {
        if !self.options.abilities.taskbar {
            return Ok(());
        }
        self.progress = progress;
        self.queue_taskbar()?;
        self.output.flush()
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.options.mouse = on;
        escapes::mouse(&mut self.output, on)?;
        self.output.flush()
    }

    fn query_background(&mut self) -> io::Result<()> {
        escapes::query_background(&mut self.output)
    }

    #[cfg(unix)]
    fn suspend(&mut self) -> io::Result<()> {
        self.output.flush()?;
        restore();
        // The whole process group, as the terminal does it. On the main thread the program stops here, before anything below.
        // If no shell could resume it the system ignores the signal.
        let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        self.take()?;
        self.queue_title()?;
        if self.progress != Taskbar::Empty {
            self.queue_taskbar()?;
        }
        stopped.map_err(io::Error::from)
    }

    #[cfg(not(unix))]
    fn suspend(&mut self) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system cannot suspend programs"))
    }
}

#[cfg(test)]
mod tests;
