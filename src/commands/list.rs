//! `plannr-tui list`: the imports, printed once.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use super::gather::{PageNumber, gather, query};
use crate::cli::{ListArgs, sort_names, sortable};
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::text::SafeText;
use crate::exit::Exit;
use crate::output::printer::Printer;
use crate::output::stdout::{Reader, eprint, print, write};
use crate::query::{Sort, SortKey};
use crate::session::connect::TransientLine;
use crate::session::once::signed_in;
use crate::session::retry::Retry;

/// The order of several accounts' imports, as the server gives one account's.
pub(super) const NEWEST_FIRST: Sort = Sort { key: SortKey::Created, reversed: false };

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    args: &ListArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let columns = args.columns.as_ref().map(|list| list.0.clone());
    let mut printer = Printer::new(settings, args.format, columns)?;
    let sort = sort(args);
    let query = query(&settings.filter)?;
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, servers, Server::wanted, retry, async |connected, retry| {
        let of_several = connected.accounts.len() > 1;
        printer.show_firms(of_several);
        // Several lists are put in one order first.
        let streams = sort.is_none() && !of_several && printer.streams();
        let mut line = PageLine::default();
        if streams && write(printer.header()).await? == Reader::Closed {
            return Ok(Exit::Success);
        }
        let wanted = (query, args.limit);
        let gathered = gather(&connected, settings, wanted, retry, &clock, async |page, found| {
            line.show(page);
            if !streams || found.is_empty() {
                return Ok(Reader::Open);
            }
            line.clear();
            write(printer.imports(found, clock())).await
        });
        let gathered = gathered.await?;
        drop(line);
        let mut imports: Vec<_> = gathered.lists.iter().flat_map(|list| &list.found).cloned().collect();
        if of_several {
            imports = NEWEST_FIRST.arranged(&imports);
            imports.truncate(args.limit.unwrap_or(usize::MAX));
        }
        if let Some(sort) = sort {
            imports = sort.arranged(&imports);
        }
        if !streams {
            print(printer.header() + &printer.imports(&imports, clock())).await?;
        }
        if imports.is_empty() && gathered.missing.is_empty() && connected.missing.is_empty() {
            eprint(&nothing(settings, gathered.returned()));
        }
        let missing = || connected.missing.iter().chain(&gathered.missing);
        missing().for_each(|failure| eprint(&failure.message));
        Ok(missing().next().map_or(Exit::Success, |failure| failure.exit))
    })
}

fn sort(args: &ListArgs) -> Option<Sort> {
    let Some(wanted) = args.sort.as_deref() else {
        return args.reverse.then(|| NEWEST_FIRST.reverse());
    };
    let is_wanted = |key: &SortKey| {
        let (name, alias) = sort_names(*key);
        wanted == name || alias == Some(wanted)
    };
    let key = sortable().find(is_wanted)?;
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
    match narrowing(settings)[..] {
        [] => format!("no imports {period}"),
        ref flags => format!("no imports {period} match {}", flags.join(", ")),
    }
}

/// What leaves imports out, the period aside.
pub(super) fn narrowing(settings: &Settings) -> Vec<&'static str> {
    let criteria = &settings.criteria;
    let narrowed = [
        (!criteria.types.is_empty(), "--types"),
        (!criteria.exclude_types.is_empty(), "--exclude-types"),
        (!criteria.modes.is_empty(), "--modes"),
        (!criteria.statuses.is_empty(), "--statuses"),
        (criteria.initiated_by.is_some(), "--initiated-by"),
        (!settings.filter.is_empty(), "--filter"),
    ];
    narrowed.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
}

/// Which page is requested next, on standard error if that is a terminal.
#[derive(Debug, Default)]
struct PageLine {
    line: Option<TransientLine>,
}

impl PageLine {
    fn show(&mut self, page: Option<PageNumber>) {
        let Some((number, pages)) = page else { return self.clear() };
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
