//! The questions of the poller, and what each is for.

use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, Cursor, ListRequest};

/// Imports on the page that is looked at for new ones.
const NEWEST: u16 = 5;
/// One request, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// The imports that may have changed by themselves.
    Unfinished(Vec<ImportId>),
    /// Are there new ones?
    Newest,
    /// All of the newest page were new: the page behind it.
    CatchUp(Cursor),
    /// Are there imports before the period?
    Older,
    /// A pass begins.
    FirstPage {
        /// What it is narrowed to.
        criteria: Box<Criteria>,
        /// Imports on its pages.
        per_page: u16,
    },
    /// A pass goes on.
    NextPage(Cursor),
    /// The imports that were on no page of a pass.
    Confirm(Vec<ImportId>),
}

impl Job {
    /// The request.
    pub(super) fn ask(&self, criteria: &Criteria) -> ListRequest {
        match self {
            Self::Unfinished(ids) | Self::Confirm(ids) => ListRequest::These(ids.clone()),
            Self::Newest => ListRequest::Newest { criteria: criteria.clone(), per_page: NEWEST },
            Self::Older => {
                let until = criteria.since.and_then(|since| since.yesterday().ok());
                let criteria = Criteria { since: None, until, ..criteria.clone() };
                ListRequest::Newest { criteria, per_page: 1 }
            }
            Self::FirstPage { criteria, per_page } => {
                ListRequest::Newest { criteria: criteria.as_ref().clone(), per_page: *per_page }
            }
            Self::CatchUp(cursor) | Self::NextPage(cursor) => ListRequest::Next(cursor.clone()),
        }
    }

    /// Whether a pass over the whole list asks it.
    pub(super) fn is_of_a_pass(&self) -> bool {
        matches!(self, Self::FirstPage { .. } | Self::NextPage(_) | Self::Confirm(_))
    }
}
