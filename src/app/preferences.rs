//! The settings in force: what the configuration says, and what the user chose by a key instead.

use std::time::Duration;

use super::App;
use super::event_log::Severity;
use super::runtime_config::RuntimeConfig;
use super::save::Folders;
use crate::app::event::Effect;
use crate::app::keymap::Action;
use crate::domain::redact::Redaction;

/// Minimum time between checks of the file.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// How times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// `5m ago`.
    #[default]
    Relative,
    /// Clock time in the local zone.
    Absolute,
}

#[derive(Debug, Default)]
pub struct Preferences {
    pub config: RuntimeConfig,
    /// When the configuration file was last checked (`Now::up`).
    pub(super) checked_at: Duration,
    /// What the user toggled by a key: the file no longer changes it.
    redact: Option<bool>,
    mouse: Option<bool>,
    /// Whether the user chose a theme: the file no longer changes it.
    pub(super) theme_chosen: bool,
    pub times: TimeFormat,
    /// Whether cells that a spreadsheet would run are neutralised in written CSVs, unless the user chooses otherwise.
    pub spreadsheet_safe: bool,
    /// Where files go.
    pub folders: Folders,
}

impl Preferences {
    fn redaction(&self) -> Redaction {
        Redaction { enabled: self.redact.unwrap_or(self.config.redact) }
    }

    /// Masks client values or shows them; whether they are masked now.
    pub(super) fn toggle_redaction(&mut self) -> bool {
        *self.redact.insert(!self.redaction().enabled)
    }

    /// Captures mouse events or leaves them to the terminal; whether they are captured now.
    pub(super) fn toggle_mouse(&mut self) -> bool {
        *self.mouse.insert(!self.mouse.unwrap_or(self.config.mouse))
    }
}

impl App {
    /// Whether client values are masked.
    pub fn redaction(&self) -> Redaction {
        self.preferences.redaction()
    }

    /// Applies the configuration that the program was started with.
    pub fn set_runtime_config(&mut self, config: RuntimeConfig) {
        self.notifier.set_settings(config.notify.clone());
        self.preferences.config = config;
    }

    /// Checks the file if the last check was some time ago. Called when something else woke the program.
    pub(super) fn check_config_if_due(&mut self, effects: &mut Vec<Effect>) {
        if self.now.since(self.preferences.checked_at) >= CHECK_INTERVAL {
            self.check_config(effects);
        }
    }

    pub(super) fn check_config(&mut self, effects: &mut Vec<Effect>) {
        self.preferences.checked_at = self.now.up;
        effects.push(Effect::CheckConfig);
    }

    /// Applies a changed file, or keeps the previous settings and reports the mistakes.
    pub(super) fn apply_config(
        &mut self,
        file: &str,
        read: Result<RuntimeConfig, Vec<String>>,
        effects: &mut Vec<Effect>,
    ) {
        let before = match read {
            Ok(config) => std::mem::replace(&mut self.preferences.config, config),
            Err(mistakes) => return self.keep_config(&mistakes),
        };
        let now = &self.preferences.config;
        if self.preferences.mouse.is_none() && now.mouse != before.mouse {
            effects.push(Effect::Mouse(now.mouse));
        }
        self.notifier.set_settings(now.notify.clone());
        if !self.preferences.theme_chosen && now.theme != before.theme {
            self.theme_state.choose(now.theme.as_deref());
        }
        if now.interval != before.interval {
            effects.push(Effect::Interval(now.interval));
        }
        self.event_log.announce(self.now, Severity::Good, "configuration reloaded");
        let mut waiting = self.preferences.config.at_next_start.clone();
        waiting.retain(|name| !before.at_next_start.contains(name));
        if !waiting.is_empty() {
            let text = format!("{} changed in {file}: restart to apply", waiting.join(", "));
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
            more => format!("; {} lists {more} more", self.key_for(Action::Log)),
        };
        self.event_log.announce(
            self.now,
            Severity::Error,
            format!("{first}; keeping the previous settings{more}"),
        );
    }
}
