//! Every setting in effect as text, with where it came from. Never a secret.

use std::sync::Arc;

use crate::app::keymap::actions;
use crate::app::named_filters::NamedFilter;
use crate::domain::account::AccountId;
use crate::domain::text::SafeText;

use super::token::TokenLocation;
use super::{Server, Settings, Source, Sourced, Target};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key in the configuration file, `keys.quit` for one in a section; `token` where no key can hold it.
    pub key: String,
    /// Empty if unset.
    pub value: String,
    pub source: Source,
}

/// Every setting, in the order of the options' documentation, then the hooks, the keys that differ from the
/// defaults, and the named filters.
pub fn rows(settings: &Settings) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Target::Servers(servers) = &settings.target {
        servers.iter().for_each(|server| rows.extend(of_server(server)));
    }
    rows.extend([
        row("interval", Some(&settings.interval), |interval| format!("{interval:?}")),
        row("since", Some(&settings.since), String::clone),
        row("profile", settings.profile.as_ref(), String::clone),
        row("theme", settings.theme.as_ref(), String::clone),
        row("ascii", Some(&settings.ascii), bool::to_string),
        row("redact", Some(&settings.redact), bool::to_string),
        row("log_file", settings.log.as_ref(), |log| log.path.display().to_string()),
        row("journal", Some(&settings.journal), bool::to_string),
        row("mouse", Some(&settings.mouse), bool::to_string),
        row("report_limit", Some(&settings.report_limit), |limit| format!("{limit} bytes")),
        row("columns", Some(&settings.columns), |columns| {
            columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(", ")
        }),
    ]);
    rows.extend(settings.notify.rows().map(|(key, value, source)| Row {
        key: key.to_owned(),
        value,
        source,
    }));
    rows.extend(settings.hooks.iter().map(|hook| row("hooks", Some(hook), ToString::to_string)));
    rows.extend(keys(settings));
    rows.extend(filters(settings));
    rows
}

/// Of several servers each row says of which profile it is.
fn of_server(server: &Server) -> impl Iterator<Item = Row> {
    let rows = [
        token(server.token.as_ref()),
        row("base_url", Some(&server.base_url), ToString::to_string),
        row("ca_file", server.ca_file.as_ref(), |path| path.display().to_string()),
        row("account", server.accounts.as_ref(), |accounts| {
            accounts.iter().map(AccountId::as_str).collect::<Vec<_>>().join(", ")
        }),
        row("all_accounts", Some(&server.all_accounts), bool::to_string),
    ];
    rows.into_iter().map(|row| match &server.profile {
        Some(profile) => Row { key: format!("profiles.{}.{}", SafeText::new(profile), row.key), ..row },
        None => row,
    })
}

/// The lines of `[keys]` that change something.
fn keys(settings: &Settings) -> impl Iterator<Item = Row> {
    settings.sections.keys.iter().filter_map(|line| {
        let document = settings.document.as_ref()?;
        let action = actions().find(|action| action.is_called(&line.action.value))?;
        let keys: Vec<&str> = line.keys.iter().map(|key| key.value.as_str()).collect();
        let number = document.at(&line.action.span).line;
        let source = Source::File { path: Arc::clone(document.path()), line: number };
        let value = SafeText::new(&keys.join(", ")).to_string();
        (keys != action.keys).then(|| Row { key: format!("keys.{}", action.name), value, source })
    })
}

fn filters(settings: &Settings) -> impl Iterator<Item = Row> {
    settings.sections.filters.iter().filter_map(|filter| {
        let document = settings.document.as_ref()?;
        let number = document.at(&filter.span).line;
        let source = Source::File { path: Arc::clone(document.path()), line: number };
        let NamedFilter { name, filter } = filter.value.clone();
        Some(Row { key: format!("filters.{name}"), value: filter, source })
    })
}

fn token(place: Option<&Sourced<TokenLocation>>) -> Row {
    let key = match place.map(|place| &place.value) {
        None | Some(TokenLocation::Variable(_)) => "token",
        Some(TokenLocation::File(_)) => "token_file",
        Some(TokenLocation::Command(_)) => "token_command",
    };
    row(key, place, |place| match place {
        TokenLocation::Variable(_) => "(set, hidden)".to_owned(),
        TokenLocation::File(path) => path.display().to_string(),
        TokenLocation::Command(command) => command.to_string(),
    })
}

fn row<T>(key: &'static str, setting: Option<&Sourced<T>>, display: impl Fn(&T) -> String) -> Row {
    match setting {
        Some(Sourced { value, source }) => {
            let value = SafeText::new(&display(value)).to_string();
            Row { key: key.to_owned(), value, source: source.clone() }
        }
        None => Row { key: key.to_owned(), value: String::new(), source: Source::Default },
    }
}
