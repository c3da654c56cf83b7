//! One import as Plannr describes it.
//!
//! Types, modes and statuses are open sets: new ones appear on the server before they appear here, so each of them
//! keeps an unknown word unchanged.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::account::{Account, AccountId};
use super::failure::FailedRow;
use super::text::SafeText;

/// An import's `uuid`: requests, selection and marks refer to it. Ordered as texts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ImportId(Id);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Id {
    /// As long as a uuid: it needs no memory of its own.
    Short([u8; 36]),
    Other(SafeText),
}

impl ImportId {
    /// Accepts only letters, digits, `-` and `_`, because the id becomes part of a URL.
    pub fn new(raw: &str) -> Option<Self> {
        let id = plain_id(raw)?;
        let short = id.as_str().as_bytes().try_into().map(Id::Short);
        Some(Self(short.unwrap_or(Id::Other(id))))
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            Id::Short(id) => str::from_utf8(id).unwrap_or_default(),
            Id::Other(id) => id.as_str(),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Id::Short(id) => id,
            Id::Other(id) => id.as_str().as_bytes(),
        }
    }
}

impl Ord for ImportId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for ImportId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ImportId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An id that needs no escaping in a URL or a header: up to 64 letters, digits, `-` and `_`. A uuid becomes canonical.
pub(super) fn plain_id(raw: &str) -> Option<SafeText> {
    if let Some(uuid) = canonical_uuid(raw) {
        return Some(SafeText::new(&uuid));
    }
    let fits = !raw.is_empty() && raw.len() <= 64;
    let plain = raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (fits && plain).then(|| SafeText::new(raw))
}

/// A uuid in lower case with dashes, from upper case, without dashes, in braces or as a URN.
fn canonical_uuid(raw: &str) -> Option<String> {
    let raw = raw.trim().to_ascii_lowercase();
    let raw = raw.strip_prefix("urn:uuid:").unwrap_or(&raw);
    let raw = raw.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(raw);
    let dashed = raw.contains('-');
    let mut uuid = String::with_capacity(36);
    for letter in raw.chars().filter(|letter| !dashed || *letter != '-') {
        if !letter.is_ascii_hexdigit() {
            return None;
        }
        if matches!(uuid.len(), 8 | 13 | 18 | 23) {
            uuid.push('-');
        }
        uuid.push(letter);
    }
    (uuid.len() == 36 && (!dashed || uuid == raw)).then_some(uuid)
}

/// What is imported: the API's `type`, for instance `clients`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Kind(SafeText);

impl Kind {
    pub fn new(word: &str) -> Self {
        Self(SafeText::new(word))
    }

    /// The API's word.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The API's word, with an allocation that other imports may share.
    pub fn text(&self) -> &SafeText {
        &self.0
    }

    /// The API's word with spaces: `provider_statement` is "provider statement".
    pub fn label(&self) -> String {
        self.as_str().replace('_', " ")
    }
}

/// What an import does with its rows: the API's `mode`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `store`: new records. The web app says *Create*.
    Store,
    /// `update`: changes to records that exist.
    Update,
    /// `validate`: a dry run, nothing is saved.
    Validate,
    /// A mode that this program does not know.
    Other(SafeText),
}

impl Mode {
    pub fn new(word: &str) -> Self {
        match word {
            "store" => Self::Store,
            "update" => Self::Update,
            "validate" => Self::Validate,
            _ => Self::Other(SafeText::new(word)),
        }
    }

    /// The API's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Store => "store",
            Self::Update => "update",
            Self::Validate => "validate",
            Self::Other(word) => word.as_str(),
        }
    }

    /// The web app's word.
    pub fn label(&self) -> &str {
        match self {
            Self::Store => "Create",
            Self::Update => "Update",
            Self::Validate => "Validate",
            Self::Other(word) => word.as_str(),
        }
    }
}

/// The API's `status`. Only `processing` is documented.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Status(SafeText);

/// What a status word means for the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// Uploaded, mapped or queued: nothing runs yet.
    Waiting,
    /// Jobs are being processed.
    Processing,
    /// Finished, whatever the counts say.
    Done,
    /// Finished because the import itself failed.
    Failed,
    /// Finished because somebody cancelled it.
    Cancelled,
    /// A word that this program does not know; the numbers decide.
    Unknown,
}

