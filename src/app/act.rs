//! What each action does, or why it cannot do it now.

use tui_input::Input;

use super::copy::CopyMenu;
use super::event_log::Severity;
use super::failures::{FailuresScreen, Grouping};
use super::preferences::TimeFormat;
use super::report_fetch::AfterReport;
use super::{App, INTERRUPTED, PaneSize, Popup, Screen, copy_of};
use crate::app::event::{Copy, Effect, LEAST, Viewport};
use crate::app::keymap::{Action, Mode, Motion};
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Link};
use crate::domain::snapshot::LinkState;
use crate::query::{Sort, SortKey, View};

impl App {
    /// Why an action cannot be done now, as a sentence for the user; `None` if it can.
    pub fn refusal(&self, action: Action) -> Option<String> {
        match action {
            Action::Enter if self.screens.mode() == Mode::Mini => {
                let (width, height) = LEAST;
                return Some(format!("needs {width} columns and {height} rows"));
            }
            Action::LookBack => return self.look_back_refusal(),
            Action::RunHelp => return self.run_help_refusal(),
            Action::OpenEntry => return self.entry_refusal(),
            Action::NamedFilter(at) => return self.named_filter_refusal(at),
            Action::UseAccount => return self.account_refusal(),
            Action::Fix
            | Action::TakeProposal
            | Action::TakeAllProposals
            | Action::EditCell
            | Action::KeepEdit
            | Action::Undo
            | Action::Redo => return self.fix_refusal(action),
            Action::WriteRows if self.screens.top() == Mode::Fix => return self.fix_refusal(action),
            Action::SwitchList if self.screens.top() == Mode::Fix => return None,
            _ => {}
        }
        if action == Action::Themes {
            return self.themes_refusal();
        }
        let view = self.view();
        let needs_import = matches!(
            action,
            Action::Enter
                | Action::Details
                | Action::OpenReport
                | Action::FetchReport
                | Action::Download
                | Action::Mark
                | Action::Mute
                | Action::Copy
                | Action::Compare
        );
        let Some(view) = view else {
            return needs_import.then(|| "no import is selected".to_owned());
        };
        match action {
            Action::Mute => self.mute_refusal(),
            Action::FetchReport | Action::Download | Action::Compare | Action::ChooseRun
                if self.reports.requested().is_some() =>
            {
                Some(format!("a report is being fetched; {} cancels", self.key_for(Action::Back)))
            }
            Action::Compare => self.comparison_refusal(),
            Action::ChooseRun => self.choice_refusal(),
            Action::OpenReport | Action::FetchReport | Action::Download => self.report_refusal(),
            Action::Enter if self.screens.top() == Mode::Details => {
                (view.watched.tally.failed() == 0 && view.rows().is_empty()).then(|| "no failed rows".into())
            }
            Action::Enter if self.screens.top() == Mode::Failures => {
                view.rows().is_empty().then(|| "no failed rows to open".into())
            }
            Action::WriteRows
                if self.screens.failures().is_none_or(|failures| failures.listing().rows.is_empty()) =>
            {
                Some("no failed rows are listed".into())
            }
            Action::SwitchList => {
                let by_row = self.screens.failures().is_some_and(|it| it.grouping == Grouping::Row);
                let group = self.key_for(Action::Grouping);
                by_row.then(|| format!("rows are listed one by one; {group} lists their reasons too"))
            }
            Action::ColumnsLeft if self.screens.failures().is_some_and(|failures| failures.shift() == 0) => {
                Some("the first column is shown".into())
            }
            Action::ColumnsRight
                if self.screens.failures().is_some_and(FailuresScreen::shows_last_column) =>
            {
                Some("the last column is shown".into())
            }
            Action::Grouping => view.rows().is_empty().then(|| "no failed rows to group".into()),
            _ => None,
        }
    }

