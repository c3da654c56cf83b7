//! Error reports of every kind and size, whole and broken: what they are read as, and what they say.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what is not there has failed")]

#[path = "report/files.rs"]
mod files;

use std::time::Duration;

use plannr_tui::domain::import::Mapping;
use plannr_tui::report::reasons::{by_field, reasons};
use plannr_tui::report::{
    ApiView, Encoding, Excess, FailedRows, Format, Limits, LineEnd, ReadError, Table, fixup, read,
};
use plannr_tui::simulator::{Life, Options, Shape, World};
use proptest::prelude::*;
use serde_json::Value;

use files::{generated, workbook, xlsx};

fn table(bytes: &[u8]) -> Table {
    read(bytes, &Limits::default()).unwrap()
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    std::iter::once(table.headers().collect())
        .chain((0..table.len()).map(|row| table.row(row).collect()))
        .collect()
}

#[test]
fn the_dialect_is_told_from_the_content() {
    for (text, delimiter, width) in [
        ("a,b\n1,2\n", b',', 2),
        ("a;b;c\n1,5;2;3\n", b';', 3),
        ("a\tb\n1, 2; 3\t4\n", b'\t', 2),
        ("a|b\n1|2\n", b'|', 2),
        // A delimiter within quotes, in the headers and in the rows, misleads nobody.
        ("\"a;b;c\",d\n\"1;2;3\",4\n", b',', 2),
        ("\"Amount (£, net)\";Date\n\"1,50\";x\n\"2,50\";y\n", b';', 2),
        ("Amount (£, net);Date;Why\n1,50;x;y\n2;x;y\n", b';', 3),
        // Ragged rows do not hand the file to a delimiter within its cells.
        ("a,b,c\n1,2\n1,2,3\n1,2,3,4\n1;2,3,4\n", b',', 3),
        ("name\nAnn\n", b',', 1),
        ("sep=;\na,b;c\n1;2\n", b';', 2),
        ("name,note\nAnn,\"one | two\nthree | four\"\n", b',', 2),
    ] {
        let table = table(text.as_bytes());
        assert_eq!(
            (table.dialect().delimiter, table.headers().filter(|h| !h.is_empty()).count()),
            (delimiter, width),
            "{text}"
        );
    }
}

#[test]
fn every_spelling_of_the_same_text_is_the_same_table() {
    let text = "Näme,Note\r\nŠárka,\"£5, \"\"so\"\"\r\nand – more\"\r\n,€\r\n";
    let expected = vec![vec!["Näme", "Note"], vec!["Šárka", "£5, \"so\"\r\nand – more"], vec!["", "€"]];
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    for (bytes, encoding, bom) in [
        (text.as_bytes().to_vec(), Encoding::Utf8, false),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8, true),
        (utf16(u16::to_le_bytes, b"\xff\xfe"), Encoding::Utf16Le, true),
        (utf16(u16::to_be_bytes, b"\xfe\xff"), Encoding::Utf16Be, true),
        (utf16(u16::to_le_bytes, b""), Encoding::Utf16Le, false),
        (utf16(u16::to_be_bytes, b""), Encoding::Utf16Be, false),
        (
            encoding_rs::WINDOWS_1252.encode(&text.replace("Šárka", "Šarka")).0.into_owned(),
            Encoding::Windows1252,
            false,
        ),
    ] {
        let table = table(&bytes);
        let dialect = table.dialect();
        assert_eq!((dialect.encoding, dialect.bom, dialect.line_end), (encoding, bom, LineEnd::CrLf));
        let read: Vec<Vec<String>> = rows(&table)
            .into_iter()
            .map(|row| row.into_iter().map(|c| c.replace("Šarka", "Šárka")).collect())
            .collect();
        assert_eq!(read, expected);
        assert!(!table.warnings().undecodable);
    }
    // One broken byte makes no other encoding.
    let bytes: Vec<u8> = "Näme,b\nŠárka,x\n".bytes().map(|b| if b == b'x' { 0xff } else { b }).collect();
    let broken = table(&bytes);
    assert_eq!(
        (broken.cell(0, 0), broken.cell(0, 1), broken.warnings().undecodable),
        ("Šárka", "\u{fffd}", true)
    );
}

