use super::*;
use proptest::prelude::*;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// The pace after observing `settled` every two seconds.
fn watched(seconds: u64, settled: impl Fn(u64) -> u64) -> Pace {
    let mut pace = Pace::default();
    for at in (0..=seconds).step_by(2) {
        pace.observe(secs(at), settled(at));
    }
    pace
}

/// How many seconds without a move it takes until the import counts as stalled.
fn until_stalled(mut pace: Pace, settled: u64) -> u64 {
    let start = pace.last_observed().unwrap().as_secs();
    let quiet = pace.quiet_for().as_secs();
    let stalled_at = (start + 2..).step_by(2).find(|at| {
        pace.observe(secs(*at), settled);
        pace.is_stalled()
    });
    stalled_at.unwrap() - start + quiet
}

#[test]
fn a_steady_pace_has_one_eta() {
    let pace = watched(120, |at| at * 5);
    assert!((pace.rate().unwrap() - 5.0).abs() < 0.01);
    assert_eq!(pace.eta(600), Some(Eta { soonest: secs(120), latest: secs(120) }));
    assert_eq!(pace.eta(0), None);
    assert_eq!(pace.eta(5 * 86_401), None, "past a day");
    let slices = pace.throughput(12);
    assert_eq!(slices.len(), 12);
    assert!(slices.iter().all(|rate| (rate - 5.0).abs() < 0.01), "{slices:?}");
    assert!((pace.peak().unwrap() - 5.0).abs() < 0.01);
}

#[test]
fn two_answers_a_moment_apart_are_no_rate_and_no_peak() {
    let mut pace = Pace::default();
    // Ten rows a second; the server counts them in batches, and the second answer comes at once.
    for (millis, settled) in [(0, 100), (60, 108), (2_060, 120), (4_060, 140)] {
        pace.observe(Duration::from_millis(millis), settled);
        assert_eq!((pace.rate(), pace.peak(), pace.eta(100)), (None, None, None), "{millis} ms");
    }
    for at in (6..60).step_by(2) {
        pace.observe(Duration::from_millis(at * 1000 + 60), at * 10 + 100);
        for rate in [pace.rate(), pace.peak()].into_iter().flatten() {
            assert!((8.0..13.0).contains(&rate), "{rate}/s after {at} s");
        }
    }
    assert!(pace.rate().is_some() && pace.peak().is_some());
}

#[test]
fn a_slow_import_has_its_rate_from_whole_gaps() {
    // One row every twenty seconds, seen every two.
    let pace = watched(410, |at| at / 20);
    assert!((pace.rate().unwrap() - 0.05).abs() < 0.002, "{:?}", pace.rate());
    let eta = pace.eta(10).unwrap();
    assert!(eta.soonest <= secs(205) && eta.latest >= secs(195), "{eta:?}");
}

#[test]
fn there_is_no_eta_too_early_or_for_an_erratic_import() {
    assert_eq!(watched(8, |at| at).eta(100), None, "four moves");
    assert!(watched(12, |at| at).eta(100).is_some());
    let jumpy = watched(300, |at| [0, 3, 4, 200, 210, 600, 601, 602, 900, 2000, 2001][at as usize / 30]);
    assert_eq!(jumpy.eta(100), None);
    // An uneven pace: a range around what the mean says.
    let uneven = watched(240, |at| at * 5 + (at % 60).min(30) * 3);
    let eta = uneven.eta(1000).unwrap();
    assert!(eta.soonest < eta.latest, "{eta:?} {:?}", uneven.throughput(8));
}

#[test]
fn a_stall_is_measured_by_the_imports_own_gap() {
    let quick = watched(100, |at| at);
    assert_eq!(until_stalled(quick, 100), 26, "a gap counts as ten seconds at least");
    let slow = watched(410, |at| at / 20);
    let seconds = until_stalled(slow, 20);
    assert!((40..60).contains(&seconds), "{seconds}");
    // A burst every thirty seconds is its own way to move.
    let bursty = watched(300, |at| at / 30 * 50 + (at % 30).min(5) * 10);
    let seconds = until_stalled(bursty, 550);
    assert!((45..90).contains(&seconds), "{seconds}");
    // Nothing is known yet: it takes longer.
    let fresh = watched(6, |at| at);
    assert!(until_stalled(fresh, 6) > 60);
}

