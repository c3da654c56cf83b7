//! What happened while the program was not running, as a journal has it: the greeting, entries of the log, and marks until
//! each import was seen.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::App;
use super::event_log::Severity;
use super::keymap::Action;
use crate::domain::import::ImportId;
use crate::domain::tally::{Verdict, grouped};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhileAway {
    /// When the user last looked.
    pub since: Timestamp,
    /// Oldest first.
    pub events: Vec<AwayEvent>,
    /// Rows that failed since.
    pub failed_rows: u64,
    /// Imports that changed otherwise since then, or that the user has not seen since an earlier time.
    pub changed: BTreeSet<ImportId>,
}

/// Something that happened meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayEvent {
    pub at: Timestamp,
    pub kind: AwayKind,
    pub severity: Severity,
    /// One sentence, without a name of anybody.
    pub text: String,
    /// `None` for what concerns the connection.
    pub about: Option<ImportId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwayKind {
    Finished,
    Stalled,
    Other,
}

impl App {
    /// Says what happened, puts it into the log, and marks the imports that it happened to.
    pub(super) fn greet(&mut self, away: WhileAway) {
        let text = self.greeting(&away);
        let about = away.events.iter().filter_map(|event| event.about.as_ref());
        let unseen = about.chain(&away.changed).filter(|id| self.snapshot.get(id).is_some());
        self.list.unseen = unseen.cloned().collect();
        self.event_log.record_earlier(away.events);
        if let Some(text) = text {
            self.event_log.announce_until_key(self.now, Severity::Info, text);
        }
    }

    /// `while you were away (since 18:04): 3 finished, 1 stalled at 02:13, 57 new failed rows`; `None` if nothing happened.
    fn greeting(&self, away: &WhileAway) -> Option<String> {
        let of = |kind: AwayKind| away.events.iter().filter(move |event| event.kind == kind);
        let ids = |kind: AwayKind| of(kind).filter_map(|event| event.about.as_ref()).collect::<BTreeSet<_>>();
        let is_stalled =
            |id: &&ImportId| self.snapshot.get(id).is_some_and(|watched| watched.verdict == Verdict::Stalled);
        let stalled: BTreeSet<_> = ids(AwayKind::Stalled).into_iter().filter(is_stalled).collect();
        let mut parts = Vec::new();
        match ids(AwayKind::Finished).len() {
            0 => {}
            finished => parts.push(format!("{finished} finished")),
        }
        match stalled.len() {
            0 => {}
            1 => {
                let last =
                    of(AwayKind::Stalled).rfind(|event| event.about.as_ref() == stalled.first().copied());
                let at = last.map(|event| format!(" at {}", self.clock(event.at))).unwrap_or_default();
                parts.push(format!("1 stalled{at}"));
            }
            many => parts.push(format!("{many} stalled")),
        }
        match away.failed_rows {
            0 => {}
            1 => parts.push("1 new failed row".to_owned()),
            rows => parts.push(format!("{} new failed rows", grouped(rows))),
        }
        let others: BTreeSet<_> = away.events.iter().filter_map(|event| event.about.as_ref()).collect();
        match others.len() {
            0 => {}
            1 if parts.is_empty() => parts.push("1 import changed".to_owned()),
            many if parts.is_empty() => parts.push(format!("{many} imports changed")),
            _ => {}
        }
        let since = self.clock(away.since);
        (!parts.is_empty()).then(|| {
            let log = self.key_for(Action::Log);
            format!("while you were away (since {since}): {} · {log} shows it", parts.join(", "))
        })
    }

    /// A time of today, or with its date.
    fn clock(&self, at: Timestamp) -> String {
        let (then, now) = (self.zone.to_datetime(at), self.zone.to_datetime(self.now.wall));
        let format = if then.date() == now.date() { "%H:%M" } else { "%-d %b %H:%M" };
        then.strftime(format).to_string()
    }

    /// The user looks at the selected import.
    pub(super) fn see_selected(&mut self) {
        if let Some(id) = self.list.selected().cloned() {
            self.list.unseen.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::Identity;
    use crate::app::event::{Answer, Event};
    use crate::domain::Now;
    use crate::domain::redact::Redaction;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{id, import, now};

    fn app() -> App {
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        let done = |name: &str, age| import(name, age, "completed", (100, 0, 3));
        let snapshot = Snapshot::of([done("a", 10), done("b", 20), done("c", 30)], now(0));
        app.update(now(1), Event::Snapshot(snapshot.into()));
        app
    }

    fn event(about: &str, kind: AwayKind, ago: i64) -> AwayEvent {
        let at = now(0).wall.checked_sub(jiff::ToSpan::minutes(ago)).unwrap();
        AwayEvent {
            at,
            kind,
            severity: Severity::Info,
            text: format!("{about} {kind:?}"),
            about: Some(id(about)),
        }
    }

    fn greeting(app: &App, now: Now) -> Option<String> {
        app.event_log.notice(now, Redaction::default()).map(|(_, text)| text.to_string())
    }

    #[test]
    fn the_greeting_counts_imports_and_stays_until_a_key() {
        let mut app = app();
        let since = now(0).wall.checked_sub(jiff::ToSpan::hours(2)).unwrap();
        let events = vec![
            event("b", AwayKind::Other, 90),
            event("b", AwayKind::Finished, 60),
            event("c", AwayKind::Finished, 50),
            event("c", AwayKind::Finished, 40),
            event("b", AwayKind::Stalled, 80),
        ];
        let away = WhileAway { since, events, failed_rows: 1057, changed: [id("a")].into() };
        app.update(now(2), Event::Answer(Answer::WhileAway(away)));
        let clock = TimeZone::UTC.to_datetime(since).strftime("%H:%M").to_string();
        let today = TimeZone::UTC.to_datetime(since).date() == TimeZone::UTC.to_datetime(now(2).wall).date();
        assert!(today, "the test's clock is in the middle of a day");
        let text =
            format!("while you were away (since {clock}): 2 finished, 1,057 new failed rows · L shows it");
        assert_eq!(greeting(&app, now(600)), Some(text), "what finished is stalled no more");
        let logged: Vec<_> = app.event_log.entries().iter().filter_map(|entry| entry.about.clone()).collect();
        assert_eq!(logged, ["b", "b", "c", "c", "b"].map(id));

        // Each is seen when it is selected and a key shows that somebody is there.
        let unseen = |app: &App| app.list.unseen.iter().cloned().collect::<Vec<_>>();
        assert_eq!(unseen(&app), ["a", "b", "c"].map(id));
        app.update(now(3), Event::Key(KeyCode::Down.into()));
        assert_eq!((unseen(&app), greeting(&app, now(4))), (vec![id("c")], None));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let mut app = app();
        let away =
            WhileAway { since: now(0).wall, events: Vec::new(), failed_rows: 0, changed: BTreeSet::new() };
        app.update(now(2), Event::Answer(Answer::WhileAway(away)));
        assert_eq!(greeting(&app, now(3)), None);
    }
}
