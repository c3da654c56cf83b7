//! The state of the imports in Prometheus' text format (version 0.0.4). Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};

use crate::domain::Now;
use crate::domain::account::Account;
use crate::domain::snapshot::Snapshot;
use crate::domain::tally::Verdict;

/// Types with a label of their own: those with the most imports. The server may invent more at any time.
const MOST_TYPES: usize = 50;
const OTHER: &str = "other";
const VERDICTS: [Verdict; 9] = [
    Verdict::Queued,
    Verdict::Running,
    Verdict::Stalled,
    Verdict::Finishing,
    Verdict::Done,
    Verdict::DoneWithFailures,
    Verdict::Failed,
    Verdict::Cancelled,
    Verdict::Unknown,
];
/// Characters of a label.
const LONGEST: usize = 100;

/// All metrics. `requests` are the requests since the start, by how they were answered.
pub fn text(
    snapshot: &Snapshot,
    requests: impl IntoIterator<Item = (&'static str, u64)>,
    now: Now,
) -> String {
    let mut text = String::new();
    let counts = Counts::of(snapshot);
    metric(&mut text, "plannr_imports", "gauge", "Imports of the period, by state and type.");
    for ([account, firm, kind, verdict], count) in counts.imports {
        let labels = [("account", account), ("firm", firm), ("verdict", verdict), ("type", kind)];
        sample(&mut text, "plannr_imports", &labels, count);
    }
    metric(&mut text, "plannr_rows", "gauge", "Rows of these imports, as far as they are known.");
    for ([account, firm, state], count) in counts.rows {
        sample(&mut text, "plannr_rows", &[("account", account), ("firm", firm), ("state", state)], count);
    }
    metric(&mut text, "plannr_requests_total", "counter", "Requests to Plannr's API, by status class.");
    for (code, count) in requests {
        sample(&mut text, "plannr_requests_total", &[("code", code)], count);
    }
    if let Some(left) = snapshot.health.budget {
        let about = "Requests that Plannr still allows in this minute.";
        metric(&mut text, "plannr_rate_limit_remaining", "gauge", about);
        sample(&mut text, "plannr_rate_limit_remaining", &[], left);
    }
    metric(&mut text, "plannr_data_age_seconds", "gauge", "Time since the last good answer.");
    for state in snapshot.listed() {
        if let Some(last) = state.last_answer {
            let [uuid, firm] = of(Some(&state.account));
            let age = now.since(last).as_secs_f64();
            sample(&mut text, "plannr_data_age_seconds", &[("account", uuid), ("firm", firm)], age);
        }
    }
    text
}

#[derive(Default)]
struct Counts<'s> {
    /// By account, firm, type and verdict.
    imports: BTreeMap<[&'s str; 4], u64>,
    /// By account, firm and state.
    rows: BTreeMap<[&'s str; 3], u64>,
}

impl<'s> Counts<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let (mut counts, named) = (Self::default(), most_frequent_types(snapshot));
        for watched in snapshot.imports.iter() {
            let [account, firm] = of(watched.import.seen_by.as_deref().or(snapshot.account.as_deref()));
            let kind = cut(watched.import.kind.as_str());
            let kind = if named.contains(kind) { kind } else { OTHER };
            // Those without an import too, so that none vanishes when its last import leaves it.
            for verdict in VERDICTS {
                let is_its = u64::from(verdict == watched.verdict);
                *counts.imports.entry([account, firm, kind, verdict.as_str()]).or_default() += is_its;
            }
            let tally = &watched.tally;
            let rows = [
                ("succeeded", tally.succeeded()),
                ("failed", Some(tally.failed())),
                ("pending", tally.pending()),
            ];
            for (state, known) in rows {
                let sum = counts.rows.entry([account, firm, state]).or_default();
                *sum = sum.saturating_add(known.unwrap_or_default());
            }
        }
        counts
    }
}

fn most_frequent_types(snapshot: &Snapshot) -> BTreeSet<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for watched in snapshot.imports.iter() {
        *counts.entry(cut(watched.import.kind.as_str())).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(kind, count)| (Reverse(*count), *kind));
    counts.into_iter().take(MOST_TYPES).map(|(kind, _)| kind).collect()
}

