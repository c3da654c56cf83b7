//! Signing in, switching, and what is left behind.

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
    app.update(now(1), Event::Answer(Answer::Logins(Ok(Logins { accounts, ..Logins::default() }))));
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
        said.map(|ids| Logins { accounts: ids.iter().copied().map(account).collect(), ..Logins::default() });
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

fn of_profile(profile: &str, id: &str) -> Account {
    let account = account(id);
    Account { id: account.id.of_profile(&profile.into()), ..account }
}

/// The accounts that are known, the first of each profile preferred, and the profiles that are missing.
fn logins(accounts: &[(&str, &str)], missing: &[(&str, Fault)]) -> Event {
    let accounts: Vec<_> = accounts.iter().map(|(profile, id)| of_profile(profile, id)).collect();
    let mut preferred: Vec<AccountId> = Vec::new();
    for Account { id, .. } in &accounts {
        if preferred.iter().all(|other| other.profile() != id.profile()) {
            preferred.push(id.clone());
        }
    }
    let missing = missing.iter().map(|(name, fault)| MissingProfile {
        name: (*name).into(),
        why: Refusal::Fault { host: "x.example".into(), fault: fault.clone() },
    });
    let missing = missing.collect();
    Event::Answer(Answer::Logins(Ok(Logins { accounts, preferred, missing })))
}

fn of_profiles() -> App {
    let mut app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
    app.accounts.sign_in(WantedAccounts::Preferred, now(0));
    app
}

#[test]
fn a_profile_that_is_away_is_named_and_listed_once_it_is_back() {
    let all = [("live", "a"), ("live", "b"), ("copy", "a")];
    let mut app = of_profiles();
    let effects = app.update(now(1), logins(&all[..2], &[("copy", Fault::TimedOut)]));
    assert_eq!(used(&effects), Some((vec!["a"], vec!["b"])));
    assert_eq!(app.accounts.missing()[0].name.as_ref(), "copy");
    let said = |app: &App, what: &str| {
        app.event_log.entries().iter().any(|it| it.text.text(app.redaction()).as_str().contains(what))
    };
    assert!(said(&app, "profile copy: x.example: the server did not respond in time"));

    assert!(!app.update(now(15), Event::Tick).contains(&Effect::FetchLogins));
    assert!(app.update(now(16), Event::Tick).contains(&Effect::FetchLogins));
    let effects = app.update(now(17), logins(&all[..2], &[("copy", Fault::TimedOut)]));
    assert_eq!(used(&effects), None, "nothing is new");
    app.update(now(32), Event::Tick);
    let effects = app.update(now(33), logins(&all, &[]));
    assert_eq!(used(&effects), Some((vec!["a", "a"], vec!["b"])), "one uuid on two servers");
    assert!(app.accounts.missing().is_empty() && said(&app, "profile copy is back"));
    assert!(!app.update(now(99), Event::Tick).contains(&Effect::FetchLogins));

    // Later its firms are polled, whether its logins answer or not.
    let effects = app.update(now(100), logins(&all[..2], &[("copy", Fault::TimedOut)]));
    assert_eq!((app.accounts.missing().len(), app.accounts.known().len(), used(&effects)), (0, 3, None));
}

#[test]
fn a_profile_that_is_back_is_not_listed_where_one_account_was_chosen() {
    let mut app = of_profiles();
    app.update(now(1), logins(&[("live", "a"), ("live", "b")], &[("copy", Fault::TimedOut)]));
    app.update(now(2), Event::Click(Target::Key(Action::Accounts)));
    app.update(now(2), logins(&[("live", "a"), ("live", "b")], &[("copy", Fault::TimedOut)]));
    let effects = app.update(now(3), Event::Click(Target::Account(2)));
    assert_eq!(used(&effects), Some((vec!["b"], vec!["a"])));
    let effects = app.update(now(40), logins(&[("live", "a"), ("live", "b"), ("copy", "a")], &[]));
    assert_eq!(used(&effects), Some((vec!["b"], vec!["a", "a"])));
}

#[test]
fn a_refused_profile_is_not_asked_again_and_all_of_them_end_the_program() {
    let mut app = of_profiles();
    app.update(now(1), logins(&[("live", "a")], &[("copy", Fault::Unauthenticated)]));
    assert!(!app.update(now(60), Event::Tick).contains(&Effect::FetchLogins));

    let both = [("live", Fault::Unauthenticated), ("copy", Fault::Unauthenticated)];
    let effects = of_profiles().update(now(1), logins(&[], &both));
    let refusal = effects.iter().find_map(|effect| match effect {
        Effect::Refused(refusal) => Some(refusal.to_string()),
        _ => None,
    });
    let refusal = refusal.unwrap();
    assert!(["profile live: ", "profile copy: "].iter().all(|name| refusal.contains(name)), "{refusal}");
}