#[test]
fn irregular_files_are_read_as_far_as_possible_with_warnings() {
    let table_of = |text: &str| table(text.as_bytes());
    let uneven = table_of("a,b\n\n1\n1,2,3\n\n\n,\n");
    assert_eq!(rows(&uneven), [vec!["a", "b", ""], vec!["1"], vec!["1", "2", "3"], vec!["", ""]]);
    assert_eq!((uneven.warnings().uneven_rows, uneven.warnings().blank_lines), (2, 3));
    assert_eq!(
        (uneven.cell(0, 1), uneven.cell(0, 99), uneven.cell(99, 0), uneven.header(9)),
        ("", "", "", "")
    );
    let lines = |text: &str| {
        let table = table_of(text);
        (0..table.len()).map(|row| table.line(row)).collect::<Vec<_>>()
    };
    assert_eq!(lines("a,b\n\n\"x\ny\n\",1\n2,\"3\n4\"\n5,6"), [3, 6, 8]);
    assert_eq!(lines("a,b\r\n\"x\r\ny\",1\r\n2,3\r\n"), [2, 4]);
    assert_eq!(lines("a,b\r\"x\ry\",1\r2,3\r"), [2, 4]);
    assert_eq!(lines("\"a\nb\",c\n1,2\n"), [3]);
    assert_eq!(lines("sep=,\na,c\n1,2\n"), [3]);
    let unclosed = table_of("a,b\n1,\"2\n3,4\n");
    assert_eq!(
        (unclosed.len(), unclosed.cell(0, 1), unclosed.warnings().unclosed_quote),
        (2, "\"2", false),
        "the rest of the file is not in one cell"
    );
    assert!(!table_of("a,b\n1,\"2\"").warnings().unclosed_quote);
    assert_eq!(rows(&table_of("a,b")), [["a", "b"]]);
    assert!(table_of("a,b").is_empty());
}

#[test]
fn what_is_no_table_is_named_and_the_user_told_what_to_do() {
    let docx = xlsx(&[("word/document.xml", "<a/>")]);
    for (bytes, expected) in [
        (&b""[..], ReadError::Empty),
        (b"\xef\xbb\xbf \r\n", ReadError::Empty),
        (b"\xff\xfe", ReadError::Empty),
        (b"%PDF-1.7\nx", ReadError::Pdf),
        (b"\n<!DOCTYPE html><html>", ReadError::Html),
        (b"\xef\xbb\xbf<html lang=en>", ReadError::Html),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", ReadError::Xml),
        (b"{\"message\": \"Unauthenticated.\"}", ReadError::Json),
        (b"\x1f\x8b\x08\0", ReadError::Gzip),
        (b"\x89PNG\r\n\x1a\n\0\0", ReadError::Image("PNG")),
        (b"\xff\xd8\xff\xe0", ReadError::Image("JPEG")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ReadError::OldExcel),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", ReadError::Binary),
        (&docx, ReadError::Zip),
    ] {
        let refusal = read(bytes, &Limits::default()).unwrap_err();
        assert_eq!(refusal, expected);
        assert!(!refusal.to_string().is_empty() && !refusal.advice().is_empty());
    }
    // What only looks a little like one of them is a table.
    for text in ["<name>,b\n1,2\n", "{a},b\n1,2\n", "PK,BM\n1,2\n"] {
        assert_eq!(table(text.as_bytes()).width(), 2, "{text}");
    }
}

