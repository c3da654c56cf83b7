//! Where the configuration file is, by the conventions of each system.

use std::path::{Path, PathBuf};

use crate::cli::ConfigArgs;
use crate::config::Source;
use crate::config::inputs::Environment;

/// Whether or not the file exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigLocation {
    pub path: PathBuf,
    /// What named it.
    pub source: Source,
}

impl ConfigLocation {
    /// Whether it was named, so that it must exist.
    pub fn is_named(&self) -> bool {
        self.source != Source::Default
    }
}

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

/// The file that was named, else the default one; `None` if the environment names no home.
pub(in crate::config) fn find(given: &ConfigArgs, env: &Environment<'_>) -> Option<ConfigLocation> {
    let named = crate::config::CONFIG.pick_path(given.config.as_deref().map(Path::as_os_str), env);
    match named {
        Some(named) => Some(ConfigLocation { path: named.value.into(), source: named.source }),
        None => default_path(HERE, env).map(|path| ConfigLocation { path, source: Source::Default }),
    }
}

pub(in crate::config) fn home(env: &Environment<'_>) -> Option<PathBuf> {
    absolute(env, if HERE == System::Windows { "USERPROFILE" } else { "HOME" })
}

fn default_path(system: System, env: &Environment<'_>) -> Option<PathBuf> {
    // The XDG specification ignores relative paths.
    let folder = match system {
        System::Windows => absolute(env, "APPDATA"),
        System::Unix => absolute(env, "XDG_CONFIG_HOME").or_else(|| Some(home(env)?.join(".config"))),
        System::MacOs => absolute(env, "XDG_CONFIG_HOME")
            .or_else(|| Some(home(env)?.join("Library").join("Application Support"))),
    };
    Some(folder?.join("plannr-tui").join("config.toml"))
}

/// Where the journal is, if one is kept.
pub(in crate::config) fn journal(env: &Environment<'_>) -> Option<PathBuf> {
    journal_path(HERE, env)
}

fn journal_path(system: System, env: &Environment<'_>) -> Option<PathBuf> {
    let folder = match system {
        System::Windows => absolute(env, "LOCALAPPDATA"),
        System::Unix => {
            absolute(env, "XDG_STATE_HOME").or_else(|| Some(home(env)?.join(".local").join("state")))
        }
        System::MacOs => absolute(env, "XDG_STATE_HOME")
            .or_else(|| Some(home(env)?.join("Library").join("Application Support"))),
    };
    Some(folder?.join("plannr-tui").join("journal.ndjson"))
}

fn absolute(env: &Environment<'_>, name: &str) -> Option<PathBuf> {
    env.raw(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

// Absolute paths are written differently elsewhere.
#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_where_each_system_keeps_the_state_of_programs() {
        let env = &[("XDG_STATE_HOME", "/s"), ("HOME", "/home/me"), ("LOCALAPPDATA", "/local")][..];
        let table = [
            (System::Unix, env, "/s"),
            (System::Unix, &env[1..], "/home/me/.local/state"),
            (System::MacOs, &env[1..], "/home/me/Library/Application Support"),
            (System::Windows, env, "/local"),
        ];
        for (system, env, folder) in table {
            let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into());
            let path = Path::new(folder).join("plannr-tui/journal.ndjson");
            assert_eq!(journal_path(system, &Environment(&find)), Some(path), "{system:?}");
        }
    }

    #[test]
    fn every_system_has_its_own_default() {
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
            assert_eq!(
                default_path(system, &Environment(&find)),
                path.map(PathBuf::from),
                "{system:?} {env:?}"
            );
        }
    }
}
