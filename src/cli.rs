//! The arguments, and nothing else: what they mean is decided in [`crate::config`].
//!
//! Values that may also come from the environment are kept as typed, so that one parser with one set of
//! sentences judges them wherever they come from.

mod headless;
mod placement;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;

use self::headless::{
    ACCOUNTS_ABOUT, COMPLETIONS_ABOUT, EVENTS_ABOUT, FIX_ABOUT, LIST_ABOUT, MAN_EXAMPLES, WAIT_ABOUT,
};
pub use self::headless::{
    AccountsArgs, ColumnList, CommandLine, CompletionsArgs, EventsArgs, FixArgs, FormatArgs, ListArgs,
    WaitArgs, sort_names, sortable,
};
pub use self::placement::definition;
use crate::domain::import_name::ImportName;

/// Watch Plannr CRM imports: what is moving, stalled or failing, and why.
#[derive(Debug, Clone, Default, Parser)]
#[command(
    name = "plannr-tui",
    version,
    about = "Watch Plannr CRM imports: what is moving, stalled or failing, and why",
    long_about = LONG_ABOUT,
    after_help = AFTER_HELP,
    after_long_help = AFTER_LONG_HELP,
    max_term_width = 100,
    subcommand_value_name = "COMMAND"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub narrow: NarrowArgs,
    #[command(flatten)]
    pub watch: WatchArgs,
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// A command besides the monitor.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Try the monitor with simulated imports: no account, no network, nothing saved
    Demo(DemoArgs),
    /// Print the imports once: a table, tab-separated, JSON or CSV
    #[command(long_about = LIST_ABOUT)]
    List(ListArgs),
    /// Wait until imports have settled, showing their progress
    #[command(long_about = WAIT_ABOUT)]
    Wait(WaitArgs),
    /// Print a line for each thing that happens, until Ctrl-C
    #[command(long_about = EVENTS_ABOUT)]
    Events(EventsArgs),
    /// Download the error report of an import: every failed row, not only the first 25
    #[command(long_about = REPORT_ABOUT)]
    Report(ReportArgs),
    /// Print the failed rows of an import: why they failed, or each of them
    #[command(long_about = ERRORS_ABOUT)]
    Errors(ErrorsArgs),
    /// Correct the failed rows of an import where that is certain, as a CSV to import again
    #[command(long_about = FIX_ABOUT)]
    Fix(FixArgs),
    /// Print the accounts that the token can see
    #[command(long_about = ACCOUNTS_ABOUT)]
    Accounts(AccountsArgs),
    /// Print a completion script for a shell
    #[command(long_about = COMPLETIONS_ABOUT)]
    Completions(CompletionsArgs),
    /// Print the man page
    #[command(after_help = MAN_EXAMPLES)]
    Man,
    /// Find the configuration file, write a template, or show the settings in effect
    #[command(subcommand, subcommand_value_name = "COMMAND")]
    Config(ConfigCommand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print the path of the configuration file, whether or not it exists
    Path,
    /// Write a commented template of every setting; an existing file is not overwritten
    Init,
    /// Print every setting in effect and where it came from; the token is never shown
    Show {
        /// Print a JSON array of objects: key, value (null if unset), source
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = ERRORS_EXAMPLES)]
pub struct ErrorsArgs {
    /// The import: its UUID, the beginning of it (at least four digits), or latest
    #[arg(value_name = "UUID")]
    pub import: ImportName,
    /// Print each row with its values instead of grouping rows by reason
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub rows: bool,
    /// Print a JSON array: `row` by column, `errors` by field
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV: the client's own columns, then error_field and error_message
    #[arg(long)]
    pub csv: bool,
    #[command(flatten)]
    pub retry: RetryArgs,
}

#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub struct ReportArgs {
    /// The import: its UUID, the beginning of it (at least four digits), or latest
    #[arg(value_name = "UUID")]
    pub import: ImportName,
    /// Where to save it: a file, a folder, or - for stdout [default: the current folder]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub retry: RetryArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct RetryArgs {
    /// Total time to keep retrying on rate limits or server errors (0s: never)
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    pub retry_for: Duration,
}

