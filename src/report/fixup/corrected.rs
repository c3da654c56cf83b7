//! Corrected rows, in the report's own columns or in those of the client's file. Every cell that was not changed is
//! what it was, byte for byte, the encoding included.

use std::collections::HashMap;
use std::io;

use encoding_rs::WINDOWS_1252;

use super::{Line, Options, Written};
use crate::report::FailedRows;
use crate::report::fix::{Fixes, RowState};
use crate::report::matching::common_columns;
use crate::report::source::Match;
use crate::report::table::{Dialect, Encoding, Format, LineEnd, Table};

/// The header of the column with the messages of rows that are not fixed.
const ERRORS: &str = "errors";

/// A file of corrected rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Corrected {
    pub bytes: Vec<u8>,
    pub written: Written,
    /// Rows that are not in the client's file, or in it more than once.
    pub missing: usize,
    /// Rows left out because some of their bytes are not text: they could not be written as they were.
    pub unreadable: usize,
}

/// Writes the headers and the chosen rows with what was changed in them. With [`Options::why`] a last column holds the
/// messages of rows that are not fixed.
///
/// # Errors
/// Headers that could not be decoded.
pub fn corrected(
    report: &FailedRows,
    fixes: &Fixes,
    rows: impl IntoIterator<Item = usize>,
    options: Options,
) -> io::Result<Corrected> {
    let rows = rows.into_iter().filter(|row| *row < report.len()).map(|row| (row, row));
    let changed = |row, column| fixes.cell(row, column);
    let writer = Writer { table: &report.table, own: report.own(), report, fixes, options };
    writer.file(rows, changed)
}

/// The same rows as they stand in the client's file, with all its columns, in its order.
///
/// # Errors
/// Headers that could not be decoded.
pub fn corrected_source(
    report: &FailedRows,
    source: &Table,
    fixes: &Fixes,
    rows: impl IntoIterator<Item = usize>,
    options: Options,
) -> io::Result<Corrected> {
    let at_line: HashMap<u64, usize> = (0..source.len()).map(|row| (source.line(row), row)).collect();
    let columns: HashMap<usize, usize> =
        common_columns(&report.table, report.own(), source, 0..source.width())
            .into_iter()
            .map(|(mine, theirs)| (theirs, mine))
            .collect();
    let mut missing = 0;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        let place = match report.place(row) {
            Some(Match::Line(line)) => at_line.get(line),
            _ => None,
        };
        match place {
            Some(place) => found.push((*place, row)),
            None => missing += 1,
        }
    }
    found.sort_unstable();
    // A row that was tried twice is in the report twice.
    found.dedup_by_key(|(place, _)| *place);
    let all: Vec<usize> = (0..source.width()).collect();
    let changed = |row, column| fixes.cell(row, *columns.get(&column)?);
    let writer = Writer { table: source, own: &all, report, fixes, options };
    Ok(Corrected { missing, ..writer.file(found.into_iter(), changed)? })
}

/// What is written, and from which table.
struct Writer<'a> {
    table: &'a Table,
    own: &'a [usize],
    report: &'a FailedRows,
    fixes: &'a Fixes,
    options: Options,
}

impl<'a> Writer<'a> {
    /// `rows` are rows of the table, each with the failed row that it is; `changed` takes the latter.
    fn file(
        &self,
        rows: impl Iterator<Item = (usize, usize)>,
        changed: impl Fn(usize, usize) -> Option<&'a str>,
    ) -> io::Result<Corrected> {
        let dialect = match self.table.format() {
            Format::Xlsx { .. } => Dialect { line_end: LineEnd::CrLf, bom: true, ..Dialect::PLAIN },
            _ => self.table.dialect(),
        };
        let mut bytes = Vec::new();
        let mut written = Written::default();
        let mut unreadable = 0;
        let mut line = Line::keeping(&mut bytes, dialect, self.options, self.own.len());
        line.begin()?;
        let cells = |record: usize| -> Vec<(&'a str, bool)> {
            let cells: Vec<_> = self.table.record(record).collect();
            self.own.iter().map_while(|column| cells.get(*column).copied()).collect()
        };
        let is_undecodable = self.table.warnings().undecodable;
        let is_unreadable = |cells: &[(&str, bool)]| {
            is_undecodable && cells.iter().any(|(cell, _)| cell.contains('\u{fffd}'))
        };
        if is_unreadable(&cells(0)) {
            return Err(io::Error::other("some bytes of the headers are not text"));
        }
        line.record(&cells(0), self.header().as_str(), true)?;
        for (place, row) in rows {
            let mut cells = cells(place + 1);
            if is_unreadable(&cells) {
                unreadable += 1;
                continue;
            }
            for (at, column) in self.own.iter().enumerate() {
                let Some(after) = changed(row, *column) else { continue };
                // A short row is filled up to the cell.
                if cells.len() <= at {
                    cells.resize(at + 1, ("", false));
                }
                if let Some(cell) = cells.get_mut(at) {
                    cell.0 = after;
                }
            }
            let is_open = self.options.why && self.fixes.state(self.report, row) != RowState::Fixed;
            let why = if is_open { self.left(row) } else { String::new() };
            line.record(&cells, &why, false)?;
            written.rows += 1;
        }
        written.formulas = line.formulas;
        if dialect.encoding != Encoding::Utf8 {
            match encoded(&bytes, dialect.encoding) {
                Some(encoded) => bytes = encoded,
                None => written.converted = Some(dialect.encoding),
            }
        }
        Ok(Corrected { bytes, written, missing: 0, unreadable })
    }