#[test]
fn one_outage_does_not_become_usual_but_a_habit_does() {
    let outage = |at: u64| if at < 100 { at } else { at.saturating_sub(200).max(100) };
    let pace = watched(400, outage);
    assert!(!pace.is_stalled());
    assert_eq!(until_stalled(pace, 200), 26);
    let habit = |at: u64| at / 150 * 50 + (at % 150).min(50);
    let pace = watched(450, habit);
    assert!(until_stalled(pace, 150) > 100);
}

#[test]
fn lost_contact_is_never_quiet_time() {
    let mut pace = watched(100, |at| at);
    pace.lost_contact();
    pace.observe(secs(700), 100);
    assert!(pace.quiet_for() <= secs(6), "{:?}", pace.quiet_for());
    assert!(!pace.is_stalled());
    // The same unannounced, as after a laptop's sleep.
    let mut pace = watched(100, |at| at);
    pace.observe(secs(700), 100);
    assert!(!pace.is_stalled());
    // Slower polling is no lost contact.
    let mut pace = watched(100, |at| at);
    for at in (110..=140).step_by(10) {
        pace.observe(secs(at), 100);
    }
    assert!(pace.is_stalled());
}

#[test]
fn rows_put_back_are_done_again_and_a_stale_answer_moves_nothing() {
    let back = watched(200, |at| if at < 100 { at * 5 } else { at * 5 - 100 });
    assert!((back.rate().unwrap() - 5.0).abs() < 0.3, "{:?}", back.rate());
    assert!(back.eta(100).is_some());
    // Two servers behind one address, one of them behind the other: 100, 90, 100, 90.
    let flapping = watched(300, |at| if at < 100 { at } else { 100 - (at / 2 % 2) * 10 });
    assert!(flapping.is_stalled());
}

#[test]
fn reading_the_numbers_anew_is_no_move() {
    for (before, after) in [(500, 430), (500, 570)] {
        let mut pace = watched(100, |at| at * 5);
        let rate = pace.rate();
        pace.recount(after);
        for at in (102..=126).step_by(2) {
            pace.observe(secs(at), after);
        }
        assert!(pace.is_stalled(), "{before} read as {after}");
        pace.observe(secs(128), after + 10);
        assert!(!pace.is_stalled() && pace.rate() < rate);
    }
}

#[test]
fn time_out_of_contact_makes_nothing_look_steady() {
    let jumpy = |at: u64| at * 2 + at / 40 % 2 * 300 + at / 40 * 100;
    let mut pace = watched(200, jumpy);
    assert_eq!(pace.eta(1000), None);
    pace.lost_contact();
    pace.observe(secs(1000), 6000);
    assert_eq!(pace.eta(1000), None, "most of it went unseen");
    let mut steady = watched(200, |at| at * 5);
    steady.lost_contact();
    steady.observe(secs(250), 1250);
    assert_eq!(steady.eta(500), Some(Eta { soonest: secs(100), latest: secs(100) }));
}

#[test]
fn rate_fades_while_quiet_and_is_gone_when_stalled() {
    let mut pace = watched(100, |at| at * 5);
    let full = pace.rate().unwrap();
    for at in (102..=120).step_by(2) {
        pace.observe(secs(at), 500);
    }
    assert!(pace.rate().unwrap() < full * 0.9);
    for at in (122..=140).step_by(2) {
        pace.observe(secs(at), 500);
    }
    assert_eq!((pace.rate(), pace.eta(100)), (None, None));
}

proptest! {
    #[test]
    fn whatever_is_observed_stays_bounded_and_sane(
        steps in proptest::collection::vec((0..40_000u64, prop_oneof![0..500u64, any::<u64>()], any::<bool>()), 0..600),
        pending in any::<u64>(),
        slices in 0..300usize,
    ) {
        let mut pace = Pace::default();
        let mut up = Duration::ZERO;
        for (millis, settled, lost) in steps {
            up += Duration::from_millis(millis);
            if lost { pace.lost_contact(); }
            pace.observe(up, settled);
        }
        prop_assert!(pace.window.len() <= WINDOW && pace.history.len() <= 121);
        prop_assert!(pace.quiet_for() <= up);
        prop_assert!(pace.rate().is_none_or(|rate| rate.is_finite() && rate > 0.0));
        let sane = |rate: &f64| rate.is_finite() && *rate >= 0.0;
        prop_assert!(pace.throughput(slices).iter().all(sane) && pace.peak().is_none_or(|peak| sane(&peak)));
        prop_assert!(pace.eta(pending).is_none_or(|eta| eta.soonest <= eta.latest && eta.latest <= FARTHEST));
    }
}
