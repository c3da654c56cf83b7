//! The state of the screen, and the one function that changes it.
//!
//! [`App::update`] takes a fact and returns what is to be done outside. It does no I/O and reads no clock:
//! the whole behaviour of the monitor can be played through in a test.

pub mod copy;
pub mod details;
pub mod failures;
pub mod journal;
pub mod list;
pub mod rows;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use self::copy::Menu;
use self::details::{Details, Told};
use self::failures::Failures;
use self::journal::{Journal, Tone};
use self::list::List;
use self::rows::Rows;
use super::event::{Answer, Effect, Event, Target, Viewport};
use super::keymap::{self, Action, Mode, Motion};
use crate::domain::Now;
use crate::domain::import::{ImportId, Link};
use crate::domain::redact::Veil;
use crate::domain::snapshot::{LinkState, Snapshot, Watched};
use crate::domain::text::SafeText;
use crate::query::{Mistake, Query, Sort, View};

/// How long the selection must rest before details are asked for.
const REST: Duration = Duration::from_millis(150);
/// Exit code of Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Where the monitor looks: what the header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The firm's name.
    pub firm: String,
    /// The person whose account it is.
    pub person: String,
    /// The server's host name.
    pub host: String,
    /// Whether the server is the simulated one.
    pub demo: bool,
}

/// A screen that lies on top of the imports table.
#[derive(Debug)]
pub enum Place {
    /// All details; scrolled by so many lines.
    Details(usize),
    /// The failed rows.
    Failures(Failures),
    /// One failed row; scrolled by so many lines.
    Row(usize),
}

/// Something that lies on top of a screen.
#[derive(Debug)]
pub enum Overlay {
    /// The keys; the search text, and scrolled by so many lines.
    Help(Input, usize),
    /// What to copy.
    Copy(Menu),
    /// The log; scrolled back by so many lines.
    Log(usize),
    /// A link that could not be opened, and why.
    Link(Link, String),
}

/// Everything that the screen shows.
#[derive(Debug)]
pub struct App {
    /// The only clock the screen knows.
    pub now: Now,
    /// Where the monitor looks.
    pub identity: Identity,
    /// The zone of dates on the screen.
    pub zone: TimeZone,
    /// The latest from the poller.
    pub snapshot: Arc<Snapshot>,
    /// The imports table.
    pub list: List,
    /// The text of the imports filter; what is in force may be an earlier one, see [`App::mistake`].
    pub filter: Input,
    /// What is wrong with the filter text.
    pub mistake: Option<Mistake>,
    /// Whether a filter is being typed.
    pub typing: bool,
    /// What lies on top of the screen.
    pub overlay: Option<Overlay>,
    /// Notices and the log.
    pub journal: Journal,
    /// Whether client values are masked.
    pub veil: Veil,
    /// Whether mouse events are taken.
    pub mouse: bool,
    /// The number of full passes when a refresh was asked for that is not over yet.
    pub refreshing: Option<u64>,
    /// The first day that the list looks back to; `None` if it holds everything.
    pub since: Option<Date>,
    opened: Option<ImportId>,
    trail: Vec<Place>,
    details: Details,
    viewport: Viewport,
}

impl App {
    /// The monitor before anything came, with the filter it starts with.
    pub fn new(now: Now, zone: TimeZone, identity: Identity, filter: &str) -> Self {
        let mut app = Self {
            now,
            identity,
            zone,
            snapshot: Arc::default(),
            list: List::default(),
            filter: Input::new(filter.to_owned()),
            mistake: None,
            typing: false,
            overlay: None,
            journal: Journal::default(),
            veil: Veil::default(),
            mouse: true,
            refreshing: None,
            since: None,
            opened: None,
            trail: Vec::new(),
            details: Details::default(),
            viewport: Viewport::default(),
        };
        app.apply_filter();
        app
    }

