//! Long work on two cores.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

/// The shortest range that is worth a second thread: on a busy machine it waits for a core. What the loop does itself is
/// usually shorter.
const SHORTEST: usize = if cfg!(test) { 8_000 } else { 32_000 };

/// Does the halves of a range at the same time: what came of both, in their order; of the whole where it is short, or
/// where there is no thread to be had.
pub(crate) fn in_halves<T: Send>(length: usize, work: impl Fn(Range<usize>) -> T + Sync) -> (T, Option<T>) {
    let middle = length / 2;
    thread::scope(|scope| {
        let spawn = || thread::Builder::new().spawn_scoped(scope, || work(middle..length));
        match (length >= SHORTEST).then(spawn) {
            Some(Ok(second)) => {
                let first = work(0..middle);
                (first, Some(second.join().unwrap_or_else(|panic| resume_unwind(panic))))
            }
            _ => (work(0..length), None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_the_whole_in_order() {
        for length in [0, 1, SHORTEST - 1, SHORTEST, SHORTEST + 1, 3 * SHORTEST] {
            let (first, second) = in_halves(length, |range| range.collect::<Vec<_>>());
            assert_eq!(second.is_some(), length >= SHORTEST);
            assert_eq!([first, second.unwrap_or_default()].concat(), (0..length).collect::<Vec<_>>());
        }
    }
}
