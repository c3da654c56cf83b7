//! Progress bars on a terminal: one for each import up to [`HANDFUL`], and one for all.

use std::collections::HashMap;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lines::{HANDFUL, describe, sum, summary};
use super::wait_state::WaitState;
use crate::domain::import::ImportId;
use crate::ui::format::{Align, fit};

const BAR: &str = "{prefix} {bar:14} {wide_msg}";
/// Steps of a bar.
const STEPS: u64 = 1_000;
/// Cells of an import's type.
const TYPE: usize = 14;
/// Characters of its uuid.
const SHORT: usize = 8;

/// Bars on standard error; gone when dropped.
pub(super) struct Bars {
    all: MultiProgress,
    style: ProgressStyle,
    ellipsis: char,
    of_imports: HashMap<ImportId, ProgressBar>,
    total: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new(ascii: bool) -> Self {
        // The template is right: a test builds it.
        let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            style: style.progress_chars(if ascii { "#>-" } else { "▆▅▃▂▁" }),
            ellipsis: if ascii { '.' } else { '…' },
            of_imports: HashMap::new(),
            total: None,
        }
    }

    pub(super) fn show(&mut self, wait_state: &WaitState) {
        self.of_imports.retain(|id, bar| {
            let left = wait_state.imports().any(|w| w.import.id == *id && w.verdict.is_unfinished());
            if !left {
                bar.finish_and_clear();
                self.all.remove(bar);
            }
            left
        });
        for watched in wait_state.imports().filter(|watched| watched.verdict.is_unfinished()) {
            let id = &watched.import.id;
            if self.of_imports.len() >= HANDFUL && !self.of_imports.contains_key(id) {
                continue;
            }
            let bar = self.of_imports.entry(id.clone()).or_insert_with(|| {
                let bar = bar(&self.all, &self.style, self.total.as_ref());
                let short: String = id.as_str().chars().take(SHORT).collect();
                let kind = fit(&watched.import.kind.label(), TYPE, Align::Left, self.ellipsis);
                bar.set_prefix(format!("{kind} {short}"));
                bar
            });
            bar.set_position((watched.tally.ratio() * STEPS as f64) as u64);
            bar.set_message(describe(watched));
        }
        if wait_state.settled().1 > 1 {
            let total = self.total.get_or_insert_with(|| {
                let bar = bar(&self.all, &self.style, None);
                bar.set_prefix(fit("all", TYPE + 1 + SHORT, Align::Left, ' '));
                bar
            });
            total.set_position(u64::from(sum(wait_state).1) * STEPS / 100);
            total.set_message(summary(wait_state));
        }
    }

    pub(super) fn print_above(&self, line: &str) {
        // If this fails, nobody is reading.
        let _ = self.all.println(line);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        let _ = self.all.clear();
    }
}

fn bar(all: &MultiProgress, style: &ProgressStyle, before: Option<&ProgressBar>) -> ProgressBar {
    let bar = ProgressBar::hidden();
    bar.set_length(STEPS);
    let bar = match before {
        Some(total) => all.insert_before(total, bar),
        None => all.add(bar),
    };
    bar.set_style(style.clone());
    bar
}
