//! Keys and pasted text: commands, and typing into a field.

use crossterm::event::{Event, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::event_log::Severity;
use super::{App, Popup, Screen};
use crate::app::event::Effect;
use crate::app::keymap::{Bound, Mode, capitalised, name_of};
use crate::domain::text::SafeText;
use crate::query::SortKey;

/// How much is pasted into a field.
const PASTED: usize = 1000;

impl App {
    pub(super) fn key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) {
        let mode = self.screens.mode();
        if let Some(action) = self.preferences.config.keymap.action_of(mode, key) {
            self.act(action, effects);
        } else if mode == Mode::Mini {
            let keys = self.preferences.config.keymap.bindings(mode).filter_map(|bound| bound.keys.first());
            let keys: Vec<_> = keys.filter(|key| key.chars().count() == 1).map(String::as_str).collect();
            let text = format!("{} work here: too small for more", keys.join(" "));
            self.event_log.hint(self.now, Severity::Info, text);
        } else if let Some(field) = self.field_mut() {
            if key.code.as_char().is_some_and(|c| !is_drawable(c)) {
                return;
            }
            if field.handle_event(&Event::Key(*key)).is_some_and(|change| change.value) {
                self.field_changed();
            }
        } else if let (Mode::Orders, Some(key)) = (mode, order_of(key)) {
            self.sort_by_key(key);
        } else if let Some(name) = name_of(key) {
            let text = self.unknown_key(mode, &name);
            self.event_log.hint(self.now, Severity::Info, text);
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Some(field) = self.field_mut() {
            let words =
                text.trim_end().chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c });
            let mut words = words.filter(|c| is_drawable(*c));
            for c in words.by_ref().take(PASTED) {
                field.handle(InputRequest::InsertChar(c));
            }
            let is_cut = words.next().is_some();
            self.field_changed();
            if is_cut {
                let text = format!("only the first {PASTED} characters were pasted");
                self.event_log.hint(self.now, Severity::Warning, text);
            }
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Input> {
        let mode = self.screens.mode();
        if let Some(popup) = &mut self.screens.popup {
            return match popup {
                Popup::Help(search, _) => Some(search),
                Popup::Save(save) => Some(&mut save.to),
                _ => None,
            };
        }
        if mode == Mode::Edit {
            return self
                .screens
                .fix
                .as_mut()
                .and_then(|fix| fix.editing.as_mut().map(|cell| &mut cell.input));
        }
        if !self.screens.typing {
            return None;
        }
        match self.screens.trail.last_mut() {
            Some(Screen::Failures(failures)) => Some(&mut failures.filter),
            _ => Some(&mut self.list.filter),
        }
    }

    pub(super) fn field_changed(&mut self) {
        self.filter_typing.forget_completion();
        // Of lines that a letter is in, the one whose key it is.
        let exact = match &self.screens.popup {
            Some(Popup::Help(search, _)) => {
                let is_key = |bound: &&Bound| bound.keys.iter().any(|key| key == search.value().trim());
                self.help_lines(search.value()).iter().position(is_key)
            }
            _ => None,
        };
        match &mut self.screens.popup {
            Some(Popup::Help(_, line)) => *line = exact.unwrap_or(0),
            _ if self.screens.trail.is_empty() => {
                self.list.apply_filter(&self.snapshot, &self.zone, self.now)
            }
            _ => {}
        }
    }

    /// The hint after a key that does nothing here: where it works, and what works here.
    fn unknown_key(&self, mode: Mode, name: &str) -> String {
        let keymap = &self.preferences.config.keymap;
        let screens = [Mode::Imports, Mode::Failures, Mode::Row];
        let works_in = |screen: &&Mode| {
            let mut bindings = keymap.bindings(**screen);
            **screen != mode && bindings.any(|bound| bound.keys.iter().any(|key| key == name))
        };
        // Over a screen the key may well be one of that screen's.
        let screens = if self.screens.popup.is_none() { &screens[..] } else { &[] };
        let elsewhere =
            screens.iter().find(works_in).map(|screen| format!(" (it works in {})", screen.title()));
        let can_act = |bound: &&Bound| bound.footer.is_some() && self.refusal(bound.action).is_none();
        let mut here: Vec<&Bound> = keymap.bindings(mode).filter(can_act).collect();
        here.sort_by_key(|bound| bound.footer.map(|(priority, _)| priority));
        let here = here
            .iter()
            .take(3)
            .filter_map(|bound| Some(format!("{} {}", capitalised(bound.keys.first()?), bound.footer?.1)));
        let here: Vec<String> = here.collect();
        format!(
            "{} does nothing here{}: {}",
            capitalised(name),
            elsewhere.unwrap_or_default(),
            here.join(", ")
        )
    }
}

/// The order that a letter chooses.
fn order_of(key: &KeyEvent) -> Option<SortKey> {
    let letter = key.code.as_char().filter(|_| (key.modifiers - KeyModifiers::SHIFT).is_empty())?;
    SortKey::ALL.into_iter().find(|key| key.letter() == letter)
}

/// Whether a character can be typed: not if a terminal would act on it or not show it.
fn is_drawable(c: char) -> bool {
    let typed = c.to_string();
    SafeText::new(&typed).as_str() == typed
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::Identity;
    use crate::app::event::{self, Answer};
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{import, now};

    #[test]
    fn lines_that_are_pasted_stay_words() {
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        app.update(now(0), event::Event::Key(KeyCode::Char('/').into()));
        app.update(now(0), event::Event::Paste("type:clients\r\nis:done\u{1b}\n".to_owned()));
        assert_eq!(app.list.filter.value(), "type:clients  is:done");
    }

    #[test]
    fn a_long_list_is_filtered_elsewhere_unless_a_key_needs_it_now() {
        let imports = (0..6_000).map(|nth| {
            let word = if nth == 7 { "odd" } else { "completed" };
            import(&format!("{nth:08}"), nth, word, (4, 0, 0))
        });
        let snapshot = Snapshot::of(imports, now(0));
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        app.update(now(0), event::Event::Snapshot(snapshot.into()));
        let key = |app: &mut App, code: KeyCode| app.update(now(0), event::Event::Key(code.into()));
        let type_in = |app: &mut App, text: &str| -> Vec<_> {
            let effects = text.chars().flat_map(|c| key(app, KeyCode::Char(c)));
            let jobs = effects.filter_map(|effect| match effect {
                Effect::FilterJob(filter_job) => Some(filter_job),
                _ => None,
            });
            jobs.collect()
        };

        let begun = type_in(&mut app, "/status:odd");
        assert_eq!((begun.len(), app.list.len()), (1, 6_000), "one at a time, and what was shown stays");
        let mut next = begun;
        for _ in 0..2 {
            let filter_job = next.pop().unwrap();
            let effects =
                app.update(now(0), event::Event::Answer(Answer::FilterResult(Box::new(filter_job.run()))));
            next.extend(effects.into_iter().filter_map(|effect| match effect {
                Effect::FilterJob(filter_job) => Some(filter_job),
                _ => None,
            }));
        }
        assert_eq!(
            (app.list.len(), next.len()),
            (1, 0),
            "what was typed last is worked out after the first letter"
        );

        type_in(&mut app, "x");
        key(&mut app, KeyCode::Enter);
        assert_eq!(app.list.len(), 1);
        key(&mut app, KeyCode::Down);
        assert_eq!(app.list.len(), 0, "the next key means the imports that pass");
    }
}
