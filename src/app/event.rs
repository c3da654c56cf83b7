//! Events, and the effects that they cause.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use jiff::civil::Date;

use super::import_list::{FilterJob, FilterResult};
use super::keymap::Action;
use super::runtime_config::RuntimeConfig;
use super::while_away::WhileAway;
use crate::domain::account::{Account, AccountId, Logins, Refusal};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::redact::Redactable;
use crate::domain::snapshot::Snapshot;
use crate::domain::transfer::Transfer;
use crate::query::{SortKey, View};
use crate::report::compare::Comparison;
use crate::report::fix::{Fixes, Proposals, RowState};
use crate::report::{ApiView, FailedRows};

#[derive(Debug, Clone)]
pub enum Event {
    Key(KeyEvent),
    Paste(String),
    Click(Target),
    /// Lines scrolled, negative is up, and the pane under the pointer.
    Wheel(i16, Pane),
    /// Whether the terminal has the focus.
    Focus(bool),
    /// The terminal reported its background colour.
    Background(Background),
    /// The size changed, or the program was resumed.
    Resized,
    /// How much of the focused list or text the last frame showed.
    Viewport(Viewport),
    /// Time has passed.
    Tick,
    /// The poller published a snapshot.
    Snapshot(Arc<Snapshot>),
    /// The result of an effect.
    Answer(Answer),
}

/// The terminal's background, by lightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    Dark,
    Light,
}

/// The smallest terminal in which the screens are drawn, in columns and rows.
pub const LEAST: (u16, u16) = (40, 10);

/// How much of the focused list or text the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Lines that fit.
    pub page: usize,
    /// Lines in total.
    pub length: usize,
    /// Whether the terminal is too small for the screens.
    pub mini: bool,
}

/// The result of an effect.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The show route's response.
    Import {
        id: ImportId,
        /// The import with its mapping.
        result: Box<Result<Import, Fault>>,
    },
    /// What the journal has since the user last looked.
    WhileAway(WhileAway),
    /// A background filter job has finished.
    FilterResult(Box<FilterResult>),
    /// The accounts of the token, or why they could not be fetched.
    Logins(Result<Logins, Fault>),
    /// The server refused the token and there is no other: why, in a sentence.
    NoToken(String),
    /// The browser was started with a link.
    Opened(Link),
    /// A link cannot be opened here and is shown instead.
    NotOpened {
        link: Link,
        /// The reason, to follow "not opened: ".
        why: String,
    },
    /// The text was handed to this program, or to the terminal, which may not allow it.
    Copied {
        /// What was copied, in words.
        what: String,
        by: Option<&'static str>,
    },
    /// No program took it.
    NotCopied(Copy),
    Progress(Transfer),
    /// The failed rows of a report, or why they could not be read.
    Report {
        /// Whose report it is.
        id: ImportId,
        result: Result<Arc<FailedRows>, Redactable>,
    },
    /// The comparison with another run.
    Compared {
        id: ImportId,
        /// Its failed rows at the time of the comparison.
        now: Arc<FailedRows>,
        /// The other run.
        with: ImportId,
        /// The other run's failed rows and what changed; no comparison if it was of another file.
        result: Result<(Arc<FailedRows>, Option<Comparison>), Redactable>,
    },
    /// A file was written; the notice.
    /// What can be fixed of failed rows.
    Proposals {
        of: Arc<FailedRows>,
        proposals: Arc<Proposals>,
    },
    /// How much of each row is fixed.
    FixStates {
        of: Arc<Fixes>,
        states: Vec<RowState>,
    },
    /// All fixed rows were written: where, in a sentence.
    FixesSaved {
        fixes: Arc<Fixes>,
        text: Redactable,
    },
    Saved(Redactable),
    /// A file was not written; the reason.
    NotSaved(Redactable),
    /// The configuration file has changed and was read.
    Config {
        /// The file's name.
        file: String,
        /// The new configuration, or every mistake with its place.
        read: Result<Box<RuntimeConfig>, Vec<String>>,
    },
    /// A request to the terminal or the server failed; the message.
    Failed(String),
}

/// Something that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Import(ImportId),
    View(View),
    /// A filter of the configuration, by position.
    NamedFilter(usize),
    /// A column heading.
    Column(SortKey),
    /// A reason, by position.
    Reason(usize),
    /// A reason of the current import, by position in its reasons: opens its rows.
    OpenReason(usize),
    /// A failed row, by position in the listing.
    Row(usize),
    /// A heading of the failed rows, by position.
    RowColumn(usize),
    Filter,
    /// A number in the header: lists what it counts, by this filter.
    Show(&'static str),
    /// 0 is the table, 1 the import itself, then the screens on top of it.
    Breadcrumb(usize),
    /// A key in the footer, or anything that acts like one.
    Key(Action),
    /// A line of the help: closes it and does the action.
    Help(Action),
    /// An entry of the log, from the latest.
    LogEntry(usize),
    /// A proposal.
    Proposal(usize),
    /// A cell of the chosen proposal.
    Change(usize),
    /// A line of the copy menu.
    CopyItem(usize),
    /// A line of the order picker.
    Order(usize),
    /// A line of the run picker.
    Run(usize),
    /// A line of the account picker.
    Account(usize),
    /// A line of the theme popup.
    Theme(usize),
    /// A scroll bar: its pane, the position clicked, and the number of positions.
    Scroll(Pane, usize, usize),
    /// Anywhere outside the open popup.
    OutsidePopup,
    /// A part of the popup that does nothing.
    InsidePopup,
}

