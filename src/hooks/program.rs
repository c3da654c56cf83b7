//! One run of a hook's program.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::VARIABLES;
use crate::child::{Running, describe};
use crate::config::reason;
use crate::domain::text::SafeText;
use crate::secrets;

/// How much of the beginning of its standard error is said.
const FIRST_BYTES: usize = 4 * 1024;
const FIRST_LINES: usize = 5;
/// How long the standard error may stay open once the program ended: something that it started may hold it.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// An event as its hooks get it.
pub(super) struct Event {
    pub(super) id: String,
    line: String,
    /// `None` where the event has no value.
    variables: Vec<(String, Option<String>)>,
}

impl Event {
    pub(super) fn new(json: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let members = json.as_object().into_iter().flatten();
        Self {
            id: json.get("id").and_then(text).unwrap_or_default(),
            line: format!("{json}\n"),
            variables: members
                .map(|(name, value)| (format!("{VARIABLES}{}", name.to_uppercase()), text(value)))
                .collect(),
        }
    }
}

/// How a run ended.
pub(super) struct Ended {
    /// What went wrong.
    how: Result<(), String>,
    /// The beginning of its standard error.
    stderr: String,
}

impl Ended {
    /// What there is to say about it, if anything.
    pub(super) fn problem(&self) -> Option<String> {
        let mut lines = self.stderr.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let first: Vec<_> = lines.by_ref().take(FIRST_LINES).collect();
        let more = if lines.next().is_some() { "; …" } else { "" };
        let stderr = SafeText::new(&first.join("; "));
        match (&self.how, stderr.is_empty()) {
            (Ok(()), true) => None,
            (Ok(()), false) => Some(format!("{stderr}{more}")),
            (Err(how), true) => Some(how.clone()),
            (Err(how), false) => Some(format!("{how}: {stderr}{more}")),
        }
    }
}

/// Runs a program with its arguments, without a shell. Dropping the future kills it.
pub(super) async fn run(words: &[String], event: &Event, withheld: &[OsString], limit: Duration) -> Ended {
    let mut stderr = Vec::new();
    let work = until_end(prepared(words, event, withheld), event, &mut stderr);
    let how = tokio::time::timeout(limit, work).await;
    let how = how.unwrap_or_else(|_| Err(format!("stopped: it did not finish within {limit:?}")));
    Ended { how, stderr: String::from_utf8_lossy(&stderr).into_owned() }
}

pub(super) fn prepared(words: &[String], event: &Event, withheld: &[OsString]) -> Command {
    let mut command = Command::new(words.first().map(String::as_str).unwrap_or_default());
    command.args(words.iter().skip(1)).env_remove(secrets::TOKEN_VARIABLE).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    for name in withheld {
        command.env_remove(name);
    }
    for (name, value) in &event.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // Away from the keys, and killed together with everything that it starts.
    #[cfg(unix)]
    command.process_group(0);
    command
}

async fn until_end(mut command: Command, event: &Event, stderr: &mut Vec<u8>) -> Result<(), String> {
    let not_run = |error: std::io::Error| format!("could not be run: {}", reason(&error));
    let child = command.spawn().map_err(not_run)?;
    let mut running = Running { child, group: cfg!(unix) };
    let (input, output) = (running.child.stdin.take(), running.child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // A program need not read it.
            let _ = input.write_all(event.line.as_bytes()).await;
        }
    };
    let pipes = async { tokio::join!(feed, beginning(output, stderr)) };
    tokio::pin!(pipes);
    let mut closed = false;
    let status = loop {
        tokio::select! {
            status = running.child.wait() => break status,
            _ = &mut pipes, if !closed => closed = true,
        }
    };
    if !closed {
        let _ = tokio::time::timeout(LAST_WORDS, pipes).await;
    }
    let status = status.map_err(not_run)?;
    if status.success() { Ok(()) } else { Err(format!("failed with {}", describe(status))) }
}

/// Reads to the end, and keeps the beginning.
async fn beginning(output: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut output) = output else { return };
    let mut piece = [0; 512];
    while let Ok(length @ 1..) = output.read(&mut piece).await {
        let room = length.min(FIRST_BYTES.saturating_sub(kept.len()));
        kept.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
}
