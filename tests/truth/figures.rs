//! What came out of it.

use std::collections::BTreeMap;
use std::fmt;

use plannr_tui::simulator::Shape;

/// An end foretold is right within this share of the time really left.
const RIGHT: f64 = 0.2;

#[derive(Default)]
pub(crate) struct Figures {
    shapes: BTreeMap<String, Sum>,
    /// Imports looked at, once for each poll.
    pub(crate) looks: u64,
    wrong: u64,
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

/// The end foretold at half-way, with the error of the range's middle as a share of the time left.
pub(crate) enum HalfWay {
    Nothing,
    Moment(f64),
    Range(f64),
}

impl Sum {
    fn errors(&self) -> Vec<f64> {
        let told = self.half_way.iter().filter_map(|half| match half {
            HalfWay::Nothing => None,
            HalfWay::Moment(error) | HalfWay::Range(error) => Some(*error),
        });
        let mut errors: Vec<_> = told.collect();
        errors.sort_by(f64::total_cmp);
        errors
    }

    fn right(&self) -> usize {
        self.errors().iter().filter(|error| **error <= RIGHT).count()
    }
}

impl Figures {
    pub(crate) fn of(&mut self, shape: Shape) -> &mut Sum {
        self.shapes.entry(format!("{shape:?}")).or_default()
    }

    pub(crate) fn wrong(&mut self, import: &str, what: &str) {
        self.wrong += 1;
        // One of each import.
        let of_it = |example: &&String| example.split(',').next() == import.split(',').next();
        if self.examples.len() < 30 && !self.examples.iter().any(|example| of_it(&example)) {
            self.examples.push(format!("{import}: {what}"));
        }
    }

    /// Fails where the figures are not good enough.
    pub(crate) fn check(&self) {
        assert_eq!(self.shapes.values().map(|sum| sum.lives).sum::<u64>(), 1000);
        assert_eq!(self.wrong, 0, "{}", self.examples.join("\n"));
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
        write!(f, "{} looks at an import, {} wrong", self.looks, self.wrong)
    }
}
