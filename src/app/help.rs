//! The help: the keys of the screen below it, by group; searched by words or keys, and run by choosing a line.

use super::{App, Popup};
use crate::app::event::Effect;
use crate::app::keymap::{Action, Bound};

impl App {
    /// The keys of the screen below the help where every word of the search matches a key's name, the
    /// text, the label in the footer or the name in `[keys]`, group by group.
    pub fn help_lines(&self, search: &str) -> Vec<&Bound> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let is_key = |key: &String, word: &str| {
            key.eq_ignore_ascii_case(word) || (word.len() > 1 && key.contains(word))
        };
        let fits = |bound: &&Bound| {
            words.iter().all(|word| {
                let label = bound.footer.map_or("", |(_, label)| label);
                bound.keys.iter().any(|key| is_key(key, word))
                    || [bound.help, label, bound.action.name()]
                        .iter()
                        .any(|text| text.to_lowercase().contains(word))
            })
        };
        let keymap = &self.preferences.config.keymap;
        // Keys for filters that nobody configured would be a list of nothing.
        let exists = |bound: &&Bound| match bound.action {
            Action::NamedFilter(at) => at < self.named_filters().len(),
            _ => true,
        };
        let mut lines: Vec<&Bound> =
            keymap.bindings(self.screens.top()).filter(exists).filter(fits).collect();
        lines.sort_by_key(|bound| bound.action.group());
        lines
    }

    pub(super) fn run_help_refusal(&self) -> Option<String> {
        let Some(Popup::Help(search, at)) = &self.screens.popup else { return None };
        self.help_lines(search.value()).get(*at).is_none().then(|| "no key matches the search".to_owned())
    }

    /// Closes the help and does what the line under the cursor says.
    pub(super) fn run_help(&mut self, effects: &mut Vec<Effect>) {
        let Some(Popup::Help(search, at)) = &self.screens.popup else { return };
        let action = self.help_lines(search.value()).get(*at).map(|bound| bound.action);
        if let Some(action) = action {
            self.screens.popup = None;
            self.act(action, effects);
        }
    }
}
