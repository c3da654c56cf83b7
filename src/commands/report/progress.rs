//! How far a download is, on standard error: a bar where that is a terminal, else a line now and then.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::config::Settings;
use crate::domain::Now;
use crate::domain::transfer::{Meter, Transfer};
use crate::ui::format;

const BAR: &str = "{bar:24} {wide_msg}";
/// Between two lines.
const EVERY: Duration = Duration::from_secs(5);

/// Progress on standard error; a bar is gone when this is dropped.
pub(super) struct Shown<C> {
    clock: C,
    meter: Meter,
    shape: Shape,
}

enum Shape {
    Bar(ProgressBar),
    /// When the next line is due, by the clock's `up`.
    Lines(Duration),
}

impl<C: Fn() -> Now> Shown<C> {
    pub(super) fn new(settings: &Settings, clock: C) -> Self {
        let shape = match io::stderr().is_terminal() && !settings.dumb {
            true => Shape::Bar(bar(settings.ascii.value)),
            false => Shape::Lines(Duration::ZERO),
        };
        Self { clock, meter: Meter::default(), shape }
    }

    pub(super) fn tell(&mut self, transfer: &Transfer) {
        let now = (self.clock)().up;
        self.meter.observe(now, transfer.received);
        let words = words(transfer, &self.meter, now);
        match &mut self.shape {
            Shape::Bar(bar) => {
                bar.set_length(transfer.total.unwrap_or(transfer.received));
                bar.set_position(transfer.received);
                bar.set_message(words);
            }
            Shape::Lines(due) if now >= *due || transfer.waiting.is_some() => {
                *due = now + EVERY;
                // Nobody reads where that fails.
                let _ = writeln!(io::stderr(), "plannr-tui: {words}");
            }
            Shape::Lines(_) => {}
        }
    }
}

fn bar(ascii: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // The template is right: a test builds it.
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars(if ascii { "#>-" } else { "▆▅▃▂▁" }))
        .with_finish(ProgressFinish::AndClear)
}

/// `1.2 MB of 4.8 MB, 620.0 kB/s, 6s left`, or what is waited for.
fn words(transfer: &Transfer, meter: &Meter, now: Duration) -> String {
    let received = format::bytes(transfer.received);
    let mut words = match transfer.total {
        Some(total) => format!("{received} of {}", format::bytes(total)),
        None => received,
    };
    if let Some(waiting) = &transfer.waiting {
        // A second begun is a second to wait.
        let seconds = Duration::from_secs(waiting.wait.as_secs_f64().ceil() as u64);
        return format!("{words}; {}: trying again in {}", waiting.fault, format::duration(seconds));
    }
    if let Some(rate) = meter.rate(now) {
        words.push_str(&format!(", {}/s", format::bytes(rate as u64)));
    }
    if let Some(eta) = meter.eta(now, transfer) {
        words.push_str(&format!(", {} left", format::duration(eta)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::Fault;
    use crate::domain::transfer::Waiting;

    #[test]
    fn what_is_known_is_said_in_words() {
        let mut meter = Meter::default();
        let seconds = Duration::from_secs;
        let transfer = |received, total| Transfer { received, total, waiting: None };
        assert_eq!(words(&transfer(0, None), &meter, seconds(0)), "0 B");
        meter.observe(seconds(0), 0);
        meter.observe(seconds(2), 1_240_000);
        let half = transfer(1_240_000, Some(4_960_000));
        assert_eq!(words(&half, &meter, seconds(2)), "1.2 MB of 5.0 MB, 620.0 kB/s, 6s left");
        assert_eq!(words(&transfer(1_240_000, None), &meter, seconds(2)), "1.2 MB, 620.0 kB/s");
        let waiting =
            Waiting { fault: Fault::Server(503, None), wait: Duration::from_millis(1_200), attempt: 1 };
        let waiting = Transfer { waiting: Some(waiting), ..half };
        let told = words(&waiting, &meter, seconds(2));
        assert_eq!(told, "1.2 MB of 5.0 MB; server error (503): trying again in 2s");
    }
}
