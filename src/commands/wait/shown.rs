//! What is told on standard error while waiting: bars where that is a terminal, lines where it is a log.

use std::io::{self, IsTerminal as _};

use super::News;
use super::bars::Bars;
use super::lines::Lines;
use crate::commands::output::say;
use crate::settings::Settings;

/// Told on standard error.
pub(super) struct Shown {
    lines: Lines,
    /// Where it is a terminal; the lines of ends then go above them.
    bars: Option<Bars>,
}

impl Shown {
    pub(super) fn new(settings: &Settings) -> Self {
        let terminal = io::stderr().is_terminal() && !settings.dumb;
        Self { lines: Lines::default(), bars: terminal.then(|| Bars::new(settings.ascii.value)) }
    }

    pub(super) fn tell(&mut self, news: News<'_>) {
        match (news, &mut self.bars) {
            (News::Progress(vigil, _), Some(bars)) => bars.show(vigil),
            (News::Progress(vigil, now), None) => {
                self.lines.news(vigil, now).iter().for_each(|line| say(line))
            }
            (News::Trouble(words), Some(bars)) => bars.say(&format!("plannr-tui: {words}")),
            (News::Trouble(words), None) => say(&words),
        }
    }
}