    /// The messages about cells that were not corrected, in one cell.
    fn left(&self, row: usize) -> String {
        let is_left = |column| {
            self.fixes.cell(row, column).is_none() || self.fixes.still_breaks(self.report, row, column)
        };
        let problems = self.report.problems(row).filter(|problem| problem.column.is_none_or(is_left));
        problems.map(|problem| problem.message).collect::<Vec<_>>().join(" | ")
    }

    /// A header for the messages that no column of the client's has.
    fn header(&self) -> String {
        let mut name = ERRORS.to_owned();
        while self.own.iter().any(|column| self.table.header(*column).trim().eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        name
    }
}

/// The same text in another encoding; `None` where that lacks one of its characters.
fn encoded(utf8: &[u8], encoding: Encoding) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(utf8).ok()?;
    match encoding {
        Encoding::Utf8 => Some(utf8.to_vec()),
        Encoding::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Encoding::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Encoding::Windows1252 => {
            let (bytes, _, lacks) = WINDOWS_1252.encode(text);
            (!lacks).then(|| bytes.into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::Date;
    use proptest::prelude::*;

    use super::*;
    use crate::report::fix::Proposals;
    use crate::report::{ApiView, Cancel, Limits, read};

    const MESSAGE: &str = "The dob is not a valid date.";

    fn report(bytes: &[u8]) -> (FailedRows, Fixes) {
        let report = FailedRows::read(bytes, &Limits::default(), &ApiView::default()).unwrap();
        let proposals = Proposals::of(&report, Date::constant(2026, 11, 23), &Cancel::default());
        (report, Fixes::new(Arc::new(proposals)))
    }

    fn text(corrected: io::Result<Corrected>) -> String {
        String::from_utf8(corrected.unwrap().bytes).unwrap()
    }

    #[test]
    fn only_changed_cells_differ_and_messages_stand_beside_what_is_left() {
        let csv = format!(
            "\u{feff}Name;dob;errors\r\n\"Ann\";\"19/01/1975\";{MESSAGE}\r\n  Bob;soon;{MESSAGE}\r\n"
        );
        let (report, fixes) = report(csv.as_bytes());
        let fixed = corrected(&report, &fixes, fixes.fixed_rows(&report), Options::default());
        assert_eq!(text(fixed), "\u{feff}Name;dob\r\n\"Ann\";\"1975-01-19\"\r\n");
        let all = corrected(&report, &fixes, 0..2, Options { why: true, ..Options::default() });
        assert_eq!(
            text(all),
            format!("\u{feff}Name;dob;errors\r\n\"Ann\";\"1975-01-19\";\r\n  Bob;soon;{MESSAGE}\r\n")
        );
    }

    #[test]
    fn the_encoding_stays_unless_it_lacks_a_letter() {
        let csv = format!("Né,dob,errors\nna\u{ef}ve,19/01/1975,{MESSAGE}\n");
        let expected = "Né,dob\nna\u{ef}ve,1975-01-19\n";
        for encoding in [Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be] {
            let mark =
                if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) { "\u{feff}" } else { "" };
            let (report, mut fixes) = report(&encoded(format!("{mark}{csv}").as_bytes(), encoding).unwrap());
            let fixed = corrected(&report, &fixes, 0..1, Options::default()).unwrap();
            let wanted = encoded(format!("{mark}{expected}").as_bytes(), encoding).unwrap();
            assert_eq!((fixed.bytes, fixed.written.converted), (wanted, None), "{encoding:?}");
            fixes.edit(0, 0, Some("山".to_owned()));
            let fixed = corrected(&report, &fixes, 0..1, Options::default()).unwrap();
            assert_eq!(fixed.written.converted.is_some(), encoding == Encoding::Windows1252);
        }
    }

    #[test]
    fn the_client_s_own_file_keeps_its_columns_and_order() {
        let csv = format!(
            "dob,Name,errors\n19/01/1975,Ann,{MESSAGE}\n20/01/1975,Bob,{MESSAGE}\n21/01/1975,Cy,{MESSAGE}\n"
        );
        let source = "Extra;Name;dob\nx;Bob;20/01/1975\n\"y\";Ann;19/01/1975\nz;Dee;1/1/1975\n";
        let source = read(source.as_bytes(), &Limits::default()).unwrap();
        let (rows, fixes) = report(csv.as_bytes());
        let rows = rows.joined_to(&source);
        let fixed = corrected_source(&rows, &source, &fixes, 0..3, Options::default()).unwrap();
        assert_eq!(fixed.missing, 1);
        assert_eq!(
            String::from_utf8(fixed.bytes).unwrap(),
            "Extra;Name;dob\nx;Bob;1975-01-20\n\"y\";Ann;1975-01-19\n"
        );
    }

    #[test]
    fn odd_headers_and_quotations_stay_as_they_are() {
        for (header, cell) in [
            ("Name;full", "Ann"),
            ("Na\tme", "Ann"),
            ("Name", r#""said \"no\" twice""#),
            ("Name", r#""a ""b"" c""#),
        ] {
            let csv = format!("{header},dob,errors\n{cell},19/01/1975,{MESSAGE}\n");
            let (report, fixes) = report(csv.as_bytes());
            let fixed = corrected(&report, &fixes, 0..1, Options::default()).unwrap();
            let wanted = format!("{header},dob\n{cell},1975-01-19\n");
            assert_eq!(String::from_utf8(fixed.bytes).unwrap(), wanted);
        }
    }

    #[test]
    fn a_row_that_cannot_be_decoded_is_left_out_and_counted() {
        let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let mut bytes = utf16(&format!("\u{feff}Name,dob,errors\nBob,20/01/1975,{MESSAGE}\nJo"));
        bytes.extend([0x00, 0xd8]);
        bytes.extend(utf16(&format!(",19/01/1975,{MESSAGE}\n")));
        let (report, fixes) = report(&bytes);
        let fixed = corrected(&report, &fixes, 0..2, Options::default()).unwrap();
        assert_eq!((fixed.unreadable, fixed.written.rows, fixed.written.converted), (1, 1, None));
        assert_eq!(fixed.bytes, utf16("\u{feff}Name,dob\nBob,1975-01-20\n"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_cell_that_was_not_changed_is_what_it_was_byte_for_byte(
            rows in prop::collection::vec(
                prop::collection::vec(("[a-zé ,;\"0-9/]{0,8}", any::<bool>()), 3),
                1..12,
            ),
            delimiter in prop::sample::select(vec![',', ';', '\t']),
            line_end in prop::sample::select(vec!["\n", "\r\n"]),
            encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le]),
            edits in prop::collection::vec((0_usize..12, 0_usize..3, "[a-z,]{0,4}"), 0..6),
        ) {
            let cell = |(text, quote): &(String, bool)| {
                let needed = text.contains([delimiter, '"']);
                if *quote || needed { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() }
            };
            let line = |cells: Vec<String>| format!("{}{line_end}", cells.join(&delimiter.to_string()));
            let head = |last: &[&str]| line(["One", "Twö", "Three"].iter().chain(last).map(|text| (*text).to_owned()).collect());
            let mut file = head(&["errors"]);
            for row in &rows {
                file.push_str(&line(row.iter().map(cell).chain(["The four is not valid.".to_owned()]).collect()));
            }
            let mark = if encoding == Encoding::Utf16Le { "\u{feff}" } else { "" };
            let (report, mut fixes) = report(&encoded(format!("{mark}{file}").as_bytes(), encoding).unwrap());
            prop_assume!(report.len() == rows.len() && report.table.fits());
            let mut expected = rows.clone();
            for (row, column, value) in edits {
                if let Some(cell) = expected.get_mut(row).map(|cells| &mut cells[column]) {
                    fixes.edit(row, column, Some(value.clone()));
                    // A changed cell stays quoted.
                    let (before, quoted) = &rows[row][column];
                    *cell = (value, *quoted || before.contains([delimiter, '"']));
                }
            }
            let mut wanted = format!("{mark}{}", head(&[]));
            for row in &expected {
                wanted.push_str(&line(row.iter().map(cell).collect()));
            }
            let fixed = corrected(&report, &fixes, 0..rows.len(), Options::default()).unwrap();
            prop_assert_eq!(fixed.bytes, encoded(wanted.as_bytes(), encoding).unwrap());
        }
    }
}
