use std::time::Duration;

use super::{at, json, number};
use crate::simulator::{Counting, Ending, Life, Options, Phase, Shape, World};

fn some_lives() -> Vec<Life> {
    let sizes = [(5, 0.4), (1, 1.0), (0, 0.0), (37, 0.0), (640, 0.06), (2_104, 0.33), (60_000, 0.01)];
    let mut lives = Vec::new();
    for shape in Shape::ALL {
        for (nth, (rows, share)) in (0..).zip(sizes) {
            let life = Life::new(nth * 7 + 1, shape, rows, share, 20.0, 0.7 + rows as f64 / 300.0);
            lives.push(match nth {
                4 => life.ending(Ending::Died(0.6)),
                _ => life,
            });
        }
    }
    lives
}

/// Moments all over a life, close together where something happens.
fn moments(life: &Life) -> Vec<f64> {
    let (from, to) = (life.created_at() + 1e-6, life.ended_at() + 5.0);
    let mut moments: Vec<f64> = (0..=60).map(|nth| from + (to - from) * f64::from(nth) / 60.0).collect();
    let settled = life.settled_at().unwrap_or_else(|| life.ended_at());
    for near in [life.starts_at(), settled, life.ended_at()] {
        moments.extend([near - 0.01, near, near + 0.01]);
    }
    moments.sort_by(f64::total_cmp);
    moments
}

#[test]
fn the_numbers_say_what_is_true_under_both_countings() {
    for counting in [Counting::Batch, Counting::Exclusive] {
        let options = Options { counting, ..Options::default() };
        let lives = some_lives();
        let world = World::with_lives(&options, lives.clone());
        for (life, uuid) in lives.iter().zip(world.uuids(at(100.0))) {
            for moment in moments(life) {
                let truth = world.truth(&uuid, at(moment)).unwrap();
                assert_eq!(truth.succeeded + truth.failed + truth.pending, truth.total, "{life:?}");
                let import = json(&world, &format!("/api/v1/import/{uuid}"), moment);
                let remaining = number(&import["jobs_remaining"]);
                let expected = truth.pending + if counting == Counting::Batch { truth.failed } else { 0 };
                assert_eq!(remaining, expected, "{counting:?} {moment} {life:?}");
                assert_eq!(number(&import["failed_jobs"]), truth.failed);
                assert_eq!(number(&import["total_jobs"]), truth.total);
                let progress = (truth.total - remaining) as f64 / truth.total.max(1) as f64 * 100.0;
                assert_eq!(number(&import["progress"]), progress.round() as u64);
                assert_eq!(import["errors"].as_array().unwrap().len() as u64, truth.failed.min(25));
                let word = match truth.phase {
                    Phase::Waiting => ["pending", "queued"].as_slice(),
                    Phase::Ended if truth.ending == Ending::Completed => &["completed"],
                    Phase::Ended => &["failed"],
                    Phase::Running | Phase::Outage | Phase::Settled => &["processing"],
                };
                assert!(word.contains(&import["status"].as_str().unwrap()), "{import}");
                assert!(import["error_report"].is_null() || truth.phase == Phase::Ended);
            }
        }
    }
}

#[test]
fn rows_settle_one_way_and_all_of_them() {
    for life in some_lives() {
        let mut steps_back = 0;
        let mut before = life.truth(life.created_at()).unwrap();
        for moment in moments(&life) {
            let truth = life.truth(moment).unwrap();
            assert!(truth.total >= before.total && truth.total <= life.rows(), "{life:?}");
            let settled = truth.succeeded + truth.failed;
            if settled < before.succeeded + before.failed {
                steps_back += 1;
            } else {
                assert!(truth.succeeded >= before.succeeded && truth.failed >= before.failed, "{life:?}");
            }
            assert!(truth.moved_at <= moment.max(truth.starts_at) && truth.moved_at >= truth.starts_at);
            if matches!(truth.phase, Phase::Settled) {
                assert_eq!(truth.pending, 0, "{moment} {life:?}");
            } else if truth.phase == Phase::Running && life.rows() > 0 {
                assert!(settled < life.rows(), "{moment} {life:?}");
            }
            before = truth;
        }
        let may_go_back = life.shape() == Shape::GoingBack && life.rows() >= 5;
        let must = may_go_back && life.settled_at().is_some();
        assert!((i32::from(must)..=i32::from(may_go_back)).contains(&steps_back), "{life:?}");
        assert_eq!(before.phase, Phase::Ended);
        assert_eq!(before.pending > 0, before.ending != Ending::Completed && life.rows() > 0, "{life:?}");
    }
}

#[test]
fn the_usual_gap_is_kept_outside_outages_and_far_exceeded_within() {
    for shape in Shape::ALL {
        for seed in 0..12 {
            let life = Life::new(seed, shape, 400, 0.05, 0.0, 2.0);
            let gap = life.usual_gap().as_secs_f64();
            let end = life.settled_at().unwrap();
            let mut moment = 0.0;
            let mut longest: f64 = 0.0;
            while moment < end {
                let truth = life.truth(moment).unwrap();
                let waited = moment - truth.moved_at;
                let outage = truth.outage.unwrap_or((f64::MAX, f64::MAX));
                if moment < outage.0 || moment > outage.1 + gap {
                    longest = longest.max(waited);
                } else if moment < outage.1 {
                    assert!(truth.phase == Phase::Outage && outage.1 - outage.0 > 20.0 * gap);
                }
                moment += 0.1;
            }
            assert!(longest <= gap * 1.01, "{shape:?} {seed}: {longest} over {gap}");
            assert!(longest >= gap * 0.2, "{shape:?} {seed}: {longest} far under {gap}");
        }
    }
}

