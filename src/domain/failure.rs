//! The API's sample of failed rows, unprocessed; everything else reads it as `report::FailedRows`.

use super::text::{SafeText, Untrusted};

/// A row that Plannr rejected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailedRow {
    /// The client's row as it was imported: column name and value, in the server's order.
    pub cells: Vec<Cell>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The column's name; its position from 1 if the server sent a bare list.
    pub column: SafeText,
    /// The client's value.
    pub value: Untrusted,
}

/// One rejected field, with the validator's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The Plannr field, for instance `send_welcome_email`; empty where the server names none.
    pub field: SafeText,
    /// Laravel's messages, at least one.
    pub messages: Vec<SafeText>,
}

/// Normalises the name of a column or field to compare it: letters and digits in lower case, so that `First Name` equals
/// `first_name`. Empty for a name without any, which equals no other.
pub fn name_key(name: &str) -> String {
    let mut key = String::new();
    push_name_key(&mut key, name);
    key
}

/// Adds a name's [`name_key`] to another.
pub fn push_name_key(key: &mut String, name: &str) {
    // Every word of every message of a long report comes through here.
    if name.is_ascii() {
        let kept = name.bytes().filter(u8::is_ascii_alphanumeric);
        key.extend(kept.map(|b| char::from(b.to_ascii_lowercase())));
    } else {
        key.extend(name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    }
}
