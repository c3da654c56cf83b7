//! A simulated Plannr: the server side of the API, made up, repeatable, in this process.
//!
//! It shares no type with the client: it writes the API's JSON on its own, from its documentation, so that a wrong
//! belief of the client cannot hide.
//!
//! ```text
//!   Options -> World            everything, as a function of (request, world time); no socket, no clock
//!                |  cast        which imports there are, and when (pairs: a file validated, mended, created)
//!                |  life        one import's counts over time (batch: retried, cancelled, pruned, as Laravel does)
//!                |  rows        its failed rows (kinds: columns; rules: what breaks; people, words: who)
//!                |  trial       a file with every usual mistake, imported again (validator: the rules that judge it)
//!                |  answer      the routes (query: what is asked; encode: the JSON; report: the CSV;
//!                |              ranges: parts of it)
//!                v
//!           Simulator           the same over HTTP on a loopback port (faults: now and then, on purpose)
//! ```

mod answer;
mod cast;
mod dice;
mod encode;
mod exchange;
mod faults;
mod http;
mod import;
mod kinds;
mod life;
mod people;
mod query;
mod ranges;
mod report;
mod rows;
mod rules;
mod trial;
mod validator;
mod words;
mod world;

use jiff::Timestamp;

pub use self::exchange::{Request, Response};
pub use self::http::{Canned, Simulator, Traffic};
pub use self::life::{Ending, Life, Phase, Shape, Truth};
pub use self::trial::{Imported, MISTAKES, Mistake, Trial, TrialRow};
pub use self::world::World;

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many imports there are at the start, finished and not.
    pub imports: usize,
    /// How many more there are that ended a month or two before.
    pub older: usize,
    /// Whether a few imports have fields that the documentation does not know.
    pub quirks: bool,
    /// Exactly so many of them are not finished at the start; `None`: a believable few (5 or 6).
    pub running: Option<usize>,
    /// How many firms the token is for, besides the one in which its holder is a client; at least 1. The numbers above
    /// are the first firm's.
    pub firms: usize,
    /// How many imports each of the other firms has at the start; `None`: as many as the first, at most 14.
    pub imports_elsewhere: Option<usize>,
    /// Exactly so many of them are not finished at the start; `None`: 2.
    pub running_elsewhere: Option<usize>,
    /// Whether the token has two accounts in the first firm, which see the same imports.
    pub shared_account: bool,
    /// Whether imports keep starting, for ever, in every firm.
    pub keep_starting: bool,
    /// What everything made up is made up from.
    pub seed: u64,
    /// Seconds of world time in a second (only over HTTP).
    pub speed: f64,
    /// Whether rate limits, server errors and slow answers happen now and then (only over HTTP).
    pub faults: bool,
    /// How failed rows are counted.
    pub counting: Counting,
    /// Whether the list has `errors` and `error_report`, as the show route always has.
    pub list_errors: bool,
    /// The time of day at world time 0.
    pub start: Timestamp,
}

impl Default for Options {
    /// The demo's, starting at a fixed time: the demo itself starts now.
    fn default() -> Options {
        Options {
            imports: 40,
            older: 0,
            quirks: true,
            running: None,
            firms: 2,
            imports_elsewhere: None,
            running_elsewhere: None,
            shared_account: false,
            keep_starting: true,
            seed: 7,
            speed: 1.0,
            faults: false,
            counting: Counting::Batch,
            list_errors: true,
            // Monday 23 November 2026, 11:30 UTC.
            start: Timestamp::constant(1_795_433_400, 0),
        }
    }
}

/// How the server counts a failed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// As a Laravel batch: it stays in `jobs_remaining` for ever.
    Batch,
    /// It is taken off `jobs_remaining`.
    Exclusive,
}

#[cfg(test)]
mod tests;
