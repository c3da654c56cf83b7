//! The whole simulated server as a function of time: no socket, no clock.

use std::collections::{BTreeMap, VecDeque};
use std::iter;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::cast::{self, Lane};
use super::dice::{mix, uuid};
use super::exchange::{Request, Response};
use super::import::Import;
use super::life::{Life, Truth};
use super::people::Firm;
use super::{Options, answer, encode};

/// At most so many imports are in each of the other firms at the start, and so many of them run.
const ELSEWHERE: usize = 14;
const RUNNING_ELSEWHERE: usize = 2;
/// What the seed of the second firm differs by, and that of each further one by 1 more.
const SECOND_SEED: u64 = 0x00b2_a9c4;

/// How many of a lane's imports the server remembers.
const REMEMBERED: u64 = 3_000;

/// The simulated Plannr: every answer it would give at any moment.
///
/// The same options give the same answers at the same world time, byte for byte, in whatever order they are asked.
pub struct World {
    options: Options,
    token: String,
    firm: Firm,
    /// The other firms for which whoever holds the token works as well, each a world of its own.
    others: Vec<World>,
    /// Of the staff.
    accounts: Vec<String>,
    shared_account: Option<String>,
    staff: Vec<Value>,
    imports: Vec<Arc<Import>>,
    by_uuid: BTreeMap<String, usize>,
    lanes: Vec<Lane>,
    /// What has been worked out of the lanes so far: kept only to save time.
    started: Mutex<Vec<Started>>,
}

/// A stretch of one lane's imports.
#[derive(Default)]
struct Started {
    from: u64,
    imports: VecDeque<Arc<Import>>,
}

impl World {
    /// The server of the demo: history, imports that run, and (if asked for) more that start for ever; and smaller
    /// firms beside it.
    pub fn new(options: &Options) -> World {
        let mut world = World::of_firm(options, Firm::nth(0));
        let elsewhere = Options {
            imports: options.imports_elsewhere.unwrap_or(options.imports.min(ELSEWHERE)),
            running: Some(options.running_elsewhere.unwrap_or(RUNNING_ELSEWHERE)),
            shared_account: false,
            older: 0,
            ..options.clone()
        };
        let seeds = (SECOND_SEED..).map(|salt| mix(options.seed, salt));
        let others = (1..options.firms).zip(seeds).map(|(nth, seed)| {
            let options = Options { seed, ..elsewhere.clone() };
            World { token: world.token.clone(), ..World::of_firm(&options, Firm::nth(nth)) }
        });
        world.others = others.collect();
        world
    }

    fn of_firm(options: &Options, firm: Firm) -> World {
        let seed = options.seed;
        let opening = options.running.unwrap_or(5 + (mix(seed, 0x0b) % 2) as usize);
        let opening = cast::opening(seed, opening);
        let lanes = if options.keep_starting { cast::lanes(seed, &opening) } else { Vec::new() };
        let finished = options.imports.saturating_sub(opening.len());
        let mut imports = cast::history(seed, finished, options.start.as_second());
        imports.extend(opening);
        imports.extend(cast::older(seed, options.older, options.start.as_second()));
        if !options.quirks {
            imports = imports.into_iter().map(Import::without_quirk).collect();
        }
        World::of(options, firm, imports, lanes)
    }

    /// One firm with exactly these imports, none else ever; [`uuids`](World::uuids) are in the same order.
    pub fn with_lives(options: &Options, lives: Vec<Life>) -> World {
        let imports = (0_u64..).zip(lives).map(|(nth, life)| Import::new(options.seed, nth, life)).collect();
        World::of(options, Firm::nth(0), imports, Vec::new())
    }

    /// One more import, with this life, in the `nth` of the [`firms`](World::firms) (from 0). Its uuid; `None` if there
    /// is no such firm.
    pub fn add_import(&mut self, nth: usize, life: Life) -> Option<String> {
        let world = match nth.checked_sub(1) {
            None => self,
            Some(nth) => self.others.get_mut(nth)?,
        };
        let place = world.imports.len();
        let import = Import::new(world.options.seed, (3 << 32) + place as u64, life);
        let import = if world.options.quirks { import } else { import.without_quirk() };
        let uuid = import.uuid.clone();
        world.by_uuid.insert(uuid.clone(), place);
        world.imports.push(Arc::new(import));
        Some(uuid)
    }

    fn of(options: &Options, firm: Firm, imports: Vec<Import>, lanes: Vec<Lane>) -> World {
        let account = |nth: usize| uuid(firm.accounts, nth as u64);
        let accounts: Vec<String> = (0..firm.staff.len()).map(account).collect();
        let shared_account = options.shared_account.then(|| account(accounts.len()));
        let people = firm.staff.iter().zip(&accounts).enumerate();
        let staff =
            people.map(|(nth, (staff, uuid))| encode::account(staff, &firm, uuid, nth == 2)).collect();
        World {
            options: options.clone(),
            token: format!("simulated|{}", uuid(options.seed, 0x70c).replace('-', "")),
            by_uuid: imports.iter().enumerate().map(|(nth, import)| (import.uuid.clone(), nth)).collect(),
            imports: imports.into_iter().map(Arc::new).collect(),
            started: Mutex::new(lanes.iter().map(|_| Started::default()).collect()),
            firm,
            others: Vec::new(),
            accounts,
            shared_account,
            staff,
            lanes,
        }
    }

