//! Whether an import passes a filter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use memchr::memmem;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::domain::Now;
use crate::domain::digest::Pairs;
use crate::domain::import::ImportId;
use crate::domain::snapshot::Watched;

use super::fields::{Number, State, Text};
use super::memo::Memo;
use super::value::{Comparison, Moment};
use super::{Clause, Listed, Query};

/// Letters that a fuzzy match may skip, unless it continues at the beginning of a word.
const MOST_SKIPPED: u32 = 2;

/// The shortest word that is searched for in the uuid: fewer characters are in one uuid of ten by chance.
const SHORTEST_IN_UUID: usize = 4;

/// Working memory of [`Query::matches`]: 135 kB and more, so it is made once and kept.
pub struct Matching {
    finder: Finder,
    /// The query that `memos` is about.
    of: Arc<()>,
    /// By clause and test, what was found in texts that many imports share.
    memos: Vec<Vec<Memo>>,
    tried: u64,
}

/// Looks for an atom in a text.
struct Finder {
    matcher: Matcher,
    chars: Vec<char>,
    hits: Vec<u32>,
    ended: String,
}

impl Default for Matching {
    fn default() -> Self {
        let matcher = Matcher::new(Config::DEFAULT);
        let finder = Finder { matcher, chars: Vec::new(), hits: Vec::new(), ended: String::new() };
        Self { finder, of: Arc::default(), memos: Vec::new(), tried: 0 }
    }
}

impl Matching {
    /// How many imports were tried with it.
    pub fn tried(&self) -> u64 {
        self.tried
    }

    /// Clears the memos of another query.
    fn switch_to(&mut self, query: &Query) {
        if !Arc::ptr_eq(&self.of, &query.identity) {
            self.of = Arc::clone(&query.identity);
            let memos = |clause: &Clause| clause.tests.iter().map(|_| Memo::default()).collect();
            self.memos = query.clauses.iter().map(memos).collect();
        }
    }
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matching").finish_non_exhaustive()
    }
}

/// One alternative of a term.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Word(Word),
    Text(Text, Atom),
    Uuid(Atom, Pairs),
    Number(Number, Comparison, u64),
    Age(Comparison, Duration),
    Since(Moment),
    Until(Moment),
    State(&'static State),
    Report,
    /// Started by the person who is signed in.
    Me,
}

/// A word that may stand anywhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    part: Atom,
    /// `None` where only the exact text will do.
    fuzzy: Option<Atom>,
    /// The word, where it is looked for in the uuid.
    in_uuid: Option<(Box<str>, Pairs)>,
}

impl Word {
    pub(super) fn new(text: &str, literal: bool) -> Self {
        let atom = |kind| Atom::new(text, CaseMatching::Smart, Normalization::Smart, kind, false);
        Self {
            part: atom(AtomKind::Substring),
            fuzzy: (!literal).then(|| atom(AtomKind::Fuzzy)),
            in_uuid: (text.chars().count() >= SHORTEST_IN_UUID)
                .then(|| (text.into(), Pairs::of(text.as_bytes()))),
        }
    }
}

impl Query {
    /// Whether an import passes at the moment `now`.
    pub fn matches(&self, listed: &Listed, now: Now, matching: &mut Matching) -> bool {
        matching.switch_to(self);
        matching.tried += 1;
        let Matching { finder, memos, .. } = matching;
        self.clauses.iter().zip(memos).all(|(clause, memos)| {
            let mut tests = clause.tests.iter().zip(memos);
            clause.negated != tests.any(|(test, memo)| test.holds(listed, now, self, finder, memo))
        })
    }
}

impl Test {
    pub(super) fn depends_on_time(&self) -> bool {
        match self {
            Self::Age(..) => true,
            Self::Since(moment) | Self::Until(moment) => !matches!(moment, Moment::Day(_)),
            _ => false,
        }
    }

    /// Whether a [`Listed`] answers it for most imports.
    pub(super) fn is_quick(&self) -> bool {
        matches!(self, Self::Word(_) | Self::Text(..) | Self::Uuid(..) | Self::State(_))
    }

