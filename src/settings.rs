//! What the program was told to do: flag over environment over default, each with where it came from.
//!
//! The only reader of the environment. It is handed in as a function, so that a test can say what is set.

mod parse;
mod place;
mod surroundings;
pub mod token;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::browser;
use crate::cli::{Cli, Command, DemoArgs};
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::page::Criteria;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::logging;
use crate::plannr::BaseUrl;

use place::{Environment, Place};
use token::TokenPlace;

/// Everything that the arguments and the environment say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server to watch, or the simulated one.
    pub target: Target,
    /// What the server is asked for.
    pub criteria: Criteria,
    /// The filter that the monitor starts with, as typed; empty for none. Not yet parsed.
    pub filter: String,
    /// How often the server is asked while something runs: 500 ms to 1 h.
    pub interval: Sourced<Duration>,
    /// Whether to draw with ASCII characters only.
    pub ascii: Sourced<bool>,
    /// Whether colours may be used; false where `NO_COLOR` is set.
    pub colour: Sourced<bool>,
    /// Whether client values are masked at the start.
    pub redact: Sourced<bool>,
    /// Whether cells that a spreadsheet would run are neutralised in CSVs, unless the user says otherwise.
    pub spreadsheet_safe: bool,
    /// The client's own file, in which failed rows are looked for.
    pub source: Option<PathBuf>,
    /// The log, if one is wanted.
    pub log: Option<logging::Log>,
    /// What opening a link depends on.
    pub browser: browser::Surroundings,
    /// Whether the program runs inside tmux, which must be asked to pass a copy on.
    pub tmux: bool,
    /// Whether the terminal says that it can do nothing but text (`TERM=dumb`).
    pub dumb: bool,
}

/// What is watched.
#[derive(Debug, Clone)]
pub enum Target {
    /// A server that speaks Plannr's API.
    Server(Server),
    /// The simulated one; it brings its own address, token and account.
    Demo(DemoArgs),
}

/// A server and how to sign in to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is.
    pub base_url: Sourced<BaseUrl>,
    /// Where the token is, if anything says so; read it with [`token::read`].
    pub token: Option<Sourced<TokenPlace>>,
    /// The account; without one the preferred account of the logins.
    pub account: Option<Sourced<AccountId>>,
}

/// A value with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A flag, with its dashes.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Flag(name) | Self::Environment(name) => name,
            Self::Default => "default",
        })
    }
}

/// A value that cannot be used. Says where it was given, what is wrong and what is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The flag or the variable.
    pub source: Source,
    /// The value, unless it may hold a secret.
    pub given: Option<SafeText>,
    /// What is wrong with it, and what would be right.
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

const BASE_URL: Place = Place::new("--base-url", Some("PLANNR_BASE_URL"));
const ACCOUNT: Place = Place::new("--account", Some("PLANNR_ACCOUNT_UUID"));
const TOKEN_FILE: Place = Place::new("--token-file", Some("PLANNR_TOKEN_FILE"));
const INTERVAL: Place = Place::new("--interval", Some("PLANNR_INTERVAL"));
const LOG_FILE: Place = Place::new("--log-file", Some("PLANNR_LOG_FILE"));

/// The period that is watched when nobody says anything, in jiff's words.
const DEFAULT_SINCE: &str = "30d";

impl Settings {
    /// Works out every setting. Nothing is read but `env`, no file is opened.
    ///
    /// # Errors
    /// The first value that cannot be used, with where it was given. An empty variable counts as not set.
    pub fn resolve(
        cli: &Cli,
        env: &dyn Fn(&str) -> Option<OsString>,
        now: Now,
    ) -> Result<Self, SettingsError> {
        let env = Environment(env);
        Ok(Self {
            target: target(cli, &env)?,
            criteria: criteria(cli, now)?,
            filter: cli.narrow.filter.clone().unwrap_or_default(),
            interval: INTERVAL
                .pick(cli.watch.interval.as_deref(), &env, parse::interval)?
                .unwrap_or_else(|| Sourced { value: Duration::from_secs(2), source: Source::Default }),
            ascii: surroundings::ascii(cli.watch.ascii, &env),
            colour: surroundings::colour(&env),
            redact: redact(cli.watch.redact, &env)?,
            spreadsheet_safe: cli.watch.spreadsheet_safe,
            source: cli.watch.source.clone(),
            log: log(cli, &env)?,
            browser: surroundings::browser(&env),
            tmux: env.is_set("TMUX"),
            dumb: env.lossy("TERM").is_some_and(|term| term == "dumb"),
        })
    }
}

