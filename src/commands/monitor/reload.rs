//! The configuration file while the monitor runs: noticed when it changes, and read again.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::event::Answer;
use crate::app::runtime_config::RuntimeConfig;
use crate::cli::Cli;
use crate::clock::clock;
use crate::config::file::{ConfigError, Mistake};
use crate::config::themes::themes;
use crate::config::{self, Settings, Source, Sourced, Target};

/// An editor may be half way through writing it.
const SETTLING: Duration = Duration::from_millis(100);

/// Which file lies at the path, as far as its folder tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    changed: Option<Timestamp>,
    size: u64,
    /// Another one where an editor put a new file in its place.
    inode: u64,
}

impl Stamp {
    /// `None` where there is no file.
    fn of(path: &Path) -> Option<Self> {
        // By its path: where it is a link, what counts is the file that it leads to now.
        let about = std::fs::metadata(path).ok()?;
        let changed = about.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        Some(Self { changed, size: about.len(), inode: inode(&about) })
    }
}

#[cfg(unix)]
fn inode(about: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

/// The configuration file, with what else the settings depend on.
#[derive(Debug, Clone)]
pub(in crate::commands) struct ConfigFile {
    path: Option<PathBuf>,
    cli: Cli,
    seen: Cell<Option<Stamp>>,
}

impl ConfigFile {
    /// The file as it is now; to be called before it is read for the first time.
    pub(in crate::commands) fn new(cli: &Cli) -> Self {
        let path = config::config_place(cli, &environment).map(|place| place.path);
        let seen = Cell::new(path.as_deref().and_then(Stamp::of));
        Self { path, cli: cli.clone(), seen }
    }

    /// Looks whether it is another than at the last look; reads it then, away from the loop. `started` is what the
    /// program was started with.
    pub(in crate::commands) fn changed(
        &self,
        started: &Arc<Settings>,
    ) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let path = self.path.clone()?;
        let stamp = Stamp::of(&path);
        if self.seen.replace(stamp) == stamp {
            return None;
        }
        let (cli, started) = (self.cli.clone(), Arc::clone(started));
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let gone = format!("{file} is gone");
        Some(async move {
            tokio::time::sleep(SETTLING).await;
            let read = tokio::task::spawn_blocking(move || match Stamp::of(&path) {
                Some(_) => read(&cli).map(|settings| Box::new(live(&settings, &started))),
                None => Err(vec![gone]),
            });
            let broken = |_| Err(vec![format!("{file} could not be read")]);
            let read = read.await.unwrap_or_else(broken);
            Answer::Config { file, read }
        })
    }
}

fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Every setting anew, or all that is wrong.
fn read(cli: &Cli) -> Result<Settings, Vec<String>> {
    let now = clock()();
    let told = |ConfigError(mistakes)| mistakes.iter().map(Mistake::short).collect::<Vec<_>>();
    let config = config::config(cli, &environment, now).map_err(told)?;
    let settings =
        Settings::resolve(cli, &environment, &config, now).map_err(|error| vec![error.to_string()])?;
    // A mistake in a theme is a mistake as well.
    match themes(&settings) {
        Ok(_) => Ok(settings),
        Err(failure) => Err(vec![failure.message]),
    }
}

/// What of the settings takes effect at once, and which wait because they are others than at the start.
pub(in crate::commands) fn live(settings: &Settings, started: &Settings) -> RuntimeConfig {
    RuntimeConfig {
        keymap: settings.keymap.clone(),
        columns: settings.columns.value.clone(),
        notify: settings.notify.choices.clone(),
        theme: settings.theme.as_ref().map(|theme| theme.value.clone()),
        interval: interval(settings),
        redact: settings.redact.value,
        mouse: settings.mouse.value,
        report_limit: settings.report_limit.value,
        at_next_start: waiting(settings, started),
    }
}

/// A rhythm that somebody asked for; else it is the poller's own.
pub(in crate::commands) fn interval(settings: &Settings) -> Option<Duration> {
    let Sourced { value, source } = &settings.interval;
    (*source != Source::Default).then_some(*value)
}

fn waiting(now: &Settings, before: &Settings) -> Vec<&'static str> {
    fn differ<T: PartialEq>(a: Option<&Sourced<T>>, b: Option<&Sourced<T>>) -> bool {
        a.map(|a| &a.value) != b.map(|b| &b.value)
    }
    let mut differing = Vec::new();
    if let (Target::Server(now), Target::Server(before)) = (&now.target, &before.target) {
        differing.extend([
            ("base_url", now.base_url.value != before.base_url.value),
            ("the token", differ(now.token.as_ref(), before.token.as_ref())),
            ("account", differ(now.account.as_ref(), before.account.as_ref())),
        ]);
    }
    let log = |settings: &Settings| settings.log.as_ref().map(|log| log.value.path.clone());
    differing.extend([
        ("ca_file", differ(now.ca_file.as_ref(), before.ca_file.as_ref())),
        ("since", now.since.value != before.since.value),
        ("ascii", now.ascii.value != before.ascii.value),
        ("log_file", log(now) != log(before)),
        ("[themes]", now.sections.themes != before.sections.themes),
    ]);
    differing.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
