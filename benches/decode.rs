//! How fast a full page of imports is read, beside what serde makes of the same bytes.
//!
//! `cargo bench --bench decode`. The page is the simulated server's: 500 imports with samples of failed rows. Every
//! reading takes its turn in every round, so that a busy machine slows all of them alike. A file can be given
//! instead: `cargo bench --bench decode -- FILE`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made has failed"
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[path = "common/figures.rs"]
#[expect(dead_code, reason = "benches/terminal.rs uses the rest")]
mod figures;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use plannr_tui::api;
use plannr_tui::domain::page::Samples;
use plannr_tui::simulator::{Options, World};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use figures::{head, in_turns, ratio, row, time, timed};

const IMPORTS: usize = 500;
const ROUNDS: usize = 60;

fn main() {
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let body = given.map_or_else(page, |path| std::fs::read(path).unwrap());
    let asked = Url::parse("http://localhost/api/v1/import").unwrap();
    let read = api::wire::page(&body, &asked, Samples::All).unwrap();
    let rows: usize = read.imports.iter().map(|import| import.failed_rows().len()).sum();
    println!("{} imports, {rows} failed rows, {} bytes", read.imports.len(), body.len());
    drop(read);

    let figures = in_turns(
        ROUNDS,
        [
            &mut || timed(|| api::wire::page(&body, &asked, Samples::All).unwrap()),
            &mut || timed(|| serde_json::from_slice::<Value>(&body).unwrap()),
            &mut || timed(|| serde_json::from_slice::<Page<'_>>(&body).unwrap()),
            &mut || timed(|| serde_json::from_slice::<&RawValue>(&body).unwrap()),
        ],
    );
    let ours = figures[0].median();
    head(["reading of the page", "median", "MB/s", "ours ÷ this"]);
    let names = [
        "`api::wire::page`",
        "`serde_json::Value`",
        "borrowing structs (serde derive)",
        "`RawValue`, skimmed only",
    ];
    for (name, times) in names.iter().zip(&figures) {
        let speed = body.len() as f64 / 1e6 / times.median();
        row([*name, &time(times.median()), &format!("{speed:.0}"), &ratio(ours, times.median())]);
    }
}

fn page() -> Vec<u8> {
    let world = World::new(&Options { imports: IMPORTS, keep_starting: false, ..Options::default() });
    let question = format!("/api/v1/import?per_page={IMPORTS}&include=initiatedBy");
    world.answer(&world.get(&question), Duration::from_secs(1)).body
}

/// The page as one would write it down who trusts the server: what is known by name in structs, texts borrowed.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read, not looked at")]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<Import<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, not looked at")]
struct Import<'a> {
    uuid: &'a str,
    created_at: &'a str,
    updated_at: &'a str,
    r#type: &'a str,
    mode: &'a str,
    status: &'a str,
    // Numbers, here and there as texts.
    #[serde(borrow)]
    total_jobs: Any<'a>,
    #[serde(borrow)]
    progress: Any<'a>,
    #[serde(borrow)]
    jobs_remaining: Any<'a>,
    #[serde(borrow)]
    failed_jobs: Any<'a>,
    #[serde(borrow)]
    error_report: Option<Report<'a>>,
    #[serde(borrow)]
    errors: Vec<Any<'a>>,
    #[serde(borrow)]
    account: Option<Person<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, not looked at")]
struct Report<'a> {
    #[serde(borrow)]
    filename: Text<'a>,
    size: &'a str,
    status: &'a str,
    #[serde(borrow)]
    download_url: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, not looked at")]
struct Person<'a> {
    uuid: &'a str,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, not looked at")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Whatever it is, texts borrowed: a failed row's columns and messages are known by no name.
#[expect(dead_code, reason = "read, not looked at")]
enum Any<'a> {
    Scalar(f64),
    Text(Cow<'a, str>),
    List(Vec<Any<'a>>),
    Object(Vec<(Text<'a>, Any<'a>)>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Any<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Any<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_unit<E>(self) -> Result<Any<'de>, E> {
                Ok(Any::Scalar(0.0))
            }

            fn visit_bool<E>(self, it: bool) -> Result<Any<'de>, E> {
                Ok(Any::Scalar(f64::from(it)))
            }

            fn visit_u64<E>(self, it: u64) -> Result<Any<'de>, E> {
                Ok(Any::Scalar(it as f64))
            }

            fn visit_f64<E>(self, it: f64) -> Result<Any<'de>, E> {
                Ok(Any::Scalar(it))
            }

            fn visit_borrowed_str<E>(self, it: &'de str) -> Result<Any<'de>, E> {
                Ok(Any::Text(Cow::Borrowed(it)))
            }

            fn visit_str<E>(self, it: &str) -> Result<Any<'de>, E> {
                Ok(Any::Text(Cow::Owned(it.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Any::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Any::Object(members))
            }
        }
        deserializer.deserialize_any(Read)
    }
}
