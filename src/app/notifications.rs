//! Notifications, the window title and the taskbar, for users who are looking elsewhere.
//!
//! No text here contains the name of a client or a person: only types, modes, states and counts.

mod message;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::App;
use super::event_log::Severity;
use super::runtime_config::{NotifyEvent, NotifySettings};
use crate::app::event::{Effect, Notification, Taskbar};
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::import_event::{Earlier, FailingAt, ImportEvent, between, name};
use crate::domain::snapshot::Snapshot;
use crate::domain::tally::Verdict;

/// Something that happened to an import while it was watched, to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: ImportId,
    pub event: ImportEvent,
    pub severity: Severity,
    /// The import's type and mode, and its firm where there are several.
    pub name: String,
    /// What happened, without a name of anybody.
    pub what: String,
}

/// What happened from one snapshot to the next.
pub fn notices<'a>(old: &'a Snapshot, new: &'a Snapshot, now: Now) -> impl Iterator<Item = Notice> + 'a {
    let happened = between(old, new, now, FailingAt::default(), |_| Earlier::Unknown).into_iter();
    // The screen shows what is failing for as long as it is.
    happened.filter(|(event, ..)| *event != ImportEvent::Failing).map(|(event, _, watched)| Notice {
        id: watched.import.id.clone(),
        event,
        severity: severity(event, watched.verdict),
        name: name(&watched.import, new.is_of_several()),
        what: event.describe(watched),
    })
}

fn severity(event: ImportEvent, verdict: Verdict) -> Severity {
    match event {
        ImportEvent::Settled if verdict == Verdict::Failed => Severity::Error,
        ImportEvent::Settled if verdict == Verdict::Done => Severity::Good,
        ImportEvent::Started | ImportEvent::Resumed | ImportEvent::Retried | ImportEvent::ReportReady => {
            Severity::Info
        }
        ImportEvent::FirstFailure
        | ImportEvent::Failing
        | ImportEvent::Stalled
        | ImportEvent::Settled
        | ImportEvent::Cancelled
        | ImportEvent::Deleted => Severity::Warning,
    }
}

impl Notice {
    /// One sentence.
    pub fn text(&self) -> String {
        self.event.sentence(&self.name, &self.what)
    }

    /// What the user can choose to be notified of; `None` if it is only logged.
    fn notified_as(&self) -> Option<NotifyEvent> {
        match self.event {
            ImportEvent::Settled | ImportEvent::Cancelled => Some(NotifyEvent::Finished),
            ImportEvent::FirstFailure => Some(NotifyEvent::FailedRow),
            ImportEvent::Stalled => Some(NotifyEvent::Stalled),
            ImportEvent::Started
            | ImportEvent::Failing
            | ImportEvent::Resumed
            | ImportEvent::Retried
            | ImportEvent::ReportReady
            | ImportEvent::Deleted => None,
        }
    }
}

/// Decides what to notify, and when.
#[derive(Debug, Default)]
pub struct Notifier {
    settings: NotifySettings,
    muted: BTreeSet<ImportId>,
    /// Whether the terminal has the focus; `None` until it first reports it, which some never do.
    focused: Option<bool>,
    /// When (`Now::up`) a key was last pressed.
    key_pressed: Option<Duration>,
    /// The latest notice of each import since the last notification.
    waiting: BTreeMap<ImportId, Notice>,
    /// When (`Now::up`) the last notification was sent.
    notified: Option<Duration>,
    /// What title and taskbar show, and since when.
    title: Throttled<Option<String>>,
    taskbar: Throttled<Taskbar>,
}

/// An indicator outside the screen that must not change too often.
#[derive(Debug, Default)]
struct Throttled<T> {
    shown: T,
    wanted: T,
    since: Option<Duration>,
}

impl<T: PartialEq + Clone> Throttled<T> {
    /// How long until the wanted state may be shown; `None` if it is already.
    fn due_in(&self, now: Now) -> Option<Duration> {
        (self.shown != self.wanted).then(|| left(self.since, Notifier::UPDATE_PAUSE, now))
    }

    /// What to show now, if it is due.
    fn due(&mut self, now: Now) -> Option<T> {
        self.due_in(now).filter(Duration::is_zero)?;
        self.since = Some(now.up);
        self.shown = self.wanted.clone();
        Some(self.wanted.clone())
    }
}

/// How much of a pause is left.
fn left(since: Option<Duration>, pause: Duration, now: Now) -> Duration {
    since.map_or(Duration::ZERO, |since| (since + pause).saturating_sub(now.up))
}

impl Notifier {
    /// Minimum time between notifications: what happens meanwhile is combined.
    pub const PAUSE: Duration = Duration::from_secs(10);
    /// Minimum time between changes of the title, or of the taskbar.
    pub const UPDATE_PAUSE: Duration = Duration::from_secs(5);
    /// How often the taskbar is refreshed: Ghostty forgets progress after 15 s.
    pub const REMINDER: Duration = Duration::from_secs(10);
    /// How long after a key the user counts as present, where the terminal does not report focus.
    pub const PRESENCE: Duration = Duration::from_secs(60);

    /// Applies other settings. Title and taskbar follow with the next [`Notifier::update`].
    pub fn set_settings(&mut self, settings: NotifySettings) {
        self.settings = settings;
        let on = &self.settings.on;
        self.waiting.retain(|_, notice| notice.notified_as().is_some_and(|event| on.contains(&event)));
    }

    pub fn settings(&self) -> &NotifySettings {
        &self.settings
    }

    /// Whether an import is left out of notifications, title and taskbar.
    pub fn is_muted(&self, id: &ImportId) -> bool {
        self.muted.contains(id)
    }

