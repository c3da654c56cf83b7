//! What is asked of the import list, and what one answer holds.

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

/// Something in an answer that was not as documented and was survived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oddity {
    /// Where and what, for instance `total_jobs: a word instead of a number`. Holds no client data.
    pub what: SafeText,
    /// How often on this page.
    pub times: u64,
}
