//! `plannr-tui list`: the imports, printed once.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::cli::{ListArgs, sortable};
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::account::Account;
use crate::domain::import::ImportId;
use crate::domain::page::Page;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::output::printer::Printer;
use crate::output::stdout::{Reader, eprint, write};
use crate::query::{Matching, Query, Sort};
use crate::session::connect::TransientLine;
use crate::session::once::signed_in;
use crate::session::pages::{page_count, pages};
use crate::session::retry::Retry;

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    args: &ListArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let columns = args.columns.as_ref().map(|list| list.0.clone());
    let printer = Printer::new(settings, args.format, columns)?;
    let sort = sort(args);
    let mut collected = Collected::new(query(&settings.filter)?, args.limit);
    signed_in(settings, server, Retry::briefly(args.retry.retry_for), async |connected, retry| {
        let client = &connected.client;
        collected.sign_in(connected.accounts.first());
        let streams = sort.is_none() && printer.streams();
        let mut line = PageLine::default();
        if streams && write(printer.header()).await? == Reader::Closed {
            return Ok(Exit::Success);
        }
        let mut imports = Vec::new();
        let short = pages(
            client.base().host(),
            |request| async move { client.list(&request).await },
            &settings.criteria,
            retry,
            async |number, page| {
                line.show(number, page_count(page.total));
                let now = clock();
                collected.take(page, now);
                let ready = collected.ready(now);
                let mut reader = Reader::Open;
                if streams && !ready.is_empty() {
                    line.clear();
                    reader = write(printer.imports(&ready, now)).await?;
                } else {
                    imports.extend(ready);
                }
                Ok(if collected.is_full() { Reader::Closed } else { reader })
            },
        )
        .await?;
        drop(line);
        let now = clock();
        imports.extend(collected.rest(now));
        if let Some(sort) = sort {
            sort.arrange(&mut imports);
        }
        let header = if streams { String::new() } else { printer.header() };
        let reader = write(header + &printer.imports(&imports, now)).await?;
        if collected.found == 0 {
            eprint(&nothing(settings, collected.snapshot.imports.len()));
        }
        match short.filter(|_| reader == Reader::Open) {
            None => Ok(Exit::Success),
            Some(short) => {
                eprint(&format!("{}: {short}", client.base().host()));
                Ok(Exit::Unavailable)
            }
        }
    })
}

fn sort(args: &ListArgs) -> Option<Sort> {
    let wanted = args.sort.as_deref()?;
    let key = sortable().find(|key| key.label() == wanted)?;
    Some(Sort { key, reversed: args.reverse })
}

/// Why there is nothing to print: what restricts the list, of which the server returned so many.
fn nothing(settings: &Settings, returned: usize) -> String {
    let criteria = &settings.criteria;
    let until = criteria.until.map(|day| format!(" until {day}")).unwrap_or_default();
    let period = match criteria.since {
        Some(day) => format!("created since {day}{until}"),
        None => format!("created{until}"),
    };
    if returned > 0 {
        let filter = SafeText::new(&settings.filter);
        return match returned {
            1 => format!("the only import {period} does not match the filter {filter}"),
            _ => format!("none of the {returned} imports {period} matches the filter {filter}"),
        };
    }
    let narrowed = [
        (!criteria.types.is_empty(), "--types"),
        (!criteria.exclude_types.is_empty(), "--exclude-types"),
        (!criteria.modes.is_empty(), "--modes"),
        (!criteria.statuses.is_empty(), "--statuses"),
        (criteria.initiated_by.is_some(), "--initiated-by"),
    ];
    let flags: Vec<_> = narrowed.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect();
    match flags[..] {
        [] => format!("no imports {period}"),
        _ => format!("no imports {period} match {}", flags.join(", ")),
    }
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
    /// All imports that match, or the first so many.
    pub(super) fn new(query: Query, limit: Option<usize>) -> Self {
        Self {
            snapshot: Snapshot::default(),
            query,
            matching: Matching::default(),
            waiting: Vec::new(),
            found: 0,
            limit,
        }
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.found >= limit)
    }

    /// Whose imports follow.
    pub(super) fn sign_in(&mut self, account: Option<&Arc<Account>>) {
        self.snapshot.account = account.cloned();
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
        let found = found.filter(|watched| self.query.matches(watched, now, &mut self.matching));
        let found: Vec<_> = found.take(left).cloned().collect();
        self.found += found.len();
        found
    }

    pub(super) fn into_snapshot(self) -> Snapshot {
        self.snapshot
    }
}

/// Which page is requested next, on standard error if that is a terminal.
#[derive(Debug, Default)]
struct PageLine {
    line: Option<TransientLine>,
}

impl PageLine {
    fn show(&mut self, number: usize, pages: Option<u64>) {
        let more = pages.is_none_or(|pages| pages > number as u64);
        if !more || !std::io::stderr().is_terminal() {
            return self.clear();
        }
        let of = pages.map(|pages| format!(" of {pages}")).unwrap_or_default();
        self.clear();
        self.line = Some(TransientLine::show(&format!("Page {}{of}", number + 1)));
    }

    fn clear(&mut self) {
        self.line = None;
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
        let numbers = |w: &Arc<Watched>| (w.import.id.to_string(), w.tally.failed(), w.tally.pending());
        watched.iter().map(numbers).collect()
    }

    #[test]
    fn nothing_is_printed_before_its_numbers_can_be_read() {
        let mut collected = Collected::new(Query::default(), None);
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
        let mut collected = Collected::new(Query::parse("failed:>0", &TimeZone::UTC).unwrap(), None);
        let (old, new) =
            (import("old", 99, "completed", (4, 1, 1)), import("new", 9, "completed", (4, 2, 2)));
        collected.take(page([old, import("fine", 50, "completed", (4, 0, 0)), new]), now(0));
        assert_eq!(numbers(&collected.rest(now(0))), [("old".into(), 1, 0), ("new".into(), 2, 0)]);
    }

    #[test]
    fn a_limit_counts_what_matches_over_all_pages() {
        let query = Query::parse("failed:>0", &TimeZone::UTC).unwrap();
        let mut collected = Collected::new(query, Some(2));
        let failed = |name: &str| import(name, 9, "completed", (4, 1, 1));
        collected.take(page([import("fine", 9, "completed", (4, 0, 0)), failed("a")]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), [("a".into(), 1, 0)]);
        assert!(!collected.is_full());
        collected.take(page([failed("b"), failed("c")]), now(0));
        assert_eq!(numbers(&collected.ready(now(0))), [("b".into(), 1, 0)]);
        assert!(collected.is_full() && collected.rest(now(0)).is_empty());
    }
}
