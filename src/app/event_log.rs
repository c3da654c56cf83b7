//! The event log, and the notice that shows its latest entry.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::Now;
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::text::SafeText;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Info,
    Good,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub at: Timestamp,
    pub severity: Severity,
    /// One line.
    pub text: Redactable,
    /// How often in succession.
    pub times: u32,
}

/// The latest notice and the last [`EventLog::LIMIT`] entries.
#[derive(Debug, Default)]
pub struct EventLog {
    entries: VecDeque<LogEntry>,
    notice: Option<(Severity, Redactable, Duration)>,
}

impl EventLog {
    /// How many entries are kept.
    pub const LIMIT: usize = 500;
    /// How long a notice is shown.
    const NOTICE_TIME: Duration = Duration::from_secs(6);

    /// Shows a notice and logs it.
    pub fn announce(&mut self, now: Now, severity: Severity, text: impl Into<Redactable>) {
        let text = text.into();
        self.record(now, severity, text.clone());
        self.hint(now, severity, text);
    }

    /// Shows a notice without logging it.
    pub fn hint(&mut self, now: Now, severity: Severity, text: impl Into<Redactable>) {
        self.notice = Some((severity, text.into(), now.up + Self::NOTICE_TIME));
    }

    /// Logs without a notice. Repetitions are counted.
    pub fn record(&mut self, now: Now, severity: Severity, text: impl Into<Redactable>) {
        let text = text.into();
        match self.entries.back_mut() {
            Some(last) if last.text == text => {
                last.at = now.wall;
                last.times = last.times.saturating_add(1);
            }
            _ => self.entries.push_back(LogEntry { at: now.wall, severity, text, times: 1 }),
        }
        if self.entries.len() > Self::LIMIT {
            self.entries.pop_front();
        }
    }

    /// Logs what changed from one snapshot to the next: connection, unexpected data.
    pub fn compare(&mut self, now: Now, old: &Snapshot, new: &Snapshot) {
        match (&old.health.link, &new.health.link) {
            (before, after) if before == after => {}
            (_, LinkState::Connecting) => {}
            (LinkState::Connecting, LinkState::Live) => self.record(now, Severity::Good, "connected"),
            (_, LinkState::Live) => self.announce(now, Severity::Good, "reconnected"),
            (_, LinkState::Retrying { fault, .. }) => {
                self.record(now, Severity::Warning, Redactable::new(|redaction| fault.describe(redaction)));
            }
            (_, LinkState::Stopped { fault }) => {
                let advice = fault.advice().map(|advice| format!("; {advice}")).unwrap_or_default();
                let text = |redaction| format!("{}{advice}", fault.describe(redaction));
                self.record(now, Severity::Error, Redactable::new(text));
            }
        }
        if old.health.full_passes == 0 && new.health.full_passes > 0 {
            self.record(now, Severity::Info, format!("all {} imports loaded", new.imports.len()));
        }
        for (what, times) in new.unexpected.iter() {
            // The first time, and each time the count gains a digit: an unexpected field comes with every poll.
            let digits = |times: &u64| times.checked_ilog10();
            if old.unexpected.get(what).and_then(digits) != digits(times) {
                self.record(now, Severity::Warning, format!("unexpected data: {what} (×{times})"));
            }
        }
    }

    /// The notice, while it is shown.
    pub fn notice(&self, now: Now, redaction: Redaction) -> Option<(Severity, &SafeText)> {
        let (severity, text, until) = self.notice.as_ref()?;
        (now.up < *until).then_some((*severity, text.text(redaction)))
    }

    /// How long the notice is still shown.
    pub fn notice_left(&self, now: Now) -> Option<Duration> {
        let (_, _, until) = self.notice.as_ref()?;
        until.checked_sub(now.up).filter(|left| !left.is_zero())
    }

    pub fn clear_notice(&mut self) {
        self.notice = None;
    }

    /// The log, oldest first.
    pub fn entries(&self) -> &VecDeque<LogEntry> {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_counts_what_repeats() {
        let now = Now { up: Duration::ZERO, wall: Timestamp::UNIX_EPOCH };
        let mut event_log = EventLog::default();
        for n in 0..EventLog::LIMIT * 3 {
            event_log.record(now, Severity::Info, format!("line {}", n / 2));
        }
        assert_eq!(event_log.entries().len(), EventLog::LIMIT);
        assert_eq!(
            event_log.entries().back().map(|e| (e.text.clone(), e.times)),
            Some(("line 749".into(), 2))
        );
    }
}
