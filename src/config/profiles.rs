//! Several profiles at once: a server for each.
//!
//! Each is what the file says it is. The variables of one server (address, account, token) mean none of them: a token of
//! the environment goes to no profile's server.

use super::file::Config;
use super::inputs::Environment;
use super::layers::{Layers, no_profiles};
use super::{
    ACCOUNT, BASE_URL, PROFILE, Server, SettingsError, Source, Sourced, TOKEN_FILE, parse, server, token,
};
use crate::cli::{ConfigArgs, ServerArgs};
use crate::domain::text::SafeText;

/// The names of the profiles, where several are wanted; each once.
///
/// # Errors
/// There are none; a name is not valid.
pub(super) fn chosen(
    given: &ConfigArgs,
    config: &Config,
) -> Result<Option<Vec<Sourced<String>>>, SettingsError> {
    if given.all_profiles {
        let source = Source::Flag("--all-profiles");
        let names = config.profiles.iter().map(|(name, _)| name.value.clone());
        let all: Vec<_> = names.map(|value| Sourced { value, source: source.clone() }).collect();
        return match all.is_empty() {
            true => Err(SettingsError { problem: no_profiles(config), given: None, source }),
            false => Ok(Some(all)),
        };
    }
    let mut several: Vec<Sourced<String>> = Vec::new();
    for name in &given.profile {
        // Flags only: the variable names one profile.
        let name = PROFILE.pick(Some(name), &Environment(&|_| None), parse::name)?;
        several.extend(name.filter(|name| !several.contains(name)));
    }
    Ok(Some(several).filter(|several| several.len() > 1))
}

/// The server of each profile. Profiles with the same server and token are one, so that they share its rate limit and no
/// import is asked for twice.
///
/// # Errors
/// There is no such profile, it has no token, or its token is for another server.
pub(super) fn servers(
    several: &[Sourced<String>],
    given: &ServerArgs,
    env: &Environment<'_>,
    config: &Config,
) -> Result<Vec<Server>, SettingsError> {
    let of_one = [BASE_URL.variable, ACCOUNT.variable, TOKEN_FILE.variable, Some(token::VARIABLE)];
    let general = |name: &str| env.raw(name).filter(|_| !of_one.contains(&Some(name)));
    let of_all = ServerArgs {
        all_accounts: given.all_accounts,
        ca_file: given.ca_file.clone(),
        ..ServerArgs::default()
    };
    let mut servers: Vec<Server> = Vec::new();
    for profile in several {
        let layers = Layers::new(config, Some(profile))?;
        let found = server::resolve(&of_all, &Environment(&general), &layers)?;
        let Some(token) = &found.token else { return Err(no_token(profile)) };
        let name = SafeText::new(&profile.value);
        let is_same = |other: &&mut Server| {
            let its = other.token.as_ref().map(|token| &token.value);
            let trusted = |server: &Server| server.ca_file.as_ref().map(|file| file.value.clone());
            let same_server =
                server::same(&other.base_url, &found.base_url) && trusted(other) == trusted(&found);
            same_server && its == Some(&token.value)
        };
        match servers.iter_mut().find(is_same) {
            Some(other) => {
                let both = other.profile.iter().map(AsRef::as_ref).chain([name.as_str()]);
                other.profile = Some(both.collect::<Vec<_>>().join(", ").into());
                other.also.push(found.wanted());
            }
            None => servers.push(Server { profile: Some(name.as_str().into()), ..found }),
        }
    }
    // By its name it is known which server an account is on.
    for (at, server) in servers.iter().enumerate() {
        if servers.iter().take(at).any(|other| other.profile == server.profile) {
            let source = server.base_url.source.clone();
            let given = server.profile.as_deref().map(SafeText::new);
            let problem = "another profile looks the same by its name; rename one".to_owned();
            return Err(SettingsError { source, given, problem });
        }
    }
    if let [only] = &mut servers[..] {
        only.profile = None;
    }
    Ok(servers)
}

fn no_token(profile: &Sourced<String>) -> SettingsError {
    let problem = format!(
        "the profile {} has no token of its own: set token_command or token_file in it ({} is sent to no profile where \
         several are watched)",
        SafeText::new(&profile.value),
        token::VARIABLE,
    );
    SettingsError { source: profile.source.clone(), given: None, problem }
}
