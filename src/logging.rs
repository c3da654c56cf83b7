//! The log: written to a file if requested, never to the terminal.
//!
//! Only this program's own events are written, at any level: the libraries below could log a request's headers, and
//! with them the token.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tracing::subscriber::Subscriber;
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::{private_file, secrets};

/// Without client data.
pub const DEFAULT_LEVEL: Level = Level::INFO;

/// The name under which this program's own modules log.
const OURS: &str = "plannr_tui";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Created if missing, appended to, and made private.
    pub path: PathBuf,
    /// The most verbose level that is written.
    pub level: Level,
}

/// Starts logging, once per process; `set_by` is where the path was set.
///
/// # Errors
/// The file cannot be written or is not a regular file: wrong usage.
pub fn start(log: &Log, set_by: impl Display) -> Result<(), Failure> {
    let refuse = |error: io::Error| Failure {
        message: format!(
            "the log file {} ({}) cannot be used: {error}",
            SafeText::new(&log.path.to_string_lossy()),
            set_by
        ),
        exit: Exit::Usage,
    };
    let file = private_file::append(&log.path).map_err(refuse)?;
    tracing::subscriber::set_global_default(subscriber(file, log.level))
        .map_err(|error| refuse(io::Error::other(error)))
}

/// The log file; removes tokens and control characters from what is written.
struct Scrubbing(File);

impl Write for &Scrubbing {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        (&self.0).write_all(secrets::scrubbed(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.0).flush()
    }
}

fn subscriber(file: File, level: Level) -> impl Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Arc::new(Scrubbing(file)));
    let ours = Targets::new().with_target(OURS, LevelFilter::from_level(level));
    tracing_subscriber::registry().with(lines).with(ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn log(path: PathBuf, level: Level) -> Log {
        Log { path, level }
    }

    #[test]
    fn only_our_own_events_are_appended_at_the_chosen_level() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path().join("log"), Level::DEBUG);
        for _ in 0..2 {
            tracing::subscriber::with_default(
                subscriber(private_file::append(&log.path).unwrap(), log.level),
                || {
                    tracing::debug!("ours");
                    tracing::trace!("too much");
                    tracing::error!(target: "hyper::proto::h1", "authorization: Bearer secret");
                    tracing::error!(target: "reqwest::connect", "also secret");
                },
            );
        }
        let written = fs::read_to_string(&log.path).unwrap();
        assert_eq!(written.lines().count(), 2, "{written}");
        assert!(written.lines().all(|line| line.ends_with("ours")), "{written}");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("log"), folder.path().join("other"));
        fs::write(&target, "mine").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let failure = start(&log(path, Level::INFO), "--log-file").unwrap_err();
        assert!(failure.message.ends_with("it is a symbolic link; name the file itself"), "{failure}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    }

    #[test]
    fn a_token_in_use_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path().join("log"), Level::INFO);
        secrets::keep(&crate::api::Token::new("9|logged-secret").unwrap());
        tracing::subscriber::with_default(
            subscriber(private_file::append(&log.path).unwrap(), log.level),
            || {
                tracing::info!(echo = "9|logged-secret\u{1b}[2J", "an echo: logged-secret");
            },
        );
        let written = fs::read_to_string(&log.path).unwrap();
        assert!(written.contains("an echo: …") && !written.contains("logged-secret"), "{written}");
        assert!(!written.contains('\u{1b}') && written.ends_with('\n'), "{written:?}");
    }

    #[test]
    fn what_is_not_a_file_is_wrong_usage() {
        let folder = tempfile::tempdir().unwrap();
        let failure = start(&log(folder.path().to_owned(), Level::INFO), "--log-file").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.ends_with("(--log-file) cannot be used: not a regular file"), "{failure}");
    }
}
