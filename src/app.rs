//! The state of the screen, and the one function that changes it.
//!
//! [`App::update`] takes an event and returns the effects to carry out. It does no I/O and reads no clock:
//! the whole behaviour of the monitor can be played through in a test.

pub mod account_switch;
mod act;
pub mod columns;
pub mod comparison;
pub mod copy;
pub mod details;
pub mod event;
pub mod event_log;
pub mod failures;
pub mod filter_typing;
pub mod fix;
mod help;
pub mod import_list;
pub mod keymap;
mod mouse;
pub mod named_filters;
pub mod notifications;
mod period;
pub mod preferences;
pub mod report_fetch;
pub mod runtime_config;
pub mod save;
pub mod theme_state;
mod typing;
pub mod while_away;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tui_input::Input;

use self::account_switch::Accounts;
use self::comparison::ComparedRun;
use self::copy::CopyMenu;
use self::details::{Details, ImportView};
use self::event::{Answer, Copy, Effect, Event, Viewport};
use self::event_log::{EventLog, Severity};
use self::failures::FailuresScreen;
use self::filter_typing::FilterTyping;
use self::fix::FixState;
use self::import_list::ImportList;
use self::keymap::{Action, Mode};
use self::notifications::Notifier;
use self::preferences::Preferences;
use self::report_fetch::Reports;
use self::save::Save;
use self::theme_state::ThemeState;
use crate::domain::Now;
use crate::domain::account::{Account, AccountId};
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::redact::Redactable;
use crate::domain::snapshot::{LinkState, Snapshot, Watched};
use crate::domain::text::SafeText;
use crate::query::FilterError;
use crate::report::FailedRows;

/// How long the selection must rest before details are requested.
const DETAILS_DELAY: Duration = Duration::from_millis(150);
/// Exit code of Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Whose imports are listed, and on which server: what the header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Empty until somebody is signed in, and where it never changes.
    pub accounts: Vec<Arc<Account>>,
    pub host: SafeText,
    /// Whether the server is the simulated one.
    pub demo: bool,
}

impl Identity {
    /// The firm, or how many; empty until it is known.
    pub fn firm(&self) -> String {
        match &self.accounts[..] {
            [only] => only.firm.to_string(),
            [] => String::new(),
            several => {
                let firms: BTreeSet<_> = several.iter().map(|account| account.firm_or_id()).collect();
                let only = firms.first().filter(|_| firms.len() == 1);
                only.map_or_else(|| format!("{} firms", firms.len()), |firm| (*firm).to_owned())
            }
        }
    }

    /// The person, where the imports of one account are listed and it is known.
    pub fn person(&self) -> Option<&SafeText> {
        match &self.accounts[..] {
            [only] => Some(&only.name).filter(|name| !name.is_empty()),
            _ => None,
        }
    }

    pub fn is_of_several(&self) -> bool {
        self.accounts.len() > 1
    }

    /// Whether several profiles are watched.
    pub fn is_of_profiles(&self) -> bool {
        self.accounts.iter().any(|account| account.id.profile().is_some())
    }
}

/// How much room the details pane below or beside the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaneSize {
    #[default]
    Shown,
    Hidden,
    /// Most of the screen.
    Enlarged,
}

/// A screen on top of the imports table.
#[derive(Debug)]
pub enum Screen {
    /// All details; the scroll position in lines.
    Details(usize),
    Failures(Box<FailuresScreen>),
    /// One failed row; the scroll position in lines.
    Row(usize),
    /// The fixes of failed rows.
    Fix,
}

#[derive(Debug)]
pub enum Popup {
    /// The keys; the search text and the line under the cursor.
    Help(Input, usize),
    Copy(CopyMenu),
    /// The accounts of the token, and all of them; the line under the cursor.
    Accounts(usize),
    /// The log; the entry under the cursor.
    Log(usize),
    /// A link that could not be opened, and why.
    Link(Link, String),
    /// A link to a server other than the configured one, before it is opened.
    ForeignLink(Link),
    Save(Save),
    /// The orders of the table; the line under the cursor.
    Orders(usize),
    /// The runs to compare with; the line under the cursor.
    Runs(Vec<ImportId>, usize),
    /// The themes; the one in use before.
    Themes(usize),
    /// Fixes that were not written, before an action that leaves them behind; the popup that it was for.
    Unsaved(Action, Option<Box<Popup>>),
}

