//! The orders of the imports table.

use std::cmp::{Ordering, Reverse};
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;

use crate::domain::import::{Import, ImportId};
use crate::domain::snapshot::{Watched, newest_first};
use crate::domain::tally::Verdict;
use crate::parallel::in_halves;

use super::Listed;

/// The order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sort {
    /// What is compared.
    pub key: SortKey,
    /// Against the key's default direction.
    pub reversed: bool,
}

/// Each key has its most useful direction as default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortKey {
    /// In trouble, running, finishing, queued, unknown, finished; within each the newest first.
    #[default]
    Trouble,
    /// When it was created, the newest first.
    Created,
    /// Type, A to Z.
    Type,
    /// Mode as it is shown, A to Z.
    Mode,
    /// The most urgent first: stalled, running, finishing, queued, unknown, failed, done with failures, done.
    State,
    /// The share of rows that were tried, the smallest first; unknown for an import of no rows.
    Progress,
    /// Rows that were tried, the most first.
    Done,
    /// Failed rows, the most first.
    Failed,
    /// Rows per second, the fastest first.
    Rate,
    /// When it will be over (the middle of the range), the soonest first; unknown for what is over.
    Eta,
    /// Who started it, A to Z.
    By,
    /// Whose import it is, A to Z.
    Firm,
}

impl SortKey {
    /// Every key, in the order of the picker.
    pub const ALL: [Self; 12] = [
        Self::Trouble,
        Self::Created,
        Self::Type,
        Self::Mode,
        Self::State,
        Self::Progress,
        Self::Done,
        Self::Failed,
        Self::Rate,
        Self::Eta,
        Self::By,
        Self::Firm,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Trouble => "trouble first",
            Self::Created => "started",
            Self::Type => "type",
            Self::Mode => "mode",
            Self::State => "state",
            Self::Progress => "progress",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Rate => "rate",
            Self::Eta => "ETA",
            Self::By => "person",
            Self::Firm => "firm",
        }
    }

    /// The letter that chooses it in the picker.
    pub fn letter(self) -> char {
        match self {
            Self::Trouble => 't',
            Self::Created => 'n',
            Self::Type => 'y',
            Self::Mode => 'm',
            Self::State => 's',
            Self::Progress => 'p',
            Self::Done => 'd',
            Self::Failed => 'f',
            Self::Rate => 'r',
            Self::Eta => 'e',
            Self::By => 'b',
            Self::Firm => 'i',
        }
    }

    /// What comes first in it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Trouble => "in trouble first, then what runs",
            Self::Created => "newest first",
            Self::Type => "type, A to Z",
            Self::Mode => "mode, A to Z",
            Self::State => "state, most urgent first",
            Self::Progress => "progress, least first",
            Self::Done => "rows done, most first",
            Self::Failed => "failed rows, most first",
            Self::Rate => "rows per second, fastest first",
            Self::Eta => "ETA, soonest first",
            Self::By => "person, A to Z",
            Self::Firm => "firm, A to Z",
        }
    }

    /// Whether the default direction is from large to small.
    pub fn descends(self) -> bool {
        matches!(self, Self::Created | Self::Done | Self::Failed | Self::Rate)
    }
}

impl Sort {
    /// The reverse order.
    pub fn reverse(self) -> Self {
        Self { reversed: !self.reversed, ..self }
    }

    /// Whether values are sorted from large to small.
    pub fn descends(self) -> bool {
        self.key.descends() != self.reversed
    }

    /// Compares two imports: a total order in which equal means the same import.
    ///
    /// What is not known comes last in both directions. Where the key does not decide, the newest comes first
    /// and then the id does, in both directions.
    pub fn compare(self, a: &Listed, b: &Listed) -> Ordering {
        self.place(a).cmp(&self.place(b))
    }