    /// The whole program: what happened, and what is to be done about it.
    pub fn update(&mut self, now: Now, event: Event) -> Vec<Effect> {
        self.now = now;
        let mut effects = Vec::new();
        match event {
            Event::Key(key) => self.key(&key, &mut effects),
            Event::Paste(text) => self.paste(&text),
            Event::Click(target) => self.click(target, &mut effects),
            Event::Wheel(lines) => {
                let motion = if lines < 0 { Motion::Up } else { Motion::Down };
                for _ in 0..lines.unsigned_abs() {
                    self.go(motion);
                }
            }
            Event::Focus(focused) => effects.push(Effect::Focus(focused)),
            Event::Viewport(viewport) => self.viewport = viewport,
            Event::Resized => {}
            Event::Tick => self.list.refresh(&self.snapshot, now),
            Event::Snapshot(snapshot) => self.take_in(snapshot),
            Event::Answer(answer) => self.answer(answer, &mut effects),
        }
        self.with_failures(Failures::refresh);
        self.wish_details(&mut effects);
        effects
    }

    /// How long until the screen changes by time alone.
    pub fn next_tick(&self) -> Duration {
        let counting = matches!(self.snapshot.health.link, LinkState::Retrying { .. });
        let steady = Duration::from_secs(if counting { 1 } else { 10 });
        self.journal.notice_left(self.now).map_or(steady, |left| left.min(steady))
    }

    /// Where the keyboard is.
    pub fn mode(&self) -> Mode {
        match (&self.overlay, self.typing, self.trail.last()) {
            (Some(Overlay::Help(..)), ..) => Mode::Help,
            (Some(Overlay::Copy(_)), ..) => Mode::Copy,
            (Some(Overlay::Log(_)), ..) => Mode::Log,
            (Some(Overlay::Link(..)), ..) => Mode::Link,
            (None, true, _) => Mode::Filter,
            (None, false, _) => self.screen(),
        }
    }

    /// Which screen lies under overlay and filter.
    pub fn screen(&self) -> Mode {
        match self.trail.last() {
            None => Mode::Imports,
            Some(Place::Details(_)) => Mode::Details,
            Some(Place::Failures(_)) => Mode::Failures,
            Some(Place::Row(_)) => Mode::Row,
        }
    }

    /// The screens on top of the table, the topmost last.
    pub fn trail(&self) -> &[Place] {
        &self.trail
    }

    /// The import that keys act on: the opened one, else the selected one.
    pub fn current(&self) -> Option<&Watched> {
        let id = self.opened.as_ref().or(self.list.selected())?;
        self.snapshot.get(id).map(AsRef::as_ref)
    }

