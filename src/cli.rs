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

use self::headless::{ACCOUNTS_ABOUT, COMPLETIONS_ABOUT, LIST_ABOUT, MAN_EXAMPLES, WAIT_ABOUT};
pub use self::headless::{AccountsArgs, CompletionsArgs, FormatArgs, ListArgs, WaitArgs, sortable};
pub use self::placement::definition;
use crate::domain::import_name::ImportName;

/// Watch Plannr CRM imports: what is moving, stalled or failing, and why.
#[derive(Debug, Clone, Parser)]
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
    /// What to do; without one, the monitor.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which server, and as whom.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Which imports.
    #[command(flatten)]
    pub narrow: NarrowArgs,
    /// How to watch.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// A command besides the monitor.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Try the monitor on made-up imports: no account, no network, nothing saved
    Demo(DemoArgs),
    /// Print the imports once: a table, tab-separated, JSON or CSV
    #[command(long_about = LIST_ABOUT)]
    List(ListArgs),
    /// Wait until imports have settled, showing their progress
    #[command(long_about = WAIT_ABOUT)]
    Wait(WaitArgs),
    /// Download the error report of an import: every failed row, not only the first 25
    #[command(long_about = REPORT_ABOUT)]
    Report(ReportArgs),
    /// Print the failed rows of an import: why they failed, or each of them
    #[command(long_about = ERRORS_ABOUT)]
    Errors(ErrorsArgs),
    /// Print the accounts that the token can see
    #[command(long_about = ACCOUNTS_ABOUT)]
    Accounts(AccountsArgs),
    /// Print completions for a shell
    #[command(long_about = COMPLETIONS_ABOUT)]
    Completions(CompletionsArgs),
    /// Print the man page
    #[command(after_help = MAN_EXAMPLES)]
    Man,
    /// The configuration file: where it is, a commented one to begin with, what is in force
    #[command(subcommand, subcommand_value_name = "COMMAND")]
    Config(ConfigCommand),
}

/// What to do about the configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print where the file is, or would be
    Path,
    /// Write a file that explains every key and sets none; never over another
    Init,
    /// Print every value that is in force, and where it came from; the token is never shown
    Show,
}

/// Which failed rows, and in which format.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = ERRORS_EXAMPLES)]
pub struct ErrorsArgs {
    /// The import: its uuid, the beginning of it (four digits or more), or latest
    #[arg(value_name = "UUID")]
    pub import: ImportName,
    /// Each row with its values, instead of grouped by reason
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub rows: bool,
    /// A JSON array: `row` by column, `errors` by field
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// One row a line: the client's own columns, then error_field and error_message
    #[arg(long)]
    pub csv: bool,
    /// How long to retry.
    #[command(flatten)]
    pub retry: RetryArgs,
}

/// Which error report, and where to.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub struct ReportArgs {
    /// The import: its uuid, the beginning of it (four digits or more), or latest
    #[arg(value_name = "UUID")]
    pub import: ImportName,
    /// Where to: a file, a folder, or - for standard output [default: the current folder]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// How long to retry.
    #[command(flatten)]
    pub retry: RetryArgs,
}

/// How long a one-shot command retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct RetryArgs {
    /// Total time to keep retrying on rate limits or server errors (0s: never)
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    pub retry_for: Duration,
}

/// How the simulated server behaves.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DemoArgs {
    /// Number of imports at the start, 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub imports: u32,
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
    /// Read the access token from this file, which only you may read [env: PLANNR_TOKEN_FILE]
    #[arg(long, value_name = "PATH", global = true)]
    pub token_file: Option<PathBuf>,
    /// Base URL of Plannr's API.
    #[arg(long, value_name = "URL", help = BASE_URL_HELP, global = true)]
    pub base_url: Option<OsString>,
    /// The account that requests are made as [env: PLANNR_ACCOUNT_UUID] [default: your preferred one]
    #[arg(long, value_name = "UUID", global = true)]
    pub account: Option<OsString>,
    /// Also trust the certificates in this file (PEM), for a company proxy that re-signs TLS [env: PLANNR_CA_FILE]
    #[arg(long, value_name = "PATH", global = true)]
    pub ca_file: Option<PathBuf>,
}

/// Which imports are requested.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Which imports")]
pub struct NarrowArgs {
    /// Created on or after this date (2026-11-01), or within this time (12h, 30d, 6mo) [default: 30d]
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
    /// The filter to start with, as typed after `/`: 'type:clients is:running'
    #[arg(long, value_name = "TEXT", global = true)]
    pub filter: Option<String>,
}

