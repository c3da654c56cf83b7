//! Which parts of the archive are the workbook, its sheets, texts and styles.

use std::collections::HashMap;

use super::super::read_error::ReadError;
use super::MISSING;
use super::package::{Package, Relation};
use super::xml::Event;

/// Places of the parts in the archive.
pub(super) struct Parts {
    /// Worksheets in the order of their tabs.
    pub(super) sheets: Vec<Sheet>,
    pub(super) strings: Option<usize>,
    pub(super) styles: Option<usize>,
    /// Whether days are counted from 1904 on, as old Macs did.
    pub(super) since_1904: bool,
}

pub(super) struct Sheet {
    /// Untrusted.
    pub(super) name: String,
    pub(super) hidden: bool,
    /// `None` where the archive lacks it.
    pub(super) part: Option<usize>,
}

pub(super) fn find(package: &mut Package<'_>) -> Result<Parts, ReadError> {
    let book = main_part(package)?;
    let relations = package.relations(Some(book))?;
    let part = |kind: &str| relations.iter().find(|relation| relation.kind == kind)?.part;
    let (strings, styles) = (part("sharedStrings"), part("styles"));
    let by_id: HashMap<&str, &Relation> =
        relations.iter().map(|relation| (&*relation.id, relation)).collect();

    let mut parts = Parts { sheets: Vec::new(), strings, styles, since_1904: false };
    let mut xml = package.part(book)?;
    let mut is_root = true;
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        // A text document or a presentation is an archive with such a part as well.
        if std::mem::take(&mut is_root) && tag.name() != "workbook" {
            return Err(ReadError::Zip);
        }
        match tag.name() {
            "workbookPr" => {
                parts.since_1904 = matches!(tag.attribute("date1904")?.as_deref(), Some("1" | "true"));
            }
            "sheet" => {
                let relation = tag.attribute("id")?.and_then(|id| by_id.get(&*id).copied());
                // Charts and dialogs have a tab too.
                if relation.is_none_or(|relation| relation.kind == "worksheet") {
                    parts.sheets.push(Sheet {
                        name: tag.attribute("name")?.unwrap_or_default().into_owned(),
                        hidden: matches!(tag.attribute("state")?.as_deref(), Some("hidden" | "veryHidden")),
                        part: relation.and_then(|relation| relation.part),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(parts)
}

/// The part that the archive is about.
fn main_part(package: &mut Package<'_>) -> Result<usize, ReadError> {
    let related = package.relations(None)?.into_iter().find(|relation| relation.kind == "officeDocument");
    if let Some(part) = related.and_then(|relation| relation.part) {
        return Ok(part);
    }
    if let Some(part) = declared(package)? {
        return Ok(part);
    }
    let missing = || if package.has_folder("xl/") { MISSING } else { ReadError::Zip };
    package.find("xl/workbook.xml").ok_or_else(missing)
}

/// The workbook by its content type, for an archive without relations.
fn declared(package: &mut Package<'_>) -> Result<Option<usize>, ReadError> {
    let Some(types) = package.find("[Content_Types].xml") else { return Ok(None) };
    let mut name = None;
    let mut xml = package.part(types)?;
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.attribute("ContentType")?.is_some_and(|kind| is_workbook(&kind)) {
            name = tag.attribute("PartName")?.map(|name| name.into_owned()).or(name);
        }
    }
    drop(xml);
    Ok(name.and_then(|name| package.find(&name)))
}

/// `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml`, with macros, as a template.
fn is_workbook(content_type: &str) -> bool {
    let kind = content_type.to_lowercase();
    kind.ends_with(".main+xml") && (kind.contains(".spreadsheetml.") || kind.contains("ms-excel."))
}