/// Which screens and popups are open, and what has the focus.
#[derive(Debug, Default)]
pub struct Screens {
    /// The screens on top of the imports table, the topmost last.
    pub trail: Vec<Screen>,
    pub popup: Option<Popup>,
    /// Whether a filter is being typed.
    typing: bool,
    /// The import that the screens are about.
    opened: Option<ImportId>,
    viewport: Viewport,
    fix: Option<Box<FixState>>,
    /// How much room the details pane has.
    pub pane: PaneSize,
}

impl Screens {
    /// Which keys apply.
    pub fn mode(&self) -> Mode {
        match &self.popup {
            _ if self.viewport.mini => Mode::Mini,
            Some(Popup::Help(..)) => Mode::Help,
            Some(Popup::Copy(_)) => Mode::Copy,
            Some(Popup::Accounts(_)) => Mode::Accounts,
            Some(Popup::Log(_)) => Mode::Log,
            Some(Popup::Link(..)) => Mode::Link,
            Some(Popup::ForeignLink(_)) => Mode::ForeignLink,
            Some(Popup::Save(_)) => Mode::Save,
            Some(Popup::Themes(_)) => Mode::Themes,
            Some(Popup::Orders(_)) => Mode::Orders,
            Some(Popup::Runs(..)) => Mode::Runs,
            Some(Popup::Unsaved(..)) => Mode::Unsaved,
            None if self.typing => Mode::Filter,
            None if self.top() == Mode::Fix && self.fix.as_ref().is_some_and(|fix| fix.editing.is_some()) => {
                Mode::Edit
            }
            None => self.top(),
        }
    }

    /// Whether the last frame was too small for the screens.
    pub fn is_mini(&self) -> bool {
        self.viewport.mini
    }

    /// The topmost screen, below popup and filter.
    pub fn top(&self) -> Mode {
        match self.trail.last() {
            None => Mode::Imports,
            Some(Screen::Details(_)) => Mode::Details,
            Some(Screen::Failures(_)) => Mode::Failures,
            Some(Screen::Row(_)) => Mode::Row,
            Some(Screen::Fix) => Mode::Fix,
        }
    }

    /// The state of the failed-rows screen, if it is open.
    pub fn failures(&self) -> Option<&FailuresScreen> {
        self.trail.iter().find_map(|screen| match screen {
            Screen::Failures(failures) => Some(failures.as_ref()),
            _ => None,
        })
    }

    fn failures_mut(&mut self) -> Option<&mut FailuresScreen> {
        self.trail.iter_mut().find_map(|screen| match screen {
            Screen::Failures(failures) => Some(failures.as_mut()),
            _ => None,
        })
    }

    fn open(&mut self, id: ImportId, screen: Screen) {
        self.opened = Some(id);
        self.trail.push(screen);
    }

    /// Back to the previous screen, or from the failed rows to their reasons.
    fn leave(&mut self) {
        if let Some(Screen::Failures(failures)) = self.trail.last_mut()
            && failures.step_out()
        {
            return;
        }
        self.trail.pop();
        if self.trail.is_empty() {
            self.opened = None;
        }
    }

    /// Goes back to a breadcrumb: 0 is the table, 1 the import itself, then the screens on top of it.
    fn go_back_to(&mut self, step: usize) {
        match step {
            0 => {
                self.trail.clear();
                self.opened = None;
            }
            1 => {
                let details = self.trail.iter().position(|screen| matches!(screen, Screen::Details(_)));
                self.trail.truncate(details.map_or(0, |at| at + 1));
                if details.is_none() {
                    self.trail.push(Screen::Details(0));
                }
            }
            step => self.trail.truncate(step - 1),
        }
    }
}

