//! The settings: flag over environment over configuration file over default, each with where it came from.
//!
//! The only reader of the environment, which is passed in as a function so that tests can set it.

mod ca_file;
pub mod file;
mod inputs;
mod layers;
mod parse;
mod profiles;
mod server;
pub mod show;
mod terminal_env;
pub(crate) mod themes;
pub mod token;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::api::BaseUrl;
use crate::app::columns::Column;
use crate::app::keymap::Keymap;
use crate::browser;
use crate::cli::{Cli, Command, DemoArgs};
use crate::clipboard::ClipboardEnv;
use crate::domain::Now;
use crate::domain::account::{AccountId, WantedAccounts};
use crate::domain::page::Criteria;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::logging;
use crate::terminal::Abilities;
use crate::ui::theme;

pub use file::Hook;
use file::notify::Notify;
use file::{Config, ConfigLocation, Document, Reading, Sections};
use inputs::{Environment, FlagAndVar};
use layers::Layers;
use token::TokenLocation;

/// Everything that the arguments, the environment and the configuration file say.
#[derive(Debug, Clone)]
pub struct Settings {
    pub target: Target,
    pub criteria: Criteria,
    /// The start of the period, as written; [`Criteria::since`] is the day that it means.
    pub since: Sourced<String>,
    /// The filter that the monitor starts with, as typed; empty for none. Not yet parsed.
    pub filter: String,
    /// How often the server is asked while something runs: 500 ms to 1 h.
    pub interval: Sourced<Duration>,
    pub ascii: Sourced<bool>,
    /// Whether colours may be used; false where `NO_COLOR` is set.
    pub colour: Sourced<bool>,
    pub redact: Sourced<bool>,
    pub profile: Option<Sourced<String>>,
    /// The theme that was chosen, by its name. Not yet looked up.
    pub theme: Option<Sourced<String>>,
    /// Where in the configuration file a theme is set; a flag or a variable may override it.
    pub theme_place: Option<Range<usize>>,
    pub terminal: theme::TerminalEnv,
    /// Where the configuration file is or would be.
    pub file: Option<PathBuf>,
    /// Whether mouse capture is on at the start.
    pub mouse: Sourced<bool>,
    /// Error reports up to this size are fetched automatically, in bytes.
    pub report_limit: Sourced<u64>,
    pub notify: Notify,
    pub hooks: Vec<Sourced<Hook>>,
    pub columns: Sourced<Vec<Column>>,
    pub keymap: Keymap,
    /// `[keys]` and `[themes]` as they are written in the configuration file.
    pub sections: Sections,
    /// The configuration file, if there is one, to turn spans into lines and columns.
    pub document: Option<Arc<Document>>,
    /// Whether cells that a spreadsheet would run are neutralised in CSVs, unless the user says otherwise.
    pub spreadsheet_safe: bool,
    /// The client's own file, to find failed rows in.
    pub source: Option<PathBuf>,
    pub log: Option<Sourced<logging::Log>>,
    /// Whether what happens is kept, and where; `None` if the environment names no home.
    pub journal: Sourced<bool>,
    pub journal_path: Option<PathBuf>,
    pub browser: browser::BrowserEnv,
    pub clipboard: ClipboardEnv,
    /// Which notifications the terminal supports.
    pub abilities: Abilities,
    /// Whether the program runs inside tmux, which needs its own sequence to pass a copy on.
    pub tmux: bool,
    /// Whether the terminal says that it can do nothing but text (`TERM=dumb`).
    pub dumb: bool,
}

#[derive(Debug, Clone)]
pub enum Target {
    /// Servers that speak Plannr's API, at least one; of several each is a profile's.
    Servers(Vec<Server>),
    /// The simulated one; it brings its own address, token and account.
    Demo(DemoArgs),
}

