//! What the mouse does: everything that keys do, by what is under the pointer.

use super::failures::Side;
use super::{App, Popup, Screen};
use crate::app::event::{Effect, Pane, Target};
use crate::app::keymap::{Action, Mode, Motion};

impl App {
    pub(super) fn click(&mut self, target: Target, effects: &mut Vec<Effect>) {
        // A click outside the field ends typing, as the key does.
        if self.screens.typing && !matches!(target, Target::Key(_) | Target::Filter | Target::Scroll(..)) {
            self.act(Action::KeepFilter, effects);
            if self.screens.typing {
                return;
            }
        }
        if self.screens.mode() == Mode::Edit && !matches!(target, Target::Key(_)) {
            self.end_edit(true);
        }
        match target {
            Target::Import(id) if self.list.selected() == Some(&id) => self.act(Action::Enter, effects),
            Target::Import(id) => self.list.select(&id),
            Target::View(view) => self.choose_view(view),
            Target::NamedFilter(at) => self.choose_named_filter(at),
            Target::Column(key) => self.sort_by_key(key),
            Target::Order(at) => {
                self.screens.popup = Some(Popup::Orders(at));
                self.act(Action::SortByChosen, effects);
            }
            Target::Show(filter) => self.show(filter),
            Target::Reason(at) => {
                let chosen = self.screens.failures().is_some_and(|failures| {
                    failures.side() == Side::Reasons && failures.listing().group == Some(at)
                });
                self.choose_or_enter(chosen, effects, |app| {
                    app.with_failures(|failures, _, _| failures.choose_group(at));
                });
            }
            Target::OpenReason(at) => self.open_reason(at),
            Target::Row(at) => {
                let chosen = self
                    .screens
                    .failures()
                    .is_some_and(|failures| failures.side() == Side::Rows && failures.listing().row == at);
                self.choose_or_enter(chosen, effects, |app| {
                    app.with_failures(|failures, _, _| failures.choose_row(at));
                });
            }
            Target::Proposal(at) => self.click_proposal(at, effects),
            Target::Change(at) => self.click_change(at, effects),
            Target::RowColumn(column) => self.with_failures(|failures, _, _| failures.sort_by(column)),
            Target::Filter if self.screens.typing => {}
            Target::Filter => self.act(Action::Filter, effects),
            Target::Breadcrumb(step) => self.screens.go_back_to(step),
            Target::Key(action) => self.act(action, effects),
            Target::Help(action) => {
                self.screens.popup = None;
                self.act(action, effects);
            }
            Target::LogEntry(line) => {
                self.screens.popup =
                    Some(Popup::Log(self.event_log.entries().len().saturating_sub(line + 1)));
                if self.refusal(Action::OpenEntry).is_none() {
                    self.act(Action::OpenEntry, effects);
                }
            }
            Target::CopyItem(at) => {
                if let Some(Popup::Copy(menu)) = &mut self.screens.popup {
                    menu.chosen = at;
                }
                self.act(Action::CopyChosen, effects);
            }
            Target::Run(at) => {
                if let Some(Popup::Runs(_, chosen)) = &mut self.screens.popup {
                    *chosen = at;
                }
                self.act(Action::CompareChosen, effects);
            }
            Target::Account(at) => {
                self.choose_account(at);
                self.act(Action::UseAccount, effects);
            }
            Target::Theme(at) => self.click_theme(at),
            Target::Scroll(pane, at, of) => self.scroll_to(pane, at, of),
            Target::OutsidePopup => self.act(Action::Back, effects),
            Target::InsidePopup => {}
        }
    }

    /// A click on the chosen line opens it, so a double click does too.
    fn choose_or_enter(&mut self, chosen: bool, effects: &mut Vec<Effect>, choose: impl FnOnce(&mut Self)) {
        if chosen { self.act(Action::Enter, effects) } else { choose(self) }
    }

    pub(super) fn wheel(&mut self, lines: i16, over: Pane) {
        if self.screens.popup.is_none() {
            match over {
                Pane::Static => return,
                Pane::Main => {}
                Pane::Reasons => self.with_failures(|failures, _, _| failures.focus(Side::Reasons)),
                Pane::Rows => self.with_failures(|failures, _, _| failures.focus(Side::Rows)),
            }
        }
        let motion = if lines < 0 { Motion::Up } else { Motion::Down };
        for _ in 0..lines.unsigned_abs() {
            self.go(motion);
        }
    }

    /// Scrolls to position `at` of `of` on a scroll bar.
    fn scroll_to(&mut self, pane: Pane, at: usize, of: usize) {
        let last = of.saturating_sub(1).max(1);
        let share = |length: usize| (at.min(last) * length.saturating_sub(1) + last / 2) / last;
        let lines = share((self.screens.viewport.length + 1).saturating_sub(self.screens.viewport.page));
        if let Some(Popup::Accounts(_)) = self.screens.popup {
            self.choose_account(share(self.accounts.known().len()));
        } else if let Some(Popup::Help(_, line)) = &mut self.screens.popup {
            *line = share(self.screens.viewport.length);
        } else if let Some(Popup::Log(entry)) = &mut self.screens.popup {
            let entries = self.event_log.entries().len();
            *entry = entries.saturating_sub(share(entries) + 1);
        } else if let Some(Screen::Details(scroll) | Screen::Row(scroll)) = self.screens.trail.last_mut() {
            *scroll = lines;
        } else if self.screens.trail.is_empty() {
            let id = self.list.line(share(self.list.len())).map(|w| w.import.id.clone());
            if let Some(id) = id {
                self.list.select(&id);
            }
        } else {
            self.with_failures(|failures, _, _| match pane {
                Pane::Reasons => failures.choose_group(share(failures.listing().groups.len())),
                _ => failures.choose_row(share(failures.listing().rows.len())),
            });
        }
    }
}