    pub(super) fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if !is_independent_of_list(action) {
            self.list.catch_up(&self.snapshot, self.now);
        }
        if let Some(why) = self.refusal(action) {
            self.event_log.hint(self.now, Severity::Warning, why);
            return;
        }
        self.event_log.clear_notice();
        if self.guard_fixes(action) {
            return;
        }
        match action {
            Action::Quit if self.screens.popup.is_some() => self.back(effects),
            Action::Quit => effects.push(Effect::Quit(0)),
            Action::Interrupt => effects.push(Effect::Quit(INTERRUPTED)),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Back => self.back(effects),
            Action::Help => {
                self.restore_theme();
                self.screens.popup = Some(Popup::Help(Input::default(), 0));
            }
            Action::Move(motion) => self.go(motion),
            Action::ScrollDown => self.go(Motion::Down),
            Action::ScrollUp => self.go(Motion::Up),
            Action::Filter => {
                self.screens.typing = true;
                self.list.begin_filter();
                self.prepare_completion();
            }
            Action::KeepFilter => {
                self.screens.typing = false;
                self.remember_filter();
            }
            Action::CompleteNext => self.complete_filter(true),
            Action::CompletePrevious => self.complete_filter(false),
            Action::EarlierFilter => self.recall_filter(true),
            Action::LaterFilter => self.recall_filter(false),
            Action::Refresh => self.refresh(effects),
            Action::Pause => self.pause(effects),
            Action::Mouse => self.toggle_mouse(effects),
            Action::Redact => self.toggle_redaction(),
            Action::TimeFormat => self.toggle_times(),
            Action::Themes => self.open_themes(),
            Action::KeepTheme => self.keep_theme(),
            Action::Log => {
                let latest = self.event_log.entries().len().saturating_sub(1);
                self.screens.popup = Some(Popup::Log(latest));
            }
            Action::OpenEntry => self.open_entry(),
            Action::RunHelp => self.run_help(effects),
            Action::Redraw => effects.push(Effect::Redraw),
            Action::SwitchList if self.screens.top() == Mode::Fix => self.switch_fix_side(),
            Action::SwitchList => self.with_failures(|failures, _, _| failures.switch()),
            Action::Accounts => self.open_accounts(effects),
            Action::UseAccount => self.use_account(effects),
            Action::Copy if self.screens.failures().is_some() => {
                self.after_report(AfterReport::Copy, effects)
            }
            Action::Copy => self.open_copy_menu(),
            Action::CopyChosen => self.copy_chosen(effects),
            Action::Enter => self.enter(),
            Action::Leave => self.leave(),
            Action::Fix => self.after_report(AfterReport::Fix, effects),
            Action::TakeProposal => self.take_proposal(),
            Action::TakeAllProposals => self.take_all_proposals(),
            Action::EditCell => self.edit_cell(),
            Action::KeepEdit => self.end_edit(true),
            Action::Undo => self.undo_fix(),
            Action::Redo => self.redo_fix(),
            Action::WriteUnsaved => self.write_unsaved(effects),
            Action::DropFixes => self.drop_fixes(effects),
            Action::Details => self.open(Screen::Details(0)),
            Action::NextView => self.choose_next_tab(true),
            Action::PreviousView => self.choose_next_tab(false),
            Action::View(view) => self.choose_view(view),
            Action::NamedFilter(at) => self.choose_named_filter(at),
            Action::NextTrouble => self.next_in_trouble(),
            Action::Pane => self.resize_pane(),
            Action::Orders => {
                let key = self.list.sort().key;
                let at = SortKey::ALL.iter().position(|other| *other == key);
                self.screens.popup = Some(Popup::Orders(at.unwrap_or(0)));
            }
            Action::SortByChosen => {
                if let Some(Popup::Orders(at)) = self.screens.popup
                    && let Some(key) = SortKey::ALL.get(at)
                {
                    self.sort_by_key(*key);
                }
            }
            Action::SortReverse => self.sort_by(self.list.sort().reverse()),
            Action::OpenReport => self.open_report(effects),
            Action::OpenForeignLink => self.open_away(effects),
            Action::CopyLink => self.copy_link(effects),
            Action::FetchReport => self.fetch_report(effects),
            Action::Download => self.ask_where_to_download(),
            Action::WriteRows if self.screens.top() == Mode::Fix => self.ask_where_to_write_fixes(),
            Action::WriteRows => self.after_report(AfterReport::Write, effects),
            Action::Compare => self.compare_runs(effects),
            Action::ChooseRun => self.choose_run(),
            Action::CompareChosen => self.compare_chosen(effects),
            Action::Save => self.save(effects),
            Action::ToggleReasons => self.toggle_reasons(),
            Action::ToggleSafe => self.toggle_safe(),
            Action::ColumnsRight => self.with_failures(|failures, _, _| failures.shift_by(1)),
            Action::ColumnsLeft => self.with_failures(|failures, _, _| failures.shift_by(-1)),
            Action::SortRowsNext => self.with_failures(|failures, _, _| failures.sort_next()),
            Action::SortRowsReverse => self.with_failures(|failures, _, _| failures.sort_reverse()),
            Action::LookBack => self.look_back(effects),
            Action::Mark => self.list.mark(),
            Action::Mute => self.toggle_mute(effects),
            Action::Grouping => self.regroup(),
            Action::NextRow => self.go_to_row(Motion::Down),
            Action::PreviousRow => self.go_to_row(Motion::Up),
        }
    }

    fn back(&mut self, effects: &mut Vec<Effect>) {
        self.restore_theme();
        if self.screens.popup.take().is_some() {
            return;
        }
        if !self.screens.typing && self.reports.requested().is_some() {
            self.reports.download = None;
            effects.push(Effect::CancelTransfer);
            self.cancel_report();
            self.event_log.announce(self.now, Severity::Info, "cancelled; nothing was saved");
            return;
        }
        let typing = std::mem::take(&mut self.screens.typing);
        if self.screens.mode() == Mode::Edit {
            return self.end_edit(false);
        }
        match self.screens.trail.last_mut() {
            Some(Screen::Failures(failures)) if typing || !failures.filter.value().is_empty() => {
                failures.filter.reset();
            }
            Some(_) => self.screens.leave(),
            None if typing || !self.list.filter.value().is_empty() => {
                self.list.clear_filter(&self.snapshot, &self.zone, self.now);
            }
            None if self.list.clear_marks() => {}
            None => {
                let text = format!("this is the first screen; {} quits", self.key_for(Action::Quit));
                self.event_log.hint(self.now, Severity::Info, text);
            }
        }
    }

    /// Opens the failed rows of an import, whichever is selected.
    pub(super) fn open_failures_of(&mut self, id: ImportId) {
        self.list.select(&id);
        self.screens.open(id, Screen::Failures(Box::default()));
        self.take_sample();
    }

    fn open(&mut self, screen: Screen) {
        let Some(id) = self.current().map(|watched| watched.import.id.clone()) else { return };
        self.screens.open(id, screen);
    }

    /// Opens the rows of one of the current import's reasons.
    pub(super) fn open_reason(&mut self, reason: usize) {
        self.open(Screen::Failures(Box::default()));
        self.take_sample();
        self.with_failures(|failures, rows, compared| {
            failures.refresh(rows, compared);
            failures.choose_reason(reason);
        });
    }

    pub(super) fn enter(&mut self) {
        let from_failures = self.screens.failures().is_some();
        match self.screens.trail.last_mut() {
            Some(Screen::Failures(failures)) => {
                if !failures.step_in() {
                    self.screens.trail.push(Screen::Row(0));
                }
            }
            Some(Screen::Row(_) | Screen::Fix) => {}
            Some(Screen::Details(_)) if from_failures => {
                self.screens.trail.pop();
            }
            Some(Screen::Details(_)) => self.open(Screen::Failures(Box::default())),
            None => {
                let failed = self
                    .view()
                    .is_some_and(|view| view.watched.tally.failed() > 0 || !view.rows().is_empty());
                self.open(if failed { Screen::Failures(Box::default()) } else { Screen::Details(0) });
            }
        }
    }

    pub(super) fn go(&mut self, motion: Motion) {
        let Viewport { page, length, .. } = self.screens.viewport;
        let scroll =
            |lines: &mut usize| *lines = motion.apply(*lines, page, (length + 1).saturating_sub(page));
        let help = match &self.screens.popup {
            Some(Popup::Help(search, _)) => self.help_lines(search.value()).len(),
            _ => 0,
        };
        match &mut self.screens.popup {
            Some(Popup::Help(_, at)) => {
                *at = motion.apply(*at, page, help);
                return;
            }
            Some(Popup::Log(at)) => {
                // The latest entry is at the top.
                let entries = self.event_log.entries().len();
                let line = motion.apply(entries.saturating_sub(*at + 1), page, entries);
                *at = entries.saturating_sub(line + 1);
                return;
            }
            Some(Popup::Copy(menu)) => {
                menu.chosen = motion.apply(menu.chosen, page, menu.items.len());
                return;
            }
            Some(Popup::Accounts(_)) => return self.move_in_accounts(motion),
            Some(Popup::Orders(at)) => {
                *at = motion.apply(*at, page, SortKey::ALL.len());
                return;
            }
            Some(Popup::Runs(..)) => return self.move_in_runs(motion, page),
            Some(Popup::Themes(_)) => return self.try_theme(motion),
            Some(Popup::Link(..) | Popup::ForeignLink(_) | Popup::Save(_) | Popup::Unsaved(..)) => return,
            None => {}
        }
        if let Some(Screen::Details(lines) | Screen::Row(lines)) = self.screens.trail.last_mut() {
            return scroll(lines);
        }
        if self.screens.trail.is_empty() {
            self.list.go(motion, page);
        } else if self.screens.top() == Mode::Fix {
            self.move_in_fix(motion);
        } else {
            self.with_failures(|failures, _, _| failures.go(motion, page));
        }
    }

    fn go_to_row(&mut self, motion: Motion) {
        let before = self.row_position();
        self.with_failures(|failures, _, _| {
            failures.step_in();
            failures.go(motion, 1);
        });
        if self.row_position() == before {
            let end = if motion == Motion::Down { "last" } else { "first" };
            self.event_log.hint(self.now, Severity::Info, format!("this is the {end} row"));
        }
        if let Some(Screen::Row(lines)) = self.screens.trail.last_mut() {
            *lines = 0;
        }
    }

    fn row_position(&self) -> Option<usize> {
        Some(self.screens.failures()?.listing().row)
    }

    fn regroup(&mut self) {
        self.with_failures(FailuresScreen::regroup);
    }

    fn refresh(&mut self, effects: &mut Vec<Effect>) {
        self.refreshing = Some(self.snapshot.health.full_passes);
        self.details.expire();
        let text = self.refresh_waits_for().unwrap_or_else(|| "refreshing…".to_owned());
        self.event_log.hint(self.now, Severity::Info, text);
        effects.push(Effect::Refresh);
    }

    /// What a refresh has to wait for, and until when: a delay that the server asked for is respected.
    fn refresh_waits_for(&self) -> Option<String> {
        let LinkState::Retrying { fault, again_at, .. } = &self.snapshot.health.link else { return None };
        let asked = matches!(fault, Fault::RateLimited(_)) || fault.retry_after().is_some();
        let wait = again_at.checked_sub(self.now.up).filter(|wait| asked && !wait.is_zero())?;
        let until =
            self.zone.to_datetime(self.now.wall.checked_add(wait).ok()?).strftime("%H:%M:%S").to_string();
        Some(format!(
            "{}: refreshing in {} s, at {until}",
            fault.describe(self.redaction()),
            wait.as_secs_f64().ceil()
        ))
    }

    fn pause(&mut self, effects: &mut Vec<Effect>) {
        let paused = !self.snapshot.health.paused;
        let has_stopped = matches!(self.snapshot.health.link, LinkState::Stopped { .. });
        let text = if has_stopped {
            format!("polling has stopped: {} tries again", self.key_for(Action::Refresh))
        } else if paused {
            let (resume, once) = (self.key_for(Action::Pause), self.key_for(Action::Refresh));
            format!("paused: {resume} resumes, {once} refreshes once")
        } else {
            "resumed".to_owned()
        };
        self.event_log.announce(self.now, Severity::Info, text);
        if !(paused && has_stopped) {
            effects.push(Effect::Pause(paused));
        }
    }

    fn toggle_mouse(&mut self, effects: &mut Vec<Effect>) {
        let on = self.preferences.toggle_mouse();
        let text = if on { "mouse capture on" } else { "mouse capture off: select text with the terminal" };
        self.event_log.hint(self.now, Severity::Info, text);
        effects.push(Effect::Mouse(on));
    }

    fn toggle_times(&mut self) {
        let (times, text) = match self.preferences.times {
            TimeFormat::Relative => (TimeFormat::Absolute, "clock times"),
            TimeFormat::Absolute => (TimeFormat::Relative, "relative times"),
        };
        self.preferences.times = times;
        self.event_log.hint(self.now, Severity::Info, text);
    }

    fn toggle_redaction(&mut self) {
        let text = match self.preferences.toggle_redaction() {
            true => "client values masked; files you write are not",
            false => "client values shown",
        };
        self.event_log.hint(self.now, Severity::Info, text);
    }

    pub(super) fn set_view(&mut self, view: View) {
        self.list.set_view(view);
        self.list.refresh(&self.snapshot, self.now);
    }

    /// Sorts by this; the other way round if it is sorted by it already.
    pub(super) fn sort_by_key(&mut self, key: SortKey) {
        self.screens.popup = None;
        let sort = self.list.sort();
        self.sort_by(if sort.key == key { sort.reverse() } else { Sort { key, reversed: false } });
    }

    fn sort_by(&mut self, sort: Sort) {
        self.list.set_sort(sort);
        self.list.refresh(&self.snapshot, self.now);
        let text = match (sort.key, sort.reversed) {
            (SortKey::Trouble, false) => "in trouble first".to_owned(),
            (SortKey::Trouble, true) => "in trouble last".to_owned(),
            (key, _) => {
                let order = if sort.descends() { "descending" } else { "ascending" };
                format!("sorted by {}, {order}", key.label())
            }
        };
        self.event_log.hint(self.now, Severity::Info, text);
    }

    /// Leads to the next import in trouble, from wherever the user is and whatever the filter hides.
    fn next_in_trouble(&mut self) {
        if self.snapshot.imports.in_trouble() == 0 {
            self.event_log.hint(self.now, Severity::Good, "no import is in trouble");
            return;
        }
        self.screens.go_back_to(0);
        if !self.list.next_in_trouble() {
            self.list.set_view(View::All);
            self.list.filter.reset();
            self.list.apply_filter(&self.snapshot, &self.zone, self.now);
            self.list.catch_up(&self.snapshot, self.now);
            self.list.next_in_trouble();
        }
    }

    fn resize_pane(&mut self) {
        let key = self.key_for(Action::Pane);
        let (pane, text) = match self.screens.pane {
            PaneSize::Shown => (PaneSize::Hidden, format!("details hidden; {key} enlarges them")),
            PaneSize::Hidden => (PaneSize::Enlarged, format!("details enlarged; {key} shows both")),
            PaneSize::Enlarged => (PaneSize::Shown, "table and details".to_owned()),
        };
        self.screens.pane = pane;
        self.event_log.hint(self.now, Severity::Info, text);
    }

    /// Lists what a number in the header counts; everything again if that is listed already.
    pub(super) fn show(&mut self, filter: &'static str) {
        let again = self.list.filter.value() == filter;
        self.screens.go_back_to(0);
        self.list.set_view(View::All);
        self.list.filter = Input::new(if again { String::new() } else { filter.to_owned() });
        self.list.apply_filter(&self.snapshot, &self.zone, self.now);
        self.list.refresh(&self.snapshot, self.now);
    }

    pub(super) fn open_copy_menu(&mut self) {
        let menu = self.view().map(|view| {
            let row = self.screens.failures().and_then(|failures| {
                let listing = failures.listing();
                Some((listing.of.as_deref()?, listing.chosen()?))
            });
            let marks = if self.screens.trail.is_empty() {
                self.list.marks().iter().cloned().collect()
            } else {
                Vec::new()
            };
            CopyMenu::new(&view, self.redaction(), view.watched.import.firm(), row, marks.into_iter())
        });
        self.screens.popup = menu.map(Popup::Copy);
    }

    fn copy_chosen(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Popup::Copy(menu)) = self.screens.popup.take()
            && let Some(item) = menu.item()
        {
            let size = item.text.chars().count();
            let mut what = format!("{} ({size} characters)", item.label);
            if let Some(caution) = item.caution {
                what.push_str(&format!("; {caution}"));
            }
            effects.push(Effect::Copy(Copy { text: item.text.clone(), what }));
        }
    }

    fn open_report(&mut self, effects: &mut Vec<Effect>) {
        let link = self.view().and_then(|view| view.report()).and_then(|report| report.link.clone().ok());
        match link {
            // The host is shown before the link is opened: the server chose it.
            Some(link) if link.is_foreign() => self.screens.popup = Some(Popup::ForeignLink(link)),
            Some(link) => self.open_link(link, effects),
            None => {}
        }
    }

    fn open_link(&mut self, link: Link, effects: &mut Vec<Effect>) {
        self.event_log.hint(self.now, Severity::Info, format!("opening the report at {}…", link.host()));
        effects.push(Effect::Open(link));
    }

    fn open_away(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Popup::ForeignLink(link)) = self.screens.popup.take() {
            self.open_link(link, effects);
        }
    }

    fn copy_link(&mut self, effects: &mut Vec<Effect>) {
        if self.redaction().enabled {
            let text = format!("the link is masked; {} shows client values", self.key_for(Action::Redact));
            self.event_log.hint(self.now, Severity::Warning, text);
        } else if let Some(Popup::ForeignLink(link)) = self.screens.popup.take() {
            effects.push(copy_of(&link));
        }
    }
}

/// Whether an action means the same whatever the table shows. Any other one, pressed right after a filter, view or order
/// changed, refers to the result of that change, which may not be worked out yet.
fn is_independent_of_list(action: Action) -> bool {
    matches!(
        action,
        Action::NextView
            | Action::PreviousView
            | Action::View(_)
            | Action::NamedFilter(_)
            | Action::Orders
            | Action::SortByChosen
            | Action::SortReverse
            | Action::Filter
            | Action::KeepFilter
            | Action::CompleteNext
            | Action::CompletePrevious
            | Action::EarlierFilter
            | Action::LaterFilter
            | Action::Help
            | Action::Redraw
            | Action::Quit
            | Action::Interrupt
            | Action::Suspend
    )
}
