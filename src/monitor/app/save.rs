//! Error reports fetched and downloaded, failed rows written: from the key to the effect.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tui_input::Input;

use super::journal::Tone;
use super::{App, Overlay, UnderWay};
use crate::domain::file_name::safe_name;
use crate::domain::import::{ImportId, Link};
use crate::domain::text::SafeText;
use crate::monitor::event::{Effect, WriteRows};
use crate::report::{FailedRows, fixup};

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
#[derive(Debug, Clone)]
pub enum What {
    /// The error report as it is.
    Report(ImportId, Link),
    /// The listed failed rows.
    Rows(Chosen),
}

/// Failed rows that were chosen to be written.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The failed rows.
    pub of: Arc<FailedRows>,
    /// Which of them, by position.
    pub rows: Vec<usize>,
    /// Which they are: the column or the filter that chose them.
    pub by: String,
    /// How many of how many, for people.
    pub count: String,
    /// Whether there are failed rows that are not at hand, in a sentence.
    pub missing: Option<String>,
}

impl Chosen {
    /// How many of the rows have a broken quotation.
    pub fn torn(&self) -> usize {
        self.rows.iter().filter(|row| self.of.table().is_torn(**row)).count()
    }
}

/// Where files go that are named without a folder, and where `~` leads.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// The current folder.
    pub current: PathBuf,
    /// The home folder, where there is one.
    pub home: Option<PathBuf>,
}

impl Folders {
    /// The whole path of what was typed.
    pub fn absolute(&self, typed: &str) -> PathBuf {
        let typed = typed.trim();
        let home = self.home.as_deref().filter(|_| typed == "~" || typed.starts_with("~/"));
        match home {
            Some(home) => home.join(typed.trim_start_matches('~').trim_start_matches('/')),
            None => self.current.join(typed),
        }
    }

    /// A path as it is shown: the home folder as `~`.
    pub fn display(&self, path: &Path) -> SafeText {
        let short = self.home.as_deref().and_then(|home| path.strip_prefix(home).ok());
        let text = match short {
            Some(rest) => Path::new("~").join(rest).display().to_string(),
            None => path.display().to_string(),
        };
        SafeText::new(&text)
    }
}

impl App {
    pub(super) fn ask_where_to_download(&mut self) {
        let name = self.told().and_then(|told| told.report()).map(|report| report.name.to_string());
        if let (Some((id, link)), Some(name)) = (self.report_link(), name) {
            let name = safe_name(None, &name, "error-report");
            self.ask_where(name, What::Report(id, link));
        }
    }

    pub(super) fn ask_where_to_write(&mut self) {
        let Some(chosen) = self.chosen_rows() else { return };
        let name = self.rows_name(&chosen, self.spreadsheet_safe);
        self.ask_where(name, What::Rows(chosen));
    }

    /// The rows that are listed, and what they are.
    fn chosen_rows(&self) -> Option<Chosen> {
        let (told, failures) = (self.told()?, self.failures()?);
        let listing = failures.listing();
        let of = listing.of.clone().filter(|_| !listing.rows.is_empty())?;
        let total =
            if listing.gone { of.len() as u64 } else { told.watched.tally.failed().max(of.len() as u64) };
        let all = listing.rows.len() as u64 == total;
        let group = listing.chosen_group();
        let by = match group {
            Some(group) if group.rows.len() < of.len() => group.name(&of),
            _ => String::new(),
        };
        let count = if all { format!("all {total}") } else { format!("{} of {total}", listing.rows.len()) };
        let missing = (!listing.gone && !told.completeness().is_all()).then(|| self.completeness_of(&told));
        Some(Chosen { rows: listing.rows.clone(), of, by, count, missing })
    }

    fn rows_name(&self, chosen: &Chosen, spreadsheet_safe: bool) -> String {
        let Some(watched) = self.current() else { return String::new() };
        let what = if chosen.by.is_empty() { "failed" } else { &chosen.by };
        fixup::file_name(&watched.import.kind, &watched.import.mode, what, &chosen.count, spreadsheet_safe)
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

    /// Neutralises formulas or not; a name that nobody changed shows it.
    pub(super) fn toggle_safe(&mut self) {
        let names = self.chosen_rows().map(|chosen| [false, true].map(|safe| self.rows_name(&chosen, safe)));
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
        if save.to.value().trim().is_empty() {
            self.journal.hint(self.now, Tone::Warning, "no file name: nothing was saved");
            return;
        }
        let to = self.folders.absolute(save.to.value()).display().to_string();
        match save.what {
            What::Report(id, link) => {
                if self.under_way.replace(UnderWay::new(id.clone())).is_some() {
                    effects.push(Effect::CancelTransfer);
                }
                effects.push(Effect::Download { id, link, to });
            }
            What::Rows(Chosen { of, rows, .. }) => {
                let (why, spreadsheet_safe) = (save.why, save.spreadsheet_safe);
                effects.push(Effect::WriteRows(WriteRows { of, rows, to, why, spreadsheet_safe }));
            }
        }
    }

    fn report_link(&self) -> Option<(ImportId, Link)> {
        let told = self.told()?;
        let link = told.report()?.link.clone().ok()?;
        Some((told.watched.import.id.clone(), link))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_whole_and_a_tilde_is_home() {
        let folders = Folders { current: "/work/in".into(), home: Some("/home/ann".into()) };
        for (typed, path, shown) in [
            ("a.csv", "/work/in/a.csv", "/work/in/a.csv"),
            (" ~/fixes/a.csv ", "/home/ann/fixes/a.csv", "~/fixes/a.csv"),
            ("~", "/home/ann/", "~/"),
            ("~ann/a.csv", "/work/in/~ann/a.csv", "/work/in/~ann/a.csv"),
            ("/tmp/a.csv", "/tmp/a.csv", "/tmp/a.csv"),
        ] {
            let absolute = folders.absolute(typed);
            assert_eq!(absolute, PathBuf::from(path));
            assert_eq!(folders.display(&absolute).as_str(), shown);
        }
    }
}