#[test]
fn past_a_bound_nothing_is_shown_by_halves() {
    let limits = Limits { bytes: 60, unpacked: 4000, rows: 2, columns: 3, cell: 8, ..Limits::default() };
    let excess = |bytes: &[u8]| match read(bytes, &limits) {
        Ok(_) => None,
        Err(ReadError::TooLarge(excess)) => Some(excess),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(excess(b"a,b,c\n1,2,3\n\n12345678,5,6\n"), None);
    assert_eq!(excess(&[b'x'; 61]), Some(Excess::Bytes(60)));
    assert_eq!(excess(b"a\n1\n2\n3\n"), Some(Excess::Rows(2)));
    assert_eq!(excess(b"a,b,c\n1,2,3,4\n"), Some(Excess::Columns(3)));
    assert_eq!(excess(b"a\n\n123456789\n"), Some(Excess::Cell { most: 8, line: 3 }));
    let limits = Limits { bytes: 1 << 20, ..limits };
    let cells = |row: &str| workbook(&format!("<row>{row}</row>").repeat(2));
    let number = "<c><v>1</v></c>";
    let refused = |sheet: &[u8]| read(sheet, &limits).unwrap_err();
    assert!(read(&cells(number), &limits).is_ok());
    assert_eq!(refused(&cells(&number.repeat(4))), ReadError::TooLarge(Excess::Columns(3)));
    assert_eq!(
        refused(&workbook(&format!("<row>{number}</row>").repeat(4))),
        ReadError::TooLarge(Excess::Rows(2))
    );
    // The bomb: a few hundred bytes that unpack to much.
    let bomb = workbook(&" ".repeat(1_000_000));
    assert!(bomb.len() < 4000);
    assert_eq!(refused(&bomb), ReadError::TooLarge(Excess::Unpacked(4000)));
    // A far away cell costs nothing.
    let far = workbook(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
    );
    assert_eq!(read(&far, &Limits::default()).unwrap_err(), ReadError::TooLarge(Excess::Columns(1_100)));
}

#[test]
fn a_workbook_s_cells_are_what_its_reader_sees() {
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>");
    let sheet = format!(
        "<row r=\"2\">{}{}{}{}{}</row><row r=\"3\"/><row r=\"4\">{}{}{}{}{}</row><row r=\"5\"><c r=\"C5\" t=\"b\"><v>1</v></c></row>\
         <row r=\"6\">{}</row>",
        text("Name"),
        text("Born"),
        text("Amount"),
        text("Seen"),
        text("At"),
        text(" Ann &amp; Bob "),
        "<c s=\"1\"><v>25569</v></c>",
        "<c><v>0.30000000000000004</v></c>",
        "<c s=\"2\"><v>45943.5</v></c>",
        "<c s=\"3\"><v>0.75</v></c>",
        "<c><v>1200</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"s\"><v>0</v></c>",
    );
    let table = table(&workbook(&sheet));
    assert_eq!(
        rows(&table),
        [
            vec!["Name", "Born", "Amount", "Seen", "At"],
            vec![" Ann & Bob ", "1970-01-01", "0.3", "2025-10-13 12:00:00", "18:00:00"],
            vec!["", "", "TRUE"],
            vec!["1200", "#N/A", "shared"],
        ]
    );
    assert_eq!((table.line(0), table.line(1)), (4, 5));
    assert_eq!(*table.format(), Format::Xlsx { sheet: "Data".to_owned() });
    assert_eq!(read(&workbook(""), &Limits::default()).unwrap_err(), ReadError::NoSheet);
}

#[test]
fn reports_of_any_size_tell_their_rows_and_reasons() {
    for rows in [0, 1, 26, 10_000, 100_000] {
        let file = generated(rows);
        let report = FailedRows::read(file.as_bytes(), &Limits::default(), &ApiView::default()).unwrap();
        assert_eq!(report.len(), rows);
        assert_eq!((report.own().len(), report.columns().messages.as_slice()), (14, &[14][..]));
        let groups = reasons(&report);
        assert_eq!(groups.iter().map(|group| group.rows.len()).sum::<usize>(), rows + rows.div_ceil(10));
        assert!(groups.len() <= 4, "{groups:?}");
        assert!(by_field(&groups).iter().all(|field| field.rows.len() <= rows));
        // The text once, 4 bytes a cell, 8 bytes a row.
        let memory = report.table().memory();
        assert!(memory <= file.len() + (rows + 1) * (15 * 4 + 8) + 8, "{memory} bytes for {rows} rows");
    }
}

fn api(mapping: Mapping) -> ApiView {
    ApiView { mapping: Some(mapping.into()), ..ApiView::default() }
}

/// What the show route says of the same import: its mapping, and field and message of its first rows.
fn shown(world: &World, uuid: &str, at: Duration) -> (Value, Mapping, Option<Vec<u8>>) {
    let json: Value =
        serde_json::from_slice(&world.answer(&world.get(&format!("/api/v1/import/{uuid}")), at).body)
            .unwrap();
    let json = json.get("data").cloned().unwrap_or(json);
    let fields = &json["mapping"];
    let headers = json["headers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let columns = headers.map(|header| (header.into(), fields[header].as_str().map(Into::into))).collect();
    let link = json["error_report"]["download_url"].as_str().map(str::to_owned);
    let file =
        link.map(|link| world.answer(&world.get(link.trim_start_matches("http://localhost")), at).body);
    (json, Mapping { columns }, file)
}

#[test]
fn a_report_says_of_each_row_what_the_api_says() {
    let lives = (0..60)
        .map(|seed| Life::new(seed, Shape::Steady, 20 + 40 * seed, 0.3, -1e6, 50.0))
        .chain([Life::new(99, Shape::Steady, 10_000, 1.0, -1e6, 50.0)])
        .collect();
    let world = World::with_lives(&Options::default(), lives);
    let at = Duration::from_secs(60);
    let mut compared = 0;
    for uuid in world.uuids(at) {
        let (json, mapping, file) = shown(&world, &uuid, at);
        let Some(file) = file else { continue };
        let report = FailedRows::read(&file, &Limits::default(), &api(mapping)).unwrap();
        assert_eq!(report.len() as u64, world.truth(&uuid, at).unwrap().failed);
        assert_eq!(report.columns().messages, [report.table().width() - 1]);
        for (row, failed) in json["errors"].as_array().into_iter().flatten().enumerate() {
            let Some(errors) = failed["errors"].as_object() else { continue };
            let expected: Vec<(&str, &str)> = errors
                .iter()
                .flat_map(|(field, messages)| {
                    messages
                        .as_array()
                        .into_iter()
                        .flatten()
                        .chain(messages.as_str().is_some().then_some(messages))
                        .map(move |message| (field.as_str(), message.as_str().unwrap()))
                })
                .collect();
            let found: Vec<(&str, &str)> =
                report.problems(row).map(|problem| (problem.field.as_str(), problem.message)).collect();
            assert_eq!(found, expected);
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared} rows compared");
}

proptest! {
    /// Whatever comes: an answer, never a panic, and a table that keeps its word.
    #[test]
    fn broken_files_never_break_the_reader(
        seed in any::<u8>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match seed % 3 {
            0 => generated(30).into_bytes(),
            1 => workbook(&"<row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>25569</v></c></row>".repeat(20)),
            _ => generated(5).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        for (at, byte) in &cuts {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if seed & 1 == 0 {
            bytes.truncate(keep.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn a_workbook_s_xml_may_be_anything(sheet in "(<row( r=\"[0-9]{1,8}\")?>|</row>|<c( r=\"[A-Z]{1,4}[0-9]{1,8}\")?( t=\"(s|b|e|n|d|str|inlineStr|x)\")?( s=\"[0-9]{1,3}\")?>|</c>|<v>-?[0-9.eE]{0,9}</v>|<is><t>x|</t></is>|&[a-z]{1,3};|[ -~]){0,40}") {
        check(&workbook(&sheet));
    }

    #[test]
    fn any_text_is_a_table_or_a_refusal(text in "\\PC{0,60}|[a,;|\"\\n\\r\\t]{0,60}") {
        check(text.as_bytes());
    }
}

fn check(bytes: &[u8]) {
    if let Ok(report) = FailedRows::read(bytes, &Limits::default(), &ApiView::default()) {
        let table = report.table();
        assert!((0..table.len()).all(|row| table.row(row).len() <= table.width()));
        assert!(reasons(&report).iter().all(|group| group.rows.iter().all(|row| *row < table.len())));
    }
}

#[test]
fn the_values_of_simulated_reports_are_explained_and_their_fix_up_has_every_cell() {
    let lives = (0..40).map(|seed| Life::new(seed, Shape::Steady, 600, 0.5, -1e6, 50.0)).collect();
    let world = World::with_lives(&Options::default(), lives);
    let at = Duration::from_secs(60);
    let (mut dates, mut numbers) = (0, 0);
    for uuid in world.uuids(at) {
        let (_, mapping, Some(file)) = shown(&world, &uuid, at) else { continue };
        let report = FailedRows::read(&file, &Limits::default(), &api(mapping)).unwrap();
        for (at, group) in report.reasons().iter().enumerate() {
            let diagnosis = report.diagnosis(at).cloned();
            let message = group.message.as_str();
            let said = diagnosis.map(|diagnosis| diagnosis.sentence).unwrap_or_default();
            if message.ends_with("does not match the format Y-m-d.") && group.rows.len() > 20 {
                assert!(said.contains("rejected dates are DD/MM/YYYY"), "{said}");
                dates += 1;
            } else if message.ends_with("must be a number.") && group.rows.len() > 20 {
                assert!(said.contains("a £ sign") || said.contains("in brackets"), "{said}");
                numbers += 1;
            } else if message.ends_with("field is required.") || message.ends_with("already been taken.") {
                assert_eq!(said, "", "{message}");
            }
        }
        let mut fixes = Vec::new();
        let options = fixup::Options::default();
        fixup::write(&mut fixes, &report, 0..report.len(), options).unwrap();
        let records = |bytes: &[u8]| -> Vec<csv::StringRecord> {
            csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(bytes)
                .records()
                .map(Result::unwrap)
                .collect()
        };
        let expected = records(&file).into_iter().map(|mut record| {
            record.truncate(record.len() - 1);
            record
        });
        assert!(records(&fixes).into_iter().eq(expected), "the fix-up of {uuid}");
    }
    assert!(dates > 3 && numbers > 3, "{dates} {numbers}");
}
