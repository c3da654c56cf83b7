//! Files to read: generated reports, and workbooks written part by part.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

/// A report of so many rows with 14 columns of the client's and one of messages, as PHP writes it. Every tenth row
/// has two problems; there are four reasons.
pub(crate) fn generated(rows: usize) -> String {
    let mut text = String::from(
        "Title,First Name,Surname,Email,Mobile,Date of Birth,NI Number,Address,Town,Postcode,Client Ref,Salary,Note,Active,errors\n",
    );
    for row in 0..rows {
        let message = match row % 10 {
            0 => "The date of birth is not a valid date., The date of birth does not match the format Y-m-d.",
            1..=5 => &format!("The email \"\"ann.{row}@example.com\"\" has already been taken."),
            _ => "The surname field is required.",
        };
        let surname = if row % 10 > 5 { "" } else { "Fairweather" };
        writeln!(
            text,
            "Mrs,Ann{row},{surname},ann.{row}@example.com,\"07700 900{:03}\",{:02}/04/1970,QQ{:06}C,\"{} The Street, \"\"The Elms\"\"\",Swindon,\"SN1 1AA\",CL-{row:06},{}.50,\"Called about the transfer\nand the fee\",Yes,\"{message}\"",
            row % 1000,
            row % 28 + 1,
            row % 1_000_000,
            row % 200,
            row % 90_000,
        )
        .unwrap();
    }
    text
}

/// A ZIP archive of these parts.
pub(crate) fn xlsx(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The parts of a workbook, to be changed before they are packed.
pub(crate) type Parts = Vec<(String, String)>;

/// A ZIP archive of these parts.
pub(crate) fn packed(parts: &Parts) -> Vec<u8> {
    let parts: Vec<_> = parts.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    xlsx(&parts)
}

/// A workbook with an empty sheet and the sheet "Data" with these rows. Style 1 is a date, 2 a date with time, 3 a
/// time; the shared text 0 is "shared".
pub(crate) fn workbook(rows: &str) -> Vec<u8> {
    packed(&parts(rows))
}

pub(crate) fn parts(rows: &str) -> Parts {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let sheet = |rows: &str| format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
    let related = |id: u8, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\">{}</Relationships>",
                related(1, "officeDocument", "xl/workbook.xml")
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Empty\" sheetId=\"1\" r:id=\"rId1\"/>\
                 <sheet name=\"Data\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}\">{}{}{}{}</Relationships>",
                related(1, "worksheet", "worksheets/sheet1.xml"),
                related(2, "worksheet", "worksheets/sheet2.xml"),
                related(3, "styles", "styles.xml"),
                related(4, "sharedStrings", "sharedStrings.xml"),
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet("<row r=\"1\"><c r=\"A1\"/></row>")),
        ("xl/worksheets/sheet2.xml", sheet(rows)),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                 <xf numFmtId=\"22\"/><xf numFmtId=\"21\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!("<sst xmlns=\"{MAIN}\" count=\"1\" uniqueCount=\"1\"><si><t>shared</t></si></sst>"),
        ),
    ];
    parts.into_iter().map(|(name, content)| (name.to_owned(), content)).collect()
}