#[derive(Debug, Clone)]
pub struct Server {
    /// The profile that it is of, where several are watched.
    pub profile: Option<Arc<str>>,
    pub base_url: Sourced<BaseUrl>,
    /// Where the token is, if anything says so; read it with [`token::read`].
    pub token: Option<Sourced<TokenLocation>>,
    /// The accounts that are named, at least one; without any the preferred account of the logins.
    pub accounts: Option<Sourced<Vec<AccountId>>>,
    /// Whether what takes several accounts takes all of them, whichever are named.
    pub all_accounts: Sourced<bool>,
    /// The accounts of other profiles with the same server and token.
    pub also: Vec<WantedAccounts>,
    /// A file of certificates to trust besides the system's; read it with [`Server::roots`].
    pub ca_file: Option<Sourced<PathBuf>>,
}

impl Server {
    /// One of which nothing else is known.
    pub fn at(base_url: BaseUrl) -> Self {
        Self {
            profile: None,
            base_url: Sourced { value: base_url, source: Source::Default },
            token: None,
            accounts: None,
            all_accounts: Sourced { value: false, source: Source::Default },
            also: Vec::new(),
            ca_file: None,
        }
    }

    /// The accounts whose imports are listed.
    pub fn wanted(&self) -> WantedAccounts {
        let own = if self.all_accounts.value { WantedAccounts::All } else { self.named() };
        if self.also.is_empty() {
            return own;
        }
        WantedAccounts::Each(std::iter::once(own).chain(self.also.iter().cloned()).collect())
    }

    /// The account of a command about single imports, which are named without saying whose they are.
    pub fn named(&self) -> WantedAccounts {
        match &self.accounts {
            Some(accounts) => WantedAccounts::These(accounts.value.clone()),
            None => WantedAccounts::Preferred,
        }
    }
}

/// A value with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag, with its dashes.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    File {
        path: Arc<Path>,
        /// From 1.
        line: usize,
    },
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Environment(name) => f.pad(name),
            Self::File { path, line } => f.pad(&format!("{}:{line}", file::display_path(path))),
            Self::Default => f.pad("default"),
        }
    }
}

/// A value that cannot be used: where it was given, what is wrong with it and what is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    pub source: Source,
    /// The value, unless it may contain a secret.
    pub given: Option<SafeText>,
    /// What is wrong with it, and what is valid.
    pub problem: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, &self.given) {
            (Source::Environment(name), Some(given)) => write!(f, "{name}={given}: {}", self.problem),
            (source, Some(given)) => write!(f, "{source} {given}: {}", self.problem),
            (source, None) => write!(f, "{source}: {}", self.problem),
        }
    }
}

impl std::error::Error for SettingsError {}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self { message: error.to_string(), exit: Exit::Usage }
    }
}

const BASE_URL: FlagAndVar = FlagAndVar::new("--base-url", Some("PLANNR_BASE_URL"));
const ACCOUNT: FlagAndVar = FlagAndVar::new("--account", Some("PLANNR_ACCOUNT_UUID"));
const TOKEN_FILE: FlagAndVar = FlagAndVar::new("--token-file", Some("PLANNR_TOKEN_FILE"));
const CA_FILE: FlagAndVar = FlagAndVar::new("--ca-file", Some("PLANNR_CA_FILE"));
/// Error reports up to this size are fetched automatically, in bytes.
const REPORT_LIMIT: u64 = 5_000_000;
const INTERVAL: FlagAndVar = FlagAndVar::new("--interval", Some("PLANNR_INTERVAL"));
const LOG_FILE: FlagAndVar = FlagAndVar::new("--log-file", Some("PLANNR_LOG_FILE"));
const CONFIG: FlagAndVar = FlagAndVar::new("--config", Some("PLANNR_CONFIG"));
const PROFILE: FlagAndVar = FlagAndVar::new("--profile", Some("PLANNR_PROFILE"));
const THEME: FlagAndVar = FlagAndVar::new("--theme", Some("PLANNR_THEME"));

/// In jiff's format.
const DEFAULT_SINCE: &str = "30d";

/// Where the configuration file is, or would be; `None` if the environment names no home.
pub fn config_location(cli: &Cli, env: &dyn Fn(&str) -> Option<OsString>) -> Option<ConfigLocation> {
    file::find(&cli.config, &Environment(env))
}

