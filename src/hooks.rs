//! Hooks: programs that run when something happens, given with `--exec` or in the configuration.
//!
//! ```text
//!   events --> Hooks::send --> queue, bounded --> runner: a few at once --> the program: the event as JSON on its standard
//!                                                                           input, and as variables
//! ```
//!
//! Sending never waits, so that no program can hold up the events. As several run at once, they may end in another order.

mod program;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use self::program::Event;
use crate::config::Hook;
use crate::domain::event_kind::EventKind;
use crate::domain::text::SafeText;
use crate::secrets::scrubbed;

/// The beginning of every variable that describes the event.
pub const VARIABLES: &str = "PLANNR_EVENT_";

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Hooks that may wait.
    pub queue: usize,
    pub at_once: usize,
    /// How long one may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 4096, at_once: 4, time: Duration::from_secs(60) }
    }
}

/// Takes a line about a hook: one that failed, that wrote to its standard error or could not be run.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// The hooks, and what runs them. Dropped with its runtime, it kills what runs.
pub struct Hooks {
    hooks: Vec<Arc<Hook>>,
    queue: mpsc::Sender<Job>,
    runner: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    runs: Runs,
}

/// A hook to be run for an event.
struct Job {
    hook: Arc<Hook>,
    event: Arc<Event>,
}

/// How hooks are run.
#[derive(Clone)]
struct Runs {
    limits: Limits,
    /// Variables that the programs do not inherit.
    withheld: Arc<[OsString]>,
    say: Say,
}

impl Hooks {
    /// Starts waiting for events; call it within a runtime. `inherited` are the names of all variables of this program.
    pub fn start(
        hooks: Vec<Hook>,
        inherited: impl IntoIterator<Item = OsString>,
        limits: Limits,
        say: Say,
    ) -> Self {
        let is_of_event = |name: &OsString| name.to_string_lossy().starts_with(VARIABLES);
        let runs = Runs { limits, withheld: inherited.into_iter().filter(is_of_event).collect(), say };
        let (queue, jobs) = mpsc::channel(limits.queue);
        let (stop, stopped) = oneshot::channel();
        let runner = tokio::spawn(runs.clone().all(jobs, stopped));
        Self { hooks: hooks.into_iter().map(Arc::new).collect(), queue, runner, stop, runs }
    }

    /// Runs the hooks for an event. Never waits: what finds no room in the queue is not run, and that is said.
    pub fn send(&self, kind: EventKind, json: &Value) {
        let mut hooks = self.hooks.iter().filter(|hook| hook.is_for(kind)).peekable();
        if hooks.peek().is_none() {
            return;
        }
        let event = Arc::new(Event::new(json));
        for hook in hooks {
            let job = Job { hook: Arc::clone(hook), event: Arc::clone(&event) };
            if let Err(error) = self.queue.try_send(job) {
                let job = error.into_inner();
                let waiting = self.runs.limits.queue;
                self.runs.about(&job, &format!("not run, because {waiting} hooks are waiting already"));
            }
        }
    }

    /// Takes no more events, waits for what is queued or runs, and kills what is left when it has been `enough`.
    pub async fn finish(self, enough: impl Future<Output = ()>) {
        let Self { queue, mut runner, stop, .. } = self;
        drop(queue);
        tokio::select! {
            _ = &mut runner => return,
            () = enough => {}
        }
        let _ = stop.send(());
        let _ = runner.await;
    }
}

impl Runs {
    /// Runs what is queued, until nothing more can come and all has ended, or until it is told to stop.
    async fn all(self, mut jobs: mpsc::Receiver<Job>, stopped: oneshot::Receiver<()>) {
        let mut running = JoinSet::new();
        let work = async {
            loop {
                tokio::select! {
                    job = jobs.recv(), if running.len() < self.limits.at_once => match job {
                        Some(job) => drop(running.spawn(self.clone().one(job))),
                        None => break,
                    },
                    Some(_) = running.join_next() => {}
                }
            }
            while running.join_next().await.is_some() {}
        };
        tokio::select! {
            () = work => return,
            // Also where the hooks are dropped without being finished.
            _ = stopped => {}
        }
        let (running, waiting) = (running.len(), jobs.len());
        if running + waiting > 0 {
            (self.say)(&format!("hooks were stopped at the end: {running} running, {waiting} waiting"));
        }
    }

    async fn one(self, job: Job) {
        let ended = program::run(&job.hook.run, &job.event, &self.withheld, self.limits.time).await;
        match ended.problem() {
            Some(problem) => self.about(&job, &problem),
            None => tracing::debug!(hook = %name(&job.hook), event = job.event.id, "hook succeeded"),
        }
    }

    /// Says something of a hook. Only its program is named: an argument may be a secret.
    fn about(&self, job: &Job, what: &str) {
        let text = format!("hook {}, event {}: {what}", name(&job.hook), job.event.id);
        (self.say)(&scrubbed(&text));
    }
}

fn name(hook: &Hook) -> SafeText {
    SafeText::new(hook.run.first().map(String::as_str).unwrap_or_default())
}
