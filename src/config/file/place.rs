//! Where the configuration file is, by the customs of the system.

use std::path::{Path, PathBuf};

use crate::cli::ConfigArgs;
use crate::config::Source;
use crate::config::place::Environment;

/// Where the file is, whether or not it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigPlace {
    /// The path.
    pub path: PathBuf,
    /// Who named it.
    pub source: Source,
}

impl ConfigPlace {
    /// Whether somebody named it, so that it must exist.
    pub fn is_named(&self) -> bool {
        self.source != Source::Default
    }
}

/// Systems with customs of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Unix,
    MacOs,
    Windows,
}

const HERE: System = if cfg!(windows) {
    System::Windows
} else if cfg!(target_os = "macos") {
    System::MacOs
} else {
    System::Unix
};

/// The file that is named, else the one at the usual place; `None` where the environment names no such place.
pub(in crate::config) fn find(given: &ConfigArgs, env: &Environment<'_>) -> Option<ConfigPlace> {
    let named = crate::config::CONFIG.pick_path(given.config.as_deref().map(Path::as_os_str), env);
    match named {
        Some(named) => Some(ConfigPlace { path: named.value.into(), source: named.source }),
        None => usual(HERE, env).map(|path| ConfigPlace { path, source: Source::Default }),
    }
}

/// The user's own folder.
pub(in crate::config) fn home(env: &Environment<'_>) -> Option<PathBuf> {
    absolute(env, if HERE == System::Windows { "USERPROFILE" } else { "HOME" })
}

fn usual(system: System, env: &Environment<'_>) -> Option<PathBuf> {
    // The XDG specification: a path that does not begin at the root is to be ignored.
    let folder = match system {
        System::Windows => absolute(env, "APPDATA"),
        System::Unix => absolute(env, "XDG_CONFIG_HOME").or_else(|| Some(home(env)?.join(".config"))),
        System::MacOs => absolute(env, "XDG_CONFIG_HOME")
            .or_else(|| Some(home(env)?.join("Library").join("Application Support"))),
    };
    Some(folder?.join("plannr-tui").join("config.toml"))
}

fn absolute(env: &Environment<'_>, name: &str) -> Option<PathBuf> {
    env.raw(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

// What is absolute elsewhere is written in another way.
#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_its_own_place() {
        let both = &[("XDG_CONFIG_HOME", "/x"), ("HOME", "/home/me"), ("APPDATA", "/roaming")][..];
        let table = [
            (System::Unix, both, Some("/x/plannr-tui/config.toml")),
            (System::Unix, &both[1..], Some("/home/me/.config/plannr-tui/config.toml")),
            (
                System::Unix,
                &[("XDG_CONFIG_HOME", "here"), ("HOME", "/h")],
                Some("/h/.config/plannr-tui/config.toml"),
            ),
            (System::Unix, &[], None),
            (System::MacOs, both, Some("/x/plannr-tui/config.toml")),
            (System::MacOs, &both[1..], Some("/home/me/Library/Application Support/plannr-tui/config.toml")),
            (System::Windows, both, Some("/roaming/plannr-tui/config.toml")),
            (System::Windows, &both[..2], None),
        ];
        for (system, env, path) in table {
            let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into());
            assert_eq!(usual(system, &Environment(&find)), path.map(PathBuf::from), "{system:?} {env:?}");
        }
    }
}
