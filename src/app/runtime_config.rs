//! What of the configuration takes effect while the monitor runs, and taking it in when its file has changed.

use std::time::Duration;

use super::App;
use super::columns::Column;
use super::event_log::Severity;
use super::notifications::NotifySettings;
use crate::app::event::Effect;
use crate::app::keymap::{Action, Keymap};

/// The file is not looked at more often.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// What of the configuration takes effect while the monitor runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeConfig {
    /// The keys.
    pub keymap: Keymap,
    /// The columns of the imports table, from left to right.
    pub columns: Vec<Column>,
    /// What is told outside of the screen.
    pub notify: NotifySettings,
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
pub(super) struct Overrides {
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
            columns: Column::DEFAULT.to_vec(),
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

impl App {
    /// Puts in force what the program was started with.
    pub fn set_runtime_config(&mut self, config: RuntimeConfig) {
        self.redaction.enabled = config.redact;
        self.mouse = config.mouse;
        self.notifier.set_settings(config.notify.clone());
        self.runtime_config = config;
    }

    /// Error reports up to this size are fetched without being asked for, in bytes.
    pub(super) fn report_limit(&self) -> u64 {
        self.runtime_config.report_limit
    }

    /// The keys in force.
    pub fn keymap(&self) -> &Keymap {
        &self.runtime_config.keymap
    }

    /// The columns of the imports table, from left to right.
    pub fn columns(&self) -> &[Column] {
        &self.runtime_config.columns
    }

    /// Has the file looked at, where something woke the program anyway and the last look is some time ago.
    pub(super) fn check_config_if_due(&mut self, effects: &mut Vec<Effect>) {
        if self.now.since(self.config_checked_at) >= CHECK_INTERVAL {
            self.check_config(effects);
        }
    }

    /// Has the file looked at.
    pub(super) fn check_config(&mut self, effects: &mut Vec<Effect>) {
        self.config_checked_at = self.now.up;
        effects.push(Effect::CheckConfig);
    }

    /// Takes in what a changed file says, or keeps what was and tells what is wrong with it.
    pub(super) fn apply_config(
        &mut self,
        file: &str,
        read: Result<RuntimeConfig, Vec<String>>,
        effects: &mut Vec<Effect>,
    ) {
        let before = match read {
            Ok(config) => std::mem::replace(&mut self.runtime_config, config),
            Err(mistakes) => return self.keep_config(&mistakes),
        };
        let now = &self.runtime_config;
        if !self.overrides.redact {
            self.redaction.enabled = now.redact;
        }
        if !self.overrides.mouse && now.mouse != self.mouse {
            self.mouse = now.mouse;
            effects.push(Effect::Mouse(now.mouse));
        }
        self.notifier.set_settings(now.notify.clone());
        if !self.overrides.theme && now.theme != before.theme {
            self.theme_state.choose(now.theme.as_deref());
        }
        if now.interval != before.interval {
            effects.push(Effect::Interval(now.interval));
        }
        self.event_log.announce(self.now, Severity::Good, "settings read again");
        let mut waiting = self.runtime_config.at_next_start.clone();
        waiting.retain(|name| !before.at_next_start.contains(name));
        if !waiting.is_empty() {
            let take = if waiting.len() == 1 { "takes" } else { "take" };
            let text = format!("{} changed in {file}: {take} effect at the next start", waiting.join(", "));
            self.event_log.announce(self.now, Severity::Warning, text);
        }
    }

    fn keep_config(&mut self, mistakes: &[String]) {
        let Some((first, rest)) = mistakes.split_first() else { return };
        for mistake in rest {
            self.event_log.record(self.now, Severity::Error, mistake);
        }
        let more = match rest.len() {
            0 => String::new(),
            more => format!("; {} has {more} more", self.key_for(Action::Log)),
        };
        self.event_log.announce(
            self.now,
            Severity::Error,
            format!("{first} — the settings before stay{more}"),
        );
    }
}
