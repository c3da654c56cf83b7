//! The arguments of the commands that print and end: `list`, `wait`, `fix`, `accounts`, `completions`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap_complete::Shell;

use super::{RetryArgs, duration};
use crate::app::columns::{Column, ColumnMistake};
use crate::domain::event_kind::EventKind;
use crate::domain::import_event::FailingAt;
use crate::domain::import_name::ImportName;
use crate::query::SortKey;
use crate::report::fix::Kind;

/// The output format; without one a table on a terminal, else tab-separated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct FormatArgs {
    /// Print one JSON array
    #[arg(long, conflicts_with_all = ["ndjson", "csv"])]
    pub json: bool,
    /// Print one JSON object per line
    #[arg(long, conflicts_with = "csv")]
    pub ndjson: bool,
    /// Print CSV with a header line
    #[arg(long)]
    pub csv: bool,
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListArgs {
    #[command(flatten)]
    pub format: FormatArgs,
    /// Sort by this column instead of newest first
    #[arg(long, value_name = "COLUMN", value_parser = PossibleValuesParser::new(sortable().map(sort_value)))]
    pub sort: Option<String>,
    /// Reverse the order
    #[arg(long)]
    pub reverse: bool,
    /// Columns of the table and of the tab-separated lines (comma-separated), as in the configuration, and uuid
    #[arg(long, value_name = "LIST", conflicts_with_all = ["json", "ndjson", "csv"])]
    pub columns: Option<ColumnList>,
    /// Print only the newest N of those that match
    #[arg(long, value_name = "N", value_parser = limit)]
    pub limit: Option<usize>,
    #[command(flatten)]
    pub retry: RetryArgs,
}

/// The columns to print, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnList(pub Vec<Column>);

impl FromStr for ColumnList {
    type Err = ColumnMistake;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        Column::chosen(list.split(',')).map(Self)
    }
}

fn limit(raw: &str) -> Result<usize, String> {
    let number = raw.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "use a number from 1".to_owned())
}

/// The word for an order, and what else it may be called: as in the picker, or as the column.
pub fn sort_names(key: SortKey) -> (&'static str, Option<&'static str>) {
    match key {
        SortKey::Trouble => ("trouble", Some(key.label())),
        SortKey::By => (key.label(), Some("by")),
        _ => (key.label(), None),
    }
}

fn sort_value(key: SortKey) -> PossibleValue {
    let (name, alias) = sort_names(key);
    PossibleValue::new(name).aliases(alias)
}

/// The orders that a single request can give: rate and ETA need several.
pub fn sortable() -> impl Iterator<Item = SortKey> {
    SortKey::ALL.into_iter().filter(|key| !matches!(key, SortKey::Rate | SortKey::Eta))
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = WAIT_EXAMPLES, override_usage = WAIT_USAGE)]
pub struct WaitArgs {
    /// The imports: UUIDs, beginnings of them (at least four digits), or latest
    #[arg(value_name = "UUID", required_unless_present = "all_running", conflicts_with = "all_running")]
    pub imports: Vec<ImportName>,
    /// Every running import that matches --filter, --since and the like
    #[arg(long)]
    pub all_running: bool,
    /// Stop waiting after this time, with exit code 6 [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EVENTS_EXAMPLES)]
pub struct EventsArgs {
    /// Print one JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Stop after this time [default: never]
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Stop once nothing is running, whatever --filter says
    #[arg(long)]
    pub until_idle: bool,
    /// First print what the journal has since then: yesterday, 2026-11-27, 18:00, 12h; then end
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// With --since: do not end, but go on
    #[arg(long, requires = "since")]
    pub follow: bool,
    /// When an import is failing: this share of at least 20 tried rows failed
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share)]
    pub failing_at: FailingAt,
    /// Add why rows fail, from the failed rows that the API returns: messages may quote clients' values
    #[arg(long)]
    pub with_reasons: bool,
    /// Run this program for each event, with the event as JSON on its standard input; repeatable. Quotes group words as in a
    /// shell; no shell runs, and nothing is expanded
    #[arg(long, value_name = "COMMAND")]
    pub exec: Vec<CommandLine>,
    /// Run the programs of --exec only for these events (comma-separated)
    #[arg(long, value_name = "EVENT", value_delimiter = ',', requires = "exec", value_parser = event_kinds())]
    pub on: Vec<EventKind>,
    /// Serve metrics for Prometheus at /metrics of this address, which must be of this computer only, like 127.0.0.1:9184
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    pub metrics: Option<SocketAddr>,
}

