//! What came out of it.

use std::collections::BTreeMap;
use std::fmt;

use plannr_tui::simulator::Shape;

/// A predicted end is right within this share of the time that was left.
const RIGHT: f64 = 0.2;

#[derive(Default)]
pub(crate) struct Figures {
    shapes: BTreeMap<String, Sum>,
    /// Imports looked at, once for each poll.
    pub(crate) looks: u64,
    wrong: BTreeMap<Wrong, u64>,
    /// Looks at numbers that were marked as assumed, and were other ones in truth.
    pub(crate) assumed: u64,
    waits: u64,
    /// Waits that returned early, where nobody could have known better.
    pub(crate) unknowable: u64,
    /// The first few wrong things.
    examples: Vec<String>,
}

/// What came out for one shape.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) lives: u64,
    /// Lives whose numbers were misread for a while, as the server had not shown yet how it counts.
    pub(crate) misread: u64,
    pub(crate) half_way: Vec<HalfWay>,
    /// After how many of its own gaps an outage was called a stall.
    pub(crate) stalls: Vec<f64>,
    /// The same of imports that stalled before their own gap could be known.
    pub(crate) early_stalls: Vec<f64>,
}

/// The end predicted at half-way, with the error of the range's middle as a share of the time left.
pub(crate) enum HalfWay {
    Nothing,
    Moment(f64),
    Range(f64),
}

impl Sum {
    fn errors(&self) -> Vec<f64> {
        let errors = self.half_way.iter().filter_map(|half| match half {
            HalfWay::Nothing => None,
            HalfWay::Moment(error) | HalfWay::Range(error) => Some(*error),
        });
        let mut errors: Vec<_> = errors.collect();
        errors.sort_by(f64::total_cmp);
        errors
    }

    fn right(&self) -> usize {
        self.errors().iter().filter(|error| **error <= RIGHT).count()
    }
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// Another verdict than the truth, two polls after the fact.
    Verdict,
    /// Shown as running or finishing, though over for longer than its own pace explains.
    Unfinished,
    /// Numbers that were not marked as assumed.
    Counts,
    /// A `wait` that returns too early, too late or never.
    Wait,
}

impl Figures {
    pub(crate) fn of(&mut self, shape: Shape) -> &mut Sum {
        self.shapes.entry(format!("{shape:?}")).or_default()
    }

    /// A `wait` took so long after the end, and may take so long.
    pub(crate) fn waited(&mut self, import: &str, took: Option<f64>, patience: f64) {
        self.waits += 1;
        if !took.is_some_and(|took| (0.0..=patience).contains(&took)) {
            self.wrong(Wrong::Wait, import, &format!("wait took {took:?} s, of {patience:.0} s"));
        }
    }

    pub(crate) fn wrong(&mut self, wrong: Wrong, import: &str, what: &str) {
        *self.wrong.entry(wrong).or_default() += 1;
        // One of each import.
        let of_it = |example: &&String| example.split(',').next() == import.split(',').next();
        if self.examples.len() < 30 && !self.examples.iter().any(|example| of_it(&example)) {
            self.examples.push(format!("{import}: {what}"));
        }
    }

    /// Fails where the figures are not good enough.
    pub(crate) fn check(&self) {
        assert_eq!(self.shapes.values().map(|sum| sum.lives).sum::<u64>(), 1000);
        assert!(self.wrong.is_empty(), "{}", self.examples.join("\n"));
        let (steady, erratic) = (&self.shapes["Steady"], &self.shapes["Erratic"]);
        assert!(steady.half_way.len() >= 100 && erratic.half_way.len() >= 100);
        assert!(steady.right() * 10 >= steady.half_way.len() * 9, "9 of 10 steady lives know their end");
        assert!(erratic.errors().is_empty(), "no erratic life does");
        assert!(self.shapes["Stalling"].stalls.len() >= 100);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            "lives", "misread", "half-way", "moment", "range", "none", "±20 %", "median", "stalls", "gaps",
            "early", "gaps",
        ];
        let row = |name: &str, cells: [String; 12]| {
            format!("{name:<10}{}", cells.map(|cell| format!("{cell:>9}")).concat())
        };
        writeln!(f, "{}", row("shape", heads.map(str::to_owned)))?;
        for (name, sum) in &self.shapes {
            let count =
                |wanted: fn(&HalfWay) -> bool| sum.half_way.iter().filter(|half| wanted(half)).count();
            let errors = sum.errors();
            let median =
                errors.get(errors.len() / 2).map_or("–".to_owned(), |e| format!("{:.1} %", e * 100.0));
            let latest = |stalls: &[f64]| {
                stalls.iter().copied().reduce(f64::max).map_or("–".to_owned(), |gaps| format!("{gaps:.2}"))
            };
            let cells = [
                sum.lives.to_string(),
                sum.misread.to_string(),
                sum.half_way.len().to_string(),
                count(|half| matches!(half, HalfWay::Moment(_))).to_string(),
                count(|half| matches!(half, HalfWay::Range(_))).to_string(),
                count(|half| matches!(half, HalfWay::Nothing)).to_string(),
                sum.right().to_string(),
                median,
                sum.stalls.len().to_string(),
                latest(&sum.stalls),
                sum.early_stalls.len().to_string(),
                latest(&sum.early_stalls),
            ];
            writeln!(f, "{}", row(name, cells))?;
        }
        let count = |wrong| self.wrong.get(&wrong).copied().unwrap_or(0);
        writeln!(f, "{} looks at an import:", self.looks)?;
        writeln!(f, "  {} wrong verdicts after two polls", count(Wrong::Verdict))?;
        writeln!(f, "  {} finished shown as running", count(Wrong::Unfinished))?;
        writeln!(f, "  {} counts off, {} more marked as assumed", count(Wrong::Counts), self.assumed)?;
        let (late, early) = (count(Wrong::Wait), self.unknowable);
        write!(f, "{} waits: {late} early, late or without an end, {early} more in a pause", self.waits)
    }
}
