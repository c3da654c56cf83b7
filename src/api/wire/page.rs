//! A response of the import list, read while it arrives.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use url::Url;

use super::import::{Route, import};
use super::json::{Index, MAX_MEMBERS};
use super::unexpected::Unexpected;
use super::{IMPORT, data, inner, json_of, next, object, parse, scalar, text};
use crate::domain::fault::Fault;
use crate::domain::import::Import;
use crate::domain::page::{Numbered, Page, Samples};

/// How many bytes are waited for before imports are read.
pub(super) const PORTION: usize = 64 * 1024;

/// Reads a page import by import, so that only a portion of it is in memory; of an import that is larger, twice what there
/// was of it at most. Where the response does not begin with its imports, they are read at the end.
pub struct PageReader {
    requested: Url,
    samples: Samples,
    /// The response without the imports that were read.
    rest: Vec<u8>,
    /// How long `rest` has to be before it is looked at again.
    worth_reading: usize,
    /// Items of the list that were read, whether or not they were imports.
    items: usize,
    imports: Vec<Import>,
    unexpected: Unexpected,
}

impl PageReader {
    /// Links are resolved against `requested`.
    pub fn new(requested: Url, samples: Samples) -> Self {
        Self {
            requested,
            samples,
            rest: Vec::new(),
            worth_reading: PORTION,
            items: 0,
            imports: Vec::new(),
            unexpected: Unexpected::default(),
        }
    }

    pub fn push(&mut self, piece: &[u8]) {
        self.rest.extend_from_slice(piece);
    }

    /// Bytes that have not been read.
    pub fn unread(&self) -> usize {
        self.rest.len()
    }

    /// Whether so much arrived that [`PageReader::read`] may find an import.
    pub fn is_worth_reading(&self) -> bool {
        self.rest.len() >= self.worth_reading
    }

    /// Reads all imports that are complete.
    pub fn read(&mut self) {
        let start = before_first_import(&self.rest).unwrap_or(self.rest.len());
        let mut at = start;
        while let Some((json, length)) = first_import(self.rest.get(at..).unwrap_or_default()) {
            if self.items < MAX_MEMBERS {
                let route = Route::Index(self.samples);
                self.imports.extend(import(&text(json), route, &self.requested, &mut self.unexpected));
            }
            self.items += 1;
            at += length;
        }
        self.rest.drain(start..at);
        // An import is looked for once for each doubling of what there is of it.
        self.worth_reading = PORTION.max(2 * self.rest.len());
    }

    /// The page, once all of it was passed to [`PageReader::push`].
    ///
    /// # Errors
    /// [`Fault::NotTheApi`] if it is not a JSON object with a `data` list.
    pub fn finish(mut self) -> Result<Page, Fault> {
        self.read();
        let Self { requested, samples, rest, items, mut imports, mut unexpected, .. } = self;
        let text = text(&rest);
        let text = json_of(&text, &mut unexpected);
        let index = Index::to_level(IMPORT, parse(text)?, &mut unexpected);
        let response = object(&index, &mut unexpected)?;
        let others = data(&response, &mut unexpected)?;
        if response.0.iter().filter(|(name, _)| name == "data").count() > 1 {
            // The last one counts.
            imports.clear();
        }
        if items + others.len() > MAX_MEMBERS {
            unexpected.note("list or object", "has more members than are kept");
        }
        for raw in others.into_iter().take(MAX_MEMBERS.saturating_sub(items)) {
            imports.extend(import(raw.get(), Route::Index(samples), &requested, &mut unexpected));
        }
        let next = next(&response, &requested, &mut unexpected);
        let meta = inner(&response, "meta", &mut unexpected);
        // A bare paginator has them at the top.
        let total = scalar::count(meta.get("total").or(response.get("total")), "meta.total", &mut unexpected);
        let last = meta.get("last_page").or(response.get("last_page"));
        let last =
            scalar::count(last, "meta.last_page", &mut unexpected).and_then(|last| u32::try_from(last).ok());
        let numbered = next.as_ref().zip(last).and_then(|(next, last)| Numbered::new(next, &requested, last));
        Ok(Page {
            imports,
            next,
            numbered,
            total,
            unexpected: unexpected.into_list(),
            budget: None,
            server_time: None,
        })
    }
}

/// Where the first item of the list is, if `data` is the first member.
fn before_first_import(response: &[u8]) -> Option<usize> {
    let mut rest = response.strip_prefix(b"\xef\xbb\xbf").unwrap_or(response);
    for token in [b"{".as_slice(), b"\"data\"", b":", b"["] {
        rest = trim_start(rest).strip_prefix(token)?;
    }
    Some(response.len() - trim_start(rest).len())
}

/// The import that a list goes on with, and how many bytes to pass over to the next item or to the end of the list; `None`
/// where something else follows, and before all of that has arrived.
fn first_import(list: &[u8]) -> Option<(&[u8], usize)> {
    list.starts_with(b"{").then_some(())?;
    let mut values = Deserializer::from_slice(list).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (json, after) = list.split_at_checked(values.byte_offset())?;
    let next = match trim_start(after) {
        next @ [b']', ..] => next,
        [b',', next @ ..] => Some(trim_start(next)).filter(|next| !matches!(next, [] | [b']', ..]))?,
        _ => return None,
    };
    Some((json, list.len() - next.len()))
}

/// Without leading white space as JSON has it.
fn trim_start(json: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = json.iter().position(|byte| !is_space(byte)).unwrap_or(json.len());
    json.get(start..).unwrap_or_default()
}
