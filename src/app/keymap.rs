//! The keys: what each one does where, with its help text and footer label. No other file names a key.
//!
//! [`BINDINGS`] has the default keys, a [`Keymap`] those in use.

mod bindings;
mod group;
mod notation;
mod remap;

use crossterm::event::KeyEvent;

use crate::query::View;

pub use self::bindings::{BINDINGS, Binding};
pub use self::group::Group;
#[cfg(test)]
pub(crate) use self::notation::read;
pub use self::notation::{capitalised, name_of};
pub use self::remap::{ActionInfo, KeyMistake, actions};

/// Which keys apply: a screen, a popup or a text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Imports,
    /// One import's details, full screen.
    Details,
    /// The failed rows of one import.
    Failures,
    Row,
    Filter,
    /// The help popup; letters search it.
    Help,
    Copy,
    Accounts,
    Log,
    /// A link that could not be opened.
    Link,
    /// A link to another server, before it is opened.
    ForeignLink,
    /// Typing where to save.
    Save,
    Themes,
    /// The runs to compare with.
    Runs,
    /// The orders of the imports table.
    Orders,
    /// A terminal too small for the screens: a line an import.
    Mini,
    /// The fixes of failed rows.
    Fix,
    /// Typing what shall stand in a cell.
    Edit,
    /// Fixes that were not written are about to be left behind.
    Unsaved,
}

impl Mode {
    pub const ALL: [Self; 19] = [
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
        Self::Orders,
        Self::Mini,
        Self::Fix,
        Self::Edit,
        Self::Unsaved,
    ];

    /// Whether letters are typed into a field.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Filter | Self::Help | Self::Save | Self::Edit)
    }

    /// Its title in help and docs.
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
            Self::Orders => "Sort by",
            Self::Mini => "Small terminal",
            Self::Fix => "Fix",
            Self::Edit => "Edit a cell",
            Self::Unsaved => "Fixes not written",
        }
    }
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Quit,
    /// Exit at once from anywhere, with code 130.
    Interrupt,
    /// Stop the program until the shell resumes it.
    Suspend,
    /// One step back; never quits.
    Back,
    /// Show the keys of the current screen.
    Help,
    /// Do what the line of the help under the cursor says.
    RunHelp,
    /// Draw everything anew.
    Redraw,
    /// Move the selection, or scroll.
    Move(Motion),
    /// Scroll where the keys that move lead to other rows.
    ScrollDown,
    ScrollUp,
    Filter,
    /// Keep the filter and return to the list.
    KeepFilter,
    /// Complete the field or value before the cursor; again: the next candidate.
    CompleteNext,
    CompletePrevious,
    /// The filter kept before the one in the field.
    EarlierFilter,
    LaterFilter,
    /// Request everything from the server, now.
    Refresh,
    /// Pause or resume polling.
    Pause,
    /// Capture mouse events, or leave them to the terminal.
    Mouse,
    /// Mask client values, or show them.
    Redact,
    /// Relative or clock times.
    TimeFormat,
    Themes,
    /// Keep the theme being previewed.
    KeepTheme,
    Log,
    Accounts,
    /// Switch to the account under the cursor.
    UseAccount,
    Copy,
    /// One step in: the failed rows, then one row.
    Enter,
    Leave,
    /// The details of an import, full screen.
    Details,
    NextView,
    PreviousView,
    View(View),
    /// A filter of the configuration, by position.
    NamedFilter(usize),
    /// Go to the next import in trouble.
    NextTrouble,
    /// Hide, show or enlarge the details pane.
    Pane,
    /// Choose the order.
    Orders,
    /// Sort by the order under the cursor.
    SortByChosen,
    SortReverse,
    /// Open the error report's link in the browser.
    OpenReport,
    /// Open a link to another server.
    OpenForeignLink,
    /// Copy that link.
    CopyLink,
    /// Fetch the error report and list its rows.
    FetchReport,
    /// Download the error report to a file.
    Download,
    /// Write the listed rows as a CSV that only needs the fixes.
    WriteRows,
    /// Compare with the previous run, or the two marked imports.
    Compare,
    ChooseRun,
    CompareChosen,
    /// Save to the path in the field.
    Save,
    /// Toggle the last column, which says why each row failed.
    ToggleReasons,
    /// Toggle neutralising cells that a spreadsheet would run.
    ToggleSafe,
    ColumnsRight,
    ColumnsLeft,
    SortRowsNext,
    SortRowsReverse,
    /// Load imports from before the period.
    LookBack,
    /// Mark or unmark the import.
    Mark,
    /// Mute or unmute the import's notifications.
    Mute,
    /// Failed rows by reason, or one by one.
    Grouping,
    NextRow,
    PreviousRow,
    /// From the reasons to the rows, and back.
    SwitchList,
    /// Open the import that the log entry under the cursor is about.
    OpenEntry,
    /// Copy the entry under the cursor.
    CopyChosen,
    /// Fix failed rows: proposals, before and after.
    Fix,
    /// Take the chosen proposal, or leave it.
    TakeProposal,
    TakeAllProposals,
    /// From a proposal to its cells; from a cell to editing it.
    EditCell,
    /// Keep what was typed into a cell.
    KeepEdit,
    Undo,
    Redo,
    /// Write the fixes that were about to be left behind.
    WriteUnsaved,
    /// Leave them behind.
    DropFixes,
}