/// How to watch.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Watching")]
pub struct WatchArgs {
    /// Polling interval while something runs, 500ms to 1h; slower when idle [env: PLANNR_INTERVAL] [default: 2s]
    #[arg(long, value_name = "DURATION", global = true)]
    pub interval: Option<OsString>,
    /// Draw with plain ASCII characters [default: only where the locale is not UTF-8]
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Start with client values masked (key: x) [env: PLANNR_REDACT] [default: off]
    #[arg(long, global = true)]
    pub redact: bool,
    /// Neutralise cells in written CSVs that a spreadsheet would run as formulas (key: ctrl-t)
    #[arg(long, global = true)]
    pub spreadsheet_safe: bool,
    /// The file that was imported, for the line numbers of failed rows; it is only read, never sent
    #[arg(long, value_name = "PATH", global = true)]
    pub source: Option<PathBuf>,
    /// Write a log to this file, at the level PLANNR_LOG=error|warn|info|debug|trace [env: PLANNR_LOG_FILE] [default: no log]
    #[arg(long, value_name = "PATH", global = true)]
    pub log_file: Option<PathBuf>,
}

/// Which configuration.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// The configuration file [env: PLANNR_CONFIG] [default: see `plannr-tui config path`]
    #[arg(long, value_name = "PATH", global = true)]
    pub config: Option<PathBuf>,
    /// A profile in the configuration file: another firm or server [env: PLANNR_PROFILE]
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<OsString>,
    /// The theme [env: PLANNR_THEME] [default: by the terminal's background]
    #[arg(long, value_name = "NAME", global = true)]
    pub theme: Option<OsString>,
}

const BASE_URL_HELP: &str =
    "Base URL of Plannr's API [env: PLANNR_BASE_URL] [default: https://api.plannrcrm.com]";

fn speed(raw: &str) -> Result<f64, String> {
    let speed: f64 = raw.parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=1000.0).contains(&speed) { Ok(speed) } else { Err("give 0.1 to 1000".to_owned()) }
}

fn duration(raw: &str) -> Result<Duration, String> {
    let given = raw.trim().parse::<SignedDuration>().ok().and_then(|given| Duration::try_from(given).ok());
    given.ok_or_else(|| "not a duration; write it like 15s or 2m".to_owned())
}

const REPORT_ABOUT: &str = "\
Download the error report of an import: every failed row, not only the first 25.

The file is saved under Plannr's name for it, in the current folder, unless -o names another place. It appears once it is \
complete, and only you can read it. If the name is taken, the next free one is used, like `errors (2).csv`; a file named \
with -o must not exist, unless --force is given. The path is printed. Interrupted downloads are resumed.";

const ERRORS_ABOUT: &str = "\
Print the failed rows of an import: grouped by reason, or each of them.

They are read from the error report if there is one, otherwise from the API's sample of at most 25 rows, which a message on \
standard error says. Grouped by reason, a terminal gets a table, and a pipe gets count, field and reason, tab-separated. \
--redact masks client values, --source FILE adds each row's line in the file that was imported.";

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

Shows your firm's imports in a full-screen table that keeps itself up to date. It is read-only: no import \
is started, changed or deleted.

To begin, create an access token in Plannr under Settings → Account Details and put it into the environment \
variable PLANNR_ACCESS_TOKEN, or into a file that only you can read (--token-file). Tokens are never \
given on the command line, where other users could see them. To look around first: `plannr-tui demo`.";

const AFTER_HELP: &str = "\
Examples:
  plannr-tui demo                                   look around without an account
  plannr-tui                                        watch the imports of the last 30 days
  plannr-tui list --since 7d --json                 print them once, for a program
  plannr-tui --token-file ~/.plannr-token --since 7d --types clients,plans
  plannr-tui --filter 'is:failed by:gareth'         start with a filter
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o errors.csv

Precedence: flag, environment variable, configuration file, default. --help also lists the variables and the exit codes.";

const AFTER_LONG_HELP: &str = "\
Examples:
  plannr-tui demo
          look around without an account
  plannr-tui
          watch the imports of the last 30 days
  plannr-tui --token-file ~/.plannr-token --since 7d --types clients,plans
          only what was imported this week, of two types
  plannr-tui --filter 'is:failed by:gareth'
          start with a filter
  plannr-tui report 065680d5-6407-42c6-8544-da5fb975ebfe -o errors.csv
          every failed row of an import, as a file

Environment (flags take precedence, the configuration file comes last; an empty variable counts as not set):
  PLANNR_ACCESS_TOKEN   the access token; takes precedence over PLANNR_TOKEN_FILE
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
  PLANNR_LOG            log level: error, warn, info (the default), debug, trace
  HTTPS_PROXY           the proxy for the server; ALL_PROXY and NO_PROXY work too
  NO_COLOR              no colours
  BROWSER               the program that opens links [default: the system's]

Exit codes:
  0    fine
  1    something failed unexpectedly; there is no error report
  2    wrong usage: an argument or a setting that cannot be used
  3    wait: every import settled, some rows failed
  4    authentication or permission: no token, a token file that others can read, a token_command that fails, a token that Plannr refuses
  5    the server cannot be reached, or keeps responding with errors
  6    wait: timed out
  130  Ctrl-C; another signal n ends with 128 + n";

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
    fn the_definition_is_sound() {
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
            assert_eq!(demo, DemoArgs { imports: 40, seed: 7, speed: 1.0, faults: false }, "{line}");
        }
    }

    #[test]
    fn a_report_goes_where_it_is_wanted_and_is_waited_for_as_usual() {
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
