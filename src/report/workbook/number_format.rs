//! Numbers as a workbook's number formats show them: `00-00-00`, `#,##0.00`, `0%`, `[$£-809]0.00`.
//!
//! A format has up to four sections: for positive numbers, negative ones, zero and text, or with conditions of their
//! own. Dates and times are not shown by their format but in ISO 8601, which a CSV for the next import needs.

mod decimal;
mod render;
mod section;

use self::section::{Piece, Section, Shows, sections};
use super::serial;

/// The longest code that Excel takes, in characters. One that is longer shows numbers as they are.
const LONGEST: usize = 255;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct NumberFormat {
    /// For numbers; empty where they are shown as they are.
    numbers: Vec<Section>,
    text: Option<Section>,
}

impl NumberFormat {
    pub(super) fn parse(code: &str) -> Self {
        if code.chars().count() > LONGEST {
            return Self::default();
        }
        let mut numbers = sections(code);
        numbers.truncate(4);
        // The format of most cells in most workbooks.
        if let [only] = numbers.as_slice()
            && only.pieces == [Piece::General]
        {
            return Self::default();
        }
        let is_text = |section: &Section| section.shows == Shows::Text;
        let text = match numbers.len() {
            4 => numbers.pop(),
            _ if numbers.last().is_some_and(is_text) => numbers.pop(),
            _ => None,
        };
        Self { numbers, text }
    }

    /// Writes a finite number as Excel shows it.
    pub(super) fn write(&self, out: &mut String, number: f64, since_1904: bool) {
        let start = out.len();
        let chosen = self.numbers.iter().enumerate().find(|(at, section)| {
            section.condition.map_or_else(|| self.is_for(*at, number), |condition| condition.holds(number))
        });
        let written = chosen.is_some_and(|(at, section)| match section.shows {
            Shows::Date => serial::write_date(out, number, since_1904),
            Shows::Elapsed => serial::write_elapsed(out, number),
            Shows::Number | Shows::Text => {
                let own_sign = match section.condition {
                    Some(condition) => condition.is_for_negatives(),
                    None => at == 1 && self.numbers.first().is_some_and(|first| first.condition.is_none()),
                };
                render::write(out, section, number.abs(), number < 0.0 && !own_sign);
                true
            }
        });
        // A format that shows nothing hides the cell; a row without its value could not be fixed.
        if !written || out.len() == start {
            write_general(out, number);
        }
    }

    /// Writes a text as Excel shows it: `"Ref "@` puts words before it.
    pub(super) fn write_text(&self, out: &mut String, text: &str) {
        match &self.text {
            Some(section) if !text.is_empty() && section.has_place_for_text() => {
                render::write_text(out, section, text);
            }
            _ => out.push_str(text),
        }
    }

    /// Whether a section without a condition is for a number.
    fn is_for(&self, section: usize, number: f64) -> bool {
        match (section, self.numbers.len()) {
            (0, 1) | (1, 2) | (2, _) => true,
            (0, 2) => number >= 0.0,
            (0, _) => number > 0.0,
            _ => number < 0.0,
        }
    }
}

/// The built-in format with this number (ECMA-376, part 1, 18.8.30), as Excel shows it in Britain.
pub(super) fn built_in(id: u32) -> NumberFormat {
    NumberFormat::parse(match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 | 6 => "\"£\"#,##0;-\"£\"#,##0",
        7 | 8 => "\"£\"#,##0.00;-\"£\"#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        // Dates in any order, and those of East Asia: all are shown in ISO 8601.
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => "yyyy-mm-dd",
        18..=22 | 32..=35 | 45 | 47 | 55 | 56 => "yyyy-mm-dd hh:mm:ss",
        37 | 38 => "#,##0;-#,##0",
        39 | 40 => "#,##0.00;-#,##0.00",
        41 => "#,##0;-#,##0;\"-\"",
        42 => "\"£\"#,##0;-\"£\"#,##0;\"£\"\"-\"",
        43 => "#,##0.00;-#,##0.00;\"-\"",
        44 => "\"£\"#,##0.00;-\"£\"#,##0.00;\"£\"\"-\"",
        46 => "[h]:mm:ss",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    })
}

/// Writes a number that has no format, with the 15 digits that Excel keeps.
pub(super) fn write_general(out: &mut String, number: f64) {
    use std::fmt::Write as _;
    // Writing into a String cannot fail.
    let _ = if number.fract() == 0.0 && number.abs() < 1e15 {
        write!(out, "{}", number as i64)
    } else {
        let kept = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
        write!(out, "{kept}")
    };
}

#[cfg(test)]
mod tests;
