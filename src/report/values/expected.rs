//! What a rule wanted, told by the field it is about and the validator's words.

use crate::domain::failure::name_key;

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A date as `YYYY-MM-DD`.
    IsoDate,
    /// A date as `DD/MM/YYYY`.
    BritishDate,
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// An e-mail address.
    Email,
    /// A British postcode.
    Postcode,
    /// A National Insurance number.
    NationalInsurance,
    /// A British telephone number.
    Phone,
    /// A value that nothing else has.
    Unique,
    /// One that the server knows: from a list, or a record that exists.
    Known,
    /// At most so many characters.
    AtMost(usize),
    /// Anything at all.
    Filled,
    /// It cannot be told.
    Anything,
}

impl Expected {
    /// What Laravel's message about a field says was expected; what the field's name says where the message only
    /// calls the value invalid.
    pub fn of(field: &str, message: &str) -> Self {
        let says = |words: &str| message.contains(words);
        if says("does not match the format") || says("must match the format") {
            return if says("d/m/Y") { Self::BritishDate } else { Self::IsoDate };
        }
        if says(" is required") || says("must have a value") || says("must be present") {
            return Self::Filled;
        }
        if says("already been taken") || says("duplicate value") {
            return Self::Unique;
        }
        if let Some(most) = most_characters(message) {
            return Self::AtMost(most);
        }
        if says("valid date") || says("must be a date") {
            Self::IsoDate
        } else if says("valid email") {
            Self::Email
        } else if says("must be an integer") {
            Self::Whole
        } else if says("must be a number") || says("must be between") || says("must be numeric") {
            Self::Number
        } else if message.starts_with("The selected ") || says("does not exist") || says("not be found") {
            Self::Known
        } else {
            Self::of_name(field)
        }
    }

    /// What a field of this name holds.
    fn of_name(field: &str) -> Self {
        let key = name_key(field);
        let has = |words: &[&str]| words.iter().any(|word| key.contains(word));
        if has(&["postcode", "postalcode"]) {
            Self::Postcode
        } else if has(&["nationalinsurance", "ninumber", "nino"]) || key == "ni" {
            Self::NationalInsurance
        } else if has(&["email"]) {
            Self::Email
        } else if has(&["phone", "mobile", "landline"]) {
            Self::Phone
        } else if has(&["dateof"]) || key.ends_with("date") || key == "dob" {
            Self::IsoDate
        } else if has(&["amount", "salary", "premium", "price", "percent"]) {
            Self::Number
        } else {
            Self::Anything
        }
    }

    /// What such values are called: one, and several.
    pub(super) fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::IsoDate | Self::BritishDate => ("date", "dates"),
            Self::Number | Self::Whole => ("number", "numbers"),
            Self::Email => ("e-mail address", "e-mail addresses"),
            Self::Postcode => ("postcode", "postcodes"),
            Self::NationalInsurance => ("National Insurance number", "National Insurance numbers"),
            Self::Phone => ("phone number", "phone numbers"),
            _ => ("value", "values"),
        }
    }
}

/// The bound in "must not be greater than 255 characters".
fn most_characters(message: &str) -> Option<usize> {
    let head = message.strip_suffix('.').unwrap_or(message).strip_suffix(" characters")?;
    let (rest, number) = head.rsplit_once(' ')?;
    let most = ["greater than", "at most", "exceed", "longer than", "than"];
    if most.iter().any(|words| rest.ends_with(words)) { number.parse().ok() } else { None }
}
