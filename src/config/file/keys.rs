//! Every key of the configuration file as a table: how it is read, and its comment in the template.

use std::path::{Path, PathBuf};

use super::document::{Showing, Spanned};
use super::tree::Value;
use super::values::{TokenCommand, Values};
use crate::app::columns::Column;
use crate::config::parse;
use crate::domain::Now;

/// A key outside the sections.
pub(in crate::config) struct Key {
    pub(in crate::config) name: &'static str,
    /// A valid value as TOML: the default if there is one.
    pub(in crate::config) example: &'static str,
    pub(in crate::config) about: &'static str,
    pub(in crate::config) in_profiles: bool,
    /// Whether its value may contain a secret.
    pub(in crate::config) secret: bool,
    /// What somebody else who can write the file would decide with it, if that is dangerous.
    pub(in crate::config) guards: Option<&'static str>,
    read: fn(&mut Values, &Spanned<Value>, &Reading<'_>) -> Result<(), Problem>,
}

/// What reading a value depends on.
pub(in crate::config) struct Reading<'a> {
    /// The folder of the file; paths in it are relative to this.
    pub(in crate::config) folder: &'a Path,
    /// For `~/`.
    pub(in crate::config) home: Option<&'a Path>,
    /// For checking `since`.
    pub(in crate::config) now: Now,
}

/// What is wrong with a value.
pub(super) enum Problem {
    /// It has the wrong type.
    Kind,
    Value(String, Showing),
    Inside(Spanned<String>),
}

impl Key {
    pub(super) fn read(
        &self,
        values: &mut Values,
        value: &Spanned<Value>,
        reading: &Reading<'_>,
    ) -> Result<(), Problem> {
        (self.read)(values, value, reading)
    }
}

/// Whether a key of that name exists and never contains a secret.
pub(super) fn is_public(name: &str) -> bool {
    KEYS.iter().any(|key| key.name == name && !key.secret)
}

/// In the order of `docs/options.md`.
pub(in crate::config) const KEYS: &[Key] = &[
    Key {
        name: "token_command",
        example: r#"["pass", "show", "plannr"]"#,
        about: "A command that prints the access token: a list is run directly, a string through the shell. It runs at the\n\
                start, and again when Plannr rejects the token. At the start it may prompt on the terminal and take up to\n\
                2 minutes; later it may not prompt, and has 30 seconds. It is not run if others can write this file.",
        in_profiles: true,
        secret: true,
        guards: Some("what is run"),
        read: |values, value, _| {
            let command = match &value.value {
                Value::Text(line) => TokenCommand::Shell(line.clone()),
                Value::List(words) => {
                    TokenCommand::Program(texts(words)?.into_iter().map(|w| w.value).collect())
                }
                _ => return Err(Problem::Kind),
            };
            if command.program().is_none() {
                return Err(Problem::Value("empty: give a command".to_owned(), Showing::Key));
            }
            set(&mut values.token_command, value, command)
        },
    },
    Key {
        name: "token_file",
        example: r#""~/.plannr-token""#,
        about: "A file that contains the access token; it must be readable only by you. Instead of token_command.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, reading| set(&mut values.token_file, value, path(value, reading)?),
    },
    Key {
        name: "base_url",
        example: r#""https://api.plannrcrm.com""#,
        about: "URL of Plannr's API.",
        in_profiles: true,
        secret: false,
        guards: Some("where your token goes"),
        read: |values, value, _| set(&mut values.base_url, value, parsed(value, parse::base_url)?),
    },
    Key {
        name: "ca_file",
        example: r#""~/firm-ca.pem""#,
        about: "Certificates (PEM) to trust besides the system's.",
        in_profiles: true,
        secret: false,
        guards: Some("who can pose as Plannr"),
        read: |values, value, reading| set(&mut values.ca_file, value, path(value, reading)?),
    },
    Key {
        name: "account",
        example: r#""2c8ea1ba-9b5d-4a5f-8b7e-3f1d2c4b5a69""#,
        about: "The account to make requests as. Without it, your preferred one.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.account, value, parsed(value, parse::account)?),
    },
    Key {
        name: "all_accounts",
        example: "false",
        about: "List the imports of all your non-client accounts. Commands about one import still use account.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.all_accounts, value, switch(value)?),
    },
    Key {
        name: "interval",
        example: r#""2s""#,
        about: "How often to poll while something runs, 500ms to 1h; less often when idle.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.interval, value, parsed(value, parse::interval)?),
    },
    Key {
        name: "since",
        example: r#""30d""#,
        about: "Imports created on or after this date (2026-11-01), or the day so long ago (7d, 6mo).",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, reading| {
            parsed(value, |raw| parse::since(raw, reading.now, None))?;
            set(&mut values.since, value, text(value)?.to_owned())
        },
    },
    Key {
        name: "theme",
        example: r#""dark""#,
        about: "auto (matches the terminal: dark or light), dark, light, high-contrast, colour-blind, ansi16 (the terminal's own\ncolours), no-colour, or a custom one from [themes.NAME]. The key t shows them.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| {
            let name = Spanned { value: text(value)?.to_owned(), span: value.span.clone() };
            set(&mut values.theme, value, name)
        },
    },
    Key {
        name: "ascii",
        example: "false",
        about: "Draw with plain ASCII characters. Without it, only if the locale is not UTF-8.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.ascii, value, switch(value)?),
    },
    Key {
        name: "redact",
        example: "false",
        about: "Start with client values masked, for a shared screen.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.redact, value, switch(value)?),
    },
    Key {
        name: "log_file",
        example: r#""~/plannr.log""#,
        about: "Write a log to this file. Level: PLANNR_LOG=error|warn|info|debug|trace.",
        in_profiles: true,
        secret: false,
        guards: Some("which of your files is written to"),
        read: |values, value, reading| set(&mut values.log_file, value, path(value, reading)?),
    },
    Key {
        name: "journal",
        example: "false",
        about: "Keep what happens in a file of events and counts, without a name of anybody: for what happened while you were\naway, for events --since, and so that rates survive a restart.",
        in_profiles: false,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.journal, value, switch(value)?),
    },
    Key {
        name: "mouse",
        example: "true",
        about: "Start with mouse capture on; off lets the terminal select text.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.mouse, value, switch(value)?),
    },
    Key {
        name: "report_limit",
        example: r#""5MB""#,
        about: "Fetch error reports up to this size when failed rows are opened; larger ones on request (e). 0 to 64MB.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| set(&mut values.report_limit, value, parsed(value, parse::size)?),
    },
    Key {
        name: "columns",
        example: r#"["import", "state", "progress", "done", "failed", "rate", "eta", "started", "by"]"#,
        about: "The columns of the imports table, in order.",
        in_profiles: true,
        secret: false,
        guards: None,
        read: |values, value, _| {
            let Value::List(names) = &value.value else { return Err(Problem::Kind) };
            set(&mut values.columns, value, columns(value, &texts(names)?)?)
        },
    },
];