/// Reads and checks the configuration file; the defaults if there is none.
///
/// # Errors
/// It is named and missing, cannot be read, or contains something invalid.
pub fn config(
    cli: &Cli,
    env: &dyn Fn(&str) -> Option<OsString>,
    now: Now,
) -> Result<Config, file::ConfigError> {
    let Some(location) = config_location(cli, env) else { return Ok(Config::default()) };
    let Some((document, trust)) = file::load(&location)? else { return Ok(Config::default()) };
    let home = file::home(&Environment(env));
    let folder = location.path.parent().unwrap_or(Path::new(""));
    Config::read(document, trust, &Reading { folder, home: home.as_deref(), now })
}

impl Settings {
    /// Works out every setting. Reads nothing but `env`; opens no file.
    ///
    /// # Errors
    /// The first value that cannot be used, with where it was given. An empty variable counts as not set.
    pub fn resolve(
        cli: &Cli,
        env: &dyn Fn(&str) -> Option<OsString>,
        config: &Config,
        now: Now,
    ) -> Result<Self, SettingsError> {
        let env = Environment(env);
        let several = profiles::chosen(&cli.config, config)?;
        let profile = match &several {
            Some(_) => None,
            None => PROFILE.pick(cli.config.profile.first().map(OsString::as_os_str), &env, parse::name)?,
        };
        let layers = Layers::new(config, profile.as_ref())?;
        let (criteria, since) = criteria(cli, &layers, now)?;
        let theme = layers.pick(|values| values.theme.as_ref());
        Ok(Self {
            target: match (&cli.command, several) {
                (Some(Command::Demo(demo)), _) => Target::Demo(demo.clone()),
                (_, Some(several)) => {
                    Target::Servers(profiles::servers(&several, &cli.server, &env, config)?)
                }
                (_, None) => Target::Servers(vec![server::resolve(&cli.server, &env, &layers)?]),
            },
            criteria,
            since,
            filter: cli.narrow.filter.clone().unwrap_or_default(),
            interval: INTERVAL
                .pick(cli.watch.interval.as_deref(), &env, parse::interval)?
                .or_else(|| layers.pick(|values| values.interval.as_ref()))
                .unwrap_or_else(|| Sourced { value: Duration::from_secs(2), source: Source::Default }),
            ascii: terminal_env::ascii(cli.watch.ascii, layers.pick(|values| values.ascii.as_ref()), &env),
            colour: terminal_env::colour(&env),
            redact: redact(cli.watch.redact, &env, &layers)?,
            theme_place: theme.as_ref().map(|theme| theme.value.span.clone()),
            theme: THEME
                .pick(cli.config.theme.as_deref(), &env, parse::name)?
                .or_else(|| theme.map(|Sourced { value, source }| Sourced { value: value.value, source })),
            terminal: terminal_env::terminal(&env),
            file: file::find(&cli.config, &env).map(|location| location.path),
            mouse: layers
                .pick(|values| values.mouse.as_ref())
                .unwrap_or(Sourced { value: true, source: Source::Default }),
            report_limit: layers
                .pick(|values| values.report_limit.as_ref())
                .unwrap_or(Sourced { value: REPORT_LIMIT, source: Source::Default }),
            notify: Notify::new(&config.notify, &layers),
            hooks: config.hooks.iter().map(|hook| layers.sourced(hook)).collect(),
            columns: layers
                .pick(|values| values.columns.as_ref())
                .unwrap_or_else(|| Sourced { value: Column::DEFAULT.to_vec(), source: Source::Default }),
            keymap: config.keymap.clone(),
            sections: config.sections.clone(),
            document: config.document.clone(),
            profile: profile.clone(),
            spreadsheet_safe: cli.watch.spreadsheet_safe,
            source: cli.watch.source.clone(),
            log: log(cli, &env, &layers)?,
            journal: layers
                .pick(|values| values.journal.as_ref())
                .unwrap_or(Sourced { value: false, source: Source::Default }),
            journal_path: file::journal(&env),
            browser: terminal_env::browser(&env),
            clipboard: terminal_env::clipboard(&env),
            abilities: terminal_env::abilities(&env),
            tmux: env.is_set("TMUX"),
            dumb: env.lossy("TERM").is_some_and(|term| term == "dumb"),
        })
    }
}

