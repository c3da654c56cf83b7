//! Everything the screen knows about the server, as one immutable value.

mod absorb;
mod imports;
#[cfg(test)]
mod lives;
mod merge;
mod sorted;
#[cfg(test)]
pub(crate) mod tests;

pub use imports::{Change, Imports, newest_first};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Now;
use super::account::Account;
use super::digest::Digest;
use super::evidence::{Basis, Evidence, Votes};
use super::fault::Fault;
use super::import::{Import, ImportId, Person};
use super::pace::{Pace, PaceMemory};
use super::page::Page;
use super::tally::{Counting, Tally, Verdict};
use super::text::SafeText;

/// One import with what this program infers about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// As the server sent it, completed from earlier responses.
    pub import: Import,
    pub tally: Tally,
    pub verdict: Verdict,
    /// Shared and empty for imports that had finished when they were first seen.
    pub pace: Arc<Pace>,
    pub evidence: Evidence,
    /// How certain the tally is.
    pub basis: Basis,
    /// When (`Now::up`) the counts were last seen to change.
    pub changed_at: Duration,
    /// The counts have not changed for longer than the import's pace explains.
    pub still: bool,
    /// Whether it needs somebody now: it stalled; it failed as a whole within a day and nobody opened it since; or it runs,
    /// and a tenth or more of at least 20 tried rows failed.
    pub in_trouble: bool,
    /// Whether the user opened it after it failed as a whole.
    failure_seen: bool,
    counting: Counting,
    digest: Digest,
}

/// The latest list and the state of the connection. Cheap to clone; a failed poll keeps the last good list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// The account that sees all of it; `None` if it never changes, and where several accounts' imports are one list.
    pub account: Option<Arc<Account>>,
    /// Every account that is polled, in the order in which the user chose them or the server lists them.
    pub accounts: Arc<[AccountState]>,
    /// Newest first. Only the newest keep their sample of failed rows: [`Snapshot::SAMPLED`], over all listed accounts of a profile.
    pub imports: Imports,
    pub health: Health,
    /// How this server counts failures, if known.
    pub counting: Option<Counting>,
    /// Deviations from the documented format, and how often since the start; bounded.
    pub unexpected: Arc<BTreeMap<SafeText, u64>>,
    /// Texts that many imports share, each kept once; bounded.
    texts: Arc<HashSet<SafeText>>,
    /// People who started imports, likewise.
    people: Arc<HashSet<Arc<Person>>>,
    /// The pace of all imports that were never seen to move.
    unmoved: Arc<Pace>,
    votes: Votes,
    /// How imports moved before the program started.
    remembered: Arc<HashMap<ImportId, Remembered>>,
    /// How many fewer than [`Snapshot::SAMPLED`] keep their sample.
    fewer_samples: usize,
    /// When (`Now::up`) the first good response after a failed poll came.
    in_contact_since: Duration,
}

/// What is known of one account, whether its imports are listed or not.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountState {
    pub account: Arc<Account>,
    /// Whether its imports are listed. Of any other only the newest are known.
    pub listed: bool,
    pub link: LinkState,
    /// When (`Now::up`) its last good response came.
    pub last_answer: Option<Duration>,
    /// Imports that run, those that stalled included.
    pub running: usize,
    pub stalled: usize,
    /// Imports with failed rows that had none when the account was last listed, or first asked.
    pub newly_failed: usize,
    /// Full passes since the start.
    pub full_passes: u64,
    /// When its newest import was created.
    pub newest: Option<Timestamp>,
}

impl AccountState {
    /// An account of which nothing is known yet.
    pub fn new(account: Arc<Account>, listed: bool) -> Self {
        Self {
            account,
            listed,
            link: LinkState::Connecting,
            last_answer: None,
            running: 0,
            stalled: 0,
            newly_failed: 0,
            full_passes: 0,
            newest: None,
        }
    }
}

/// How an import moved, by what was kept when the program last ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    pub seen_at: Timestamp,
    pub pace: PaceMemory,
}