    /// The current import as both routes tell it.
    pub fn told(&self) -> Option<Told<'_>> {
        self.current().map(|watched| self.details.told(watched))
    }

    /// What is chosen on the failed-rows screen, if it is open.
    pub fn failures(&self) -> Option<&Failures> {
        self.trail.iter().find_map(|place| match place {
            Place::Failures(failures) => Some(failures),
            _ => None,
        })
    }

    /// The text field that has the keyboard.
    pub fn field(&self) -> Option<&Input> {
        match (&self.overlay, self.typing) {
            (Some(Overlay::Help(search, _)), _) => Some(search),
            (None, true) => Some(self.failures().map_or(&self.filter, |failures| &failures.filter)),
            _ => None,
        }
    }

    /// Why an action cannot be done now, in words for the user; `None` if it can.
    pub fn refusal(&self, action: Action) -> Option<String> {
        let told = self.told();
        let needs_import = matches!(
            action,
            Action::Enter | Action::Details | Action::OpenReport | Action::Mark | Action::Copy
        );
        let Some(told) = told else {
            return needs_import.then(|| "no import is selected".to_owned());
        };
        match action {
            Action::OpenReport => match told.report() {
                None if told.watched.tally.failed() == 0 => {
                    Some("no row has failed: there is no error report".into())
                }
                None if told.watched.verdict.is_unfinished() => {
                    Some("no error report yet: Plannr writes it when the import is over".into())
                }
                None => Some("Plannr has no error report for this import".into()),
                Some(report) => report.link.as_ref().err().map(ToString::to_string),
            },
            Action::Enter if self.screen() == Mode::Details => (told.watched.tally.failed() == 0
                && told.rows().is_empty())
            .then(|| "no row has failed".into()),
            Action::Enter if self.screen() == Mode::Failures => {
                told.rows().is_empty().then(|| "no failed row to open".into())
            }
            Action::Grouping => told.rows().is_empty().then(|| "no failed rows to group".into()),
            _ => None,
        }
    }

    fn key(&mut self, key: &KeyEvent, effects: &mut Vec<Effect>) {
        let mode = self.mode();
        if let Some(action) = keymap::action_of(mode, key) {
            self.act(action, effects);
        } else if let Some(field) = self.field_mut() {
            if matches!(key.code, KeyCode::Char(c) if !is_drawable(c)) {
                return;
            }
            if field.handle_event(&crossterm::event::Event::Key(*key)).is_some_and(|change| change.value) {
                self.field_changed();
            }
        } else if let Some(name) = keymap::name_of(key) {
            self.journal.hint(self.now, Tone::Info, unknown_key(mode, &name));
        }
    }

    fn paste(&mut self, text: &str) {
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
            _ if self.trail.is_empty() => self.apply_filter(),
            _ => {}
        }
    }

    /// Puts the filter text in force, or keeps the last good one and says what is wrong.
    fn apply_filter(&mut self) {
        match Query::parse(self.filter.value(), &self.zone) {
            Ok(query) => {
                self.mistake = None;
                self.list.set_query(query);
                self.list.refresh(&self.snapshot, self.now);
            }
            Err(mistake) => self.mistake = Some(mistake),
        }
    }

    fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if let Some(why) = self.refusal(action) {
            self.journal.hint(self.now, Tone::Warning, why);
            return;
        }
        self.journal.clear_notice();
        match action {
            Action::Quit => effects.push(Effect::Quit(0)),
            Action::Interrupt => effects.push(Effect::Quit(INTERRUPTED)),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Back => self.back(),
            Action::Help => self.overlay = Some(Overlay::Help(Input::default(), 0)),
            Action::Move(motion) => self.go(motion),
            Action::Filter => self.typing = true,
            Action::KeepFilter => self.typing = false,
            Action::Refresh => self.refresh(effects),
            Action::Pause => self.pause(effects),
            Action::Mouse => self.toggle_mouse(effects),
            Action::Redact => self.toggle_veil(),
            Action::Log => self.overlay = Some(Overlay::Log(0)),
            Action::Copy => self.open_copy_menu(),
            Action::CopyChosen => self.copy_chosen(effects),
            Action::Enter => self.enter(),
            Action::Leave => self.leave(),
            Action::Details => self.open(Place::Details(0)),
            Action::NextView => self.set_view(self.list.view().next()),
            Action::PreviousView => self.set_view(self.list.view().previous()),
            Action::View(view) => self.set_view(view),
            Action::SortNext => self.sort_by(self.list.sort().next()),
            Action::SortReverse => self.sort_by(self.list.sort().reverse()),
            Action::OpenReport => self.open_report(effects),
            Action::Mark => self.list.mark(),
            Action::Grouping => self.regroup(),
            Action::NextRow => self.go_to_row(Motion::Down),
            Action::PreviousRow => self.go_to_row(Motion::Up),
        }
    }

    fn back(&mut self) {
        if self.overlay.take().is_some() {
            return;
        }
        let typing = std::mem::take(&mut self.typing);
        match self.trail.last_mut() {
            Some(Place::Failures(failures)) if typing || !failures.filter.value().is_empty() => {
                failures.filter.reset();
            }
            Some(_) => self.leave(),
            None if typing || !self.filter.value().is_empty() => {
                self.filter.reset();
                self.apply_filter();
            }
            None if self.list.unmark() => {}
            None => self.journal.hint(self.now, Tone::Info, "this is the first screen; q quits"),
        }
    }

    fn leave(&mut self) {
        if let Some(Place::Failures(failures)) = self.trail.last_mut()
            && failures.step_out()
        {
            return;
        }
        self.trail.pop();
        if self.trail.is_empty() {
            self.opened = None;
        }
    }

    fn open(&mut self, place: Place) {
        let Some(id) = self.current().map(|watched| watched.import.id.clone()) else { return };
        self.opened = Some(id);
        self.trail.push(place);
    }

    fn enter(&mut self) {
        let from_failures = self.failures().is_some();
        match self.trail.last_mut() {
            Some(Place::Failures(failures)) => {
                if !failures.step_in() {
                    self.trail.push(Place::Row(0));
                }
            }
            Some(Place::Row(_)) => {}
            Some(Place::Details(_)) if from_failures => {
                self.trail.pop();
            }
            Some(Place::Details(_)) => self.open(Place::Failures(Failures::default())),
            None => {
                let failed = self
                    .told()
                    .is_some_and(|told| told.watched.tally.failed() > 0 || !told.rows().is_empty());
                self.open(if failed { Place::Failures(Failures::default()) } else { Place::Details(0) });
            }
        }
    }

    fn go(&mut self, motion: Motion) {
        let Viewport { page, length } = self.viewport;
        let scroll =
            |lines: &mut usize| *lines = motion.apply(*lines, page, (length + 1).saturating_sub(page));
        match &mut self.overlay {
            Some(Overlay::Help(_, lines) | Overlay::Log(lines)) => return scroll(lines),
            Some(Overlay::Copy(menu)) => {
                menu.chosen = motion.apply(menu.chosen, page, menu.items.len());
                return;
            }
            Some(Overlay::Link(..)) => return,
            None => {}
        }
        if let Some(Place::Details(lines) | Place::Row(lines)) = self.trail.last_mut() {
            return scroll(lines);
        }
        if self.trail.is_empty() {
            self.list.go(motion, page);
        } else {
            self.with_failures(|failures, _| failures.go(motion, page));
        }
    }

    fn go_to_row(&mut self, motion: Motion) {
        let before = self.row_position();
        self.with_failures(|failures, _| {
            failures.step_in();
            failures.go(motion, 1);
        });
        if self.row_position() == before {
            let end = if motion == Motion::Down { "last" } else { "first" };
            self.journal.hint(self.now, Tone::Info, format!("this is the {end} row"));
        }
        if let Some(Place::Row(lines)) = self.trail.last_mut() {
            *lines = 0;
        }
    }

    fn row_position(&self) -> Option<usize> {
        Some(self.failures()?.listing().row)
    }

    fn regroup(&mut self) {
        self.with_failures(Failures::regroup);
    }

    fn with_failures(&mut self, change: impl FnOnce(&mut Failures, Rows<'_>)) {
        let Some(watched) = self.opened.as_ref().and_then(|id| self.snapshot.get(id)) else { return };
        let told = self.details.told(watched);
        let open = self.trail.iter_mut().find_map(|place| match place {
            Place::Failures(failures) => Some(failures),
            _ => None,
        });
        if let Some(failures) = open {
            change(failures, told.rows());
        }
    }

    fn click(&mut self, target: Target, effects: &mut Vec<Effect>) {
        match target {
            Target::Import(id) => self.list.select(&id),
            Target::View(view) => self.set_view(view),
            Target::Column(key) => {
                let sort = self.list.sort();
                self.sort_by(if sort.key == key { sort.reverse() } else { Sort { key, reversed: false } });
            }
            Target::Reason(at) => self.with_failures(|failures, _| failures.choose_reason(at)),
            Target::Row(at) => self.with_failures(|failures, _| failures.choose_row(at)),
            Target::Key(action) => self.act(action, effects),
        }
    }

    fn refresh(&mut self, effects: &mut Vec<Effect>) {
        self.refreshing = Some(self.snapshot.health.full_passes);
        self.details.expire();
        self.journal.hint(self.now, Tone::Info, "refreshing…");
        effects.push(Effect::Refresh);
    }

    fn pause(&mut self, effects: &mut Vec<Effect>) {
        let paused = !self.snapshot.health.paused;
        let text = if paused { "paused: nothing is asked until p or r" } else { "watching again" };
        self.journal.say(self.now, Tone::Info, text);
        effects.push(Effect::Pause(paused));
    }

    fn toggle_mouse(&mut self, effects: &mut Vec<Effect>) {
        self.mouse = !self.mouse;
        let text = if self.mouse { "mouse on" } else { "mouse off: the terminal selects text" };
        self.journal.hint(self.now, Tone::Info, text);
        effects.push(Effect::Mouse(self.mouse));
    }

    fn toggle_veil(&mut self) {
        self.veil.drawn = !self.veil.drawn;
        let text = if self.veil.drawn {
            "client values are masked; files stay whole"
        } else {
            "client values are shown"
        };
        self.journal.hint(self.now, Tone::Info, text);
    }

    fn set_view(&mut self, view: View) {
        self.list.set_view(view);
        self.list.refresh(&self.snapshot, self.now);
    }

    fn sort_by(&mut self, sort: Sort) {
        self.list.set_sort(sort);
        self.list.refresh(&self.snapshot, self.now);
        let order = if sort.descends() { "descending" } else { "ascending" };
        self.journal.hint(self.now, Tone::Info, format!("sorted by {}, {order}", sort.key.label()));
    }

    fn open_copy_menu(&mut self) {
        let menu = self.told().map(|told| {
            let row = self.failures().and_then(|failures| told.rows().get(failures.listing().chosen()?));
            let row = row.map(|row| self.veil.row(&row));
            let marks =
                if self.trail.is_empty() { self.list.marks().iter().cloned().collect() } else { Vec::new() };
            Menu::new(&told, self.veil, row.as_ref(), marks.into_iter())
        });
        self.overlay = menu.map(Overlay::Copy);
    }

    fn copy_chosen(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Overlay::Copy(menu)) = self.overlay.take()
            && let Some(item) = menu.item()
        {
            let size = item.text.chars().count();
            self.journal.say(self.now, Tone::Good, format!("copied: {} ({size} characters)", item.label));
            effects.push(Effect::Copy(item.text.clone()));
        }
    }

    fn open_report(&mut self, effects: &mut Vec<Effect>) {
        let link = self.told().and_then(|told| told.report()).and_then(|report| report.link.clone().ok());
        if let Some(link) = link {
            self.journal.hint(self.now, Tone::Info, format!("opening the report at {}…", link.host()));
            effects.push(Effect::Open(link));
        }
    }

    fn take_in(&mut self, snapshot: Arc<Snapshot>) {
        let old = std::mem::replace(&mut self.snapshot, snapshot);
        self.journal.compare(self.now, &old, &self.snapshot);
        self.list.refresh(&self.snapshot, self.now);
        let health = &self.snapshot.health;
        if self.refreshing.is_some_and(|passes| health.full_passes > passes) {
            self.refreshing = None;
            self.journal.hint(self.now, Tone::Good, "refreshed");
        }
        if matches!(health.link, LinkState::Retrying { .. } | LinkState::Stopped { .. }) {
            self.refreshing = None;
        }
        if self.opened.as_ref().is_some_and(|id| self.snapshot.get(id).is_none()) {
            self.opened = None;
            self.trail.clear();
            self.typing = false;
            self.journal.say(self.now, Tone::Warning, "the import that was open is gone from the server");
        }
    }

    fn answer(&mut self, answer: Answer, effects: &mut Vec<Effect>) {
        match answer {
            Answer::Import { id, result } => {
                if let Err(fault) = result.as_ref() {
                    self.journal.record(self.now, Tone::Warning, format!("details of {id}: {fault}"));
                }
                let watched = self.snapshot.get(&id).map(AsRef::as_ref);
                self.details.answer(id, *result, watched, self.now);
            }
            Answer::Opened(link) => {
                let away = if link.is_foreign() { " (not the Plannr server)" } else { "" };
                self.journal.say(
                    self.now,
                    Tone::Good,
                    format!("opened in the browser: {}{away}", link.host()),
                );
            }
            Answer::NotOpened { link, why } => {
                self.journal.say(self.now, Tone::Info, format!("not opened: {why}; the link was copied"));
                effects.push(Effect::Copy(link.as_str().to_owned()));
                self.overlay = Some(Overlay::Link(link, why));
            }
            Answer::Trouble(text) => self.journal.say(self.now, Tone::Error, text),
        }
    }

    fn wish_details(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.snapshot.health.link, LinkState::Connecting | LinkState::Stopped { .. }) {
            return;
        }
        let id = self.opened.as_ref().or(self.list.selected());
        let Some(watched) = id.and_then(|id| self.snapshot.get(id)) else { return };
        if self.details.wish(watched, self.now) {
            effects.push(Effect::AskImport { id: watched.import.id.clone(), rest: REST });
        }
    }
}

/// Whether a character can be typed: one that a terminal would act on, or not show, cannot.
fn is_drawable(c: char) -> bool {
    let typed = c.to_string();
    SafeText::new(&typed).as_str() == typed
}

/// What to say of a key that means nothing here.
fn unknown_key(mode: Mode, name: &str) -> String {
    let elsewhere = keymap::BINDINGS.iter().find(|binding| binding.keys.contains(&name));
    match elsewhere.and_then(|binding| Some((binding, binding.modes.first()?))) {
        Some((binding, home)) if *home != mode => {
            format!("{name} ({}) works in: {}", binding.help, home.title())
        }
        _ => format!("{name} means nothing here; ? shows the keys"),
    }
}
