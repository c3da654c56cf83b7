//! A made-up file with every mistake that people usually make, the report that Plannr writes about it, and what becomes
//! of it when it is imported again.
//!
//! The messages are the [validator](super::validator)'s own, so that a row passes exactly when nothing is wrong with it.

use fastrand::Rng;

use super::dice::{dice, pick};
use super::people::{self, Person};
use super::report::line;
use super::validator::Check;

/// The day on which it is imported.
const TODAY: &str = "2026-11-23";
const TITLES: &[&str] = &["Mr", "Mrs", "Miss", "Ms", "Professor", "Reverend"];
const TAKEN: &[&str] = &["CL-00001", "CL-00002", "CL-00003"];
/// How many rows of a hundred have a second mistake.
const SECOND: u8 = 25;

struct Field {
    header: &'static str,
    name: &'static str,
    checks: &'static [Check],
}

const fn field(header: &'static str, name: &'static str, checks: &'static [Check]) -> Field {
    Field { header, name, checks }
}

const FIELDS: [Field; 15] = [
    field("Client Ref", "client_reference", &[Check::Required, Check::Unique(TAKEN)]),
    field("Title", "title", &[Check::In(TITLES)]),
    field("First Name", "first_name", &[Check::Required, Check::Regex(is_name)]),
    field("Surname", "last_name", &[Check::Required, Check::Max(24)]),
    field("DOB", "date_of_birth", &[Check::DateFormat("Y-m-d"), Check::Before(TODAY)]),
    field("Email", "email", &[Check::Email]),
    field("Mobile", "mobile", &[Check::Regex(is_mobile)]),
    field("NI Number", "national_insurance_number", &[Check::Regex(is_ni_number)]),
    field("Post code", "postcode", &[Check::Regex(is_postcode)]),
    field("Salary", "salary", &[Check::Numeric, Check::Min(0.0)]),
    field("Balance", "balance", &[Check::Numeric]),
    field("Opt-in", "marketing_opt_in", &[Check::Boolean]),
    field("Start", "start_date", &[Check::DateFormat("d/m/Y")]),
    field("Sort Code", "sort_code", &[Check::Digits(6)]),
    field("Account No", "account_number", &[Check::Digits(8)]),
];

/// A way to get a value wrong.
pub struct Mistake {
    /// What a table calls it.
    pub name: &'static str,
    /// Whose value it is.
    pub field: &'static str,
    spoil: fn(&str, &mut Rng) -> String,
}

const fn mistake(name: &'static str, field: &'static str, spoil: fn(&str, &mut Rng) -> String) -> Mistake {
    Mistake { name, field, spoil }
}