#[derive(Debug)]
pub struct App {
    /// The only clock the screen knows.
    pub now: Now,
    /// The time zone of dates on the screen.
    pub zone: TimeZone,
    pub identity: Identity,
    pub accounts: Accounts,
    /// The poller's latest.
    pub snapshot: Arc<Snapshot>,
    /// The number of full passes at the time of a refresh that is still running.
    refreshing: Option<u64>,
    pub list: ImportList,
    /// Completion and history of the filters.
    pub filter_typing: FilterTyping,
    pub screens: Screens,
    details: Details,
    pub reports: Reports,
    comparison: Option<ComparedRun>,
    pub preferences: Preferences,
    pub theme_state: ThemeState,
    pub event_log: EventLog,
    pub notifier: Notifier,
}

impl App {
    /// The monitor before its first snapshot, with the filter it starts with.
    pub fn new(now: Now, zone: TimeZone, identity: Identity, filter: &str) -> Self {
        let mut app = Self {
            now,
            zone,
            identity,
            accounts: Accounts::default(),
            snapshot: Arc::default(),
            refreshing: None,
            list: ImportList::default(),
            filter_typing: FilterTyping::default(),
            screens: Screens::default(),
            details: Details::default(),
            reports: Reports::default(),
            comparison: None,
            preferences: Preferences::default(),
            theme_state: ThemeState::default(),
            event_log: EventLog::default(),
            notifier: Notifier::default(),
        };
        app.preferences.checked_at = now.up;
        app.list.filter = Input::new(SafeText::new(filter).to_string());
        app.list.apply_filter(&app.snapshot, &app.zone, now);
        app
    }

