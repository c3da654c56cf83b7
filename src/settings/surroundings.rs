//! What the environment tells about the terminal and the desktop.

use crate::browser;

use super::place::Environment;
use super::{Source, Sourced};

/// Whether to draw with ASCII only: by flag, else by file, else where the locale is not UTF-8.
pub(super) fn ascii(flag: bool, file: Option<Sourced<bool>>, env: &Environment<'_>) -> Sourced<bool> {
    if flag {
        return Sourced { value: true, source: Source::Flag("--ascii") };
    }
    if let Some(chosen) = file {
        return chosen;
    }
    // POSIX: the first of these that is set decides.
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
        if let Some(locale) = env.lossy(name) {
            let locale = locale.to_ascii_lowercase();
            let utf8 = locale.contains("utf-8") || locale.contains("utf8");
            return Sourced { value: !utf8, source: Source::Environment(name) };
        }
    }
    // Without any, POSIX says ASCII; Windows and macOS have no such rule.
    Sourced { value: !cfg!(any(windows, target_os = "macos")), source: Source::Default }
}

/// Whether colours may be used. <https://no-color.org>: any value but an empty one says no.
pub(super) fn colour(env: &Environment<'_>) -> Sourced<bool> {
    match env.is_set("NO_COLOR") {
        true => Sourced { value: false, source: Source::Environment("NO_COLOR") },
        false => Sourced { value: true, source: Source::Default },
    }
}

/// What opening a link depends on.
pub(super) fn browser(env: &Environment<'_>) -> browser::Surroundings {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| env.is_set(name));
    // Under WSL the opener is that of Windows.
    let always = cfg!(any(windows, target_os = "macos")) || env.is_set("WSL_DISTRO_NAME");
    browser::Surroundings {
        browser: env.lossy("BROWSER"),
        remote: env.is_set("SSH_CONNECTION") || env.is_set("SSH_TTY"),
        display: desktop || always,
    }
}