impl Status {
    pub fn new(word: &str) -> Self {
        Self(SafeText::new(word))
    }

    /// The API's word.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The API's word, with an allocation that other imports may share.
    pub fn text(&self) -> &SafeText {
        &self.0
    }

    /// All words but `processing` are undocumented: those that Laravel applications commonly use.
    pub fn meaning(&self) -> Meaning {
        let differs = |b: u8| b.is_ascii_uppercase() || matches!(b, b' ' | b'-');
        let word = if self.as_str().bytes().any(differs) {
            Cow::Owned(self.as_str().to_ascii_lowercase().replace([' ', '-'], "_"))
        } else {
            Cow::Borrowed(self.as_str())
        };
        match word.as_ref() {
            "pending" | "queued" | "waiting" | "created" | "new" | "draft" | "uploaded" | "uploading"
            | "mapping" | "mapped" | "ready" | "scheduled" | "not_started" => Meaning::Waiting,
            "processing" | "running" | "in_progress" | "started" | "importing" | "validating" | "active" => {
                Meaning::Processing
            }
            "completed"
            | "complete"
            | "done"
            | "finished"
            | "processed"
            | "imported"
            | "validated"
            | "success"
            | "successful"
            | "succeeded"
            | "completed_with_errors"
            | "completed_with_failures" => Meaning::Done,
            "failed" | "failure" | "error" | "errored" | "rejected" => Meaning::Failed,
            "cancelled" | "canceled" | "cancelling" | "canceling" | "aborted" | "stopped" => {
                Meaning::Cancelled
            }
            _ => Meaning::Unknown,
        }
    }
}

/// The numbers as the server sent them; `None` if missing or unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// `total_jobs`: rows in the import. May grow during a run and may be 0.
    pub total: Option<u64>,
    /// `jobs_remaining`. In a Laravel batch a failed job stays in this number.
    pub remaining: Option<u64>,
    /// `failed_jobs`.
    pub failed: Option<u64>,
    /// `progress`: a percentage, 0 to 100, rounded by the server.
    pub progress: Option<f64>,
}

/// Who started an import: `account`, sent only with `include=initiatedBy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Person {
    /// The full name, or the part of it that is known.
    pub name: SafeText,
    /// Empty if not provided.
    pub email: SafeText,
    /// The account's; empty if not provided.
    pub uuid: SafeText,
}

/// `error_report`: the stored document with every failed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `filename`, else `name`.
    pub name: SafeText,
    /// `size` in bytes.
    pub size: Option<u64>,
    /// The document's own `status`, for instance `uploaded`.
    pub status: SafeText,
    /// `download_url`, or why it cannot be opened.
    pub link: Result<Link, LinkError>,
}

/// A link that may be opened or fetched: absolute and http(s).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Only the text: a [`Url`] takes as much again, and most imports have a link.
    url: Box<str>,
    foreign: bool,
}

/// Why a link cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// The server sent none.
    Missing,
    /// Not a URL.
    Malformed,
    /// Neither http nor https; carries the scheme.
    Scheme(SafeText),
    /// It contains a user name or password.
    Credentials,
}

impl Link {
    /// Resolves a relative link against `base`.
    ///
    /// # Errors
    /// Why the link cannot be opened.
    pub fn new(raw: &str, base: &Url) -> Result<Self, LinkError> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(LinkError::Missing);
        }
        if raw.chars().any(char::is_control) {
            return Err(LinkError::Malformed);
        }
        let url = base.join(raw).map_err(|_| LinkError::Malformed)?;
        match url.scheme() {
            _ if !url.username().is_empty() || url.password().is_some() => Err(LinkError::Credentials),
            "http" | "https" if url.has_host() => {
                let foreign = url.origin() != base.origin();
                Ok(Self { url: url.as_str().into(), foreign })
            }
            scheme => Err(LinkError::Scheme(SafeText::new(scheme))),
        }
    }

    /// ASCII, without control characters and spaces.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    pub fn host(&self) -> String {
        let url = Url::parse(&self.url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        Url::parse(&self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// Whether it leads to another server than the configured one.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }
}

/// Schemes that a message names.
const COMMON_SCHEMES: [&str; 6] = ["file", "ftp", "javascript", "data", "mailto", "s3"];

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "the error report has no download link"),
            Self::Malformed => write!(f, "the report's link is not a valid URL"),
            // The server chooses the scheme, so any other could spell a client's name, which no mask would hide.
            Self::Scheme(scheme) if COMMON_SCHEMES.contains(&scheme.as_str()) => {
                write!(f, "the report's link is not allowed: {scheme}: is neither http nor https")
            }
            Self::Scheme(_) => write!(f, "the report's link is not allowed: it is neither http nor https"),
            Self::Credentials => {
                write!(f, "the report's link is not allowed: it contains a user name or password")
            }
        }
    }
}