fn loopback(raw: &str) -> Result<SocketAddr, &'static str> {
    match raw.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(address),
        Ok(_) => Err("reachable by others: use 127.0.0.1 or [::1]"),
        Err(_) => Err("not an address with a port; write it like 127.0.0.1:9184"),
    }
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(pub Vec<String>);

impl FromStr for CommandLine {
    type Err = &'static str;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let words = shlex::split(line).ok_or("a quote or a backslash at the end is not closed")?;
        if words.first().is_none_or(String::is_empty) {
            Err("empty: give a program")
        } else {
            Ok(Self(words))
        }
    }
}

fn event_kinds() -> impl TypedValueParser<Value = EventKind> {
    PossibleValuesParser::new(EventKind::ALL.map(EventKind::name))
        .try_map(|name| EventKind::named(&name).ok_or("unknown"))
}

fn share(raw: &str) -> Result<FailingAt, String> {
    let number = raw.trim().strip_suffix('%').and_then(|number| number.trim().parse().ok());
    number.and_then(FailingAt::new).ok_or_else(|| "not a percentage; write it like 10% or 2.5%".to_owned())
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = FIX_EXAMPLES)]
pub struct FixArgs {
    /// The import: its UUID, the beginning of it (at least four digits), or latest
    #[arg(value_name = "UUID")]
    pub import: ImportName,
    /// Where to write the rows: a file, a folder, or - for stdout [default: the current folder]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// Print what would change and what is left, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Correct only these kinds of mistakes (comma-separated)
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    pub only: Vec<Kind>,
    /// Correct only this column, by its header or by Plannr's field
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,
    /// Write the rows that are left as well, with their messages in a last column `errors`
    #[arg(long)]
    pub all: bool,
    /// Write the rows as they stand in the file that --source names, with all its columns, in its order
    #[arg(long)]
    pub whole: bool,
    /// Print the proposals as a JSON array, beside what is written to the file
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub retry: RetryArgs,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name)).try_map(|name| name.parse::<Kind>())
}