    /// What the server answers at this world time.
    pub fn answer(&self, request: &Request, at: Duration) -> Response {
        answer::answer(self, request, at.as_secs_f64())
    }

    /// What is really true of an import at this world time; `None` for one that is not there (yet).
    pub fn truth(&self, uuid: &str, at: Duration) -> Option<Truth> {
        let at = at.as_secs_f64();
        self.find(uuid, at)?.life.truth(at)
    }

    /// Every import there is at this world time: those of [`with_lives`](World::with_lives) in their order.
    pub fn uuids(&self, at: Duration) -> Vec<String> {
        self.all(at.as_secs_f64()).iter().map(|import| import.uuid.clone()).collect()
    }

    /// The imports that are not finished at this world time.
    pub fn unfinished(&self, at: Duration) -> Vec<String> {
        let at = at.as_secs_f64();
        self.all(at)
            .iter()
            .filter(|import| import.is_unfinished(at))
            .map(|import| import.uuid.clone())
            .collect()
    }

    /// A `GET` with every header the server wants.
    pub fn get(&self, path_and_query: &str) -> Request {
        Request::get(path_and_query)
            .with("authorization", &format!("Bearer {}", self.token))
            .with("accept", "application/json")
            .with("content-type", "application/json")
            .with("x-plannr-account-uuid", self.account())
    }

    /// The bearer token the server accepts.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The account in which the imports are.
    pub fn account(&self) -> &str {
        self.accounts.first().map_or("", String::as_str)
    }

    /// Another account of the same person in the same firm, if the options have one.
    pub fn shared_account(&self) -> Option<&str> {
        self.shared_account.as_deref()
    }

    /// The firms for which whoever holds the token works: this one, then the others.
    pub fn firms(&self) -> impl Iterator<Item = &World> {
        iter::once(self).chain(&self.others)
    }

    /// The firm that this account is in.
    pub fn firm_of(&self, account: &str) -> Option<&World> {
        self.firms().find(|world| account == world.account() || Some(account) == world.shared_account())
    }

    /// The firm's name.
    pub fn firm_name(&self) -> &str {
        &self.firm.name
    }

    pub(super) fn firm(&self) -> &Firm {
        &self.firm
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// The account of one of the staff, as JSON and as uuid.
    pub(super) fn staff(&self, nth: usize) -> Option<(&Value, &str)> {
        Some((self.staff.get(nth)?, self.accounts.get(nth)?))
    }

    /// Every import created by then, in order of their making.
    pub(super) fn all(&self, at: f64) -> Vec<Arc<Import>> {
        let fixed = self.imports.iter().cloned();
        let mut all: Vec<_> = fixed.filter(|import| import.life.created_at() <= at).collect();
        let mut started = self.started();
        for (lane, started) in self.lanes.iter().zip(started.iter_mut()) {
            let begun = lane.begun(at);
            let first = begun.saturating_sub(REMEMBERED);
            started.cover(first, begun, |nth| {
                let import = lane.import(self.options.seed, nth);
                if self.options.quirks { import } else { import.without_quirk() }
            });
            let known = started.imports.iter().skip((first - started.from) as usize);
            let known = known.take((begun - first) as usize).filter(|import| import.life.created_at() <= at);
            all.extend(known.cloned());
        }
        all
    }

    /// One import, if it is there by then.
    pub(super) fn find(&self, uuid: &str, at: f64) -> Option<Arc<Import>> {
        match self.by_uuid.get(uuid).and_then(|nth| self.imports.get(*nth)) {
            Some(import) => Some(Arc::clone(import)).filter(|import| import.life.created_at() <= at),
            None if self.lanes.is_empty() => None,
            None => self.all(at).into_iter().find(|import| import.uuid == uuid),
        }
    }

    fn started(&self) -> MutexGuard<'_, Vec<Started>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Started {
    /// Holds at least `first..end`, and little more.
    fn cover(&mut self, first: u64, end: u64, import: impl Fn(u64) -> Import) {
        let next = self.from + self.imports.len() as u64;
        if first < self.from || first > next {
            self.from = first;
            self.imports.clear();
        }
        while self.from + (self.imports.len() as u64) < end {
            self.imports.push_back(Arc::new(import(self.from + self.imports.len() as u64)));
        }
        while self.from < first && self.imports.len() as u64 > REMEMBERED {
            self.imports.pop_front();
            self.from += 1;
        }
    }
}
