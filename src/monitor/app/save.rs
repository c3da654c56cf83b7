//! Error reports fetched and downloaded, failed rows written: from the key to the effect.

use tui_input::Input;

use super::journal::Tone;
use super::rows::Rows;
use super::{App, Overlay, UnderWay};
use crate::domain::file_name::safe_name;
use crate::domain::import::{Import, ImportId, Link};
use crate::monitor::event::{Effect, WriteRows, WriteSource};
use crate::report::fixup;

/// What is about to be saved, and where to.
#[derive(Debug)]
pub struct Save {
    /// The path as typed.
    pub to: Input,
    /// What is saved.
    pub what: What,
    /// Whether a last column says why each row failed.
    pub why: bool,
    /// Whether cells that a spreadsheet would run are neutralised.
    pub spreadsheet_safe: bool,
}

/// What can be saved.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The error report as it is.
    Report(ImportId, Link),
    /// The listed failed rows.
    Rows(WriteSource),
}

impl App {
    /// Fetches the whole report, for all failed rows to be listed.
    pub(super) fn fetch_report(&mut self, effects: &mut Vec<Effect>) {
        if let Some((id, link)) = self.report_link() {
            self.under_way = Some(UnderWay::new(id.clone()));
            let mapping = self.told().and_then(|told| told.mapping()).cloned();
            effects.push(Effect::FetchReport { id, link, mapping });
        }
    }

    pub(super) fn ask_where_to_download(&mut self) {
        let name = self.told().and_then(|told| told.report()).map(|report| report.name.to_string());
        if let (Some((id, link)), Some(name)) = (self.report_link(), name) {
            let name = safe_name(None, &name, "error-report");
            self.ask_where(name, What::Report(id, link));
        }
    }

    pub(super) fn ask_where_to_write(&mut self) {
        let Some(told) = self.told() else { return };
        let Some(failures) = self.failures() else { return };
        let listed = &failures.listing().rows;
        let source = match told.rows() {
            Rows::Report(whole) => WriteSource::Report(whole.clone(), listed.clone()),
            rows @ Rows::Sample(..) => WriteSource::Sample(
                listed.iter().filter_map(|at| rows.get(*at)).map(|row| row.into_owned()).collect(),
            ),
        };
        let name = self.rows_name(&told.watched.import, self.spreadsheet_safe);
        self.ask_where(name, What::Rows(source));
    }

    fn rows_name(&self, import: &Import, spreadsheet_safe: bool) -> String {
        let date = import.created_at.unwrap_or(self.now.wall).to_zoned_datetime(self.zone.clone()).date();
        fixup::file_name(&import.kind, &import.mode, date, spreadsheet_safe)
    }

    fn ask_where(&mut self, name: String, what: What) {
        self.overlay =
            Some(Overlay::Save(Save { to: Input::new(name), what, why: false, spreadsheet_safe: false }));
    }

    pub(super) fn with_save(&mut self, change: impl FnOnce(&mut Save)) {
        if let Some(Overlay::Save(save)) = &mut self.overlay
            && matches!(save.what, What::Rows(_))
        {
            change(save);
        }
    }

    /// Neutralises formulas or not; a name that nobody changed says so.
    pub(super) fn toggle_safe(&mut self) {
        let names =
            self.current().map(|watched| [false, true].map(|safe| self.rows_name(&watched.import, safe)));
        self.with_save(|save| {
            let [plain, safe] = names.unwrap_or_default();
            let (from, to) = if save.spreadsheet_safe { (safe, plain) } else { (plain, safe) };
            if save.to.value() == from {
                save.to = Input::new(to);
            }
            save.spreadsheet_safe = !save.spreadsheet_safe;
        });
    }

    pub(super) fn save(&mut self, effects: &mut Vec<Effect>) {
        let Some(Overlay::Save(save)) = self.overlay.take() else { return };
        let to = save.to.value().trim().to_owned();
        if to.is_empty() {
            self.journal.hint(self.now, Tone::Warning, "no file name: nothing was saved");
            return;
        }
        effects.push(match save.what {
            What::Report(id, link) => {
                self.under_way = Some(UnderWay::new(id.clone()));
                Effect::Download { id, link, to }
            }
            What::Rows(source) => {
                let (why, spreadsheet_safe) = (save.why, save.spreadsheet_safe);
                Effect::WriteRows(WriteRows { source, to, why, spreadsheet_safe })
            }
        });
    }

    fn report_link(&self) -> Option<(ImportId, Link)> {
        let told = self.told()?;
        let link = told.report()?.link.clone().ok()?;
        Some((told.watched.import.id.clone(), link))
    }
}
