//! The lines of a journal, each a JSON object.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::import::ImportId;
use crate::domain::import_event::LastSeen;
use crate::domain::pace::PaceMemory;
use crate::domain::tally::Verdict;

#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// What `events --json` prints, without the firm.
    Event(Map<String, Value>),
    /// How a reader saw an import last.
    Seen(Seen),
    /// When the newest import of each account, by its uuid, that a reader knows was created.
    Newest(Newest),
    /// To which imports something happened that the user of a reader has not seen.
    Unseen(Unseen),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub reader: String,
    pub at: Timestamp,
    pub import: ImportId,
    pub seen: LastSeen,
    /// Whether it was said to be failing.
    pub failing: bool,
    pub pace: Option<PaceMemory>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Newest {
    pub reader: String,
    pub at: Timestamp,
    pub newest: BTreeMap<String, Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Unseen {
    pub reader: String,
    pub at: Timestamp,
    pub imports: BTreeSet<ImportId>,
}

#[derive(Serialize, Deserialize)]
struct SeenJson {
    seen: String,
    reader: String,
    at: Timestamp,
    verdict: String,
    #[serde(default)]
    guessed: bool,
    tried: u64,
    failed: u64,
    retried: bool,
    report: bool,
    jobs: [u64; 3],
    #[serde(default)]
    failing: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pace: Option<PaceJson>,
}

/// Times in milliseconds.
#[derive(Serialize, Deserialize)]
struct PaceJson {
    marks: Vec<(u64, u64)>,
    quiet: u64,
    gap: u64,
    moves: usize,
}

#[derive(Serialize, Deserialize)]
struct NewestJson {
    newest: BTreeMap<String, Timestamp>,
    reader: String,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct UnseenJson {
    unseen: Vec<String>,
    reader: String,
    at: Timestamp,
}

impl Line {
    /// The line with a newline at its end.
    pub fn text(&self) -> String {
        let json = match self {
            Self::Event(event) => serde_json::to_string(event),
            Self::Seen(seen) => serde_json::to_string(&SeenJson::of(seen)),
            Self::Newest(newest) => serde_json::to_string(&NewestJson {
                newest: newest.newest.clone(),
                reader: newest.reader.clone(),
                at: newest.at,
            }),
            Self::Unseen(unseen) => serde_json::to_string(&UnseenJson {
                unseen: unseen.imports.iter().map(ToString::to_string).collect(),
                reader: unseen.reader.clone(),
                at: unseen.at,
            }),
        };
        json.unwrap_or_default() + "\n"
    }

    /// `None` for a line that is none: half of one, or of a later version.
    pub fn read(line: &[u8]) -> Option<Self> {
        let value: Map<String, Value> = serde_json::from_slice(line).ok()?;
        if value.contains_key("event") {
            let has_id = value.get("id").is_some_and(Value::is_string);
            return has_id.then_some(Self::Event(value));
        }
        let (is_seen, is_unseen) = (value.contains_key("seen"), value.contains_key("unseen"));
        let value = Value::Object(value);
        if is_seen {
            return SeenJson::deserialize(value).ok()?.line().map(Self::Seen);
        }
        if is_unseen {
            let UnseenJson { unseen, reader, at } = UnseenJson::deserialize(value).ok()?;
            let imports = unseen.iter().filter_map(|id| ImportId::new(id)).collect();
            return Some(Self::Unseen(Unseen { reader, at, imports }));
        }
        let json = NewestJson::deserialize(value).ok()?;
        Some(Self::Newest(Newest { newest: json.newest, reader: json.reader, at: json.at }))
    }
}

impl SeenJson {
    fn of(line: &Seen) -> Self {
        let seen = line.seen;
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let pace = line.pace.as_ref().map(|pace| PaceJson {
            marks: pace.marks.iter().map(|(before, rows)| (ms(*before), *rows)).collect(),
            quiet: ms(pace.quiet),
            gap: ms(pace.longest_gap),
            moves: pace.moves,
        });
        Self {
            seen: line.import.to_string(),
            reader: line.reader.clone(),
            at: line.at,
            verdict: seen.verdict.as_str().to_owned(),
            guessed: seen.stall_guessed,
            tried: seen.tried,
            failed: seen.failed,
            retried: seen.retried,
            report: seen.has_report,
            jobs: seen.jobs,
            failing: line.failing,
            pace,
        }
    }

    fn line(self) -> Option<Seen> {
        let pace = self.pace.map(|pace| PaceMemory {
            marks: pace.marks.iter().map(|(before, rows)| (Duration::from_millis(*before), *rows)).collect(),
            quiet: Duration::from_millis(pace.quiet),
            longest_gap: Duration::from_millis(pace.gap),
            moves: pace.moves,
        });
        let seen = LastSeen {
            verdict: Verdict::named(&self.verdict)?,
            stall_guessed: self.guessed,
            tried: self.tried,
            failed: self.failed,
            retried: self.retried,
            has_report: self.report,
            jobs: self.jobs,
        };
        let import = ImportId::new(&self.seen)?;
        Some(Seen { reader: self.reader, at: self.at, import, seen, failing: self.failing, pace })
    }
}
