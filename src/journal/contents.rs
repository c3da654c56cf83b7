//! What the lines of a journal add up to.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Map, Value};

use super::line::{Line, Newest, Seen, Unseen};
use crate::domain::import::ImportId;
use crate::domain::snapshot::Remembered;
use crate::domain::text::SafeText;
use crate::events::{EventKind, Memory};

/// Events that are kept: older ones go first.
const MOST_EVENTS: usize = 4_000;
/// Their size in bytes.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Unfinished imports that one reader is remembered to have seen.
const MOST_SEEN: usize = 1_000;
const MOST_READERS: usize = 8;
/// How far apart programs see the same outage begin, or end.
const AN_OUTAGE: SignedDuration = SignedDuration::from_secs(60);
/// How long anything is kept, in days.
const KEPT: i64 = 30;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Oldest first, each id once.
    pub events: Vec<Entry>,
    /// Each program with its own criteria, by its name.
    readers: HashMap<String, Reader>,
    ids: HashSet<String>,
    /// The last change of each connection; `None`: of all accounts.
    contact: HashMap<Option<String>, (EventKind, Timestamp)>,
}

/// What one reader saw last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reader {
    seen: HashMap<ImportId, Seen>,
    newest: HashMap<String, Timestamp>,
    /// When it last wrote; `None` if never.
    pub last: Option<Timestamp>,
    /// Imports to which something happened that its user has not seen.
    pub unseen: BTreeSet<ImportId>,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: String,
    pub kind: EventKind,
    pub at: Timestamp,
    /// `None` for what concerns the connection.
    pub import: Option<ImportId>,
    pub message: SafeText,
    /// All of it, as JSON in text: thousands are kept, and read by few.
    text: Box<str>,
}

impl Entry {
    fn read(json: Map<String, Value>) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        Some(Self {
            id: text("id")?.to_owned(),
            kind: EventKind::named(text("event")?)?,
            at: text("observed_at")?.parse().ok()?,
            import: text("uuid").and_then(ImportId::new),
            message: text("message").map(SafeText::new).unwrap_or_default(),
            text: serde_json::to_string(&json).ok()?.into(),
        })
    }

    /// All of it, as it was written.
    pub fn json(&self) -> Map<String, Value> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

fn account_of(entry: &Entry) -> Option<String> {
    entry.json().get("account_uuid").and_then(Value::as_str).map(str::to_owned)
}

impl Contents {
    /// Adds what a line says; `false` if that was there already.
    pub(super) fn take(&mut self, line: Line) -> bool {
        match line {
            Line::Event(json) => {
                let Some(entry) = Entry::read(json) else { return false };
                if self.is_same_outage(&entry) {
                    return false;
                }
                if matches!(entry.kind, EventKind::Offline | EventKind::Online) {
                    self.contact.insert(account_of(&entry), (entry.kind, entry.at));
                }
                let is_new = self.ids.insert(entry.id.clone());
                if is_new {
                    self.events.push(entry);
                }
                is_new
            }
            Line::Seen(seen) => {
                let reader = self.reader_mut(&seen.reader, seen.at);
                if seen.seen.verdict.is_unfinished() {
                    reader.seen.insert(seen.import.clone(), seen);
                } else {
                    reader.seen.remove(&seen.import);
                }
                true
            }
            Line::Unseen(Unseen { reader, at, imports }) => {
                self.reader_mut(&reader, at).unseen = imports;
                true
            }
            Line::Newest(Newest { reader, at, newest }) => {
                self.reader_mut(&reader, at).newest.extend(newest);
                true
            }
        }
    }

    /// Whether a line says nothing that is not there.
    pub(super) fn knows(&self, line: &Line) -> bool {
        match line {
            Line::Event(json) => Entry::read(json.clone())
                .is_none_or(|entry| self.ids.contains(&entry.id) || self.is_same_outage(&entry)),
            _ => false,
        }
    }

    /// Each program sees the same outage at another moment.
    fn is_same_outage(&self, entry: &Entry) -> bool {
        if !matches!(entry.kind, EventKind::Offline | EventKind::Online) {
            return false;
        }
        let last = self.contact.get(&account_of(entry));
        last.is_some_and(|(kind, at)| *kind == entry.kind && entry.at.duration_since(*at) < AN_OUTAGE)
    }

