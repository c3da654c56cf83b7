//! Several accounts' imports as one list. Pure, and takes time in proportion to what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{AccountState, Change, Health, LinkState, Snapshot};
use crate::domain::account::{Account, AccountId};
use crate::domain::import::Import;

impl Snapshot {
    /// The same imports, seen by an account of which more is known now.
    #[must_use]
    pub fn seen_by(&self, account: Arc<Account>) -> Self {
        if self.account.as_ref() == Some(&account) {
            return self.clone();
        }
        let mut next = Self { account: Some(account), ..self.clone() };
        for watched in &self.imports {
            let mut watched = Arc::clone(watched);
            Arc::make_mut(&mut watched).import.seen_by = next.account.clone();
            next.imports.put(watched);
        }
        next
    }

    /// One list of what several accounts see: `before` each with its change since this list was made. An import that two
    /// accounts see is listed once, as the first of them saw it.
    #[must_use]
    pub fn merged(&self, parts: &[(&Self, &Self)]) -> Self {
        let mut next = self.clone();
        for (before, now) in parts {
            for Change { before, now: latest } in now.imports.changes_since(&before.imports) {
                match (before, latest) {
                    (_, Some(latest)) => {
                        let of = &latest.import;
                        if next.get(&of.id).is_none_or(|other| other.import.account_id() == of.account_id()) {
                            next.imports.put(Arc::clone(latest));
                        }
                    }
                    (Some(gone), None) => next.drop_of(&gone.import, parts),
                    (None, None) => {}
                }
            }
        }
        let parts = || parts.iter().map(|(_, now)| *now);
        next.health = health(parts);
        if parts().any(|part| !part.unexpected.is_empty()) {
            let mut unexpected = BTreeMap::<_, u64>::new();
            for (what, times) in parts().flat_map(|part| part.unexpected.iter()) {
                let sum = unexpected.entry(what.clone()).or_default();
                *sum = sum.saturating_add(*times);
            }
            next.unexpected = Arc::new(unexpected);
        }
        next
    }

    /// Drops an import that an account no longer sees; another that sees it takes its place.
    fn drop_of(&mut self, gone: &Import, parts: &[(&Self, &Self)]) {
        let id = &gone.id;
        if self.get(id).is_none_or(|listed| listed.import.account_id() != gone.account_id()) {
            return;
        }
        match parts.iter().find_map(|(_, now)| now.get(id)) {
            Some(other) => self.imports.put(Arc::clone(other)),
            None => self.imports.remove(id),
        }
    }

    /// What is known of an account that is polled.
    pub fn account_state(&self, id: &AccountId) -> Option<&AccountState> {
        self.accounts.iter().find(|state| state.account.id == *id)
    }

    /// What is known of the account that sees an import.
    pub fn account_of(&self, import: &Import) -> Option<&AccountState> {
        self.account_state(import.account_id()?)
    }

    /// The accounts whose imports are listed.
    pub fn listed(&self) -> impl Iterator<Item = &AccountState> {
        self.accounts.iter().filter(|state| state.listed)
    }

    /// Whether imports of several accounts are listed.
    pub fn is_of_several(&self) -> bool {
        self.listed().nth(1).is_some()
    }

    /// How many full passes there were over the imports that this one belongs to, and when the newest of them was created.
    pub(in crate::domain) fn known_of(&self, import: &Import) -> (u64, Option<Timestamp>) {
        match self.account_of(import) {
            Some(state) => (state.full_passes, state.newest),
            None => {
                let newest = self.imports.iter().next();
                (self.health.full_passes, newest.and_then(|watched| watched.import.created_at))
            }
        }
    }
}

/// The state of several connections as one: live where any is.
fn health<'s, P: Iterator<Item = &'s Snapshot>>(parts: impl Fn() -> P) -> Health {
    let healths = || parts().map(|part| &part.health);
    let sum = |of: fn(&Health) -> Option<u64>| healths().map(of).fold(None, plus);
    let passed = |health: &&Health| matches!(health.link, LinkState::Live | LinkState::Connecting);
    let loading = healths().filter(passed).filter_map(|health| health.loading);
    let loading = loading.reduce(|(loaded, total), (more, of)| {
        (loaded + more, total.zip(of).map(|(total, of)| total.saturating_add(of)))
    });
    let latest = healths().max_by_key(|health| health.last_answer);
    let passes = healths().filter(passed).map(|health| health.full_passes).min();
    Health {
        link: link(healths),
        paused: healths().any(|health| health.paused),
        last_answer: latest.and_then(|health| health.last_answer),
        budget: latest.and_then(|health| health.budget),
        loading,
        missing: sum(|health| health.missing),
        older: if healths().all(|health| health.older.is_some()) { sum(|health| health.older) } else { None },
        full_passes: passes.unwrap_or_else(|| healths().map(|health| health.full_passes).min().unwrap_or(0)),
        polls: healths().map(|health| health.polls).sum(),
    }
}

fn plus(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (one, other) => one.or(other),
    }
}

fn link<'h, H: Iterator<Item = &'h Health>>(healths: impl Fn() -> H) -> LinkState {
    let first =
        |wanted: fn(&LinkState) -> bool| healths().map(|health| &health.link).find(|link| wanted(link));
    let retrying = healths().filter_map(|health| match &health.link {
        LinkState::Retrying { again_at, .. } => Some((*again_at, &health.link)),
        _ => None,
    });
    first(|link| *link == LinkState::Live)
        .or_else(|| first(|link| *link == LinkState::Connecting))
        .or_else(|| retrying.min_by_key(|(again_at, _)| *again_at).map(|(_, link)| link))
        .or_else(|| first(|_| true))
        .cloned()
        .unwrap_or_default()
}
