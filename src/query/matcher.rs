//! Whether an import passes a filter.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::domain::Now;
use crate::domain::import::Person;
use crate::domain::snapshot::Watched;

use super::fields::{Number, State, Text};
use super::value::{Comparison, Moment};
use super::{Clause, Query};

/// How many letters a fuzzy match may leap over, unless it lands on the beginning of a word.
const LEAP: u32 = 2;

/// From how many characters on a word is looked for in the uuid: fewer are in one uuid of ten by chance.
const UUID_WORD: usize = 4;

/// Working memory of [`Query::matches`]: about 135 kB, so it is made once and kept.
pub struct Matching {
    matcher: Matcher,
    chars: Vec<char>,
    hits: Vec<u32>,
}

impl Default for Matching {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), chars: Vec::new(), hits: Vec::new() }
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
    Number(Number, Comparison, u64),
    Age(Comparison, Duration),
    Since(Moment),
    Until(Moment),
    State(&'static State),
    Report,
}

/// A word that may stand anywhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    part: Atom,
    /// `None` where only the exact text will do.
    fuzzy: Option<Atom>,
    in_uuid: bool,
}

impl Word {
    pub(super) fn new(text: &str, literal: bool) -> Self {
        let atom = |kind| Atom::new(text, CaseMatching::Smart, Normalization::Smart, kind, false);
        Self {
            part: atom(AtomKind::Substring),
            fuzzy: (!literal).then(|| atom(AtomKind::Fuzzy)),
            in_uuid: text.chars().count() >= UUID_WORD,
        }
    }
}

impl Test {
    pub(super) fn text(text: Text, value: &str, whole: bool) -> Self {
        let kind = if whole { AtomKind::Exact } else { AtomKind::Substring };
        Self::Text(text, Atom::new(value, CaseMatching::Ignore, Normalization::Smart, kind, false))
    }
}

impl Query {
    /// Whether an import passes at the moment `now`.
    pub fn matches(&self, watched: &Watched, now: Now, matching: &mut Matching) -> bool {
        let holds = |clause: &Clause, matching: &mut Matching| {
            clause.negated != clause.tests.iter().any(|test| test.holds(watched, now, &self.zone, matching))
        };
        self.clauses.iter().all(|clause| holds(clause, matching))
    }
}

impl Test {
    fn holds(&self, watched: &Watched, now: Now, zone: &TimeZone, matching: &mut Matching) -> bool {
        let created = watched.import.created_at;
        let place = |moment: &Moment| created.map(|created| moment.place(created, now, zone));
        match self {
            Self::Word(word) => matching.finds_word(word, watched),
            Self::Text(text, atom) => text.of(watched).iter().any(|value| matching.finds(atom, value)),
            Self::Number(number, comparison, value) => comparison.holds(number.of(watched), *value),
            Self::Age(comparison, age) => {
                created.is_some_and(|created| comparison.holds(now.age_of(created), *age))
            }
            Self::Since(moment) => place(moment).is_some_and(|place| place.is_ge()),
            Self::Until(moment) => place(moment).is_some_and(|place| place.is_le()),
            Self::State(state) => (state.admits)(watched),
            Self::Report => watched.import.report().is_some(),
        }
    }
}

impl Text {
    /// The forms in which the text is known; an empty one is none.
    fn of(self, watched: &Watched) -> [Cow<'_, str>; 3] {
        let import = &watched.import;
        let person = |part: fn(&Person) -> &str| Cow::Borrowed(import.started_by.as_ref().map_or("", part));
        match self {
            Self::Type => [import.kind.as_str().into(), import.kind.label().into(), "".into()],
            Self::Mode => [import.mode.as_str().into(), import.mode.label().into(), "".into()],
            Self::Status => [import.status.as_str().into(), "".into(), "".into()],
            Self::By => [
                person(|person| person.name.as_str()),
                person(|person| person.email.as_str()),
                person(|person| person.uuid.as_str()),
            ],
            Self::Uuid => [import.id.as_str().into(), "".into(), "".into()],
        }
    }
}

impl Number {
    fn of(self, watched: &Watched) -> u64 {
        let tally = &watched.tally;
        match self {
            Self::Failed => tally.failed(),
            Self::Succeeded => tally.succeeded(),
            Self::Pending => tally.pending(),
            Self::Total => tally.total(),
            Self::Progress => tally.percent().into(),
        }
    }
}

impl Matching {
    fn finds_word(&mut self, word: &Word, watched: &Watched) -> bool {
        let [name, ..] = Text::By.of(watched);
        let verdict = watched.verdict.as_str();
        let [status, ..] = Text::Status.of(watched);
        Text::Type
            .of(watched)
            .iter()
            .chain(&Text::Mode.of(watched))
            .chain(&[status, name, verdict.into(), verdict.replace('_', " ").into()])
            .any(|text| self.finds(&word.part, text) || self.finds_loosely(word.fuzzy.as_ref(), text))
            || (word.in_uuid && self.finds(&word.part, watched.import.id.as_str()))
    }

    fn finds(&mut self, atom: &Atom, text: &str) -> bool {
        !text.is_empty() && atom.score(Utf32Str::new(text, &mut self.chars), &mut self.matcher).is_some()
    }

    fn finds_loosely(&mut self, atom: Option<&Atom>, text: &str) -> bool {
        let Some(atom) = atom else { return false };
        self.hits.clear();
        let text = Utf32Str::new(text, &mut self.chars);
        !text.is_empty()
            && atom.indices(text, &mut self.matcher, &mut self.hits).is_some()
            && is_close(text, &self.hits)
    }
}

/// Whether letters that were found in order are near enough to be meant.
fn is_close(text: Utf32Str<'_>, hits: &[u32]) -> bool {
    let begins_word = |at: u32| at.checked_sub(1).is_none_or(|before| !text.get(before).is_alphanumeric());
    let leaps = hits.iter().zip(hits.iter().skip(1));
    hits.first().is_some_and(|first| begins_word(*first))
        && leaps.into_iter().all(|(from, to)| *to <= from + 1 + LEAP || begins_word(*to))
}
