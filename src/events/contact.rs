//! Whether the server answers, and for whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::Now;
use crate::domain::account::{Account, AccountId};
use crate::domain::fault::Fault;
use crate::domain::snapshot::{LinkState, Snapshot};

/// How long polls fail before that is worth an event.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
pub(super) struct Contact {
    /// The accounts whose polls fail, and since when (`Now::up`).
    failing: BTreeMap<AccountId, Duration>,
    /// Of whom it was said that they are offline, and when; `None`: all of several.
    offline: BTreeMap<Option<AccountId>, Duration>,
}

/// A change of the connection: of one account, or of all of several.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    Offline(Option<Arc<Account>>, Fault),
    /// After so long.
    Online(Option<Arc<Account>>, Duration),
}

impl Contact {
    pub(super) fn observe(&mut self, snapshot: &Snapshot, now: Now) -> Vec<Change> {
        let faults: BTreeMap<AccountId, &Fault> = snapshot
            .listed()
            .filter_map(|state| match &state.link {
                LinkState::Retrying { fault, .. } | LinkState::Stopped { fault } => {
                    Some((state.account.id.clone(), fault))
                }
                LinkState::Connecting | LinkState::Live => None,
            })
            .collect();
        self.failing.retain(|id, _| faults.contains_key(id));
        for id in faults.keys() {
            self.failing.entry(id.clone()).or_insert(now.up);
        }
        let long = |id: &AccountId| self.failing.get(id).is_some_and(|since| now.since(*since) >= PATIENCE);
        let mut offline: BTreeSet<Option<AccountId>> =
            faults.keys().filter(|id| long(id)).cloned().map(Some).collect();
        let all = snapshot.is_of_several() && offline.len() == snapshot.listed().count();
        if all {
            offline = [None].into();
        }
        let account = |id: &Option<AccountId>| {
            id.as_ref().and_then(|id| snapshot.account_state(id)).map(|state| Arc::clone(&state.account))
        };
        let mut changes = Vec::new();
        let back: Vec<_> = self.offline.keys().filter(|id| !offline.contains(*id)).cloned().collect();
        for id in back {
            let since = self.offline.remove(&id).unwrap_or(now.up);
            let is_listed = id.as_ref().is_none_or(|id| snapshot.account_state(id).is_some());
            // One that is offline with all the others now is not back.
            if !all && is_listed {
                changes.push(Change::Online(account(&id), now.since(since)));
            }
        }
        for id in offline {
            let fault = match &id {
                Some(id) => faults.get(id),
                None => faults.values().next(),
            };
            if let (false, Some(fault)) = (self.offline.contains_key(&id), fault) {
                changes.push(Change::Offline(account(&id), (*fault).clone()));
                self.offline.insert(id, now.up);
            }
        }
        changes
    }

    /// When (`Now::up`) an account that fails now will have failed for long enough.
    pub(super) fn due(&self) -> Option<Duration> {
        let said =
            |id: &AccountId| self.offline.contains_key(&Some(id.clone())) || self.offline.contains_key(&None);
        self.failing.iter().filter(|(id, _)| !said(id)).map(|(_, since)| *since + PATIENCE).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::snapshot::AccountState;
    use crate::domain::snapshot::tests::now;

    /// A snapshot in which those accounts answer or not.
    fn snapshot(links: &[(&str, bool)]) -> Snapshot {
        let state = |(id, answers): &(&str, bool)| {
            let account = Arc::new(Account::unnamed(AccountId::new(id).unwrap()));
            let fault = Fault::TimedOut;
            let link = match answers {
                true => LinkState::Live,
                false => LinkState::Retrying { fault, attempt: 1, again_at: Duration::ZERO },
            };
            AccountState { link, ..AccountState::new(account, true) }
        };
        let mut snapshot = Snapshot::default();
        snapshot.accounts = links.iter().map(state).collect();
        snapshot
    }

    /// What is said, second by second: `-a` where `a` is offline, `+a` where it is back, `-` and `+` for all.
    fn said(seconds: &[&[(&str, bool)]]) -> Vec<String> {
        let mut contact = Contact::default();
        let name = |account: &Option<Arc<Account>>| {
            account.as_ref().map(|account| account.id.to_string()).unwrap_or_default()
        };
        let text = |change: &Change| match change {
            Change::Offline(account, _) => format!("-{}", name(account)),
            Change::Online(account, _) => format!("+{}", name(account)),
        };
        let say = |(second, links): (usize, &&[(&str, bool)])| {
            let changes = contact.observe(&snapshot(links), now(second as u64));
            changes.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        seconds.iter().enumerate().map(say).collect()
    }

    #[test]
    fn offline_is_said_after_three_seconds_and_online_only_after_it() {
        let (up, down): (&[_], &[_]) = (&[("a", true)], &[("a", false)]);
        assert_eq!(
            said(&[up, down, down, up, down, down, down, down, down, up]),
            ["", "", "", "", "", "", "", "-a", "", "+a"]
        );
    }

    #[test]
    fn an_outage_of_all_firms_is_one_event() {
        let (none, a, both): (&[_], &[_], &[_]) =
            (&[("a", true), ("b", true)], &[("a", false), ("b", true)], &[("a", false), ("b", false)]);
        assert_eq!(said(&[none, both, both, both, both, none]), ["", "", "", "", "-", "+"]);
        let first_one = [a, a, a, a, both, both, both, both, a, none];
        assert_eq!(said(&first_one), ["", "", "", "-a", "", "", "", "-", "+ -a", "+a"]);
    }
}
