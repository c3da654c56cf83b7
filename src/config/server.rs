//! The server, and which token may be sent to it.
//!
//! A token belongs to the server that it was given for. One from the file belongs to the server that the file, or the
//! profile, names beside it, and goes nowhere else. One from the environment, which may be there for every command of a
//! shell, belongs to the server of the environment, of the flags, or to the usual one, and not to the server of a
//! profile. One from a flag was typed for this very command.

use super::file::{Spanned, Values};
use super::layers::Layers;
use super::place::Environment;
use super::token::{self, TokenPlace};
use super::{ACCOUNT, BASE_URL, Server, SettingsError, Source, Sourced, parse};
use crate::api::BaseUrl;
use crate::cli::ServerArgs;

/// Works out the server.
///
/// # Errors
/// A value that cannot be used; a token that would go to a server which it was not given for.
pub(super) fn resolve(
    given: &ServerArgs,
    env: &Environment<'_>,
    layers: &Layers<'_>,
) -> Result<Server, SettingsError> {
    let usual = match &layers.common().base_url {
        Some(named) => layers.sourced(named),
        None => Sourced { value: parse::default_base_url()?, source: Source::Default },
    };
    let of_profile =
        layers.profile().and_then(|(_, values)| values.base_url.as_ref()).map(|url| layers.sourced(url));
    let outer = BASE_URL.pick(given.base_url.as_deref(), env, parse::base_url)?;
    let token = match token::place(given.token_file.as_deref(), env) {
        Some(token) => for_server(token, outer.as_ref(), of_profile.as_ref(), &usual, layers)?,
        None => {
            let base = outer.as_ref().or(of_profile.as_ref()).unwrap_or(&usual);
            of_file(base, of_profile.as_ref().unwrap_or(&usual), &usual, layers)?
        }
    };
    Ok(Server {
        base_url: outer.or(of_profile).unwrap_or(usual),
        token,
        account: ACCOUNT
            .pick(given.account.as_deref(), env, parse::account)?
            .or_else(|| layers.pick(|values| values.account.as_ref())),
    })
}

/// A token of a flag or the environment, unless the server is one that only a profile names: then the profile's own.
fn for_server(
    token: Sourced<TokenPlace>,
    outer: Option<&Sourced<BaseUrl>>,
    of_profile: Option<&Sourced<BaseUrl>>,
    usual: &Sourced<BaseUrl>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<TokenPlace>>, SettingsError> {
    let Some(base) = of_profile.filter(|base| outer.is_none() && !same(base, usual)) else {
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
                "not sent to {}, which only the profile {} names: it may be meant for {}. Give the profile a \
                 token_command or a token_file, or name the server with --base-url",
                base.value.host(),
                crate::domain::text::SafeText::new(name),
                usual.value.host()
            ),
        }),
    }
}

/// The token of the profile, else of the file, if it belongs to the server.
fn of_file(
    base: &Sourced<BaseUrl>,
    of_profile: &Sourced<BaseUrl>,
    usual: &Sourced<BaseUrl>,
    layers: &Layers<'_>,
) -> Result<Option<Sourced<TokenPlace>>, SettingsError> {
    let own_one =
        layers.profile().and_then(|(_, values)| own(values, layers)).map(|token| (token, of_profile));
    let Some((token, home)) = own_one.or_else(|| Some((own(layers.common(), layers)?, usual))) else {
        return Ok(None);
    };
    if same(home, base) {
        return Ok(Some(token));
    }
    Err(SettingsError {
        source: token.source,
        given: None,
        problem: format!(
            "this token is for {} and is not sent to {} ({}); {}",
            home.value.host(),
            base.value.host(),
            base.source,
            match base.source {
                Source::File { .. } => "give the profile a token_command or a token_file of its own",
                _ => "give one for it with --token-file or PLANNR_ACCESS_TOKEN, or make a profile of both",
            }
        ),
    })
}

fn own(values: &Values, layers: &Layers<'_>) -> Option<Sourced<TokenPlace>> {
    let command = values.token_command.as_ref().map(|found| place(found, layers, TokenPlace::Command));
    command.or_else(|| values.token_file.as_ref().map(|found| place(found, layers, TokenPlace::File)))
}

fn place<T: Clone>(
    found: &Spanned<T>,
    layers: &Layers<'_>,
    kind: impl Fn(T) -> TokenPlace,
) -> Sourced<TokenPlace> {
    let Sourced { value, source } = layers.sourced(found);
    Sourced { value: kind(value), source }
}

/// Whether two addresses are of one server: scheme, host and port.
fn same(one: &Sourced<BaseUrl>, other: &Sourced<BaseUrl>) -> bool {
    one.value.owns(other.value.as_url())
}
