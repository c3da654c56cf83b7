//! What happened: the notice on the screen, and the log behind it.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::Now;
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::text::SafeText;

/// How serious something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Went as wished.
    Good,
    /// Needs a look.
    Warning,
    /// Went wrong.
    Error,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// How serious.
    pub tone: Severity,
    /// What happened, one line.
    pub text: Redactable,
    /// How often in a row.
    pub times: u32,
}

/// The last notice and the last [`Journal::LIMIT`] log lines.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    notice: Option<(Severity, Redactable, Duration)>,
}

impl Journal {
    /// Log lines that are kept.
    pub const LIMIT: usize = 500;
    /// How long a notice stays.
    const STAYS: Duration = Duration::from_secs(6);

    /// Says something on the screen, and remembers it.
    pub fn say(&mut self, now: Now, tone: Severity, text: impl Into<Redactable>) {
        let text = text.into();
        self.record(now, tone, text.clone());
        self.hint(now, tone, text);
    }

    /// Says something on the screen that is not worth remembering.
    pub fn hint(&mut self, now: Now, tone: Severity, text: impl Into<Redactable>) {
        self.notice = Some((tone, text.into(), now.up + Self::STAYS));
    }

    /// Remembers something without saying it. What repeats is counted.
    pub fn record(&mut self, now: Now, tone: Severity, text: impl Into<Redactable>) {
        let text = text.into();
        match self.entries.back_mut() {
            Some(last) if last.text == text => {
                last.at = now.wall;
                last.times = last.times.saturating_add(1);
            }
            _ => self.entries.push_back(Entry { at: now.wall, tone, text, times: 1 }),
        }
        if self.entries.len() > Self::LIMIT {
            self.entries.pop_front();
        }
    }

    /// Remembers what changed from one snapshot to the next: contact, counts of unexpected data.
    pub fn compare(&mut self, now: Now, old: &Snapshot, new: &Snapshot) {
        match (&old.health.link, &new.health.link) {
            (before, after) if before == after => {}
            (_, LinkState::Connecting) => {}
            (LinkState::Connecting, LinkState::Live) => self.record(now, Severity::Good, "connected"),
            (_, LinkState::Live) => self.say(now, Severity::Good, "in contact again"),
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
            // At the first time, and each time the count gains a digit: an unexpected field comes with every poll.
            let digits = |times: &u64| times.checked_ilog10();
            if old.unexpected.get(what).and_then(digits) != digits(times) {
                self.record(now, Severity::Warning, format!("unexpected data: {what} (×{times})"));
            }
        }
    }

    /// The notice, while it stays.
    pub fn notice(&self, now: Now, redaction: Redaction) -> Option<(Severity, &SafeText)> {
        let (tone, text, until) = self.notice.as_ref()?;
        (now.up < *until).then_some((*tone, text.text(redaction)))
    }

    /// How long the notice still stays.
    pub fn notice_left(&self, now: Now) -> Option<Duration> {
        let (_, _, until) = self.notice.as_ref()?;
        until.checked_sub(now.up).filter(|left| !left.is_zero())
    }

    /// Takes the notice away.
    pub fn clear_notice(&mut self) {
        self.notice = None;
    }

    /// The log, oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_counts_what_repeats() {
        let now = Now { up: Duration::ZERO, wall: Timestamp::UNIX_EPOCH };
        let mut journal = Journal::default();
        for n in 0..Journal::LIMIT * 3 {
            journal.record(now, Severity::Info, format!("line {}", n / 2));
        }
        assert_eq!(journal.entries().len(), Journal::LIMIT);
        assert_eq!(journal.entries().back().map(|e| (e.text.clone(), e.times)), Some(("line 749".into(), 2)));
    }
}