    fn holds(&self, listed: &Listed, now: Now, query: &Query, finder: &mut Finder, memo: &mut Memo) -> bool {
        let watched = listed.watched.as_ref();
        let place = |moment: &Moment| Some(moment.place(watched.import.created_at?, now, &query.zone));
        match self {
            Self::Word(word) => {
                let mut fits =
                    |text: &str| finder.finds(&word.part, text) || finder.finds_loosely(word, text);
                memo.verdict(listed.verdict, &mut fits)
                    || memo.by_texts(listed.digest, |memo| {
                        Text::HASHED.into_iter().any(|which| memo.any(which, watched, &mut fits))
                    })
                    || (query.of_several && memo.any(Text::Firm, watched, &mut fits))
                    || word.in_uuid.as_ref().is_some_and(|(part, pairs)| {
                        listed.digest.may_contain(*pairs) && is_in(&watched.import.id, part)
                    })
            }
            Self::Uuid(atom, pairs) => {
                listed.digest.may_contain(*pairs) && finder.finds(atom, watched.import.id.as_str())
            }
            Self::Text(Text::Firm, atom) => memo.any(Text::Firm, watched, |text| finder.finds(atom, text)),
            Self::Text(which, atom) => {
                let mut finds = |text: &str| finder.finds(atom, text);
                memo.by_texts(listed.digest, |memo| memo.any(*which, watched, &mut finds))
            }
            Self::Number(number, comparison, value) => {
                number.of(watched).is_some_and(|number| comparison.holds(number, *value))
            }
            Self::Age(comparison, age) => {
                let created = watched.import.created_at;
                created.is_some_and(|created| comparison.holds(now.age_of(created), *age))
            }
            Self::Since(moment) => place(moment).is_some_and(|place| place.is_ge()),
            Self::Until(moment) => place(moment).is_some_and(|place| place.is_le()),
            Self::State(state) => (state.admits)(listed),
            Self::Report => watched.import.report().is_some(),
            Self::Me => {
                let (person, me) = (watched.import.started_by.as_ref(), watched.import.account_id());
                let both = person.zip(me);
                both.is_some_and(|(it, me)| it.uuid.as_str().eq_ignore_ascii_case(me.as_str()))
            }
        }
    }
}

impl Number {
    /// `None` if it is not known.
    fn of(self, watched: &Watched) -> Option<u64> {
        let tally = &watched.tally;
        match self {
            Self::Failed => Some(tally.failed()),
            Self::Succeeded => tally.succeeded(),
            Self::Pending => tally.pending(),
            Self::Total => Some(tally.total()),
            Self::Progress => tally.percent().map(u64::from),
        }
    }
}

impl Finder {
    fn finds(&mut self, atom: &Atom, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        self.ended.clear();
        self.ended.push_str(text);
        if atom.kind == AtomKind::Substring {
            // nucleo 0.3 does not look near the end for what begins with two digits or dashes.
            self.ended.extend(std::iter::repeat_n('\n', atom.needle_text().len()));
        }
        atom.score(Utf32Str::new(&self.ended, &mut self.chars), &mut self.matcher).is_some()
    }

    fn finds_loosely(&mut self, word: &Word, text: &str) -> bool {
        let Some(atom) = &word.fuzzy else { return false };
        self.hits.clear();
        let text = Utf32Str::new(text, &mut self.chars);
        !text.is_empty()
            && atom.indices(text, &mut self.matcher, &mut self.hits).is_some()
            && is_close(text, &self.hits)
    }
}

/// Whether a part is in an id, which is ASCII; a capital in the part makes case count.
fn is_in(id: &ImportId, part: &str) -> bool {
    let id = id.as_bytes();
    let has_capital = || id.iter().any(u8::is_ascii_uppercase);
    let contains = |id: &[u8]| memmem::find(id, part.as_bytes()).is_some();
    contains(id) || (has_capital() && contains(&id.to_ascii_lowercase()))
}

/// Whether the letters found in order are close enough for a fuzzy match.
fn is_close(text: Utf32Str<'_>, hits: &[u32]) -> bool {
    let begins_word = |at: u32| at.checked_sub(1).is_none_or(|before| !text.get(before).is_alphanumeric());
    let gaps = hits.iter().zip(hits.iter().skip(1));
    hits.first().is_some_and(|first| begins_word(*first))
        && gaps.into_iter().all(|(from, to)| *to <= from + 1 + MOST_SKIPPED || begins_word(*to))
}
