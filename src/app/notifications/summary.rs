//! The overall state of the imports, for window title and taskbar.

use crate::app::event::Taskbar;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::tally::{Tally, Verdict};

/// Totals of the unfinished imports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ProgressSummary {
    running: usize,
    stalled: usize,
    queued: usize,
    /// Rows of running and stalled imports.
    settled: u64,
    failed: u64,
    total: u64,
    /// Why the data may be out of date.
    trouble: Option<&'static str>,
}

impl ProgressSummary {
    /// Totals of the imports that are not muted.
    pub(super) fn of(snapshot: &Snapshot, muted: impl Fn(&ImportId) -> bool) -> Self {
        let mut summary = Self { trouble: trouble(snapshot), ..Self::default() };
        for watched in snapshot.unfinished().filter(|watched| !muted(&watched.import.id)) {
            match watched.verdict {
                Verdict::Stalled => summary.stalled += 1,
                Verdict::Running | Verdict::Finishing => summary.running += 1,
                Verdict::Queued => summary.queued += 1,
                _ => {}
            }
            if watched.verdict.is_active() {
                summary.add(&watched.tally);
            }
        }
        summary
    }

    fn add(&mut self, tally: &Tally) {
        self.settled = self.settled.saturating_add(tally.tried());
        self.failed = self.failed.saturating_add(tally.failed());
        self.total = self.total.saturating_add(tally.total());
    }

    /// The share of rows tried, in whole per cent.
    fn percent(&self) -> u8 {
        let share = (u128::from(self.settled) * 100).checked_div(u128::from(self.total));
        u8::try_from(share.unwrap_or(0)).unwrap_or(100).min(100)
    }

    /// The state in words, the program's name last: `2 running, 1 stalled, 58% - plannr`. ASCII, and only our own words: others
    /// can read a window title.
    pub(super) fn title(&self, name: &str) -> String {
        let counts = [(self.running, "running"), (self.stalled, "stalled"), (self.queued, "queued")];
        let counts = counts.into_iter().filter(|(number, _)| *number > 0);
        let mut parts: Vec<String> = counts.map(|(number, word)| format!("{number} {word}")).collect();
        if self.running + self.stalled > 0 {
            parts.push(format!("{}%", self.percent()));
        }
        // First, so that a narrow tab shows it.
        parts.splice(0..0, self.trouble.map(str::to_owned));
        if parts.is_empty() { name.to_owned() } else { format!("{} - {name}", parts.join(", ")) }
    }

    pub(super) fn taskbar(&self) -> Taskbar {
        let percent = self.percent();
        if self.running + self.stalled == 0 {
            Taskbar::Empty
        } else if self.failed > 0 {
            Taskbar::Failing(percent)
        } else if self.stalled > 0 || self.trouble.is_some() {
            Taskbar::Stalled(percent)
        } else {
            Taskbar::Running(percent)
        }
    }
}

fn trouble(snapshot: &Snapshot) -> Option<&'static str> {
    match &snapshot.health.link {
        LinkState::Stopped { .. } => Some("stopped"),
        _ if snapshot.health.paused => Some("paused"),
        LinkState::Connecting | LinkState::Live => None,
        LinkState::Retrying { fault, .. } => Some(fault.in_short()),
    }
}