/// The state of the connection to the server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    pub link: LinkState,
    pub paused: bool,
    /// When (`Now::up`) the last good response came.
    pub last_answer: Option<Duration>,
    /// Requests left in this minute, if the server says.
    pub budget: Option<u32>,
    /// While the list, or an older part of it, loads: imports loaded, and the total.
    pub loading: Option<(usize, Option<u64>)>,
    /// How many the server's total counts and it did not send.
    pub missing: Option<u64>,
    /// Imports created before the period; `None` until known.
    pub older: Option<u64>,
    /// Full passes since the start: a requested refresh is done when this grows.
    pub full_passes: u64,
    /// Polls that succeeded since the start.
    pub polls: u64,
}

impl Health {
    /// How many imports the server has, if it did not send all of them; `known` are listed.
    pub fn claimed(&self, known: usize) -> Option<u64> {
        self.missing.map(|missing| missing.saturating_add(known as u64))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// No response yet.
    #[default]
    Connecting,
    /// The last poll succeeded.
    Live,
    /// The last poll failed and will be retried.
    Retrying {
        fault: Fault,
        /// Consecutive failures, from 1.
        attempt: u32,
        /// `Now::up`.
        again_at: Duration,
    },
    /// Polling has stopped until the user refreshes: the token or the account was rejected.
    Stopped { fault: Fault },
}

impl Watched {
    /// An import of which nothing else is known.
    pub fn at_first_sight(import: Import, now: Now) -> Self {
        absorb::at_first_sight(import, now)
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether it is in trouble until somebody opens it.
    pub fn is_unseen_failure(&self) -> bool {
        self.in_trouble && self.verdict == Verdict::Failed
    }

    /// Whether it is said to be stalled by the server's dates alone, without having been watched for long enough.
    pub fn is_stall_guessed(&self) -> bool {
        self.verdict == Verdict::Stalled && !self.pace.is_stalled()
    }
}

impl Snapshot {
    /// How many imports keep the sample of failed rows from the list. A sample takes many times the memory of its import,
    /// and the show route sends it again when the user opens the import.
    pub const SAMPLED: usize = 500;

    /// A snapshot of these imports as if they came in one page.
    pub fn of(imports: impl IntoIterator<Item = Import>, now: Now) -> Self {
        Self::default().absorb(Page { imports: imports.into_iter().collect(), ..Page::default() }, now)
    }

    /// A snapshot for other accounts: empty but for the state of the connection.
    #[must_use]
    pub fn of_accounts(&self, accounts: &[Arc<Account>], now: Now) -> Self {
        let link = match self.health.link {
            LinkState::Live => LinkState::Live,
            _ => LinkState::Connecting,
        };
        let (paused, budget) = (self.health.paused, self.health.budget);
        let health = Health { link, paused, budget, loading: Some((0, None)), ..Health::default() };
        let remembered = Arc::clone(&self.remembered);
        let account = accounts.first().filter(|_| accounts.len() == 1).cloned();
        let accounts = accounts.iter().map(|account| AccountState::new(Arc::clone(account), true)).collect();
        Self { account, accounts, health, remembered, in_contact_since: now.up, ..Self::default() }
    }

    /// The same, knowing how imports moved before the program started.
    #[must_use]
    pub fn remembering(self, remembered: Arc<HashMap<ImportId, Remembered>>) -> Self {
        Self { remembered, ..self }
    }

    /// The same list after the user opened an import; `None` if that changes nothing.
    pub fn opened(&self, id: &ImportId) -> Option<Self> {
        let mut watched = Arc::clone(self.get(id).filter(|watched| watched.is_unseen_failure())?);
        let mut next = self.clone();
        let opened = Arc::make_mut(&mut watched);
        (opened.failure_seen, opened.in_trouble) = (true, false);
        next.imports.put(watched);
        Some(next)
    }

    pub fn get(&self, id: &ImportId) -> Option<&Arc<Watched>> {
        self.imports.get(id)
    }

    /// The imports that may still change by themselves, newest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.imports.unfinished()
    }
}
