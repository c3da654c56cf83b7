//! The keys: what each one means where, and what help and footer say of it. No other file names a key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::query::View;

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
    /// The log overlay.
    Log,
    /// A link that could not be opened, shown instead.
    Link,
    /// Typing where to save.
    Save,
}

impl Mode {
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
            Self::Log => "Log",
            Self::Link => "Link",
            Self::Save => "Save",
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
    /// Ask the server for everything, now.
    Refresh,
    /// Stop asking the server, or go on.
    Pause,
    /// Take mouse events, or leave them to the terminal.
    Mouse,
    /// Mask client values, or show them.
    Redact,
    /// Show what happened.
    Log,
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
    /// List all failed rows, from the error report.
    WholeReport,
    /// Download the error report to a file.
    Download,
    /// Write the listed rows to a CSV that only needs the fixes.
    WriteRows,
    /// Compare with the run before.
    Compare,
    /// Save where the field says.
    Save,
    /// Write a last column that says why each row failed, or not.
    ToggleWhy,
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
    /// Mark or unmark the import.
    Mark,
    /// Failed rows by reason, or one by one.
    Grouping,
    /// The failed row after this one.
    NextRow,
    /// The failed row before this one.
    PreviousRow,
    /// Copy the entry under the cursor.
    CopyChosen,
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

/// One line of the key table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys, by the names of [`name_of`]; the first is the one that the footer shows.
    pub keys: &'static [&'static str],
    /// Where it holds.
    pub modes: &'static [Mode],
    /// One line for the help overlay.
    pub help: &'static str,
    /// A word for the footer and how early it is dropped when space runs out (1 stays longest).
    pub footer: Option<(u8, &'static str)>,
}

const ANYWHERE: &[Mode] = &[
    Mode::Imports,
    Mode::Details,
    Mode::Failures,
    Mode::Row,
    Mode::Filter,
    Mode::Help,
    Mode::Copy,
    Mode::Log,
    Mode::Link,
    Mode::Save,
];
const SCREENS: &[Mode] = &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row];
/// Where letters are free to be commands.
const COMMANDS: &[Mode] =
    &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row, Mode::Copy, Mode::Log, Mode::Link];

const fn key(
    action: Action,
    keys: &'static [&'static str],
    modes: &'static [Mode],
    help: &'static str,
) -> Binding {
    Binding { action, keys, modes, help, footer: None }
}

impl Binding {
    const fn shown(mut self, priority: u8, label: &'static str) -> Self {
        self.footer = Some((priority, label));
        self
    }
}

