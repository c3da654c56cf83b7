//! One column: what its rules want, what its accepted cells show, and what that makes of a rejected cell.

use std::borrow::Cow;

use jiff::civil::Date;

use super::super::values::expected::{Expected, words_of};
use super::accepted::Accepted;
use super::as_date::{self, DateOrder, DateReading, Hints};
use super::as_person::{self, PhoneStyle};
use super::as_text::{is_placeholder, may_be_zero, tidy};
use super::as_word::{self, Vocabulary};
use super::century::Century;
use super::demand::{Candidate, Demand};
use super::{Kind, as_amount};

/// Bytes; no value that has one remedy is longer.
const LONGEST: usize = 4 << 10;

/// What is known of a column.
pub(super) struct Column<'a> {
    /// Every different demand of its messages, the most frequent first.
    demands: Vec<Demand>,
    /// What its field's name says that it holds.
    named: Expected,
    is_birth: bool,
    /// Its name says so, and no accepted number is below zero.
    is_never_negative: bool,
    /// Cells that no message is about.
    accepted: Accepted<'a>,
    empty_is_accepted: bool,
    order: DateOrder,
    amounts: as_amount::Notation,
    /// It names people, whose names differ by a letter.
    is_name: bool,
    today: Date,
}

/// What becomes of a rejected cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Correction {
    Changed {
        kind: Kind,
        after: String,
        how: Cow<'static, str>,
    },
    /// A date with two readings, each as the rule wants it.
    Undecided {
        day_first: String,
        month_first: String,
        how: Cow<'static, str>,
    },
    /// Left as it is, and why.
    Left {
        kind: Option<Kind>,
        why: &'static str,
    },
}

