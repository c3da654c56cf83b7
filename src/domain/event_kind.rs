//! What can happen, by the names that `events`, hooks and the configuration use.

use super::import_event::ImportEvent;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    Started,
    FirstFailure,
    Failing,
    Stalled,
    /// It moves again after it had stalled or finished, or its failed rows are tried again.
    Resumed,
    Settled,
    Cancelled,
    ReportReady,
    Deleted,
    /// Polls have failed for a while.
    Offline,
    Online,
}

impl EventKind {
    pub const ALL: [Self; 11] = [
        Self::Started,
        Self::FirstFailure,
        Self::Failing,
        Self::Stalled,
        Self::Resumed,
        Self::Settled,
        Self::Cancelled,
        Self::ReportReady,
        Self::Deleted,
        Self::Offline,
        Self::Online,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::FirstFailure => "first_failure",
            Self::Failing => "failing",
            Self::Stalled => "stalled",
            Self::Resumed => "resumed",
            Self::Settled => "settled",
            Self::Cancelled => "cancelled",
            Self::ReportReady => "report_ready",
            Self::Deleted => "deleted",
            Self::Offline => "offline",
            Self::Online => "online",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl From<ImportEvent> for EventKind {
    fn from(event: ImportEvent) -> Self {
        match event {
            ImportEvent::Started => Self::Started,
            ImportEvent::FirstFailure => Self::FirstFailure,
            ImportEvent::Failing => Self::Failing,
            ImportEvent::Stalled => Self::Stalled,
            ImportEvent::Resumed | ImportEvent::Retried => Self::Resumed,
            ImportEvent::Settled => Self::Settled,
            ImportEvent::Cancelled => Self::Cancelled,
            ImportEvent::ReportReady => Self::ReportReady,
            ImportEvent::Deleted => Self::Deleted,
        }
    }
}
