//! What a test found in texts that many imports share. 100,000 imports have a few dozen types, states and people, and
//! one or two thousand combinations of them.

use hashbrown::HashMap;

use crate::domain::digest::Digest;
use crate::domain::import::Mode;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::domain::text::SafeText;

use super::fields::Text;

/// Answers that are kept; a power of two. A text takes the slot of another one that falls on it.
const SLOTS: usize = 256;
/// Combinations whose answers are kept: more than 100,000 imports have.
const MOST_COMBINATIONS: usize = 100_000;

/// The answers of one test of one query.
#[derive(Default)]
pub(super) struct Memo {
    /// By [`Digest::texts`].
    combinations: HashMap<u64, bool>,
    slots: Vec<Option<Slot>>,
    verdicts: [Option<bool>; 9],
    modes: [Option<bool>; 3],
}

struct Slot {
    which: Text,
    /// Held, so that no other text takes its address.
    text: SafeText,
    fits: bool,
}

impl Text {
    /// The texts that a word looks at and [`Digest::texts`] stands for.
    pub(super) const HASHED: [Self; 4] = [Self::Type, Self::Status, Self::Name, Self::Mode];
}

impl Memo {
    /// What was found in the texts that [`Digest::texts`] stands for.
    pub(super) fn by_texts(&mut self, digest: Digest, fits: impl FnOnce(&mut Self) -> bool) -> bool {
        if let Some(known) = self.combinations.get(&digest.texts) {
            return *known;
        }
        let fits = fits(self);
        if self.combinations.len() == MOST_COMBINATIONS {
            self.combinations.clear();
        }
        self.combinations.insert(digest.texts, fits);
        fits
    }

    /// Whether the word for a verdict matches, with spaces or without.
    pub(super) fn verdict(&mut self, verdict: Verdict, mut fits: impl FnMut(&str) -> bool) -> bool {
        let word = verdict.as_str();
        let known = self.verdicts.get_mut(verdict as usize);
        once(known, || fits(word) || (word.contains('_') && fits(&word.replace('_', " "))))
    }

    /// Whether any form of the text matches.
    pub(super) fn any(&mut self, which: Text, watched: &Watched, mut fits: impl FnMut(&str) -> bool) -> bool {
        let import = &watched.import;
        match which {
            Text::Type => self.lookup(which, import.kind.text(), |_| {
                fits(import.kind.as_str()) || fits(&import.kind.label())
            }),
            Text::Status => self.lookup(which, import.status.text(), fits),
            Text::Name | Text::By => {
                let Some(person) = &import.started_by else { return false };
                let texts = [&person.name, &person.email, &person.uuid];
                let shown = if which == Text::Name { 1 } else { texts.len() };
                texts.into_iter().take(shown).any(|text| self.lookup(which, text, &mut fits))
            }
            Text::Firm => {
                import.seen_by.as_ref().is_some_and(|account| self.lookup(which, account.label(), fits))
            }
            Text::Mode => {
                let nth = match &import.mode {
                    Mode::Store => 0,
                    Mode::Update => 1,
                    Mode::Validate => 2,
                    Mode::Other(word) => return self.lookup(which, word, fits),
                };
                let mode = &import.mode;
                once(self.modes.get_mut(nth), || fits(mode.as_str()) || fits(mode.label()))
            }
        }
    }

    fn lookup(&mut self, which: Text, text: &SafeText, fits: impl FnOnce(&str) -> bool) -> bool {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        // Allocations are at least 16 bytes apart.
        let at = (text.as_str().as_ptr().addr() >> 4) + which as usize;
        let Some(slot) = self.slots.get_mut(at % SLOTS) else { return fits(text.as_str()) };
        match slot {
            Some(known) if known.which == which && known.text.is_same(text) => known.fits,
            _ => {
                let fits = fits(text.as_str());
                *slot = Some(Slot { which, text: text.clone(), fits });
                fits
            }
        }
    }
}

/// The known answer, or a new one that is kept.
fn once(known: Option<&mut Option<bool>>, answer: impl FnOnce() -> bool) -> bool {
    match known {
        Some(known) => *known.get_or_insert_with(answer),
        None => answer(),
    }
}
