use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::super::table::Format;
use super::*;

/// A workbook of sheets, each with its name, its state and the text of its one cell.
fn workbook(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, content: &str| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    };
    let (mut tabs, mut relations) = (String::new(), String::new());
    for (at, (name, state, text)) in sheets.iter().enumerate() {
        tabs.push_str(&format!("<sheet name=\"{name}\" state=\"{state}\" r:id=\"{at}\"/>"));
        relations.push_str(&format!("<Relationship Id=\"{at}\" Type=\"/worksheet\" Target=\"{at}.xml\"/>"));
        let cell = format!("<row><c t=\"str\"><v>{text}</v></c></row>");
        add(&format!("xl/{at}.xml"), &format!("<worksheet><sheetData>{cell}</sheetData></worksheet>"));
    }
    add("xl/workbook.xml", &format!("<workbook><sheets>{tabs}</sheets></workbook>"));
    add("xl/_rels/workbook.xml.rels", &format!("<Relationships>{relations}</Relationships>"));
    archive.finish().unwrap().into_inner()
}

#[test]
fn the_first_wanted_sheet_is_read_or_else_the_first_with_data() {
    let wanted = |table: &Table| if table.header(0) == "errors" { BEST } else { 0 };
    for (sheets, expected) in [
        (
            &[("cover", "visible", "About"), ("rows", "visible", "errors"), ("more", "visible", "errors")][..],
            "rows",
        ),
        (&[("cover", "visible", "About"), ("rows", "visible", "email")], "cover"),
        (&[("empty", "visible", ""), ("rows", "visible", "email")], "rows"),
        // A hidden one only where nothing visible has data, wanted or not.
        (&[("rows", "hidden", "errors"), ("cover", "visible", "About")], "cover"),
        (&[("list", "hidden", "Yes"), ("rows", "veryHidden", "errors"), ("empty", "visible", "")], "rows"),
        (&[("list", "hidden", "Yes"), ("empty", "visible", "")], "list"),
        // A fault in a sheet costs no more than that sheet.
        (&[("broken", "visible", "<"), ("cover", "visible", "About")], "cover"),
        (&[("broken", "visible", "<"), ("rows", "visible", "errors")], "rows"),
        (&[("cover", "visible", "About"), ("broken", "visible", "<")], "cover"),
    ] {
        let table = read(&workbook(sheets), &Limits::default(), &wanted).unwrap();
        assert_eq!(*table.format(), Format::Xlsx { sheet: expected.to_owned() }, "{sheets:?}");
    }
    for (sheets, refusal) in [
        (&[("empty", "visible", ""), ("hidden", "hidden", "")][..], ReadError::NoSheet),
        (&[][..], ReadError::NoSheet),
        // What is wrong with the visible sheet is not hidden by a hidden one.
        (&[("broken", "visible", "<"), ("list", "hidden", "Yes")], ReadError::Damaged("its XML is broken")),
    ] {
        assert_eq!(read(&workbook(sheets), &Limits::default(), &wanted).err(), Some(refusal), "{sheets:?}");
    }
}
