//! XLSX workbooks of every make: unusual names and order of parts, numbers as their reader sees them, claims that are
//! not true, and broken bytes.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "report/files.rs"]
mod files;

use plannr_tui::report::{Excess, Format, Limits, ReadError, Table, read};
use proptest::prelude::*;

use files::{Parts, generated, packed, parts, workbook, xlsx};

/// More than any table here needs, less than one claim would cost.
const LITTLE: usize = 64 << 10;

fn table(bytes: &[u8]) -> Table {
    read(bytes, &Limits::default()).unwrap()
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    std::iter::once(table.headers().collect())
        .chain((0..table.len()).map(|row| table.row(row).collect()))
        .collect()
}

/// The parts with every occurrence of one text replaced by another; it must occur.
fn with(parts: &Parts, old: &str, new: &str) -> Parts {
    assert!(parts.iter().any(|(name, content)| name.contains(old) || content.contains(old)), "{old}");
    parts.iter().map(|(name, content)| (name.replace(old, new), content.replace(old, new))).collect()
}

fn text(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

const PLAIN: &str =
    "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\"><v>7</v></c></row>";

#[test]
fn a_workbook_is_what_its_relations_say_whatever_its_parts_are_called() {
    let plain = parts(PLAIN);
    let expected = [["shared"], ["7"]];
    let absolute = with(&plain, "Target=\"worksheets/", "Target=\"/xl/worksheets/");
    let upper: Parts = plain.iter().map(|(name, content)| (name.to_uppercase(), content.clone())).collect();
    let windows: Parts =
        plain.iter().map(|(name, content)| (name.replace('/', "\\"), content.clone())).collect();
    let mut spaced = with(&plain, "workbook.xml", "mappe%201.xml");
    spaced.iter_mut().for_each(|(name, _)| *name = name.replace("%20", " "));
    let strict = with(
        &plain,
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    );
    let prefixed: Parts = plain
        .iter()
        .map(|(name, content)| {
            let content = match name.ends_with("sheet2.xml") || name.ends_with("Strings.xml") {
                true => content.replace('<', "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x="),
                false => content.clone(),
            };
            (name.clone(), content)
        })
        .collect();
    let mut unrelated: Parts = plain.iter().filter(|(name, _)| name != "_rels/.rels").cloned().collect();
    let moved =
        with(&with(&unrelated, "xl/workbook.xml", "book/wb.xml"), "xl/_rels/workbook", "book/_rels/wb");
    let moved = with(&moved, "xl/worksheets", "book/worksheets");
    let mut declared = with(&with(&moved, "xl/styles", "book/styles"), "xl/shared", "book/shared");
    declared[0].1 = "<Types><Override PartName=\"/book/wb.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>".to_owned();
    unrelated.remove(0);
    for (what, parts) in [
        ("as it is", plain.clone()),
        ("other names", with(&spaced, "sheet2.xml", "Tabelle2.xml")),
        ("a folder of its own", with(&plain, "xl/", "inhalt/")),
        ("no folder", with(&with(&plain, "xl/", ""), "Target=\"worksheets/", "Target=\"../worksheets/./")),
        ("absolute targets", absolute),
        ("capitals", upper),
        ("backslashes", windows),
        ("the strict standard", strict),
        ("prefixes", prefixed),
        ("no relations", unrelated),
        ("a content type instead of relations", declared),
        ("single quotes", with(&plain, "r:id=\"rId2\"", "r:id = 'rId2' ")),
        ("entities in a name", with(&plain, "name=\"Data\"", "name=\"&#x44;ata\"")),
    ] {
        let table =
            read(&packed(&parts), &Limits::default()).unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        assert_eq!(rows(&table), expected, "{what}");
        assert_eq!(*table.format(), Format::Xlsx { sheet: "Data".to_owned() }, "{what}");
    }
    // As a script writes it that has said something before.
    for lead in ["\n", "\r\n\r\n", " \t\n", "\u{feff}", "\u{feff}\n"] {
        assert_eq!(rows(&table(&[lead.as_bytes(), &packed(&plain)].concat())), expected, "{lead:?}");
    }
    let utf16: Vec<u8> = plain[5].1.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (at, (name, content)) in plain.iter().enumerate() {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        let content =
            if at == 5 { [b"\xff\xfe", utf16.as_slice()].concat() } else { content.clone().into_bytes() };
        std::io::Write::write_all(&mut archive, &content).unwrap();
    }
    assert_eq!(rows(&table(&archive.finish().unwrap().into_inner())), expected);
}

#[test]
fn what_is_no_workbook_or_lacks_a_part_is_named() {
    let plain = parts(PLAIN);
    let without =
        |name: &str| packed(&plain.iter().filter(|(part, _)| !part.contains(name)).cloned().collect());
    let docx = with(&with(&plain, "<workbook", "<w:document"), "</workbook", "</w:document");
    let missing = ReadError::Damaged("a part of it is missing");
    let mut cut = packed(&plain);
    cut.truncate(cut.len() / 2);
    for (bytes, refusal) in [
        (xlsx(&[("word/document.xml", "<a/>"), ("[Content_Types].xml", "<Types/>")]), ReadError::Zip),
        (xlsx(&[("notes about xl/workbook.xml", "xl/workbook.xml")]), ReadError::Zip),
        (b"PK\x03\x04 and no more".to_vec(), ReadError::Zip),
        (packed(&docx), ReadError::Zip),
        (without("xl/workbook.xml"), missing.clone()),
        (without("sheet2"), missing.clone()),
        (without("sharedStrings"), missing.clone()),
        (without("workbook.xml.rels"), missing),
        (cut, ReadError::Damaged("its ZIP archive is broken")),
        (packed(&with(&plain, "</row>", "</rows>")), ReadError::Damaged("its XML is broken")),
        (workbook("<row><c><v>&lol;</v></c></row>"), ReadError::Damaged("its XML is broken")),
        (workbook("<row><c t=\"s\"><v>9</v></c></row>"), ReadError::Damaged("a part of it is missing")),
    ] {
        assert_eq!(read(&bytes, &Limits::default()).unwrap_err(), refusal);
    }
    // Without styles numbers are numbers.
    assert_eq!(rows(&table(&without("styles"))), [["shared"], ["7"]]);
}

#[test]
fn a_visible_sheet_goes_before_a_hidden_one() {
    let both = with(&parts(PLAIN), "<row r=\"1\"><c r=\"A1\"/></row>", "<row><c><v>1</v></c></row>");
    let sheet = |parts: &Parts| match table(&packed(parts)).format() {
        Format::Xlsx { sheet } => sheet.clone(),
        other => panic!("{other:?}"),
    };
    let hide = |parts: &Parts, name: &str, state: &str| {
        with(parts, &format!("name=\"{name}\""), &format!("name=\"{name}\" state=\"{state}\""))
    };
    assert_eq!(sheet(&both), "Empty");
    assert_eq!(sheet(&hide(&both, "Empty", "hidden")), "Data");
    assert_eq!(sheet(&hide(&both, "Empty", "veryHidden")), "Data");
    assert_eq!(sheet(&hide(&both, "Empty", "visible")), "Empty");
    // Nothing visible has data.
    assert_eq!(sheet(&hide(&parts(PLAIN), "Data", "hidden")), "Data");
    assert_eq!(sheet(&hide(&hide(&both, "Empty", "hidden"), "Data", "hidden")), "Empty");
    // A chart has a tab and no cells.
    assert_eq!(
        sheet(&with(
            &both,
            "worksheet\" Target=\"worksheets/sheet1",
            "chartsheet\" Target=\"worksheets/sheet1"
        )),
        "Data"
    );
}

#[test]
fn cells_are_where_they_say_or_behind_the_one_before() {
    let at = |place: &str, value: &str| format!("<c r=\"{place}\"><v>{value}</v></c>");
    for (sheet, expected, lines) in [
        // Without places, and with some.
        (
            format!("<row>{0}{0}</row><row>{0}<c/>{0}</row>", "<c><v>1</v></c>"),
            vec![vec!["1", "1", ""], vec!["1", "", "1"]],
            vec![2],
        ),
        (format!("<row>{}<c><v>2</v></c></row>", at("C1", "1")), vec![vec!["", "", "1", "2"]], vec![]),
        // In any order; of two in one place the first stays.
        (
            format!("<row r=\"1\">{}{}{}</row>", at("B1", "2"), at("A1", "1"), at("B1", "9")),
            vec![vec!["1", "2"]],
            vec![],
        ),
        (
            format!("<row r=\"9\">{}</row><row r=\"3\">{}</row>", at("A9", "9"), at("A3", "3")),
            vec![vec!["3"], vec!["9"]],
            vec![9],
        ),
        // A row in two pieces, and one that is numbered by its cells.
        (
            format!("<row r=\"4\">{}</row><row r=\"4\">{}</row>", at("A4", "1"), at("B4", "2")),
            vec![vec!["1", "2"]],
            vec![],
        ),
        (
            format!("<row>{}</row><row>{}</row>", at("A5", "1"), at("A8", "2")),
            vec![vec!["1"], vec!["2"]],
            vec![8],
        ),
        (
            format!("<row r=\"0\">{}</row><row r=\"x\">{}</row>", at("a1", "1"), at("?", "2")),
            vec![vec!["1"], vec!["2"]],
            vec![2],
        ),
        // Merged cells are the first and empty ones.
        (
            format!("<row r=\"1\">{}<c r=\"B1\"/>{}</row>", at("A1", "1"), at("C1", "3")),
            vec![vec!["1", "", "3"]],
            vec![],
        ),
    ] {
        let bytes = workbook(&sheet);
        let table = table(&bytes);
        assert_eq!(rows(&table), expected, "{sheet}");
        assert_eq!((0..table.len()).map(|row| table.line(row)).collect::<Vec<_>>(), lines, "{sheet}");
    }
}

#[test]
fn texts_are_whole_and_without_reading_aids() {
    let rich = "<r><rPr><b/></rPr><t>An</t></r><r><t xml:space=\"preserve\">n &amp; </t></r><r><t>B&#111;b</t></r>\
                <rPh sb=\"0\" eb=\"1\"><t>reading</t></rPh><phoneticPr fontId=\"1\"/>";
    let plain = parts(&format!(
        "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v> 1 </v></c><c t=\"s\"/><c t=\"inlineStr\"><is>{rich}</is></c></row>\
         <row><c t=\"str\"><f>A1&amp;\"z\"</f><v>x_x000D_\r\ny</v></c><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>\
         <c t=\"b\"><v>0</v></c><c t=\"d\"><v>2025-10-13T00:00:00</v></c></row>\
         <row><c t=\"d\"><v>2025-10-13T12:30:00</v></c><c><v><![CDATA[5]]></v></c><c><v>x</v></c><c><f>A1</f><v></v></c></row>"
    ));
    let strings = format!("<si>{rich}</si><si><t><!-- a comment -->two</t></si>");
    let table = table(&packed(&with(&plain, "<si><t>shared</t></si>", &strings)));
    assert_eq!(
        rows(&table),
        [
            vec!["Ann & Bob", "two", "", "Ann & Bob"],
            vec!["x\r\ny", "#DIV/0!", "FALSE", "2025-10-13"],
            vec!["2025-10-13T12:30:00", "5", "x"],
        ]
    );
}

#[test]
fn numbers_are_what_their_format_shows() {
    let styles = [(
        "numFmts",
        "<numFmts><numFmt numFmtId=\"164\" formatCode=\"00-00-00\"/><numFmt numFmtId=\"165\" formatCode=\"[$£-809]#,##0.00;[Red]-[$£-809]#,##0.00\"/>\
          <numFmt numFmtId=\"166\" formatCode=\"&quot;CL-&quot;000000\"/><numFmt numFmtId=\"167\" formatCode=\"[$-809]dd\\ mmmm\\ yyyy;@\"/></numFmts>",
    )];
    let plain = with(
        &parts(
            "<row><c s=\"4\"><v>10203</v></c><c s=\"5\"><v>-1234.5</v></c><c s=\"6\"><v>42</v></c><c s=\"7\"><v>28945</v></c>\
             <c s=\"8\"><v>0.05</v></c><c s=\"9\"><v>1234567.891</v></c><c s=\"99\"><v>1.5</v></c></row>",
        ),
        "<cellXfs",
        &format!("{}<cellXfs", styles[0].1),
    );
    let plain = with(
        &plain,
        "</cellXfs>",
        "<xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"9\"/><xf numFmtId=\"4\"/></cellXfs>",
    );
    let bytes = packed(&plain);
    let expected = ["01-02-03", "-£1,234.50", "CL-000042", "1979-03-31", "5%", "1,234,567.89", "1.5"];
    assert_eq!(rows(&table(&bytes)), [expected]);
    let old_mac = with(&plain, "<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    assert_eq!(table(&packed(&old_mac)).header(3), "1983-04-01");
}

/// A part's own words about how much is in it.
#[test]
fn no_claim_of_a_workbook_costs_memory() {
    let most = u32::MAX;
    let plain = parts(&PLAIN.replace("<row r=", "<row spans=\"1:4294967295\" r="));
    for (what, parts) in [
        (
            "shared texts",
            with(
                &plain,
                "count=\"1\" uniqueCount=\"1\"",
                &format!("count=\"{most}\" uniqueCount=\"{most}\""),
            ),
        ),
        ("shared texts, oddly spelt", with(&plain, "uniqueCount=\"1\"", "x:uniqueCount = '&#52;294967295'")),
        ("styles", with(&plain, "cellXfs count=\"4\"", &format!("cellXfs count=\"{most}\""))),
        ("dimension", with(&plain, "<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>")),
        (
            "columns",
            with(&plain, "<sheetData>", "<cols><col min=\"1\" max=\"4294967295\"/></cols><sheetData>"),
        ),
        ("the last row", with(&plain, "r=\"2\"", "r=\"1048576\"")),
        ("a row past every end", with(&plain, "r=\"2\"", "r=\"18446744073709551615\"")),
        (
            "merged cells",
            with(
                &plain,
                "</sheetData>",
                "</sheetData><mergeCells count=\"4294967295\"><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>",
            ),
        ),
        ("a far column", with(&plain, "r=\"A2\"", "r=\"ALL2\"")),
        ("a style", with(&plain, "<c r=\"A2\"", "<c s=\"18446744073709551615\" r=\"A2\"")),
    ] {
        let table = table(&packed(&parts));
        assert!(table.memory() < LITTLE, "{what}: {} bytes", table.memory());
        assert_eq!((table.header(0), table.len()), ("shared", 1), "{what}");
    }
    for (what, parts, refusal) in [
        (
            "the last column",
            with(&plain, "r=\"A2\"", "r=\"XFD2\""),
            ReadError::TooLarge(Excess::Columns(1_100)),
        ),
        (
            "no column",
            with(&plain, "r=\"A2\"", "r=\"ZZZZZZZZZZZZZZZZZZZZ2\""),
            ReadError::TooLarge(Excess::Columns(1_100)),
        ),
        (
            "a shared text",
            with(&plain, "<v>0</v>", "<v>4294967295</v>"),
            ReadError::Damaged("a part of it is missing"),
        ),
    ] {
        assert_eq!(read(&packed(&parts), &Limits::default()).err(), Some(refusal), "{what}");
    }
    // The same place again and again.
    let again = "<c r=\"A1\"><v>1</v></c>".repeat(50_000);
    let again = table(&workbook(&format!("<row><c r=\"B1\"><v>2</v></c>{again}</row>")));
    assert_eq!((rows(&again), again.memory() < LITTLE), (vec![vec!["1", "2"]], true));
    // Formats without end.
    let formats: String = (200..20_200)
        .map(|id| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{}\"/>", "0".repeat(200)))
        .collect();
    let formats = with(&plain, "<cellXfs", &format!("<numFmts>{formats}</numFmts><cellXfs"));
    assert_eq!(table(&packed(&formats)).cell(0, 0), "7");
    // Many rows with one cell far to the right, and one long text that many cells share.
    let limits = Limits { unpacked: 200_000, ..Limits::default() };
    let far = workbook(&"<row><c r=\"ALL1\"><v>1</v></c></row>".repeat(1000));
    let long = with(
        &parts(&"<row><c t=\"s\"><v>0</v></c></row>".repeat(1000)),
        "shared<",
        &format!("{}<", "x".repeat(1000)),
    );
    for bytes in [far, packed(&long)] {
        assert_eq!(read(&bytes, &limits).unwrap_err(), ReadError::TooLarge(Excess::Unpacked(200_000)));
    }
}

#[test]
fn an_archive_s_claims_cost_nothing_either() {
    let plain = workbook(PLAIN);
    let end = plain.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    let mut many = plain.clone();
    many[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    // The same in 64 bits: a record, where it lies, and an end that points there.
    let claim = 1_u64 << 40;
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [claim, claim, claim * 64, 0] {
        record.extend(number.to_le_bytes());
    }
    let mut wide = plain[..end].to_vec();
    wide.extend(&record);
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((end as u64).to_le_bytes());
    wide.extend(1_u32.to_le_bytes());
    wide.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    for bytes in [many, wide] {
        assert_eq!(
            read(&bytes, &Limits::default()).unwrap_err(),
            ReadError::Damaged("it has too many parts")
        );
    }
    let entries: Vec<_> = (0..10_001).map(|at| format!("{at}")).collect();
    let parts: Vec<_> = entries.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(
        read(&xlsx(&parts), &Limits::default()).unwrap_err(),
        ReadError::Damaged("it has too many parts")
    );
    // One part that is read again and again.
    let again = with(&parts_of_sheets(200), "<row r=\"1\"><c r=\"A1\"/></row>", &" ".repeat(10_000));
    let limits = Limits { unpacked: 100_000, ..Limits::default() };
    assert_eq!(read(&packed(&again), &limits).unwrap_err(), ReadError::TooLarge(Excess::Unpacked(100_000)));
}

/// A workbook whose first sheet has so many tabs.
fn parts_of_sheets(tabs: usize) -> Parts {
    let tab = "<sheet name=\"Empty\" sheetId=\"1\" r:id=\"rId1\"/>";
    with(&parts(PLAIN), tab, &tab.repeat(tabs))
}

#[test]
fn a_report_as_csv_and_as_workbook_is_the_same_table() {
    let csv = table(generated(500).as_bytes());
    let mut sheet = String::new();
    for row in rows(&csv) {
        let escaped = |cell: &&str| cell.replace('&', "&amp;").replace('<', "&lt;");
        sheet.push_str(&format!(
            "<row>{}</row>",
            row.iter().map(|cell| text(&escaped(cell))).collect::<String>()
        ));
    }
    assert_eq!(rows(&table(&workbook(&sheet))), rows(&csv));
}

proptest! {
    /// Whatever happens to a workbook's bytes: a table or a refusal.
    #[test]
    fn changed_bytes_never_break_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = workbook(&PLAIN.repeat(5));
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }

    /// The same before they are packed, where no checksum stands in the way.
    #[test]
    fn changed_parts_never_break_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[<>/=\"'&;#a-zA-Z0-9:_\\[\\]. \u{1}é-]{0,3}"), 1..12),
    ) {
        let mut parts = parts(PLAIN);
        for (part, at, text) in &changes {
            let content = &mut parts[part.index(8)].1;
            let mut chars: Vec<char> = content.chars().collect();
            if !chars.is_empty() {
                let at = at.index(chars.len());
                chars.splice(at..=at, text.chars());
            }
            *content = chars.into_iter().collect();
        }
        check(&packed(&parts));
    }
}

fn check(bytes: &[u8]) {
    if let Ok(table) = read(bytes, &Limits::default()) {
        assert!(table.memory() < LITTLE);
        assert!((0..table.len()).all(|row| table.row(row).len() <= table.width()));
    }
}
