//! The accounts that the token may use, and switching to another one.

use std::sync::Arc;
use std::time::Duration;

use super::details::Details;
use super::event_log::Severity;
use super::report_fetch::Reports;
use super::{App, Identity, Popup};
use crate::app::event::Effect;
use crate::app::keymap::{Action, Motion};
use crate::domain::Now;
use crate::domain::account::{Account, Logins, Refusal, WantedAccounts};
use crate::domain::fault::Fault;
use crate::domain::redact::Redactable;
use crate::domain::snapshot::LinkState;

/// Between two requests for the accounts while nobody is known to be signed in.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(15);

/// The accounts as the server listed them, for as long as the program runs.
#[derive(Debug, Default)]
pub struct Accounts {
    sign_in: Option<SignIn>,
    known: Vec<Arc<Account>>,
    loading: bool,
    fault: Option<Fault>,
    /// Since the account in use was chosen, no request has succeeded.
    untried: bool,
    /// Whether only one person's imports are listed (`--initiated-by`).
    pub initiator_only: bool,
}

/// The user is not known yet to have the accounts in use, or to have any.
#[derive(Debug)]
struct SignIn {
    wanted: WantedAccounts,
    began: Duration,
    /// When the accounts are requested again.
    due: Duration,
    /// Why there is no new token in place of one that the server refused.
    no_token: Option<String>,
}

/// A line of the popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// All firms: all accounts but a client's.
    All,
    One(Arc<Account>),
}

impl Accounts {
    /// Begins to sign in.
    pub fn sign_in(&mut self, wanted: WantedAccounts, now: Now) {
        self.sign_in = Some(SignIn { wanted, began: now.up, due: now.up, no_token: None });
    }

    /// For how long the user has been waiting to be signed in; `None` once it is done.
    pub fn signing_in(&self, now: Now) -> Option<Duration> {
        self.sign_in.as_ref().map(|sign_in| now.since(sign_in.began))
    }

    /// The accounts in the server's order; empty until it has answered.
    pub fn known(&self) -> &[Arc<Account>] {
        &self.known
    }

    fn of_firms(&self) -> Vec<Arc<Account>> {
        self.known.iter().filter(|account| !account.is_client()).cloned().collect()
    }

    /// What can be chosen: all firms where there are several, then each account, those of clients last.
    pub fn choices(&self) -> Vec<Choice> {
        let clients = self.known.iter().filter(|account| account.is_client()).cloned();
        let firms = self.of_firms();
        let all = (firms.len() > 1).then_some(Choice::All);
        all.into_iter().chain(firms.into_iter().chain(clients).map(Choice::One)).collect()
    }

    /// Whether the accounts are being requested.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Why the last request failed.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }
}

impl App {
    /// Opens the accounts popup and requests the accounts again.
    pub(super) fn open_accounts(&mut self, effects: &mut Vec<Effect>) {
        self.list_accounts();
        if !self.accounts.loading {
            self.accounts.loading = true;
            effects.push(Effect::FetchLogins);
        }
    }

    /// Opens the popup with the accounts known so far, what is in use under the cursor.
    fn list_accounts(&mut self) {
        self.screens.popup = Some(Popup::Accounts(self.line_in_use()));
    }

    fn line_in_use(&self) -> usize {
        self.accounts.choices().iter().position(|choice| self.is_in_use(choice)).unwrap_or(0)
    }

    pub(super) fn accounts_in_sight(&self) -> bool {
        matches!(self.screens.popup, Some(Popup::Accounts(_)))
    }

    /// Whether exactly this is in use.
    pub fn is_in_use(&self, choice: &Choice) -> bool {
        let in_use = |accounts: &[Arc<Account>]| {
            accounts.iter().map(|it| &it.id).eq(self.identity.accounts.iter().map(|it| &it.id))
        };
        match choice {
            Choice::All => in_use(&self.accounts.of_firms()),
            Choice::One(account) => in_use(std::slice::from_ref(account)),
        }
    }

    /// Whether a line of the popup is marked: the one in use, or the accounts of a choice that is no line of its own.
    pub fn is_marked(&self, choice: &Choice) -> bool {
        let few = self.identity.is_of_several() && !self.is_in_use(&Choice::All);
        match choice {
            Choice::One(account) if few => self.identity.accounts.iter().any(|it| it.id == account.id),
            _ => self.is_in_use(choice),
        }
    }

