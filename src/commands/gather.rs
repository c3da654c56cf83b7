//! The imports that match, of one account or of several, from their whole lists.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::config::Settings;
use crate::domain::Now;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{Snapshot, Watched};
use crate::exit::{Exit, Failure};
use crate::output::stdout::Reader;
use crate::query::{Listed, Matching, Query};
use crate::session::connect::Connected;
use crate::session::connections::Connection;
use crate::session::pages::{page_size, pages};
use crate::session::retry::Retry;

/// What the lists of all accounts have.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// In the order of the accounts.
    pub(super) lists: Vec<AccountList>,
    /// Why imports are missing: of an account that refuses, or whose list is incomplete.
    pub(super) missing: Vec<Failure>,
}

#[derive(Debug)]
pub(super) struct AccountList {
    /// All that the server returned.
    pub(super) snapshot: Snapshot,
    /// What matches and is in no list before this one, newest first.
    pub(super) found: Vec<Arc<Watched>>,
}

impl Gathered {
    /// How many imports the server returned.
    pub(super) fn returned(&self) -> usize {
        self.lists.iter().map(|list| list.snapshot.imports.len()).sum()
    }
}

/// Which page came, from 1, and how many there are if the server gives a total.
pub(super) type PageNumber = (usize, Option<u64>);

/// Requests the list of each account in turn. What matches goes to `take` page by page, as soon as its numbers can be
/// read, and at the end of the list without a page. Of several accounts one that fails is left out of what follows; two
/// that see one import have it once, under the first.
///
/// # Errors
/// The only account fails, the only token is rejected, or `take` fails.
pub(super) async fn gather(
    connected: &Connected,
    settings: &Settings,
    (query, limit): (Query, Option<usize>),
    retry: &mut Retry,
    clock: impl Fn() -> Now,
    mut take: impl AsyncFnMut(Option<PageNumber>, &[Arc<Watched>]) -> Result<Reader, Failure>,
) -> Result<Gathered, Failure> {
    let (mut gathered, mut seen) = (Gathered::default(), HashSet::new());
    for account in &connected.accounts {
        let Some(Connection { client, .. }) = &connected.acting_for(&account.id) else { continue };
        let is_only = connected.accounts.len() == 1 && connected.missing.is_empty();
        let name = if is_only { client.base().host() } else { account.firm_or_id() };
        let token_rejected = &Cell::new(false);
        let fetch = |request: ListRequest| async move {
            let response = client.list(&request).await;
            token_rejected.set(matches!(response, Err(Fault::Unauthenticated)));
            response
        };
        let mut collected =
            Collected::new(query.clone(), limit, Snapshot::default().seen_by(Arc::clone(account)));
        let mut found = Vec::new();
        let per_page = page_size(limit);
        let passed = pages(name, fetch, &settings.criteria, per_page, retry, async |number, page| {
            let (now, of) = (clock(), page.total.map(|total| total.div_ceil(per_page.into())));
            collected.take(page, now);
            let ready = collected.ready(now);
            let reader = take(Some((number, of)), &ready).await?;
            found.extend(ready);
            Ok(if collected.is_full() { Reader::Closed } else { reader })
        });
        let missing = match passed.await {
            Ok(short) => {
                short.map(|short| Failure { message: format!("{name}: {short}"), exit: Exit::Unavailable })
            }
            Err(failure) if is_only => return Err(failure),
            // Another profile has another token.
            Err(failure) if token_rejected.get() && !connected.connections.is_of_several() => {
                return Err(failure);
            }
            Err(failure) => Some(failure),
        };
        let rest = collected.rest(clock());
        let reader = take(None, &rest).await?;
        found.extend(rest);
        found.retain(|watched| seen.insert(watched.import.id.clone()));
        gathered.missing.extend(missing.filter(|_| reader == Reader::Open));
        gathered.lists.push(AccountList { snapshot: collected.snapshot, found });
    }
    Ok(gathered)
}

/// The filter, which was checked before.
pub(super) fn query(filter: &str) -> Result<Query, Failure> {
    Query::parse(filter, &TimeZone::system())
        .map_err(|mistake| Failure { message: format!("--filter: {mistake}"), exit: Exit::Usage })
}

/// The imports received so far, in the server's order.
#[derive(Debug)]
pub(super) struct Collected {
    snapshot: Snapshot,
    query: Query,
    matching: Matching,
    /// Received and not handed out yet.
    waiting: Vec<ImportId>,
    /// How many were handed out, and how many are wanted.
    found: usize,
    limit: Option<usize>,
}