#[derive(Debug, Clone, PartialEq, Args)]
pub struct DemoArgs {
    /// Number of imports at the start, 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub imports: u32,
    /// Number of firms that the simulated user works for, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub firms: u32,
    /// Random seed: the same number gives the same imports
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Speed of the simulated time, 0.1 to 1000 times real time
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Occasional rate limits, errors and slow replies, like a real server
    #[arg(long)]
    pub faults: bool,
}

/// Which server, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// Read the access token from this file, which must be readable only by you [env: PLANNR_TOKEN_FILE]
    #[arg(long, value_name = "PATH", global = true)]
    pub token_file: Option<PathBuf>,
    #[arg(long, value_name = "URL", help = BASE_URL_HELP, global = true)]
    pub base_url: Option<OsString>,
    /// Account to make requests as; give it more than once for several [env: PLANNR_ACCOUNT_UUID] [default: your preferred one]
    #[arg(long, value_name = "UUID", global = true)]
    pub account: Vec<OsString>,
    /// All your non-client accounts: every firm in one list
    #[arg(long, global = true)]
    pub all_accounts: bool,
    /// Also trust the certificates in this file (PEM), for a company proxy that re-signs TLS [env: PLANNR_CA_FILE]
    #[arg(long, value_name = "PATH", global = true)]
    pub ca_file: Option<PathBuf>,
}

/// Which imports are requested.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Which imports")]
pub struct NarrowArgs {
    /// Created on or after this date (2026-11-01), or the day so long ago (7d, 6mo); hours are for the filter: age:<2h [default: 30d]
    #[arg(long, value_name = "DATE|DURATION", global = true)]
    pub since: Option<String>,
    /// Created on or before this date (2026-11-30)
    #[arg(long, value_name = "DATE", global = true)]
    pub until: Option<String>,
    /// Only these types (comma-separated): clients, plans, valuations, … [default: all]
    #[arg(long, value_name = "LIST", global = true)]
    pub types: Option<String>,
    /// Exclude these types (comma-separated)
    #[arg(long, value_name = "LIST", global = true)]
    pub exclude_types: Option<String>,
    /// Only these modes (comma-separated): create, update, validate [default: all]
    #[arg(long, value_name = "LIST", global = true)]
    pub modes: Option<String>,
    /// Only these statuses (comma-separated), as Plannr names them: processing, … [default: all]
    #[arg(long, value_name = "LIST", global = true)]
    pub statuses: Option<String>,
    /// Only imports started by this employee
    #[arg(long, value_name = "UUID", global = true)]
    pub initiated_by: Option<String>,
    /// Filter to start with, as typed after `/`: 'type:clients is:running'
    #[arg(long, value_name = "TEXT", global = true, allow_hyphen_values = true, value_parser = filter)]
    pub filter: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Watching")]
pub struct WatchArgs {
    /// How often to poll while something runs, 500ms to 1h; less often when idle [env: PLANNR_INTERVAL] [default: 2s]
    #[arg(long, value_name = "DURATION", global = true)]
    pub interval: Option<OsString>,
    /// Draw with plain ASCII characters [default: only if the locale is not UTF-8]
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Start with client values masked, for a shared screen (key: x) [env: PLANNR_REDACT] [default: off]
    #[arg(long, global = true)]
    pub redact: bool,
    /// Neutralise cells that a spreadsheet would run as formulas in saved CSVs (key: ctrl-t)
    #[arg(long, global = true)]
    pub spreadsheet_safe: bool,
    /// The file that was imported, to show line numbers of failed rows; only read, never sent
    #[arg(long, value_name = "PATH", global = true)]
    pub source: Option<PathBuf>,
    /// Write a log to this file; level: PLANNR_LOG=error|warn|info|debug|trace [env: PLANNR_LOG_FILE] [default: no log]
    #[arg(long, value_name = "PATH", global = true)]
    pub log_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Configuration file [env: PLANNR_CONFIG] [default: as printed by plannr-tui config path]
    #[arg(long, value_name = "PATH", global = true)]
    pub config: Option<PathBuf>,
    /// Profile from the configuration file, for another firm or server; give it more than once for several [env: PLANNR_PROFILE]
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Vec<OsString>,
    /// All profiles of the configuration file: every server and token in one list
    #[arg(long, global = true)]
    pub all_profiles: bool,
    /// Theme [env: PLANNR_THEME] [default: to match the terminal's background]
    #[arg(long, value_name = "NAME", global = true)]
    pub theme: Option<OsString>,
}

const BASE_URL_HELP: &str = "URL of Plannr's API [env: PLANNR_BASE_URL] [default: https://api.plannrcrm.com]";

/// A filter may begin with a `-`, as in `-type:clients`; two are an option in its place.
fn filter(raw: &str) -> Result<String, String> {
    if raw.starts_with("--") {
        Err("it begins with --: give a filter, such as type:clients".to_owned())
    } else {
        Ok(raw.to_owned())
    }
}

fn speed(raw: &str) -> Result<f64, String> {
    let speed: f64 = raw.parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=1000.0).contains(&speed) { Ok(speed) } else { Err("use 0.1 to 1000".to_owned()) }
}

