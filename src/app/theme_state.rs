//! Which theme is in use, and the popup that chooses another. How a theme looks is not known here.

use super::event_log::Severity;
use super::{App, Popup};
use crate::app::event::Background;
use crate::app::keymap::Motion;
use crate::domain::text::SafeText;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeChoice {
    pub name: SafeText,
    /// A short description.
    pub about: SafeText,
}

#[derive(Debug, Clone, Default)]
pub struct ThemeState {
    pub choices: Vec<ThemeChoice>,
    /// The position of the one in use.
    pub chosen: usize,
    /// The terminal's background, as far as it is known.
    pub background: Option<Background>,
    /// The file to set a theme in permanently.
    pub file: Option<SafeText>,
}

impl ThemeState {
    /// Switches to a theme by name; to the first one, which follows the background, without a name or if it is unknown.
    pub(super) fn choose(&mut self, name: Option<&str>) {
        let named = name.and_then(|name| self.choices.iter().position(|choice| choice.name.as_str() == name));
        self.chosen = named.unwrap_or(0);
    }
}

impl App {
    pub(super) fn open_themes(&mut self) {
        self.screens.popup = Some(Popup::Themes(self.theme_state.chosen));
    }

    /// Previews a theme.
    pub(super) fn try_theme(&mut self, motion: Motion) {
        self.theme_state.chosen =
            motion.apply(self.theme_state.chosen, self.screens.viewport.page, self.theme_state.choices.len());
    }

    /// A click previews a theme, a second one keeps it.
    pub(super) fn click_theme(&mut self, at: usize) {
        if self.theme_state.chosen == at {
            self.keep_theme();
        } else {
            self.theme_state.chosen = at;
        }
    }

    pub(super) fn keep_theme(&mut self) {
        let Some(Popup::Themes(before)) = self.screens.popup.take() else { return };
        let Some(ThemeChoice { name, .. }) = self.theme_state.choices.get(self.theme_state.chosen) else {
            return;
        };
        if before == self.theme_state.chosen {
            return;
        }
        self.preferences.theme_chosen = true;
        let file = self.theme_state.file.as_ref().map_or("the configuration file", SafeText::as_str);
        let text = format!("{name} until you quit; to keep it: theme = \"{name}\" in {file}");
        self.event_log.announce(self.now, Severity::Info, text);
    }

    /// Returns to the previous theme if the popup is closed without a choice.
    pub(super) fn restore_theme(&mut self) {
        if let Some(Popup::Themes(before)) = self.screens.popup {
            self.theme_state.chosen = before;
        }
    }

    /// Why no theme can be chosen.
    pub(super) fn themes_refusal(&self) -> Option<String> {
        (self.theme_state.choices.len() < 2).then(|| "there are no other themes".to_owned())
    }
}
