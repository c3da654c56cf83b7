//! Running the command that prints the token.

use std::fmt;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::{LONGEST, reason};
use crate::api::InvalidToken;
use crate::child::{Running, describe};
use crate::config::file::TokenCommand;
use crate::domain::text::SafeText;

/// For a command that can prompt.
const INTERACTIVE: Duration = Duration::from_secs(120);
/// For one that cannot.
const UNATTENDED: Duration = Duration::from_secs(30);
/// How much of the end of its standard error is shown.
const LAST_BYTES: usize = 1024;
const LAST_LINES: usize = 3;

/// Who has the terminal while the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// The command: it may prompt.
    Shared,
    /// The monitor: the command gets no input, and its standard error is kept for the log and a notice.
    Taken,
}

/// Why the command gave no token. Never holds what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandFault {
    /// It could not be started; carries the system's reason.
    NotStarted(String),
    /// It failed; carries its exit status, and the end of its standard error if that was not shown already.
    Failed(String, Option<SafeText>),
    TimedOut(Duration),
    /// It printed more than 8 kB.
    TooLong,
    /// It printed something other than a token.
    Refused(InvalidToken),
}

impl fmt::Display for CommandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(reason) => write!(f, "could not be run: {reason}"),
            Self::Failed(how, None) => write!(f, "failed with {how}"),
            Self::Failed(how, Some(stderr)) => write!(f, "failed with {how}: {stderr}"),
            Self::TimedOut(limit) => write!(f, "was stopped: it did not finish within {} s", limit.as_secs()),
            Self::TooLong => write!(f, "printed too much for a token (over 8 kB)"),
            Self::Refused(refusal) => write!(f, "printed something else: {refusal}"),
        }
    }
}

/// Runs the command and returns what it printed. Dropping the future kills the command.
pub(super) async fn run(command: &TokenCommand, terminal: Terminal) -> Result<Vec<u8>, CommandFault> {
    let limit = if terminal == Terminal::Shared { INTERACTIVE } else { UNATTENDED };
    run_within(command, terminal, limit).await
}

async fn run_within(
    command: &TokenCommand,
    terminal: Terminal,
    limit: Duration,
) -> Result<Vec<u8>, CommandFault> {
    let broken = |error: std::io::Error| CommandFault::NotStarted(reason(&error));
    let child = prepared(command, terminal).spawn().map_err(broken)?;
    let mut running = Running { child, group: terminal == Terminal::Taken };
    let (out, err) = (running.child.stdout.take(), running.child.stderr.take());
    let work = async {
        let (out, stderr) = tokio::try_join!(read_stdout(out), read_stderr(err))?;
        let status = running.child.wait().await.map_err(broken)?;
        match status.success() {
            true => Ok(out),
            false => Err(CommandFault::Failed(describe(status), stderr)),
        }
    };
    tokio::time::timeout(limit, work).await.unwrap_or(Err(CommandFault::TimedOut(limit)))
}

fn prepared(command: &TokenCommand, terminal: Terminal) -> Command {
    let mut prepared = match command {
        TokenCommand::Shell(line) => shell(line),
        TokenCommand::Program(words) => {
            let mut prepared = Command::new(command.program().unwrap_or_default());
            prepared.args(words.iter().skip(1));
            prepared
        }
    };
    prepared.stdout(Stdio::piped()).kill_on_drop(true).env_remove(crate::secrets::TOKEN_VARIABLE);
    if terminal == Terminal::Taken {
        prepared.stdin(Stdio::null()).stderr(Stdio::piped());
        // GnuPG would draw its prompt over the screen.
        prepared.env_remove("GPG_TTY");
        // Away from the keys, and killed together with everything that it starts.
        #[cfg(unix)]
        prepared.process_group(0);
    }
    prepared
}

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    shell
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.raw_arg("/C").raw_arg(line);
    shell
}

