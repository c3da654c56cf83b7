//! `plannr-tui accounts`: the accounts that the token can see.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::AccountsArgs;
use crate::config::{Server, Settings};
use crate::domain::account::{Account, Logins, WantedAccounts};
use crate::domain::redact::Redaction;
use crate::domain::text::SafeText;
use crate::exit::Exit;
use crate::output::formats::Format;
use crate::output::stdout::{eprint, print};
use crate::session::connect::logins;
use crate::session::once::until_signal;
use crate::session::retry::Retry;
use crate::ui::format::{self, Align};

const ACCOUNT: &[&str] = &["in_use", "uuid", "firm", "name", "role", "type", "profile"];

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    args: &AccountsArgs,
) -> color_eyre::Result<ExitCode> {
    let wanted = match servers {
        [only] => only.wanted(),
        // Of several profiles, what is in use is worked out for each.
        _ => WantedAccounts::Preferred,
    };
    let format = Format::new(args.format, io::stdout().is_terminal(), settings.spreadsheet_safe);
    until_signal(async {
        let mut retry = Retry::briefly(args.retry.retry_for);
        let (_, logins) = logins(servers, Server::wanted, settings, &mut retry).await?;
        let unknown = wanted.known().iter().find(|id| logins.find(id).is_none());
        let in_use = match &wanted {
            WantedAccounts::These(ids) => ids.iter().filter_map(|id| logins.find(id)).collect(),
            wanted => logins.pick(wanted).unwrap_or_default(),
        };
        let text = match format {
            Some(format) => {
                let records: Vec<Value> = logins
                    .accounts
                    .iter()
                    .map(|account| record(account, in_use.contains(&account)))
                    .collect();
                format.header(ACCOUNT) + &format.records(ACCOUNT, &records)
            }
            None => table(&logins, &in_use, settings.ascii.value),
        };
        print(text).await?;
        let redaction = Redaction { enabled: settings.redact.value };
        let missing: Vec<_> = logins.missing.iter().map(|profile| profile.failure(redaction)).collect();
        missing.iter().for_each(|failure| eprint(&failure.message));
        if let Some(first) = missing.first() {
            return Ok(first.exit);
        }
        let Some(id) = unknown else { return Ok(Exit::Success) };
        eprint(&format!("the token has no account {id}"));
        Ok(Exit::Authentication)
    })
}

/// An account for programs; null where the server gave no value.
fn record(account: &Account, in_use: bool) -> Value {
    let text = |text: &SafeText| (!text.is_empty()).then(|| text.to_string());
    json!({
        "in_use": in_use,
        "uuid": account.id.as_str(),
        "firm": text(&account.firm),
        "name": text(&account.name),
        "role": text(&account.role),
        "type": text(&account.kind),
        "profile": account.id.profile().map(AsRef::<str>::as_ref),
    })
}

/// For a terminal: as wide as the values, so that UUIDs are complete.
fn table(logins: &Logins, in_use: &[&Account], ascii: bool) -> String {
    let mark = if ascii { "*" } else { "●" };
    let heads = ["", "FIRM", "NAME", "ROLE", "TYPE", "UUID", "PROFILE"].map(str::to_owned);
    // Empty without several profiles, and then not printed.
    let of_several = logins.accounts.iter().any(|account| account.id.profile().is_some());
    let columns = if of_several { heads.len() } else { heads.len() - 1 };
    let lines = logins.accounts.iter().map(|account| {
        let mark = if in_use.contains(&account) { mark } else { "" };
        let [firm, name, role, kind] =
            [&account.firm, &account.name, &account.role, &account.kind].map(ToString::to_string);
        let profile = account.id.profile().map(|profile| SafeText::new(profile).to_string());
        [mark.to_owned(), firm, name, role, kind, account.id.to_string(), profile.unwrap_or_default()]
    });
    let lines: Vec<_> = std::iter::once(heads).chain(lines).collect();
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            lines.iter().filter_map(|line| line.get(at)).map(|cell| format::width(cell)).max().unwrap_or(0)
        })
        .collect();
    let row = |line: &[String; 7]| {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format::fit(cell, *width, Align::Left, '…'))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(row).collect()
}