/// Every mistake.
pub static MISTAKES: [Mistake; 47] = [
    mistake("a date as DD/MM/YYYY", "date_of_birth", |good, _| british(good, '/', false)),
    mistake("a date as DD.MM.YY", "date_of_birth", |good, _| british(good, '.', true)),
    mistake("a date with the month in letters", "date_of_birth", |good, _| in_words(good)),
    mistake("a date as Excel's serial number", "date_of_birth", |good, _| serial(good)),
    mistake("a date with a time", "date_of_birth", |good, _| format!("{good} 00:00:00")),
    mistake("a date as YYYY-MM-DD where DD/MM/YYYY is wanted", "start_date", |good, _| iso(good)),
    mistake("a date with single digits", "start_date", |good, _| without_zeros(good)),
    mistake("no date", "date_of_birth", |_, dice| pick(&["soon", "March 1970", "1970"], dice).to_owned()),
    mistake("a date that no calendar has", "start_date", |good, _| format!("31/02/{}", year(good))),
    mistake("an amount with currency and thousands", "salary", |good, _| format!("£{}", grouped(good))),
    mistake("an amount with blanks for thousands", "salary", |good, _| grouped(good).replace(',', " ")),
    mistake("an amount with a decimal comma", "balance", |good, _| good.replace('.', ",")),
    mistake("an amount in brackets", "balance", |good, _| format!("({})", good.trim_start_matches('-'))),
    mistake("an amount with its currency behind", "balance", |good, _| format!("{good} GBP")),
    mistake("a negative amount where none may be", "salary", |good, _| format!("(£{good})")),
    mistake("an amount in thousands", "salary", |good, _| format!("{}k", whole(good))),
    mistake("n/a for an amount", "salary", |_, dice| pick(&["n/a", "N/A", "???"], dice).to_owned()),
    mistake("yes or no in words", "marketing_opt_in", |good, dice| {
        let yes = good == "1";
        pick(if yes { &["yes", "Y", "true", "TRUE"] } else { &["no", "N", "false", "FALSE"] }, dice)
            .to_owned()
    }),
    mistake("neither yes nor no", "marketing_opt_in", |_, dice| {
        pick(&["maybe", "ask", "Y?"], dice).to_owned()
    }),
    mistake("a non-breaking space behind a name", "first_name", |good, _| format!("{good}\u{a0}")),
    mistake("an invisible character in a name", "first_name", |good, _| format!("\u{200b}{good}")),
    mistake("a garbled name", "first_name", |good, _| format!("{good} JosÃ©")),
    mistake("a number in a name", "first_name", |good, dice| format!("{good}{}", dice.u8(1..9))),
    mistake("a name that is too long", "last_name", |good, _| format!("{good} (see the note on the file)")),
    mistake("no name", "last_name", |_, _| String::new()),
    mistake("an address with blanks around it", "email", |good, _| format!(" {good} ")),
    mistake("an address with a blank beside its @", "email", |good, _| good.replace('@', " @")),
    mistake("an address with a name", "email", |good, _| format!("A Person <{good}>")),
    mistake("an address without its @", "email", |good, _| good.replace('@', "")),
    mistake("a mobile number as +44 (0)…", "mobile", |good, _| {
        format!("+44 (0){}", good.trim_start_matches('0'))
    }),
    mistake("a mobile number with blanks", "mobile", |good, _| spaced(good, 5)),
    mistake("a mobile number without its 0", "mobile", |good, _| good.trim_start_matches('0').to_owned()),
    mistake("a mobile number with a digit too few", "mobile", |good, _| cut(good)),
    mistake("a National Insurance number in small letters", "national_insurance_number", |good, _| {
        good.to_lowercase()
    }),
    mistake("a National Insurance number with blanks", "national_insurance_number", |good, _| {
        spaced(good, 2)
    }),
    mistake("a National Insurance number without its end", "national_insurance_number", |good, _| cut(good)),
    mistake("a postcode in small letters", "postcode", |good, _| good.to_lowercase()),
    mistake("a postcode without its space", "postcode", |good, _| good.replace(' ', "")),
    mistake("a Cyrillic letter in a postcode", "postcode", |good, _| good.replacen('X', "Х", 1)),
    mistake("a town for a postcode", "postcode", |_, dice| people::town(dice)),
    mistake("a sort code with dashes", "sort_code", |good, _| spaced(good, 2).replace(' ', "-")),
    mistake("a sort code without its 0", "sort_code", |good, _| good.trim_start_matches('0').to_owned()),
    mistake("an account number without its 0", "account_number", |good, _| {
        good.trim_start_matches('0').to_owned()
    }),
    mistake("a title in other letters", "title", |good, _| good.to_uppercase()),
    mistake("a title with a letter too few", "title", |_, _| "Profesor".to_owned()),
    mistake("a title that is not in the list", "title", |_, dice| {
        pick(&["Sir", "Captain", "Other"], dice).to_owned()
    }),
    mistake("a client who exists already", "client_reference", |_, dice| pick(TAKEN, dice).to_owned()),
];

/// A file that was imported once, each row of it with a mistake.
pub struct Trial {
    rows: Vec<TrialRow>,
}

/// A row of it.
pub struct TrialRow {
    cells: Vec<String>,
    pub mistakes: Vec<&'static Mistake>,
}

/// A row as it was imported.
#[derive(Debug)]
pub struct Imported {
    pub cells: Vec<String>,
    /// What is wrong with it; none where it passes.
    pub messages: Vec<String>,
}

impl Trial {
    /// So many rows, with every mistake as often as any other.
    pub fn new(seed: u64, rows: usize) -> Trial {
        let row = |nth: usize| {
            let mut dice = dice(seed, nth as u64);
            let good = good_row(&mut dice);
            let mut mistakes: Vec<&'static Mistake> =
                MISTAKES.get(nth % MISTAKES.len()).into_iter().collect();
            if dice.u8(0..100) < SECOND {
                let other = MISTAKES.get(dice.usize(0..MISTAKES.len()));
                mistakes
                    .extend(other.filter(|other| mistakes.iter().all(|first| first.field != other.field)));
            }
            let mut cells = good;
            for mistake in &mistakes {
                let place = FIELDS.iter().position(|field| field.name == mistake.field);
                if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
                    *cell = (mistake.spoil)(cell, &mut dice);
                }
            }
            TrialRow { cells, mistakes }
        };
        Trial { rows: (0..rows).map(row).collect() }
    }

    pub fn rows(&self) -> &[TrialRow] {
        &self.rows
    }

    /// Header and field of each column.
    pub fn mapping() -> impl Iterator<Item = (&'static str, &'static str)> {
        FIELDS.iter().map(|field| (field.header, field.name))
    }

    /// The error report: every row with what is wrong with it.
    pub fn report(&self) -> Vec<u8> {
        let mut out = String::new();
        line(&mut out, FIELDS.iter().map(|field| field.header).chain(["errors"]));
        for row in &self.rows {
            let messages = messages(&row.cells).join(", ");
            line(&mut out, row.cells.iter().map(String::as_str).chain([messages.as_str()]));
        }
        out.into_bytes()
    }

    /// Imports a file with these columns.
    ///
    /// # Errors
    /// What is wrong with the file as such.
    pub fn import(csv: &[u8]) -> Result<Vec<Imported>, String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
        let mut records = reader.records();
        let headers = records.next().ok_or("no headers")?.map_err(|error| error.to_string())?;
        if !headers.iter().eq(FIELDS.iter().map(|field| field.header)) {
            return Err(format!("other headers: {headers:?}"));
        }
        let import = |record: Result<csv::StringRecord, csv::Error>| {
            let cells: Vec<String> =
                record.map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
            Ok(Imported { messages: messages(&cells), cells })
        };
        records.map(import).collect()
    }
}

