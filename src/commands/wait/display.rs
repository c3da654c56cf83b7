//! Progress on standard error while waiting: on a terminal bars, with a line above them for each finished import; in a
//! log lines.

use std::io::{self, IsTerminal as _};

use super::WaitEvent;
use super::bars::Bars;
use super::lines::Lines;
use crate::config::Settings;
use crate::output::stdout::eprint;

pub(super) struct ProgressDisplay {
    lines: Lines,
    /// On a terminal.
    bars: Option<Bars>,
}

impl ProgressDisplay {
    pub(super) fn new(settings: &Settings) -> Self {
        let terminal = io::stderr().is_terminal() && !settings.dumb;
        Self { lines: Lines::default(), bars: terminal.then(|| Bars::new(settings.ascii.value)) }
    }

    pub(super) fn show(&mut self, event: WaitEvent<'_>) {
        match (event, &mut self.bars) {
            (WaitEvent::Progress(wait_state, now), Some(bars)) => {
                let finished = self.lines.finished(wait_state, now);
                finished.iter().for_each(|line| bars.print_above(&format!("plannr-tui: {line}")));
                bars.show(wait_state);
            }
            (WaitEvent::Progress(wait_state, now), None) => {
                self.lines.changes(wait_state, now).iter().for_each(|line| eprint(line))
            }
            (WaitEvent::Fault(text), Some(bars)) => bars.print_above(&format!("plannr-tui: {text}")),
            (WaitEvent::Fault(text), None) => eprint(&text),
        }
    }
}