    fn reader_mut(&mut self, name: &str, at: Timestamp) -> &mut Reader {
        let reader = self.readers.entry(name.to_owned()).or_default();
        reader.last = reader.last.max(Some(at));
        reader
    }

    /// Drops what is too old or too much.
    pub(super) fn bound(&mut self, now: Timestamp) {
        let oldest = now.checked_sub((KEPT * 24).hours()).unwrap_or(Timestamp::MIN);
        self.events.retain(|entry| entry.at >= oldest);
        let surplus = self.events.len().saturating_sub(MOST_EVENTS);
        self.events.drain(..surplus);
        // A server's texts may be long.
        let sizes = self.events.iter().rev().scan(0, |sum, entry| {
            *sum += entry.text.len() + 1;
            Some(*sum)
        });
        let fit = sizes.take_while(|sum| *sum <= MOST_BYTES).count();
        self.events.drain(..self.events.len() - fit);
        self.ids = self.events.iter().map(|entry| entry.id.clone()).collect();
        self.readers.retain(|_, reader| reader.last >= Some(oldest));
        while self.readers.len() > MOST_READERS {
            let stalest = self.readers.iter().min_by_key(|(_, reader)| reader.last);
            let Some(name) = stalest.map(|(name, _)| name.clone()) else { break };
            self.readers.remove(&name);
        }
        for reader in self.readers.values_mut() {
            reader.seen.retain(|_, seen| seen.at >= oldest);
            if reader.seen.len() > MOST_SEEN {
                let mut times: Vec<_> = reader.seen.values().map(|seen| seen.at).collect();
                times.sort_unstable();
                let bound = times.get(times.len() - MOST_SEEN).copied();
                reader.seen.retain(|_, seen| Some(seen.at) >= bound);
            }
        }
    }

    /// The fewest lines that say all of it.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        let events = self.events.iter().map(|entry| Line::Event(entry.json()));
        let seen = self.readers.values().flat_map(|reader| reader.seen.values().cloned().map(Line::Seen));
        let newest = self.readers.iter().filter_map(|(name, reader)| {
            let newest = reader.newest.iter().map(|(id, at)| (id.clone(), *at)).collect();
            Some(Line::Newest(Newest { reader: name.clone(), at: reader.last?, newest }))
        });
        let unseen = self.readers.iter().filter_map(|(name, reader)| {
            let (imports, at) = (reader.unseen.clone(), reader.last?);
            Some(Line::Unseen(Unseen { reader: name.clone(), at, imports }))
        });
        // The events last: of a file that is too large the end is read.
        seen.chain(newest).chain(unseen).chain(events)
    }

    pub fn reader(&self, name: &str) -> Option<&Reader> {
        self.readers.get(name)
    }

    /// What a reader has to know to see what happened since it last ran.
    pub fn memory(&self, name: &str) -> Memory {
        let Some(reader) = self.readers.get(name) else { return Memory::default() };
        let failing = reader.seen.values().filter(|seen| seen.failing);
        Memory {
            failing: failing.map(|seen| seen.import.clone()).collect(),
            seen: reader.seen.iter().map(|(id, seen)| (id.clone(), seen.seen)).collect(),
            newest: reader.newest.clone(),
            ids: self.events.iter().map(|entry| entry.id.clone()).collect(),
        }
    }

    /// How imports moved, by whoever saw them last.
    pub fn paces(&self) -> HashMap<ImportId, Remembered> {
        let mut paces: HashMap<ImportId, Remembered> = HashMap::new();
        for seen in self.readers.values().flat_map(|reader| reader.seen.values()) {
            let Some(pace) = &seen.pace else { continue };
            if paces.get(&seen.import).is_none_or(|other| other.seen_at < seen.at) {
                let remembered = Remembered { seen_at: seen.at, pace: pace.clone() };
                paces.insert(seen.import.clone(), remembered);
            }
        }
        paces
    }

    /// Whether an event is there.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}