/// What the wheel scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The list or text that has the focus.
    #[default]
    Main,
    Reasons,
    Rows,
    Static,
}

/// Something to be done outside `App`.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Request everything from the server, now.
    Refresh,
    /// Pause or resume polling.
    Pause(bool),
    /// Tell the poller whether the terminal has the focus.
    Focus(bool),
    /// The user opened an import.
    Opened(ImportId),
    /// Request one import after a delay; a newer request replaces an older one.
    FetchImport {
        id: ImportId,
        /// The account that sees it.
        account: Option<AccountId>,
        /// Time for the selection to move on.
        delay: Duration,
    },
    /// Cancel the request for an import: the selection has moved on.
    CancelImport,
    /// Filter and sort many imports in the background.
    FilterJob(Box<FilterJob>),
    FetchLogins,
    /// List the imports of these accounts, and look at others in the background. The pending request for details is
    /// cancelled.
    UseAccounts {
        listed: Vec<Arc<Account>>,
        others: Vec<Arc<Account>>,
    },
    /// Whether the user looks at the accounts.
    AccountsInSight(bool),
    /// Poll no more often than this while something runs; `None` is the default rhythm.
    Interval(Option<Duration>),
    /// Check whether the configuration file has changed.
    CheckConfig,
    /// Load imports created on this day or later, or all.
    LookBack(Option<Date>),
    Open(Link),
    /// Fetch an error report into memory and read it.
    FetchReport {
        id: ImportId,
        account: Option<AccountId>,
        link: Link,
        /// What the report is checked against.
        api: ApiView,
    },
    Download {
        id: ImportId,
        account: Option<AccountId>,
        link: Link,
        /// The path as typed.
        to: String,
    },
    /// Compare an import's failed rows with those of another run.
    Compare(Compare),
    WriteRows(WriteRows),
    /// Work out what can be fixed of failed rows.
    Propose(Propose),
    /// Count how much of each of many rows is fixed.
    CountFixes(CountFixes),
    /// Cancel the report or file that is on its way; nothing of it is kept.
    CancelTransfer,
    Copy(Copy),
    /// Let the terminal copy what no program took.
    CopyByTerminal(Copy),
    Notify(Notification),
    /// Set the window title; `None` restores the previous one.
    Title(Option<String>),
    Taskbar(Taskbar),
    /// Capture mouse events, or leave them to the terminal.
    Mouse(bool),
    /// Draw every cell again.
    Redraw,
    /// Stop the process until the shell resumes it.
    Suspend,
    /// Exit with this code.
    Quit(u8),
    /// Exit because nobody can be signed in.
    Refused(Refusal),
}

/// A text for the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    pub text: String,
    /// What it is, in words.
    pub what: String,
}

/// A notification outside the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Contains no name of a client or of a person.
    pub text: String,
    /// Whether to ring the terminal's bell.
    pub bell: bool,
    /// Whether to show a desktop notification, where the terminal can pass it on.
    pub desktop: bool,
}

/// The overall state as a taskbar shows it; per cent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taskbar {
    /// Nothing is running.
    #[default]
    Empty,
    Running(u8),
    /// An import has stalled.
    Stalled(u8),
    /// Rows have failed.
    Failing(u8),
}

#[derive(Debug, Clone)]
pub struct Compare {
    pub id: ImportId,
    pub now: Arc<FailedRows>,
    pub other: ImportId,
    /// The account that sees the other run.
    pub account: Option<AccountId>,
    /// Where its report is; `None` where the list does not say.
    pub link: Option<Link>,
    /// What that report is checked against.
    pub api: ApiView,
}

impl PartialEq for Compare {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.other, &self.link) == (&other.id, &other.other, &other.link)
    }
}

/// Many failed rows, and what is changed in them.
#[derive(Debug, Clone)]
pub struct CountFixes {
    pub of: Arc<FailedRows>,
    pub fixes: Arc<Fixes>,
}

impl PartialEq for CountFixes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.of, &other.of) && Arc::ptr_eq(&self.fixes, &other.fixes)
    }
}

/// Failed rows to be looked at.
#[derive(Debug, Clone)]
pub struct Propose {
    pub of: Arc<FailedRows>,
    /// What dates that must be past or future are compared with.
    pub today: Date,
}

impl PartialEq for Propose {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.of, &other.of) && self.today == other.today
    }
}

/// Failed rows to write as a CSV.
#[derive(Debug, Clone)]
pub struct WriteRows {
    pub of: Arc<FailedRows>,
    /// Which of them, by position.
    pub rows: Vec<usize>,
    /// An absolute path.
    pub to: String,
    /// Whether a last column says why each row failed.
    pub why: bool,
    /// Whether cells that a spreadsheet would run are neutralised.
    pub spreadsheet_safe: bool,
    /// What is changed in them.
    pub fixes: Option<Arc<Fixes>>,
    /// Whether every fixed row is among them.
    pub has_all_fixed: bool,
}

impl PartialEq for WriteRows {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.of, &other.of)
            && (&self.rows, &self.to, self.why, self.spreadsheet_safe, &self.fixes)
                == (&other.rows, &other.to, other.why, other.spreadsheet_safe, &other.fixes)
    }
}
