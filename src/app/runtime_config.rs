//! The part of the configuration that applies at once when the file changes.

use std::time::Duration;

use super::App;
use super::columns::Column;
use super::event_log::Severity;
use super::notifications::NotifySettings;
use crate::app::event::Effect;
use crate::app::keymap::{Action, Keymap};

/// Minimum time between checks of the file.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeConfig {
    pub keymap: Keymap,
    /// From left to right.
    pub columns: Vec<Column>,
    pub notify: NotifySettings,
    /// A theme's name, until the user chooses another; `None` follows the terminal's background.
    pub theme: Option<String>,
    /// Between two polls while something runs; `None` is the poller's default.
    pub interval: Option<Duration>,
    /// Whether client values are masked, until the user toggles it.
    pub redact: bool,
    /// Whether mouse events are captured, until the user toggles it.
    pub mouse: bool,
    /// Error reports up to this size are fetched automatically, in bytes.
    pub report_limit: u64,
    /// Settings that differ from those at the start and need a restart.
    pub at_next_start: Vec<&'static str>,
}

/// What the user has toggled by a key: the file no longer changes it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Overrides {
    pub(super) redact: bool,
    pub(super) mouse: bool,
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
    /// Applies the configuration that the program was started with.
    pub fn set_runtime_config(&mut self, config: RuntimeConfig) {
        self.redaction.enabled = config.redact;
        self.mouse = config.mouse;
        self.notifier.set_settings(config.notify.clone());
        self.runtime_config = config;
    }

    /// Error reports up to this size are fetched automatically, in bytes.
    pub(super) fn report_limit(&self) -> u64 {
        self.runtime_config.report_limit
    }

    /// The keys in use.
    pub fn keymap(&self) -> &Keymap {
        &self.runtime_config.keymap
    }

    /// From left to right.
    pub fn columns(&self) -> &[Column] {
        &self.runtime_config.columns
    }

    /// Checks the file if the last check was some time ago. Called when something else woke the program.
    pub(super) fn check_config_if_due(&mut self, effects: &mut Vec<Effect>) {
        if self.now.since(self.config_checked_at) >= CHECK_INTERVAL {
            self.check_config(effects);
        }
    }

    pub(super) fn check_config(&mut self, effects: &mut Vec<Effect>) {
        self.config_checked_at = self.now.up;
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
        self.event_log.announce(self.now, Severity::Good, "configuration reloaded");
        let mut waiting = self.runtime_config.at_next_start.clone();
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
