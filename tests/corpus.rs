//! Every reader of text from outside on every file of `tests/corpus`, and on what becomes of it when it is damaged.
//!
//! Each round damages each file in another way, the same in every run. `PLANNR_FUZZ=100000 cargo test --release
//! --test corpus` makes as many rounds; without it there are a few. An input that breaks a promise is kept in
//! `target/tmp` and named: it belongs into the corpus once it is mended.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, panic};

use fastrand::Rng;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plannr_tui::api::{self, BaseUrl, Token};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::failure::FailedRow;
use plannr_tui::domain::file_name::safe_name;
use plannr_tui::domain::import::{Import, ImportId, Link};
use plannr_tui::domain::page::Samples;
use plannr_tui::domain::redact::Redaction;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::domain::tally::{Counting, Tally};
use plannr_tui::domain::text::SafeText;
use plannr_tui::query::{Listed, Matching, Query};
use plannr_tui::report::reasons::reasons;
use plannr_tui::report::{ApiView, FailedRows, Limits, fixup, source};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Rounds where nobody says how many.
const ROUNDS: u64 = 40;
/// No damaged input is longer, in bytes.
const LONGEST: usize = 64 << 10;

/// Reads an input, and panics where a promise is broken.
type Read = fn(&[u8]);

/// A folder of the corpus, and who reads what is in it.
const READERS: [(&str, Read); 10] = [
    ("page", page),
    ("import", import),
    ("logins", logins),
    ("report", whole_report),
    ("filter", |bytes| lines(bytes, filter)),
    ("headers", headers),
    ("names", |bytes| lines(bytes, name)),
    ("links", |bytes| lines(bytes, link)),
    ("addresses", |bytes| lines(bytes, address)),
    ("token", token),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The files of a reader, by name.
fn files(reader: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder().join(reader))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn every_reader_survives_its_corpus_whole_and_damaged() {
    let rounds = env::var("PLANNR_FUZZ").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for (reader, read) in READERS {
        let files = files(reader);
        assert!(files.len() >= 2, "{reader}: where is its corpus?");
        for (at, (file, bytes)) in files.iter().enumerate() {
            check(reader, file, 0, bytes, read);
            for round in 1..=rounds {
                let mut rng = Rng::with_seed(round * 1_000 + at as u64);
                let other = &files[rng.usize(..files.len())].1;
                check(reader, file, round, &damaged(bytes, other, &mut rng), read);
            }
        }
    }
}

#[test]
fn every_folder_of_the_corpus_has_a_reader() {
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let folders: BTreeSet<_> = folders
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(folders, READERS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

fn check(reader: &str, file: &str, round: u64, bytes: &[u8], read: Read) {
    if panic::catch_unwind(|| read(bytes)).is_err() {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{reader}-{round}-{file}"));
        fs::write(&kept, bytes).unwrap();
        panic!("{reader}/{file}, round {round}: kept as {}", kept.display());
    }
}

/// The bytes after one to four accidents.
fn damaged(bytes: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    /// What readers take for special.
    const TELLING: &[u8] = b"\0\t\n\r\x1b \"'%&*+,-./0:;<=>@[\\]{|}~\x7f\x80\x9b\xc0\xed\xef\xf4\xff";
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.usize(1..=4) {
        let (from, to) = (rng.usize(..=bytes.len()), rng.usize(..=bytes.len()));
        let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 512));
        match rng.u8(..8) {
            0 => bytes.truncate(from),
            1 => drop(bytes.drain(from..to)),
            2 => bytes.insert(from, TELLING[rng.usize(..TELLING.len())]),
            3 => {
                let piece = bytes[from..to].repeat(rng.usize(1..40));
                bytes.splice(from..from, piece);
            }
            4 => {
                let at = rng.usize(..=other.len());
                bytes.splice(from..to, other[at..other.len().min(at + 512)].iter().copied());
            }
            5 => {
                let deep = [&b"["[..], b"{\"a\":", b"\"", b"\xcc\x81", b"9", b"\xe2\x80\xae"];
                let piece = deep[rng.usize(..deep.len())].repeat(rng.usize(1..2_000));
                bytes.splice(from..from, piece);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << rng.u8(..8);
                }
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn now() -> Now {
    Now { up: Duration::from_secs(60), wall: Timestamp::constant(1_795_433_400, 0) }
}

fn asked() -> Url {
    Url::parse("https://api.plannrcrm.com/api/v1/import").unwrap()
}

/// Each line as a text by itself.
fn lines(bytes: &[u8], read: fn(&str)) {
    String::from_utf8_lossy(bytes).split('\n').for_each(read);
}

/// What is drawn as it is must be safe as it is.
fn is_safe(text: &str) {
    assert_eq!(SafeText::new(text).as_str(), text);
}

fn page(bytes: &[u8]) {
    let Ok(page) =
        api::wire::page(bytes, &asked(), Samples::All).map_err(|fault| is_safe(&fault.to_string()))
    else {
        return;
    };
    // The least that an import takes in JSON.
    assert!(page.imports.len() <= bytes.len() / 8, "more imports than fit");
    page.imports.iter().for_each(sound);
    for unexpected in &page.unexpected {
        is_safe(unexpected.what.as_str());
        assert!(unexpected.times > 0);
    }
    if let Some(next) = &page.next {
        assert_eq!(next.0.origin(), asked().origin(), "the token would go astray");
    }
    let snapshot = Snapshot::default().absorb(page, now());
    let query = Query::parse("clients -is:done age:<2h failed:>0", &TimeZone::UTC).unwrap();
    let mut matching = Matching::default();
    for watched in snapshot.imports.iter() {
        query.matches(&Listed::from(watched), now(), &mut matching);
    }
}

fn import(bytes: &[u8]) {
    let id = ImportId::new("065680d5-6407-42c6-8544-da5fb975ebfe").unwrap();
    match api::wire::import(bytes, &id, &asked()) {
        Ok((import, _)) => sound(&import),
        Err(fault) => is_safe(&fault.to_string()),
    }
}

/// Whatever the server said, an import is one that can be shown.
fn sound(import: &Import) {
    for counting in [Counting::Batch, Counting::Exclusive] {
        let tally = Tally::new(&import.counts, counting);
        let parts = [tally.succeeded(), Some(tally.failed()), tally.pending()];
        let known: u128 = parts.iter().flatten().copied().map(u128::from).sum();
        assert_eq!(known, u128::from(tally.total()), "{tally:?}");
        assert!(
            tally.percent().is_some_and(|percent| percent <= 100) && (0.0..=1.0).contains(&tally.ratio()),
            "{tally:?}"
        );
    }
    let id = import.id.as_str();
    assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{id:?}");
    [import.kind.as_str(), import.mode.as_str(), import.status.as_str()].into_iter().for_each(is_safe);
    [&*import.kind.label(), import.mode.label()].into_iter().for_each(is_safe);
    if let Some(report) = import.report() {
        is_safe(report.name.as_str());
        match &report.link {
            Ok(link) => harmless(link),
            Err(refusal) => is_safe(&refusal.to_string()),
        }
    }
    import.failed_rows().iter().for_each(drawable);
}

fn drawable(row: &FailedRow) {
    row.cells.columns().iter().for_each(|column| is_safe(column.as_str()));
    row.cells.values().for_each(|value| is_safe(SafeText::new(value.raw()).as_str()));
    let messages = row.problems.iter().flat_map(|problem| problem.messages.iter().chain([&problem.field]));
    messages.for_each(|message| is_safe(message.as_str()));
}

/// Can be given to a browser, and put between the ends of an escape sequence.
fn harmless(link: &Link) {
    let text = link.as_str();
    assert!(text.starts_with("https://") || text.starts_with("http://"), "{text}");
    assert!(text.bytes().all(|b| b.is_ascii_graphic()), "{text:?}");
    is_safe(&link.host());
}

fn logins(bytes: &[u8]) {
    match api::wire::logins(bytes, &asked()) {
        Ok((logins, ..)) => {
            assert!(logins.accounts.len() <= bytes.len() / 8);
            assert_eq!(logins.choose().is_empty(), logins.accounts.is_empty());
            for account in &logins.accounts {
                let texts = [&account.firm, &account.name, &account.role, &account.kind];
                texts.into_iter().for_each(|text| is_safe(text.as_str()));
                assert!(HeaderValue::from_str(account.id.as_str()).is_ok());
            }
        }
        Err(fault) => is_safe(&fault.to_string()),
    }
}

fn whole_report(bytes: &[u8]) {
    let limits = Limits {
        bytes: LONGEST,
        unpacked: 1 << 20,
        rows: 5_000,
        columns: 400,
        cell: 8 << 10,
        ..Limits::default()
    };
    let report = match FailedRows::read(bytes, &limits, &ApiView::default()) {
        Ok(report) => report,
        Err(refusal) => return is_safe(&refusal.to_string()),
    };
    let table = report.table();
    assert!(table.len() <= limits.rows && table.width() <= limits.columns);
    // The text may triple on its way from Windows-1252 to UTF-8; 4 bytes a cell, 8 a row.
    assert!(table.memory() <= 16 * limits.unpacked, "{} bytes", table.memory());
    for row in 0..table.len().min(50) {
        for problem in report.problems(row) {
            is_safe(problem.field.as_str());
        }
        for column in report.own() {
            is_safe(report.header(*column).as_str());
        }
        report.json(row, Redaction { enabled: true });
    }
    for group in reasons(&report) {
        is_safe(group.message.as_str());
        assert!(group.rows.iter().all(|row| *row < table.len()));
    }
    let joined = source::join(&report, table);
    assert!(joined.is_none_or(|joined| joined.rows.len() == table.len()));
    // Whoever reads what is written finds as many rows.
    let mut written = Vec::new();
    fixup::write(&mut written, &report, 0..table.len(), fixup::Options::default()).unwrap();
    let again = csv::ReaderBuilder::new()
        .delimiter(table.dialect().delimiter)
        .flexible(true)
        .from_reader(&*written)
        .into_byte_records()
        .count();
    assert_eq!(again, table.len());
}

fn filter(text: &str) {
    match Query::parse(text, &TimeZone::UTC) {
        Ok(query) => drop(query.is_empty()),
        Err(mistake) => {
            assert!(text.get(mistake.span.clone()).is_some_and(|wrong| !wrong.is_empty()), "{mistake:?}");
            assert!(!mistake.message.contains('\n'));
        }
    }
}

/// `name: value` on each line.
fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&line[colon + 1..])) {
            headers.insert(name, value);
        }
    }
    let (wait, _) = api::read_headers(&headers, now().wall);
    assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(24 * 60 * 60)), "{wait:?}");
    let disposition = headers.get("content-disposition").and_then(|value| value.to_str().ok());
    is_a_file_name(&safe_name(disposition.and_then(api::suggested_name).as_deref(), "", "report.csv"));
}

