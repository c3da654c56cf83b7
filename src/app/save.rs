//! Downloading error reports and writing failed rows: from the key to the effect.

use std::path::PathBuf;
use std::sync::Arc;

use tui_input::Input;

use super::event_log::Severity;
use super::fix::FixState;
use super::{App, Popup};
use crate::app::event::{Effect, WriteRows};
use crate::app::keymap::Action;
use crate::domain::file_name::{neutral_name, safe_name};
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::text::SafeText;
use crate::report::fix::Fixes;
use crate::report::{FailedRows, fixup};

/// What is about to be saved, and where to.
#[derive(Debug)]
pub struct Save {
    /// The path as typed.
    pub to: Input,
    pub what: SaveContent,
    /// Whether a last column says why each row failed.
    pub why: bool,
    /// Whether cells that a spreadsheet would run are neutralised.
    pub spreadsheet_safe: bool,
}

#[derive(Debug, Clone)]
pub enum SaveContent {
    /// The error report, unchanged.
    Report(ImportId, Link),
    /// The listed failed rows.
    Rows(ChosenRows),
    /// The fixed rows.
    Fixes(ChosenFixes),
}

/// Fixed rows to be written.
#[derive(Debug, Clone)]
pub struct ChosenFixes {
    pub of: Arc<FailedRows>,
    pub fixes: Arc<Fixes>,
    /// The rows that are fixed, by position.
    pub fixed: Vec<usize>,
    /// The others.
    pub left: Vec<usize>,
    /// How many of the others are partly fixed.
    pub partly: usize,
    /// What becomes of the others.
    pub others: Others,
    /// The file name for the fixed rows, and for all of them.
    pub(super) names: [String; 2],
    /// What to know before importing them again.
    pub warnings: Vec<String>,
}

impl ChosenFixes {
    pub(super) fn name(&self) -> &str {
        let [fixed, all] = &self.names;
        if self.others == Others::LeftOut { fixed } else { all }
    }
}

/// What becomes of rows that are not fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    LeftOut,
    /// Written as they are.
    Written,
    /// Written, with their messages in a last column.
    WithReasons,
}

/// Failed rows chosen to be written.
#[derive(Debug, Clone)]
pub struct ChosenRows {
    pub of: Arc<FailedRows>,
    /// Which of them, by position.
    pub rows: Vec<usize>,
    /// Which rows, out of how many, as a sentence.
    pub description: String,
    /// What is fixed in them, if anything is.
    fixes: Option<Arc<Fixes>>,
    /// The file name.
    name: String,
    /// What to know before importing them again: missing rows, unexpected things in the report.
    pub warnings: Vec<String>,
}

/// Where relative paths and `~` lead.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    pub current: PathBuf,
    /// `None` where `HOME` is not set.
    pub home: Option<PathBuf>,
}

impl Folders {
    /// The absolute path of what was typed.
    pub fn absolute(&self, typed: &str) -> PathBuf {
        let typed = typed.trim();
        let home = self.home.as_deref().filter(|_| typed == "~" || typed.starts_with("~/"));
        match home {
            Some(home) => home.join(typed.trim_start_matches('~').trim_start_matches('/')),
            None => self.current.join(typed),
        }
    }
}

impl App {
    pub(super) fn ask_where_to_download(&mut self) {
        let name = self.view().and_then(|view| view.report()).map(|report| report.name.to_string());
        if let (Some((id, link)), Some(name)) = (self.report_link(), name) {
            let name = match self.redaction().enabled {
                true => neutral_name(&name, "error-report"),
                false => safe_name(None, &name, "error-report"),
            };
            let firm = self.view().map(|view| self.firm_of(&view.watched.import).replace(' ', "-"));
            let name = match firm.filter(|firm| !firm.is_empty()) {
                Some(firm) => safe_name(None, &format!("{firm}-{name}"), "error-report"),
                None => name,
            };
            self.ask_where(name, SaveContent::Report(id, link), false);
        }
    }

