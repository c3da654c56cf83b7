//! What is texts_seen outside of the screen, to somebody who looks elsewhere: notifications, the window's title, the taskbar.
//!
//! No text here holds the name of a client or of a person: types, modes, states and counts alone.

mod message;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::App;
use super::event_log::Severity;
use crate::app::event::{Effect, Notification, Taskbar};
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::domain::tally::Verdict;

/// What there can be to tell of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotifyEvent {
    /// It is over, whatever became of it.
    Finished,
    /// Its first row failed.
    FailedRow,
    /// It stalled.
    Stalled,
}

impl NotifyEvent {
    /// Every event.
    pub const ALL: [Self; 3] = [Self::Finished, Self::FailedRow, Self::Stalled];

    /// What the configuration calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::FailedRow => "failed_row",
            Self::Stalled => "stalled",
        }
    }
}

/// What the user wants to be texts_seen outside of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifySettings {
    /// Ring the terminal's bell.
    pub bell: bool,
    /// Show a desktop notification, where the terminal can.
    pub desktop: bool,
    /// Show progress in the taskbar, where the terminal can.
    pub taskbar: bool,
    /// Tell the overall state in the window's title.
    pub title: bool,
    /// What bell and desktop notifications are for.
    pub on: BTreeSet<NotifyEvent>,
    /// Notify also while the terminal has the focus.
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

/// Something that happened to an import while it was watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose it is.
    pub id: ImportId,
    /// What happened.
    pub event: NotifyEvent,
    /// How serious it is.
    pub severity: Severity,
    /// The same in words, without a name.
    pub text: String,
}

/// What happened from one snapshot to the next. An import that was over, or not there, when it was last looked at
/// has nothing to tell: not at the start, and not when older ones are loaded.
pub fn notices<'a>(old: &'a Snapshot, new: &'a Snapshot) -> impl Iterator<Item = Notice> + 'a {
    old.unfinished().filter_map(|before| {
        let after = new.get(&before.import.id)?;
        let (event, severity) = event(before, after)?;
        Some(Notice { id: after.import.id.clone(), event, severity, text: message::of(event, after) })
    })
}

fn event(before: &Watched, after: &Watched) -> Option<(NotifyEvent, Severity)> {
    match after.verdict {
        Verdict::Done => Some((NotifyEvent::Finished, Severity::Good)),
        Verdict::DoneWithFailures => Some((NotifyEvent::Finished, Severity::Warning)),
        Verdict::Failed => Some((NotifyEvent::Finished, Severity::Error)),
        Verdict::Cancelled => Some((NotifyEvent::Finished, Severity::Warning)),
        Verdict::Stalled if before.verdict != Verdict::Stalled => {
            Some((NotifyEvent::Stalled, Severity::Warning))
        }
        _ if before.tally.failed() == 0 && after.tally.failed() > 0 => {
            Some((NotifyEvent::FailedRow, Severity::Warning))
        }
        _ => None,
    }
}

/// Decides what is texts_seen outside of the screen, and when.
#[derive(Debug, Default)]
pub struct Notifier {
    choices: NotifySettings,
    muted: BTreeSet<ImportId>,
    /// Whether the terminal has the focus; `None` until it says so for the first time, which some never do.
    focused: Option<bool>,
    /// When (`Now::up`) somebody last pressed a key.
    key_pressed: Option<Duration>,
    /// The latest notice of each import since the last notification.
    waiting: BTreeMap<ImportId, Notice>,
    /// When (`Now::up`) the last notification went out.
    notified: Option<Duration>,
    /// What title and taskbar show, and since when.
    title: Throttled<Option<String>>,
    taskbar: Throttled<Taskbar>,
}

/// Something outside of the screen that shown a state.
#[derive(Debug, Default)]
struct Throttled<T> {
    shown: T,
    wanted: T,
    since: Option<Duration>,
}

impl<T: PartialEq + Clone> Throttled<T> {
    /// How long the wanted state still has to wait; `None` where it is shown.
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
    /// The least time between two notifications: what happens meanwhile becomes one.
    pub const PAUSE: Duration = Duration::from_secs(10);
    /// The least time between two changes of the title, or of the taskbar.
    pub const UPDATE_PAUSE: Duration = Duration::from_secs(5);
    /// How often the taskbar is texts_seen what it shown already: Ghostty forgets a progress after 15 s.
    pub const REMINDER: Duration = Duration::from_secs(10);
    /// How long after a key somebody is taken to be there, where the terminal does not tell of focus.
    pub const PRESENCE: Duration = Duration::from_secs(60);

