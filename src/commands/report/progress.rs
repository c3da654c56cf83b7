//! Download progress on standard error: a bar on a terminal, else occasional lines.

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
pub(super) struct DownloadProgress<C> {
    clock: C,
    meter: Meter,
    shape: Shape,
}

enum Shape {
    Bar(ProgressBar),
    /// When the next line is due, as the clock's `up`.
    Lines(Duration),
}

impl<C: Fn() -> Now> DownloadProgress<C> {
    pub(super) fn new(settings: &Settings, clock: C) -> Self {
        let shape = match io::stderr().is_terminal() && !settings.dumb {
            true => Shape::Bar(bar(settings.ascii.value)),
            false => Shape::Lines(Duration::ZERO),
        };
        Self { clock, meter: Meter::default(), shape }
    }

    pub(super) fn update(&mut self, transfer: &Transfer) {
        let now = (self.clock)().up;
        self.meter.observe(now, transfer.received);
        let text = describe(transfer, &self.meter, now);
        match &mut self.shape {
            Shape::Bar(bar) => {
                bar.set_length(transfer.total.unwrap_or(transfer.received));
                bar.set_position(transfer.received);
                bar.set_message(text);
            }
            Shape::Lines(due) if now >= *due || transfer.waiting.is_some() => {
                *due = now + EVERY;
                // If this fails, nobody is reading.
                let _ = writeln!(io::stderr(), "plannr-tui: {text}");
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

/// `1.2 MB of 4.8 MB, 620.0 kB/s, 6s left`, or why it waits.
fn describe(transfer: &Transfer, meter: &Meter, now: Duration) -> String {
    let received = format::bytes(transfer.received);
    let mut text = match transfer.total {
        Some(total) => format!("{received} of {}", format::bytes(total)),
        None => received,
    };
    if let Some(waiting) = &transfer.waiting {
        // Rounds up.
        let seconds = Duration::from_secs(waiting.wait.as_secs_f64().ceil() as u64);
        return format!("{text}; {}: retrying in {}", waiting.fault, format::duration(seconds));
    }
    if let Some(rate) = meter.rate(now) {
        text.push_str(&format!(", {}/s", format::bytes(rate as u64)));
    }
    if let Some(eta) = meter.eta(now, transfer) {
        text.push_str(&format!(", {} left", format::duration(eta)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::Fault;
    use crate::domain::transfer::Waiting;

    #[test]
    fn progress_is_described() {
        let mut meter = Meter::default();
        let seconds = Duration::from_secs;
        let transfer = |received, total| Transfer { received, total, waiting: None };
        assert_eq!(describe(&transfer(0, None), &meter, seconds(0)), "0 B");
        meter.observe(seconds(0), 0);
        meter.observe(seconds(2), 1_240_000);
        let half = transfer(1_240_000, Some(4_960_000));
        assert_eq!(describe(&half, &meter, seconds(2)), "1.2 MB of 5.0 MB, 620.0 kB/s, 6s left");
        assert_eq!(describe(&transfer(1_240_000, None), &meter, seconds(2)), "1.2 MB, 620.0 kB/s");
        let waiting =
            Waiting { fault: Fault::Server(503, None), wait: Duration::from_millis(1_200), attempt: 1 };
        let waiting = Transfer { waiting: Some(waiting), ..half };
        let text = describe(&waiting, &meter, seconds(2));
        assert_eq!(text, "1.2 MB of 5.0 MB; server error (503): retrying in 2s");
    }
}
