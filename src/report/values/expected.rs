//! What a rule expected, from the validator's message, or from the field's name if the message only calls a value invalid.

use super::super::errors::attribute_end;
use super::dates::DateForm;

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A date as `YYYY-MM-DD`.
    IsoDate,
    /// A date in another order of its parts.
    Date(DateFormat),
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// True or false.
    Boolean,
    /// An e-mail address.
    Email,
    /// A UK postcode.
    Postcode,
    /// A National Insurance number.
    NationalInsurance,
    /// A UK telephone number.
    Phone,
    /// The sort code of a UK bank.
    SortCode,
    /// The number of a UK bank account.
    AccountNumber,
    /// A value that nothing else has.
    Unique,
    /// One that the server knows: from a list, or a record that exists.
    Known,
    /// So many characters, the bounds included.
    Characters {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// So many digits and nothing else, the bounds included.
    Digits {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
    },
    /// Anything at all.
    Filled,
    /// Something about its form that is not judged here: letters only, capitals, a time, a web address.
    Shape,
    /// Unknown.
    Anything,
}

/// How a date was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateFormat(pub(super) DateForm);

impl Expected {
    /// What Laravel's message about a field says was expected.
    pub fn of(field: &str, message: &str) -> Self {
        // Behind the field's name, which may hold any of these words.
        let tail = message.get(attribute_end(message, field)..).unwrap_or(message);
        let tail = tail.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|words| tail.contains(words));
        if let Some(format) = format(message) {
            return format;
        }
        if says(&[
            " is required",
            "must have a value",
            "must be present",
            "cannot be null",
            "cannot be blank",
        ]) {
            return Self::Filled;
        }
        if says(&["already been taken", "duplicate", "must be unique", "already exists", "already in use"]) {
            return Self::Unique;
        }
        if let Some(lengths) = lengths(&tail) {
            return lengths;
        }
        if says(&["valid date", "must be a date", "not a date"]) {
            return Self::IsoDate;
        }
        if says(&["valid email", "valid e-mail"]) {
            return Self::Email;
        }
        if says(&["must be true or false", "must be a boolean"]) {
            return Self::Boolean;
        }
        if says(&["an integer", "a whole number"]) {
            return Self::Whole;
        }
        if says(&["must be a number", "must be numeric", "valid number", "not a number", "decimal place"])
            || bounded(&tail)
        {
            return Self::Number;
        }
        let selected = message.starts_with("The selected ");
        if selected || says(&["does not exist", "must exist", "not be found", "not found", "must be one of"])
        {
            return Self::Known;
        }
        if says(&["postcode", "postal code"]) {
            return Self::Postcode;
        }
        if says(&["national insurance"]) {
            return Self::NationalInsurance;
        }
        if says(&["phone number"]) {
            return Self::Phone;
        }
        // "must be a valid URL" is a rule that is not known here, "is not valid" none at all.
        if says(&["invalid", " not valid", "not recognised", "malformed", "wrong format", "incorrect"]) {
            return Self::of_name(field);
        }
        if says(&[" must ", " may ", " should ", " does not ", " is prohibited"]) {
            return Self::Shape;
        }
        Self::Anything
    }

    /// What a field of this name holds, by whole words: `mobile_phone` is a number, `phone_type` is none.
    pub(in crate::report) fn of_name(field: &str) -> Self {
        let words = words_of(field);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((last, before)) = words.split_last() else { return Self::Anything };
        let before = before.last().copied().unwrap_or_default();
        match (before, *last) {
            (_, "postcode" | "postalcode") | ("post" | "postal", "code") => Self::Postcode,
            (_, "nino" | "ninumber" | "ni" | "nationalinsurancenumber")
            | ("ni" | "insurance", "number" | "no")
            | ("national", "insurance") => Self::NationalInsurance,
            (_, "email" | "emailaddress") | ("email" | "mail", "address") => Self::Email,
            (_, "phone" | "telephone" | "mobile" | "landline" | "phonenumber" | "tel")
            | ("phone" | "telephone" | "mobile" | "landline", "number" | "no") => Self::Phone,
            (_, "sortcode") | ("sort", "code") => Self::SortCode,
            (_, "accountnumber") | ("account", "number" | "no") => Self::AccountNumber,
            (_, "date" | "dob" | "dateofbirth") | ("of", "birth" | "death") => Self::IsoDate,
            (_, "amount" | "salary" | "premium" | "price" | "percentage" | "percent") => Self::Number,
            _ => Self::Anything,
        }
    }

    /// What such values are called: one, and several.
    pub(super) fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::IsoDate | Self::Date(_) => ("date", "dates"),
            Self::Number | Self::Whole => ("number", "numbers"),
            Self::Email => ("e-mail address", "e-mail addresses"),
            Self::Postcode => ("postcode", "postcodes"),
            Self::NationalInsurance => ("National Insurance number", "National Insurance numbers"),
            Self::Phone => ("phone number", "phone numbers"),
            _ => ("value", "values"),
        }
    }
}

