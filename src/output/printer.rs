//! Prints imports: as a table for people, or in a format for programs.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use crossterm::style::ContentStyle;
use ratatui::backend::IntoCrossterm as _;
use serde_json::Value;

use super::formats::{Format, IMPORT, cells, import, masked};
use crate::app::columns::Column;
use crate::cli::FormatArgs;
use crate::config::Settings;
use crate::config::themes::themes;
use crate::domain::Now;
use crate::domain::snapshot::Watched;
use crate::exit::Failure;
use crate::terminal;
use crate::ui::plain_table::{Piece, PlainTable};
use crate::ui::theme::Theme;

/// A terminal of unknown width.
const USUAL_WIDTH: u16 = 80;

/// How imports are printed.
#[derive(Debug)]
pub(crate) struct Printer {
    /// `None`: a table.
    format: Option<Format>,
    /// Those of the table and the tab-separated lines, if others than the usual ones.
    columns: Option<Vec<Column>>,
    /// Whether the usual columns of the table say whose an import is.
    firms: bool,
    theme: Theme,
    redact: bool,
    width: u16,
}

impl Printer {
    /// # Errors
    /// The theme cannot be used.
    pub(crate) fn new(
        settings: &Settings,
        args: FormatArgs,
        columns: Option<Vec<Column>>,
    ) -> Result<Self, Failure> {
        let (themes, state) = themes(settings)?;
        let format = Format::new(args, io::stdout().is_terminal(), settings.spreadsheet_safe);
        // To ask where there is no terminal takes two processes.
        let size = if format.is_none() { terminal::size().ok() } else { None };
        Ok(Self {
            format,
            columns,
            firms: false,
            theme: *themes.theme(state.chosen, state.background),
            redact: settings.redact.value,
            width: size.map_or(USUAL_WIDTH, |size| size.width),
        })
    }

    /// Says whether the imports are of several accounts.
    pub(crate) fn show_firms(&mut self, of_several: bool) {
        self.firms = of_several;
    }

    /// Whether imports can be printed as they come.
    pub(crate) fn streams(&self) -> bool {
        self.format.is_none_or(Format::streams)
    }

    /// What comes before the imports.
    pub(crate) fn header(&self) -> String {
        match (self.format, &self.columns) {
            (None, _) => self.line(&self.table().heading()),
            (Some(Format::Tabs), Some(columns)) => Format::Tabs.header(&names(columns)),
            (Some(format), _) => format.header(IMPORT),
        }
    }

    /// The imports; all of them at once where [`Printer::streams`] says no.
    pub(crate) fn imports(&self, imports: &[Arc<Watched>], now: Now) -> String {
        let masked: Vec<_> = imports.iter().filter(|_| self.redact).map(masked).collect();
        let imports = if self.redact { &masked } else { imports };
        let Some(format) = self.format else {
            let table = self.table();
            return imports.iter().map(|watched| self.line(&table.import(watched, now))).collect();
        };
        if let (Format::Tabs, Some(columns)) = (format, &self.columns) {
            let records: Vec<Value> = imports.iter().map(|watched| cells(watched, columns)).collect();
            return format.records(&names(columns), &records);
        }
        let records: Vec<Value> = imports.iter().map(|watched| import(watched)).collect();
        format.records(IMPORT, &records)
    }

    fn table(&self) -> PlainTable<'_> {
        PlainTable::new(self.width, &self.theme, self.columns.as_deref(), self.firms)
    }

    fn line(&self, pieces: &[Piece]) -> String {
        let piece = |(text, style): &Piece| match self.theme.has_colour() {
            false => text.clone(),
            true => ContentStyle::apply((*style).into_crossterm(), text).to_string(),
        };
        pieces.iter().map(piece).collect::<String>() + "\n"
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name()).collect()
}
