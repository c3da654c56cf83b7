//! Laravel's validation rules as far as imports break them: the bad value of a cell, and the message in the
//! validator's own words (`lang/en/validation.php`).

use fastrand::Rng;

use super::dice::pick;

/// A rule a cell can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Must be there.
    Required,
    /// Must not be in the database yet.
    Unique,
    /// Must be a date as `Y-m-d`.
    DateFormat,
    /// Must be a date after that of another field.
    After(&'static str),
    /// Must be a number.
    Numeric,
    /// Must be a whole number.
    Integer,
    /// Must be one of a list.
    In,
    /// Must name something that exists.
    Exists,
    /// Must be an email address.
    Email,
    /// Must have at most so many characters.
    Max(usize),
    /// Must be within these.
    Between(u32, u32),
    /// Must look right.
    Regex,
    /// Must be a yes or a no.
    Boolean,
}

impl Rule {
    /// A value that breaks the rule, made from one that does not.
    pub(super) fn spoil(self, good: String, dice: &mut Rng) -> String {
        match self {
            Rule::Required => String::new(),
            Rule::Unique => good,
            Rule::DateFormat => unformatted(&good, dice),
            Rule::After(_) => good.replacen("20", "19", 1),
            Rule::Numeric => match dice.u8(0..4) {
                0 => "n/a".to_owned(),
                1 => format!("{good} GBP"),
                2 => format!("({good})"),
                _ => format!("£{}", grouped(&good)),
            },
            Rule::Integer => format!("{}.5", dice.u8(1..30)),
            Rule::In => match dice.u8(0..4) {
                0 => "Other".to_owned(),
                1 => "TBC".to_owned(),
                2 => "See file note".to_owned(),
                _ => misspelt(&good, dice),
            },
            // Mostly it looks right and is simply not known.
            Rule::Exists => match dice.u8(0..6) {
                0 => "???".to_owned(),
                1 if good.contains('@') => "Leaver".to_owned(),
                1 | 2 => misspelt(&good, dice),
                _ => good,
            },
            Rule::Email => match dice.u8(0..4) {
                0 => good.replace('@', " at "),
                1 => good.split_inclusive('@').next().unwrap_or_default().to_owned(),
                2 => "no email".to_owned(),
                _ => format!("{}\u{a0}", good.replace('@', " @")),
            },
            Rule::Max(most) => overlong(&good, most),
            Rule::Between(_, high) => (high + dice.u32(1..80)).to_string(),
            Rule::Regex => {
                let broken: String =
                    good.chars().filter(|c| !c.is_ascii_digit() || dice.u8(0..3) > 0).skip(1).collect();
                if broken.len().is_multiple_of(2) { in_small_letters(&good) } else { broken }
            }
            Rule::Boolean => pick(&["Maybe", "TRUE", "Y", "on file"], dice).to_owned(),
        }
    }

    /// What the validator says of such a value. More than one where more than one rule of the field is broken.
    pub(super) fn messages(self, field: &str, value: &str) -> Vec<String> {
        let attribute = field.replace('_', " ");
        let message = match self {
            Rule::Required => format!("The {attribute} field is required."),
            Rule::Unique => format!("The {attribute} has already been taken."),
            Rule::DateFormat => return date_messages(&attribute, value),
            Rule::After(other) => {
                format!("The {attribute} must be a date after {}.", other.replace('_', " "))
            }
            Rule::Numeric => format!("The {attribute} must be a number."),
            Rule::Integer => format!("The {attribute} must be an integer."),
            Rule::In | Rule::Exists => format!("The selected {attribute} is invalid."),
            Rule::Email => format!("The {attribute} must be a valid email address."),
            Rule::Max(most) => format!("The {attribute} must not be greater than {most} characters."),
            Rule::Between(low, high) => format!("The {attribute} must be between {low} and {high}."),
            Rule::Regex => format!("The {attribute} format is invalid."),
            Rule::Boolean => format!("The {attribute} field must be true or false."),
        };
        vec![message]
    }
}

/// A date as people write it.
fn unformatted(iso: &str, dice: &mut Rng) -> String {
    let mut parts = iso.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return "unknown".to_owned();
    };
    match dice.u8(0..12) {
        0 => "unknown".to_owned(),
        1 => format!("{day}.{month}.{}", year.get(2..).unwrap_or(year)),
        2 => in_words(day, month, year),
        _ => format!("{day}/{month}/{year}"),
    }
}

/// As `3 Apr 1970`.
fn in_words(day: &str, month: &str, year: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("{} {} {year}", day.trim_start_matches('0'), name.unwrap_or(&"Jan"))
}

/// With a comma for the thousands.
fn grouped(amount: &str) -> String {
    let whole = amount.find('.').unwrap_or(amount.len());
    match whole.checked_sub(3).filter(|at| *at > 0 && amount.is_char_boundary(*at)) {
        Some(at) => {
            let (thousands, rest) = amount.split_at(at);
            format!("{thousands},{rest}")
        }
        None => amount.to_owned(),
    }
}

/// As somebody types a National Insurance number: `qq 12 34 56 c`.
fn in_small_letters(good: &str) -> String {
    let typed = good.chars().enumerate().map(|(nth, c)| {
        let gap = if nth > 0 && nth.is_multiple_of(2) { " " } else { "" };
        format!("{gap}{}", c.to_ascii_lowercase())
    });
    typed.collect()
}

/// PHP reads `03/04/1970` as an American date and cannot read `13/04/1970` at all, so some break two rules. It reads
/// a month in letters.
fn date_messages(attribute: &str, value: &str) -> Vec<String> {
    let format = format!("The {attribute} does not match the format Y-m-d.");
    let american =
        value.split('/').next().and_then(|first| first.parse::<u8>().ok()).is_some_and(|day| day <= 12);
    if american || value.contains(' ') {
        vec![format]
    } else {
        vec![format!("The {attribute} is not a valid date."), format]
    }
}

/// With one of its inner letters gone or doubled; of an address the part before the `@`, so that it stays an example.
fn misspelt(good: &str, dice: &mut Rng) -> String {
    let (word, rest) = good.split_at(good.find('@').unwrap_or(good.len()));
    let length = word.chars().count();
    if length < 3 {
        return format!("{word}?{rest}");
    }
    let (at, double) = (dice.usize(1..length - 1), dice.bool());
    let times = |nth| {
        if nth != at {
            1
        } else if double {
            2
        } else {
            0
        }
    };
    let word: String =
        word.chars().enumerate().flat_map(|(nth, c)| std::iter::repeat_n(c, times(nth))).collect();
    format!("{word}{rest}")
}

fn overlong(good: &str, most: usize) -> String {
    let start = if good.is_empty() { "Client called" } else { good };
    let filler = " Client called again to ask about the transfer; papers to follow by post.";
    start.chars().chain(filler.chars().cycle()).take(most + 40).collect()
}
