//! The server, and which token may be sent to it.
//!
//! A token is sent only to the server that it was given for. One from the file belongs to the server that the file, or
//! the profile, sets beside it. One from the environment, which every command of a shell sees, belongs to the server of
//! the environment, of the flags, or to the default one, but not to that of a profile. One from a flag was typed for
//! this command.

use super::file::{Spanned, Values};
use super::inputs::Environment;
use super::layers::Layers;
use super::token::{self, TokenLocation};
use super::{ACCOUNT, BASE_URL, Server, SettingsError, Source, Sourced, ca_file, parse};
use crate::api::BaseUrl;
use crate::cli::ServerArgs;
use crate::domain::account::AccountId;

/// # Errors
/// An invalid value; a token that would go to a server it was not given for.
pub(super) fn resolve(
    given: &ServerArgs,
    env: &Environment<'_>,
    layers: &Layers<'_>,
) -> Result<Server, SettingsError> {
    let default = match &layers.common().base_url {
        Some(named) => layers.sourced(named),
        None => Sourced { value: parse::default_base_url()?, source: Source::Default },
    };
    let in_profile =
        layers.profile().and_then(|(_, values)| values.base_url.as_ref()).map(|url| layers.sourced(url));
    let outer = BASE_URL.pick(given.base_url.as_deref(), env, parse::base_url)?;
    let token = match token::locate(given.token_file.as_deref(), env) {
        Some(token) => for_server(token, outer.as_ref(), in_profile.as_ref(), &default, layers)?,
        None => {
            let base = outer.as_ref().or(in_profile.as_ref()).unwrap_or(&default);
            from_file(base, in_profile.as_ref().unwrap_or(&default), &default, layers)?
        }
    };
    let accounts = accounts(given, env, layers)?;
    let all_accounts = all_accounts(given, accounts.as_ref(), layers);
    Ok(Server {
        profile: None,
        base_url: outer.or(in_profile).unwrap_or(default),
        token,
        accounts,
        all_accounts,
        also: Vec::new(),
        ca_file: ca_file::locate(given.ca_file.as_deref(), env, layers),
    })
}

fn accounts(
    given: &ServerArgs,
    env: &Environment<'_>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<Vec<AccountId>>>, SettingsError> {
    let pick = |flag| ACCOUNT.pick(flag, env, parse::account);
    let mut accounts: Option<Sourced<Vec<AccountId>>> = None;
    for flag in &given.account {
        let Some(Sourced { value, source }) = pick(Some(flag))? else { continue };
        accounts.get_or_insert(Sourced { value: Vec::new(), source }).value.push(value);
    }
    if accounts.is_some() || given.all_accounts {
        return Ok(accounts);
    }
    let one = pick(None)?.or_else(|| layers.pick(|values| values.account.as_ref()));
    Ok(one.map(|Sourced { value, source }| Sourced { value: vec![value], source }))
}

/// Accounts named by a flag, a variable or the profile are wanted, and not all, whatever is set further out.
fn all_accounts(
    given: &ServerArgs,
    named: Option<&Sourced<Vec<AccountId>>>,
    layers: &Layers<'_>,
) -> Sourced<bool> {
    if given.all_accounts {
        return Sourced { value: true, source: Source::Flag("--all-accounts") };
    }
    let in_profile =
        layers.profile().is_some_and(|(_, values)| values.account.is_some() && values.all_accounts.is_none());
    match named {
        Some(Sourced { source, .. }) if in_profile || !matches!(source, Source::File { .. }) => {
            Sourced { value: false, source: source.clone() }
        }
        _ => layers
            .pick(|values| values.all_accounts.as_ref())
            .unwrap_or(Sourced { value: false, source: Source::Default }),
    }
}

/// The token of a flag or the environment, unless only a profile sets the server: then the profile's own.
fn for_server(
    token: Sourced<TokenLocation>,
    outer: Option<&Sourced<BaseUrl>>,
    in_profile: Option<&Sourced<BaseUrl>>,
    default: &Sourced<BaseUrl>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<TokenLocation>>, SettingsError> {
    let Some(base) = in_profile.filter(|base| outer.is_none() && !same(base, default)) else {
        return Ok(Some(token));
    };
    if matches!(token.source, Source::Flag(_)) {
        return Ok(Some(token));
    }
    let (name, values) = layers.profile().unwrap_or(("", layers.common()));
    match own(values, layers) {
        Some(own) => Ok(Some(own)),
        None => Err(SettingsError {
            source: token.source,
            given: None,
            problem: format!(
                "not sent to {}, which only the profile {} sets: it may be meant for {}. Set token_command or \
                 token_file in the profile, or give the server with --base-url",
                base.value.host(),
                crate::domain::text::SafeText::new(name),
                default.value.host()
            ),
        }),
    }
}

/// The token of the profile, else of the file, if it belongs to the server.
fn from_file(
    base: &Sourced<BaseUrl>,
    in_profile: &Sourced<BaseUrl>,
    default: &Sourced<BaseUrl>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<TokenLocation>>, SettingsError> {
    let own_one =
        layers.profile().and_then(|(_, values)| own(values, layers)).map(|token| (token, in_profile));
    let Some((token, home)) = own_one.or_else(|| Some((own(layers.common(), layers)?, default))) else {
        return Ok(None);
    };
    if same(home, base) {
        return Ok(Some(token));
    }
    Err(SettingsError {
        source: token.source,
        given: None,
        problem: format!(
            "this token is for {} and is not sent to {} ({}): {}",
            home.value.host(),
            base.value.host(),
            base.source,
            match base.source {
                Source::File { .. } => "set token_command or token_file in the profile",
                _ => "give its own with --token-file or PLANNR_ACCESS_TOKEN, or set up a profile with both",
            }
        ),
    })
}

fn own(values: &Values, layers: &Layers<'_>) -> Option<Sourced<TokenLocation>> {
    let command = values.token_command.as_ref().map(|found| place(found, layers, TokenLocation::Command));
    command.or_else(|| values.token_file.as_ref().map(|found| place(found, layers, TokenLocation::File)))
}

fn place<T: Clone>(
    found: &Spanned<T>,
    layers: &Layers<'_>,
    kind: impl Fn(T) -> TokenLocation,
) -> Sourced<TokenLocation> {
    let Sourced { value, source } = layers.sourced(found);
    Sourced { value: kind(value), source }
}

/// Whether two addresses are of one server: scheme, host and port.
pub(super) fn same(one: &Sourced<BaseUrl>, other: &Sourced<BaseUrl>) -> bool {
    one.value.owns(other.value.as_url())
}
