//! What happens, and what is to be done about it outside.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use jiff::civil::Date;

use super::import_list::{FilterJob, FilterResult};
use super::keymap::Action;
use super::runtime_config::RuntimeConfig;
use crate::domain::account::{AccountId, Logins};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::redact::Redactable;
use crate::domain::snapshot::Snapshot;
use crate::domain::transfer::Transfer;
use crate::query::{SortKey, View};
use crate::report::compare::Comparison;
use crate::report::{ApiView, FailedRows};

/// A fact that has already happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key went down.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// Something on the screen was clicked.
    Click(Target),
    /// The wheel turned over a pane: lines down, negative is up.
    Wheel(i16, Pane),
    /// The terminal came into or out of focus.
    Focus(bool),
    /// The terminal told its ground.
    Background(Background),
    /// The terminal changed its size, or came back from being suspended.
    Resized,
    /// What was drawn: how many lines of the list or text in focus fit, and how many there are.
    Viewport(Viewport),
    /// Time went by.
    Tick,
    /// The poller published.
    Snapshot(Arc<Snapshot>),
    /// An effect was carried out.
    Answer(Answer),
}

/// What lies behind the text, on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Darker than not.
    Dark,
    /// Lighter than not.
    Light,
}

/// How much of the list or text in focus the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Lines that fit.
    pub page: usize,
    /// Lines there are.
    pub length: usize,
}

/// What became of an effect.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The show route answered, or did not.
    Import {
        /// Which import was asked for.
        id: ImportId,
        /// The import with its mapping.
        result: Box<Result<Import, Fault>>,
    },
    /// Another filter, view or order of many imports was worked out.
    FilterResult(Box<FilterResult>),
    /// The accounts that the token may use, or why they are not known.
    Logins(Result<Logins, Fault>),
    /// A link went to the browser.
    Opened(Link),
    /// A link cannot be opened here and is to be shown instead; says why.
    NotOpened {
        /// The link.
        link: Link,
        /// Why, in words that follow "not opened: ".
        why: String,
    },
    /// A report is on its way.
    Progress(Transfer),
    /// The whole report, or why it cannot be listed.
    Report {
        /// Whose report it is.
        id: ImportId,
        /// All failed rows.
        result: Result<Arc<FailedRows>, Redactable>,
    },
    /// Another run was compared with.
    Compared {
        /// The import.
        id: ImportId,
        /// Its failed rows, as they were compared.
        now: Arc<FailedRows>,
        /// The other run.
        with: ImportId,
        /// The other run's failed rows, and what changed; no comparison where it was of another file.
        result: Result<(Arc<FailedRows>, Option<Comparison>), Redactable>,
    },
    /// A file was written; says which and how much.
    Saved(Redactable),
    /// A file was not written; says why.
    NotSaved(Redactable),
    /// The configuration file has changed and was read.
    Config {
        /// Its name.
        file: String,
        /// What it says now, or every mistake in it, with its place.
        read: Result<Box<RuntimeConfig>, Vec<String>>,
    },
    /// Something the terminal was asked for failed; says what.
    Failed(String),
}

/// Something that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A line of the imports table.
    Import(ImportId),
    /// The name of a view.
    View(View),
    /// The heading of a column.
    Column(SortKey),
    /// A reason, by its position.
    Reason(usize),
    /// A failed row, by its position in the list shown.
    Row(usize),
    /// The heading of a column of the rows, by its position.
    RowColumn(usize),
    /// The filter's text.
    Filter,
    /// A step of the way here: 0 is the table, 1 the import itself, then the screens on top of it.
    Breadcrumb(usize),
    /// A key in the footer, or what stands for one.
    Key(Action),
    /// A line of the help: the help closes, and what it tells of is done.
    Help(Action),
    /// A line of the copy menu.
    CopyItem(usize),
    /// A line of the list of runs.
    Run(usize),
    /// A line of the list of accounts.
    Account(usize),
    /// A line of the list of themes.
    Theme(usize),
    /// A scroll bar: whose, and where on it among how many places.
    Scroll(Pane, usize, usize),
    /// Beside what lies on top of the screen.
    OutsidePopup,
    /// A part of what lies on top that does nothing.
    InsidePopup,
}