fn duration(raw: &str) -> Result<Duration, String> {
    let given = raw.trim().parse::<SignedDuration>().ok().and_then(|given| Duration::try_from(given).ok());
    given.ok_or_else(|| "not a duration; write it like 15s or 2m".to_owned())
}

const REPORT_ABOUT: &str = "\
Download the error report of an import: every failed row, not only the first 25.

The file is saved under Plannr's name for it, in the current folder, unless -o names another place. It appears only \
when it is complete, and is readable only by you. If the name is taken, the next free one is used, like \
`errors (2).csv`; a file named with -o must not exist, unless --force is given. The path is printed. An interrupted \
download is resumed.";

const ERRORS_ABOUT: &str = "\
Print the failed rows of an import: grouped by reason, or each of them.

They come from the complete error report if there is one that can be read, otherwise from the first 25 that the API \
returns; standard error then says so. Grouped by reason, a terminal gets a table, and a pipe gets count, field and reason, \
tab-separated. --redact masks the client's values; --source FILE adds each row's line in the imported file.";

const REPORT_EXAMPLES: &str = "\
Examples:
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o errors.csv
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o - | head";

const ERRORS_EXAMPLES: &str = "\
Examples:
  plannr-tui errors 065680d5-6407-42c6-8544-da5fb975ebfe
  plannr-tui errors 065680d5-6407-42c6-8544-da5fb975ebfe --csv --source clients.csv > to-fix.csv";

const LONG_ABOUT: &str = "\
Watch Plannr CRM imports: what is moving, stalled or failing, and why.

Shows your firm's imports in a full-screen table that keeps itself up to date. It is read-only: no import is \
started, changed or deleted.

To begin, create an access token in Plannr under Settings → Account Details and put it into the environment \
variable PLANNR_ACCESS_TOKEN, or into a file that only you can read (--token-file). A token is never \
given on the command line, where other users could see it. To try it without one: `plannr-tui demo`.";

const AFTER_HELP: &str = "\
Examples:
  plannr-tui demo                                   try it without an account
  plannr-tui                                        watch the imports of the last 30 days
  plannr-tui list --since 7d --json                 print them once as JSON
  plannr-tui --token-file ~/.plannr-token --since 7d --types clients,plans
  plannr-tui --filter 'is:failed by:gareth'         start with a filter
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o errors.csv

Precedence: flag, environment variable, configuration file, default. --help also lists the variables and the exit codes.";

const AFTER_LONG_HELP: &str = "\
Examples:
  plannr-tui demo
          try it without an account
  plannr-tui
          watch the imports of the last 30 days
  plannr-tui --token-file ~/.plannr-token --since 7d --types clients,plans
          only what was imported this week, of two types
  plannr-tui --filter 'is:failed by:gareth'
          start with a filter
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o errors.csv
          every failed row of an import, as a file

