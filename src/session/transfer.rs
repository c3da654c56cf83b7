//! Saves reports and rows to the user's files, and describes the results.

use std::path::{Path, PathBuf};

use crate::api::{Bounds, Client};
use crate::app::event::WriteRows;
use crate::domain::file_name::{neutral_name, safe_name};
use crate::domain::import::{ImportId, Link};
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::text::SafeText;
use crate::domain::transfer::{DownloadFault, Transfer};
use crate::exit::with_advice;
use crate::files::{Existing, FileError, Target};
use crate::report::{ReadError, fixup};

/// The file name if neither the user nor the server gives one.
const REPORT: &str = "error-report.csv";

#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) import: &'a ImportId,
    pub(crate) link: &'a Link,
    /// The server's name for the document; may be empty.
    pub(crate) name: &'a str,
    /// Whether the file may have that name.
    pub(crate) redaction: Redaction,
}

/// A report that has arrived.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) path: PathBuf,
    /// In bytes.
    pub(crate) size: u64,
    /// Which leftovers were removed from the folder, if any.
    pub(crate) removed: Option<String>,
}

/// Downloads a report to a file. Dropping the future leaves nothing behind.
///
/// # Errors
/// The download or the file failed.
pub(crate) async fn save(
    client: &Client,
    source: Source<'_>,
    target: Target,
    existing: Existing,
    bounds: Bounds,
    on_progress: impl FnMut(Transfer) + Send,
) -> Result<Saved, DownloadFault> {
    let local = |error: FileError| DownloadFault::Local(error.to_string());
    let mut file = target.create().await.map_err(local)?;
    let removed = file.removed();
    let received = client.download(source.link, Some(source.import), &mut file, bounds, on_progress).await?;
    let name = safe_name(received.suggested_name.as_deref(), source.name, REPORT);
    let name = if source.redaction.enabled { neutral_name(&name, REPORT) } else { name };
    let path = file.finish(&name, existing).await.map_err(local)?;
    Ok(Saved { path, size: received.size, removed })
}

/// Downloads a report to a path, never over another file; describes the result.
///
/// # Errors
/// The download or the file failed.
pub(crate) async fn to_file(
    client: &Client,
    id: &ImportId,
    link: &Link,
    to: &Path,
    on_progress: impl FnMut(Transfer) + Send,
) -> Result<Redactable, DownloadFault> {
    let source = Source { import: id, link, name: "", redaction: Redaction::default() };
    let Saved { path, size, removed } =
        save(client, source, Target::at(to), Existing::Keep, Bounds::FILE, on_progress).await?;
    let removed = removed.map(|removed| format!("; {removed}")).unwrap_or_default();
    Ok(Redactable::new(|redaction| {
        let masked = not_masked(redaction);
        format!("saved {} ({size} bytes{masked}){removed}", display_path(&path, redaction))
    }))
}

/// Writes rows to a path, never over another file; describes the result with warnings.
pub(crate) async fn rows_to_file(rows: WriteRows) -> Result<Redactable, Redactable> {
    let WriteRows { of, rows, to, why, spreadsheet_safe, fixes, .. } = rows;
    let options = fixup::Options { why, spreadsheet_safe };
    let broken = rows.iter().filter(|row| of.table().is_broken(**row)).count();
    let written = tokio::task::spawn_blocking(move || {
        if let Some(fixes) = fixes {
            return fixup::corrected(&of, &fixes, rows, options).map(|file| (file.bytes, file.written));
        }
        let mut bytes = Vec::new();
        fixup::write(&mut bytes, &of, rows, options).map(|written| (bytes, written))
    });
    let written = written.await.map_err(|_| "the rows could not be written".to_owned())?;
    let (bytes, written) = written.map_err(|error| error.to_string())?;
    let mut file = Target::at(Path::new(&to)).create().await.map_err(|error| sanitised(&error))?;
    let removed = file.removed();
    file.write(&bytes).await.map_err(|error| sanitised(&error))?;
    let place = file.finish("rows.csv", Existing::Keep).await.map_err(|error| sanitised(&error))?;
    let mut text = String::new();
    if broken > 0 {
        text.push_str(&format!("; {broken} with unbalanced quotes: check them"));
    }
    if let Some(encoding) = written.converted {
        text.push_str(&format!("; UTF-8 (the report is {})", encoding.name()));
    }
    match (written.formulas, spreadsheet_safe) {
        (0, _) => {}
        (1, false) => text.push_str("; 1 cell looks like a formula"),
        (cells, false) => text.push_str(&format!("; {cells} cells look like formulas")),
        (1, true) => text.push_str("; 1 formula neutralised with '"),
        (cells, true) => text.push_str(&format!("; {cells} formulas neutralised with '")),
    }
    if let Some(removed) = removed {
        text.push_str(&format!("; {removed}"));
    }
    Ok(Redactable::new(|redaction| {
        let (rows, to) = (rows_of(written.rows), display_path(&place, redaction));
        format!("wrote {rows} to {to}{}{text}", not_masked(redaction))
    }))
}

/// What a user who masks values on the screen has to know of a file.
fn not_masked(redaction: Redaction) -> &'static str {
    if redaction.enabled { ", not masked" } else { "" }
}

fn rows_of(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// The fault with what to do.
pub(crate) fn describe(fault: &DownloadFault) -> Redactable {
    Redactable::new(|redaction| with_advice(&fault.describe(redaction), fault.advice()))
}

/// Why the report has no readable rows, and what to do.
pub(crate) fn not_readable(refusal: &ReadError) -> String {
    with_advice(refusal, Some(refusal.advice()))
}

fn sanitised(error: &FileError) -> String {
    SafeText::new(&error.to_string()).to_string()
}

/// A path, with its file name redacted: that may be the server's name for a report.
fn display_path(place: &Path, redaction: Redaction) -> SafeText {
    let name = place.file_name().map(|name| SafeText::new(&name.to_string_lossy()));
    match name.filter(|_| redaction.enabled) {
        Some(name) => {
            SafeText::new(&place.with_file_name(redaction.value(&name).as_str()).display().to_string())
        }
        None => SafeText::new(&place.display().to_string()),
    }
}
