//! What a few numbers say of an import's texts, so that filters need not read them in every import.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use super::import::Import;

/// Made once for each version of an import.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Digest {
    /// The same for all imports of one type, mode and status that one person started. Of a million such combinations, two
    /// have the same in one run of 30 million.
    pub texts: u64,
    id_pairs: Pairs,
}

/// The pairs of neighbouring characters in a text, whatever their case: a bit for each of 64 classes of pairs. A text has
/// all that any part of it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairs(u64);

impl Digest {
    pub(super) fn of(import: &Import) -> Self {
        static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let texts = KEYS.hash_one((&import.kind, &import.mode, &import.status, &import.started_by));
        Self { texts, id_pairs: Pairs::of(import.id.as_bytes()) }
    }

    /// Whether the import's id may contain a text with these pairs. It does not where this is false; by chance it is true
    /// of four hexadecimal digits for one uuid in twelve, of six for one in 70.
    pub fn may_contain(&self, part: Pairs) -> bool {
        part.0 & !self.id_pairs.0 == 0
    }
}

impl Pairs {
    pub fn of(text: &[u8]) -> Self {
        let class =
            |a: &u8, b: &u8| a.to_ascii_lowercase().wrapping_mul(7).wrapping_add(b.to_ascii_lowercase());
        let neighbours = text.iter().zip(text.iter().skip(1));
        Self(neighbours.fold(0, |pairs, (a, b)| pairs | 1 << (class(a, b) % 64)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::tests::import;
    use super::*;

    #[test]
    fn an_id_may_contain_every_part_of_it_and_few_others() {
        let digest = Digest::of(&import("0656a1b2-77cd-4e1f-9a0b-c3d4e5f60718", 0, "done", (0, 0, 0)));
        let id = "0656a1b2-77cd-4e1f-9a0b-c3d4e5f60718";
        for part in (0..id.len()).flat_map(|from| (from..=id.len()).map(move |to| &id[from..to])) {
            assert!(digest.may_contain(Pairs::of(part.as_bytes())), "{part}");
            assert!(digest.may_contain(Pairs::of(part.to_uppercase().as_bytes())), "{part}");
        }
        let words = (0..10_000_u32).map(|nth| format!("{:04x}", nth.wrapping_mul(40_503) % 65_536));
        let found = words.filter(|word| digest.may_contain(Pairs::of(word.as_bytes()))).count();
        assert!((20..2_000).contains(&found), "{found}");
    }
}