fn target(cli: &Cli, env: &Environment<'_>) -> Result<Target, SettingsError> {
    let given = &cli.server;
    if let Some(Command::Demo(demo)) = &cli.command {
        let misplaced = [
            given.token_file.is_some().then_some(TOKEN_FILE),
            given.base_url.is_some().then_some(BASE_URL),
            given.account.is_some().then_some(ACCOUNT),
        ];
        return match misplaced.into_iter().flatten().next() {
            Some(place) => Err(place.misplaced("demo watches a server of its own; leave this out")),
            None => Ok(Target::Demo(demo.clone())),
        };
    }
    Ok(Target::Server(Server {
        base_url: match BASE_URL.pick(given.base_url.as_deref(), env, parse::base_url)? {
            Some(chosen) => chosen,
            None => Sourced { value: parse::default_base_url()?, source: Source::Default },
        },
        token: token::place(given.token_file.as_deref(), env),
        account: ACCOUNT.pick(given.account.as_deref(), env, parse::account)?,
    }))
}

fn criteria(cli: &Cli, now: Now) -> Result<Criteria, SettingsError> {
    let given = &cli.narrow;
    let list = |flag, raw: &Option<String>, word: fn(&str) -> Result<String, parse::Mistake>| {
        let found = Place::new(flag, None).flag(raw.as_deref(), |raw| parse::list(raw, word))?;
        Ok(found.unwrap_or_default())
    };
    let until = Place::new("--until", None).flag(given.until.as_deref(), parse::date)?;
    let since = match &given.since {
        Some(raw) => Place::new("--since", None).flag(Some(raw), |raw| parse::since(raw, now, until))?,
        None => parse::days_before(DEFAULT_SINCE, now, until),
    };
    Ok(Criteria {
        types: list("--types", &given.types, parse::kind)?,
        exclude_types: list("--exclude-types", &given.exclude_types, parse::kind)?,
        modes: list("--modes", &given.modes, parse::mode)?,
        statuses: list("--statuses", &given.statuses, parse::status)?,
        since,
        until,
        initiated_by: Place::new("--initiated-by", None)
            .flag(given.initiated_by.as_deref(), parse::account)?
            .map(|employee| employee.to_string()),
    })
}

fn redact(flag: bool, env: &Environment<'_>) -> Result<Sourced<bool>, SettingsError> {
    if flag {
        return Ok(Sourced { value: true, source: Source::Flag("--redact") });
    }
    let found = Place::new("--redact", Some("PLANNR_REDACT")).pick(None, env, parse::switch)?;
    Ok(found.unwrap_or(Sourced { value: false, source: Source::Default }))
}

fn log(cli: &Cli, env: &Environment<'_>) -> Result<Option<logging::Log>, SettingsError> {
    let level = match env.text("PLANNR_LOG")? {
        Some(raw) => {
            parse::level(&raw).map_err(|mistake| mistake.at(Source::Environment("PLANNR_LOG"), &raw))?
        }
        None => logging::DEFAULT_LEVEL,
    };
    let path = LOG_FILE.pick_path(cli.watch.log_file.as_deref().map(OsStr::new), env);
    Ok(path.map(|Sourced { value, source }| logging::Log { path: PathBuf::from(value), source, level }))
}

#[cfg(test)]
mod tests;
