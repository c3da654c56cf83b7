//! A server for tests: responds to list requests as the real one does.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use url::Url;

use crate::domain::fault::Fault;
use crate::domain::import::Import;
use crate::domain::page::{Criteria, Cursor, ListRequest, Numbered, Page};
use crate::domain::snapshot::tests::import;

#[derive(Debug, Default)]
pub(super) struct Server {
    /// Newest first.
    pub(super) imports: Vec<Import>,
    /// What every request fails with.
    pub(super) fault: Option<Fault>,
    /// Pages are numbered in `meta`.
    pub(super) numbered: bool,
    /// The last page points to itself.
    pub(super) endless: bool,
    /// Empty pages follow the last one without end.
    pub(super) ends_empty: bool,
    /// How many more imports are in the total than on the pages.
    pub(super) withheld: u64,
    /// No page has a total.
    pub(super) uncounted: bool,
}

impl Server {
    /// So many imports `r0`, `r1`, … of each kind: running, waiting, over.
    pub(super) fn with(running: usize, waiting: usize, over: usize) -> Self {
        let mut server = Self::default();
        for (prefix, count, word, remaining) in
            [("r", running, "processing", 500), ("w", waiting, "pending", 1000), ("d", over, "completed", 0)]
        {
            for nth in 0..count {
                let age = server.imports.len() as i64 * 60 + 3600;
                let name = format!("{prefix}{nth}");
                server.imports.push(import(&name, age, word, (1000, remaining, 0)));
            }
        }
        server
    }

    pub(super) fn add(&mut self, name: &str, age: i64) {
        self.imports.insert(0, import(name, age, "processing", (1000, 1000, 0)));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.imports.retain(|import| import.id.as_str() != name);
    }

    pub(super) fn respond(&self, request: &ListRequest) -> Result<Page, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let mut page = match request {
            ListRequest::These(ids) => {
                assert!(!ids.is_empty() && ids.len() <= ListRequest::MAX_IDS);
                let imports = self.imports.iter().filter(|import| ids.contains(&import.id)).cloned();
                Page { imports: imports.collect(), ..Page::default() }
            }
            ListRequest::Newest { criteria, per_page, .. } => self.page(criteria, 1, usize::from(*per_page)),
            ListRequest::Next { cursor: Cursor(url), .. } => {
                let parameters: HashMap<_, _> = url.query_pairs().into_owned().collect();
                let day = |name| parameters.get(name).map(|day: &String| day.parse().unwrap());
                let criteria = Criteria { since: day("since"), until: day("until"), ..Criteria::default() };
                self.page(
                    &criteria,
                    parameters["page"].parse().unwrap(),
                    parameters["per_page"].parse().unwrap(),
                )
            }
        };
        for import in &mut page.imports {
            if !request.samples().include(import.created_at) {
                import.drop_sample();
            }
        }
        Ok(page)
    }

    /// One page, from 1, of what is in the period.
    fn page(&self, criteria: &Criteria, number: usize, per_page: usize) -> Page {
        let within = |import: &&Import| {
            let day = TimeZone::UTC.to_datetime(import.created_at.unwrap()).date();
            criteria.since.is_none_or(|since| since <= day) && criteria.until.is_none_or(|until| day <= until)
        };
        let found: Vec<_> = self.imports.iter().filter(within).collect();
        let last = found.len().div_ceil(per_page).max(1);
        let next = (number < last || self.endless || self.ends_empty).then(|| {
            let mut url = Url::parse("http://fake/").unwrap();
            let days = [("since", criteria.since), ("until", criteria.until)];
            let days = days.into_iter().filter_map(|(name, day)| Some((name, day?.to_string())));
            let next = if number < last || self.ends_empty { number + 1 } else { number };
            url.query_pairs_mut()
                .extend_pairs(days)
                .append_pair("per_page", &per_page.to_string())
                .append_pair("page", &next.to_string());
            Cursor(url)
        });
        let numbered = next.as_ref().filter(|_| self.numbered);
        Page {
            server_time: None,
            imports: found.iter().skip((number - 1) * per_page).take(per_page).copied().cloned().collect(),
            numbered: numbered.and_then(|next| Numbered::new(next, &next.0, last as u32)),
            next,
            total: (!self.uncounted).then_some(found.len() as u64 + self.withheld),
            unexpected: Vec::new(),
            budget: None,
        }
    }
}
