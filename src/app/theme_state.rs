//! Which theme is in force, and the overlay that chooses another. What a theme looks like is not known here.

use super::event_log::Severity;
use super::{App, Popup};
use crate::app::event::Background;
use crate::app::keymap::Motion;
use crate::domain::text::SafeText;

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeChoice {
    /// Its name.
    pub name: SafeText,
    /// What it is like, in a few words.
    pub about: SafeText,
}

/// Which theme is in force.
#[derive(Debug, Clone, Default)]
pub struct ThemeState {
    /// The themes to choose from.
    pub choices: Vec<ThemeChoice>,
    /// Which of them is in force.
    pub chosen: usize,
    /// The terminal's ground, as far as it is known.
    pub background: Option<Background>,
    /// Where a theme can be set for good.
    pub file: Option<SafeText>,
}

impl ThemeState {
    /// Puts a theme in force by its name; by the terminal's background without one, or where there is no such theme.
    pub(super) fn choose(&mut self, name: Option<&str>) {
        let named = name.and_then(|name| self.choices.iter().position(|choice| choice.name.as_str() == name));
        self.chosen = named.unwrap_or(0);
    }
}

impl App {
    pub(super) fn open_themes(&mut self) {
        self.popup = Some(Popup::Themes(self.theme_state.chosen));
    }

    /// Tries a theme on.
    pub(super) fn try_theme(&mut self, motion: Motion) {
        self.theme_state.chosen =
            motion.apply(self.theme_state.chosen, self.viewport.page, self.theme_state.choices.len());
    }

    /// A click tries a theme on, a second one keeps it.
    pub(super) fn click_theme(&mut self, at: usize) {
        if self.theme_state.chosen == at {
            self.keep_theme();
        } else {
            self.theme_state.chosen = at;
        }
    }

    pub(super) fn keep_theme(&mut self) {
        let Some(Popup::Themes(before)) = self.popup.take() else { return };
        let Some(ThemeChoice { name, .. }) = self.theme_state.choices.get(self.theme_state.chosen) else {
            return;
        };
        if before == self.theme_state.chosen {
            return;
        }
        self.overrides.theme = true;
        let file = self.theme_state.file.as_ref().map_or("the configuration file", SafeText::as_str);
        let text = format!("{name} until you quit; for good: theme = \"{name}\" in {file}");
        self.event_log.announce(self.now, Severity::Info, text);
    }

    /// Goes back to the theme from before the overlay, where it is open and is left without a choice.
    pub(super) fn restore_theme(&mut self) {
        if let Some(Popup::Themes(before)) = self.popup {
            self.theme_state.chosen = before;
        }
    }

    /// Why there is nothing to choose, if so.
    pub(super) fn themes_refusal(&self) -> Option<String> {
        (self.theme_state.choices.len() < 2).then(|| "there is no other theme".to_owned())
    }
}
