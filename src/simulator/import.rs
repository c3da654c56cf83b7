//! One simulated import: what it is, besides how it goes.

use std::sync::OnceLock;

use super::dice::{mix, unit, uuid};
use super::kinds::{KINDS, Kind};
use super::life::{Ending, Life, Phase};
use super::people::STAFF;
use super::report;
use super::rows::{Failure, Sheet};

/// How many failed rows the API shows.
const SHOWN_FAILURES: u64 = 25;

/// A way in which a few imports are not as documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    /// Counts are strings.
    StringCounts,
    /// Counts are floats.
    FloatCounts,
    /// Times are `YYYY-MM-DD HH:MM:SS`.
    PlainTimes,
    /// `headers` and `mapping` are `[]`.
    NoHeaders,
    /// `client` is a list of cells.
    RowAsList,
    /// A field's messages are one string.
    MessageAsString,
    /// The report has no link.
    NoLink,
}

const QUIRKS: [Quirk; 7] = [
    Quirk::StringCounts,
    Quirk::PlainTimes,
    Quirk::RowAsList,
    Quirk::FloatCounts,
    Quirk::MessageAsString,
    Quirk::NoHeaders,
    Quirk::NoLink,
];

pub(super) struct Import {
    /// Orders imports created at the same moment.
    pub(super) sequence: u64,
    pub(super) uuid: String,
    /// The report's own uuid, and that of its file in the download link.
    pub(super) report_uuid: String,
    pub(super) file_uuid: String,
    pub(super) kind: &'static Kind,
    pub(super) mode: &'static str,
    /// Which of the staff started it.
    pub(super) staff: usize,
    /// What the file's columns and rows are made up from: runs of one file have the same.
    pub(super) file: u64,
    pub(super) life: Life,
    pub(super) quirk: Option<Quirk>,
    report_size: OnceLock<usize>,
}

impl Import {
    /// An import with this life; type, mode and who started it follow from the life's seed and its place in the world.
    pub(super) fn new(world_seed: u64, sequence: u64, life: Life) -> Import {
        let seed = life.seed();
        let identity = mix(world_seed, sequence);
        let has_quirk = unit(seed, 0x0dd) < 0.06;
        let which = mix(seed, 0x0de) as usize % QUIRKS.len();
        Import {
            sequence,
            uuid: uuid(identity, 1),
            report_uuid: uuid(identity, 2),
            file_uuid: uuid(identity, 3),
            kind: kind(DECK.get(mix(seed, 4) as usize % DECK.len()).copied().unwrap_or("clients")),
            mode: ["store", "store", "store", "update", "update", "validate"]
                .get(mix(seed, 5) as usize % 6)
                .copied()
                .unwrap_or("store"),
            staff: mix(seed, 6) as usize % STAFF.len(),
            file: seed,
            life,
            quirk: has_quirk.then(|| QUIRKS.get(which).copied()).flatten(),
            report_size: OnceLock::new(),
        }
    }

    /// Of this type and mode.
    pub(super) fn of(self, kind_name: &str, mode: &'static str) -> Import {
        Import { kind: kind(kind_name), mode, ..self }
    }

    /// Of this file, started by the `staff`th of the staff.
    pub(super) fn of_file(self, file: u64, staff: usize) -> Import {
        Import { file, staff, ..self }
    }

    /// As documented.
    /// The same import so many seconds earlier.
    pub(super) fn earlier(self, seconds: f64) -> Import {
        let starts_at = self.life.created_at() - seconds;
        Import { life: self.life.starting_at(starts_at), ..self }
    }

    pub(super) fn without_quirk(self) -> Import {
        Import { quirk: None, ..self }
    }

    /// With the `nth` quirk.
    pub(super) fn with_quirk(self, nth: usize) -> Import {
        Import { quirk: QUIRKS.get(nth % QUIRKS.len()).copied(), ..self }
    }

    pub(super) fn is(&self, quirk: Quirk) -> bool {
        self.quirk == Some(quirk)
    }

    /// The server's word for where the import is.
    pub(super) fn status(&self, at: f64) -> &'static str {
        let has_begun = at >= self.life.starts_at();
        match self.life.phase(at) {
            _ if self.life.is_wordless() && has_begun => "processing",
            Some(Phase::Running) if at >= self.life.ended_at() => "completed",
            None | Some(Phase::Waiting) if self.life.seed().is_multiple_of(5) => "queued",
            None | Some(Phase::Waiting) => "pending",
            Some(Phase::Running | Phase::Outage | Phase::Settled) => "processing",
            Some(Phase::Ended) => match self.life.how_it_ends() {
                Ending::Completed => "completed",
                Ending::Died(_) => "failed",
                Ending::Cancelled(_) => "cancelled",
            },
        }
    }

    /// When the import's own record last changed: counts live with the batch and do not touch it.
    pub(super) fn updated_at(&self, at: f64) -> f64 {
        if at >= self.life.ended_at() {
            self.life.ended_at()
        } else if at >= self.life.starts_at() {
            self.life.starts_at()
        } else {
            self.life.created_at()
        }
    }

    pub(super) fn is_unfinished(&self, at: f64) -> bool {
        self.life.phase(at).is_some_and(|phase| phase != Phase::Ended)
    }

    pub(super) fn sheet(&self) -> Sheet {
        Sheet::new(self.file, self.kind, self.mode)
    }

    /// The first failed rows, as many as the API shows.
    pub(super) fn shown_failures(&self, sheet: &Sheet, at: f64) -> Vec<Failure> {
        self.failures(sheet, self.life.counts(at).failed.min(SHOWN_FAILURES)).collect()
    }

    pub(super) fn failures(&self, sheet: &Sheet, count: u64) -> impl Iterator<Item = Failure> {
        (0..count).map(|nth| sheet.failure(self.life.failed_row(nth)))
    }

    /// Whether there is an error report: only at the end, and when a row has failed. A dry run leaves one every other
    /// time.
    pub(super) fn has_report(&self, at: f64) -> bool {
        self.life.phase(at) == Some(Phase::Ended)
            && self.life.counts(at).failed > 0
            && (self.mode != "validate" || !self.life.seed().is_multiple_of(2))
    }

    /// The error report as it is downloaded.
    pub(super) fn report(&self) -> Vec<u8> {
        let sheet = self.sheet();
        report::csv(sheet.headers(), self.failures(&sheet, self.life.reported()))
    }

    /// The error report's size in bytes; made once to know it.
    pub(super) fn report_size(&self) -> usize {
        *self.report_size.get_or_init(|| self.report().len())
    }
}

/// How common the types are.
const DECK: [&str; 26] = [
    "clients",
    "clients",
    "clients",
    "clients",
    "plans",
    "plans",
    "plans",
    "valuations",
    "valuations",
    "notes",
    "notes",
    "tasks",
    "tasks",
    "business_staff_members",
    "charges",
    "circles",
    "group_scheme_members",
    "incomes",
    "premiums",
    "seccl_valuations",
    "expenses",
    "provider_statement",
    "provider_statement",
    "relationships",
    "dependants",
    "premiums",
];

fn kind(name: &str) -> &'static Kind {
    let [first, ..] = &KINDS;
    KINDS.iter().find(|kind| kind.name == name).unwrap_or(first)
}