    /// Applies an event and returns the effects to carry out.
    pub fn update(&mut self, now: Now, event: Event) -> Vec<Effect> {
        self.now = now;
        let mut effects = Vec::new();
        let open = self.screens.opened.clone();
        let in_sight = self.accounts_in_sight();
        let by_user = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Click(_));
        if by_user {
            self.notifier.key_pressed(now);
            // What the user was looking at, and what the user turns to.
            self.see_selected();
        }
        match event {
            Event::Key(key) => self.key(&key, &mut effects),
            Event::Paste(text) => self.paste(&text),
            Event::Click(target) => self.click(target, &mut effects),
            Event::Wheel(lines, over) => self.wheel(lines, over),
            Event::Focus(focused) => {
                self.notifier.focus(focused);
                effects.push(Effect::Focus(focused));
                // The user may have edited the file meanwhile.
                if focused {
                    self.check_config(&mut effects);
                }
            }
            Event::Viewport(viewport) => self.screens.viewport = viewport,
            Event::Background(background) => self.theme_state.background = Some(background),
            Event::Resized => {}
            Event::Tick => {
                self.list.refresh(&self.snapshot, now);
                self.send_notifications(&mut effects);
                self.check_config_if_due(&mut effects);
            }
            Event::Snapshot(snapshot) => {
                self.apply_snapshot(snapshot);
                self.check_sign_in(&mut effects);
                self.send_notifications(&mut effects);
                self.check_config_if_due(&mut effects);
            }
            Event::Answer(answer) => self.answer(answer, &mut effects),
        }
        if by_user {
            self.see_selected();
        }
        if self.screens.opened != open {
            effects.extend(self.screens.opened.clone().map(Effect::Opened));
        }
        if self.accounts_in_sight() != in_sight {
            effects.push(Effect::AccountsInSight(!in_sight));
        }
        self.request_sign_in(&mut effects);
        self.take_sample();
        self.request_report(&mut effects);
        self.follow_rows(&mut effects);
        let states = self.fix().map(|fix| Arc::clone(fix.states()));
        if let Some(failures) = self.screens.failures_mut() {
            failures.states = states;
        }
        self.with_failures(FailuresScreen::refresh);
        self.request_details(&mut effects);
        effects.extend(self.list.next_job(now).map(Box::new).map(Effect::FilterJob));
        effects
    }

    /// The key for an action, for sentences; see [`key_label`](self::keymap::Keymap::key_label).
    pub fn key_for(&self, action: Action) -> String {
        self.preferences.config.keymap.key_label(self.screens.mode(), action)
    }

    /// How long until the screen changes without another event.
    pub fn next_tick(&self) -> Duration {
        let health = &self.snapshot.health;
        let counting = match health.link {
            LinkState::Live if !health.paused => false,
            LinkState::Connecting | LinkState::Retrying { .. } if !health.paused => true,
            // The age of what is shown, in seconds for a minute.
            _ => health.last_answer.is_some_and(|at| self.now.since(at) < Duration::from_secs(60)),
        };
        let steady = Duration::from_secs(if counting { 1 } else { 10 });
        let waiting = [self.event_log.notice_left(self.now), self.notifier.due_in(self.now)];
        waiting.into_iter().flatten().fold(steady, Duration::min)
    }

    /// Whether the list is not known yet: no answer so far, and no fault either.
    pub fn is_loading(&self) -> bool {
        let health = &self.snapshot.health;
        self.snapshot.imports.is_empty()
            && health.full_passes == 0
            && matches!(health.link, LinkState::Connecting | LinkState::Live)
    }

    /// The import that keys act on: the open one, else the selected one.
    pub fn current(&self) -> Option<&Watched> {
        let id = self.screens.opened.as_ref().or(self.list.selected())?;
        self.snapshot.get(id).map(AsRef::as_ref)
    }

    /// The current import with what both routes say of it.
    pub fn view(&self) -> Option<ImportView<'_>> {
        let watched = self.current()?;
        Some(self.details.view(watched, self.reports.rows(&watched.import.id)))
    }

    /// The account whose requests an import's are.
    fn account_of(&self, id: &ImportId) -> Option<AccountId> {
        self.snapshot.get(id)?.import.account_id().cloned()
    }

    /// The comparison of the current import with another run, if there is one.
    pub fn comparison(&self) -> Option<&ComparedRun> {
        let view = self.view()?;
        self.comparison.as_ref().filter(|compared| compared.is_of(&view))
    }

    /// What is wrong with the filter of the current screen.
    pub fn filter_mistake(&self) -> Option<&FilterError> {
        match self.screens.trail.last() {
            None => self.list.mistake.as_ref(),
            Some(Screen::Failures(failures)) => failures.mistake.as_ref(),
            Some(_) => None,
        }
    }

    /// The filter of the current screen, while it is not typed.
    pub fn kept_filter(&self) -> Option<&Input> {
        match self.screens.trail.last() {
            _ if self.screens.typing => None,
            None => Some(&self.list.filter),
            Some(Screen::Failures(failures)) => Some(&failures.filter),
            Some(_) => None,
        }
    }

    fn with_failures(
        &mut self,
        change: impl FnOnce(&mut FailuresScreen, &Arc<FailedRows>, Option<&ComparedRun>),
    ) {
        let Some(watched) = self.screens.opened.as_ref().and_then(|id| self.snapshot.get(id)) else { return };
        let id = &watched.import.id;
        let view = self.details.view(watched, self.reports.rows(id));
        let compared = self.comparison.as_ref().filter(|compared| compared.is_of(&view));
        if let Some(failures) = self.screens.failures_mut() {
            change(failures, view.rows(), compared);
        }
    }

    fn apply_snapshot(&mut self, snapshot: Arc<Snapshot>) {
        // Published before the poller switched to the accounts now in use.
        let wanted = self.identity.accounts.iter().map(|account| &account.id);
        if !snapshot.listed().map(|state| &state.account.id).eq(wanted) {
            return;
        }
        let old = std::mem::replace(&mut self.snapshot, snapshot);
        self.event_log.compare(self.now, &old, &self.snapshot);
        self.record_notices(&old);
        self.list.refresh(&self.snapshot, self.now);
        let health = &self.snapshot.health;
        if self.refreshing.is_some_and(|passes| health.full_passes > passes) {
            self.refreshing = None;
            self.event_log.hint(self.now, Severity::Good, "refreshed");
        }
        if matches!(health.link, LinkState::Retrying { .. } | LinkState::Stopped { .. }) {
            self.refreshing = None;
        }
        self.check_account();
        if self.screens.opened.as_ref().is_some_and(|id| self.snapshot.get(id).is_none()) {
            self.screens.go_back_to(0);
            self.screens.typing = false;
            self.event_log.announce(
                self.now,
                Severity::Warning,
                "the open import no longer exists on the server",
            );
        }
    }

    fn answer(&mut self, answer: Answer, effects: &mut Vec<Effect>) {
        match answer {
            Answer::WhileAway(away) => self.greet(away),
            Answer::Import { id, result } => {
                // Of another firm, or gone meanwhile.
                let Some(watched) = self.snapshot.get(&id) else { return };
                if let Err(fault) = result.as_ref() {
                    let text = |redaction| {
                        format!("could not load the details of {id}: {}", fault.describe(redaction))
                    };
                    self.event_log.record_about(&id, self.now, Severity::Warning, Redactable::new(text));
                }
                self.details.store(id.clone(), *result, Some(watched), self.now);
                self.details.set_earlier(&id, self.earlier_runs(&id));
            }
            Answer::FilterResult(filter_result) => self.list.take(*filter_result),
            Answer::Logins(result) => self.apply_logins(result, effects),
            Answer::NoToken(why) => self.apply_no_token(why),
            Answer::Opened(link) => {
                let away = if link.is_foreign() { " (not the Plannr server)" } else { "" };
                self.event_log.announce(
                    self.now,
                    Severity::Good,
                    format!("opened in the browser: {}{away}", link.host()),
                );
            }
            Answer::NotOpened { link, why } => {
                self.event_log.announce(self.now, Severity::Info, format!("not opened: {why}"));
                if !self.redaction().enabled {
                    effects.push(copy_of(&link));
                }
                self.screens.popup = Some(Popup::Link(link, why));
            }
            Answer::Copied { what, by: Some(program) } => {
                self.event_log.announce(self.now, Severity::Good, format!("copied with {program}: {what}"));
            }
            Answer::Copied { what, by: None } => {
                let text = format!("sent to the terminal's clipboard: {what}; it must allow OSC 52");
                self.event_log.announce(self.now, Severity::Info, text);
            }
            Answer::NotCopied(copy) => effects.push(Effect::CopyByTerminal(copy)),
            Answer::Progress(transfer) => {
                if let Some(download) = &mut self.reports.download {
                    download.meter.observe(self.now.up, transfer.received);
                    download.transfer = transfer;
                }
            }
            Answer::Report { id, result } => self.apply_report(id, result, effects),
            Answer::Compared { id, now, with, result } => self.apply_comparison((id, now), with, result),
            Answer::Proposals { of, proposals } => self.apply_proposals(&of, proposals),
            Answer::FixStates { of, states } => self.apply_states(&of, states),
            Answer::FixesSaved { fixes, text } => {
                self.fixes_written(&fixes);
                self.event_log.announce(self.now, Severity::Good, text);
            }
            Answer::Saved(text) => {
                self.reports.download = None;
                self.event_log.announce(self.now, Severity::Good, text);
            }
            Answer::NotSaved(why) => {
                self.reports.download = None;
                self.event_log.announce(self.now, Severity::Error, why);
            }
            Answer::Config { file, read } => {
                self.apply_config(&file, read.map(|config| *config), effects);
            }
            Answer::Failed(text) => self.event_log.announce(self.now, Severity::Error, text),
        }
    }

    fn request_details(&mut self, effects: &mut Vec<Effect>) {
        let id = self.screens.opened.as_ref().or(self.list.selected());
        let watched = id.and_then(|id| self.snapshot.get(id));
        // While the list fails, details are not requested either.
        let live = self.snapshot.health.link == LinkState::Live;
        let watched = watched.filter(|watched| live && self.details.should_fetch(watched, self.now));
        match watched.map(|watched| &watched.import) {
            Some(Import { id, seen_by, .. }) => {
                let account = seen_by.as_ref().map(|account| account.id.clone());
                effects.push(Effect::FetchImport { id: id.clone(), account, delay: DETAILS_DELAY });
            }
            None if self.details.cancel_stale(id) => effects.push(Effect::CancelImport),
            None => {}
        }
    }
}
/// Copies a report's link.
fn copy_of(link: &Link) -> Effect {
    Effect::Copy(Copy { text: link.as_str().to_owned(), what: "report link".to_owned() })
}
