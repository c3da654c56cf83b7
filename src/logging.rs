//! The log: written to a file if requested, never to the terminal.
//!
//! Only this program's own events are written, at any level: the libraries below could log a request's headers, and
//! with them the token.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::subscriber::Subscriber;
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::secrets;

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
    let file = open(log).map_err(refuse)?;
    tracing::subscriber::set_global_default(subscriber(file, log.level))
        .map_err(|error| refuse(io::Error::other(error)))
}

fn open(log: &Log) -> io::Result<File> {
    // Checked before opening, which could wake a device, and again on the open file, because the path may point
    // elsewhere by then.
    if std::fs::metadata(&log.path).is_ok_and(|found| !found.is_file()) {
        return Err(not_a_file());
    }
    let file = open_itself(&log.path)?;
    if !file.metadata()?.is_file() {
        return Err(not_a_file());
    }
    keep_private(&file)?;
    Ok(file)
}

fn not_a_file() -> io::Error {
    io::Error::other("not a regular file")
}

/// Opens the file itself, without following links: whoever can write in the folder could otherwise redirect the log to
/// another of the user's files, or block it on a pipe.
#[cfg(unix)]
fn open_itself(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use rustix::io::Errno;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(flags.bits().cast_signed());
    options.open(path).map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::LOOP) => io::Error::other("it is a symbolic link; name the file itself"),
        Some(Errno::NXIO) => not_a_file(),
        _ => error,
    })
}

#[cfg(not(unix))]
fn open_itself(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// An existing file may be accessible to others.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// Elsewhere a new file is private unless somebody shares it.
#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
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
            tracing::subscriber::with_default(subscriber(open(&log).unwrap(), log.level), || {
                tracing::debug!("ours");
                tracing::trace!("too much");
                tracing::error!(target: "hyper::proto::h1", "authorization: Bearer secret");
                tracing::error!(target: "reqwest::connect", "also secret");
            });
        }
        let written = fs::read_to_string(&log.path).unwrap();
        assert_eq!(written.lines().count(), 2, "{written}");
        assert!(written.lines().all(|line| line.ends_with("ours")), "{written}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path().join("log"), Level::INFO);
        open(&log).unwrap();
        let mode = || fs::metadata(&log.path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&log.path, fs::Permissions::from_mode(0o664)).unwrap();
        open(&log).unwrap();
        assert_eq!(mode(), 0o600, "also one that was there before");
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

    #[cfg(unix)]
    #[test]
    fn the_opened_file_is_checked_even_if_the_path_was_something_else_before() {
        let folder = tempfile::tempdir().unwrap();
        // As if put there between check and open: neither blocks nor follows.
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(open_itself(&pipe).unwrap_err().to_string(), "not a regular file");
        let (link, nowhere) = (folder.path().join("link"), folder.path().join("nowhere"));
        std::os::unix::fs::symlink(&nowhere, &link).unwrap();
        assert!(open_itself(&link).unwrap_err().to_string().contains("symbolic link"));
        assert!(!nowhere.exists());
    }

    #[test]
    fn a_token_in_use_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path().join("log"), Level::INFO);
        secrets::keep(&crate::api::Token::new("9|logged-secret").unwrap());
        tracing::subscriber::with_default(subscriber(open(&log).unwrap(), log.level), || {
            tracing::info!(echo = "9|logged-secret\u{1b}[2J", "an echo: logged-secret");
        });
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
