//! The filter language, the orders and the views of the imports table. Pure: text and imports in, answers out.
//!
//! # The language
//!
//! A filter is a list of terms separated by spaces; **all** of them must match.
//!
//! | written | means |
//! | --- | --- |
//! | `gareth` | a word: it matches any text shown of an import (below) |
//! | `type:clients` | a field and its value; the fields are in [`FIELDS`], their words in [`STATES`] |
//! | `-type:clients`, `-gareth` | not: what the term alone would hide, and nothing else |
//! | `type:clients,plans`, `ann,bob` | or: any of them; a value without a field belongs to the field before it, and a field may change, as in `failed:>0,is:stalled` |
//! | `-type:clients,plans` | not any of them: the `-` is for the whole term |
//! | `by:"gareth t"`, `"in progress"` | quotes keep spaces, and `,` `-` `:` `=` lose their meaning in them |
//!
//! **Words** look at each of these alone, never across them: the type and the mode (the API's word and the one
//! shown), the status word, the verdict, who started it, and, for words of four characters or more, the uuid.
//! They are fuzzy with smart case: a capital in the word makes case count, an accent makes accents count.
//! A word fits a text that contains it; or whose letters it holds in order, when the first is at the beginning
//! of a word and each leap from letter to letter either goes to the beginning of a word or skips two letters at
//! most. So `clents` finds clients, `prst` finds provider statement and `gt` finds Gareth Turner, but `store` does
//! not find Christopher Moore. A word in quotes, and the uuid, is not fuzzy: it must be contained.
//!
//! **Text fields** (`type:`, `mode:`, …) take any part of the value, whatever its case; `type:=plans` takes the
//! whole value only. `type:` looks at the API's word and the one with spaces, `mode:` at the API's word and the
//! web app's (`mode:store` is `mode:create`), `by:` at name, e-mail address and uuid; `by:me` is the person signed in.
//!
//! **Numbers** take `>`, `>=`, `<`, `<=`, `=` or nothing, which is `=`; `1.5k` is 1,500 and `2m` two million,
//! because a comma is an or. `progress:` is the per cent that the table shows, with `%` or without: 100 only when
//! no row is pending.
//!
//! **Times**: `age:<2h` is younger than two hours; `age:2h` is `age:<=2h`. Durations are `90s`, `5m`, `2h`, `3d`,
//! `2w`, `6mo`, `1y`, or together, `1h30m`; a month counts as 30 days, a year as 365. `since:` and `until:` take a date (`2026-11-01`, both ends included, days as in the
//! zone of the screen), `today`, `yesterday` or a duration, counted back from now. An import whose creation date is
//! not known matches none of them.
//!
//! **`is:`** takes a word of [`STATES`]; the beginning of one is enough, and stands for all that begin so.
//!
//! Incomplete filters are accepted while the user types: a field without a value, a lone `-` or an open quote filters as far
//! as it can. A term that is invalid otherwise restricts nothing; a [`FilterError`] says where it is, and what would be valid.

mod complete;
mod fields;
mod listed;
mod matcher;
mod memo;
mod parse;
mod scan;
mod sort;
mod value;
mod view;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

pub use complete::{Completable, Completion, complete};
pub use fields::{FIELDS, Field, STATES, State};
pub use listed::Listed;
pub use matcher::Matching;
pub(crate) use scan::{Name, Names, Part, Term, terms};
pub use sort::{Sort, SortKey, arrange};
pub use view::View;

/// A parsed filter. The default matches everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// All must match.
    clauses: Vec<Clause>,
    /// Where the days of `since:` and `until:` begin.
    zone: TimeZone,
    /// Whether words may match the firm.
    of_several: bool,
    /// Shared by clones; a newly parsed query has its own.
    identity: Arc<()>,
}

impl Default for Query {
    fn default() -> Self {
        Self { clauses: Vec::new(), zone: TimeZone::UTC, of_several: false, identity: Arc::default() }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Clause {
    negated: bool,
    /// At least one, of which any must match.
    tests: Vec<matcher::Test>,
}

impl Clause {
    fn is_quick(&self) -> bool {
        self.tests.iter().all(matcher::Test::is_quick)
    }
}

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// Bytes of the text, on character boundaries, never empty.
    pub span: Range<usize>,
    /// One line that says what would be valid.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.message)
    }
}

impl std::error::Error for FilterError {}

impl Query {
    /// Days in `since:` and `until:` are those of `zone`.
    ///
    /// # Errors
    /// The first error in the text.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, FilterError> {
        match Self::parse_leniently(text, zone) {
            (query, None) => Ok(query),
            (_, Some(error)) => Err(error),
        }
    }

    /// Like [`Query::parse`], but an invalid term restricts nothing. Returns the first error as well.
    pub fn parse_leniently(text: &str, zone: &TimeZone) -> (Self, Option<FilterError>) {
        let (mut clauses, error) = parse::clauses(text);
        // First those that need not read the imports themselves.
        clauses.sort_by_key(|clause| !clause.is_quick());
        (Self { clauses, zone: zone.clone(), ..Self::default() }, error)
    }

    /// The same filter for imports of several firms, whose names are shown and so are what a word may match.
    pub fn of_several(self, of_several: bool) -> Self {
        Self { of_several, ..self }
    }

    /// Whether an unchanged import may match at one time and not at another.
    pub fn depends_on_time(&self) -> bool {
        self.tests().any(matcher::Test::depends_on_time)
    }

    fn tests(&self) -> impl Iterator<Item = &matcher::Test> {
        self.clauses.iter().flat_map(|clause| &clause.tests)
    }

    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }
}