    /// Requests the accounts, to see whether those in use are among them; where none is in use, the poller does.
    pub(super) fn request_sign_in(&mut self, effects: &mut Vec<Effect>) {
        let Some(sign_in) = &mut self.accounts.sign_in else { return };
        if !self.identity.accounts.is_empty() && !self.accounts.loading && self.now.up >= sign_in.due {
            sign_in.due = self.now.up.saturating_add(BETWEEN_SIGN_INS);
            self.accounts.loading = true;
            effects.push(Effect::FetchLogins);
        }
    }

    /// Ends the program if the server's last answer means that nobody will be signed in.
    pub(super) fn check_sign_in(&mut self, effects: &mut Vec<Effect>) {
        let fault = match &self.snapshot.health.link {
            LinkState::Retrying { fault, .. } | LinkState::Stopped { fault } => fault,
            LinkState::Connecting | LinkState::Live => return,
        };
        // An account that may not list imports may be signed in with all the same.
        if self.identity.accounts.is_empty() || *fault == Fault::Unauthenticated {
            self.refuse(&fault.clone(), effects);
        }
    }

    fn refuse(&mut self, fault: &Fault, effects: &mut Vec<Effect>) {
        let Some(sign_in) = self.accounts.sign_in.as_ref().filter(|_| !fault.retryable()) else { return };
        let host = self.identity.host.clone();
        let refusal = match &sign_in.no_token {
            Some(why) if *fault == Fault::Unauthenticated => Refusal::Token(why.clone()),
            _ => Refusal::Fault { host, fault: fault.clone().redacted(self.redaction()) },
        };
        self.end_refused(refusal, effects);
    }

    /// Ends the program; while fixes are not written it asks first.
    fn end_refused(&mut self, refusal: Refusal, effects: &mut Vec<Effect>) {
        if self.unsaved_fixes().is_none() {
            return effects.push(Effect::Refused(refusal));
        }
        self.accounts.sign_in = None;
        self.event_log.announce(self.now, Severity::Error, refusal.to_string());
        self.screens.popup = Some(Popup::Unsaved(Action::Quit, None));
    }

    /// The server refused the token, and there is no other.
    pub(super) fn apply_no_token(&mut self, why: String) {
        if let Some(sign_in) = &mut self.accounts.sign_in {
            sign_in.no_token = Some(why.clone());
        }
        self.event_log.announce(self.now, Severity::Error, why);
    }

    /// Signs in with the wanted accounts. Once that is done, what the server says of the accounts is taken over.
    fn finish_sign_in(&mut self, logins: &Logins, effects: &mut Vec<Effect>) {
        let Some(sign_in) = &self.accounts.sign_in else {
            let known = |account: &Arc<Account>| logins.find(&account.id).cloned().map(Arc::new);
            let listed = self.identity.accounts.iter();
            let listed = listed.map(|account| known(account).unwrap_or_else(|| Arc::clone(account)));
            let listed: Vec<_> = listed.collect();
            if !listed.is_empty() {
                self.list_imports_of(listed, effects);
            }
            return;
        };
        match logins.pick(&sign_in.wanted) {
            Ok(accounts) => {
                let accounts = accounts.into_iter().cloned().map(Arc::new).collect();
                self.accounts.sign_in = None;
                self.list_imports_of(accounts, effects);
            }
            Err(why) => self.end_refused(Refusal::Account(why), effects),
        }
    }

    /// From now on the imports of these accounts are listed, at least one, and the others are looked at in the background.
    fn list_imports_of(&mut self, listed: Vec<Arc<Account>>, effects: &mut Vec<Effect>) {
        let ids = |accounts: &[Arc<Account>]| accounts.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
        if ids(&self.identity.accounts) != ids(&listed) {
            self.snapshot = self.snapshot.of_accounts(&listed, self.now).into();
            self.list.apply_filter(&self.snapshot, &self.zone, self.now);
        }
        let is_listed = |account: &Account| listed.iter().any(|other| other.id == account.id);
        let is_other = |account: &&Arc<Account>| !account.is_client() && !is_listed(account);
        let others = self.accounts.known.iter().filter(is_other).cloned().collect();
        self.identity.accounts = listed.clone();
        effects.push(Effect::UseAccounts { listed, others });
    }

