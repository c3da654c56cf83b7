//! The accounts that the token may use, and switching to another one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::details::Details;
use super::event_log::Severity;
use super::report_fetch::Reports;
use super::{App, Identity, Popup};
use crate::app::event::Effect;
use crate::app::keymap::{Action, Motion};
use crate::domain::Now;
use crate::domain::account::{Account, Logins, MissingProfile, Refusal, WantedAccounts};
use crate::domain::fault::Fault;
use crate::domain::redact::Redactable;
use crate::domain::snapshot::LinkState;

/// Between two requests for the accounts while nobody is known to be signed in, or those of a profile are not known.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(15);

/// The accounts as the server listed them, for as long as the program runs.
#[derive(Debug, Default)]
pub struct Accounts {
    sign_in: Option<SignIn>,
    known: Vec<Arc<Account>>,
    loading: bool,
    fault: Option<Fault>,
    /// Profiles that no account is known of, and when the accounts are requested again.
    missing: Vec<MissingProfile>,
    missing_due: Duration,
    /// What the user switched to.
    chosen: Option<Choice>,
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

    /// Profiles that no account is known of.
    pub fn missing(&self) -> &[MissingProfile] {
        &self.missing
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
        let ids =
            |accounts: &[Arc<Account>]| accounts.iter().map(|it| it.id.clone()).collect::<BTreeSet<_>>();
        let in_use = |accounts: &[Arc<Account>]| ids(accounts) == ids(&self.identity.accounts);
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

    /// Requests the accounts, to see whether those in use are among them; where none is in use, the poller does. Once that
    /// is known, to see whether a missing profile has returned.
    pub(super) fn request_sign_in(&mut self, effects: &mut Vec<Effect>) {
        let Accounts { sign_in, missing, missing_due, loading, .. } = &mut self.accounts;
        let may_return = !self.snapshot.health.paused && missing.iter().any(MissingProfile::may_return);
        let due = match sign_in {
            Some(sign_in) => (!self.identity.accounts.is_empty()).then_some(&mut sign_in.due),
            None => may_return.then_some(missing_due),
        };
        if let Some(due) = due.filter(|due| !*loading && self.now.up >= **due) {
            *due = self.now.up.saturating_add(BETWEEN_SIGN_INS);
            *loading = true;
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

    /// Signs in with the wanted accounts. Once that is done, what the server says of the accounts is taken over, and those
    /// of profiles that have returned are listed too, unless the user switched to one account.
    fn finish_sign_in(&mut self, logins: &Logins, returned: &[MissingProfile], effects: &mut Vec<Effect>) {
        let Some(sign_in) = &self.accounts.sign_in else {
            let known = |account: &Arc<Account>| logins.find(&account.id).cloned().map(Arc::new);
            let listed = self.identity.accounts.iter();
            let listed = listed.map(|account| known(account).unwrap_or_else(|| Arc::clone(account)));
            let mut listed: Vec<_> = listed.collect();
            let more = match self.accounts.chosen {
                None => logins.choose().into_iter().cloned().map(Arc::new).collect(),
                Some(Choice::All) => self.accounts.of_firms(),
                Some(Choice::One(_)) => Vec::new(),
            };
            let is_back = |account: &Arc<Account>| {
                returned.iter().any(|profile| Some(&profile.name) == account.id.profile())
            };
            listed.extend(more.into_iter().filter(is_back));
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
            Err(why) => {
                let redaction = self.redaction();
                let missing: Vec<_> =
                    logins.missing.iter().map(|profile| profile.describe(redaction)).collect();
                let why = if missing.is_empty() { why } else { missing.join("; ") };
                self.end_refused(Refusal::Account(why), effects);
            }
        }
    }

    /// Notes which profiles no account is known of; returns those of which there are some again.
    fn take_missing(&mut self, missing: Vec<MissingProfile>) -> Vec<MissingProfile> {
        let before = std::mem::replace(&mut self.accounts.missing, missing.clone());
        self.accounts.missing_due = self.now.up.saturating_add(BETWEEN_SIGN_INS);
        let not_in = |others: &[MissingProfile], one: &MissingProfile| {
            others.iter().all(|other| other.name != one.name)
        };
        for profile in missing.iter().filter(|profile| not_in(&before, profile)) {
            let text = Redactable::new(|redaction| profile.describe(redaction));
            self.event_log.announce(self.now, Severity::Warning, text);
        }
        let returned: Vec<_> = before.into_iter().filter(|profile| not_in(&missing, profile)).collect();
        for profile in &returned {
            self.event_log.announce(self.now, Severity::Good, format!("profile {} is back", profile.name));
        }
        returned
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
                let mut known: Vec<_> = logins.accounts.iter().cloned().map(Arc::new).collect();
                let of =
                    |profile: &MissingProfile, account: &Account| account.id.profile() == Some(&profile.name);
                // A profile that does not answer now has the accounts that it had.
                let is_away =
                    |account: &&Arc<Account>| logins.missing.iter().any(|profile| of(profile, account));
                known.extend(self.accounts.known.iter().filter(is_away).cloned());
                let is_missing =
                    |profile: &&MissingProfile| known.iter().all(|account| !of(profile, account));
                let missing = logins.missing.iter().filter(is_missing).cloned().collect();
                let is_news = self.accounts.known != known;
                self.accounts.known = known;
                self.accounts.fault = None;
                let returned = self.take_missing(missing);
                if is_news || self.accounts.sign_in.is_some() {
                    self.finish_sign_in(&logins, &returned, effects);
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
                if self.accounts.fault.as_ref() != Some(&fault) {
                    let text = Redactable::new(|redaction| {
                        format!("could not load the accounts: {}", fault.describe(redaction))
                    });
                    self.event_log.record(self.now, Severity::Warning, text);
                }
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
        self.accounts.chosen = Some(chosen);
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
mod tests;
