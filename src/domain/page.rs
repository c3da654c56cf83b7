//! Requests to the import list, and the pages that they return.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::import::{Import, ImportId};
use super::text::SafeText;

/// Filters that the server applies; empty lists mean everything.
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
        criteria: Criteria,
        /// Imports on a page, 1 to 500.
        per_page: u16,
        samples: Samples,
    },
    /// The page that an earlier response points to.
    Next { cursor: Cursor, samples: Samples },
    /// Exactly these imports (`filter[uuid]`), whatever the criteria; at most [`ListRequest::MAX_IDS`].
    These(Vec<ImportId>),
}

impl ListRequest {
    /// How many uuids safely fit into one URL.
    pub const MAX_IDS: usize = 100;

    pub fn newest(criteria: Criteria, per_page: u16) -> Self {
        Self::Newest { criteria, per_page, samples: Samples::All }
    }

    pub fn next(cursor: Cursor) -> Self {
        Self::Next { cursor, samples: Samples::All }
    }

    pub fn samples(&self) -> Samples {
        match self {
            Self::Newest { samples, .. } | Self::Next { samples, .. } => *samples,
            Self::These(_) => Samples::All,
        }
    }

    /// The same, keeping only these samples; of imports that are named each keeps its own.
    #[must_use]
    pub fn keeping(mut self, wanted: Samples) -> Self {
        if let Self::Newest { samples, .. } | Self::Next { samples, .. } = &mut self {
            *samples = wanted;
        }
        self
    }
}

/// Of which imports on a page the sample of failed rows is read. It takes many times what the rest of an import does, and
/// the show route sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    All,
    /// Of those that were created then or later.
    Since(Timestamp),
    None,
}

impl Samples {
    pub fn include(self, created_at: Option<Timestamp>) -> bool {
        match self {
            Self::All => true,
            // What has no date here may have one from before.
            Self::Since(oldest) => created_at.is_none_or(|created| created >= oldest),
            Self::None => false,
        }
    }
}

/// `links.next`: opaque, and checked to be on the configured server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Url);

/// The pages after this one by number, from the server's links and `meta`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub next: u32,
    /// Not below `next`.
    pub last: u32,
    link: Url,
}

impl Numbered {
    /// The pages from `next` to `last`; `link` is `links.next` of the response to `requested`. `None` if the link or the
    /// numbers do not describe such pages, and if the link has a parameter that `requested` had not: that may differ
    /// from page to page.
    pub fn new(link: &Cursor, requested: &Url, last: u32) -> Option<Self> {
        let mut pages = link.0.query_pairs().filter(|(name, _)| name == "page");
        let next = pages.next()?.1.parse().ok().filter(|next| (2..=last).contains(next))?;
        let only = pages.next().is_none();
        // The server may allow fewer per page than requested, the same number on each.
        let varies = |name: &str| matches!(name, "page" | "per_page");
        let steady = link.0.query_pairs().filter(|(name, _)| !varies(name));
        let known = steady.clone().all(|pair| requested.query_pairs().any(|other| other == pair));
        (only && known).then(|| Self { next, last, link: link.0.clone() })
    }

    /// The server's own link, unchanged but for the page number.
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

/// One response of the import list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Those that could be read, in the server's order.
    pub imports: Vec<Import>,
    pub next: Option<Cursor>,
    /// All following pages, if the server numbers them.
    pub numbered: Option<Numbered>,
    /// `meta.total`: imports on all pages.
    pub total: Option<u64>,
    /// Deviations from the documented format, one entry for each kind.
    pub unexpected: Vec<UnexpectedData>,
    /// `X-Ratelimit-Remaining`: requests left in this minute.
    pub budget: Option<u32>,
    /// `Date`: the time by the server's clock, which also sets the imports' dates.
    pub server_time: Option<Timestamp>,
}

/// Follows a list from page to page, and stops one that never ends.
#[derive(Debug, Clone, Default)]
pub struct Pagination {
    visited: HashSet<Url>,
    /// Consecutive pages without an import.
    empty: u8,
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextPage {
    At(Cursor),
    /// It was the last one.
    End,
    /// The link leads to a page that was visited before.
    Loop,
    /// [`Pagination::EMPTY`] pages in a row had no import, though the server links to another.
    OnlyEmpty,
    /// There were [`Pagination::MOST`] pages already.
    TooMany,
}

impl Pagination {
    /// Pages after which a list is no longer followed.
    pub const MOST: usize = 2_000;
    /// Consecutive pages without an import after which a list is no longer followed.
    pub const EMPTY: u8 = 3;
    /// The message about a list that ends with empty pages.
    pub const ENDS_EMPTY: &str = "the list is incomplete: three pages in a row are empty";

    pub fn after(&mut self, page: &Page) -> NextPage {
        self.empty = if page.imports.is_empty() { self.empty.saturating_add(1) } else { 0 };
        match &page.next {
            None => NextPage::End,
            Some(_) if self.empty >= Self::EMPTY => NextPage::OnlyEmpty,
            Some(_) if self.visited.len() >= Self::MOST => NextPage::TooMany,
            Some(next) if self.visited.insert(next.0.clone()) => NextPage::At(next.clone()),
            Some(_) => NextPage::Loop,
        }
    }
}

/// Something in a response that was not as documented and could be worked around.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnexpectedData {
    /// Where and what, for instance `total_jobs is a string`. Contains no client data.
    pub what: SafeText,
    /// How often in this response.
    pub times: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::snapshot::tests::import;

    #[test]
    fn a_list_that_never_ends_is_stopped() {
        let page = |imports: usize, next: usize| Page {
            imports: vec![import("a", 9, "completed", (9, 0, 0)); imports],
            next: Some(Cursor(Url::parse(&format!("https://plannr.example/?page={next}")).unwrap())),
            ..Page::default()
        };
        let to = |next| NextPage::At(page(0, next).next.unwrap());
        let mut pagination = Pagination::default();
        for (imports, next, expected) in [
            (1, 2, to(2)),
            (0, 3, to(3)),
            (0, 4, to(4)),
            (1, 5, to(5)),
            (1, 3, NextPage::Loop),
            (0, 6, to(6)),
            (0, 7, to(7)),
            (0, 8, NextPage::OnlyEmpty),
        ] {
            assert_eq!(pagination.after(&page(imports, next)), expected, "{imports} {next}");
        }
        assert_eq!(pagination.after(&Page::default()), NextPage::End);
        let mut pagination = Pagination::default();
        let pages = (0..=Pagination::MOST).map(|next| pagination.after(&page(1, next)));
        assert_eq!(pages.filter(|next| *next == NextPage::TooMany).count(), 1);
    }
}
