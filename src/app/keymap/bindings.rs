//! The key table: what each key does where, with its help text and footer label.

use super::{Action, Mode, Motion};
use crate::query::View;

#[derive(Debug)]
pub struct Binding {
    pub action: Action,
    /// The default keys, as named by [`name_of`](super::name_of); the footer shows the first.
    pub keys: &'static [&'static str],
    pub modes: &'static [Mode],
    /// One line for the help.
    pub help: &'static str,
    /// Priority and label in the footer; when space runs out the highest number is dropped first.
    pub footer: Option<(u8, &'static str)>,
}

const ANYWHERE: &[Mode] = &Mode::ALL;
const SCREENS: &[Mode] = &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row];
/// Where letters are commands.
const COMMANDS: &[Mode] = &[
    Mode::Imports,
    Mode::Details,
    Mode::Failures,
    Mode::Row,
    Mode::Copy,
    Mode::Accounts,
    Mode::Log,
    Mode::Link,
    Mode::ForeignLink,
    Mode::Themes,
    Mode::Runs,
    Mode::Orders,
    Mode::Fix,
];
/// Where letters are commands, but for one failed row: there `j` and `k` lead to other rows.
const LISTS: &[Mode] = &[
    Mode::Imports,
    Mode::Details,
    Mode::Failures,
    Mode::Copy,
    Mode::Accounts,
    Mode::Log,
    Mode::Link,
    Mode::ForeignLink,
    Mode::Themes,
    Mode::Runs,
    Mode::Orders,
    Mode::Fix,
];
/// Where letters are typed.
const FIELDS: &[Mode] = &[Mode::Filter, Mode::Help, Mode::Save];
/// The screens, that of the fixes among them, which has keys of its own for much that the others do.
const ALL_SCREENS: &[Mode] = &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row, Mode::Fix];
/// What lies on top of a screen and has no text field.
const POPUPS: &[Mode] = &[
    Mode::Copy,
    Mode::Accounts,
    Mode::Log,
    Mode::Link,
    Mode::ForeignLink,
    Mode::Themes,
    Mode::Runs,
    Mode::Orders,
    Mode::Unsaved,
];
/// The screens, and a terminal too small for them.
const EVERYWHERE: &[Mode] = &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row, Mode::Fix, Mode::Mini];

const fn key(
    action: Action,
    keys: &'static [&'static str],
    modes: &'static [Mode],
    help: &'static str,
) -> Binding {
    Binding { action, keys, modes, help, footer: None }
}

impl Binding {
    const fn in_footer(mut self, priority: u8, label: &'static str) -> Self {
        self.footer = Some((priority, label));
        self
    }
}

