//! The whole list of imports, page after page.

use std::collections::HashSet;

use super::connect::told;
use super::output::Reader;
use super::retry::Retry;
use crate::domain::fault::Fault;
use crate::domain::page::{Ask, Criteria, Page};
use crate::exit::{Exit, Failure};

/// Imports on a page.
const PER_PAGE: u16 = 100;
/// Pages after which a list that never ends is given up.
const MAX_PAGES: usize = 2_000;

/// Asks for all pages, newest first, and hands out each with its number, from 1 on, until nobody wants more.
///
/// # Errors
/// A page cannot be had (`host` names the server), the list never ends, or `take` fails.
pub(super) async fn pages<F: Future<Output = Result<Page, Fault>>>(
    host: &str,
    fetch: impl Fn(Ask) -> F,
    criteria: &Criteria,
    retry: &mut Retry,
    mut take: impl AsyncFnMut(usize, Page) -> Result<Reader, Failure>,
) -> Result<(), Failure> {
    let mut ask = Ask::Newest { criteria: criteria.clone(), per_page: PER_PAGE };
    let mut visited = HashSet::new();
    for number in 1..=MAX_PAGES {
        let mut page = retry.ask(|| fetch(ask.clone())).await.map_err(|fault| told(&fault, host))?;
        let next = page.next.take();
        if take(number, page).await? == Reader::Gone {
            return Ok(());
        }
        match next {
            None => return Ok(()),
            Some(next) if !visited.insert(next.0.clone()) => break,
            Some(next) => ask = Ask::Next(next),
        }
    }
    let message =
        format!("{host}: the list of imports never ends: ask for less of it with --since or --types");
    Err(Failure { message, exit: Exit::Unexpected })
}

/// How many pages there are, where the server says how many imports.
pub(super) fn of(total: Option<u64>) -> Option<u64> {
    total.map(|total| total.div_ceil(PER_PAGE.into()))
}
