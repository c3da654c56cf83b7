//! From snapshots to what happened.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::contact::{Change, Contact};
use super::{EventKind, Happened};
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::import::{Import, ImportId};
use crate::domain::import_event::{Earlier, FailingAt, ImportEvent, LastSeen, between, name};
use crate::domain::redact::Redaction;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::domain::tally::Verdict;
use crate::query::{Listed, Matching, Query};
use crate::ui::format;

/// What was seen before the program started.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    /// Imports that had not finished.
    pub seen: HashMap<ImportId, LastSeen>,
    /// When the newest import of each account was created, by its [`account_key`]: a newer one was not there.
    pub newest: HashMap<String, Timestamp>,
    /// Unfinished imports that were said to be failing.
    pub failing: HashSet<ImportId>,
    /// The ids of what was said.
    pub ids: Vec<String>,
}

/// How an account is called in the journal: a profile's name, which may be a firm's, is not kept.
pub fn account_key(account: &AccountId) -> String {
    match account.profile() {
        None => account.to_string(),
        Some(profile) => format!("{account}-{:016x}", stable_hash(profile.as_bytes())),
    }
}

/// FNV-1a: the same with every version of the program.
pub fn stable_hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Memory {
    /// How many rows of an import had failed; `None` if it had finished, or is not known.
    pub fn failed(&self, import: &Import) -> Option<u64> {
        match self.of(import) {
            Earlier::Seen(seen) => Some(seen.failed),
            Earlier::NotThere => Some(0),
            Earlier::Unknown => None,
        }
    }

    fn of(&self, import: &Import) -> Earlier {
        if let Some(seen) = self.seen.get(&import.id) {
            return Earlier::Seen(*seen);
        }
        let newest = import.account_id().and_then(|account| self.newest.get(&account_key(account)));
        match newest {
            Some(newest) if import.created_at.is_some_and(|at| at > *newest) => Earlier::NotThere,
            _ => Earlier::Unknown,
        }
    }
}

/// Says once what happened between the snapshots that it is shown.
#[derive(Debug, Default)]
pub struct Observer {
    failing_at: FailingAt,
    query: Query,
    redaction: Redaction,
    earlier: Memory,
    old: Arc<Snapshot>,
    matching: Matching,
    contact: Contact,
    /// What is said only once of an unfinished import, though its numbers may show it more than once.
    said: HashMap<ImportId, HashSet<ImportEvent>>,
    /// How often each change of an import was seen.
    repeated: HashMap<ImportId, HashMap<String, u32>>,
}

impl Observer {
    /// Says what happens to the imports that match when it happens.
    pub fn new(query: Query, failing_at: FailingAt, redaction: Redaction) -> Self {
        Self { failing_at, query, redaction, ..Self::default() }
    }

    /// Knows what was seen before the program started.
    #[must_use]
    pub fn remembering(mut self, memory: Memory) -> Self {
        for id in &memory.ids {
            self.count_again(id);
        }
        let failing = |id: &ImportId| (id.clone(), [ImportEvent::Failing].into());
        self.said = memory.failing.iter().map(failing).collect();
        self.earlier = memory;
        self
    }

    /// Counts a change that was said, by its id, so that the same one has another id when it comes again.
    fn count_again(&mut self, id: &str) {
        let again = id.rsplit_once('.').and_then(|(first, times)| Some((first, times.parse().ok()?)));
        let (first, times) = again.unwrap_or((id, 1));
        let Some(import) = first.split('.').next().and_then(ImportId::new) else { return };
        let counted = self.repeated.entry(import).or_default().entry(first.to_owned()).or_default();
        *counted = times.max(*counted);
    }

    /// What happened since the last snapshot.
    pub fn observe(&mut self, new: &Arc<Snapshot>, now: Now) -> Vec<Happened> {
        let old = std::mem::replace(&mut self.old, Arc::clone(new));
        let changes = self.contact.observe(new, now);
        let mut happened: Vec<_> = changes.into_iter().map(|change| self.of_contact(change, now)).collect();
        let earlier = std::mem::take(&mut self.earlier);
        for (event, before, watched) in between(&old, new, now, self.failing_at, |import| earlier.of(import))
        {
            let is_live = !earlier.seen.contains_key(&watched.import.id) && old.health.full_passes > 0;
            happened.extend(self.of_import((event, is_live), before, watched, now));
        }
        self.earlier = earlier;
        self.earlier.seen.retain(|id, seen| new.get(id).is_none_or(|watched| is_as_it_was(*seen, watched)));
        happened
    }

    /// When (`Now::up`) to look at the last snapshot again, though nothing new came.
    pub fn due(&self) -> Option<Duration> {
        self.contact.due()
    }

