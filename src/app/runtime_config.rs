//! What of the configuration takes effect while the monitor runs, and taking it in when its file has changed.

use std::time::Duration;

use super::App;
use super::columns::Column;
use super::journal::Severity;
use super::notify::Choices;
use crate::app::event::Effect;
use crate::app::keymap::{Action, Keymap};

/// The file is not looked at more often.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// What of the configuration takes effect while the monitor runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeConfig {
    /// The keys.
    pub keymap: Keymap,
    /// The columns of the imports table, from left to right.
    pub columns: Vec<Column>,
    /// What is told outside of the screen.
    pub notify: Choices,
    /// The theme by name, until the user chooses one; by the terminal's background where nobody set it.
    pub theme: Option<String>,
    /// Between two polls while something runs; the poller's own where nobody set it.
    pub interval: Option<Duration>,
    /// Whether client values are masked, until the user says otherwise.
    pub redact: bool,
    /// Whether mouse events are taken, until the user says otherwise.
    pub mouse: bool,
    /// Error reports up to this size are fetched without being asked for, in bytes.
    pub report_limit: u64,
    /// Settings that are others than at the start, and wait for the next one.
    pub at_next_start: Vec<&'static str>,
}

/// What the user switched by a key: the file does not switch it any more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Switched {
    /// Masking client values.
    pub(super) redact: bool,
    /// The mouse.
    pub(super) mouse: bool,
    /// The theme.
    pub(super) theme: bool,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            columns: Column::USUAL.to_vec(),
            notify: Choices::default(),
            theme: None,
            interval: None,
            redact: false,
            mouse: true,
            report_limit: 5_000_000,
            at_next_start: Vec::new(),
        }
    }
}

impl App {
    /// Puts in force what the program was started with.
    pub fn begin_with(&mut self, live: RuntimeConfig) {
        self.redaction.enabled = live.redact;
        self.mouse = live.mouse;
        self.notifier.set_choices(live.notify.clone());
        self.live = live;
    }

    /// Error reports up to this size are fetched without being asked for, in bytes.
    pub(super) fn report_limit(&self) -> u64 {
        self.live.report_limit
    }

    /// The keys in force.
    pub fn keymap(&self) -> &Keymap {
        &self.live.keymap
    }

    /// The columns of the imports table, from left to right.
    pub fn columns(&self) -> &[Column] {
        &self.live.columns
    }

    /// Has the file looked at, where something woke the program anyway and the last look is some time ago.
    pub(super) fn look_at_settings_again(&mut self, effects: &mut Vec<Effect>) {
        if self.now.since(self.looked_at_settings) >= BETWEEN_LOOKS {
            self.look_at_settings(effects);
        }
    }

    /// Has the file looked at.
    pub(super) fn look_at_settings(&mut self, effects: &mut Vec<Effect>) {
        self.looked_at_settings = self.now.up;
        effects.push(Effect::LookAtSettings);
    }

    /// Takes in what a changed file says, or keeps what was and tells what is wrong with it.
    pub(super) fn take_in_settings(
        &mut self,
        file: &str,
        read: Result<RuntimeConfig, Vec<String>>,
        effects: &mut Vec<Effect>,
    ) {
        let before = match read {
            Ok(live) => std::mem::replace(&mut self.live, live),
            Err(mistakes) => return self.keep_settings(&mistakes),
        };
        let now = &self.live;
        if !self.switched.redact {
            self.redaction.enabled = now.redact;
        }
        if !self.switched.mouse && now.mouse != self.mouse {
            self.mouse = now.mouse;
            effects.push(Effect::Mouse(now.mouse));
        }
        self.notifier.set_choices(now.notify.clone());
        if !self.switched.theme && now.theme != before.theme {
            self.theme_state.choose(now.theme.as_deref());
        }
        if now.interval != before.interval {
            effects.push(Effect::Interval(now.interval));
        }
        self.journal.say(self.now, Severity::Good, "settings read again");
        let mut waiting = self.live.at_next_start.clone();
        waiting.retain(|name| !before.at_next_start.contains(name));
        if !waiting.is_empty() {
            let take = if waiting.len() == 1 { "takes" } else { "take" };
            let text = format!("{} changed in {file}: {take} effect at the next start", waiting.join(", "));
            self.journal.say(self.now, Severity::Warning, text);
        }
    }

    fn keep_settings(&mut self, mistakes: &[String]) {
        let Some((first, rest)) = mistakes.split_first() else { return };
        for mistake in rest {
            self.journal.record(self.now, Severity::Error, mistake);
        }
        let more = match rest.len() {
            0 => String::new(),
            more => format!("; {} has {more} more", self.key_for(Action::Log)),
        };
        self.journal.say(self.now, Severity::Error, format!("{first} — the settings before stay{more}"));
    }
}