fn name(text: &str) {
    let suggested = api::suggested_name(&format!("attachment; {text}"));
    is_a_file_name(&safe_name(suggested.as_deref(), text, "report.csv"));
    is_a_file_name(&safe_name(None, text, text));
}

fn is_a_file_name(name: &str) {
    is_safe(name);
    assert!((1..=120).contains(&name.len()) && !name.starts_with(['.', '-', ' ']), "{name:?}");
    assert_eq!(Path::new(name).file_name().and_then(|it| it.to_str()), Some(name));
}

fn link(text: &str) {
    if let Ok(link) = Link::new(text, &asked()) {
        harmless(&link);
        assert_eq!(Link::new(link.as_str(), &asked()).as_ref(), Ok(&link));
    }
}

fn address(text: &str) {
    match BaseUrl::new(text) {
        Ok(base) => {
            assert!(base.as_url().scheme() == "https" || base.is_loopback(), "{base}");
            is_safe(&base.to_string());
            assert_eq!(BaseUrl::new(&base.to_string()).as_ref(), Ok(&base));
        }
        Err(refusal) => is_safe(&refusal.to_string()),
    }
    if let Some(id) = AccountId::new(text) {
        assert!(HeaderValue::from_str(id.as_str()).is_ok());
    }
}

fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Token::new(&text) {
        Ok(token) => {
            assert_eq!(format!("{token:?}"), "Token(…)");
            let bare = text.split_whitespace().last().unwrap();
            assert!(!token.scrub(&format!("<{bare}>")).contains(bare));
        }
        Err(refusal) => is_safe(&refusal.to_string()),
    }
}
