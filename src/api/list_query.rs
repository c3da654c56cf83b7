//! Every query parameter of `GET /api/v1/import` that the API documents.

use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, ListRequest};

/// Parameters of a request to the import list. The default is the server's own first page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// `include=initiatedBy`: who started each import.
    pub with_initiator: bool,
    /// `filter[uuid]`; empty means all.
    pub ids: Vec<ImportId>,
    /// All other `filter[…]` parameters.
    pub criteria: Criteria,
    /// `sort`; the server's default is `created_at`, oldest first.
    pub sort: Option<Sort>,
    /// `per_page`, clamped to 1 to [`ListQuery::MAX_PER_PAGE`]; the server's default is 15.
    pub per_page: Option<u16>,
    /// `page`, from 1.
    pub page: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub by: SortBy,
    /// Newest first.
    pub descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
}

impl ListQuery {
    /// The reference: "Max 500".
    pub const MAX_PER_PAGE: u16 = 500;

    /// `None` for [`ListRequest::Next`], whose URL is the server's own.
    pub fn of(request: &ListRequest) -> Option<Self> {
        match request {
            ListRequest::Newest { criteria, per_page, .. } => Some(Self {
                with_initiator: true,
                criteria: criteria.clone(),
                sort: Some(Sort { by: SortBy::CreatedAt, descending: true }),
                per_page: Some(*per_page),
                ..Self::default()
            }),
            // Who started them is known already.
            ListRequest::These(ids) => Some(Self {
                ids: ids.clone(),
                per_page: Some(u16::try_from(ids.len()).unwrap_or(u16::MAX)),
                ..Self::default()
            }),
            ListRequest::Next { .. } => None,
        }
    }

    /// Names and values, not yet percent-encoded.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let criteria = &self.criteria;
        let list = |words: &[String]| {
            let words: Vec<_> =
                words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
            (!words.is_empty()).then(|| words.join(","))
        };
        let ids: Vec<_> = self.ids.iter().map(ImportId::to_string).collect();
        [
            ("include", self.with_initiator.then(|| "initiatedBy".to_owned())),
            ("filter[uuid]", list(&ids)),
            ("filter[types]", list(&criteria.types)),
            ("filter[exclude_types]", list(&criteria.exclude_types)),
            ("filter[modes]", list(&criteria.modes)),
            ("filter[statuses]", list(&criteria.statuses)),
            // jiff writes a date as Y-m-d.
            ("filter[date_from]", criteria.since.map(|date| date.to_string())),
            ("filter[date_to]", criteria.until.map(|date| date.to_string())),
            ("filter[initiated_by]", list(criteria.initiated_by.as_slice())),
            ("sort", self.sort.map(|sort| sort.word().to_owned())),
            ("per_page", self.per_page.map(|n| n.clamp(1, Self::MAX_PER_PAGE).to_string())),
            ("page", self.page.map(|n| n.max(1).to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl Sort {
    fn word(self) -> &'static str {
        match (self.by, self.descending) {
            (SortBy::CreatedAt, false) => "created_at",
            (SortBy::CreatedAt, true) => "-created_at",
            (SortBy::UpdatedAt, false) => "updated_at",
            (SortBy::UpdatedAt, true) => "-updated_at",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::page::Cursor;
    use jiff::civil::date;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|&word| word.to_owned()).collect()
    }

    fn written(query: &ListQuery) -> String {
        query.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn every_documented_parameter_can_be_sent() {
        let base = ListQuery::default;
        let with = |criteria: Criteria| ListQuery { criteria, ..base() };
        let all = Criteria::default;
        let sort = |by, descending| ListQuery { sort: Some(Sort { by, descending }), ..base() };
        let ids = ["a-1", "b-2"].iter().filter_map(|id| ImportId::new(id)).collect();
        let table = [
            (base(), ""),
            (ListQuery { with_initiator: true, ..base() }, "include=initiatedBy"),
            (ListQuery { ids, ..base() }, "filter[uuid]=a-1,b-2"),
            (
                with(Criteria { types: words(&["clients", " plans", ""]), ..all() }),
                "filter[types]=clients,plans",
            ),
            (with(Criteria { exclude_types: words(&["notes"]), ..all() }), "filter[exclude_types]=notes"),
            (with(Criteria { modes: words(&["store", "update"]), ..all() }), "filter[modes]=store,update"),
            (with(Criteria { statuses: words(&["processing"]), ..all() }), "filter[statuses]=processing"),
            (with(Criteria { since: Some(date(2026, 1, 9)), ..all() }), "filter[date_from]=2026-01-09"),
            (with(Criteria { until: Some(date(2026, 11, 30)), ..all() }), "filter[date_to]=2026-11-30"),
            (with(Criteria { initiated_by: Some("e-1".into()), ..all() }), "filter[initiated_by]=e-1"),
            (with(Criteria { types: words(&["", " "]), ..all() }), ""),
            (sort(SortBy::CreatedAt, false), "sort=created_at"),
            (sort(SortBy::CreatedAt, true), "sort=-created_at"),
            (sort(SortBy::UpdatedAt, false), "sort=updated_at"),
            (sort(SortBy::UpdatedAt, true), "sort=-updated_at"),
            (ListQuery { per_page: Some(500), page: Some(3), ..base() }, "per_page=500&page=3"),
            (ListQuery { per_page: Some(501), page: Some(0), ..base() }, "per_page=500&page=1"),
            (ListQuery { per_page: Some(0), ..base() }, "per_page=1"),
        ];
        for (query, expected) in table {
            assert_eq!(written(&query), expected);
        }
    }

    #[test]
    fn a_request_becomes_a_query() {
        let of = |request: ListRequest| ListQuery::of(&request).map(|query| written(&query));
        let criteria = Criteria { types: words(&["plans"]), ..Criteria::default() };
        assert_eq!(
            of(ListRequest::newest(criteria, 100)).unwrap(),
            "include=initiatedBy&filter[types]=plans&sort=-created_at&per_page=100"
        );
        let ids = ["a", "b", "c"].iter().filter_map(|id| ImportId::new(id)).collect();
        assert_eq!(of(ListRequest::These(ids)).unwrap(), "filter[uuid]=a,b,c&per_page=3");
        assert_eq!(of(ListRequest::next(Cursor("https://api.plannrcrm.com/x".parse().unwrap()))), None);
    }
}
