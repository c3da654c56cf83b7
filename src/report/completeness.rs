//! Whether all failed rows are loaded, worded the same everywhere.

use crate::domain::tally::grouped as count;

/// Where failed rows are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The API's sample.
    Sample,
    /// The error report.
    Report,
}

/// How many of the failed rows are loaded, compared with Plannr's count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// As many as Plannr counts.
    All { rows: u64 },
    /// More than Plannr counts, for instance after a row was retried and failed again.
    More {
        rows: u64,
        /// Plannr's count.
        counted: u64,
    },
    /// A report with fewer.
    Incomplete {
        rows: u64,
        /// Plannr's count.
        counted: u64,
    },
    /// The API's sample with fewer.
    Sample {
        rows: u64,
        /// Plannr's count.
        counted: u64,
    },
}

impl Completeness {
    pub(super) fn new(rows: u64, counted: u64, origin: Origin) -> Self {
        match origin {
            _ if rows == counted => Self::All { rows },
            _ if rows > counted => Self::More { rows, counted },
            Origin::Report => Self::Incomplete { rows, counted },
            Origin::Sample => Self::Sample { rows, counted },
        }
    }

    /// Whether no failed row is missing.
    pub fn is_all(self) -> bool {
        matches!(self, Self::All { .. } | Self::More { .. })
    }

    /// `all 412` or `25 of 412`, for lists, file names and titles.
    pub fn short(self) -> String {
        match self {
            Self::All { rows } => format!("all {}", count(rows)),
            Self::More { rows, .. } => count(rows),
            Self::Incomplete { rows, counted } | Self::Sample { rows, counted } => {
                format!("{} of {}", count(rows), count(counted))
            }
        }
    }

    /// With where the rows are from, and for a sample why there are no more.
    pub fn describe(self, origin: Origin, why_sample: &str) -> String {
        let from = match origin {
            Origin::Report => "from the report",
            Origin::Sample => "from Plannr",
        };
        match self {
            Self::All { .. } => format!("{}, {from}", self.short()),
            Self::More { rows, counted } => {
                let place = if origin == Origin::Report { "in the report" } else { "in Plannr's sample" };
                format!("{} {place}, Plannr counts {}", count(rows), count(counted))
            }
            Self::Incomplete { rows, counted } => {
                format!("{}: {} missing from the report", self.short(), count(counted - rows))
            }
            Self::Sample { .. } if why_sample.is_empty() => format!("{} (Plannr's sample)", self.short()),
            Self::Sample { .. } => format!("{} (Plannr's sample; {why_sample})", self.short()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completeness_has_one_wording() {
        use Origin::{Report, Sample};
        for (rows, counted, origin, short, text) in [
            (412, 412, Report, "all 412", "all 412, from the report"),
            (3, 3, Sample, "all 3", "all 3, from Plannr"),
            (50, 33, Report, "50", "50 in the report, Plannr counts 33"),
            (25, 20, Sample, "25", "25 in Plannr's sample, Plannr counts 20"),
            (39, 40, Report, "39 of 40", "39 of 40: 1 missing from the report"),
            (
                25,
                41_200,
                Sample,
                "25 of 41,200",
                "25 of 41,200 (Plannr's sample; the report is still being written)",
            ),
            (0, 0, Sample, "all 0", "all 0, from Plannr"),
        ] {
            let completeness = Completeness::new(rows, counted, origin);
            assert_eq!(completeness.short(), short);
            assert_eq!(completeness.describe(origin, "the report is still being written"), text);
            assert_eq!(completeness.is_all(), rows >= counted);
        }
    }
}