    fn of_import(
        &mut self,
        (event, is_live): (ImportEvent, bool),
        before: Option<LastSeen>,
        watched: &Arc<Watched>,
        now: Now,
    ) -> Option<Happened> {
        let id = &watched.import.id;
        match event {
            ImportEvent::FirstFailure | ImportEvent::Failing => {
                let is_new = self.said.entry(id.clone()).or_default().insert(event);
                if !is_new {
                    return None;
                }
            }
            ImportEvent::Settled | ImportEvent::Cancelled | ImportEvent::Retried | ImportEvent::Deleted => {
                self.said.remove(id);
            }
            _ => {}
        }
        let event_id = self.id((event, is_live), before, watched);
        if event == ImportEvent::Deleted {
            self.repeated.remove(id);
        }
        if !self.query.matches(&Listed::from(watched), now, &mut self.matching) {
            return None;
        }
        let import = &watched.import;
        let what = event.describe(watched);
        let sentence = |of_several| event.sentence(&name(import, of_several), &what);
        Some(Happened {
            kind: event.into(),
            id: event_id,
            observed_at: now.wall,
            account: import.seen_by.clone(),
            import: Some(Arc::clone(watched)),
            message: sentence(self.old.is_of_several()),
            without_firm: sentence(false),
        })
    }

    /// An id that another observer of the same change finds too: it is made of the numbers at which the change began.
    ///
    /// What was not seen live may be the change that the journal has already, told by another program.
    fn id(
        &mut self,
        (event, is_live): (ImportEvent, bool),
        before: Option<LastSeen>,
        watched: &Watched,
    ) -> String {
        let kind = EventKind::from(event).name();
        let now = LastSeen::from(watched);
        let at = match event {
            ImportEvent::Stalled | ImportEvent::Settled => Some(now),
            // When it was first seen to move again depends on who looked.
            ImportEvent::Resumed | ImportEvent::Retried => Some(before.unwrap_or(now)),
            _ => None,
        };
        let mut id = format!("{}.{kind}", watched.import.id);
        if let Some(LastSeen { jobs: [total, remaining, failed], .. }) = at {
            id = format!("{id}.{total}-{remaining}-{failed}");
        }
        let times =
            self.repeated.entry(watched.import.id.clone()).or_default().entry(id.clone()).or_default();
        *times = if is_live { times.saturating_add(1) } else { (*times).max(1) };
        match *times {
            1 => id,
            times => format!("{id}.{times}"),
        }
    }

    fn of_contact(&self, change: Change, now: Now) -> Happened {
        let (kind, account, what, kept) = match change {
            Change::Offline(account, fault) => {
                let what = format!("offline: {}", fault.describe(self.redaction));
                // What the server says of it may name somebody.
                (EventKind::Offline, account, what, "offline".to_owned())
            }
            Change::Online(account, after) => {
                let what = format!("online again after {}", format::duration(after));
                (EventKind::Online, account, what.clone(), what)
            }
        };
        let whose = account.as_ref().filter(|_| self.old.is_of_several());
        let whose = whose.map(|account| format!("{}: ", account.firm_or_id())).unwrap_or_default();
        let of = account.as_ref().map_or("all", |account| account.id.as_str());
        Happened {
            kind,
            id: format!("{of}.{}.{}", kind.name(), now.wall.as_millisecond()),
            observed_at: now.wall,
            account,
            import: None,
            message: format!("{whose}{what}"),
            without_firm: kept,
        }
    }
}

