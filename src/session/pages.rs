//! The whole list of imports, page after page.

use std::collections::HashSet;
use std::fmt;

use super::connect::told;
use super::retry::Retry;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, ListRequest, Page};
use crate::domain::tally::grouped;
use crate::exit::{Exit, Failure};
use crate::output::stdout::Reader;

/// Imports on a page.
const PER_PAGE: u16 = 100;
/// Pages after which a list that never ends is given up.
const MAX_PAGES: usize = 2_000;

/// Fewer imports came than the server says there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    came: u64,
    total: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [came, total] = [self.came, self.total].map(grouped);
        write!(f, "incomplete list: {came} of {total} imports, on a second try as well")
    }
}

/// Asks for all pages, newest first, and hands out each with its number, from 1 on, until nobody wants more. Where fewer
/// imports came than the server says there are, once more: some may have come or gone meanwhile.
///
/// # Errors
/// A page cannot be had (`host` names the server), the list never ends, or `take` fails.
pub(crate) async fn pages<F: Future<Output = Result<Page, Fault>>>(
    host: &str,
    fetch: impl Fn(ListRequest) -> F,
    criteria: &Criteria,
    retry: &mut Retry,
    mut take: impl AsyncFnMut(usize, Page) -> Result<Reader, Failure>,
) -> Result<Option<Shortage>, Failure> {
    let mut came = HashSet::new();
    let mut shortage = None;
    for _ in 0..2 {
        let Some(total) = pass(host, &fetch, criteria, retry, &mut came, &mut take).await? else {
            return Ok(None);
        };
        let came = came.len() as u64;
        shortage = (came < total).then_some(Shortage { came, total });
        if shortage.is_none() {
            break;
        }
    }
    Ok(shortage)
}

/// One pass over all pages; the last total that the server said, `None` where it said none or nobody wants more.
async fn pass<F: Future<Output = Result<Page, Fault>>>(
    host: &str,
    fetch: &impl Fn(ListRequest) -> F,
    criteria: &Criteria,
    retry: &mut Retry,
    came: &mut HashSet<ImportId>,
    take: &mut impl AsyncFnMut(usize, Page) -> Result<Reader, Failure>,
) -> Result<Option<u64>, Failure> {
    let mut ask = ListRequest::Newest { criteria: criteria.clone(), per_page: PER_PAGE };
    let mut visited = HashSet::new();
    for number in 1..=MAX_PAGES {
        let mut page = retry.ask(|| fetch(ask.clone())).await.map_err(|fault| told(&fault, host))?;
        let next = page.next.take();
        let total = page.total;
        came.extend(page.imports.iter().map(|import| import.id.clone()));
        if take(number, page).await? == Reader::Gone {
            return Ok(None);
        }
        match next {
            None => return Ok(total),
            // A page that leads back is the last one: what is missing then, the total tells.
            Some(next) if !visited.insert(next.0.clone()) => match total {
                Some(_) => return Ok(total),
                None => break,
            },
            Some(next) => ask = ListRequest::Next(next),
        }
    }
    let message =
        format!("{host}: the list of imports never ends: ask for less of it with --since or --types");
    Err(Failure { message, exit: Exit::Unexpected })
}

/// How many pages there are, where the server says how many imports.
pub(crate) fn of(total: Option<u64>) -> Option<u64> {
    total.map(|total| total.div_ceil(PER_PAGE.into()))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::*;
    use crate::domain::snapshot::tests::import;

    /// A server of one page that says a total; how often it was asked, and what was missing.
    async fn asked(answers: &[(&[&str], Option<u64>)]) -> (usize, Option<String>) {
        let left = RefCell::new(answers.iter());
        let fetch = |_| {
            let (names, total) = left.borrow_mut().next().copied().unwrap();
            let imports = names.iter().map(|name| import(name, 9, "completed", (9, 0, 0))).collect();
            async move { Ok(Page { imports, total, ..Page::default() }) }
        };
        let mut retry = Retry::briefly(Duration::ZERO);
        let criteria = Criteria::default();
        let short = pages("host", fetch, &criteria, &mut retry, async |_, _| Ok(Reader::There)).await;
        (answers.len() - left.borrow().len(), short.unwrap().map(|short| short.to_string()))
    }

    #[tokio::test]
    async fn fewer_imports_than_the_server_says_are_looked_for_once_more_and_then_named() {
        let full: (&[&str], _) = (&["a", "b"], Some(2));
        let short: (&[&str], _) = (&["a", "b"], Some(1_200));
        assert_eq!(asked(&[full, full]).await, (1, None));
        assert_eq!(asked(&[(&["a"], None), full]).await, (1, None), "no total");
        assert_eq!(asked(&[(&["a"], Some(2)), (&["b"], Some(2))]).await, (2, None), "one slipped");
        assert_eq!(asked(&[short, (&["a", "b"], Some(2))]).await, (2, None), "some went");
        let words = "incomplete list: 2 of 1,200 imports, on a second try as well";
        assert_eq!(asked(&[short, short, full]).await, (2, Some(words.to_owned())));
    }
}
