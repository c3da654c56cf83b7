//! What the environment shows about the terminal and the desktop.

use crate::browser;
use crate::clipboard::ClipboardEnv;
use crate::terminal::{Abilities, Desktop};
use crate::ui::theme;

use super::inputs::Environment;
use super::{Source, Sourced};

/// Whether to draw with ASCII only: flag, else file, else if the locale is not UTF-8.
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
    // With none set, POSIX implies ASCII; Windows and macOS have no such rule.
    Sourced { value: !cfg!(any(windows, target_os = "macos")), source: Source::Default }
}

/// Whether colours may be used. <https://no-color.org>: any non-empty value disables them.
pub(super) fn colour(env: &Environment<'_>) -> Sourced<bool> {
    match env.is_set("NO_COLOR") {
        true => Sourced { value: false, source: Source::Environment("NO_COLOR") },
        false => Sourced { value: true, source: Source::Default },
    }
}

/// A terminal: how it is recognised and what it supports.
struct Emulator {
    /// Part of what `TERM`, `TERM_PROGRAM` or `LC_TERMINAL` call it, in lower case.
    name: &'static str,
    /// A variable that it sets for the programs in it.
    variable: &'static str,
    desktop: Option<Desktop>,
    taskbar: Progress,
}

/// Whether a terminal shows progress (OSC 9;4). Earlier versions of some take it for a notification.
enum Progress {
    Never,
    Always,
    /// From this version on, which the variable holds.
    Since(&'static str, &'static [u32]),
}

/// From the terminals' own documentation and changelogs. Those that do not know OSC 777 ignore it.
const EMULATORS: &[Emulator] = &[
    // Shows progress in recent versions, a notification before 0.38, and reveals its version nowhere.
    emulator("kitty", "KITTY_WINDOW_ID", Some(Desktop::Osc99), Progress::Never),
    emulator(
        "ghostty",
        "GHOSTTY_RESOURCES_DIR",
        Some(Desktop::Osc777),
        Progress::Since("TERM_PROGRAM_VERSION", &[1, 2]),
    ),
    emulator(
        "wezterm",
        "WEZTERM_PANE",
        Some(Desktop::Osc777),
        Progress::Since("TERM_PROGRAM_VERSION", &[20_250_209]),
    ),
    emulator(
        "iterm",
        "ITERM_SESSION_ID",
        Some(Desktop::Osc9),
        Progress::Since("TERM_PROGRAM_VERSION", &[3, 6, 6]),
    ),
    emulator("foot", "", Some(Desktop::Osc777), Progress::Never),
    emulator("rxvt", "", Some(Desktop::Osc777), Progress::Never),
    emulator("contour", "", Some(Desktop::Osc777), Progress::Never),
    emulator("mintty", "", None, Progress::Always),
    // Windows Terminal.
    emulator("", "WT_SESSION", Some(Desktop::Osc777), Progress::Always),
    emulator("", "ConEmuANSI", None, Progress::Always),
    emulator(
        "konsole",
        "KONSOLE_VERSION",
        Some(Desktop::Osc777),
        Progress::Since("KONSOLE_VERSION", &[260_400]),
    ),
    // GNOME's and others on the same library.
    emulator("vte", "VTE_VERSION", Some(Desktop::Osc777), Progress::Since("VTE_VERSION", &[8_000])),
];

const fn emulator(
    name: &'static str,
    variable: &'static str,
    desktop: Option<Desktop>,
    taskbar: Progress,
) -> Emulator {
    Emulator { name, variable, desktop, taskbar }
}

/// Which notifications the terminal supports. Its name counts more than other variables, which a terminal started from
/// another one inherits.
pub(super) fn abilities(env: &Environment<'_>) -> Abilities {
    let lower = |name| env.lossy(name).unwrap_or_default().to_lowercase();
    let (term, program) = (lower("TERM"), lower("TERM_PROGRAM"));
    // The Linux console has neither window nor desktop; GNU screen passes nothing on.
    let text_only = term.starts_with("linux") || term == "dumb" || env.is_set("STY");
    if text_only {
        return Abilities::default();
    }
    let named =
        |by: &str| EMULATORS.iter().find(|emulator| !emulator.name.is_empty() && by.contains(emulator.name));
    let by_variable =
        || EMULATORS.iter().find(|emulator| !emulator.variable.is_empty() && env.is_set(emulator.variable));
    let found = named(&term).or_else(|| match &*program {
        // tmux calls itself a terminal; the one that it was started in shows through.
        "" | "tmux" => named(&lower("LC_TERMINAL")).or_else(by_variable),
        program => named(program),
    });
    Abilities {
        title: true,
        desktop: found.and_then(|emulator| emulator.desktop),
        taskbar: found.is_some_and(|emulator| match emulator.taskbar {
            Progress::Never => false,
            Progress::Always => true,
            Progress::Since(variable, least) => version(&lower(variable)).as_slice() >= least,
        }),
    }
}

