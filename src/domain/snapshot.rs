//! Everything the screen knows about the server, as one immutable value.

mod absorb;
mod imports;
#[cfg(test)]
mod lives;
mod sorted;
#[cfg(test)]
pub(crate) mod tests;

pub use imports::{Change, Imports};

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::Now;
use super::account::AccountId;
use super::evidence::{Basis, Evidence, Votes};
use super::fault::Fault;
use super::import::{Import, ImportId};
use super::pace::Pace;
use super::page::Page;
use super::tally::{Counting, Tally, Verdict};
use super::text::SafeText;

/// One import with what this program makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// As the server tells it, with what earlier answers told besides.
    pub import: Import,
    /// What became of its rows.
    pub tally: Tally,
    /// What is to be said of it.
    pub verdict: Verdict,
    /// How it moves; empty, and one for all of them, for an import that was over when it was first seen.
    pub pace: Arc<Pace>,
    /// What its numbers have shown.
    pub evidence: Evidence,
    /// How certain it is what they mean.
    pub basis: Basis,
    /// When (`Now::up`) they were last seen to change.
    pub changed_at: Duration,
    /// They have stood still for longer than its own pace explains.
    pub still: bool,
    /// How its failures are taken to be counted.
    counting: Counting,
}

/// The latest list and the health of the link. Cheap to clone; a failed poll keeps the last good list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Whose eyes it is seen through; `None` where that never changes.
    pub account: Option<AccountId>,
    /// Newest first. Only the newest [`Snapshot::SAMPLED`] have the rows of their sample of failures.
    pub imports: Imports,
    /// How the server is doing.
    pub health: Health,
    /// How this server counts failures, as far as it has shown.
    pub counting: Option<Counting>,
    /// What was not as documented, and how often since the start; bounded.
    pub oddities: Arc<BTreeMap<SafeText, u64>>,
    /// Words that many imports share, each kept once; bounded.
    words: Arc<HashSet<SafeText>>,
    /// The pace of whatever was never seen to move.
    unmoved: Arc<Pace>,
    /// How many imports show each counting.
    votes: Votes,
    /// When (`Now::up`) the first good answer after a failed poll came.
    in_contact_since: Duration,
}

/// How the link to the server is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// What the poller is doing about it.
    pub link: LinkState,
    /// The user stopped polling for now.
    pub paused: bool,
    /// When (`Now::up`) the last good answer came.
    pub last_answer: Option<Duration>,
    /// Requests left in this minute, where the server says.
    pub budget: Option<u32>,
    /// While the list, or an older part of it, is loaded: imports loaded, and how many there are.
    pub loading: Option<(usize, Option<u64>)>,
    /// How many imports there are by the server's word, where it did not show all of them.
    pub lacking: Option<u64>,
    /// How many imports were created before the period; `None` while that is not known.
    pub older: Option<u64>,
    /// Full passes since the start: a refresh that was asked for is over when this grows.
    pub full_passes: u64,
    /// Polls that succeeded since the start.
    pub polls: u64,
}

/// What the poller is doing about the link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Nothing has come yet.
    #[default]
    Connecting,
    /// The last poll succeeded.
    Live,
    /// The last poll failed and will be tried again.
    Retrying {
        /// What went wrong.
        fault: Fault,
        /// How often in a row, from 1.
        attempt: u32,
        /// When (`Now::up`) it is tried again.
        again_at: Duration,
    },
    /// Nothing is asked until the user says so: the token or the account is refused.
    Stopped {
        /// What went wrong.
        fault: Fault,
    },
}

impl Watched {
    /// What there is to say of one import of which nothing else is known.
    pub fn at_first_sight(import: Import, now: Now) -> Self {
        absorb::at_first_sight(import, now)
    }
}

impl Snapshot {
    /// How many imports keep the sample of failed rows that the list told. A sample takes many times the
    /// memory of its import, and the show route tells it again when somebody looks.
    pub const SAMPLED: usize = 500;

    /// A snapshot of these imports as one good answer, each judged at first sight.
    pub fn of(imports: impl IntoIterator<Item = Import>, now: Now) -> Self {
        Self::default().absorb(Page { imports: imports.into_iter().collect(), ..Page::default() }, now)
    }

    /// What is known of another account at first: nothing but how the link to the server is.
    #[must_use]
    pub fn of_account(&self, account: AccountId, now: Now) -> Self {
        let link = match self.health.link {
            LinkState::Live => LinkState::Live,
            _ => LinkState::Connecting,
        };
        let (paused, budget) = (self.health.paused, self.health.budget);
        let health = Health { link, paused, budget, loading: Some((0, None)), ..Health::default() };
        Self { account: Some(account), health, in_contact_since: now.up, ..Self::default() }
    }

    /// The import of that id.
    pub fn get(&self, id: &ImportId) -> Option<&Arc<Watched>> {
        self.imports.get(id)
    }

    /// The imports that may still change by themselves, newest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.imports.unfinished()
    }
}
