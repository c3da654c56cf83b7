//! How each cell's number is shown, by the cell's style.

use std::collections::HashMap;

use super::super::read_error::ReadError;
use super::number_format::{NumberFormat, built_in};
use super::package::Package;
use super::xml::Event;

/// More custom formats than any real workbook has; Excel takes 250.
const MOST_FORMATS: usize = 5_000;

#[derive(Default)]
pub(super) struct Styles {
    /// For each style the format's place in `formats`.
    cells: Vec<u32>,
    formats: Vec<NumberFormat>,
}

impl Styles {
    pub(super) fn read(package: &mut Package<'_>, part: usize) -> Result<Self, ReadError> {
        let mut styles = Self::default();
        let mut places: HashMap<u32, u32> = HashMap::new();
        let mut codes: HashMap<u32, NumberFormat> = HashMap::new();
        let mut in_cells = false;
        let mut xml = package.part(part)?;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => match tag.name() {
                    "cellXfs" => in_cells = true,
                    "numFmt" => {
                        let id = tag.attribute("numFmtId")?.and_then(|id| id.trim().parse().ok());
                        if let (Some(id), Some(code)) = (id, tag.attribute("formatCode")?)
                            && codes.len() < MOST_FORMATS
                        {
                            codes.insert(id, NumberFormat::parse(&code));
                        }
                    }
                    "xf" if in_cells => {
                        let id = tag.attribute("numFmtId")?;
                        let id = id.and_then(|id| id.trim().parse().ok()).unwrap_or_default();
                        let next = u32::try_from(styles.formats.len()).unwrap_or_default();
                        let place = *places.entry(id).or_insert(next);
                        if place == next {
                            styles.formats.push(codes.remove(&id).unwrap_or_else(|| built_in(id)));
                        }
                        styles.cells.push(place);
                    }
                    _ => {}
                },
                Event::End(tag) if tag.name() == "cellXfs" => in_cells = false,
                _ => {}
            }
        }
        Ok(styles)
    }

    /// The format of a style; a cell that names none has the first.
    pub(super) fn format(&self, style: usize) -> Option<&NumberFormat> {
        self.formats.get(*self.cells.get(style)? as usize)
    }
}