Environment (flags override it, it overrides the configuration file; an empty variable counts as unset):
  PLANNR_ACCESS_TOKEN   the access token; overrides PLANNR_TOKEN_FILE
  PLANNR_CONFIG         as --config
  PLANNR_PROFILE        as --profile
  PLANNR_THEME          as --theme
  PLANNR_TOKEN_FILE     as --token-file
  PLANNR_BASE_URL       as --base-url
  PLANNR_ACCOUNT_UUID   as --account
  PLANNR_CA_FILE        as --ca-file
  PLANNR_INTERVAL       as --interval
  PLANNR_REDACT         as --redact: 1 or 0
  PLANNR_LOG_FILE       as --log-file
  PLANNR_LOG            the log level: error, warn, info (the default), debug, trace
  HTTPS_PROXY           the proxy for the server; ALL_PROXY and NO_PROXY work as well
  NO_COLOR              no colours, unless a theme is chosen
  BROWSER               the program that opens links, instead of the system's own

Exit codes:
  0    success
  1    unexpected failure, or there is no error report
  2    wrong usage: an invalid argument or setting
  3    wait: every import settled, some rows failed; fix: some rows left
  4    authentication or permission: no token, a token file that others can read, a token_command that fails, a token that Plannr rejects
  5    the server cannot be reached, or keeps responding with errors
  6    wait: timed out
  130  Ctrl-C; another signal n exits with 128 + n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::backoff::RetryBudget;
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn clap_accepts_the_definition() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_work_before_and_after_the_command() {
        for line in
            ["plannr-tui --ascii --since 7d demo --seed 7", "plannr-tui demo --seed 7 --ascii --since 7d"]
        {
            let cli = parse(line).unwrap();
            assert!(cli.watch.ascii, "{line}");
            assert_eq!(cli.narrow.since.as_deref(), Some("7d"), "{line}");
            let Some(Command::Demo(demo)) = cli.command else { panic!("no command: {line}") };
            assert_eq!(
                demo,
                DemoArgs { imports: 40, firms: 2, seed: 7, speed: 1.0, faults: false },
                "{line}"
            );
        }
    }

    #[test]
    fn report_options_and_their_defaults() {
        let cli = parse("plannr-tui report 1-2 -o out.csv --base-url https://x.example").unwrap();
        assert!(cli.server.base_url.is_some());
        let Some(Command::Report(report)) = cli.command else { panic!("another command") };
        let expected = ReportArgs {
            import: "1-2".parse().unwrap(),
            output: Some("out.csv".into()),
            force: false,
            retry: RetryArgs { retry_for: RetryBudget::DEFAULT },
        };
        assert_eq!(report, expected);
        let forever = parse("plannr-tui report 1-2 -o - --force --retry-for 2h30m").unwrap();
        let Some(Command::Report(report)) = forever.command else { panic!("another command") };
        assert_eq!((report.force, report.retry.retry_for), (true, Duration::from_secs(9_000)));
    }

    #[test]
    fn wrong_usage_is_refused_with_code_2() {
        let table = [
            ("plannr-tui --token secret", ErrorKind::UnknownArgument),
            ("plannr-tui nonsense", ErrorKind::InvalidSubcommand),
            ("plannr-tui demo --imports 0", ErrorKind::ValueValidation),
            ("plannr-tui demo --firms 0", ErrorKind::ValueValidation),
            ("plannr-tui demo --firms 101", ErrorKind::ValueValidation),
            ("plannr-tui demo --speed fast", ErrorKind::ValueValidation),
            ("plannr-tui demo --speed NaN", ErrorKind::ValueValidation),
            ("plannr-tui report", ErrorKind::MissingRequiredArgument),
            ("plannr-tui report ../logins", ErrorKind::ValueValidation),
            ("plannr-tui report 1-2 --retry-for soon", ErrorKind::ValueValidation),
            ("plannr-tui report 1-2 --retry-for=-1s", ErrorKind::ValueValidation),
        ];
        for (line, kind) in table {
            let error = parse(line).unwrap_err();
            assert_eq!((error.kind(), error.exit_code()), (kind, 2), "{line}");
        }
    }

    #[test]
    fn the_help_names_what_a_newcomer_needs() {
        let help = Cli::command().render_long_help().to_string();
        for needed in [
            "PLANNR_ACCESS_TOKEN",
            "Settings → Account Details",
            "plannr-tui demo",
            "Exit codes:",
            "NO_COLOR",
        ] {
            assert!(help.contains(needed), "{needed}");
        }
    }
}