    /// Puts other choices in force. Title and taskbar follow with the next [`Notifier::look`].
    pub fn set_settings(&mut self, choices: NotifySettings) {
        self.choices = choices;
        self.waiting.retain(|_, notice| self.choices.on.contains(&notice.event));
    }

    /// The choices in force.
    pub fn choices(&self) -> &NotifySettings {
        &self.choices
    }

    /// Whether an import is left out of everything that is texts_seen outside of the screen.
    pub fn is_muted(&self, id: &ImportId) -> bool {
        self.muted.contains(id)
    }

    /// Leaves an import out, or takes it in again.
    pub fn mute(&mut self, id: &ImportId, muted: bool) {
        if muted {
            self.muted.insert(id.clone());
            self.waiting.remove(id);
        } else {
            self.muted.remove(id);
        }
    }

    /// The terminal came into or out of focus. Who looks at the screen needs no notification of what it shown.
    pub fn focus(&mut self, focused: bool) {
        self.focused = Some(focused);
        if focused && !self.choices.always {
            self.waiting.clear();
        }
    }

    /// A key was pressed: where the terminal does not tell of focus, this shown that somebody is there.
    pub fn key_pressed(&mut self, now: Now) {
        self.key_pressed = Some(now.up);
    }

    /// Takes in what happened to one import.
    pub fn take_in(&mut self, now: Now, notice: &Notice) {
        let wanted = self.choices.bell || self.choices.desktop;
        if wanted
            && self.choices.on.contains(&notice.event)
            && !self.muted.contains(&notice.id)
            && !self.user_is_present(now)
        {
            self.waiting.insert(notice.id.clone(), notice.clone());
        }
    }

    fn user_is_present(&self, now: Now) -> bool {
        let key_pressed = || self.key_pressed.is_some_and(|at| now.since(at) < Self::PRESENCE);
        !self.choices.always && self.focused.unwrap_or_else(key_pressed)
    }

    /// Works out what title and taskbar are to show. To be called whenever the snapshot, the choices or what is muted
    /// changed.
    pub fn update(&mut self, snapshot: &Snapshot, name: &str) {
        self.muted.retain(|id| snapshot.get(id).is_some());
        let summary = summary::ProgressSummary::of(snapshot, |id| self.muted.contains(id));
        self.title.wanted = self.choices.title.then(|| summary.title(name));
        self.taskbar.wanted = if self.choices.taskbar { summary.taskbar() } else { Taskbar::Empty };
    }

    /// What is to be texts_seen now.
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
        let NotifySettings { bell, desktop, .. } = self.choices;
        Some(Notification { text: message::combined(waiting.values()), bell, desktop })
    }

    /// How long until something is due that waits for its time; `None` where nothing waits.
    pub fn due_in(&self, now: Now) -> Option<Duration> {
        let notification = (!self.waiting.is_empty()).then(|| left(self.notified, Self::PAUSE, now));
        [notification, self.title.due_in(now), self.taskbar.due_in(now)].into_iter().flatten().min()
    }
}

impl App {
    /// Passes on what is texts_seen outside of the screen.
    pub(super) fn send_notifications(&mut self, effects: &mut Vec<Effect>) {
        let name = if self.identity.demo { "plannr demo" } else { "plannr" };
        self.notifier.update(&self.snapshot, name);
        self.notifier.due(self.now, effects);
    }

    /// Writes down what happened since the last snapshot, and keeps it for who looks elsewhere.
    pub(super) fn record_notices(&mut self, old: &Snapshot) {
        for notice in notices(old, &self.snapshot) {
            self.event_log.record(self.now, notice.severity, &notice.text);
            self.notifier.take_in(self.now, &notice);
        }
    }

    /// The imports that a key mutes: those marked, else the selected one. One that is over has nothing more to tell.
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
            true => "this import is over: it has nothing more to tell".to_owned(),
            false => "the marked imports are over: they have nothing more to tell".to_owned(),
        })
    }

    pub(super) fn toggle_mute(&mut self, effects: &mut Vec<Effect>) {
        let ids = self.to_mute();
        let muted = !ids.iter().all(|id| self.notifier.is_muted(id));
        for id in &ids {
            self.notifier.mute(id, muted);
        }
        let what = match ids.len() {
            1 => "1 import".to_owned(),
            many => format!("{many} imports"),
        };
        let text = match muted {
            true => format!("{what} muted: nothing outside this screen tells of it"),
            false => format!("{what} not muted any more"),
        };
        self.event_log.hint(self.now, Severity::Info, text);
        self.send_notifications(effects);
    }
}
