//! The keys: what each one means where, and what help and footer say of it. No other file names a key.
//!
//! [`BINDINGS`] has the usual keys, a [`Keymap`] those in force.

mod bindings;
mod notation;
mod remap;

use crossterm::event::KeyEvent;

use crate::query::View;

pub use self::bindings::{BINDINGS, Binding};
#[cfg(test)]
pub(crate) use self::notation::read;
pub use self::notation::{capitalised, name_of};
pub use self::remap::{ActionInfo, KeyMistake, actions};

/// Where the keyboard is: what a key means depends on this and on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The imports table.
    Imports,
    /// One import's details, full screen.
    Details,
    /// The failed rows of one import.
    Failures,
    /// One failed row.
    Row,
    /// Typing a filter.
    Filter,
    /// The help overlay; letters search it.
    Help,
    /// The copy menu.
    Copy,
    /// The list of accounts.
    Accounts,
    /// The log overlay.
    Log,
    /// A link that could not be opened, shown instead.
    Link,
    /// A link that leads to another server, before it is opened.
    ForeignLink,
    /// Typing where to save.
    Save,
    /// The themes.
    Themes,
    /// The runs to compare with.
    Runs,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 14] = [
        Self::Imports,
        Self::Details,
        Self::Failures,
        Self::Row,
        Self::Filter,
        Self::Help,
        Self::Copy,
        Self::Accounts,
        Self::Log,
        Self::Link,
        Self::ForeignLink,
        Self::Save,
        Self::Themes,
        Self::Runs,
    ];

    /// Whether letters are typed there.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Filter | Self::Help | Self::Save)
    }

    /// What the help overlay calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Imports => "Imports",
            Self::Details => "Details",
            Self::Failures => "Failed rows",
            Self::Row => "One failed row",
            Self::Filter => "Filter",
            Self::Help => "Help",
            Self::Copy => "Copy",
            Self::Accounts => "Accounts",
            Self::Log => "Log",
            Self::Link => "Link",
            Self::ForeignLink => "Another server",
            Self::Save => "Save",
            Self::Themes => "Themes",
            Self::Runs => "Compare with",
        }
    }
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Leave the program.
    Quit,
    /// Leave the program from anywhere, with exit code 130.
    Interrupt,
    /// Stop the program and give the shell back.
    Suspend,
    /// One step back; never leaves the program.
    Back,
    /// Show what the keys do here.
    Help,
    /// Move the selection, or scroll.
    Move(Motion),
    /// Type a filter.
    Filter,
    /// Keep the filter and go back to the list.
    KeepFilter,
    /// Request everything from the server, now.
    Refresh,
    /// Stop asking the server, or go on.
    Pause,
    /// Take mouse events, or leave them to the terminal.
    Mouse,
    /// Mask client values, or show them.
    Redact,
    /// Tell times as ages, or by the clock.
    TimeFormat,
    /// Choose how the screen looks.
    Themes,
    /// Keep the theme that is tried on.
    KeepTheme,
    /// Show what happened.
    Log,
    /// List the accounts that the token may use.
    Accounts,
    /// Act for the account under the cursor.
    UseAccount,
    /// Choose what to copy.
    Copy,
    /// One step in: the failed rows, then one row.
    Enter,
    /// One step out.
    Leave,
    /// The details of an import, full screen.
    Details,
    /// The view after this one.
    NextView,
    /// The view before this one.
    PreviousView,
    /// One view.
    View(View),
    /// Sort by the next column.
    SortNext,
    /// Turn the order round.
    SortReverse,
    /// Open the error report's link in the browser.
    OpenReport,
    /// Open a link that leads to another server.
    OpenForeignLink,
    /// Copy that link.
    CopyLink,
    /// List all failed rows, from the error report.
    FetchReport,
    /// Download the error report to a file.
    Download,
    /// Write the listed rows to a CSV that only needs the fixes.
    WriteRows,
    /// Compare with the previous run.
    Compare,
    /// Choose the run to compare with.
    ChooseRun,
    /// Compare with the run under the cursor.
    CompareChosen,
    /// Save where the field says.
    Save,
    /// Write a last column that says why each row failed, or not.
    ToggleReasons,
    /// Neutralise cells that a spreadsheet would run, or not.
    ToggleSafe,
    /// Show the columns further right.
    ColumnsRight,
    /// Show the columns further left.
    ColumnsLeft,
    /// Sort the rows by the next column.
    SortRowsNext,
    /// Turn the order of the rows round.
    SortRowsReverse,
    /// Load imports from before the period.
    LookBack,
    /// Mark or unmark the import.
    Mark,
    /// Mute or unmute the import's notifications.
    Mute,
    /// Failed rows by reason, or one by one.
    Grouping,
    /// The failed row after this one.
    NextRow,
    /// The failed row before this one.
    PreviousRow,
    /// Copy the entry under the cursor.
    CopyChosen,
}

