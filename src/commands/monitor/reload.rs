//! Reloads the configuration file when it changes while the monitor runs.

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
use crate::config::{self, Hook, Server, Settings, Source, Sourced, Target};

/// An editor may still be writing it.
const SETTLING: Duration = Duration::from_millis(100);

/// Which file is at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    changed: Option<Timestamp>,
    size: u64,
    /// Changes if an editor replaced the file.
    inode: u64,
}

impl Stamp {
    /// `None` if there is no file.
    fn of(path: &Path) -> Option<Self> {
        // By path: of a link, the file that it now leads to counts.
        let metadata = std::fs::metadata(path).ok()?;
        let changed = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        Some(Self { changed, size: metadata.len(), inode: inode(&metadata) })
    }
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
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
    /// Call this before the file is read for the first time.
    pub(in crate::commands) fn new(cli: &Cli) -> Self {
        let path = config::config_location(cli, &environment).map(|place| place.path);
        let seen = Cell::new(path.as_deref().and_then(Stamp::of));
        Self { path, cli: cli.clone(), seen }
    }

    /// Reads the file, off the loop, if it changed since the last call. `started` is what the program was started with.
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
        let deleted = format!("{file} was deleted");
        Some(async move {
            tokio::time::sleep(SETTLING).await;
            let read = tokio::task::spawn_blocking(move || match Stamp::of(&path) {
                Some(_) => read(&cli).map(|settings| Box::new(live(&settings, &started))),
                None => Err(vec![deleted]),
            });
            let failed = |_| Err(vec![format!("{file} could not be read")]);
            let read = read.await.unwrap_or_else(failed);
            Answer::Config { file, read }
        })
    }
}

fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Every setting again, or all mistakes.
fn read(cli: &Cli) -> Result<Settings, Vec<String>> {
    let now = clock()();
    let describe = |ConfigError(mistakes)| mistakes.iter().map(Mistake::short).collect::<Vec<_>>();
    let config = config::config(cli, &environment, now).map_err(describe)?;
    let settings =
        Settings::resolve(cli, &environment, &config, now).map_err(|error| vec![error.to_string()])?;
    match themes(&settings) {
        Ok(_) => Ok(settings),
        Err(failure) => Err(vec![failure.message]),
    }
}

/// The settings that take effect at once, and the names of changed ones that need a restart.
pub(in crate::commands) fn live(settings: &Settings, started: &Settings) -> RuntimeConfig {
    RuntimeConfig {
        keymap: settings.keymap.clone(),
        columns: settings.columns.value.clone(),
        filters: settings.sections.filters.iter().map(|filter| filter.value.clone()).collect(),
        notify: settings.notify.choices.clone(),
        theme: settings.theme.as_ref().map(|theme| theme.value.clone()),
        interval: interval(settings),
        redact: settings.redact.value,
        mouse: settings.mouse.value,
        report_limit: settings.report_limit.value,
        at_next_start: needing_restart(settings, started),
    }
}

/// `None` leaves the interval to the poller.
pub(in crate::commands) fn interval(settings: &Settings) -> Option<Duration> {
    let Sourced { value, source } = &settings.interval;
    (*source != Source::Default).then_some(*value)
}

fn needing_restart(now: &Settings, before: &Settings) -> Vec<&'static str> {
    fn differ<T: PartialEq>(a: Option<&Sourced<T>>, b: Option<&Sourced<T>>) -> bool {
        a.map(|a| &a.value) != b.map(|b| &b.value)
    }
    let mut differing = Vec::new();
    if let (Target::Servers(now), Target::Servers(before)) = (&now.target, &before.target) {
        let any = |differs: fn(&Server, &Server) -> bool| {
            let mut same = now.iter().zip(before).filter(|(now, before)| now.profile == before.profile);
            same.any(|(now, before)| differs(now, before))
        };
        differing.extend([
            ("the profiles", !now.iter().map(|it| &it.profile).eq(before.iter().map(|it| &it.profile))),
            ("base_url", any(|now, before| now.base_url.value != before.base_url.value)),
            ("the token", any(|now, before| differ(now.token.as_ref(), before.token.as_ref()))),
            ("account", any(|now, before| differ(now.accounts.as_ref(), before.accounts.as_ref()))),
            ("all_accounts", any(|now, before| now.all_accounts.value != before.all_accounts.value)),
            ("ca_file", any(|now, before| differ(now.ca_file.as_ref(), before.ca_file.as_ref()))),
        ]);
    }
    let log = |settings: &Settings| settings.log.as_ref().map(|log| log.value.path.clone());
    fn hooks(settings: &Settings) -> Vec<&Hook> {
        settings.hooks.iter().map(|hook| &hook.value).collect()
    }
    differing.extend([
        ("since", now.since.value != before.since.value),
        ("ascii", now.ascii.value != before.ascii.value),
        ("log_file", log(now) != log(before)),
        ("journal", now.journal.value != before.journal.value),
        ("[[hooks]]", hooks(now) != hooks(before)),
        ("[themes]", now.sections.themes != before.sections.themes),
    ]);
    differing.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