    /// Imports in this order.
    pub fn arranged<'w>(self, imports: impl IntoIterator<Item = &'w Arc<Watched>>) -> Vec<Arc<Watched>> {
        let listed = imports.into_iter().map(Listed::from).collect();
        self.arranged_list(listed).into_iter().map(|listed| listed.watched).collect()
    }

    /// The same for imports of a list.
    pub fn arranged_list(self, mut imports: Vec<Listed>) -> Vec<Listed> {
        imports.sort_by(|a, b| newest_first(&a.watched, &b.watched));
        let order = self.order(&imports);
        arrange(imports, &order)
    }

    /// The places of these imports in this order. They come [`newest_first`]: what the key leaves equal
    /// stays so. Each key is computed once, and is small.
    pub fn order(self, imports: &[Listed]) -> Vec<u32> {
        let newest = |a: &Listed, b: &Listed| newest_first(&a.watched, &b.watched).is_le();
        debug_assert!(imports.is_sorted_by(newest), "newest first");
        let ranks = self.key.ranks(imports);
        let keyed = |range: Range<usize>| {
            let places = (0..).skip(range.start);
            let imports = imports.get(range).unwrap_or_default();
            let mut keyed: Vec<(u64, u32)> =
                imports.iter().map(|listed| self.number(listed, &ranks)).zip(places).collect();
            // Those that are alike stay in their order.
            keyed.sort_by_key(|(number, _)| *number);
            keyed
        };
        let (mut keyed, second) = in_halves(imports.len(), keyed);
        if let Some(second) = second {
            keyed.extend(second);
            // Finds that both halves are sorted, and merges them.
            keyed.sort_by_key(|(number, _)| *number);
        }
        keyed.into_iter().map(|(_, place)| place).collect()
    }

    /// What is compared, with texts as numbers; more than any number for what is not known.
    fn number(self, listed: &Listed, ranks: &HashMap<u64, u64>) -> u64 {
        let known = if self.key.compares_text() {
            ranks.get(&self.key.text_key(listed)).copied()
        } else {
            self.key.number(listed)
        };
        known.map_or(u64::MAX, |number| if self.descends() { LARGEST - number } else { number })
    }

    /// The place of an import among others that are in this order; where it is not among them, the place that it
    /// would have.
    ///
    /// # Errors
    /// It is not among them.
    pub fn find(self, imports: &[Listed], listed: &Listed) -> Result<usize, usize> {
        let place = self.place(listed);
        imports.binary_search_by(|other| self.place(other).cmp(&place))
    }

    fn place(self, listed: &Listed) -> Place<'_> {
        let import = &listed.watched.import;
        let text = self.key.text(import).map(|text| Value::Text(text.to_lowercase()));
        let value = text.or_else(|| self.key.number(listed).map(Value::Number));
        Place {
            unknown: value.is_none(),
            value: value.map(|value| {
                if self.descends() { Directed::Down(Reverse(value)) } else { Directed::Up(value) }
            }),
            created: Reverse(import.created_at),
            id: &import.id,
        }
    }
}

/// The items at these places, in their order.
pub fn arrange<T>(items: impl IntoIterator<Item = T>, order: &[u32]) -> Vec<T> {
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    order.iter().filter_map(|place| items.get_mut(*place as usize)?.take()).collect()
}

/// Leaves one number for what is not known.
const LARGEST: u64 = u64::MAX - 1;

/// The sort key; fields are compared in their order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'w> {
    unknown: bool,
    value: Option<Directed>,
    /// `None` is less than any date, so it comes last.
    created: Reverse<Option<Timestamp>>,
    id: &'w ImportId,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Directed {
    Up(Value),
    Down(Reverse<Value>),
}

/// One key gives values of one kind only.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(u64),
    Text(String),
}