/// Account and firm.
fn of(account: Option<&Account>) -> [&str; 2] {
    account.map_or(["", ""], |account| [account.id.as_str(), cut(account.firm.as_str())])
}

fn metric(text: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(text, "# HELP {name} {about}\n# TYPE {name} {kind}");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    let labels: Vec<_> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(text, "{name}{labels} {value}");
}

/// The beginning of a text from the server, as a label: cut before anything is counted by it.
fn cut(label: &str) -> &str {
    label.char_indices().nth(LONGEST).and_then(|(end, _)| label.get(..end)).unwrap_or(label)
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use prometheus_parse::{Scrape, Value};

    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::import::{Import, Kind};
    use crate::domain::snapshot::tests::{import, now};
    use crate::domain::snapshot::{AccountState, LinkState};

    fn scraped(text: &str) -> Scrape {
        Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap()
    }

    /// The value of the samples of that name that have those labels.
    fn values(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let is_it = |sample: &&prometheus_parse::Sample| {
            sample.metric == name && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
        };
        let value = |sample: &prometheus_parse::Sample| match sample.value {
            Value::Gauge(value) | Value::Counter(value) => value,
            _ => f64::NAN,
        };
        scrape.samples.iter().filter(is_it).map(value).collect()
    }

    #[test]
    fn what_a_parser_of_prometheus_reads_are_the_numbers_of_the_snapshot() {
        let account =
            Account { firm: "A \"firm\" \\ Co".into(), ..Account::unnamed(AccountId::new("acc-1").unwrap()) };
        let account = Arc::new(account);
        let imports = [
            import("a", 10, "processing", (100, 40, 3)),
            import("b", 20, "completed", (100, 0, 0)),
            import("c", 30, "completed", (50, 0, 5)),
        ];
        let mut snapshot = Snapshot::of(imports, now(0));
        let state = AccountState::new(Arc::clone(&account), true);
        let state = AccountState { link: LinkState::Live, last_answer: Some(now(0).up), ..state };
        snapshot.account = Some(account);
        snapshot.accounts = [state].into();
        snapshot.health.budget = Some(97);
        let text = text(&snapshot, [("2xx", 12), ("none", 1)], now(3));
        insta::assert_snapshot!(text);
        let scrape = scraped(&text);
        let of = ("account", "acc-1");
        let imports =
            |verdict| values(&scrape, "plannr_imports", &[of, ("verdict", verdict), ("type", "clients")]);
        assert_eq!(
            (imports("running"), imports("done"), imports("stalled")),
            (vec![1.0], vec![1.0], vec![0.0])
        );
        let rows = |state| values(&scrape, "plannr_rows", &[of, ("state", state)]);
        assert_eq!(rows("failed"), [8.0]);
        let all: f64 = ["succeeded", "failed", "pending"].into_iter().flat_map(rows).sum();
        assert_eq!(all, 250.0);
        assert_eq!(values(&scrape, "plannr_requests_total", &[("code", "2xx")]), [12.0]);
        assert_eq!(values(&scrape, "plannr_rate_limit_remaining", &[]), [97.0]);
        assert_eq!(values(&scrape, "plannr_data_age_seconds", &[of]), [3.0]);
    }

    #[test]
    fn types_without_end_are_one_label_and_no_import_is_lost() {
        let of_type = |number: u32| {
            let import = import(&format!("i{number}"), i64::from(number), "completed", (1, 0, 0));
            Import { kind: Kind::new(&format!("type{:03}", number % 80)), ..import }
        };
        let snapshot = Snapshot::of((0..100).map(of_type), now(0));
        let scrape = scraped(&text(&snapshot, [], now(0)));
        let done = [("verdict", "done")];
        assert_eq!(values(&scrape, "plannr_imports", &done).len(), MOST_TYPES + 1);
        assert_eq!(values(&scrape, "plannr_imports", &done).iter().sum::<f64>(), 100.0);
        assert_eq!(values(&scrape, "plannr_imports", &[done[0], ("type", "other")]), [30.0]);
        assert_eq!(values(&scrape, "plannr_imports", &[done[0], ("type", "type000")]), [2.0]);
    }
}
