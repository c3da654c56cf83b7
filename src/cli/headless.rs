//! The arguments of the commands that print and end: `list`, `wait`, `accounts`, `completions`.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use super::{RetryArgs, duration};
use crate::domain::import_name::ImportName;
use crate::query::SortKey;

/// In which format records are printed; without one a table on a terminal, else tab-separated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct FormatArgs {
    /// One JSON array
    #[arg(long, conflicts_with_all = ["ndjson", "csv"])]
    pub json: bool,
    /// One JSON object a line
    #[arg(long, conflicts_with = "csv")]
    pub ndjson: bool,
    /// Comma-separated, with a header line
    #[arg(long)]
    pub csv: bool,
}

/// In which order and format imports are printed.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListArgs {
    /// In which format.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Order by this column instead of the newest first
    #[arg(long, value_name = "COLUMN", value_parser = PossibleValuesParser::new(sortable().map(SortKey::label)))]
    pub sort: Option<String>,
    /// Reverse the order
    #[arg(long, requires = "sort")]
    pub reverse: bool,
    /// How long to retry.
    #[command(flatten)]
    pub retry: RetryArgs,
}

/// The orders that do not take watching.
pub fn sortable() -> impl Iterator<Item = SortKey> {
    SortKey::ALL.into_iter().filter(|key| !matches!(key, SortKey::Rate | SortKey::Eta))
}

/// Which imports to wait for, and for how long.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = WAIT_EXAMPLES, override_usage = WAIT_USAGE)]
pub struct WaitArgs {
    /// The imports: uuids, beginnings of them (four digits or more), or latest
    #[arg(value_name = "UUID", required_unless_present = "all_running", conflicts_with = "all_running")]
    pub imports: Vec<ImportName>,
    /// Every import that is running now and matches --filter, --since and the like
    #[arg(long)]
    pub all_running: bool,
    /// Give up after this time, with exit code 6 [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// In which format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// In which format accounts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
#[command(after_help = ACCOUNTS_EXAMPLES)]
pub struct AccountsArgs {
    /// In which format.
    #[command(flatten)]
    pub format: FormatArgs,
    /// How long to retry.
    #[command(flatten)]
    pub retry: RetryArgs,
}

/// For which shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

pub(super) const LIST_ABOUT: &str = "\
Print the imports once: a table on a terminal, tab-separated with a header line into a pipe.

--since, --types and the like choose what is requested from Plannr, --filter what is printed of it. JSON and CSV use the API's \
names and add succeeded, failed, pending and verdict. One request shows no pace, so a stalled import is reported as running.";

const LIST_EXAMPLES: &str = "\
Examples:
  plannr-tui list --since 7d --filter 'is:failed'
  plannr-tui list --json | jq -r '.[] | select(.failed > 0) | .uuid'
  plannr-tui list --csv --spreadsheet-safe > imports.csv";

pub(super) const WAIT_ABOUT: &str = "\
Wait until imports have settled, then print them as list does.

Progress goes to standard error: bars on a terminal, plain lines otherwise. Server errors and lost connections are retried \
until --timeout; only a refused token ends the wait.

Exit codes: 0 all settled and no row failed, 3 settled and some rows failed, 6 timed out, 4 the token is refused, 1 an \
import does not exist or was deleted.";

const WAIT_USAGE: &str = "\
plannr-tui wait [OPTIONS] <UUID>...
       plannr-tui wait [OPTIONS] --all-running";

const WAIT_EXAMPLES: &str = "\
Examples:
  plannr-tui wait 065680d5-6407-42c6-8544-da5fb975ebfe --timeout 30m && echo imported
  plannr-tui wait --all-running --types clients,plans --json";

pub(super) const ACCOUNTS_ABOUT: &str = "\
Print the accounts that the token can see, and which is in use.

The uuid is what --account and PLANNR_ACCOUNT_UUID take.";

const ACCOUNTS_EXAMPLES: &str = "\
Examples:
  plannr-tui accounts
  plannr-tui accounts --json | jq -r '.[] | select(.firm == \"Fairweather Wealth\") | .uuid'";

pub(super) const COMPLETIONS_ABOUT: &str =
    "Print shell completions, to be saved where the shell looks for them.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  plannr-tui completions bash > ~/.local/share/bash-completion/completions/plannr-tui
  plannr-tui completions zsh > ~/.zfunc/_plannr-tui
  plannr-tui completions fish > ~/.config/fish/completions/plannr-tui.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  plannr-tui man > ~/.local/share/man/man1/plannr-tui.1
  plannr-tui man | man -l -";
