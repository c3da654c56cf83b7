//! Keys and pasted text: commands by the key table, and what is typed into a field.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::journal::Tone;
use super::{App, Overlay, Place};
use crate::domain::text::SafeText;
use crate::monitor::event::Effect;
use crate::monitor::keymap::{Action, Mode, name_of, spoken};

/// So many imports are filtered within a frame's time.
const AT_ONCE: usize = 20_000;

impl App {
    pub(super) fn key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) {
        let mode = self.mode();
        if let Some(action) = self.keymap().action_of(mode, key) {
            self.filter_now();
            self.act(action, effects);
        } else if let Some(field) = self.field_mut() {
            if key.code.as_char().is_some_and(|c| !is_drawable(c)) {
                return;
            }
            if field.handle_event(&Event::Key(*key)).is_some_and(|change| change.value) {
                self.field_changed();
            }
        } else if let Some(name) = name_of(key) {
            let text = self.unknown_key(mode, &name);
            self.journal.hint(self.now, Tone::Info, text);
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Some(field) = self.field_mut() {
            for c in text.chars().filter(|c| is_drawable(*c)).take(1000) {
                field.handle(InputRequest::InsertChar(c));
            }
            self.field_changed();
        }
    }

    fn field_mut(&mut self) -> Option<&mut Input> {
        if let Some(overlay) = &mut self.overlay {
            return match overlay {
                Overlay::Help(search, _) => Some(search),
                Overlay::Save(save) => Some(&mut save.to),
                _ => None,
            };
        }
        if !self.typing {
            return None;
        }
        match self.trail.last_mut() {
            Some(Place::Failures(failures)) => Some(&mut failures.filter),
            _ => Some(&mut self.filter),
        }
    }

    fn field_changed(&mut self) {
        match &mut self.overlay {
            Some(Overlay::Help(_, scroll)) => *scroll = 0,
            // What is typed is drawn first, above what passed before; further keys come before the work as well.
            _ if self.trail.is_empty() && self.snapshot.imports.len() > AT_ONCE => self.filtering = true,
            _ if self.trail.is_empty() => self.apply_filter(),
            _ => {}
        }
    }

    /// Puts the filter in force that was typed and waits.
    pub(super) fn filter_now(&mut self) {
        if std::mem::take(&mut self.filtering) {
            self.apply_filter();
        }
    }

    /// What to say of a key that means nothing here.
    fn unknown_key(&self, mode: Mode, name: &str) -> String {
        let screens = [Mode::Imports, Mode::Failures, Mode::Row];
        let mut bindings = screens
            .into_iter()
            .flat_map(|screen| self.keymap().bindings(screen).map(move |bound| (bound, screen)));
        let key = spoken(name);
        match bindings.find(|(bound, _)| bound.keys.iter().any(|key| key == name)) {
            Some((bound, home)) if home != mode => {
                format!("{key} ({}) works in: {}", bound.help, home.title())
            }
            _ => format!("{key} means nothing here; {} shows the keys", self.key_for(Action::Help)),
        }
    }
}

/// Whether a character can be typed: one that a terminal would act on, or not show, cannot.
fn is_drawable(c: char) -> bool {
    let typed = c.to_string();
    SafeText::new(&typed).as_str() == typed
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossterm::event::KeyCode;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{import, now};
    use crate::monitor::app::Identity;
    use crate::monitor::event;

    #[test]
    fn a_long_list_is_filtered_after_the_letters_are_drawn_and_before_anything_else() {
        let imports = (0..=AT_ONCE).map(|nth| {
            let word = if nth == 7 { "odd" } else { "completed" };
            import(&format!("{nth:08}"), nth as i64, word, (4, 0, 0))
        });
        let snapshot = Snapshot::of(imports, now(0));
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        app.update(now(0), event::Event::Snapshot(snapshot.into()));
        let key = |app: &mut App, code: KeyCode| app.update(now(0), event::Event::Key(code.into()));
        for c in "/status:odd".chars() {
            key(&mut app, KeyCode::Char(c));
        }
        assert_eq!((app.list.len(), app.next_tick()), (AT_ONCE + 1, Duration::ZERO));
        app.update(now(0), event::Event::Tick);
        assert_eq!(app.list.len(), 1);
        assert!(app.next_tick() > Duration::ZERO);
        key(&mut app, KeyCode::Backspace);
        key(&mut app, KeyCode::Char('x'));
        key(&mut app, KeyCode::Enter);
        assert_eq!(app.list.len(), 0, "Enter acts on what was typed");
    }
}