    /// The firm that an import and its files are named after; empty where the imports of only one are listed.
    pub fn firm_of<'i>(&self, import: &'i Import) -> &'i str {
        match &import.seen_by {
            Some(account) if self.identity.is_of_several() => account.firm_or_id(),
            _ => "",
        }
    }

    pub(super) fn ask_where_to_write(&mut self) {
        let Some(chosen) = self.chosen_rows() else { return };
        let spreadsheet_safe = self.preferences.spreadsheet_safe;
        let name = file_name(&chosen.name, spreadsheet_safe);
        self.ask_where(name, SaveContent::Rows(chosen), spreadsheet_safe);
    }

    /// The rows that are listed, and their description.
    fn chosen_rows(&self) -> Option<ChosenRows> {
        let (view, failures) = (self.view()?, self.screens.failures()?);
        let listing = failures.listing();
        let of = listing.of.clone().filter(|_| !listing.rows.is_empty())?;
        let group = listing.chosen_group().filter(|group| group.rows.len() < of.len());
        let group = group.map(|group| group.name(&of, self.redaction()));
        let filter = failures.filter.value().trim();
        let filter = (!filter.is_empty()).then(|| SafeText::new(filter).to_string());
        let count = listing.rows.len();
        let rows = |count: u64| if count == 1 { "failed row" } else { "failed rows" };
        let import = match self.comparison().filter(|_| listing.from_other_run) {
            Some(compared) => &self.snapshot.get(&compared.with)?.import,
            None => &view.watched.import,
        };
        let (mut description, number, missing) = if listing.from_other_run {
            let what = format!("{count} {} only in the other run", rows(count as u64));
            (what, count.to_string(), None)
        } else {
            let complete = view.completeness();
            let total = view.watched.tally.failed().max(of.len() as u64);
            let number = if count == of.len() { complete.short() } else { format!("{count} of {total}") };
            let missing =
                (!complete.is_all()).then(|| format!("not all failed rows: {}", self.completeness_of(&view)));
            (format!("{number} {}", rows(total)), number, missing)
        };
        if let Some(column) = &group {
            description.push_str(&format!(", those where {} fails", SafeText::new(column)));
        }
        if let Some(filter) = &filter {
            description.push_str(&format!(", filter {filter}"));
        }
        let fixes = self.fix().filter(|fix| Arc::ptr_eq(&fix.of, &of)).and_then(FixState::changes);
        if fixes.is_some() {
            description.push_str(", with what is fixed in them");
        }
        let what = [group, filter].into_iter().flatten().collect::<Vec<_>>().join("-");
        let what = if what.is_empty() { "failed".to_owned() } else { what };
        let broken = listing.rows.iter().filter(|row| of.table().is_broken(**row)).count();
        let broken = (broken > 0).then(|| format!("{broken} with unbalanced quotes: check before importing"));
        let masked = self.redaction().enabled.then(|| "client values are not masked in the file".to_owned());
        let notes = of.notes().iter().take(2).cloned();
        let warnings = missing.into_iter().chain(broken).chain(notes).chain(masked).collect();
        let name = fixup::file_name(self.firm_of(import), &import.kind, &import.mode, &what, &number);
        Some(ChosenRows { rows: listing.rows.clone(), of, description, fixes, name, warnings })
    }

    pub(super) fn ask_where(&mut self, name: String, what: SaveContent, spreadsheet_safe: bool) {
        self.screens.popup =
            Some(Popup::Save(Save { to: Input::new(name), what, why: false, spreadsheet_safe }));
    }

    pub(super) fn with_save(&mut self, change: impl FnOnce(&mut Save)) {
        if let Some(Popup::Save(save)) = &mut self.screens.popup
            && !matches!(save.what, SaveContent::Report(..))
        {
            change(save);
        }
    }

    /// Toggles the column with the reasons; of fixes, what becomes of the other rows.
    pub(super) fn toggle_reasons(&mut self) {
        self.with_save(|save| {
            let SaveContent::Fixes(chosen) = &mut save.what else {
                save.why = !save.why;
                return;
            };
            let is_suggested = save.to.value() == file_name(chosen.name(), save.spreadsheet_safe);
            chosen.others = match chosen.others {
                Others::LeftOut => Others::Written,
                Others::Written => Others::WithReasons,
                Others::WithReasons => Others::LeftOut,
            };
            if is_suggested {
                save.to = Input::new(file_name(chosen.name(), save.spreadsheet_safe));
            }
        });
    }

    /// Toggles neutralising, and the file name with it unless the user changed it.
    pub(super) fn toggle_safe(&mut self) {
        self.with_save(|save| {
            let name = match &save.what {
                SaveContent::Rows(chosen) => &chosen.name,
                SaveContent::Fixes(chosen) => chosen.name(),
                SaveContent::Report(..) => return,
            };
            if save.to.value() == file_name(name, save.spreadsheet_safe) {
                save.to = Input::new(file_name(name, !save.spreadsheet_safe));
            }
            save.spreadsheet_safe = !save.spreadsheet_safe;
        });
    }

    pub(super) fn save(&mut self, effects: &mut Vec<Effect>) {
        let named = |save: &Save| !save.to.value().trim().is_empty();
        let Some(Popup::Save(save)) = self.screens.popup.take_if(|popup| match popup {
            Popup::Save(save) => named(save),
            _ => false,
        }) else {
            return self.event_log.hint(self.now, Severity::Warning, "type a file name first");
        };
        if let SaveContent::Fixes(chosen) = &save.what
            && chosen.fixed.is_empty()
            && chosen.others == Others::LeftOut
        {
            self.screens.popup = Some(Popup::Save(save));
            let key = self.key_for(Action::ToggleReasons);
            let text = format!("no row is fixed completely: {key} writes the others too");
            return self.event_log.hint(self.now, Severity::Warning, text);
        }
        let to = self.preferences.folders.absolute(save.to.value()).display().to_string();
        match save.what {
            SaveContent::Report(id, link) => {
                self.reports.begin(id.clone(), false, effects);
                let account = self.account_of(&id);
                effects.push(Effect::Download { id, account, link, to });
            }
            SaveContent::Rows(ChosenRows { of, rows, fixes, .. }) => {
                let (why, spreadsheet_safe) = (save.why, save.spreadsheet_safe);
                let has_all_fixed = false;
                let written = WriteRows { of, rows, to, why, spreadsheet_safe, fixes, has_all_fixed };
                effects.push(Effect::WriteRows(written));
            }
            SaveContent::Fixes(ChosenFixes { of, fixes, fixed, others, .. }) => {
                let rows = if others == Others::LeftOut { fixed } else { (0..of.len()).collect() };
                let why = others == Others::WithReasons;
                let (spreadsheet_safe, fixes) = (save.spreadsheet_safe, Some(fixes));
                let has_all_fixed = true;
                let written = WriteRows { of, rows, to, why, spreadsheet_safe, fixes, has_all_fixed };
                effects.push(Effect::WriteRows(written));
            }
        }
    }

    fn report_link(&self) -> Option<(ImportId, Link)> {
        let view = self.view()?;
        let link = view.report()?.link.clone().ok()?;
        Some((view.watched.import.id.clone(), link))
    }
}

pub(super) fn file_name(name: &str, spreadsheet_safe: bool) -> String {
    match (spreadsheet_safe, name.strip_suffix(".csv")) {
        (true, Some(stem)) => format!("{stem}-spreadsheet-safe.csv"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_whole_and_a_tilde_is_home() {
        let folders = Folders { current: "/data/in".into(), home: Some("/home/ann".into()) };
        for (typed, path) in [
            ("a.csv", "/data/in/a.csv"),
            (" ~/fixes/a.csv ", "/home/ann/fixes/a.csv"),
            ("~", "/home/ann/"),
            ("~ann/a.csv", "/data/in/~ann/a.csv"),
            ("/tmp/a.csv", "/tmp/a.csv"),
        ] {
            assert_eq!(folders.absolute(typed), PathBuf::from(path));
        }
    }
}