impl Action {
    /// What `[keys]` calls it. Actions that are one to the user have one name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Interrupt => "interrupt",
            Self::Suspend => "suspend",
            Self::Back => "back",
            Self::Help => "help",
            Self::Move(Motion::Down) => "down",
            Self::Move(Motion::Up) => "up",
            Self::Move(Motion::HalfDown) => "half_page_down",
            Self::Move(Motion::HalfUp) => "half_page_up",
            Self::Move(Motion::PageDown) => "page_down",
            Self::Move(Motion::PageUp) => "page_up",
            Self::Move(Motion::First) => "first",
            Self::Move(Motion::Last) => "last",
            Self::Filter => "filter",
            Self::KeepFilter => "keep_filter",
            Self::Refresh => "refresh",
            Self::Pause => "pause",
            Self::Mouse => "mouse",
            Self::Redact => "redact",
            Self::TimeFormat => "times",
            Self::Themes => "themes",
            Self::ChooseRun => "choose_run",
            Self::CompareChosen => "compare_chosen",
            Self::KeepTheme => "keep_theme",
            Self::Log => "log",
            Self::Accounts => "accounts",
            Self::UseAccount => "use_account",
            Self::Copy => "copy",
            Self::Enter => "open",
            Self::Leave => "leave",
            Self::Details => "details",
            Self::NextView => "next_view",
            Self::PreviousView => "previous_view",
            Self::View(View::All) => "view_all",
            Self::View(View::Running) => "view_running",
            Self::View(View::FailedRows) => "view_failed_rows",
            Self::View(View::Done) => "view_done",
            Self::SortNext | Self::SortRowsNext => "sort",
            Self::SortReverse | Self::SortRowsReverse => "sort_reverse",
            Self::LookBack => "look_back",
            Self::OpenReport => "open_report",
            Self::OpenForeignLink => "open_away",
            Self::CopyLink => "copy_link",
            Self::FetchReport => "all_rows",
            Self::Download => "download",
            Self::WriteRows => "write_rows",
            Self::Compare => "compare",
            Self::Save => "save",
            Self::ToggleReasons => "with_reasons",
            Self::ToggleSafe => "spreadsheet_safe",
            Self::ColumnsRight => "columns_right",
            Self::ColumnsLeft => "columns_left",
            Self::Mark => "mark",
            Self::Mute => "mute",
            Self::Grouping => "grouping",
            Self::NextRow => "next_row",
            Self::PreviousRow => "previous_row",
            Self::CopyChosen => "copy_chosen",
        }
    }
}

/// A movement of the selection or of a scrolled text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One down.
    Down,
    /// One up.
    Up,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the first.
    First,
    /// To the last.
    Last,
}

impl Motion {
    /// Where a position among `length` goes when a page holds `page`. Always below `length`, or 0.
    pub fn apply(self, position: usize, page: usize, length: usize) -> usize {
        let page = page.max(1);
        let half = (page / 2).max(1);
        let moved = match self {
            Self::Down => position.saturating_add(1),
            Self::Up => position.saturating_sub(1),
            Self::HalfDown => position.saturating_add(half),
            Self::HalfUp => position.saturating_sub(half),
            Self::PageDown => position.saturating_add(page),
            Self::PageUp => position.saturating_sub(page),
            Self::First => 0,
            Self::Last => usize::MAX,
        };
        moved.min(length.saturating_sub(1))
    }
}