    pub(super) fn apply_logins(&mut self, result: Result<Logins, Fault>, effects: &mut Vec<Effect>) {
        self.accounts.loading = false;
        match result {
            Ok(logins) => {
                let chosen = match &self.screens.popup {
                    Some(Popup::Accounts(at)) => self.accounts.choices().into_iter().nth(*at),
                    _ => None,
                };
                let known: Vec<_> = logins.accounts.iter().cloned().map(Arc::new).collect();
                let is_news = self.accounts.known != known;
                self.accounts.known = known;
                self.accounts.fault = None;
                if is_news || self.accounts.sign_in.is_some() {
                    self.finish_sign_in(&logins, effects);
                }
                if self.accounts_in_sight() {
                    let found = chosen.and_then(|chosen| {
                        self.accounts.choices().iter().position(|choice| choice.is_of(&chosen))
                    });
                    self.screens.popup = Some(Popup::Accounts(found.unwrap_or_else(|| self.line_in_use())));
                }
            }
            Err(fault) => {
                self.refuse(&fault, effects);
                self.event_log.record(
                    self.now,
                    Severity::Warning,
                    Redactable::new(|redaction| {
                        format!("could not load the accounts: {}", fault.describe(redaction))
                    }),
                );
                self.accounts.fault = Some(fault);
            }
        }
    }

    /// What is under the cursor of the popup.
    fn chosen(&self) -> Option<Choice> {
        let Some(Popup::Accounts(at)) = &self.screens.popup else { return None };
        self.accounts.choices().into_iter().nth(*at)
    }

    /// Whether what is under the cursor is in use.
    pub(super) fn is_chosen_in_use(&self) -> bool {
        self.chosen().is_some_and(|choice| self.is_in_use(&choice))
    }

    pub(super) fn choose_account(&mut self, at: usize) {
        if let Some(Popup::Accounts(chosen)) = &mut self.screens.popup {
            *chosen = at;
        }
    }

    pub(super) fn move_in_accounts(&mut self, motion: Motion) {
        let (page, length) = (self.screens.viewport.page, self.accounts.choices().len());
        if let Some(Popup::Accounts(chosen)) = &mut self.screens.popup {
            *chosen = motion.apply(*chosen, page, length);
        }
    }

    /// Why what is under the cursor cannot be switched to.
    pub(super) fn account_refusal(&self) -> Option<String> {
        let Some(Popup::Accounts(_)) = &self.screens.popup else { return None };
        match self.chosen() {
            Some(_) => None,
            None if self.accounts.loading => Some("the accounts are still loading".to_owned()),
            None => Some("there are no accounts to switch to".to_owned()),
        }
    }

    /// Switches to what is under the cursor. No data of a firm that is left stays but the log.
    pub(super) fn use_account(&mut self, effects: &mut Vec<Effect>) {
        let chosen = self.chosen();
        self.screens.popup = None;
        let Some(chosen) = chosen else { return };
        let (name, listed) = match &chosen {
            Choice::All => {
                let firms = self.accounts.of_firms();
                let names = Identity { accounts: firms.clone(), ..Identity::default() };
                (format!("all {}", names.firm()), firms)
            }
            Choice::One(account) => (display_name(account), vec![Arc::clone(account)]),
        };
        if self.is_in_use(&chosen) {
            self.event_log.hint(self.now, Severity::Info, format!("{name} is already active"));
            return;
        }
        let mut text = format!("switched to {name}");
        if self.reports.download.take().is_some() {
            effects.push(Effect::CancelTransfer);
            text.push_str("; the report was cancelled, nothing was saved");
        }
        if std::mem::take(&mut self.accounts.initiator_only) {
            text.push_str("; --initiated-by cleared: that person belongs to another firm");
        }
        self.forget_imports();
        self.list.reset();
        self.list_imports_of(listed, effects);
        self.accounts.untried = true;
        self.event_log.announce(self.now, Severity::Good, text);
    }

