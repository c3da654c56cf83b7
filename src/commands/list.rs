//! `plannr-tui list`: the imports, printed once.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::api::Client;
use crate::cli::{ListArgs, sortable};
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::page::Page;
use crate::domain::snapshot::{Snapshot, Watched};
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
    let printer = Printer::new(settings, args.format)?;
    let sort = sort(args);
    let mut collected = Collected::new(query(&settings.filter)?);
    signed_in(settings, server, Retry::briefly(args.retry.retry_for), async |connected, retry| {
        let client = &connected.client;
        collected.sign_in(client);
        let streams = sort.is_none() && printer.streams();
        let mut line = PageLine::default();
        if streams && write(printer.header()).await? == Reader::Closed {
            return Ok(Exit::Success);
        }
        let short = pages(
            client.base().host(),
            |request| async move { client.list(&request).await },
            &settings.criteria,
            retry,
            async |number, page| {
                line.show(number, page_count(page.total));
                let now = clock();
                collected.take(page, now);
                let ready = if streams { collected.ready(now) } else { Vec::new() };
                if ready.is_empty() {
                    return Ok(Reader::Open);
                }
                line.clear();
                write(printer.imports(&ready, now)).await
            },
        )
        .await?;
        drop(line);
        let now = clock();
        let mut rest = collected.rest(now);
        if let Some(sort) = sort {
            sort.arrange(&mut rest);
        }
        let header = if streams { String::new() } else { printer.header() };
        let reader = write(header + &printer.imports(&rest, now)).await?;
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
}

impl Collected {
    pub(super) fn new(query: Query) -> Self {
        Self { snapshot: Snapshot::default(), query, matching: Matching::default(), waiting: Vec::new() }
    }

    /// Lets `by:me` mean the person whom this client acts for.
    pub(super) fn sign_in(&mut self, client: &Client) {
        self.query = std::mem::take(&mut self.query).signed_in_as(client.account().cloned());
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
        let found = ids.iter().filter_map(|id| self.snapshot.get(id));
        found.filter(|watched| self.query.matches(watched, now, &mut self.matching)).cloned().collect()
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
        let mut collected = Collected::new(Query::default());
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
        let mut collected = Collected::new(Query::parse("failed:>0", &TimeZone::UTC).unwrap());
        let (old, new) =
            (import("old", 99, "completed", (4, 1, 1)), import("new", 9, "completed", (4, 2, 2)));
        collected.take(page([old, import("fine", 50, "completed", (4, 0, 0)), new]), now(0));
        assert_eq!(numbers(&collected.rest(now(0))), [("old".into(), 1, 0), ("new".into(), 2, 0)]);
    }
}
