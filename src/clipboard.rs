//! Copying with the programs of tmux and the desktop: [`programs`] decides which are tried and is pure, [`copy`] tries them.
//! What none of them takes is left to the terminal (OSC 52).

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::secrets;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the environment says about clipboards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClipboardEnv {
    pub tmux: bool,
    /// Whether the program runs over SSH, where the desktop's clipboard is on the wrong computer.
    pub remote: bool,
    pub wayland: bool,
    pub x11: bool,
}

/// A program that takes the text on its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    pub name: &'static str,
    args: &'static [&'static str],
}

/// The programs to try, in this order.
pub fn programs(env: ClipboardEnv) -> Vec<Program> {
    let desktop = !env.remote;
    // tmux hands the text on to the terminal as well (-w), which need not allow it.
    let all = [
        (env.tmux, "tmux", &["load-buffer", "-w", "-"][..]),
        (desktop && env.wayland, "wl-copy", &[]),
        (desktop && env.x11, "xclip", &["-selection", "clipboard"]),
        (desktop && cfg!(target_os = "macos"), "pbcopy", &[]),
        (desktop && cfg!(windows), "clip.exe", &[]),
    ];
    all.into_iter().filter(|(here, ..)| *here).map(|(_, name, args)| Program { name, args }).collect()
}

/// Hands the text to the first program that takes it, and says which; `None` if none does.
pub async fn copy(programs: Vec<Program>, text: String) -> Option<&'static str> {
    for program in programs {
        if let Ok(true) = tokio::time::timeout(PATIENCE, takes(program, &text)).await {
            return Some(program.name);
        }
    }
    None
}

async fn takes(program: Program, text: &str) -> bool {
    let mut command = Command::new(program.name);
    command.args(program.args).env_remove(secrets::TOKEN_VARIABLE).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let Some(mut stdin) = child.stdin.take() else { return false };
    let written = if program.name == "clip.exe" {
        // It takes other characters than ASCII only as UTF-16 with a byte order mark.
        let wide = std::iter::once(0xfeff).chain(text.encode_utf16());
        stdin.write_all(&wide.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).await
    } else {
        stdin.write_all(text.as_bytes()).await
    };
    drop(stdin);
    written.is_ok() && child.wait().await.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_comes_first_and_a_desktop_counts_only_where_its_user_sits() {
        let names = |env| programs(env).into_iter().map(|program| program.name).collect::<Vec<_>>();
        let desktop = ClipboardEnv { wayland: true, x11: true, ..ClipboardEnv::default() };
        let here = |more: &[&'static str]| -> Vec<&'static str> {
            let own = [(cfg!(target_os = "macos"), "pbcopy"), (cfg!(windows), "clip.exe")];
            more.iter()
                .copied()
                .chain(own.into_iter().filter(|(here, _)| *here).map(|(_, name)| name))
                .collect()
        };
        assert_eq!(names(ClipboardEnv::default()), here(&[]));
        assert_eq!(names(desktop), here(&["wl-copy", "xclip"]));
        assert_eq!(names(ClipboardEnv { tmux: true, ..desktop }), here(&["tmux", "wl-copy", "xclip"]));
        assert_eq!(names(ClipboardEnv { tmux: true, remote: true, ..desktop }), ["tmux"]);
        assert_eq!(names(ClipboardEnv { remote: true, ..desktop }), [""; 0]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_next_program_is_tried_where_one_is_missing_or_fails() {
        let program = |name, args| Program { name, args };
        let (missing, fails, takes) = (
            program("plannr-no-such-program", &[][..]),
            program("false", &[]),
            program("sh", &["-c", "test \"$(cat)\" = 'a b'"]),
        );
        let text = || "a b".to_owned();
        assert_eq!(copy(vec![missing, fails, takes], text()).await, Some("sh"));
        assert_eq!(copy(vec![missing, fails], text()).await, None);
        assert_eq!(copy(vec![takes], "other".to_owned()).await, None, "it says that it did not take it");
    }
}
