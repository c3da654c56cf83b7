//! What is told on standard error while waiting: where that is a terminal bars, with a line above them for each import
//! that is over; where it is a log lines.

use std::io::{self, IsTerminal as _};

use super::News;
use super::bars::Bars;
use super::lines::Lines;
use crate::config::Settings;
use crate::output::stdout::say;

/// Told on standard error.
pub(super) struct Shown {
    lines: Lines,
    /// Where it is a terminal.
    bars: Option<Bars>,
}

impl Shown {
    pub(super) fn new(settings: &Settings) -> Self {
        let terminal = io::stderr().is_terminal() && !settings.dumb;
        Self { lines: Lines::default(), bars: terminal.then(|| Bars::new(settings.ascii.value)) }
    }

    pub(super) fn tell(&mut self, news: News<'_>) {
        match (news, &mut self.bars) {
            (News::Progress(wait_state, now), Some(bars)) => {
                let ends = self.lines.ends(wait_state, now);
                ends.iter().for_each(|line| bars.say(&format!("plannr-tui: {line}")));
                bars.show(wait_state);
            }
            (News::Progress(wait_state, now), None) => {
                self.lines.news(wait_state, now).iter().for_each(|line| say(line))
            }
            (News::Trouble(words), Some(bars)) => bars.say(&format!("plannr-tui: {words}")),
            (News::Trouble(words), None) => say(&words),
        }
    }
}