impl Action {
    /// Its name in `[keys]`. Actions that are one to the user share a name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Interrupt => "interrupt",
            Self::Suspend => "suspend",
            Self::Back => "back",
            Self::Help => "help",
            Self::RunHelp => "run",
            Self::Redraw => "redraw",
            Self::Move(Motion::Down) => "down",
            Self::Move(Motion::Up) => "up",
            Self::Move(Motion::HalfDown) => "half_page_down",
            Self::Move(Motion::HalfUp) => "half_page_up",
            Self::Move(Motion::PageDown) => "page_down",
            Self::Move(Motion::PageUp) => "page_up",
            Self::Move(Motion::First) => "first",
            Self::Move(Motion::Last) => "last",
            Self::ScrollDown => "scroll_down",
            Self::ScrollUp => "scroll_up",
            Self::Filter => "filter",
            Self::KeepFilter => "keep_filter",
            Self::CompleteNext => "complete",
            Self::CompletePrevious => "complete_previous",
            Self::EarlierFilter => "earlier_filter",
            Self::LaterFilter => "later_filter",
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
            Self::NamedFilter(0) => "named_filter_1",
            Self::NamedFilter(1) => "named_filter_2",
            Self::NamedFilter(2) => "named_filter_3",
            Self::NamedFilter(3) => "named_filter_4",
            Self::NamedFilter(_) => "named_filter_5",
            Self::NextTrouble => "next_trouble",
            Self::Pane => "pane",
            Self::SortByChosen => "sort_chosen",
            Self::Orders | Self::SortRowsNext => "sort",
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
            Self::SwitchList => "switch_list",
            Self::OpenEntry => "open_entry",
            Self::PreviousRow => "previous_row",
            Self::CopyChosen => "copy_chosen",
            Self::Fix => "fix",
            Self::TakeProposal => "take",
            Self::TakeAllProposals => "take_all",
            Self::EditCell => "edit",
            Self::KeepEdit => "keep_edit",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::WriteUnsaved => "write_unsaved",
            Self::DropFixes => "drop_fixes",
        }
    }
}

/// A movement of the selection or of scrolled text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    Down,
    Up,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    First,
    Last,
}

impl Motion {
    /// The new position among `length` when a page holds `page`. Always below `length`, or 0.
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

/// A binding with its current keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    pub action: Action,
    /// As named by [`name_of`]; the footer shows the first.
    pub keys: Vec<String>,
    pub modes: Vec<Mode>,
    /// One line for the help.
    pub help: &'static str,
    /// Priority and label in the footer; when space runs out the highest number is dropped first.
    pub footer: Option<(u8, &'static str)>,
}

impl Bound {
    fn with_default_keys(binding: &Binding) -> Self {
        let Binding { action, keys, modes, help, footer } = binding;
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Self { action: *action, keys, modes: modes.to_vec(), help, footer: *footer }
    }
}

/// The keys in use: those of [`BINDINGS`], or as remapped by the user.
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
    /// Every binding, in the table's order, including unbound ones.
    pub fn all(&self) -> &[Bound] {
        &self.bound
    }

    /// The bindings of a mode that have a key, in the table's order.
    pub fn bindings(&self, mode: Mode) -> impl Iterator<Item = &Bound> {
        self.bound.iter().filter(move |bound| bound.modes.contains(&mode) && !bound.keys.is_empty())
    }

    /// What a key does in a mode.
    pub fn action_of(&self, mode: Mode, key: &KeyEvent) -> Option<Action> {
        let name = name_of(key)?;
        let means = |name: &str| {
            let mut bindings = self.bindings(mode);
            bindings.find(|bound| bound.keys.iter().any(|key| key == name)).map(|bound| bound.action)
        };
        // Some terminals report Shift even where it makes no other key.
        let unshifted = name.strip_prefix("shift-").filter(|name| *name != "tab");
        // Esc followed at once by Ctrl-C arrives as one key.
        let esc_ctrl_c = (name == "ctrl-alt-c").then_some("ctrl-c");
        means(&name).or_else(|| means(unshifted.or(esc_ctrl_c)?))
    }

    /// The first key for an action in a mode.
    pub fn key(&self, mode: Mode, action: Action) -> Option<&str> {
        self.bindings(mode).find(|bound| bound.action == action)?.keys.first().map(String::as_str)
    }

    /// The first key for an action, in this mode or else in any, for sentences such as "Esc clears it". An action without a
    /// key is named instead.
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