fn messages(cells: &[String]) -> Vec<String> {
    let of_field = |(field, cell): (&'static Field, &String)| {
        let cell = cell.clone();
        field.checks.iter().filter_map(move |check| check.message(field.name, &cell))
    };
    FIELDS.iter().zip(cells).flat_map(of_field).collect()
}

/// A row with nothing wrong. Some fields may be empty.
fn good_row(dice: &mut Rng) -> Vec<String> {
    let person = Person::new(dice);
    let cell = |name: &str| match name {
        "client_reference" => format!("CL-{:05}", dice.u32(100..100_000)),
        "title" => pick(TITLES, dice).to_owned(),
        "first_name" => person.first.to_owned(),
        "last_name" => person.last.chars().take(24).collect(),
        "date_of_birth" => format!("{}-{:02}-{:02}", dice.u16(1932..2005), dice.u8(1..=12), dice.u8(1..=28)),
        "start_date" => format!("{:02}/{:02}/{}", dice.u8(1..=28), dice.u8(1..=12), dice.u16(2012..2026)),
        "email" => person.email(dice),
        "mobile" => people::mobile(dice).replace(' ', ""),
        "national_insurance_number" => people::national_insurance(dice),
        "postcode" => people::postcode(dice),
        "salary" if dice.u8(0..10) == 0 => String::new(),
        "salary" => format!("{}.{:02}", dice.u32(1_000..190_000), dice.u8(0..100)),
        "balance" => format!("{}.{:02}", dice.i32(-900..9_000), dice.u8(10..100)),
        "marketing_opt_in" => pick(&["0", "1"], dice).to_owned(),
        "sort_code" => format!("0{:05}", dice.u32(10_000..100_000)),
        _ => format!("0{:07}", dice.u32(1_000_000..10_000_000)),
    };
    FIELDS.iter().map(|field| field.name).map(cell).collect()
}

fn is_name(value: &str) -> bool {
    value.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''))
}

fn is_mobile(value: &str) -> bool {
    value.len() == 11 && value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit())
}

fn is_ni_number(value: &str) -> bool {
    shape(value) == "AA999999A" && value.ends_with(['A', 'B', 'C', 'D'])
}

fn is_postcode(value: &str) -> bool {
    let shape = shape(value);
    shape
        .strip_suffix(" 9AA")
        .is_some_and(|outward| ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"].contains(&outward))
}

/// `A` for a capital, `9` for a digit.
fn shape(value: &str) -> String {
    let sign = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    value.chars().map(sign).collect()
}

fn british(iso: &str, separator: char, short: bool) -> String {
    let mut parts: Vec<&str> = iso.split('-').collect();
    parts.reverse();
    if let Some(year) = parts.last_mut().filter(|_| short) {
        *year = year.get(2..).unwrap_or_default();
    }
    parts.join(&separator.to_string())
}

fn in_words(iso: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = iso.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return iso.to_owned() };
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("{} {} {year}", day.trim_start_matches('0'), month.unwrap_or(&"Jan"))
}

fn serial(iso: &str) -> String {
    let date: jiff::civil::Date = iso.parse().unwrap_or_default();
    let since = date.since(jiff::civil::date(1899, 12, 30)).map(|span| span.get_days()).unwrap_or_default();
    since.to_string()
}

fn iso(british: &str) -> String {
    let mut parts: Vec<&str> = british.split('/').collect();
    parts.reverse();
    parts.join("-")
}

fn without_zeros(british: &str) -> String {
    let parts: Vec<&str> = british.split('/').map(|part| part.trim_start_matches('0')).collect();
    let text = parts.join("/");
    // Where there was no zero it would be right.
    if text == british { text.replace('/', ".") } else { text }
}

fn year(british: &str) -> &str {
    british.rsplit('/').next().unwrap_or("2020")
}

fn whole(number: &str) -> &str {
    number.split('.').next().unwrap_or(number)
}

fn grouped(number: &str) -> String {
    let (whole, part) =
        number.split_once('.').unwrap_or((if number.is_empty() { "1234" } else { number }, "50"));
    let mut digits: Vec<String> = Vec::new();
    let mut rest = whole;
    while rest.len() > 3 {
        let (head, tail) = rest.split_at(rest.len() - 3);
        digits.push(tail.to_owned());
        rest = head;
    }
    digits.push(rest.to_owned());
    digits.reverse();
    format!("{}.{part}", digits.join(","))
}

fn spaced(text: &str, every: usize) -> String {
    let place = |(nth, c): (usize, char)| {
        let gap = if nth > 0 && nth.is_multiple_of(every) { " " } else { "" };
        format!("{gap}{c}")
    };
    text.chars().enumerate().map(place).collect()
}

fn cut(text: &str) -> String {
    let mut text = text.to_owned();
    text.pop();
    text
}