/// The CSV's headers and the Plannr field each is imported into; only sent by the show route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// Header and field, in the CSV's order; `None` for a header that is not imported.
    pub columns: Vec<(SafeText, Option<SafeText>)>,
}

impl Mapping {
    pub fn headers(&self) -> impl Iterator<Item = &SafeText> {
        self.columns.iter().map(|(header, _)| header)
    }

    /// How many headers are imported.
    pub fn mapped(&self) -> usize {
        self.columns.iter().filter(|(_, field)| field.is_some()).count()
    }
}

/// `errors`: a sample of at most [`Failures::LIMIT`] failed rows, however many failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures {
    /// In the server's order. A pointer of one word: there may be 100,000 imports, and most have no sample.
    pub rows: Arc<Vec<FailedRow>>,
}

impl Failures {
    /// The reference: "limited to 25 rows".
    pub const LIMIT: usize = 25;
    /// How many rows are listed if a server sends more. One more is kept, to show that there are more.
    pub const MOST: usize = 100;
}

/// One import. A field that a route does not send is `None` and never overwrites a known value.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// `uuid`.
    pub id: ImportId,
    /// `type`.
    pub kind: Kind,
    /// `mode`.
    pub mode: Mode,
    /// `status`.
    pub status: Status,
    /// `total_jobs`, `jobs_remaining`, `failed_jobs`, `progress`.
    pub counts: Counts,
    /// `created_at`.
    pub created_at: Option<Timestamp>,
    /// `updated_at`; may not change while jobs complete.
    pub updated_at: Option<Timestamp>,
    /// `account`.
    pub started_by: Option<Arc<Person>>,
    /// `errors`.
    pub failures: Option<Failures>,
    /// `error_report`; `Some(None)` if the server says that there is none yet.
    pub report: Option<Option<Box<Report>>>,
    /// `headers` and `mapping`.
    pub mapping: Option<Arc<Mapping>>,
    /// The account that it was requested as, and whose requests about it go on: no other firm's may.
    pub seen_by: Option<Arc<Account>>,
}

impl Import {
    /// What it is called: `clients · Create`.
    pub fn name(&self) -> String {
        match self.mode.label() {
            "" => self.kind.label(),
            mode => format!("{} · {mode}", self.kind.label()),
        }
    }

    /// Fills missing fields from an earlier response about the same import.
    pub fn or_known(mut self, earlier: &Import) -> Self {
        self.started_by = self.started_by.or_else(|| earlier.started_by.clone());
        // That there were no failed rows is true for as long as none failed.
        let has_none = self.counts.failed == Some(0);
        let known = earlier.failures.as_ref().filter(|known| !known.rows.is_empty() || has_none);
        self.failures = self.failures.or_else(|| known.cloned());
        self.report = self.report.or_else(|| earlier.report.clone());
        self.mapping = self.mapping.or_else(|| earlier.mapping.clone());
        self.created_at = self.created_at.or(earlier.created_at);
        self.updated_at = self.updated_at.or(earlier.updated_at);
        self.seen_by = self.seen_by.or_else(|| earlier.seen_by.clone());
        self
    }

    /// Passes each text that other imports are likely to have too to `share`, so that it is kept only once.
    pub(super) fn share_texts(&mut self, share: &mut impl FnMut(&mut SafeText)) {
        share(&mut self.kind.0);
        share(&mut self.status.0);
        if let Mode::Other(word) = &mut self.mode {
            share(word);
        }
        if let Some(Some(report)) = &mut self.report {
            share(&mut report.status);
        }
    }