/// Whether an import that had stalled has not moved, though it is not known yet that it still stands: two looks decide that.
fn is_as_it_was(seen: LastSeen, watched: &Watched) -> bool {
    let now = LastSeen::from(watched);
    seen.verdict == Verdict::Stalled && now.verdict == Verdict::Running && now.jobs == seen.jobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Import;
    use crate::domain::page::Page;
    use crate::domain::snapshot::tests::{import, now};

    /// What an observer says of lists that are polled a second apart: the ids without the uuid's and the kind's repetition.
    fn told(observer: &mut Observer, polls: &[&[Import]]) -> Vec<Vec<String>> {
        let mut snapshot = Snapshot::default();
        let poll = |(second, imports): (usize, &&[Import])| {
            let now = now(second as u64);
            snapshot = snapshot.absorb(Page { imports: imports.to_vec(), ..Page::default() }, now);
            snapshot.health.full_passes += 1;
            let happened = observer.observe(&Arc::new(snapshot.clone()), now);
            happened.into_iter().map(|happened| happened.id).collect()
        };
        polls.iter().enumerate().map(poll).collect()
    }

    #[test]
    fn the_same_change_has_the_same_id_whoever_sees_it() {
        let runs = |remaining, failed| import("a", 10, "processing", (100, remaining, failed));
        let done = |failed| import("a", 10, "completed", (100, 0, failed));
        // One looks often, the other seldom.
        let often: [&[Import]; 5] = [&[], &[runs(90, 0)], &[runs(50, 2)], &[runs(20, 2)], &[done(3)]];
        let often = told(&mut Observer::default(), &often).concat();
        let seldom: [&[Import]; 3] = [&[], &[runs(40, 2)], &[done(3)]];
        let seldom = told(&mut Observer::default(), &seldom).concat();
        assert_eq!(often, ["a.started", "a.first_failure", "a.settled.100-0-3"]);
        assert_eq!(seldom, often);
    }

    #[test]
    fn what_happens_again_has_another_id_and_failing_is_told_once() {
        let runs = |remaining, failed| import("a", 10, "processing", (100, remaining, failed));
        let done = import("a", 10, "completed", (100, 0, 3));
        let polls: [&[Import]; 6] = [
            &[runs(90, 0)],
            std::slice::from_ref(&done),
            &[runs(50, 3)],
            std::slice::from_ref(&done),
            &[runs(50, 3)],
            std::slice::from_ref(&done),
        ];
        let settled = told(&mut Observer::default(), &polls).concat();
        let settled: Vec<_> = settled.into_iter().filter(|id| id.contains("settled")).collect();
        assert_eq!(settled, ["a.settled.100-0-3", "a.settled.100-0-3.2", "a.settled.100-0-3.3"]);

        let crosses: [&[Import]; 5] = [&[], &[runs(82, 2)], &[runs(72, 2)], &[runs(72, 4)], &[runs(60, 9)]];
        let failing = told(&mut Observer::default(), &crosses).concat();
        assert_eq!(failing.iter().filter(|id| id.contains("failing")).count(), 1, "{failing:?}");
    }

    #[test]
    fn an_import_that_was_seen_before_the_start_is_judged_by_that() {
        let observer = Observer::default();
        let seen =
            LastSeen::from(&Watched::at_first_sight(import("a", 10, "processing", (100, 50, 0)), now(0)));
        let id = crate::domain::snapshot::tests::id("a");
        let memory = Memory { seen: [(id, seen)].into(), ..Memory::default() };
        let mut observer = observer.remembering(memory);
        let done: &[Import] =
            &[import("a", 10, "completed", (100, 0, 3)), import("b", 20, "completed", (9, 0, 9))];
        assert_eq!(
            told(&mut observer, &[done, done]),
            [vec!["a.first_failure", "a.settled.100-0-3"], vec![]]
        );
    }

    #[test]
    fn what_had_stalled_before_the_start_has_resumed_when_it_moves() {
        let stood = import("a", 10, "processing", (100, 50, 0));
        let mut seen = LastSeen::from(&Watched::at_first_sight(stood.clone(), now(0)));
        seen.verdict = Verdict::Stalled;
        let memory = Memory { seen: [(stood.id.clone(), seen)].into(), ..Memory::default() };
        let stands: &[Import] = std::slice::from_ref(&stood);
        let moves: &[Import] = &[import("a", 10, "processing", (100, 49, 0))];
        let mut observer = Observer::default().remembering(memory);
        let resumed = vec!["a.resumed.100-50-0"];
        assert_eq!(told(&mut observer, &[stands, stands, moves, moves]), [vec![], vec![], resumed, vec![]]);
    }

    #[test]
    fn the_filter_decides_by_the_import_as_it_is_then() {
        let query = Query::parse("failed:>2", &jiff::tz::TimeZone::UTC).unwrap();
        let mut observer = Observer::new(query, FailingAt::default(), Redaction::default());
        let runs = |remaining, failed| import("a", 10, "processing", (100, remaining, failed));
        let polls: [&[Import]; 4] =
            [&[], &[runs(90, 1)], &[runs(50, 2)], &[import("a", 10, "completed", (100, 0, 3))]];
        assert_eq!(told(&mut observer, &polls).concat(), ["a.settled.100-0-3"]);
    }

    #[test]
    fn the_json_has_every_member_and_no_name_of_a_person() {
        let mut observer = Observer::default();
        let mut seen = import("a", 10, "completed", (100, 0, 3));
        seen.started_by =
            Some(crate::domain::import::Person { name: "Joan Okaforth".into(), ..Default::default() }.into());
        let mut empty = Snapshot::default();
        empty.health.full_passes = 1;
        let empty = Arc::new(empty);
        observer.observe(&empty, now(0));
        let now = now(1);
        let snapshot = empty.absorb(Page { imports: vec![seen], ..Page::default() }, now);
        let happened = observer.observe(&Arc::new(snapshot), now);
        let settled = happened.iter().find(|happened| happened.kind == EventKind::Settled).unwrap().json();
        insta::assert_snapshot!(serde_json::to_string_pretty(&settled).unwrap());
        assert!(!settled.to_string().contains("Joan"));
    }
}