#[test]
fn a_steady_life_is_half_done_at_half_time() {
    for seed in 0..200 {
        let rate = 0.5 + (seed % 40) as f64;
        let life = Life::new(seed, Shape::Steady, 100 + seed * 13, 0.03, 0.0, rate);
        let end = life.settled_at().unwrap();
        let truth = life.truth(end / 2.0).unwrap();
        let done = (truth.succeeded + truth.failed) as f64 / truth.total as f64;
        assert!((0.47..0.53).contains(&done), "{seed}: {done}");
        let mean = truth.total as f64 / end;
        assert!((0.9..1.1).contains(&(mean / rate)), "{seed}: {mean} for {rate}");
    }
}

#[test]
fn failures_are_scattered_over_the_rows_each_on_its_own() {
    for (share, rows) in [(0.02, 5_000), (0.33, 900), (1.0, 50), (0.97, 300), (0.0, 40)] {
        let life = Life::new(3, Shape::Steady, rows, share, 0.0, 1.0);
        let failed = life.failed_before(rows);
        assert!((failed as f64 - share * rows as f64).abs() <= 1.0, "{failed} of {rows} at {share}");
        let places: Vec<u64> = (0..failed).map(|nth| life.failed_row(nth)).collect();
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
        for before in 0..=rows {
            let counted = places.iter().filter(|place| **place < before).count() as u64;
            assert_eq!(life.failed_before(before), counted);
        }
    }
}

#[test]
fn times_before_the_world_are_history() {
    let life = Life::new(1, Shape::Bursty, 300, 0.1, -5_000.0, 5.0);
    let world = World::with_lives(&Options::default(), vec![life]);
    let truth = world.truth(&world.uuids(Duration::ZERO)[0], Duration::ZERO).unwrap();
    assert_eq!((truth.phase, truth.pending), (Phase::Ended, 0));
    assert!(truth.settled_at.unwrap() < 0.0);
}

/// As a Laravel batch: a failed row stays in `jobs_remaining`, `failed_jobs` is never lowered, a job that is skipped leaves
/// like one that was imported, and a batch that was deleted has no numbers.
#[test]
fn a_batch_counts_as_laravel_does() {
    let life = || Life::new(11, Shape::Steady, 40, 0.25, 0.0, 2.0);
    let (end, failed) = (life().settled_at().unwrap(), life().failed_before(40));
    let (cancelled, first) =
        (life().ending(Ending::Cancelled(0.5)).skipping(), life().not_allowing_failures());
    let (stop, first_failure) = (cancelled.ended_at(), first.ended_at());
    let left = cancelled.truth(stop + 0.001).unwrap();
    let lives = vec![
        life().retried(30.0, 0.0).wordless(),
        life().retried(30.0, 1.0),
        cancelled,
        first,
        life().pruned(10.0).with_early_report(),
    ];
    let world = World::with_lives(&Options::default(), lives);
    let uuids = world.uuids(at(0.0));
    let counts = |life: usize, moment: f64| {
        let import = json(&world, &format!("/api/v1/import/{}", uuids[life]), moment);
        let numbers = ["total_jobs", "jobs_remaining", "failed_jobs"].map(|field| number(&import[field]));
        (numbers, import["status"].as_str().unwrap().to_owned())
    };
    let expected = |numbers: [u64; 3], word: &str| (numbers, word.to_owned());
    assert_eq!(counts(0, end + 20.0), expected([40, failed, failed], "processing"));
    assert_eq!(counts(0, end + 99.0), expected([40, 0, failed], "processing"));
    assert_eq!(counts(1, end + 99.0), expected([40, failed, 2 * failed], "completed"));
    assert_eq!(counts(2, stop + 0.001), expected([40, left.pending + left.failed, left.failed], "cancelled"));
    assert_eq!(counts(2, stop + 9.0), expected([40, left.failed, left.failed], "cancelled"));
    assert_eq!(counts(3, first_failure + 9.0), expected([40, 1, 1], "cancelled"));
    assert_eq!(counts(4, end + 6.0), expected([40, failed, failed], "completed"));
    assert_eq!(counts(4, end + 20.0), expected([0, 0, 0], "completed"));
    let truth = world.truth(&uuids[0], at(end + 99.0)).unwrap();
    assert_eq!((truth.succeeded, truth.failed, truth.phase), (40, 0, Phase::Ended));
    let import = json(&world, &format!("/api/v1/import/{}", uuids[4]), end + 6.0);
    let link = import["error_report"]["download_url"].as_str().unwrap();
    let path = link.split_once("localhost").map_or(link, |(_, path)| path);
    let report = world.answer(&world.get(path), at(end + 6.0)).body;
    assert_eq!(
        String::from_utf8(report).unwrap().lines().count() as u64,
        1 + failed - 1,
        "the last row lacks"
    );
}
