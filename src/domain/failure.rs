//! Rows that failed, and why: one row at a time, or grouped by reason.

use super::import::Mapping;
use super::text::{SafeText, Untrusted};

/// A row that Plannr did not import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailedRow {
    /// The client's row as it was imported: column name and value, in the server's order.
    pub cells: Vec<Cell>,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

/// One column of a failed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The column's name; its position from 1 where the server sent a bare list.
    pub column: SafeText,
    /// The client's value.
    pub value: Untrusted,
}

/// One field that was refused, with the validator's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The Plannr field, for instance `send_welcome_email`; empty where the server names none.
    pub field: SafeText,
    /// Laravel's messages, at least one.
    pub messages: Vec<SafeText>,
}

impl FailedRow {
    /// Which cell a problem is about: the column of that name, or the one that is mapped to the field.
    pub fn cell_of(&self, field: &str, mapping: Option<&Mapping>) -> Option<usize> {
        let named = |name: &str| self.cells.iter().position(|cell| same_name(cell.column.as_str(), name));
        named(field).or_else(|| {
            let (header, _) = mapping?
                .columns
                .iter()
                .find(|(_, to)| to.as_ref().is_some_and(|to| same_name(to.as_str(), field)))?;
            named(header.as_str())
        })
    }

    /// Every message about one cell, in order.
    pub fn messages_of(&self, cell: usize, mapping: Option<&Mapping>) -> Vec<&SafeText> {
        self.problems
            .iter()
            .filter(|problem| self.cell_of(problem.field.as_str(), mapping) == Some(cell))
            .flat_map(|problem| &problem.messages)
            .collect()
    }
}

/// Column and field names are the same when letters and digits agree: `First Name` is `first_name`.
pub fn same_name(a: &str, b: &str) -> bool {
    a == b || (name_key(a) == name_key(b) && !name_key(a).is_empty())
}

/// What two names have in common when they are the same: their letters and digits, in lower case. Empty for a
/// name without any, which is the same as no other.
pub fn name_key(name: &str) -> String {
    // Every word of every message of a long report comes through here.
    if name.is_ascii() {
        let kept = name.bytes().filter(u8::is_ascii_alphanumeric);
        return kept.map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Why rows fail: one field with one message, and the rows that it hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The Plannr field.
    pub field: SafeText,
    /// The validator's message.
    pub message: SafeText,
    /// Positions of the rows, ascending, each once.
    pub rows: Vec<usize>,
}

impl Reason {
    /// The message without what the field already says: "The email has already been taken." beside `email`
    /// is "has already been taken".
    pub fn short(&self) -> &str {
        let message = self.message.as_str().trim_end_matches('.');
        let spoken = self.field.as_str().replace('_', " ");
        let strip = |prefix: &str| {
            let head = message.get(..prefix.len())?;
            let rest = message.get(prefix.len()..)?;
            (head.eq_ignore_ascii_case(prefix) && rest.starts_with(' ')).then(|| rest.trim_start())
        };
        strip(&format!("The {spoken} field"))
            .or_else(|| strip(&format!("The selected {spoken}")))
            .or_else(|| strip(&format!("The {spoken}")))
            .filter(|rest| !rest.is_empty())
            .unwrap_or(message)
    }
}

/// Groups failed rows by reason, the most frequent first; ties keep the order of first appearance.
///
/// A row with two problems counts under both, so the counts may add up to more than the rows.
pub fn reasons(rows: &[FailedRow]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        for problem in &row.problems {
            for message in &problem.messages {
                let slot = *known.entry((&problem.field, message)).or_insert(reasons.len());
                match reasons.get_mut(slot) {
                    Some(reason) if reason.rows.last() == Some(&at) => {}
                    Some(reason) => reason.rows.push(at),
                    None => reasons.push(Reason {
                        field: problem.field.clone(),
                        message: message.clone(),
                        rows: vec![at],
                    }),
                }
            }
        }
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows.len()));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(problems: &[(&str, &[&str])]) -> FailedRow {
        let cell = |column: &str, value: &str| Cell { column: column.into(), value: Untrusted::new(value) };
        FailedRow {
            cells: vec![cell("First Name", "Ann"), cell("E-mail", "ann@example.com"), cell("3", "")],
            problems: problems
                .iter()
                .map(|(field, messages)| Problem {
                    field: (*field).into(),
                    messages: messages.iter().map(|m| (*m).into()).collect(),
                })
                .collect(),
        }
    }

    #[test]
    fn rows_are_grouped_by_field_and_message_the_frequent_first() {
        let taken = "The email has already been taken.";
        let rows = [
            row(&[("phone", &["The phone is invalid."]), ("email", &[taken, taken])]),
            row(&[("email", &[taken])]),
            row(&[("email", &["The email field is required."])]),
        ];
        let told: Vec<_> = reasons(&rows).iter().map(|r| (r.short().to_owned(), r.rows.clone())).collect();
        assert_eq!(
            told,
            [
                ("has already been taken".to_owned(), vec![0, 1]),
                ("is invalid".to_owned(), vec![0]),
                ("is required".to_owned(), vec![2]),
            ]
        );
    }

    #[test]
    fn a_message_that_does_not_repeat_the_field_stays_whole() {
        let reason = |field: &str, message: &str| Reason {
            field: field.into(),
            message: message.into(),
            rows: vec![],
        };
        assert_eq!(reason("plan", "Provider unknown: Avíva.").short(), "Provider unknown: Avíva");
        assert_eq!(reason("a", "The á is bad").short(), "The á is bad");
        assert_eq!(reason("plan_type", "The selected plan type is invalid.").short(), "is invalid");
        assert_eq!(reason("email", "The email.").short(), "The email");
        assert_eq!(reason("", "").short(), "");
    }

    #[test]
    fn a_problem_finds_its_column_by_name_or_through_the_mapping() {
        let mapping = Mapping { columns: vec![("E-mail".into(), Some("contact_email".into()))] };
        let row = row(&[("first_name", &["x"])]);
        assert_eq!(row.cell_of("first_name", None), Some(0));
        assert_eq!(row.cell_of("contact_email", None), None);
        assert_eq!(row.cell_of("contact_email", Some(&mapping)), Some(1));
        assert_eq!(row.cell_of("", Some(&mapping)), None);
        assert_eq!(row.messages_of(0, None).len(), 1);
    }
}
