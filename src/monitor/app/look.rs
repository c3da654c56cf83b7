//! Which theme is in force, and the overlay that chooses another. What a theme looks like is not known here.

use super::journal::Tone;
use super::{App, Overlay};
use crate::domain::text::SafeText;
use crate::monitor::event::Ground;
use crate::monitor::keymap::Motion;

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub name: SafeText,
    /// What it is like, in a few words.
    pub about: SafeText,
}

/// Which theme is in force.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The themes to choose from.
    pub choices: Vec<Choice>,
    /// Which of them is in force.
    pub chosen: usize,
    /// The terminal's ground, as far as it is known.
    pub ground: Option<Ground>,
    /// Where a theme can be set for good.
    pub file: Option<SafeText>,
}

impl Look {
    /// Puts a theme in force by its name; by the terminal's background without one, or where there is no such theme.
    pub(super) fn choose(&mut self, name: Option<&str>) {
        let named = name.and_then(|name| self.choices.iter().position(|choice| choice.name.as_str() == name));
        self.chosen = named.unwrap_or(0);
    }
}

impl App {
    pub(super) fn open_themes(&mut self) {
        self.overlay = Some(Overlay::Themes(self.look.chosen));
    }

    /// Tries a theme on.
    pub(super) fn try_theme(&mut self, motion: Motion) {
        self.look.chosen = motion.apply(self.look.chosen, self.viewport.page, self.look.choices.len());
    }

    /// A click tries a theme on, a second one keeps it.
    pub(super) fn click_theme(&mut self, at: usize) {
        if self.look.chosen == at {
            self.keep_theme();
        } else {
            self.look.chosen = at;
        }
    }

    pub(super) fn keep_theme(&mut self) {
        let Some(Overlay::Themes(before)) = self.overlay.take() else { return };
        let Some(Choice { name, .. }) = self.look.choices.get(self.look.chosen) else { return };
        if before == self.look.chosen {
            return;
        }
        self.switched.theme = true;
        let file = self.look.file.as_ref().map_or("the configuration file", SafeText::as_str);
        let text = format!("{name} until you quit; for good: theme = \"{name}\" in {file}");
        self.journal.say(self.now, Tone::Info, text);
    }

    /// Goes back to the theme from before the overlay, where it is open and is left without a choice.
    pub(super) fn restore_theme(&mut self) {
        if let Some(Overlay::Themes(before)) = self.overlay {
            self.look.chosen = before;
        }
    }

    /// Why there is nothing to choose, if so.
    pub(super) fn themes_refusal(&self) -> Option<String> {
        (self.look.choices.len() < 2).then(|| "there is no other theme".to_owned())
    }
}
