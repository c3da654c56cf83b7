//! What is asked of the import list, and what one answer holds.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::import::{Import, ImportId};
use super::text::SafeText;

/// What the user narrowed the list to; empty lists mean everything. The server does the narrowing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Criteria {
    /// `filter[types]`.
    pub types: Vec<String>,
    /// `filter[exclude_types]`.
    pub exclude_types: Vec<String>,
    /// `filter[modes]`.
    pub modes: Vec<String>,
    /// `filter[statuses]`.
    pub statuses: Vec<String>,
    /// `filter[date_from]`: created on or after.
    pub since: Option<Date>,
    /// `filter[date_to]`: created on or before.
    pub until: Option<Date>,
    /// `filter[initiated_by]`: uuid of an employee.
    pub initiated_by: Option<String>,
}

/// One request to `GET /api/v1/import`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListRequest {
    /// The first page by `created_at`, newest first, with who started each import.
    Newest {
        /// What the user narrowed the list to.
        criteria: Criteria,
        /// Imports on a page, 1 to 500.
        per_page: u16,
    },
    /// The page that an earlier answer points to.
    Next(Cursor),
    /// Exactly these imports (`filter[uuid]`), whatever the criteria; at most [`ListRequest::MAX_IDS`].
    These(Vec<ImportId>),
}

impl ListRequest {
    /// How many uuids fit into one URL with room to spare.
    pub const MAX_IDS: usize = 100;
}

/// Where the next page is: `links.next`, opaque, checked to be on the configured server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Url);

/// The pages behind this one, by number, as the server's own links and `meta` tell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number of the next page.
    pub next: u32,
    /// The number of the last page; not below `next`.
    pub last: u32,
    link: Url,
}

impl Numbered {
    /// The pages from `next` to `last`; `link` is `links.next` of the answer to `asked`. `None` where the link or the
    /// numbers tell no such pages, and where the link carries anything else that `asked` did not: it may differ from
    /// page to page.
    pub fn new(link: &Cursor, asked: &Url, last: u32) -> Option<Self> {
        let mut pages = link.0.query_pairs().filter(|(name, _)| name == "page");
        let next = pages.next()?.1.parse().ok().filter(|next| (2..=last).contains(next))?;
        let only = pages.next().is_none();
        // The server may allow fewer on a page than were asked for, the same number on each.
        let varies = |name: &str| matches!(name, "page" | "per_page");
        let steady = link.0.query_pairs().filter(|(name, _)| !varies(name));
        let known = steady.clone().all(|pair| asked.query_pairs().any(|other| other == pair));
        (only && known).then(|| Self { next, last, link: link.0.clone() })
    }

    /// The link to a page: the server's own, letter by letter, with another number.
    pub fn page(&self, number: u32) -> Cursor {
        let mut url = self.link.clone();
        let parts = self.link.query().unwrap_or_default().split('&').map(|part| {
            let is_page = part == "page" || part.starts_with("page=");
            if is_page { format!("page={number}") } else { part.to_owned() }
        });
        url.set_query(Some(&parts.collect::<Vec<_>>().join("&")));
        Cursor(url)
    }
}

/// One answer of the import list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The imports that could be read, in the server's order.
    pub imports: Vec<Import>,
    /// The next page, if there is one.
    pub next: Option<Cursor>,
    /// All pages behind it, where the server numbers them.
    pub numbered: Option<Numbered>,
    /// `meta.total`: imports on all pages.
    pub total: Option<u64>,
    /// What was not as documented, one entry for each kind of oddity on this page.
    pub oddities: Vec<Oddity>,
    /// `X-Ratelimit-Remaining`: requests left in this minute.
    pub budget: Option<u32>,
    /// `Date`: the time of day by the server's clock, which the imports' dates are of.
    pub server_time: Option<Timestamp>,
}

/// How a list goes on from page to page, and when it is over: one that never ends does end here.
#[derive(Debug, Default)]
pub struct Walk {
    visited: HashSet<Url>,
    /// Pages in a row that hold no import.
    empty: u8,
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onward {
    /// This page.
    To(Cursor),
    /// Nothing: it was the last one.
    End,
    /// It leads back to one that was there before.
    Back,
    /// It is one of [`Walk::EMPTY`] in a row that hold no import and go on all the same.
    Empty,
    /// Something, but there were [`Walk::MOST`] pages already.
    Endless,
}

impl Walk {
    /// Pages after which a list that never ends is left alone.
    pub const MOST: usize = 2_000;
    /// Pages without an import after which nothing more is expected.
    pub const EMPTY: u8 = 3;
    /// What is said of a list that ends with empty pages.
    pub const ENDS_EMPTY: &str =
        "incomplete list: three pages in a row hold no import, and the server names another";

    /// Goes on behind a page.
    pub fn onward(&mut self, page: &Page) -> Onward {
        self.empty = if page.imports.is_empty() { self.empty.saturating_add(1) } else { 0 };
        match &page.next {
            None => Onward::End,
            Some(_) if self.empty >= Self::EMPTY => Onward::Empty,
            Some(_) if self.visited.len() >= Self::MOST => Onward::Endless,
            Some(next) if self.visited.insert(next.0.clone()) => Onward::To(next.clone()),
            Some(_) => Onward::Back,
        }
    }
}

/// Something in an answer that was not as documented and was survived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oddity {
    /// Where and what, for instance `total_jobs: a word instead of a number`. Holds no client data.
    pub what: SafeText,
    /// How often on this page.
    pub times: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::snapshot::tests::import;

    #[test]
    fn a_list_ends_even_where_the_server_never_ends_it() {
        let page = |imports: usize, next: usize| Page {
            imports: vec![import("a", 9, "completed", (9, 0, 0)); imports],
            next: Some(Cursor(Url::parse(&format!("https://plannr.example/?page={next}")).unwrap())),
            ..Page::default()
        };
        let to = |next| Onward::To(page(0, next).next.unwrap());
        let mut walk = Walk::default();
        for (imports, next, onward) in [
            (1, 2, to(2)),
            (0, 3, to(3)),
            (0, 4, to(4)),
            (1, 5, to(5)),
            (1, 3, Onward::Back),
            (0, 6, to(6)),
            (0, 7, to(7)),
            (0, 8, Onward::Empty),
        ] {
            assert_eq!(walk.onward(&page(imports, next)), onward, "{imports} {next}");
        }
        assert_eq!(walk.onward(&Page::default()), Onward::End);
        let mut walk = Walk::default();
        let pages = (0..=Walk::MOST).map(|next| walk.onward(&page(1, next)));
        assert_eq!(pages.filter(|onward| *onward == Onward::Endless).count(), 1);
    }
}
