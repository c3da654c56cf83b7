//! The error report: every failed row of an import as CSV, the file's own columns first, then what was wrong.

use super::rows::Failure;

/// The bytes that download.
pub(super) fn csv<'a>(
    headers: impl IntoIterator<Item = &'a str>,
    rows: impl Iterator<Item = Failure>,
) -> Vec<u8> {
    let mut out = String::new();
    line(&mut out, headers.into_iter().chain(["errors"]));
    for failure in rows {
        let errors = failure.errors.iter().flat_map(|(_, messages)| messages).map(String::as_str);
        let errors = errors.collect::<Vec<_>>().join(", ");
        line(&mut out, failure.cells.iter().map(String::as_str).chain([errors.as_str()]));
    }
    out.into_bytes()
}

/// As PHP's `fputcsv` writes a line.
pub(super) fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (nth, cell) in cells.enumerate() {
        if nth > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\n', '\r', '\t', ' ', '\\']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push('\n');
}