    /// Drops everything that is about imports.
    fn forget_imports(&mut self) {
        self.screens.go_back_to(0);
        self.screens.typing = false;
        self.refreshing = None;
        self.reports = Reports::default();
        self.comparison = None;
        self.details = Details::default();
    }

    /// Reopens the accounts popup if the server refuses the account just chosen.
    pub(super) fn check_account(&mut self) {
        match &self.snapshot.health.link {
            LinkState::Stopped { fault: fault @ Fault::Forbidden(_) } if self.accounts.untried => {
                let firm = self.identity.firm();
                let text = Redactable::new(|redaction| {
                    format!("{firm}: {}; choose another account", fault.describe(redaction))
                });
                self.event_log.announce(self.now, Severity::Error, text);
                self.accounts.untried = false;
                if self.screens.popup.is_none() {
                    self.list_accounts();
                }
            }
            LinkState::Live if self.snapshot.health.last_answer.is_some() => self.accounts.untried = false,
            _ => {}
        }
    }
}

impl Choice {
    /// Whether both mean the same accounts, of which more may be known by now.
    fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, Self::All) => true,
            (Self::One(account), Self::One(other)) => account.id == other.id,
            _ => false,
        }
    }
}

/// The firm and the person, as far as they are known.
fn display_name(account: &Account) -> String {
    match (account.firm.is_empty(), account.name.is_empty()) {
        (false, false) => format!("{} ({})", account.firm, account.name),
        (false, true) => account.firm.to_string(),
        (true, false) => account.name.to_string(),
        (true, true) => account.id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::event::{Answer, Event, Target};
    use crate::app::keymap::{Action, Mode};
    use crate::domain::account::AccountId;
    use crate::domain::page::Page;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{id, import, now};
    use crate::domain::text::SafeText;

    fn account(id: &str) -> Account {
        let id = AccountId::new(id).unwrap();
        let (firm, name) = (format!("Firm {id}").as_str().into(), "Joan".into());
        Account { id, firm, name, role: "adviser".into(), kind: "employee".into() }
    }

    fn seen_by(account: &str, names: &[&str]) -> Event {
        let imports = names.iter().map(|name| import(name, 60, "processing", (10, 5, 1)));
        let snapshot = Snapshot::default().of_accounts(&[Arc::new(self::account(account))], now(0));
        let page = Page { imports: imports.collect(), ..Page::default() };
        Event::Snapshot(Arc::new(snapshot.absorb(page, now(0))))
    }

    /// The accounts whose imports are to be listed, and the others.
    fn used(effects: &[Effect]) -> Option<(Vec<&str>, Vec<&str>)> {
        effects.iter().find_map(|effect| match effect {
            Effect::UseAccounts { listed, others } => {
                Some([listed, others].map(|them| them.iter().map(|it| it.id.as_str()).collect()).into())
            }
            _ => None,
        })
    }

    /// Account `a` in use, its imports loaded, `b` known.
    fn app() -> App {
        let identity = Identity { accounts: vec![Arc::new(account("a"))], ..Identity::default() };
        let mut app = App::new(now(0), TimeZone::UTC, identity, "");
        app.update(now(1), seen_by("a", &["one", "two"]));
        app.update(now(1), Event::Click(Target::Key(Action::Accounts)));
        let accounts = vec![account("a"), account("b")];
        app.update(now(1), Event::Answer(Answer::Logins(Ok(Logins { accounts, preferred: None }))));
        app
    }

    #[test]
    fn what_comes_late_of_the_other_firm_is_not_shown() {
        let mut app = app();
        app.update(now(2), Event::Click(Target::Key(Action::Mark)));
        let effects = app.update(now(2), Event::Click(Target::Account(2)));
        assert_eq!(used(&effects), Some((vec!["b"], vec!["a"])));
        assert_eq!(app.identity.firm(), "Firm b");
        for late in [
            seen_by("a", &["one", "two", "three"]),
            Event::Answer(Answer::Import {
                id: id("one"),
                result: Box::new(Ok(import("one", 60, "processing", (10, 5, 1)))),
            }),
        ] {
            app.update(now(3), late);
            assert!(app.list.is_empty() && app.list.marks().is_empty() && app.view().is_none());
            assert!(app.snapshot.imports.is_empty() && app.is_loading());
        }
        app.update(now(4), seen_by("b", &["four"]));
        assert_eq!(app.list.len(), 1);
        assert!(!app.view().unwrap().is_complete());
    }

    /// The effects of signing in with this account, or with the one to use, once the server has said this of the
    /// accounts `a` and `b`; and the app.
    fn signed_in(wanted: Option<&str>, said: Result<&[&str], Fault>) -> (Vec<Effect>, App) {
        let wanted = wanted.and_then(AccountId::new);
        let accounts = wanted.iter().cloned().map(Account::unnamed).map(Arc::new).collect();
        let mut app = App::new(now(0), TimeZone::UTC, Identity { accounts, ..Identity::default() }, "");
        let asks = wanted.map_or(WantedAccounts::Preferred, |id| WantedAccounts::These(vec![id]));
        app.accounts.sign_in(asks.clone(), now(0));
        let asked = app.update(now(0), Event::Tick).contains(&Effect::FetchLogins);
        assert_eq!(asked, asks != WantedAccounts::Preferred, "the poller asks where no account is known");
        let logins =
            said.map(|ids| Logins { accounts: ids.iter().copied().map(account).collect(), preferred: None });
        let effects = app.update(now(1), Event::Answer(Answer::Logins(logins)));
        (effects, app)
    }

    #[test]
    fn signing_in_chooses_an_account_or_ends_or_goes_on() {
        let ends = |effects: &[Effect]| {
            effects.iter().find_map(|effect| match effect {
                Effect::Refused(refusal) => Some(refusal.clone()),
                _ => None,
            })
        };
        let both = ["a", "b"];
        for (wanted, listed, other) in [(None, "a", "b"), (Some("B"), "b", "a"), (Some("b"), "b", "a")] {
            let (effects, app) = signed_in(wanted, Ok(&both));
            assert_eq!(used(&effects), Some((vec![listed], vec![other])));
            assert_eq!((app.identity.firm(), ends(&effects)), (format!("Firm {listed}"), None));
            assert_eq!(app.accounts.signing_in(now(2)), None);
        }

        let no_other = Refusal::Account("the token has no account c; available: a (Firm a, Joan)".into());
        assert_eq!(ends(&signed_in(Some("c"), Ok(&["a"])).0), Some(no_other));
        let none = Refusal::Account("the token has no account in any firm".into());
        assert_eq!(ends(&signed_in(None, Ok(&[])).0), Some(none));
        for fault in [Fault::Unauthenticated, Fault::Forbidden("no".into()), Fault::NotFound] {
            let refusal = Refusal::Fault { host: SafeText::default(), fault: fault.clone() };
            assert_eq!(ends(&signed_in(Some("a"), Err(fault)).0), Some(refusal));
        }
        let (effects, mut app) = signed_in(Some("a"), Err(Fault::TimedOut));
        assert_eq!(effects, []);
        assert!(!app.update(now(14), Event::Tick).contains(&Effect::FetchLogins));
        assert!(app.update(now(15), Event::Tick).contains(&Effect::FetchLogins));
    }

    #[test]
    fn a_token_that_cannot_be_renewed_is_why_signing_in_ends() {
        let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        app.accounts.sign_in(WantedAccounts::Preferred, now(0));
        app.update(now(1), Event::Answer(Answer::NoToken("token_command failed".into())));
        let mut snapshot = Snapshot::default();
        snapshot.health.link = LinkState::Stopped { fault: Fault::Unauthenticated };
        let effects = app.update(now(1), Event::Snapshot(snapshot.into()));
        let refusal = Refusal::Token("token_command failed".into());
        assert!(effects.contains(&Effect::Refused(refusal)), "{effects:?}");
    }

    #[test]
    fn the_active_account_is_not_switched_to() {
        let mut app = app();
        assert_eq!(app.screens.mode(), Mode::Accounts);
        let effects = app.update(now(2), Event::Click(Target::Account(1)));
        assert_eq!(used(&effects), None);
        assert_eq!((app.list.len(), app.screens.mode()), (2, Mode::Imports));
    }
}