/// Every key of the program.
pub const BINDINGS: &[Binding] = &[
    key(
        Action::Enter,
        &["enter", "l", "right"],
        &[Mode::Imports, Mode::Details],
        "open the failed rows (the details, where none failed)",
    )
    .shown(1, "open"),
    key(
        Action::Enter,
        &["enter", "l", "right"],
        &[Mode::Failures],
        "from a reason to its rows, from a row to all of it",
    )
    .shown(1, "open"),
    key(
        Action::Details,
        &["i"],
        &[Mode::Imports, Mode::Failures, Mode::Row],
        "all details of the import: times, mapping, report",
    )
    .shown(6, "details"),
    key(Action::Grouping, &["v"], &[Mode::Failures], "by reason, or row by row").shown(2, "by reason/row"),
    key(Action::NextRow, &["n"], &[Mode::Row], "the next row").shown(2, "next row"),
    key(Action::PreviousRow, &["N"], &[Mode::Row], "the row before").shown(3, "row before"),
    key(Action::Leave, &["h", "left"], &[Mode::Details, Mode::Failures, Mode::Row], "back").shown(3, "back"),
    key(Action::OpenReport, &["o"], SCREENS, "open the error report in the browser").shown(2, "open report"),
    key(Action::WholeReport, &["e"], SCREENS, "list all failed rows, from the whole error report")
        .shown(3, "all rows"),
    key(Action::Download, &["d"], SCREENS, "download the error report to a file; Esc cancels")
        .shown(6, "download"),
    key(
        Action::WriteRows,
        &["w"],
        &[Mode::Failures, Mode::Row],
        "write the listed rows to a CSV, ready to be fixed and imported again",
    )
    .shown(4, "write CSV"),
    key(
        Action::Compare,
        &["c"],
        &[Mode::Failures],
        "compare with the run before: what passes now, fails still, fails newly",
    )
    .shown(7, "compare"),
    key(Action::Save, &["enter"], &[Mode::Save], "save").shown(1, "save"),
    key(Action::Back, &["esc"], &[Mode::Save], "do not save").shown(1, "cancel"),
    key(Action::ToggleWhy, &["tab"], &[Mode::Save], "a last column that says why each row failed")
        .shown(2, "reasons"),
    key(
        Action::ToggleSafe,
        &["ctrl-t"],
        &[Mode::Save],
        "neutralise cells that a spreadsheet would run as formulas",
    )
    .shown(3, "spreadsheet-safe"),
    key(Action::ColumnsRight, &[">"], &[Mode::Failures], "columns further right").shown(8, "columns"),
    key(Action::ColumnsLeft, &["<"], &[Mode::Failures], "columns further left"),
    key(Action::SortRowsNext, &["s"], &[Mode::Failures], "sort rows by the next column").shown(7, "sort"),
    key(Action::SortRowsReverse, &["S"], &[Mode::Failures], "turn the order of the rows round"),
    key(Action::Filter, &["/"], &[Mode::Imports, Mode::Failures], "filter, live as you type")
        .shown(3, "filter"),
    key(Action::NextView, &["tab"], &[Mode::Imports], "next view: All, Running, Failed rows, Done")
        .shown(4, "view"),
    key(Action::PreviousView, &["backtab"], &[Mode::Imports], "the view before"),
    key(Action::View(View::All), &["1"], &[Mode::Imports], "all imports"),
    key(Action::View(View::Running), &["2"], &[Mode::Imports], "imports that are not over"),
    key(Action::View(View::FailedRows), &["3"], &[Mode::Imports], "imports with failed rows"),
    key(Action::View(View::Done), &["4"], &[Mode::Imports], "imports that are over"),
    key(Action::SortNext, &["s"], &[Mode::Imports], "sort by the next column").shown(7, "sort"),
    key(Action::SortReverse, &["S"], &[Mode::Imports], "turn the order round"),
    key(Action::Mark, &["space"], &[Mode::Imports], "mark the import; y then copies all that are marked"),
    key(Action::Copy, &["y"], SCREENS, "copy: uuid, link, rows, reasons").shown(5, "copy"),
    key(Action::Move(Motion::Down), &["j", "down"], COMMANDS, "down"),
    key(Action::Move(Motion::Up), &["k", "up"], COMMANDS, "up"),
    key(Action::Move(Motion::PageDown), &["pgdn"], ANYWHERE, "a page down"),
    key(Action::Move(Motion::PageUp), &["pgup"], ANYWHERE, "a page up"),
    key(Action::Move(Motion::HalfDown), &["ctrl-d"], COMMANDS, "half a page down"),
    key(Action::Move(Motion::HalfUp), &["ctrl-u"], COMMANDS, "half a page up"),
    key(Action::Move(Motion::First), &["g", "home"], COMMANDS, "to the first"),
    key(Action::Move(Motion::Last), &["G", "end"], COMMANDS, "to the last"),
    key(Action::Move(Motion::Down), &["down"], &[Mode::Filter, Mode::Help], "down"),
    key(Action::Move(Motion::Up), &["up"], &[Mode::Filter, Mode::Help], "up"),
    key(Action::KeepFilter, &["enter"], &[Mode::Filter], "keep the filter").shown(1, "keep"),
    key(Action::Back, &["esc"], &[Mode::Filter], "clear the filter").shown(2, "clear"),
    key(Action::CopyChosen, &["enter", "y"], &[Mode::Copy], "copy this").shown(1, "copy"),
    key(Action::Back, &["esc"], &[Mode::Help, Mode::Copy, Mode::Log, Mode::Link], "close").shown(1, "close"),
    key(Action::Back, &["esc"], SCREENS, "one step back: filter, marks, screen"),
    key(Action::Refresh, &["r"], SCREENS, "refresh everything now, also while paused").shown(8, "refresh"),
    key(Action::Pause, &["p"], SCREENS, "pause or go on asking the server").shown(9, "pause"),
    key(Action::Mouse, &["M"], SCREENS, "mouse on or off; off, the terminal selects text again"),
    key(Action::Redact, &["x"], SCREENS, "mask client values on the screen and in copies, or show them"),
    key(Action::Log, &["L"], SCREENS, "what happened: contact, faults, odd answers, notices"),
    key(Action::Help, &["?"], COMMANDS, "what the keys do here; type to search").shown(1, "help"),
    key(Action::Quit, &["q"], COMMANDS, "quit").shown(5, "quit"),
    key(Action::Suspend, &["ctrl-z"], ANYWHERE, "suspend; fg comes back"),
    key(Action::Interrupt, &["ctrl-c"], ANYWHERE, "quit at once"),
];

/// The bindings that hold somewhere, in the table's order.
pub fn bindings(mode: Mode) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.modes.contains(&mode))
}

/// What a key means somewhere.
pub fn action_of(mode: Mode, key: &KeyEvent) -> Option<Action> {
    let name = name_of(key)?;
    bindings(mode).find(|binding| binding.keys.contains(&name.as_str())).map(|binding| binding.action)
}

/// The first key for an action somewhere, for sentences such as "press `o`".
pub fn key_for(mode: Mode, action: Action) -> Option<&'static str> {
    bindings(mode).find(|binding| binding.action == action)?.keys.first().copied()
}

/// A key's name: `j`, `G`, `ctrl-d`, `enter`, `pgdn`. `None` for keys that have no use here.
pub fn name_of(key: &KeyEvent) -> Option<String> {
    let plain = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => "backtab".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::PageUp => "pgup".to_owned(),
        KeyCode::PageDown => "pgdn".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::F(n) => format!("f{n}"),
        _ => return None,
    };
    Some(if key.modifiers.contains(KeyModifiers::CONTROL) {
        format!("ctrl-{}", plain.to_lowercase())
    } else if key.modifiers.contains(KeyModifiers::ALT) {
        format!("alt-{plain}")
    } else {
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for &mode in ANYWHERE {
            let mut seen = std::collections::HashMap::new();
            for binding in bindings(mode) {
                for key in binding.keys {
                    let before = seen.insert(key, binding.action);
                    assert_eq!(before, None, "{key} in {mode:?}");
                }
            }
        }
    }

    #[test]
    fn letters_stay_letters_where_text_is_typed() {
        for mode in [Mode::Filter, Mode::Help, Mode::Save] {
            for binding in bindings(mode) {
                for key in binding.keys {
                    assert!(key.len() > 1, "{key} would be swallowed in {mode:?}");
                }
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
