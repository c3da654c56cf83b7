//! The event log, and the notice that shows its latest entry.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::notifications::Notice;
use super::while_away::AwayEvent;
use super::{App, Popup};
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::text::SafeText;
use crate::query::View;

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
    /// The import that it is about.
    pub about: Option<ImportId>,
    /// What happened to that import, without its name.
    pub what: Option<String>,
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

    /// Shows a notice until the next key, and logs it.
    pub fn announce_until_key(&mut self, now: Now, severity: Severity, text: impl Into<Redactable>) {
        let text = text.into();
        self.record(now, severity, text.clone());
        self.notice = Some((severity, text, Duration::MAX));
    }

    /// Puts what happened before the program started before everything else.
    pub fn record_earlier(&mut self, events: Vec<AwayEvent>) {
        let room = Self::LIMIT.saturating_sub(self.entries.len());
        for AwayEvent { at, severity, text, about, .. } in events.into_iter().rev().take(room) {
            let text = text.into();
            self.entries.push_front(LogEntry { at, severity, text, times: 1, about, what: None });
        }
    }

    /// Logs without a notice. Repetitions are counted.
    pub fn record(&mut self, now: Now, severity: Severity, text: impl Into<Redactable>) {
        self.add(now, severity, text.into(), None);
    }

    /// Logs what happened to an import, without a notice.
    pub fn record_event(&mut self, event: &Notice, now: Now) {
        self.record_about(&event.id, now, event.severity, event.text());
        if let Some(entry) = self.entries.back_mut() {
            entry.what = Some(event.what.clone());
        }
    }

    /// What happened to an import while it was watched and the log holds it, oldest first.
    pub fn timeline(&self, id: &ImportId) -> impl Iterator<Item = (Timestamp, Severity, &str)> {
        let of = self.entries.iter().filter(move |entry| entry.about.as_ref() == Some(id));
        of.filter_map(|entry| Some((entry.at, entry.severity, entry.what.as_deref()?)))
    }

    /// Logs something about an import, without a notice.
    pub fn record_about(&mut self, id: &ImportId, now: Now, severity: Severity, text: impl Into<Redactable>) {
        self.add(now, severity, text.into(), Some(id.clone()));
    }

    fn add(&mut self, now: Now, severity: Severity, text: Redactable, about: Option<ImportId>) {
        match self.entries.back_mut() {
            Some(last) if last.text == text && last.about == about => {
                last.at = now.wall;
                last.times = last.times.saturating_add(1);
            }
            _ => {
                self.entries.push_back(LogEntry { at: now.wall, severity, text, times: 1, about, what: None })
            }
        }
        if self.entries.len() > Self::LIMIT {
            self.entries.pop_front();
        }
    }

    /// Logs how a connection changed; `whose` begins the sentence.
    fn compare_links(&mut self, now: Now, whose: &str, (before, after): (&LinkState, &LinkState)) {
        match (before, after) {
            (before, after) if before == after => {}
            (_, LinkState::Connecting) => {}
            // The user refreshes: nothing is known yet.
            (LinkState::Stopped { .. }, LinkState::Retrying { again_at, .. }) if *again_at <= now.up => {}
            (LinkState::Connecting, LinkState::Live) if !whose.is_empty() => {}
            (LinkState::Connecting, LinkState::Live) => self.record(now, Severity::Good, "connected"),
            (_, LinkState::Live) => self.announce(now, Severity::Good, format!("{whose}reconnected")),
            (_, LinkState::Retrying { fault, .. }) => {
                let text = Redactable::new(|redaction| format!("{whose}{}", fault.describe(redaction)));
                self.record(now, Severity::Warning, text);
            }
            (_, LinkState::Stopped { fault }) => {
                let text = Redactable::new(|redaction| format!("{whose}{}", fault.with_advice(redaction)));
                self.record(now, Severity::Error, text);
            }
        }
    }

    /// Logs what changed from one snapshot to the next: connection, unexpected data.
    pub fn compare(&mut self, now: Now, old: &Snapshot, new: &Snapshot) {
        if new.is_of_several() {
            for state in new.listed() {
                if let Some(before) = old.account_state(&state.account.id) {
                    let firm = format!("{}: ", state.account.firm_or_id());
                    self.compare_links(now, &firm, (&before.link, &state.link));
                }
            }
        } else {
            self.compare_links(now, "", (&old.health.link, &new.health.link));
        }
        if old.health.full_passes == 0 && new.health.full_passes > 0 {
            let text = match new.imports.len() {
                0 => "no imports".to_owned(),
                1 => "the only import is loaded".to_owned(),
                count => format!("all {count} imports loaded"),
            };
            self.record(now, Severity::Info, text);
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

impl App {
    /// Leads to an import in the table, whatever view and filter hide.
    fn go_to(&mut self, id: &ImportId) {
        self.screens.go_back_to(0);
        self.screens.typing = false;
        self.list.select(id);
        if self.list.selected() != Some(id) {
            self.list.set_view(View::All);
            self.list.filter.reset();
            self.list.apply_filter(&self.snapshot, &self.zone, self.now);
            self.list.catch_up(&self.snapshot, self.now);
            self.list.select(id);
        }
    }

    /// The import that the log entry under the cursor is about.
    fn entry_import(&self) -> Option<&ImportId> {
        let Some(Popup::Log(at)) = self.screens.popup else { return None };
        self.event_log.entries().get(at)?.about.as_ref()
    }

    pub(super) fn entry_refusal(&self) -> Option<String> {
        match self.entry_import() {
            None => Some("this entry is not about one import".to_owned()),
            Some(id) => self.snapshot.get(id).is_none().then(|| "its import is not loaded".to_owned()),
        }
    }

    pub(super) fn open_entry(&mut self) {
        if let Some(id) = self.entry_import().cloned() {
            self.screens.popup = None;
            self.go_to(&id);
            self.enter();
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::Identity;
    use crate::app::event::Event;
    use crate::app::keymap::Mode;
    use crate::domain::snapshot::tests::{id, import, now};

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

    #[test]
    fn an_entry_opens_the_import_that_it_is_about() {
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "status:queued");
        let imports = [import("a", 0, "completed", (4, 0, 0)), import("b", 1, "completed", (4, 2, 2))];
        app.update(now(0), Event::Snapshot(Snapshot::of(imports, now(0)).into()));
        app.event_log.record_about(&id("b"), now(1), Severity::Info, "b finished");
        app.event_log.record_about(&id("c"), now(1), Severity::Info, "c finished");
        app.event_log.record(now(1), Severity::Info, "reconnected");
        let mut press = |code: KeyCode| {
            app.update(now(2), Event::Key(code.into()));
            let notice = app.event_log.notice(now(2), Redaction::default()).map(|(_, text)| text.to_string());
            (app.screens.mode(), notice.unwrap_or_default(), app.list.selected().cloned())
        };
        press(KeyCode::Char('L'));
        let (mode, notice, _) = press(KeyCode::Enter);
        assert_eq!((mode, notice.as_str()), (Mode::Log, "this entry is not about one import"));
        press(KeyCode::Char('j'));
        assert_eq!(press(KeyCode::Enter).1, "its import is not loaded");
        press(KeyCode::Char('j'));
        let (mode, _, selected) = press(KeyCode::Enter);
        assert_eq!((mode, selected), (Mode::Failures, Some(id("b"))), "though the filter hid it");
    }
}