pub const BINDINGS: &[Binding] = &[
    key(
        Action::Enter,
        &["enter", "l", "right"],
        &[Mode::Imports, Mode::Details],
        "open the failed rows, or the details if none failed",
    )
    .in_footer(1, "open"),
    key(Action::Enter, &["enter", "l", "right"], &[Mode::Mini], "open it, in a larger terminal"),
    key(Action::Enter, &["enter", "l", "right"], &[Mode::Failures], "open the reason, the row")
        .in_footer(1, "open"),
    key(
        Action::Details,
        &["i"],
        &[Mode::Imports, Mode::Failures, Mode::Row],
        "all details of the import: times, mapping, report",
    )
    .in_footer(6, "details"),
    key(Action::Grouping, &["v"], &[Mode::Failures], "group by reason or list row by row")
        .in_footer(2, "group"),
    key(Action::SwitchList, &["tab"], &[Mode::Failures], "from the reasons to the rows, and back")
        .in_footer(6, "switch"),
    key(Action::NextRow, &["n", "j"], &[Mode::Row], "next row").in_footer(2, "next row"),
    key(Action::PreviousRow, &["N", "k"], &[Mode::Row], "previous row").in_footer(3, "previous row"),
    key(Action::Leave, &["h", "left"], &[Mode::Details, Mode::Failures, Mode::Row], "back")
        .in_footer(3, "back"),
    key(Action::OpenReport, &["o"], SCREENS, "open the error report in the browser").in_footer(3, "report"),
    key(Action::FetchReport, &["e"], SCREENS, "fetch the error report (again) and list its rows")
        .in_footer(9, "fetch report"),
    key(Action::Download, &["d"], SCREENS, "download the error report to a file").in_footer(6, "download"),
    key(
        Action::WriteRows,
        &["w"],
        &[Mode::Failures, Mode::Row],
        "write the listed rows to a CSV, ready to fix and re-import",
    )
    .in_footer(4, "write CSV"),
    key(
        Action::Fix,
        &["f"],
        &[Mode::Failures, Mode::Row],
        "fix: what can be corrected, before and after; edit cells",
    )
    .in_footer(2, "fix"),
    key(
        Action::TakeProposal,
        &["space"],
        &[Mode::Fix],
        "take the proposal, or leave it; dates: day first, month first, undecided",
    )
    .in_footer(2, "take"),
    key(Action::TakeAllProposals, &["a"], &[Mode::Fix], "take all proposals; again: none")
        .in_footer(4, "all"),
    key(
        Action::EditCell,
        &["enter", "l", "right"],
        &[Mode::Fix],
        "to the cells of the proposal; edit the cell by hand",
    )
    .in_footer(3, "cells, edit"),
    key(Action::SwitchList, &["tab"], &[Mode::Fix], "from the proposals to the cells, and back")
        .in_footer(6, "switch"),
    key(Action::Undo, &["u"], &[Mode::Fix], "undo").in_footer(4, "undo"),
    key(Action::Redo, &["U", "ctrl-r"], &[Mode::Fix], "redo what was undone").in_footer(7, "redo"),
    key(Action::WriteRows, &["w"], &[Mode::Fix], "write the fixed rows to a CSV").in_footer(1, "write CSV"),
    key(Action::Leave, &["h", "left"], &[Mode::Fix], "back").in_footer(5, "back"),
    key(Action::KeepEdit, &["enter"], &[Mode::Edit], "keep it").in_footer(1, "keep"),
    key(Action::Back, &["esc"], &[Mode::Edit], "leave the cell as it was").in_footer(2, "cancel"),
    key(Action::WriteUnsaved, &["w"], &[Mode::Unsaved], "write the fixes first").in_footer(1, "write CSV"),
    key(Action::DropFixes, &["y"], &[Mode::Unsaved], "leave, without the fixes")
        .in_footer(2, "leave without"),
    key(Action::Back, &["esc"], &[Mode::Unsaved], "stay").in_footer(3, "stay"),
    key(
        Action::Compare,
        &["c"],
        &[Mode::Failures],
        "compare with the previous run: fixed, still failing, new",
    )
    .in_footer(5, "compare"),
    key(Action::ChooseRun, &["C"], &[Mode::Failures], "choose a run to compare with"),
    key(Action::Compare, &["c"], &[Mode::Imports], "compare the two marked imports").in_footer(5, "compare"),
    key(Action::CompareChosen, &["enter"], &[Mode::Runs], "compare with this run").in_footer(1, "compare"),
    key(Action::Save, &["enter"], &[Mode::Save], "save").in_footer(1, "save"),
    key(Action::Back, &["esc"], &[Mode::Save], "do not save").in_footer(1, "cancel"),
    key(Action::ToggleReasons, &["tab"], &[Mode::Save], "add a last column with the reasons")
        .in_footer(2, "reasons"),
    key(
        Action::ToggleSafe,
        &["ctrl-t"],
        &[Mode::Save],
        "neutralise cells that a spreadsheet would run as formulas",
    )
    .in_footer(3, "spreadsheet-safe"),
    key(Action::ColumnsRight, &[">"], &[Mode::Failures], "scroll columns right").in_footer(8, "columns"),
    key(Action::ColumnsLeft, &["<"], &[Mode::Failures], "scroll columns left"),
    key(Action::SortRowsNext, &["s"], &[Mode::Failures], "sort rows by the next column").in_footer(7, "sort"),
    key(Action::SortRowsReverse, &["S"], &[Mode::Failures], "reverse the order of the rows"),
    key(Action::Filter, &["/"], &[Mode::Imports, Mode::Failures], "filter as you type")
        .in_footer(3, "filter"),
    key(
        Action::NextView,
        &["tab"],
        &[Mode::Imports],
        "next view: All, Running, Failed rows, Done, your [filters]",
    )
    .in_footer(4, "view"),
    key(Action::PreviousView, &["shift-tab"], &[Mode::Imports], "previous view"),
    key(Action::View(View::All), &["1"], &[Mode::Imports], "all imports"),
    key(Action::View(View::Running), &["2"], &[Mode::Imports], "unfinished imports"),
    key(Action::View(View::FailedRows), &["3"], &[Mode::Imports], "imports with failed rows"),
    key(Action::View(View::Done), &["4"], &[Mode::Imports], "finished imports"),
    key(Action::NamedFilter(0), &["5"], &[Mode::Imports], "the first filter of [filters]"),
    key(Action::NamedFilter(1), &["6"], &[Mode::Imports], "the second filter of [filters]"),
    key(Action::NamedFilter(2), &["7"], &[Mode::Imports], "the third filter of [filters]"),
    key(Action::NamedFilter(3), &["8"], &[Mode::Imports], "the fourth filter of [filters]"),
    key(Action::NamedFilter(4), &["9"], &[Mode::Imports], "the fifth filter of [filters]"),
    key(Action::NextTrouble, &["!"], EVERYWHERE, "go to the next import in trouble").in_footer(4, "trouble"),
    key(Action::Pane, &["z"], &[Mode::Imports], "hide, enlarge or show the details pane"),
    key(Action::Orders, &["s"], &[Mode::Imports], "choose the order, by its letter").in_footer(7, "sort"),
    key(Action::SortByChosen, &["enter"], &[Mode::Orders], "sort by this").in_footer(1, "sort"),
    key(Action::SortReverse, &["S"], &[Mode::Imports], "reverse the order"),
    key(Action::LookBack, &["O"], &[Mode::Imports], "load older imports").in_footer(6, "older"),
    key(Action::Mark, &["space"], &[Mode::Imports], "mark the import: copy marked uuids, compare two"),
    key(
        Action::Mute,
        &["m"],
        &[Mode::Imports],
        "mute or unmute notifications of this import or the marked ones",
    ),
    key(Action::Copy, &["y"], SCREENS, "copy: uuid, link, rows, reasons").in_footer(5, "copy"),
    key(Action::Move(Motion::Down), &["j", "down"], LISTS, "down"),
    key(Action::Move(Motion::Up), &["k", "up"], LISTS, "up"),
    key(Action::ScrollDown, &["down"], &[Mode::Row], "scroll down"),
    key(Action::ScrollUp, &["up"], &[Mode::Row], "scroll up"),
    key(Action::Move(Motion::PageDown), &["pgdn", "ctrl-f"], COMMANDS, "page down"),
    key(Action::Move(Motion::PageUp), &["pgup", "ctrl-b"], COMMANDS, "page up"),
    key(Action::Move(Motion::PageDown), &["pgdn"], FIELDS, "page down"),
    key(Action::Move(Motion::PageUp), &["pgup"], FIELDS, "page up"),
    key(Action::Move(Motion::HalfDown), &["ctrl-d"], COMMANDS, "half page down"),
    key(Action::Move(Motion::HalfUp), &["ctrl-u"], COMMANDS, "half page up"),
    key(Action::Move(Motion::First), &["g", "home"], COMMANDS, "first line"),
    key(Action::Move(Motion::Last), &["G", "end"], COMMANDS, "last line"),
    key(Action::Move(Motion::Down), &["down"], &[Mode::Help], "down"),
    key(Action::Move(Motion::Up), &["up"], &[Mode::Help], "up"),
    key(Action::KeepFilter, &["enter"], &[Mode::Filter], "keep the filter").in_footer(1, "keep"),
    key(Action::Back, &["esc"], &[Mode::Filter], "clear the filter").in_footer(2, "clear"),
    key(Action::CompleteNext, &["tab"], &[Mode::Filter], "complete the field or value; again: the next one")
        .in_footer(3, "complete"),
    key(Action::CompletePrevious, &["shift-tab"], &[Mode::Filter], "complete with the previous one"),
    key(Action::EarlierFilter, &["up"], &[Mode::Filter], "an earlier filter of this session")
        .in_footer(4, "history"),
    key(Action::LaterFilter, &["down"], &[Mode::Filter], "a later filter of this session"),
    key(Action::CopyChosen, &["enter", "y"], &[Mode::Copy], "copy this").in_footer(1, "copy"),
    key(Action::UseAccount, &["enter"], &[Mode::Accounts], "switch to this account").in_footer(1, "switch"),
    key(Action::OpenForeignLink, &["enter"], &[Mode::ForeignLink], "open the link to another server")
        .in_footer(1, "open"),
    key(Action::CopyLink, &["y"], &[Mode::ForeignLink], "copy the link").in_footer(2, "copy"),
    key(Action::Back, &["esc"], &[Mode::ForeignLink], "do not open it").in_footer(1, "cancel"),
    key(
        Action::Back,
        &["esc"],
        &[Mode::Help, Mode::Copy, Mode::Accounts, Mode::Log, Mode::Link, Mode::Runs, Mode::Orders],
        "close",
    )
    .in_footer(1, "close"),
    key(Action::KeepTheme, &["enter"], &[Mode::Themes], "keep this theme until you quit")
        .in_footer(1, "keep"),
    key(Action::Back, &["esc"], &[Mode::Themes], "restore the previous theme").in_footer(2, "cancel"),
    key(Action::Back, &["esc"], ALL_SCREENS, "one step back: filter, marks, screen"),
    key(Action::Refresh, &["r"], EVERYWHERE, "refresh everything now, even while paused")
        .in_footer(8, "refresh"),
    key(Action::Pause, &["p"], EVERYWHERE, "pause or resume refreshing").in_footer(9, "pause"),
    key(Action::Mouse, &["M"], ALL_SCREENS, "toggle mouse capture (off: select text with the terminal)"),
    key(Action::Redact, &["x"], ALL_SCREENS, "mask client values on the screen and in copies, or show them"),
    key(
        Action::TimeFormat,
        &["T"],
        &[Mode::Imports, Mode::Details, Mode::Failures, Mode::Row, Mode::Log],
        "relative or clock times",
    ),
    key(Action::Accounts, &["a"], SCREENS, "accounts: what runs in each firm, switch to one or to all"),
    key(Action::Themes, &["t"], ALL_SCREENS, "choose a theme, with preview"),
    key(Action::Log, &["L"], ALL_SCREENS, "event log: connection, errors, notices"),
    key(Action::Help, &["?", ":"], COMMANDS, "all keys of this screen: search and run them")
        .in_footer(0, "help"),
    key(Action::RunHelp, &["enter"], &[Mode::Help], "do this").in_footer(1, "run"),
    key(Action::OpenEntry, &["enter"], &[Mode::Log], "open the import of this entry").in_footer(2, "open"),
    key(Action::Redraw, &["ctrl-l"], ANYWHERE, "draw everything anew"),
    key(Action::Quit, &["q"], POPUPS, "close"),
    key(Action::Quit, &["q"], EVERYWHERE, "quit").in_footer(5, "quit"),
    key(Action::Suspend, &["ctrl-z"], ANYWHERE, "suspend (fg resumes)"),
    key(Action::Interrupt, &["ctrl-c"], ANYWHERE, "quit at once"),
];
