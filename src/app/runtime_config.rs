//! The part of the configuration that applies at once when the file changes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::columns::Column;
use super::keymap::Keymap;
use super::named_filters::NamedFilter;

#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeConfig {
    pub keymap: Keymap,
    /// From left to right.
    pub columns: Vec<Column>,
    /// Tabs after the views.
    pub filters: Vec<NamedFilter>,
    pub notify: NotifySettings,
    /// A theme's name, until the user chooses another; `None` follows the terminal's background.
    pub theme: Option<String>,
    /// Between two polls while something runs; `None` is the poller's default.
    pub interval: Option<Duration>,
    /// Whether client values are masked, until the user toggles it.
    pub redact: bool,
    /// Whether mouse events are captured, until the user toggles it.
    pub mouse: bool,
    /// Error reports up to this size are fetched automatically, in bytes.
    pub report_limit: u64,
    /// Settings that differ from those at the start and need a restart.
    pub at_next_start: Vec<&'static str>,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            columns: Column::DEFAULT.to_vec(),
            filters: Vec::new(),
            notify: NotifySettings::default(),
            theme: None,
            interval: None,
            redact: false,
            mouse: true,
            report_limit: 5_000_000,
            at_next_start: Vec::new(),
        }
    }
}

/// What can be notified of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotifyEvent {
    /// It finished, successfully or not.
    Finished,
    FailedRow,
    Stalled,
}

impl NotifyEvent {
    pub const ALL: [Self; 3] = [Self::Finished, Self::FailedRow, Self::Stalled];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::FailedRow => "failed_row",
            Self::Stalled => "stalled",
        }
    }
}

/// What the user wants to be notified of, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifySettings {
    pub bell: bool,
    /// Show a desktop notification, where the terminal can.
    pub desktop: bool,
    /// Show progress in the taskbar, where the terminal can.
    pub taskbar: bool,
    /// Show the overall state in the window title.
    pub title: bool,
    /// What triggers bell and desktop notifications.
    pub on: BTreeSet<NotifyEvent>,
    /// Notify even while the terminal has the focus.
    pub always: bool,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            bell: false,
            desktop: true,
            taskbar: true,
            title: true,
            on: NotifyEvent::ALL.into(),
            always: false,
        }
    }
}
