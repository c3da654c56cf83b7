//! The poller's requests, and what each is for.

use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, Cursor, ListRequest};

/// One request, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// The imports that may have changed by themselves.
    Unfinished(Vec<ImportId>),
    /// Whether there are new imports among so many.
    Newest(u16),
    /// The next page, because all imports of the newest one were new.
    CatchUp(Cursor),
    /// Whether there are imports before the period.
    Older,
    /// The first page of a pass.
    FirstPage {
        criteria: Box<Criteria>,
        /// Imports on each page of the pass.
        per_page: u16,
    },
    /// A further page of a pass.
    NextPage(Cursor),
    /// Whether imports that were on no page of a pass still exist.
    Confirm(Vec<ImportId>),
}

impl Job {
    pub(super) fn request(&self, criteria: &Criteria) -> ListRequest {
        match self {
            Self::Unfinished(ids) | Self::Confirm(ids) => ListRequest::These(ids.clone()),
            Self::Newest(per_page) => ListRequest::newest(criteria.clone(), *per_page),
            Self::Older => {
                let until = criteria.since.and_then(|since| since.yesterday().ok());
                let criteria = Criteria { since: None, until, ..criteria.clone() };
                ListRequest::newest(criteria, 1)
            }
            Self::FirstPage { criteria, per_page } => {
                ListRequest::newest(criteria.as_ref().clone(), *per_page)
            }
            Self::CatchUp(cursor) | Self::NextPage(cursor) => ListRequest::next(cursor.clone()),
        }
    }

    /// Whether it belongs to a pass over the whole list.
    pub(super) fn belongs_to_pass(&self) -> bool {
        matches!(self, Self::FirstPage { .. } | Self::NextPage(_) | Self::Confirm(_))
    }
}