fn set<T>(field: &mut Option<Spanned<T>>, from: &Spanned<Value>, value: T) -> Result<(), Problem> {
    *field = Some(Spanned { value, span: from.span.clone() });
    Ok(())
}

fn text(value: &Spanned<Value>) -> Result<&str, Problem> {
    match &value.value {
        Value::Text(text) if text.is_empty() => {
            Err(Problem::Value("empty: give a value, or leave out the line".to_owned(), Showing::Line))
        }
        Value::Text(text) => Ok(text),
        _ => Err(Problem::Kind),
    }
}

fn switch(value: &Spanned<Value>) -> Result<bool, Problem> {
    match value.value {
        Value::Switch(on) => Ok(on),
        _ => Err(Problem::Kind),
    }
}

pub(super) fn texts(values: &[Spanned<Value>]) -> Result<Vec<Spanned<String>>, Problem> {
    let text = |value: &Spanned<Value>| match &value.value {
        Value::Text(text) => Ok(Spanned { value: text.clone(), span: value.span.clone() }),
        other => Err(Problem::Inside(Spanned {
            value: format!("{} in a list of strings: put it in quotes", other.kind()),
            span: value.span.clone(),
        })),
    };
    values.iter().map(text).collect()
}

fn columns(list: &Spanned<Value>, names: &[Spanned<String>]) -> Result<Vec<Column>, Problem> {
    Column::chosen(names.iter().map(|name| name.value.as_str())).map_err(|mistake| {
        let span = names.get(mistake.position).map_or(&list.span, |name| &name.span).clone();
        Problem::Inside(Spanned { value: mistake.problem, span })
    })
}

/// A string, read by the flag's own parser.
fn parsed<T>(
    value: &Spanned<Value>,
    parse: impl Fn(&str) -> Result<T, parse::Mistake>,
) -> Result<T, Problem> {
    parse(text(value)?).map_err(|mistake| {
        let showing = if mistake.is_secret() { Showing::Key } else { Showing::Line };
        Problem::Value(mistake.problem().to_owned(), showing)
    })
}

/// A path; `~/` is the home folder, and a relative path starts at the file's folder.
pub(super) fn path(value: &Spanned<Value>, reading: &Reading<'_>) -> Result<PathBuf, Problem> {
    let raw = text(value)?;
    match (raw.strip_prefix("~/"), reading.home) {
        (Some(rest), Some(home)) => Ok(home.join(rest)),
        (Some(_), None) => Err(Problem::Value(
            "cannot expand ~, because no home folder is set: use an absolute path".to_owned(),
            Showing::Line,
        )),
        (None, _) => Ok(reading.folder.join(raw)),
    }
}
