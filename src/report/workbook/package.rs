//! The archive that a workbook is: its parts by name, and how they refer to each other.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Error, ErrorKind, Read};

use percent_encoding::percent_decode_str;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::super::read_error::{Limits, ReadError};
use super::xml::{Event, Xml};

/// More entries than any real workbook has.
const MOST_ENTRIES: usize = 10_000;
/// The end of a ZIP archive lies within so many bytes of the file's end: 22 bytes and a comment.
const LONGEST_END: usize = 22 + 65_535;

const BROKEN: ReadError = ReadError::Damaged("its ZIP archive is broken");
const TOO_MANY: ReadError = ReadError::Damaged("it has too many parts");

pub(super) type Part<'p, 'a> = Xml<BufReader<Bounded<'p, 'a>>>;

pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Places in the archive by name, as [`name_key`] writes it.
    names: HashMap<String, usize>,
    /// How many more bytes may be unpacked.
    left: u64,
    most: usize,
}

/// One reference of a part to another.
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type, which is the same in the transitional and the strict standard: `worksheet`.
    pub(super) kind: String,
    /// The part's place in the archive, where it is there.
    pub(super) part: Option<usize>,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ReadError> {
        check_claims(bytes)?;
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| match looks_like_workbook(bytes) {
            true => BROKEN,
            false => ReadError::Zip,
        })?;
        if archive.len() > MOST_ENTRIES {
            return Err(TOO_MANY);
        }
        let mut names = HashMap::new();
        for (at, name) in archive.file_names_raw().enumerate() {
            names.entry(name_key(&String::from_utf8_lossy(name))).or_insert(at);
        }
        Ok(Self { archive, names, left: limits.unpacked as u64, most: limits.unpacked })
    }

    /// A part's place by its name, capitals or not, as Excel finds it.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let decoded = || percent_decode_str(name).decode_utf8_lossy();
        self.names.get(&name_key(name)).or_else(|| self.names.get(&name_key(&decoded()))).copied()
    }

    /// Whether a part in this folder exists.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.names.keys().any(|name| name.starts_with(folder))
    }

    pub(super) fn part(&mut self, at: usize) -> Result<Part<'_, 'a>, ReadError> {
        let part = self.archive.by_index(at).map_err(|_| BROKEN)?;
        Ok(Xml::new(BufReader::new(Bounded { part, left: &mut self.left }), self.most))
    }

    /// What the part at a place of the archive refers to; nothing if it has no relations. `None` is the
    /// package itself.
    pub(super) fn relations(&mut self, of: Option<usize>) -> Result<Vec<Relation>, ReadError> {
        let source = of.and_then(|at| self.archive.name_for_index(at)?.ok().map(|name| name_key(&name)));
        let (folder, file) = match source.as_deref() {
            Some(name) => name.rsplit_once('/').unwrap_or(("", name)),
            None => ("", ""),
        };
        let Some(part) = self.find(&format!("{folder}/_rels/{file}.rels")) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut xml = self.part(part)?;
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = event else { continue };
            if tag.name() != "Relationship" || tag.attribute("TargetMode")?.as_deref() == Some("External") {
                continue;
            }
            let (Some(id), Some(kind), Some(target)) =
                (tag.attribute("Id")?, tag.attribute("Type")?, tag.attribute("Target")?)
            else {
                continue;
            };
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            found.push((id.into_owned(), kind, resolved(folder, &target)));
        }
        drop(xml);
        let relation = |(id, kind, target): (String, String, String)| {
            let part = self.find(&target);
            Relation { id, kind, part }
        };
        Ok(found.into_iter().map(relation).collect())
    }
}

/// The bytes of a part, as long as there may be more.
pub(super) struct Bounded<'p, 'a> {
    part: ZipFile<'p, Cursor<&'a [u8]>>,
    left: &'p mut u64,
}

impl Read for Bounded<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.part.read(buffer)?;
        *self.left = self.left.checked_sub(read as u64).ok_or(Error::from(ErrorKind::FileTooLarge))?;
        Ok(read)
    }
}

/// A target that is relative to a folder, as a name from the archive's root on.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|step| !step.is_empty()).collect(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A name without what archives differ in: capitals, the direction of slashes, a slash before it.
fn name_key(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// Refuses an archive whose end claims more entries than a workbook has: the ZIP reader makes room for as many.
fn check_claims(bytes: &[u8]) -> Result<(), ReadError> {
    let number = |at: usize, length: usize| {
        let bytes = bytes.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let most = MOST_ENTRIES as u64;
    let claims = |at: usize, length: usize| number(at, length).is_some_and(|claimed| claimed > most);
    for at in places(bytes, b"PK\x06\x06") {
        // A record that cannot be one is a chance sequence of compressed bytes.
        let is_record = number(at + 4, 8).is_some_and(|size| size <= bytes.len() as u64);
        if is_record && (claims(at + 24, 8) || claims(at + 32, 8)) {
            return Err(TOO_MANY);
        }
    }
    let tail = bytes.len().saturating_sub(LONGEST_END);
    for at in places(bytes.get(tail..).unwrap_or_default(), b"PK\x05\x06") {
        // All ones: the number is in the record above.
        let claimed = number(tail + at + 10, 2).unwrap_or_default();
        if claimed > most && claimed != 0xffff {
            return Err(TOO_MANY);
        }
    }
    Ok(())
}

/// Whether an archive that cannot be opened was a workbook, by the names in it.
fn looks_like_workbook(bytes: &[u8]) -> bool {
    [&b"xl/"[..], b"[Content_Types].xml"].iter().any(|name| places(bytes, name).next().is_some())
}

/// Every place where a few bytes occur.
fn places<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let found = bytes.windows(word.len().max(1)).enumerate().filter(move |(_, window)| *window == word);
    found.map(|(at, _)| at)
}