async fn read_stdout(out: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, CommandFault> {
    let mut bytes = Vec::new();
    if let Some(out) = out {
        let read = out.take(LONGEST as u64 + 1).read_to_end(&mut bytes).await;
        read.map_err(|error| CommandFault::NotStarted(reason(&error)))?;
    }
    if bytes.len() > LONGEST { Err(CommandFault::TooLong) } else { Ok(bytes) }
}

/// The end of the standard error.
async fn read_stderr(err: Option<impl AsyncRead + Unpin>) -> Result<Option<SafeText>, CommandFault> {
    let Some(mut err) = err else { return Ok(None) };
    let (mut last, mut piece) = (Vec::new(), [0; 512]);
    while let Ok(length @ 1..) = err.read(&mut piece).await {
        last.extend_from_slice(piece.get(..length).unwrap_or_default());
        let surplus = last.len().saturating_sub(LAST_BYTES);
        last.drain(..surplus);
    }
    let text = String::from_utf8_lossy(&last);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    let end = SafeText::new(&lines.get(from..).unwrap_or_default().join("; "));
    Ok(Some(end).filter(|end| !end.is_empty()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(line: &str) -> TokenCommand {
        TokenCommand::Shell(line.to_owned())
    }

    async fn fault(command: TokenCommand) -> String {
        let ended = run(&command, Terminal::Taken).await;
        ended.map_or_else(|fault| fault.to_string(), |_| "gave a token".to_owned())
    }

    #[tokio::test]
    async fn a_string_runs_through_the_shell_and_a_list_directly() {
        let printed = run(&shell("printf '%s\\n' 12'|'abc"), Terminal::Taken).await.unwrap();
        assert_eq!(printed, b"12|abc\n");
        let list = ["printf", "%s", "$HOME; x"].map(str::to_owned).to_vec();
        assert_eq!(run(&TokenCommand::Program(list), Terminal::Taken).await.unwrap(), b"$HOME; x");
    }

    #[tokio::test]
    async fn a_failure_shows_status_and_the_end_of_stderr_made_safe_and_nothing_of_stdout() {
        let noisy = "echo s3cret; for i in 1 2 3 4 5; do printf 'line %s \\033[2J\\n' $i >&2; done; exit 7";
        let message = fault(shell(noisy)).await;
        assert_eq!(message, "failed with exit status 7: line 3 ␛[2J; line 4 ␛[2J; line 5 ␛[2J");
        let endless = "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1";
        assert!(fault(shell(endless)).await.len() < LAST_BYTES + 100);
        let nobody = TokenCommand::Program(vec!["/nonexistent/program".to_owned()]);
        assert_eq!(fault(nobody).await, "could not be run: no such file or directory");
        assert_eq!(fault(shell("kill -9 $$")).await, "failed with signal 9 (SIGKILL)");
    }

    #[tokio::test]
    async fn a_command_that_never_stops_printing_is_stopped() {
        assert_eq!(fault(shell("yes")).await, "printed too much for a token (over 8 kB)");
    }

    #[tokio::test]
    async fn nothing_that_was_started_outlives_the_timeout() {
        use rustix::process::{Pid, test_kill_process};
        let folder = tempfile::tempdir().unwrap();
        let noted = folder.path().join("pid");
        // The grandchild holds the output open: its end is what is waited for.
        let line = format!("sleep 600 & echo $! > '{}'; wait", noted.display());
        let command = shell(&line);
        let work = run_within(&command, Terminal::Taken, Duration::from_millis(300));
        assert_eq!(work.await, Err(CommandFault::TimedOut(Duration::from_millis(300))));
        let grandchild: i32 = std::fs::read_to_string(&noted).unwrap().trim().parse().unwrap();
        let gone = || {
            let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            test_kill_process(Pid::from_raw(grandchild).unwrap()).is_err() || state.contains(") Z ")
        };
        for _ in 0..1_000 {
            if gone() {
                return;
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        assert!(gone(), "the grandchild lives on");
    }
}
