//! The whole list of imports, page after page.

use std::collections::HashSet;
use std::fmt;
use std::ops::RangeInclusive;

use super::retry::Retry;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, ListRequest, NextPage, Page, Pagination, Samples};
use crate::domain::tally::grouped;
use crate::exit::{Exit, Failure};
use crate::output::stdout::Reader;

/// Imports on a page: as each request counts against the rate limit, not fewer; not more, as a response has 64 MiB at most, and
/// a wide sample of failed rows nearly 256 kB.
const PER_PAGE: RangeInclusive<u16> = 100..=250;

/// Why the list may lack imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortage {
    /// Fewer arrived than the server's total.
    Missing { came: u64, total: u64 },
    /// It continues with empty pages.
    EndsEmpty,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { came, total } => {
                let [came, total] = [*came, *total].map(grouped);
                write!(f, "incomplete list: {came} of {total} imports, even on a second attempt")
            }
            Self::EndsEmpty => f.write_str(Pagination::ENDS_EMPTY),
        }
    }
}

/// Requests all pages, newest first, and passes each with its number, from 1, to `take` until that wants no more. If
/// fewer imports arrived than the server's total, once more: some may have been added or deleted meanwhile. Leaves out
/// the samples of failed rows.
///
/// # Errors
/// A page cannot be fetched (`host` names the server), the list never ends, or `take` fails.
pub(crate) async fn pages<F: Future<Output = Result<Page, Fault>>>(
    host: &str,
    fetch: impl Fn(ListRequest) -> F,
    criteria: &Criteria,
    per_page: u16,
    retry: &mut Retry,
    mut take: impl AsyncFnMut(usize, Page) -> Result<Reader, Failure>,
) -> Result<Option<Shortage>, Failure> {
    let first = ListRequest::newest(criteria.clone(), per_page).keeping(Samples::None);
    let mut came = HashSet::new();
    let mut shortage = None;
    for _ in 0..2 {
        let total = match pass(host, &fetch, first.clone(), retry, &mut came, &mut take).await? {
            Passed::Whole(Some(total)) => total,
            Passed::Whole(None) => return Ok(None),
            Passed::EndsEmpty => return Ok(Some(Shortage::EndsEmpty)),
        };
        let came = came.len() as u64;
        shortage = (came < total).then_some(Shortage::Missing { came, total });
        if shortage.is_none() {
            break;
        }
    }
    Ok(shortage)
}

enum Passed {
    /// At the last page: the server's last total, `None` if it gave none or `take` wants no more.
    Whole(Option<u64>),
    /// With empty pages.
    EndsEmpty,
}

/// One pass over all pages.
async fn pass<F: Future<Output = Result<Page, Fault>>>(
    host: &str,
    fetch: &impl Fn(ListRequest) -> F,
    mut request: ListRequest,
    retry: &mut Retry,
    came: &mut HashSet<ImportId>,
    take: &mut impl AsyncFnMut(usize, Page) -> Result<Reader, Failure>,
) -> Result<Passed, Failure> {
    let mut pagination = Pagination::default();
    for number in 1.. {
        let page = retry.send(|| fetch(request.clone())).await.map_err(|fault| Failure::of(&fault, host))?;
        let following = pagination.after(&page);
        let total = page.total;
        came.extend(page.imports.iter().map(|import| import.id.clone()));
        if take(number, page).await? == Reader::Closed {
            return Ok(Passed::Whole(None));
        }
        match following {
            NextPage::At(next) => request = ListRequest::next(next).keeping(Samples::None),
            NextPage::End => return Ok(Passed::Whole(total)),
            // A page that links back is the last one; the total shows what is missing.
            NextPage::Loop if total.is_some() => return Ok(Passed::Whole(total)),
            NextPage::OnlyEmpty => return Ok(Passed::EndsEmpty),
            NextPage::Loop | NextPage::TooMany => break,
        }
    }
    let message = format!("{host}: the list of imports never ends: narrow it with --since or --types");
    Err(Failure { message, exit: Exit::Unexpected })
}

/// How many imports to request on a page where the first so many are wanted, or all.
pub(crate) fn page_size(wanted: Option<usize>) -> u16 {
    let wanted = wanted.and_then(|wanted| u16::try_from(wanted).ok()).unwrap_or(u16::MAX);
    wanted.clamp(*PER_PAGE.start(), *PER_PAGE.end())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::domain::page::Cursor;
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
        let short = pages("host", fetch, &criteria, 100, &mut retry, async |_, _| Ok(Reader::Open)).await;
        (answers.len() - left.borrow().len(), short.unwrap().map(|short| short.to_string()))
    }

    #[tokio::test]
    async fn missing_imports_are_requested_once_more_and_then_reported() {
        let full: (&[&str], _) = (&["a", "b"], Some(2));
        let short: (&[&str], _) = (&["a", "b"], Some(1_200));
        assert_eq!(asked(&[full, full]).await, (1, None));
        assert_eq!(asked(&[(&["a"], None), full]).await, (1, None), "no total");
        assert_eq!(asked(&[(&["a"], Some(2)), (&["b"], Some(2))]).await, (2, None), "one slipped");
        assert_eq!(asked(&[short, (&["a", "b"], Some(2))]).await, (2, None), "some went");
        let message = "incomplete list: 2 of 1,200 imports, even on a second attempt";
        assert_eq!(asked(&[short, short, full]).await, (2, Some(message.to_owned())));
    }

    #[tokio::test]
    async fn pages_are_requested_without_samples_and_end_where_only_empty_ones_follow() {
        let asked = RefCell::new(0);
        let fetch = |request: ListRequest| {
            assert_eq!(request.samples(), Samples::None);
            *asked.borrow_mut() += 1;
            let nth = *asked.borrow();
            let imports = if nth == 1 { vec![import("a", 9, "completed", (9, 0, 9))] } else { Vec::new() };
            let next = Url::parse(&format!("https://plannr.example/?page={nth}")).unwrap();
            async move { Ok(Page { imports, next: Some(Cursor(next)), ..Page::default() }) }
        };
        let take = async |_, _| Ok(Reader::Open);
        let mut retry = Retry::briefly(Duration::ZERO);
        let short = pages("host", fetch, &Criteria::default(), 100, &mut retry, take).await.unwrap();
        assert_eq!(short, Some(Shortage::EndsEmpty));
        assert_eq!(asked.into_inner(), 4, "one with an import, and three without");
    }

    #[test]
    fn pages_are_as_large_as_what_is_wanted() {
        let table = [(None, 250), (Some(1), 100), (Some(150), 150), (Some(251), 250), (Some(100_000), 250)];
        for (wanted, expected) in table {
            assert_eq!(page_size(wanted), expected, "{wanted:?}");
        }
    }
}
