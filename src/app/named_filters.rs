//! The filters of the configuration, which are tabs after the views.

use tui_input::Input;

use super::App;
use crate::query::View;

/// A filter with a name, as `[filters]` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFilter {
    pub name: String,
    pub filter: String,
}

impl App {
    pub fn named_filters(&self) -> &[NamedFilter] {
        &self.preferences.config.filters
    }

    /// The named filter whose tab is chosen: it is the filter in force, over all imports.
    pub fn named_filter(&self) -> Option<usize> {
        let text = self.list.filter.value();
        let chosen = |named: &NamedFilter| self.list.view() == View::All && named.filter == text;
        self.named_filters().iter().position(chosen)
    }

    pub(super) fn named_filter_refusal(&self, at: usize) -> Option<String> {
        self.named_filters()
            .get(at)
            .is_none()
            .then(|| "[filters] in the configuration has no filter for this key".into())
    }

    pub(super) fn choose_named_filter(&mut self, at: usize) {
        if let Some(named) = self.named_filters().get(at) {
            self.list.filter = Input::new(named.filter.clone());
            self.list.set_view(View::All);
            self.list.apply_filter(&self.snapshot, &self.zone, self.now);
        }
    }

    /// Chooses a view, without the named filter that was chosen before.
    pub(super) fn choose_view(&mut self, view: View) {
        if self.named_filter().is_some() {
            self.list.filter.reset();
            self.list.apply_filter(&self.snapshot, &self.zone, self.now);
        }
        self.set_view(view);
    }

    /// Chooses the tab to the right, or to the left: the views and then the named filters, all round.
    pub(super) fn choose_next_tab(&mut self, right: bool) {
        let views = View::ALL.len();
        let tabs = views + self.named_filters().len();
        let view = View::ALL.iter().position(|view| *view == self.list.view()).unwrap_or(0);
        let at = self.named_filter().map_or(view, |at| views + at);
        let to = if right { (at + 1) % tabs } else { (at + tabs - 1) % tabs };
        match View::ALL.get(to) {
            Some(view) => self.choose_view(*view),
            None => self.choose_named_filter(to - views),
        }
    }
}
