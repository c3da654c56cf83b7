//! The real terminal: taking it over, and giving it back however the program ends.
//!
//! [`restore`] is the only way back. It serves the normal end and errors (by [`Tty`]'s drop), panics (by the
//! hook of [`install_hooks`]), signals (the loop ends and drops [`Tty`]) and Ctrl-Z.

mod escapes;
mod output;
mod quiet;
mod signals;

use std::io::{self, IsTerminal as _, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use color_eyre::config::{HookBuilder, Theme};
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::execute;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Position;

use crate::domain::import::Link;
use crate::exit::{Exit, Failure};
use crate::monitor::console::Console;
use crate::secrets;

pub use output::Output;
pub use quiet::Quiet;
#[cfg(unix)]
pub use signals::until_gone;
pub use signals::{Signal, Signals, signals};

/// Where the cells are drawn.
pub type Screen = ratatui::Terminal<Quiet<CrosstermBackend<Output<Stdout>>>>;

/// How to take the terminal over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether clicks and the wheel are taken.
    pub mouse: bool,
    /// Whether tmux lies between us and the terminal.
    pub tmux: bool,
}

/// Whether the terminal is ours at the moment. There is one terminal, and a panic may come from anywhere.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Tells whether there is a terminal that a screen can be drawn on; `dumb` as in `TERM=dumb`.
///
/// # Errors
/// There is none: wrong usage.
pub fn check(dumb: bool) -> Result<(), Failure> {
    let problem = if !io::stdout().is_terminal() {
        "standard output is not one (it goes to a file or a program)"
    } else if !io::stdin().is_terminal() {
        "standard input is not one, so no key could reach it"
    } else if dumb {
        "this one shows only plain text (TERM=dumb)"
    } else {
        return Ok(());
    };
    let message = format!(
        "the monitor needs a terminal to draw on: {problem}; `plannr-tui list` prints the imports without one"
    );
    Err(Failure { message, exit: Exit::Usage })
}

/// Takes the terminal over. Dropping [`Tty`] gives it back.
///
/// # Errors
/// The terminal refuses; it is given back before this returns.
pub fn enter(options: Options) -> io::Result<(Screen, Tty<Stdout>)> {
    let output = Output::new(io::stdout());
    let tty = Tty::new(output.clone(), options);
    take(options.mouse)?;
    let screen = ratatui::Terminal::new(Quiet::new(CrosstermBackend::new(output)))?;
    Ok((screen, tty))
}

fn take(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    let taken = enable_raw_mode().and_then(|()| {
        let mut out = io::stdout();
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, Hide)?;
        if mouse { escapes::mouse(&mut out, true) } else { Ok(()) }
    });
    if taken.is_err() {
        restore();
    }
    taken
}

/// Gives the terminal back as it was. Does nothing when it is not ours; tells whether it was. What fails is
/// passed over: the terminal may be gone, and there is nobody left to tell.
pub fn restore() -> bool {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return false;
    }
    // First, because it cannot wait: a terminal that takes nothing (Ctrl-S, a hung connection) blocks what follows.
    let _ = disable_raw_mode();
    let mut out = io::stdout();
    let _ = execute!(out, EndSynchronizedUpdate);
    let _ = execute!(out, DisableMouseCapture);
    let _ = execute!(out, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    true
}

/// Makes errors and panics readable. The first thing that the program does.
///
/// A panic while the terminal is ours gives it back, prints the report and ends the program with code 1, from
/// whichever thread it came: a monitor that lives on half is worse than none.
///
/// # Errors
/// Something has installed hooks before.
pub fn install_hooks() -> color_eyre::Result<()> {
    let builder = HookBuilder::default().theme(Theme::new()).display_env_section(false);
    let (panics, errors) = builder.try_into_hooks()?;
    errors.install()?;
    std::panic::set_hook(Box::new(move |info| {
        let was_ours = restore();
        // Where only: the message may hold anything.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
        // Not `eprintln`, which would panic where the terminal is gone.
        let report = panics.panic_report(info).to_string();
        let _ = writeln!(io::stderr(), "{}", secrets::scrubbed(&report));
        if was_ours {
            std::process::exit(Exit::Unexpected.code().into());
        }
    }));
    Ok(())
}

/// The terminal while it is ours; gives it back when dropped.
#[derive(Debug)]
pub struct Tty<W: Write> {
    output: Output<W>,
    options: Options,
    /// The link that was written last.
    link: Option<(Position, String, Link)>,
}

impl<W: Write> Tty<W> {
    fn new(output: Output<W>, options: Options) -> Self {
        Self { output, options, link: None }
    }
}

impl<W: Write> Drop for Tty<W> {
    fn drop(&mut self) {
        restore();
        // ratatui shows the cursor once more when the screen is dropped, and complains where that fails.
        self.output.close();
    }
}

impl<W: Write> Console for Tty<W> {
    fn frame_begins(&mut self) -> io::Result<()> {
        self.output.begin()
    }

    fn frame_ends(&mut self) -> io::Result<()> {
        self.output.end()
    }

    fn link(&mut self, at: Position, text: &str, link: &Link) -> io::Result<()> {
        // The cells below hold the same text: whoever draws them again draws it plain.
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

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.options.mouse = on;
        escapes::mouse(&mut self.output, on)?;
        self.output.flush()
    }

    #[cfg(unix)]
    fn suspend(&mut self) -> io::Result<()> {
        self.output.flush()?;
        restore();
        // The whole group, as the terminal itself would do it. Called on the main thread the program stops here,
        // before anything below. Where no shell could continue it the system passes the signal over.
        let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        take(self.options.mouse)?;
        stopped.map_err(io::Error::from)
    }

    #[cfg(not(unix))]
    fn suspend(&mut self) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system cannot suspend programs"))
    }
}

#[cfg(test)]
mod tests;
