//! What the keys are for: the headings of the help.

use super::Action;

/// A group of actions, in the order of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Open,
    Filter,
    Report,
    Move,
    Program,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "Open and go back",
            Self::Filter => "Filter, order, mark",
            Self::Report => "Failed rows and reports",
            Self::Move => "Move",
            Self::Program => "This program",
        }
    }
}

impl Action {
    pub fn group(self) -> Group {
        match self {
            Self::Move(_)
            | Self::ScrollDown
            | Self::ScrollUp
            | Self::NextRow
            | Self::PreviousRow
            | Self::ColumnsRight
            | Self::ColumnsLeft
            | Self::SwitchList
            | Self::NextTrouble => Group::Move,
            Self::Enter
            | Self::Leave
            | Self::Back
            | Self::Details
            | Self::Pane
            | Self::Copy
            | Self::CopyChosen
            | Self::CopyLink
            | Self::OpenEntry => Group::Open,
            Self::Filter
            | Self::KeepFilter
            | Self::CompleteNext
            | Self::CompletePrevious
            | Self::EarlierFilter
            | Self::LaterFilter
            | Self::NextView
            | Self::PreviousView
            | Self::View(_)
            | Self::NamedFilter(_)
            | Self::Orders
            | Self::SortByChosen
            | Self::SortReverse
            | Self::SortRowsNext
            | Self::SortRowsReverse
            | Self::Grouping
            | Self::LookBack
            | Self::Mark => Group::Filter,
            Self::OpenReport
            | Self::OpenForeignLink
            | Self::FetchReport
            | Self::Download
            | Self::WriteRows
            | Self::Compare
            | Self::ChooseRun
            | Self::CompareChosen
            | Self::Save
            | Self::Fix
            | Self::TakeProposal
            | Self::TakeAllProposals
            | Self::EditCell
            | Self::KeepEdit
            | Self::Undo
            | Self::Redo
            | Self::WriteUnsaved
            | Self::DropFixes
            | Self::ToggleReasons
            | Self::ToggleSafe => Group::Report,
            Self::Quit
            | Self::Interrupt
            | Self::Suspend
            | Self::Redraw
            | Self::Help
            | Self::RunHelp
            | Self::Refresh
            | Self::Pause
            | Self::Mouse
            | Self::Mute
            | Self::Redact
            | Self::TimeFormat
            | Self::Themes
            | Self::KeepTheme
            | Self::Log
            | Self::Accounts
            | Self::UseAccount => Group::Program,
        }
    }
}