    /// Mutes or unmutes an import.
    pub fn mute(&mut self, id: &ImportId, muted: bool) {
        if muted {
            self.muted.insert(id.clone());
            self.waiting.remove(id);
        } else {
            self.muted.remove(id);
        }
    }

    /// The focus changed. Users who see the screen need no notification of what it shows.
    pub fn focus(&mut self, focused: bool) {
        self.focused = Some(focused);
        if focused && !self.settings.always {
            self.waiting.clear();
        }
    }

    /// A key was pressed, so the user is present, even if the terminal does not report focus.
    pub fn key_pressed(&mut self, now: Now) {
        self.key_pressed = Some(now.up);
    }

    /// Queues a notice if the user wants it and is not looking.
    pub fn queue(&mut self, now: Now, notice: &Notice) {
        let wanted = self.settings.bell || self.settings.desktop;
        if wanted
            && notice.notified_as().is_some_and(|event| self.settings.on.contains(&event))
            && !self.muted.contains(&notice.id)
            && !self.user_is_present(now)
        {
            self.waiting.insert(notice.id.clone(), notice.clone());
        }
    }

    fn user_is_present(&self, now: Now) -> bool {
        let key_pressed = || self.key_pressed.is_some_and(|at| now.since(at) < Self::PRESENCE);
        !self.settings.always && self.focused.unwrap_or_else(key_pressed)
    }

    /// Works out what title and taskbar should show. To be called whenever the snapshot, the settings or the muted imports
    /// changed.
    pub fn update(&mut self, snapshot: &Snapshot, name: &str) {
        self.muted.retain(|id| snapshot.get(id).is_some());
        let summary = summary::ProgressSummary::of(snapshot, |id| self.muted.contains(id));
        self.title.wanted = self.settings.title.then(|| summary.title(name));
        self.taskbar.wanted = if self.settings.taskbar { summary.taskbar() } else { Taskbar::Empty };
    }

    /// The notifications and changes to send now.
    pub fn due(&mut self, now: Now, effects: &mut Vec<Effect>) {
        effects.extend(self.notification(now).map(Effect::Notify));
        effects.extend(self.title.due(now).map(Effect::Title));
        let reminder =
            self.taskbar.shown != Taskbar::Empty && left(self.taskbar.since, Self::REMINDER, now).is_zero();
        if let Some(progress) = self.taskbar.due(now) {
            effects.push(Effect::Taskbar(progress));
        } else if reminder {
            self.taskbar.since = Some(now.up);
            effects.push(Effect::Taskbar(self.taskbar.shown));
        }
    }

    fn notification(&mut self, now: Now) -> Option<Notification> {
        if self.waiting.is_empty() || !left(self.notified, Self::PAUSE, now).is_zero() {
            return None;
        }
        self.notified = Some(now.up);
        let waiting = std::mem::take(&mut self.waiting);
        let NotifySettings { bell, desktop, .. } = self.settings;
        Some(Notification { text: message::combined(waiting.values()), bell, desktop })
    }

    /// How long until the next one is due; `None` if nothing is waiting.
    pub fn due_in(&self, now: Now) -> Option<Duration> {
        let notification = (!self.waiting.is_empty()).then(|| left(self.notified, Self::PAUSE, now));
        [notification, self.title.due_in(now), self.taskbar.due_in(now)].into_iter().flatten().min()
    }
}

impl App {
    /// Sends what is due.
    pub(super) fn send_notifications(&mut self, effects: &mut Vec<Effect>) {
        let name = if self.identity.demo { "plannr demo" } else { "plannr" };
        self.notifier.update(&self.snapshot, name);
        self.notifier.due(self.now, effects);
    }

    /// Logs what happened since the last snapshot, and queues notifications.
    pub(super) fn record_notices(&mut self, old: &Snapshot) {
        for notice in notices(old, &self.snapshot, self.now) {
            self.event_log.record_event(&notice, self.now);
            self.notifier.queue(self.now, &notice);
        }
    }

    /// The imports that a key mutes: the marked ones, else the selected one. Finished ones send no notifications anyway.
    fn to_mute(&self) -> Vec<ImportId> {
        let marks = self.list.marks();
        let chosen: Vec<&ImportId> = if marks.is_empty() {
            self.list.selected().into_iter().collect()
        } else {
            marks.iter().collect()
        };
        let can_notify = |id: &ImportId| {
            self.notifier.is_muted(id)
                || self.snapshot.get(id).is_some_and(|watched| watched.verdict.is_unfinished())
        };
        chosen.into_iter().filter(|id| can_notify(id)).cloned().collect()
    }

    pub(super) fn mute_refusal(&self) -> Option<String> {
        self.to_mute().is_empty().then(|| match self.list.marks().is_empty() {
            true => "finished imports send no notifications".to_owned(),
            false => "the marked imports are finished and send no notifications".to_owned(),
        })
    }

    pub(super) fn toggle_mute(&mut self, effects: &mut Vec<Effect>) {
        let ids = self.to_mute();
        let muted = !ids.iter().all(|id| self.notifier.is_muted(id));
        for id in &ids {
            self.notifier.mute(id, muted);
        }
        let marked = if self.list.marks().is_empty() { "" } else { "marked " };
        let what = match ids.len() {
            1 => format!("1 {marked}import"),
            many => format!("{many} {marked}imports"),
        };
        let text = match muted {
            true => format!("{what} muted: no notifications"),
            false => format!("{what} unmuted"),
        };
        self.event_log.hint(self.now, Severity::Info, text);
        self.send_notifications(effects);
    }
}