/// The words of a field's name in lower case, without numbers at its end: `mobilePhone2` is "mobile", "phone".
pub(in crate::report) fn words_of(field: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for c in field.chars() {
        let ends = !c.is_alphabetic() || (c.is_uppercase() && was_small);
        if ends && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        was_small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A format in PHP's letters, as in "must match the format d/m/Y."
pub(in crate::report) fn php_format(message: &str) -> Option<&str> {
    let (_, format) = message.split_once(" match the format ")?;
    Some(format.trim_end_matches('.').trim())
}

/// What such a format wants. One that is no date in three parts says nothing.
fn format(message: &str) -> Option<Expected> {
    let format = php_format(message)?;
    let wanted = DateForm::of_php(format);
    Some(match wanted {
        Some(DateForm::ISO) => Expected::IsoDate,
        Some(form) => Expected::Date(DateFormat(form)),
        None => Expected::Shape,
    })
}

/// Bounds of characters or digits: "must not be greater than 255 characters", "must be between 3 and 30 characters",
/// "must be 8 digits".
fn lengths(tail: &str) -> Option<Expected> {
    let (head, digits) = [(" characters", false), (" character", false), (" digits", true), (" digit", true)]
        .iter()
        .find_map(|(unit, digits)| Some((tail.split_once(unit)?.0, *digits)))?;
    let (rest, last) = head.rsplit_once(' ')?;
    let Ok(last) = last.parse::<usize>() else { return Some(Expected::Shape) };
    let ends = |words: &[&str]| words.iter().any(|words| rest.ends_with(words));
    let first = || {
        let (rest, first) = rest.strip_suffix(" and")?.rsplit_once(' ')?;
        if rest.ends_with(" between") { first.parse().ok() } else { None }
    };
    let (least, most) = if let Some(first) = first() {
        (first, last)
    } else if ends(&[
        "not be greater than",
        "at most",
        "exceed",
        "not be longer than",
        "not have more than",
        "less than or equal to",
        "maximum of",
        "up to",
    ]) {
        (0, last)
    } else if ends(&[
        "at least",
        "not be shorter than",
        "not be less than",
        "greater than or equal to",
        "minimum of",
    ]) {
        (last, usize::MAX)
    } else if ends(&[" be", " be exactly", " have", " have exactly"]) {
        (last, last)
    } else {
        return Some(Expected::Shape);
    };
    Some(match digits {
        true => Expected::Digits { least, most },
        false => Expected::Characters { least, most },
    })
}

/// Whether a message ends with a bound without a unit, which only numbers have: "must be between 18 and 120."
fn bounded(tail: &str) -> bool {
    let Some((rest, last)) = tail.trim_end().trim_end_matches('.').rsplit_once(' ') else { return false };
    let number = |word: &str| word.trim_start_matches('-').parse::<f64>().is_ok() || word == "‹…›";
    let between = rest
        .rsplit_once(" between ")
        .is_some_and(|(_, first)| first.strip_suffix(" and").is_some_and(number));
    let bound = ["at least", "at most", " than", "or equal to", "exceed", "multiple of"];
    number(last) && (between || bound.iter().any(|words| rest.ends_with(words)))
}