/// A binding with the keys that it has now.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// What it does.
    pub action: Action,
    /// The keys, by the names of [`name_of`]; the first is the one that the footer shows.
    pub keys: Vec<String>,
    /// Where it holds.
    pub modes: Vec<Mode>,
    /// One line for the help overlay.
    pub help: &'static str,
    /// A word for the footer and how early it is dropped when space runs out (0 stays longest).
    pub footer: Option<(u8, &'static str)>,
}

impl Bound {
    fn with_default_keys(binding: &Binding) -> Self {
        let Binding { action, keys, modes, help, footer } = binding;
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Self { action: *action, keys, modes: modes.to_vec(), help, footer: *footer }
    }
}

/// The keys in force: those of [`BINDINGS`], or what the user made of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    bound: Vec<Bound>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bound: BINDINGS.iter().map(Bound::with_default_keys).collect() }
    }
}

impl Keymap {
    /// Every binding, in the table's order; one that lost its keys has none.
    pub fn all(&self) -> &[Bound] {
        &self.bound
    }

    /// The bindings that hold somewhere and have a key, in the table's order.
    pub fn bindings(&self, mode: Mode) -> impl Iterator<Item = &Bound> {
        self.bound.iter().filter(move |bound| bound.modes.contains(&mode) && !bound.keys.is_empty())
    }

    /// What a key means somewhere.
    pub fn action_of(&self, mode: Mode, key: &KeyEvent) -> Option<Action> {
        let name = name_of(key)?;
        let means = |name: &str| {
            let mut bindings = self.bindings(mode);
            bindings.find(|bound| bound.keys.iter().any(|key| key == name)).map(|bound| bound.action)
        };
        // Some terminals tell of Shift where it makes no other key.
        let unshifted = name.strip_prefix("shift-").filter(|name| *name != "tab");
        // Esc with Ctrl-C right behind it is told as one key.
        let esc_ctrl_c = (name == "ctrl-alt-c").then_some("ctrl-c");
        means(&name).or_else(|| means(unshifted.or(esc_ctrl_c)?))
    }

    /// The first key for an action somewhere.
    pub fn key(&self, mode: Mode, action: Action) -> Option<&str> {
        self.bindings(mode).find(|bound| bound.action == action)?.keys.first().map(String::as_str)
    }

    /// The first key for an action, there if it holds there, for sentences such as "Esc clears it". An action without
    /// a key is named instead.
    pub fn key_label(&self, mode: Mode, action: Action) -> String {
        let anywhere = || Mode::ALL.into_iter().find_map(|mode| self.key(mode, action));
        let key = self.key(mode, action).or_else(anywhere);
        key.map_or_else(|| action.name().replace('_', " "), capitalised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let keymap = Keymap::default();
        for mode in Mode::ALL {
            let mut seen = std::collections::HashMap::new();
            for bound in keymap.bindings(mode) {
                for key in &bound.keys {
                    let before = seen.insert(key, bound.action);
                    assert_eq!(before, None, "{key} in {mode:?}");
                }
            }
        }
    }

    #[test]
    fn every_key_of_the_table_has_the_name_that_it_is_read_by() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(notation::read(key).ok().and_then(|key| name_of(&key)).as_deref(), Some(*key));
        }
    }

    #[test]
    fn letters_stay_letters_where_text_is_typed() {
        for binding in BINDINGS.iter().filter(|binding| binding.modes.iter().any(|mode| mode.is_text())) {
            for key in binding.keys {
                assert!(!notation::is_typed(key), "{key} would be swallowed");
            }
        }
    }

    #[test]
    fn motions_stay_within_the_list() {
        use Motion::*;
        for (motion, from, to) in [
            (Down, 9, 9),
            (Down, 3, 4),
            (Up, 0, 0),
            (HalfDown, 0, 2),
            (PageDown, 8, 9),
            (PageUp, 3, 0),
            (First, 5, 0),
            (Last, 0, 9),
        ] {
            assert_eq!(motion.apply(from, 4, 10), to, "{motion:?}");
            assert_eq!(motion.apply(from, 0, 0), 0);
        }
    }
}
