//! The fields of the filter language as data: the parser and the help read the same table.

use crate::domain::tally::Verdict;

use super::{Listed, View};

/// One field of the filter language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Before the colon.
    pub name: &'static str,
    /// An example of what follows the colon.
    pub value: &'static str,
    /// One line of help.
    pub what: &'static str,
    pub(super) takes: Takes,
}

/// How a field's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text(Text),
    Uuid,
    Number(Number),
    Age,
    Since,
    Until,
    State,
    Has,
}

/// Texts of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Type,
    Mode,
    Status,
    /// Name, e-mail address and uuid of who started it.
    By,
    /// The name alone.
    Name,
    Firm,
}

/// Numbers of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Failed,
    Succeeded,
    Pending,
    Total,
    Progress,
}

/// In the order of the help.
pub const FIELDS: &[Field] = &[
    field("type", "clients", "what is imported", Takes::Text(Text::Type)),
    field("mode", "create", "create (or store), update, validate", Takes::Text(Text::Mode)),
    field("status", "processing", "the server's status", Takes::Text(Text::Status)),
    field(
        "by",
        "\"gareth t\"",
        "who started it: name, e-mail address or uuid; by:me is you",
        Takes::Text(Text::By),
    ),
    field("firm", "northgate", "the firm, where several are listed", Takes::Text(Text::Firm)),
    field("uuid", "065680d5", "all or part of the import's uuid", Takes::Uuid),
    field("is", "stalled", "the state shown in the table", Takes::State),
    field("has", "report", "imports with an error report; has:failures with failed rows", Takes::Has),
    field("failed", ">0", "failed rows", Takes::Number(Number::Failed)),
    field("succeeded", ">=1k", "imported rows", Takes::Number(Number::Succeeded)),
    field("pending", "<100", "pending rows", Takes::Number(Number::Pending)),
    field("total", ">=1000", "rows in the import", Takes::Number(Number::Total)),
    field("progress", "<50%", "percentage of rows processed", Takes::Number(Number::Progress)),
    field("age", "<2h", "time since creation", Takes::Age),
    field("since", "2026-11-01", "created on or after this date; also today, yesterday, 3d", Takes::Since),
    field("until", "2026-11-30", "created on or before this date", Takes::Until),
];

const fn field(name: &'static str, value: &'static str, what: &'static str, takes: Takes) -> Field {
    Field { name, value, what, takes }
}

impl Field {
    /// Ignores case.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// One word that `is:` takes.
#[derive(Debug, Clone, Copy)]
pub struct State {
    pub name: &'static str,
    /// One line of help.
    pub what: &'static str,
    pub(super) admits: fn(&Listed) -> bool,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// In the order of the help.
pub const STATES: &[State] = &[
    state(
        "trouble",
        "stalled; failed today and not opened; running with a tenth of 20 or more tried rows failed",
        |listed| listed.in_trouble,
    ),
    state("running", "rows are being processed; includes stalled and finishing", |listed| {
        listed.verdict.is_active()
    }),
    state("stalled", "no progress for far longer than usual", |listed| listed.verdict == Verdict::Stalled),
    state("finishing", "all rows processed, waiting for the server to finish", |listed| {
        listed.verdict == Verdict::Finishing
    }),
    state("queued", "waiting for the first row", |listed| listed.verdict == Verdict::Queued),
    state("unfinished", "running, queued or unknown; the view Running", |listed| {
        View::Running.admits(listed)
    }),
    state("failed", "rows or the whole import failed; the view Failed rows", |listed| {
        View::FailedRows.admits(listed)
    }),
    state("done", "over, however it ended: done, failed or cancelled; the view Done", |listed| {
        View::Done.admits(listed)
    }),
    state("done_with_failures", "finished, with failed rows", |listed| {
        listed.verdict == Verdict::DoneWithFailures
    }),
    state("cancelled", "cancelled by somebody", |listed| listed.verdict == Verdict::Cancelled),
    state("unknown", "state cannot be determined", |listed| listed.verdict == Verdict::Unknown),
];

const fn state(name: &'static str, what: &'static str, admits: fn(&Listed) -> bool) -> State {
    State { name, what, admits }
}
