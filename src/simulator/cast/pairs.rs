//! Files that somebody validated, mended and then created.

use super::{DAY, Import, Life, MINUTE, Shape, in_office_hours, mix};

/// The two runs of one file.
struct Pair {
    /// Where in the history they stand, the second right after the first.
    place: usize,
    kind: &'static str,
    rows: u64,
    failure_share: f64,
    /// Which of the staff did it.
    staff: usize,
    /// Seconds from the end of the first run to the beginning of the second.
    mended_for: f64,
    /// Seconds from the end of the first run to world time 0.
    ended_before: f64,
}

const PAIRS: [Pair; 2] = [
    Pair {
        place: 16,
        kind: "clients",
        rows: 640,
        failure_share: 0.045,
        staff: 2,
        mended_for: 17.0 * MINUTE,
        ended_before: 55.0 * MINUTE,
    },
    Pair {
        place: 20,
        kind: "plans",
        rows: 1_150,
        failure_share: 0.06,
        staff: 1,
        mended_for: 52.0 * MINUTE,
        ended_before: 3.0 * DAY,
    },
];

/// Of so many rows that failed at first, one fails still.
const ONE_FAILS_STILL_OF: usize = 4;
/// How many rows fail that did not at first.
const FAIL_NEWLY: usize = 2;

/// Puts the pairs where they belong, as far as the history is long enough. The rest of it stays as it is.
pub(super) fn put_into(imports: &mut [Import], seed: u64, begins_at: i64) {
    for pair in &PAIRS {
        if let Some([first, second]) = imports.get_mut(pair.place..pair.place + 2) {
            (*first, *second) = runs(pair, seed, begins_at);
        }
    }
}

fn runs(pair: &Pair, seed: u64, begins_at: i64) -> (Import, Import) {
    // An odd number: a dry run with an even one leaves no report.
    let file = mix(seed, 0x9a12 + pair.place as u64) | 1;
    let life = |own, rate| Life::new(own, Shape::Steady, pair.rows, pair.failure_share, 0.0, rate);
    let first = life(file, 7.0);
    let ended_before = if pair.ended_before < DAY {
        pair.ended_before
    } else {
        in_office_hours(pair.ended_before, begins_at)
    };
    let length = first.ended_at();
    let first = first.starting_at(-ended_before - length);
    let second = life(mix(file, 2), 4.0).failing_in(failing_after(&first));
    let second = second.starting_at(first.ended_at() + pair.mended_for);
    let run = |nth: usize, life, mode| {
        let import = Import::new(seed, (pair.place + nth) as u64, life).of(pair.kind, mode);
        import.of_file(file, pair.staff).without_quirk()
    };
    (run(0, first, "validate"), run(1, second, "store"))
}

/// The rows that fail once most of those that failed were mended: some of them, and a few others.
fn failing_after(first: &Life) -> Vec<u64> {
    let failed: Vec<u64> = (0..first.failed_before(first.rows())).map(|nth| first.failed_row(nth)).collect();
    let still = failed.iter().copied().skip(1).step_by(ONE_FAILS_STILL_OF);
    // Their neighbours, from the end.
    let others = failed.iter().rev().map(|row| row + 1);
    let newly = others.filter(|row| *row < first.rows() && !failed.contains(row)).step_by(5).take(FAIL_NEWLY);
    still.chain(newly).collect()
}