/// What a goal makes of a text.
enum Reading {
    /// It is as wanted.
    Same,
    Fixed(String, Kind, Cow<'static, str>),
    Date(Date, String, Cow<'static, str>),
    Two([(Date, String); 2], Cow<'static, str>),
    Not(Kind, &'static str),
}

impl<'a> Column<'a> {
    /// `cells` are all of the column: the value, and whether it is `Some(true)` accepted, `Some(false)` rejected or
    /// unknown.
    pub(super) fn new(
        field: &str,
        demands: Vec<Demand>,
        cells: impl Iterator<Item = (&'a str, Option<bool>)>,
        today: Date,
    ) -> Self {
        let (mut accepted, mut dates, mut empty) = (Vec::new(), Vec::new(), false);
        let wants_date = demands.iter().any(|demand| is_date(demand.expected));
        let wants_number = demands.iter().any(|demand| is_number(demand.expected));
        let mut numbers = Vec::new();
        for (cell, is_accepted) in cells {
            if wants_number {
                numbers.push(cell);
            }
            if wants_date && is_accepted.is_some() {
                dates.push(cell);
            }
            match is_accepted {
                Some(true) if cell.is_empty() => empty = true,
                Some(true) if !cell.trim().is_empty() => accepted.push(cell),
                _ => {}
            }
        }
        const NEVER_NEGATIVE: [&str; 24] = [
            "salary",
            "salaries",
            "wage",
            "wages",
            "income",
            "incomes",
            "premium",
            "premiums",
            "prem",
            "price",
            "prices",
            "cost",
            "costs",
            "fee",
            "fees",
            "rate",
            "rates",
            "percentage",
            "percent",
            "age",
            "unit",
            "units",
            "quantity",
            "qty",
        ];
        const NAMES: [&str; 12] = [
            "name", "names", "surname", "forename", "adviser", "advisor", "client", "person", "owner",
            "manager", "partner", "contact",
        ];
        let accepted = Accepted::new(accepted);
        let words = words_of(field);
        let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let required = demands.iter().any(|demand| demand.expected == Expected::Filled);
        Self {
            named: Expected::of_name(field),
            is_birth: says(&["birth", "born", "dob", "dateofbirth", "birthday", "birthdate"]),
            is_name: says(&NAMES),
            is_never_negative: says(&NEVER_NEGATIVE) && !accepted.amounts().is_any_negative,
            empty_is_accepted: empty && !required,
            order: DateOrder::of(dates.into_iter()),
            amounts: as_amount::Notation::of(numbers.into_iter()),
            demands,
            accepted,
            today,
        }
    }

    /// How many dates of the column can be read in one way only: day first, month first.
    pub(super) fn date_order(&self) -> DateOrder {
        self.order
    }

    /// Corrects a rejected cell. `own` are the demands of the messages about it, `date_of` the date that its row has in
    /// another field.
    pub(super) fn correct(
        &self,
        value: &str,
        own: &[&Demand],
        date_of: &dyn Fn(&str) -> Option<Date>,
    ) -> Correction {
        let left = |kind, why| Correction::Left { kind, why };
        let demands = |expected| own.iter().any(|demand| demand.expected == expected);
        if demands(Expected::Filled) {
            return left(None, "required, and only you know the value");
        }
        if demands(Expected::Unique) {
            return left(None, "must be unique: the value is already in use");
        }
        if value.len() > LONGEST {
            return left(None, "too long for what could be corrected");
        }
        if value.is_empty() {
            return left(None, "empty, which the rule does not accept");
        }
        let tidied = tidy(value);
        let text = tidied.as_ref().map_or(value, |(text, ..)| text);
        let goal = self.goal(own);
        let passes =
            |value: &str, date| self.passes(own, &Candidate { value, date, today: self.today, date_of });
        if text.is_empty() || (is_placeholder(text, has_form(goal)) && !self.is_value(goal, own, text)) {
            let is_blank = text.is_empty();
            let kind = if is_blank { Kind::Blanks } else { Kind::Placeholders };
            if !self.empty_is_accepted || !passes("", None) {
                let why = match is_blank {
                    true => "no value, and no empty cell was accepted in this column",
                    false => "a placeholder, and no empty cell was accepted in this column",
                };
                return left(Some(kind), why);
            }
            if is_number(goal) && may_be_zero(text) && !is_blank {
                return left(Some(kind), "may be nothing or zero");
            }
            let how = if is_blank { "only blanks → empty" } else { "placeholders such as n/a → empty" };
            return Correction::Changed { kind, after: String::new(), how: how.into() };
        }
        // A rule that is not known here can be met only if what was wrong is seen in no accepted cell.
        let unknown = own.iter().any(|demand| !demand.is_known());
        let is_free = goal == Expected::Anything || goal == self.named;
        if unknown && !(is_free && self.accepted.are_tidy()) {
            return left(None, "the message does not say what is wanted");
        }
        const BREAKS: &str = "the corrected value would still break a rule";
        let mut reading = self.read(goal, own, text);
        if let Some(case) = own.iter().find_map(|demand| demand.case) {
            reading = match reading {
                Reading::Same if case.of(text) != text => {
                    let kind = if goal == Expected::Email { Kind::Emails } else { Kind::Words };
                    Reading::Fixed(
                        case.of(text),
                        kind,
                        "capitals and small letters as the rule wants them".into(),
                    )
                }
                Reading::Fixed(text, kind, how) => Reading::Fixed(case.of(&text), kind, how),
                reading => reading,
            };
        }
        match reading {
            Reading::Fixed(after, kind, how) => match passes(&after, None) {
                true if after != value => Correction::Changed { kind, after, how },
                _ => left(Some(kind), BREAKS),
            },
            Reading::Date(date, after, how) => match passes(&after, Some(date)) {
                true if after != value => Correction::Changed { kind: Kind::Dates, after, how },
                _ => left(Some(Kind::Dates), BREAKS),
            },
            Reading::Two([(early, day_first), (late, month_first)], how) => {
                match (passes(&day_first, Some(early)), passes(&month_first, Some(late))) {
                    (true, true) => Correction::Undecided { day_first, month_first, how },
                    // That one reading breaks a rule does not make the other one right: the date may be wrong.
                    _ => left(Some(Kind::Dates), BREAKS),
                }
            }
            Reading::Same => match tidied {
                Some((after, kind, how)) if passes(&after, as_date::parse(&after, php(own))) => {
                    Correction::Changed { kind, after, how: how.into() }
                }
                Some((_, kind, _)) => left(Some(kind), BREAKS),
                None if passes(value, as_date::parse(value, php(own))) => {
                    left(None, "the value looks as the rule wants it")
                }
                None => left(None, "breaks the rule; only you know the right value"),
            },
            Reading::Not(kind, why) => left(Some(kind), why),
        }
    }

    /// How the column writes dates.
    fn php(&self) -> &str {
        php(&self.demands.iter().collect::<Vec<_>>())
    }

    /// What the messages want, else what the field's name says.
    fn goal(&self, own: &[&Demand]) -> Expected {
        use Expected::{AccountNumber, Boolean, Digits, Email, Known, NationalInsurance, Number};
        use Expected::{Phone, Postcode, SortCode, Whole};
        let of_bank = matches!(self.named, SortCode | AccountNumber | Phone);
        for expected in own.iter().map(|demand| demand.expected) {
            match expected {
                Number | Whole | Digits { .. } if of_bank => return self.named,
                Number
                | Whole
                | Digits { .. }
                | Boolean
                | Email
                | Postcode
                | NationalInsurance
                | Phone
                | SortCode
                | AccountNumber
                | Known => return expected,
                expected if is_date(expected) => return expected,
                _ => {}
            }
        }
        match self.named {
            Email | Postcode | NationalInsurance | Phone | SortCode | AccountNumber => self.named,
            _ => Expected::Anything,
        }
    }

    fn read(&self, goal: Expected, own: &[&Demand], text: &str) -> Reading {
        let fixed = |found: Option<String>, kind, how: &'static str, why| match found {
            Some(after) if after == text => Reading::Same,
            Some(after) => Reading::Fixed(after, kind, how.into()),
            None => Reading::Not(kind, why),
        };
        match goal {
            Expected::IsoDate | Expected::Date(_) => self.date(own, text),
            Expected::Number | Expected::Whole => self.amount(goal, own, text),
            Expected::Boolean => {
                let vocabulary = self.accepted.vocabulary();
                let how = match vocabulary.is_empty() {
                    true => "words for yes and no → 1 and 0",
                    false => "words for yes and no as in accepted cells",
                };
                let why = "neither a yes nor a no";
                fixed(as_word::boolean(text, vocabulary), Kind::Booleans, how, why)
            }
            Expected::Email => {
                let why = "not an e-mail address, even without blanks and signs";
                let how = "blanks and whatever surrounds the address removed";
                fixed(as_person::email(text), Kind::Emails, how, why)
            }
            Expected::Postcode => {
                let spaced = self.accepted.postcodes_are_spaced();
                let how = if spaced { "in capitals, with one space" } else { "in capitals, without a space" };
                fixed(as_person::postcode(text, spaced), Kind::Postcodes, how, "not a UK postcode")
            }
            Expected::NationalInsurance => {
                let spaced = self.accepted.ni_numbers_are_spaced();
                let how = if spaced { "in capitals, in pairs" } else { "in capitals, without blanks" };
                let why = "not two letters, six digits and a final letter";
                fixed(as_person::national_insurance(text, spaced), Kind::NiNumbers, how, why)
            }
            Expected::Phone => self.phone(own, text),
            Expected::SortCode => self.sort_code(own, text),
            Expected::AccountNumber => {
                let eight = Expected::Digits { least: 8, most: 8 };
                let is_eight = own.iter().any(|demand| demand.expected == eight);
                let may_have_lost = is_eight || self.accepted.are_account_numbers();
                bank(as_person::padded(text, 8, usize::from(may_have_lost), true), text)
            }
            Expected::Digits { least, most } => {
                let padded = self.accepted.zero_padded() == Some(most);
                let number = match least == most {
                    true => as_person::padded(text, most, if padded { 2 } else { 0 }, false),
                    false => as_person::plain_digits(text, false).map(|number| (number, false)),
                };
                bank(number, text)
            }
            Expected::Known => {
                let listed = own.iter().flat_map(|demand| demand.listed.iter().map(String::as_str));
                let listed = Vocabulary::listed(listed);
                let vocabulary = if listed.is_empty() { self.accepted.vocabulary() } else { &listed };
                match vocabulary.nearest(text, self.is_name) {
                    Some((word, _)) if word == text => Reading::Same,
                    Some((word, how)) => Reading::Fixed(word.to_owned(), Kind::Words, how.into()),
                    None if vocabulary.is_listed() => {
                        Reading::Not(Kind::Words, "none of the listed values is close enough")
                    }
                    None => Reading::Not(Kind::Words, "not among the accepted values"),
                }
            }
            _ => Reading::Same,
        }
    }

    fn date(&self, own: &[&Demand], text: &str) -> Reading {
        const NO_DATE: &str = "not a date that can be read in one way only";
        let php = php(own);
        let is_said = own.iter().any(|demand| is_date(demand.expected) && !demand.vague);
        if !is_said && !self.accepted.has_iso_date() {
            return Reading::Not(Kind::Dates, "the message names no format, and no accepted date shows one");
        }
        if as_date::parse(text, php).is_some() {
            return Reading::Same;
        }
        let wanted = as_date::describe(php);
        let born = |date: &Date| !self.is_birth || *date <= self.today;
        let written = |date: Date| Some((date, as_date::format(date, php)?));
        let hints = Hints {
            order: self.order.decided(),
            has_serials: self.order.has_serials(),
            century: match (self.is_birth, php.contains('Y')) {
                (true, _) => Century::OfBirth { today: self.today },
                // Where no century is written, none has to be known.
                (false, false) => Century::Php,
                (false, true) => Century::Accepted(self.accepted.years(self.php())),
            },
        };
        match as_date::read(text, &hints) {
            DateReading::One(date, form) if born(&date) => match written(date) {
                Some((date, after)) => Reading::Date(date, after, format!("{form} → {wanted}").into()),
                None => Reading::Not(Kind::Dates, NO_DATE),
            },
            DateReading::Two { day_first, month_first, form } => {
                match (written(day_first), written(month_first)) {
                    (Some(day_first), Some(month_first)) if born(&day_first.0) && born(&month_first.0) => {
                        Reading::Two([day_first, month_first], format!("{form} → {wanted}").into())
                    }
                    _ => Reading::Not(Kind::Dates, NO_DATE),
                }
            }
            DateReading::One(..) => Reading::Not(Kind::Dates, "a date of birth in the future"),
            DateReading::None => Reading::Not(Kind::Dates, NO_DATE),
        }
    }

    fn amount(&self, goal: Expected, own: &[&Demand], text: &str) -> Reading {
        const NO_NUMBER: &str = "not a number that can be read in one way only";
        let amounts = self.accepted.amounts();
        let is_said = own.iter().any(|demand| !demand.vague);
        if !is_said && !amounts.is_any_plain {
            return Reading::Not(
                Kind::Amounts,
                "the message names no form, and no accepted number shows one",
            );
        }
        let (number, how) = match text.strip_suffix('%') {
            // 5 or 0.05: only accepted cells tell.
            Some(share) => (
                as_amount::read(share.trim(), &self.amounts)
                    .filter(|_| amounts.is_any_above_1)
                    .map(|(number, _)| number),
                "% removed",
            ),
            None => match as_amount::read(text, &self.amounts) {
                Some((number, how)) => (Some(number), how),
                None => (None, ""),
            },
        };
        let number = match (goal, number) {
            (Expected::Whole, Some(number)) => match as_amount::whole(&number) {
                None if number.ends_with(".000") => {
                    return Reading::Not(Kind::Amounts, "a whole number or thousands");
                }
                None => return Reading::Not(Kind::Amounts, "not a whole number"),
                whole => whole,
            },
            (_, number) => number,
        };
        match number {
            Some(number) if number == text => Reading::Same,
            Some(number) if number.starts_with('-') && self.is_never_negative => {
                Reading::Not(Kind::Amounts, "negative, and no accepted number of the column is")
            }
            Some(number) => Reading::Fixed(
                number,
                Kind::Amounts,
                if how.is_empty() { "zeros removed" } else { how }.into(),
            ),
            None => Reading::Not(Kind::Amounts, NO_NUMBER),
        }
    }

    fn phone(&self, own: &[&Demand], text: &str) -> Reading {
        let digits_only =
            own.iter().any(|demand| matches!(demand.expected, Expected::Digits { .. } | Expected::Whole));
        let style = if digits_only { Some(&PhoneStyle::Plain) } else { self.accepted.phone_style() };
        let Some(style) = style else {
            return Reading::Not(Kind::Phones, "no accepted number shows how numbers are written");
        };
        match as_person::phone(text, style, self.accepted.phone_lead()) {
            Some((number, _)) if number == text => Reading::Same,
            Some((number, false)) => {
                let how = if digits_only { "in digits only" } else { "written as accepted numbers are" };
                Reading::Fixed(number, Kind::Phones, how.into())
            }
            Some((number, true)) => {
                Reading::Fixed(number, Kind::Phones, "the lost 0 in front restored".into())
            }
            None => Reading::Not(Kind::Phones, "not a whole UK number"),
        }
    }

    fn sort_code(&self, own: &[&Demand], text: &str) -> Reading {
        let code = as_person::sort_code(text);
        let digits_only =
            own.iter().any(|demand| matches!(demand.expected, Expected::Digits { .. } | Expected::Whole));
        let separator = if digits_only { Some("") } else { self.accepted.sort_code_separator() };
        let Some(separator) = separator else {
            return Reading::Not(Kind::BankNumbers, "no accepted sort code shows how they are written");
        };
        let written = |(code, lost): (String, bool)| match separator {
            "" => (code, lost),
            separator => (as_person::in_pairs(&code, separator), lost),
        };
        bank(code.map(written), text)
    }

    /// Whether a word that says that there is no value is one of a list, as `none` may be.
    fn is_value(&self, goal: Expected, own: &[&Demand], text: &str) -> bool {
        let is_listed = |word: &String| word.to_lowercase() == text.to_lowercase();
        own.iter().any(|demand| demand.listed.iter().any(is_listed))
            || (goal == Expected::Known && self.accepted.vocabulary().nearest(text, true).is_some())
    }

    /// Whether a value meets every rule that the column's messages name.
    fn passes(&self, own: &[&Demand], candidate: &Candidate<'_>) -> bool {
        let value = candidate.value;
        self.demands.iter().chain(own.iter().copied()).all(|demand| match demand.expected {
            // Other rules do not look at an empty cell, where it may be empty at all.
            expected if value.is_empty() => expected != Expected::Filled,
            Expected::Known if !demand.listed.is_empty() => demand.listed.iter().any(|word| word == value),
            Expected::Known => self.accepted.vocabulary().has(value),
            Expected::Boolean => matches!(value, "0" | "1") || self.accepted.vocabulary().has(value),
            Expected::Unique => !self.accepted.vocabulary().has(value),
            _ => demand.is_met_by(candidate),
        })
    }
}

fn bank(found: Option<(String, bool)>, text: &str) -> Reading {
    match found {
        Some((number, _)) if number == text => Reading::Same,
        Some((number, true)) => {
            Reading::Fixed(number, Kind::BankNumbers, "lost zeros in front restored".into())
        }
        Some((number, false)) => Reading::Fixed(number, Kind::BankNumbers, "blanks and signs removed".into()),
        None => Reading::Not(Kind::BankNumbers, "not as many digits as wanted"),
    }
}

/// The format in which a date is wanted.
fn php<'a>(own: &[&'a Demand]) -> &'a str {
    own.iter().find_map(|demand| demand.format.as_deref()).unwrap_or("Y-m-d")
}

/// Whether no word of letters can be such a value.
fn has_form(expected: Expected) -> bool {
    use Expected::{AccountNumber, Digits, Email, NationalInsurance, Phone, Postcode, SortCode};
    let is_code = matches!(
        expected,
        AccountNumber | Digits { .. } | Email | NationalInsurance | Phone | Postcode | SortCode
    );
    is_code || is_date(expected) || is_number(expected)
}

fn is_number(expected: Expected) -> bool {
    matches!(expected, Expected::Number | Expected::Whole)
}

fn is_date(expected: Expected) -> bool {
    matches!(expected, Expected::IsoDate | Expected::Date(_))
}