    /// Drops the sample of failed rows, as if the list had not sent it.
    pub fn drop_sample(&mut self) {
        self.failures.take_if(|failures| !failures.rows.is_empty());
    }

    /// The firm whose import it is; empty if not known.
    pub fn firm(&self) -> &str {
        self.seen_by.as_ref().map_or("", |account| account.firm.as_str())
    }

    pub fn account_id(&self) -> Option<&AccountId> {
        self.seen_by.as_ref().map(|account| &account.id)
    }

    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref().and_then(Option::as_deref)
    }

    /// The sample; empty if it is not known.
    pub fn failed_rows(&self) -> &[FailedRow] {
        self.failures.as_ref().map_or(&[], |failures| &failures.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_a_url_path_can_hold() {
        for (raw, ok) in [
            ("065680d5-6407-42c6-8544-da5fb975ebfe", true),
            ("", false),
            ("../logins", false),
            ("a b", false),
            ("a?b", false),
            ("\u{1b}[2J", false),
        ] {
            assert_eq!(ImportId::new(raw).is_some(), ok, "{raw:?}");
        }
    }

    #[test]
    fn ids_of_any_length_are_ordered_as_texts() {
        let long = "0656-".repeat(12);
        let texts =
            ["065680d5-6407-42c6-8544-da5fb975ebfe", &long[..35], &long[..36], &long[..37], &long, "0", "1"];
        let mut ids: Vec<_> = texts.iter().filter_map(|text| ImportId::new(text)).collect();
        ids.sort();
        let mut sorted = texts;
        sorted.sort_unstable();
        assert_eq!(ids.iter().map(ImportId::as_str).collect::<Vec<_>>(), sorted);
        assert!(ids.iter().all(|id| ImportId::new(id.as_str()).as_ref() == Some(id)));
    }

    #[test]
    fn a_uuid_is_the_same_in_any_spelling() {
        let canonical = "065680d5-6407-42c6-8544-da5fb975ebfe";
        for spelling in [
            canonical,
            "065680D5-6407-42C6-8544-DA5FB975EBFE",
            "065680d5640742c68544da5fb975ebfe",
            "{065680d5-6407-42c6-8544-da5fb975ebfe}",
            " {065680D5640742C68544DA5FB975EBFE} ",
            "urn:uuid:065680d5-6407-42c6-8544-da5fb975ebfe",
        ] {
            assert_eq!(ImportId::new(spelling).unwrap().as_str(), canonical, "{spelling:?}");
        }
        for other in ["065680D5", "0656-80d5640742c68544da5fb975ebfe", "Import_7"] {
            assert_eq!(ImportId::new(other).unwrap().as_str(), other, "no uuid: as it is");
        }
        assert_eq!(ImportId::new("{065680d5-6407-42c6-8544-da5fb975ebfe"), None);
    }

    #[test]
    fn links_are_resolved_and_checked_and_foreign_ones_are_marked() {
        let base = Url::parse("https://api.plannrcrm.com").unwrap();
        let ok = |raw: &str| Link::new(raw, &base).map(|l| (l.as_str().to_owned(), l.is_foreign()));
        assert_eq!(ok("/file/1/download"), Ok(("https://api.plannrcrm.com/file/1/download".into(), false)));
        assert_eq!(ok("https://s3.example/x y"), Ok(("https://s3.example/x%20y".into(), true)));
        assert_eq!(ok("http://api.plannrcrm.com/a"), Ok(("http://api.plannrcrm.com/a".into(), true)));
        assert_eq!(ok("  "), Err(LinkError::Missing));
        assert_eq!(ok("javascript:alert(1)"), Err(LinkError::Scheme("javascript".into())));
        assert_eq!(ok("file:///etc/passwd"), Err(LinkError::Scheme("file".into())));
        assert!(LinkError::Scheme("file".into()).to_string().contains("file: is neither"));
        assert!(!LinkError::Scheme("annweaver".into()).to_string().contains("annweaver"));
        assert_eq!(ok("https://u:p@api.plannrcrm.com/"), Err(LinkError::Credentials));
        assert_eq!(ok("https://a\u{1b}]8;;b"), Err(LinkError::Malformed));
        assert_eq!(ok("http://"), Err(LinkError::Malformed));
    }
}