impl SortKey {
    /// The text that is compared; `None` where it is not known, and for keys that compare numbers.
    fn text(self, import: &Import) -> Option<&str> {
        let text = match self {
            Self::Type => import.kind.as_str(),
            Self::Mode => import.mode.label(),
            Self::By => import.started_by.as_ref()?.name.as_str(),
            Self::Firm => import.firm(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    fn compares_text(self) -> bool {
        matches!(self, Self::Type | Self::Mode | Self::By | Self::Firm)
    }

    /// The same for imports whose texts are the same.
    fn text_key(self, listed: &Listed) -> u64 {
        match self {
            Self::Firm => {
                listed.watched.import.seen_by.as_ref().map_or(0, |of| Arc::as_ptr(of).addr() as u64)
            }
            _ => listed.digest.texts,
        }
    }

    /// The place in the alphabet of the text of each key; texts that differ in case have the same.
    fn ranks(self, imports: &[Listed]) -> HashMap<u64, u64> {
        if !self.compares_text() {
            return HashMap::new();
        }
        let texts = |range: Range<usize>| {
            let mut texts = HashMap::new();
            for listed in imports.get(range).unwrap_or_default() {
                texts.entry(self.text_key(listed)).or_insert_with(|| self.text(&listed.watched.import));
            }
            texts
        };
        let (mut texts, second) = in_halves(imports.len(), texts);
        texts.extend(second.into_iter().flatten());
        let known: HashSet<_> = texts.values().copied().flatten().collect();
        let mut known: Vec<_> = known.into_iter().map(|text| (text.to_lowercase(), text)).collect();
        known.sort_unstable();
        let alike = (0..).zip(known.chunk_by(|(a, _), (b, _)| a == b));
        let places = alike.flat_map(|(place, alike)| alike.iter().map(move |(_, text)| (*text, place)));
        let places: HashMap<&str, u64> = places.collect();
        texts.into_iter().filter_map(|(key, text)| Some((key, *places.get(text?)?))).collect()
    }

    /// The number that is compared, up to [`LARGEST`]; `None` where it is not known, and for keys that compare texts.
    fn number(self, listed: &Listed) -> Option<u64> {
        let watched = listed.watched.as_ref();
        let (import, tally) = (&watched.import, &watched.tally);
        let number = match self {
            Self::Type | Self::Mode | Self::By | Self::Firm => return None,
            // In the order of signed numbers.
            Self::Created => import.created_at?.as_microsecond().cast_unsigned() ^ (1 << 63),
            Self::Trouble if listed.in_trouble => 0,
            Self::Trouble => match listed.verdict {
                Verdict::Stalled | Verdict::Running => 1,
                Verdict::Finishing => 2,
                Verdict::Queued => 3,
                Verdict::Unknown => 4,
                _ => 5,
            },
            Self::State => urgency(listed.verdict),
            Self::Progress => {
                // Finer than the per cent, so that large imports differ.
                let settled = u128::from(tally.settled()?) * u128::from(u32::MAX);
                u64::try_from(settled.checked_div(tally.total().into())?).ok()?
            }
            Self::Done => tally.settled()?,
            Self::Failed => tally.failed(),
            // Millionths of a row per second, as the table shows it: of what runs; the cast saturates.
            Self::Rate if listed.verdict != Verdict::Running => return None,
            Self::Rate => (watched.pace.rate().filter(|rate| rate.is_finite())? * 1e6) as u64,
            Self::Eta => {
                let eta = listed.verdict.is_unfinished().then(|| watched.pace.eta(tally.pending()?))??;
                u64::try_from(eta.soonest.as_nanos() + eta.latest.as_nanos()).ok()?
            }
        };
        Some(number.min(LARGEST))
    }
}

fn urgency(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Stalled => 0,
        Verdict::Running => 1,
        Verdict::Finishing => 2,
        Verdict::Queued => 3,
        Verdict::Unknown => 4,
        Verdict::Failed => 5,
        Verdict::Cancelled => 6,
        Verdict::DoneWithFailures => 7,
        Verdict::Done => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{imports, now};
    use super::*;
    use proptest::prelude::*;

    fn order(key: SortKey, reversed: bool) -> String {
        let imports = imports();
        let arranged = Sort { key, reversed }.arranged(&imports);
        arranged.iter().map(|w| w.import.id.as_str()[..1].to_ascii_uppercase()).collect()
    }

    #[test]
    fn each_key_has_its_direction_and_the_unknown_comes_last_in_both() {
        let table = [
            (SortKey::Trouble, "BADCFE", "CFEDAB"),
            (SortKey::Created, "ADBCFE", "FCBDAE"),
            (SortKey::Type, "AFEBDC", "CDBEAF"),
            (SortKey::Mode, "ADEBFC", "CBFEAD"),
            (SortKey::State, "BADFCE", "ECFDAB"),
            (SortKey::Progress, "FBACED", "CEABFD"),
            (SortKey::Done, "CABEDF", "DFEBAC"),
            (SortKey::Failed, "CADBFE", "DBFEAC"),
            (SortKey::Rate, "ADBCFE", "ADBCFE"),
            (SortKey::Eta, "ADBCFE", "ADBCFE"),
            (SortKey::By, "DABCFE", "FBCADE"),
        ];
        for (key, natural, reversed) in table {
            assert_eq!(
                (order(key, false).as_str(), order(key, true).as_str()),
                (natural, reversed),
                "{key:?}"
            );
        }
    }

    /// Some have the same date, some the same name but for case; enough for both cores.
    #[test]
    fn many_imports_are_in_the_order_that_two_of_them_are_in() {
        let samples = imports();
        let many = samples.iter().cycle().zip(0..9_000_u32).map(|(watched, nth)| {
            let nth = nth.wrapping_mul(2_654_435_761);
            let mut import = watched.import.clone();
            import.id = ImportId::new(&format!("{nth:08x}")).unwrap();
            if let Some(person) = import.started_by.as_mut().map(Arc::make_mut) {
                let name = person.name.as_str();
                person.name =
                    if nth % 2 == 0 { name.to_uppercase() } else { name.to_owned() }.as_str().into();
            }
            let mut new = Watched::at_first_sight(import, now());
            (new.tally, new.verdict, new.in_trouble) = (watched.tally, watched.verdict, watched.in_trouble);
            Listed::from(&Arc::new(new))
        });
        let many: Vec<_> = many.collect();
        for (key, reversed) in SortKey::ALL.into_iter().flat_map(|key| [(key, false), (key, true)]) {
            let sort = Sort { key, reversed };
            let mut compared = many.clone();
            compared.sort_by(|a, b| sort.compare(a, b));
            let arranged = sort.arranged_list(many.clone());
            let same = |a: &Listed, b: &Listed| Arc::ptr_eq(&a.watched, &b.watched);
            assert!(arranged.iter().zip(&compared).all(|(a, b)| same(a, b)), "{sort:?}");
            // A binary search finds each of them.
            assert!(arranged.windows(2).all(|pair| sort.compare(&pair[0], &pair[1]).is_lt()), "{sort:?}");
        }
    }

    proptest! {
        #[test]
        fn every_order_is_total(
            key in prop::sample::select(SortKey::ALL.to_vec()),
            reversed: bool,
            (a, b, c) in (0..6usize, 0..6usize, 0..6usize),
        ) {
            let imports: Vec<_> = imports().iter().map(Listed::from).collect();
            let compare = |a: usize, b: usize| Sort { key, reversed }.compare(&imports[a], &imports[b]);
            prop_assert_eq!(compare(a, b), compare(b, a).reverse());
            prop_assert_eq!(compare(a, b).is_eq(), a == b);
            if compare(a, b).is_le() && compare(b, c).is_le() {
                prop_assert!(compare(a, c).is_le());
            }
        }
    }
}