/// What the wheel scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// What has the keys.
    #[default]
    Main,
    /// The reasons on the failed-rows screen.
    Reasons,
    /// The rows on the failed-rows screen.
    Rows,
    /// A pane that does not scroll.
    Static,
}

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Request everything from the server, now.
    Refresh,
    /// Stop asking, or go on.
    Pause(bool),
    /// Tell the poller whether anybody looks.
    Focus(bool),
    /// Request one import after a rest; a newer request replaces an older one.
    FetchImport {
        /// Which.
        id: ImportId,
        /// How long to wait first: the selection may move on.
        delay: Duration,
    },
    /// Give up asking for an import: the selection has moved on.
    CancelImport,
    /// Work out another filter, view or order of many imports.
    FilterJob(Box<FilterJob>),
    /// Request the accounts that the token may use.
    FetchLogins,
    /// Act for this account from now on. What was asked for the other one is given up.
    UseAccount(AccountId),
    /// Poll no more often than this while something runs; the usual rhythm without it.
    Interval(Option<Duration>),
    /// Look whether the configuration file has changed.
    CheckConfig,
    /// Look back to imports created on this day or later, or to all.
    LookBack(Option<Date>),
    /// Open a link in the browser.
    Open(Link),
    /// Fetch an error report to memory and read it.
    FetchReport {
        /// Whose it is.
        id: ImportId,
        /// Where it is.
        link: Link,
        /// What the report is measured against.
        api: ApiView,
    },
    /// Download an error report to a file.
    Download {
        /// Whose it is.
        id: ImportId,
        /// Where it is.
        link: Link,
        /// Where to, as typed.
        to: String,
    },
    /// Compare an import's failed rows with those of the run before.
    Compare(Compare),
    /// Write failed rows as a CSV.
    WriteRows(WriteRows),
    /// Give up the report or file that is on its way; nothing of it stays.
    CancelTransfer,
    /// Put text on the clipboard.
    Copy(String),
    /// Tell something to somebody who looks elsewhere.
    Notify(Notification),
    /// Let the window's title say this; `None` gives the title back that it had before.
    Title(Option<String>),
    /// Let the taskbar show this.
    Taskbar(Taskbar),
    /// Take mouse events, or leave them to the terminal.
    Mouse(bool),
    /// Stop the process until the shell continues it.
    Suspend,
    /// Leave, with this exit code.
    Quit(u8),
}

/// Something to be told to somebody who looks elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What happened; holds no name of a client or of a person.
    pub text: String,
    /// Whether the terminal's bell rings.
    pub bell: bool,
    /// Whether the desktop shows it, where the terminal can pass it on.
    pub desktop: bool,
}

/// The overall state as a taskbar shows it; per cent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taskbar {
    /// Nothing is under way.
    #[default]
    Empty,
    /// All goes well.
    Running(u8),
    /// Something stands still.
    Stalled(u8),
    /// Rows fail.
    Failing(u8),
}

/// Two runs of a file to be compared.
#[derive(Debug, Clone)]
pub struct Compare {
    /// The import.
    pub id: ImportId,
    /// Its failed rows.
    pub now: Arc<FailedRows>,
    /// The other run.
    pub other: ImportId,
    /// Where its report is; `None` where the list does not say.
    pub link: Option<Link>,
    /// What that report is measured against.
    pub api: ApiView,
}

impl PartialEq for Compare {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.other, &self.link) == (&other.id, &other.other, &other.link)
    }
}

/// Failed rows to be written as a CSV.
#[derive(Debug, Clone)]
pub struct WriteRows {
    /// The failed rows.
    pub of: Arc<FailedRows>,
    /// Which of them, by position.
    pub rows: Vec<usize>,
    /// Where to: an absolute path.
    pub to: String,
    /// Whether a last column says why each row failed.
    pub why: bool,
    /// Whether cells that a spreadsheet would run are neutralised.
    pub spreadsheet_safe: bool,
}

impl PartialEq for WriteRows {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.of, &other.of)
            && (&self.rows, &self.to, self.why, self.spreadsheet_safe)
                == (&other.rows, &other.to, other.why, other.spreadsheet_safe)
    }
}