impl Collected {
    /// All imports that match, or the first so many; `snapshot` is what they are added to.
    pub(super) fn new(query: Query, limit: Option<usize>, snapshot: Snapshot) -> Self {
        Self { snapshot, query, matching: Matching::default(), waiting: Vec::new(), found: 0, limit }
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.found >= limit)
    }

    /// Adds a page. An import that slipped onto it from the previous page counts once.
    pub(super) fn take(&mut self, page: Page, now: Now) {
        let mut new: Vec<ImportId> = Vec::new();
        for import in &page.imports {
            if self.snapshot.get(&import.id).is_none() && !new.contains(&import.id) {
                new.push(import.id.clone());
            }
        }
        self.snapshot = self.snapshot.absorb(page, now);
        self.waiting.append(&mut new);
    }

    /// What can be handed out already: nothing while a later page may still show that the server counts failures
    /// differently.
    fn ready(&mut self, now: Now) -> Vec<Arc<Watched>> {
        let depends =
            |id: &ImportId| self.snapshot.get(id).is_some_and(|watched| watched.depends_on_others());
        if self.waiting.iter().any(depends) {
            return Vec::new();
        }
        self.rest(now)
    }

    /// Everything not handed out yet.
    pub(super) fn rest(&mut self, now: Now) -> Vec<Arc<Watched>> {
        let ids = std::mem::take(&mut self.waiting);
        let left = self.limit.map_or(usize::MAX, |limit| limit.saturating_sub(self.found));
        let found = ids.iter().filter_map(|id| self.snapshot.get(id));
        let found =
            found.filter(|watched| self.query.matches(&Listed::from(*watched), now, &mut self.matching));
        let found: Vec<_> = found.take(left).cloned().collect();
        self.found += found.len();
        found
    }

    #[cfg(test)]
    pub(super) fn into_snapshot(self) -> Snapshot {
        self.snapshot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Import;
    use crate::domain::snapshot::tests::{import, now};

    fn page(imports: impl IntoIterator<Item = Import>) -> Page {
        Page { imports: imports.into_iter().collect(), ..Page::default() }
    }

    fn numbers(watched: &[Arc<Watched>]) -> Vec<(String, u64, u64)> {
        let numbers =
            |w: &Arc<Watched>| (w.import.id.to_string(), w.tally.failed(), w.tally.pending().unwrap());
        watched.iter().map(numbers).collect()
    }

    #[test]
    fn nothing_is_printed_before_its_numbers_can_be_read() {
        let mut collected = Collected::new(Query::default(), None, Snapshot::default());
        let running = import("a", 10, "processing", (100, 50, 0));
        collected.take(page([running, import("done", 15, "completed", (40, 4, 4))]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), [("a".into(), 0, 50), ("done".into(), 4, 0)]);
        // Ten failed: of the fifty that remain, or besides them?
        collected.take(page([import("b", 20, "processing", (100, 50, 10))]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), []);
        // These took their failures off, many of them. And `b` slipped onto this page.
        let others = (0..9).map(|nth| import(&format!("c{nth}"), 30, "completed", (100, 0, 10)));
        let b = import("b", 20, "processing", (100, 50, 10));
        collected.take(page([b].into_iter().chain(others)), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), []);
        let rest = numbers(&collected.rest(now(0)));
        assert_eq!((rest.len(), &rest[..2]), (10, &[("b".into(), 10, 50), ("c0".into(), 10, 0)][..]));
    }

    #[test]
    fn the_filter_chooses_and_the_server_orders() {
        let mut collected =
            Collected::new(Query::parse("failed:>0", &TimeZone::UTC).unwrap(), None, Snapshot::default());
        let (old, new) =
            (import("old", 99, "completed", (4, 1, 1)), import("new", 9, "completed", (4, 2, 2)));
        collected.take(page([old, import("fine", 50, "completed", (4, 0, 0)), new]), now(0));
        assert_eq!(numbers(&collected.rest(now(0))), [("old".into(), 1, 0), ("new".into(), 2, 0)]);
    }

    #[test]
    fn a_limit_counts_what_matches_over_all_pages() {
        let query = Query::parse("failed:>0", &TimeZone::UTC).unwrap();
        let mut collected = Collected::new(query, Some(2), Snapshot::default());
        let failed = |name: &str| import(name, 9, "completed", (4, 1, 1));
        collected.take(page([import("fine", 9, "completed", (4, 0, 0)), failed("a")]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), [("a".into(), 1, 0)]);
        assert!(!collected.is_full());
        collected.take(page([failed("b"), failed("c")]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), [("b".into(), 1, 0)]);
        assert!(collected.is_full() && collected.rest(now(0)).is_empty());
    }
}