#[derive(Debug, Clone, Copy, PartialEq, Args)]
#[command(after_help = ACCOUNTS_EXAMPLES)]
pub struct AccountsArgs {
    #[command(flatten)]
    pub format: FormatArgs,
    #[command(flatten)]
    pub retry: RetryArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// Shell to complete for
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

pub(super) const LIST_ABOUT: &str = "\
Print the imports once: a table on a terminal, tab-separated with a header line into a pipe.

--since, --types and the like choose what Plannr returns, --filter what is printed of it. JSON and CSV use the API's own \
names, and add succeeded, failed, pending, verdict, account_uuid, firm and profile. With several accounts or profiles, one that \
refuses is named on standard error, and the others are printed; the exit code is then 4 or 5. If nothing is left, standard error says why. A single request cannot measure pace: a stalled import is listed as \
running.";

const LIST_EXAMPLES: &str = "\
Examples:
  plannr-tui list --since 7d --filter 'is:failed'
  plannr-tui list --all-accounts --json | jq 'group_by(.firm)[] | {firm: .[0].firm, imports: length}'
  plannr-tui list --limit 5 --columns uuid,type,state,failed
  plannr-tui list --json | jq -r '.[] | select(.failed > 0) | .uuid'
  plannr-tui list --csv --spreadsheet-safe > imports.csv";

pub(super) const EVENTS_ABOUT: &str = "\
Print a line for each thing that happens to imports, until Ctrl-C.

Events: started, first_failure, failing, stalled, resumed, settled, cancelled, report_ready, deleted; offline and online for \
the connection. What is so at the start is no event. The filter decides by the import as it is when something happens. An \
interrupted connection is tried again for ever; only a rejected token ends the program.

A program of --exec or of [[hooks]] in the configuration gets the event as JSON on its standard input and in PLANNR_EVENT_* \
variables, and never the token. It has 60 seconds; at most four run at once, so they may end in another order. When the command ends, \
what still runs has 5 seconds, or until a second signal.

Exit codes: 0 when it was stopped (SIGTERM), or --for or --until-idle ended it; 4 the token is rejected, or an account was \
refused meanwhile; 130 on Ctrl-C.";

const EVENTS_EXAMPLES: &str = "\
Examples:
  plannr-tui events
  plannr-tui events --json --filter 'type:valuations' >> valuations.ndjson
  plannr-tui events --until-idle --all-accounts
  plannr-tui events --since yesterday              what the journal has (journal = true in the configuration)
  plannr-tui events --on settled --exec /usr/local/bin/import-settled";

pub(super) const WAIT_ABOUT: &str = "\
Wait until imports have settled, then print them as list does.

Progress goes to standard error: bars on a terminal, occasional lines in a log. Server and connection errors are retried \
until --timeout; only a rejected token ends the wait. An account or a profile that is refused is left out of it, and the exit code is then 4.

Exit codes: 0 all settled and no row failed, 3 settled and some rows failed, 6 timed out, 4 the token is rejected, 1 an \
import does not exist or was deleted.";

const WAIT_USAGE: &str = "\
plannr-tui wait [OPTIONS] <UUID>...
       plannr-tui wait [OPTIONS] --all-running";

const WAIT_EXAMPLES: &str = "\
Examples:
  plannr-tui wait 065680d5-6407-42c6-8544-da5fb975ebfe --timeout 30m && echo imported
  plannr-tui wait --all-running --types clients,plans --json
  plannr-tui wait --all-running --all-accounts --timeout 30m";

pub(super) const FIX_ABOUT: &str = "\
Correct the failed rows of an import where that is certain, and write those that are fully corrected as a CSV to import \
again.

Corrected are dates, amounts, yes and no, blanks, addresses, numbers and words whose form the server's message or the \
accepted cells of the column show. What can be read in two ways, what only you can know and what the server accepted is \
left; standard error says how many rows were left out. --dry-run prints every proposal with examples.

Without -o the file gets a free name in the current folder, and its path is printed. It keeps the report's delimiter, \
encoding and line ends, and every cell that was not corrected as it was.

Exit codes: 0 every failed row is corrected, 3 some are left, or only a sample of the failed rows is available.";

const FIX_EXAMPLES: &str = "\
Examples:
  plannr-tui fix 065680d5-6407-42c6-8544-da5fb975ebfe --dry-run
  plannr-tui fix 065680d5-6407-42c6-8544-da5fb975ebfe --only dates,amounts -o fixed.csv
  plannr-tui fix latest --source clients.csv --whole --all -o fixed.csv";

pub(super) const ACCOUNTS_ABOUT: &str = "\
Print the accounts that the token can see, and which would be in use.

Pass the uuid to --account or PLANNR_ACCOUNT_UUID.";

const ACCOUNTS_EXAMPLES: &str = "\
Examples:
  plannr-tui accounts
  plannr-tui accounts --json | jq -r '.[] | select(.firm == \"Fairweather Wealth\") | .uuid'";

pub(super) const COMPLETIONS_ABOUT: &str =
    "Print a completion script for a shell; save it where the shell looks for completions.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  plannr-tui completions bash > ~/.local/share/bash-completion/completions/plannr-tui
  plannr-tui completions zsh > ~/.zfunc/_plannr-tui
  plannr-tui completions fish > ~/.config/fish/completions/plannr-tui.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  plannr-tui man > ~/.local/share/man/man1/plannr-tui.1
  plannr-tui man | man -l -";
