//! A thousand simulated lives, watched as a user would: what is shown against what is true.
//!
//! The poller runs on a paused clock and asks the simulated server without a socket; its answers are read as
//! those that come over HTTP. `cargo test --test truth -- --nocapture` prints the figures.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod figures;
mod observer;
#[path = "../simulated/offline.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests of the screen")]
mod offline;
mod waiter;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use plannr_tui::domain::Now;
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::page::ListRequest;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::poller::{self, PollerCommand, Settings};
use plannr_tui::simulator::{Counting, Ending, Life, Options, Shape, World};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use self::figures::Figures;
use self::observer::{Answered, Observer};

/// Worlds with each counting, and lives in each of them.
const WORLDS: u64 = 10;
const LIVES: u64 = 50;
/// Seconds after which a world is left, whatever still runs in it.
const LONGEST: u64 = 1500;

#[test]
fn what_is_shown_is_true() {
    let mut figures = Figures::default();
    for nth in 0..WORLDS {
        // In every other pair of worlds contact is lost for a while, once shortly and once for long.
        let lost = if nth % 2 == 0 { [0..0, 0..0] } else { [100..112, 200..420] };
        // The same lives under both countings. Nothing is over yet that could give the counting away.
        for counting in [Counting::Batch, Counting::Exclusive] {
            let lives = (0..LIVES).map(|life| made_up(nth * LIVES + life, counting));
            // In one pair of worlds the word says when an import is over, in the next it stays for ever.
            let wordless = nth / 2 % 2 == 1;
            let lives = lives.map(|life| if wordless { life.wordless() } else { life }).collect();
            watch_world(nth, counting, lives, &lost, &mut figures);
        }
    }
    println!("{figures}");
    figures.check();
}

/// One made-up life: 90 s to 10 min of work, 30 rows to 5,000, begun shortly before or after the watching.
fn made_up(seed: u64, counting: Counting) -> Life {
    let mut dice = fastrand::Rng::with_seed(seed);
    let shape = Shape::ALL[seed as usize % Shape::ALL.len()];
    let rows = (30.0 * (5000.0_f64 / 30.0).powf(dice.f64())) as u64;
    let seconds = 90.0 * (600.0_f64 / 90.0).powf(dice.f64());
    let failing = [0.0, 0.0, 0.01, 0.05, 0.3, 0.7][dice.usize(..6)];
    let starts_at = dice.f64() * 140.0 - 40.0;
    let life = Life::new(seed, shape, rows, failing, starts_at, rows as f64 / seconds);
    match dice.u8(..20) {
        0 => life.ending(Ending::Died(0.7)),
        1 => life.ending(Ending::Cancelled(0.6)),
        2 => life.ending(Ending::Cancelled(0.7)).skipping(),
        3 => life.not_allowing_failures(),
        // Soon enough that somebody still looks.
        nth @ 4..=6 if counting == Counting::Batch => {
            let after = (4.0 * life.usual_gap().as_secs_f64()).clamp(30.0, 100.0);
            life.retried(after, f64::from(nth - 4) / 2.0)
        }
        7 => life.pruned(10.0),
        // A worker died, and its job with it.
        8 if shape == Shape::Stalling => life.outage(0.5, 1e7),
        _ => life,
    }
}

/// Polls one world until all is over in it, and looks at everything that is published.
fn watch_world(seed: u64, counting: Counting, lives: Vec<Life>, lost: &[Range<u64>], figures: &mut Figures) {
    let options = Options { seed, counting, list_errors: false, ..Options::default() };
    let world = Rc::new(World::with_lives(&options, lives.clone()));
    // The poller's jitter.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let (wishes, received) = mpsc::channel::<PollerCommand>(1);
        let (publish, mut seen) = watch::channel(Arc::<Snapshot>::default());
        let begin = Instant::now();
        let clock = || {
            let up = begin.elapsed();
            Now { up, wall: options.start + up }
        };
        let answered = RefCell::new(Answered::new());
        let fetch = |_, ask: ListRequest| {
            let at = begin.elapsed();
            let out_of_reach = lost.iter().any(|lost| lost.contains(&at.as_secs()));
            let no_route = Err(Fault::Unreachable("no route".into()));
            let answer = if out_of_reach { no_route } else { offline::list(&world, None, &ask, at) };
            for import in answer.iter().flat_map(|page| &page.imports) {
                let mut answered = answered.borrow_mut();
                let (before, latest) = answered.entry(import.id.clone()).or_default();
                if *latest < at.as_secs_f64() {
                    (*before, *latest) = (*latest, at.as_secs_f64());
                }
            }
            std::future::ready(answer)
        };
        let watching = async {
            let mut observer = Observer::new(&world, &lives);
            while begin.elapsed().as_secs() < LONGEST && seen.changed().await.is_ok() {
                let snapshot = Arc::clone(&seen.borrow_and_update());
                observer.look(&snapshot, &answered.borrow(), begin.elapsed().as_secs_f64(), figures);
                if observer.all_over() {
                    break;
                }
            }
            observer.leave(figures);
            // The poller ends as nobody is left to wish.
            drop(wishes);
        };
        tokio::join!(poller::run(fetch, Settings::default(), received, publish, clock), watching);
    });
    waiter::wait_for_each(&world, &options, &lives, figures);
}