/// The numbers that a version begins with: `3.6.6`, or `20250209-182623-44866cc1`.
fn version(text: &str) -> Vec<u32> {
    text.split(['.', '-']).map_while(|number| number.parse().ok()).collect()
}

pub(super) fn terminal(env: &Environment<'_>) -> theme::TerminalEnv {
    let text = |name| env.lossy(name).unwrap_or_default();
    theme::TerminalEnv {
        term: text("TERM"),
        colorterm: text("COLORTERM"),
        colorfgbg: text("COLORFGBG"),
        // Windows Terminal; and Windows' own console, which names no terminal.
        modern: env.is_set("WT_SESSION") || (cfg!(windows) && !env.is_set("TERM")),
        tmux: env.is_set("TMUX"),
        xterm: env.is_set("XTERM_VERSION"),
    }
}

pub(super) fn browser(env: &Environment<'_>) -> browser::BrowserEnv {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| env.is_set(name));
    // Under WSL, Windows opens links.
    let always = cfg!(any(windows, target_os = "macos")) || env.is_set("WSL_DISTRO_NAME");
    browser::BrowserEnv { browser: env.lossy("BROWSER"), remote: is_remote(env), display: desktop || always }
}

fn is_remote(env: &Environment<'_>) -> bool {
    env.is_set("SSH_CONNECTION") || env.is_set("SSH_TTY")
}

pub(super) fn clipboard(env: &Environment<'_>) -> ClipboardEnv {
    ClipboardEnv {
        tmux: env.is_set("TMUX"),
        remote: is_remote(env),
        wayland: env.is_set("WAYLAND_DISPLAY"),
        x11: env.is_set("DISPLAY"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::ffi::OsString;

    #[test]
    fn terminals_are_recognised_by_name() {
        use Desktop::{Osc9, Osc99, Osc777};
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<Desktop>, bool);
        let table: [Case<'_>; 21] = [
            (&[("TERM", "xterm-256color")], None, false),
            (&[("TERM", "xterm-kitty")], Some(Osc99), false),
            (&[("TERM", "xterm-ghostty"), ("VTE_VERSION", "8000")], Some(Osc777), false),
            (&[("TERM", "xterm-ghostty"), ("TERM_PROGRAM_VERSION", "1.2.0")], Some(Osc777), true),
            (&[("TERM", "foot-extra")], Some(Osc777), false),
            (&[("TERM", "rxvt-unicode-256color")], Some(Osc777), false),
            (&[("TERM_PROGRAM", "ghostty"), ("TERM_PROGRAM_VERSION", "1.1.3")], Some(Osc777), false),
            (&[("TERM_PROGRAM", "WezTerm")], Some(Osc777), false),
            (
                &[("TERM_PROGRAM", "WezTerm"), ("TERM_PROGRAM_VERSION", "20240203-110809-5046fc22")],
                Some(Osc777),
                false,
            ),
            (
                &[("TERM_PROGRAM", "WezTerm"), ("TERM_PROGRAM_VERSION", "20250209-182623-44866cc1")],
                Some(Osc777),
                true,
            ),
            (&[("TERM_PROGRAM", "iTerm.app"), ("TERM_PROGRAM_VERSION", "3.5.14")], Some(Osc9), false),
            (&[("TERM_PROGRAM", "iTerm.app"), ("TERM_PROGRAM_VERSION", "3.6.10")], Some(Osc9), true),
            (&[("LC_TERMINAL", "iTerm2")], Some(Osc9), false),
            (&[("TERM_PROGRAM", "Apple_Terminal"), ("KITTY_WINDOW_ID", "1")], None, false),
            (
                &[("TERM_PROGRAM", "tmux"), ("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")],
                Some(Osc99),
                false,
            ),
            (&[("WT_SESSION", "a")], Some(Osc777), true),
            (&[("ConEmuANSI", "ON")], None, true),
            (&[("VTE_VERSION", "7603")], Some(Osc777), false),
            (&[("KONSOLE_VERSION", "250402")], Some(Osc777), false),
            (&[("KONSOLE_VERSION", "260401")], Some(Osc777), true),
            (&[("TERM", "xterm-kitty"), ("STY", "1.pts")], None, false),
        ];
        for (variables, desktop, taskbar) in table {
            let set: HashMap<_, _> =
                variables.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
            let found = abilities(&Environment(&|name| set.get(name).cloned()));
            assert_eq!((found.desktop, found.taskbar), (desktop, taskbar), "{variables:?}");
            assert_eq!(found.title, !set.contains_key("STY"), "{variables:?}");
        }
    }
}