fn criteria(cli: &Cli, layers: &Layers<'_>, now: Now) -> Result<(Criteria, Sourced<String>), SettingsError> {
    let given = &cli.narrow;
    let list = |flag, raw: &Option<String>, part: fn(&str) -> Result<String, parse::Mistake>| {
        let found = FlagAndVar::new(flag, None).flag(raw.as_deref(), |raw| parse::list(raw, part))?;
        Ok(found.unwrap_or_default())
    };
    let until = FlagAndVar::new("--until", None).flag(given.until.as_deref(), parse::date)?;
    // Of `events` it means something else.
    let of_events = matches!(cli.command, Some(Command::Events(_)));
    let from_flag = given
        .since
        .clone()
        .filter(|_| !of_events)
        .map(|value| Sourced { value, source: Source::Flag("--since") });
    let since = from_flag
        .or_else(|| layers.pick(|values| values.since.as_ref()))
        .unwrap_or_else(|| Sourced { value: DEFAULT_SINCE.to_owned(), source: Source::Default });
    let criteria = Criteria {
        types: list("--types", &given.types, parse::kind)?,
        exclude_types: list("--exclude-types", &given.exclude_types, parse::kind)?,
        modes: list("--modes", &given.modes, parse::mode)?,
        statuses: list("--statuses", &given.statuses, parse::status)?,
        since: first_day(&since, now, until)?,
        until,
        initiated_by: FlagAndVar::new("--initiated-by", None)
            .flag(given.initiated_by.as_deref(), parse::account)?
            .map(|employee| employee.to_string()),
    };
    Ok((criteria, since))
}

/// The day that `since` means. A period from the file, or the default, counts back from `until` if that is given.
fn first_day(since: &Sourced<String>, now: Now, until: Option<Date>) -> Result<Option<Date>, SettingsError> {
    let Sourced { value: raw, source } = since;
    let typed = matches!(source, Source::Flag(_));
    if let Some(day) = parse::days_before(raw, now, until).filter(|_| !typed) {
        return Ok(Some(day));
    }
    match parse::since(raw, now, until) {
        Ok(day) => Ok(Some(day)),
        Err(mistake) => Err(mistake.at(source.clone(), raw)),
    }
}

fn redact(flag: bool, env: &Environment<'_>, layers: &Layers<'_>) -> Result<Sourced<bool>, SettingsError> {
    if flag {
        return Ok(Sourced { value: true, source: Source::Flag("--redact") });
    }
    let found = FlagAndVar::new("--redact", Some("PLANNR_REDACT")).pick(None, env, parse::switch)?;
    let found = found.or_else(|| layers.pick(|values| values.redact.as_ref()));
    Ok(found.unwrap_or(Sourced { value: false, source: Source::Default }))
}

fn log(
    cli: &Cli,
    env: &Environment<'_>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<logging::Log>>, SettingsError> {
    let level = match env.text("PLANNR_LOG")? {
        Some(raw) => {
            parse::level(&raw).map_err(|mistake| mistake.at(Source::Environment("PLANNR_LOG"), &raw))?
        }
        None => logging::DEFAULT_LEVEL,
    };
    let named = LOG_FILE.pick_path(cli.watch.log_file.as_deref().map(OsStr::new), env);
    let named = named.map(|Sourced { value, source }| Sourced { value: PathBuf::from(value), source });
    let path = named.or_else(|| layers.pick(|values| values.log_file.as_ref()));
    Ok(path.map(|Sourced { value: path, source }| Sourced { value: logging::Log { path, level }, source }))
}

/// The system's message without its "(os error 2)".
pub(crate) fn reason(error: &io::Error) -> String {
    let message = error.to_string();
    message.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests;
