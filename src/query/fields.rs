//! The fields of the filter language as data: the parser and the help read the same table.

use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;

use super::View;

/// One field of the filter language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// What stands before the colon.
    pub name: &'static str,
    /// What may stand after it, as an example.
    pub value: &'static str,
    /// What it narrows to.
    pub what: &'static str,
    pub(super) takes: Takes,
}

/// What a field compares with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text(Text),
    Number(Number),
    Age,
    Since,
    Until,
    State,
    Has,
}

/// Texts of an import that a field or a word can narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Type,
    Mode,
    Status,
    /// Name, e-mail address and uuid of who started it.
    By,
    /// The name alone.
    Name,
    Verdict,
    Uuid,
}

/// Numbers of an import that a field can narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Failed,
    Succeeded,
    Pending,
    Total,
    Progress,
}

/// Every field, in the order in which help tells them.
pub const FIELDS: &[Field] = &[
    field("type", "clients", "what is imported", Takes::Text(Text::Type)),
    field("mode", "create", "create (or store), update, validate", Takes::Text(Text::Mode)),
    field("status", "processing", "the server's own status word", Takes::Text(Text::Status)),
    field("by", "\"gareth t\"", "who started it: name, e-mail address or uuid", Takes::Text(Text::By)),
    field("uuid", "065680d5", "the import's uuid, or a part of it", Takes::Text(Text::Uuid)),
    field("is", "stalled", "the state, as this program judges it", Takes::State),
    field("has", "report", "imports with an error report", Takes::Has),
    field("failed", ">0", "rows that were refused", Takes::Number(Number::Failed)),
    field("succeeded", ">=1k", "rows that were imported", Takes::Number(Number::Succeeded)),
    field("pending", "<100", "rows that nobody has tried yet", Takes::Number(Number::Pending)),
    field("total", ">=1000", "rows in the import", Takes::Number(Number::Total)),
    field("progress", "<50%", "per cent of rows that were tried", Takes::Number(Number::Progress)),
    field("age", "<2h", "time since it was created", Takes::Age),
    field(
        "since",
        "2026-11-01",
        "created on that day or later; or since today, yesterday, 3d ago",
        Takes::Since,
    ),
    field("until", "2026-11-30", "created on that day or before", Takes::Until),
];

const fn field(name: &'static str, value: &'static str, what: &'static str, takes: Takes) -> Field {
    Field { name, value, what, takes }
}

impl Field {
    /// The field of that name, whatever its case.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// One word that `is:` takes.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// The word.
    pub name: &'static str,
    /// What is in that state.
    pub what: &'static str,
    pub(super) admits: fn(&Watched) -> bool,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every word that `is:` takes, in the order in which help tells them.
pub const STATES: &[State] = &[
    state("running", "rows are being tried, or should be: also stalled and finishing", |w| {
        w.verdict.is_active()
    }),
    state("stalled", "nothing has moved for far longer than usual", |w| w.verdict == Verdict::Stalled),
    state("finishing", "every row was tried, the server has not said that it is over", |w| {
        w.verdict == Verdict::Finishing
    }),
    state("queued", "waiting for its first row", |w| w.verdict == Verdict::Queued),
    state("unfinished", "not over: running, queued or unknown; the view Running", |w| {
        View::Running.admits(w)
    }),
    state("failed", "rows failed, or the import itself; the view Failed rows", |w| {
        View::FailedRows.admits(w)
    }),
    state("done", "over, however it went; the view Done", |w| View::Done.admits(w)),
    state("done_with_failures", "over, and some rows failed", |w| w.verdict == Verdict::DoneWithFailures),
    state("cancelled", "somebody stopped it", |w| w.verdict == Verdict::Cancelled),
    state("unknown", "neither the status word nor the numbers tell", |w| w.verdict == Verdict::Unknown),
];

const fn state(name: &'static str, what: &'static str, admits: fn(&Watched) -> bool) -> State {
    State { name, what, admits }
}
