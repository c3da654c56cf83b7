//! TOML as values with their places; the only file that knows the TOML parser.

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use super::document::{ConfigError, Document, Showing, Spanned};
use super::keys;
use crate::domain::text::SafeText;

/// What stands on the right of a `=`, or in a section.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A text in quotes.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Switch(bool),
    /// Values in brackets.
    List(Vec<Spanned<Value>>),
    /// A section, or values in braces, in the order of the file.
    Table(Section),
    /// Something that no setting is: a date, a number with a fraction, one that is too large.
    Other(&'static str),
}

/// One line of a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What is left of the `=`.
    pub key: Spanned<String>,
    /// What is right of it.
    pub value: Spanned<Value>,
}

/// The lines of a section, in the order of the file.
pub type Section = Vec<Line>;

impl Value {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Switch(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// `Debug` tells what it is and not what it says, which may be a secret.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// Reads the text as TOML.
///
/// # Errors
/// Every place where it is not TOML.
pub(super) fn read(document: &Document) -> Result<Section, ConfigError> {
    let (table, errors) = DeTable::parse_recoverable(document.text());
    if errors.is_empty() {
        return Ok(section(table.get_ref()));
    }
    let mut told: Vec<_> = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or_default();
            let problem = SafeText::new(&error.message().replace('\n', "; "));
            document.mistake(&span, format!("not TOML: {problem}"), showing(document, span.start))
        })
        .collect();
    told.sort_by_key(|mistake| mistake.position);
    Err(ConfigError(told))
}

fn section(table: &DeTable<'_>) -> Section {
    let mut lines: Section = table
        .iter()
        .map(|(key, value)| Line {
            key: Spanned { value: key.get_ref().to_string(), span: key.span() },
            value: spanned(value),
        })
        .collect();
    lines.sort_by_key(|line| line.key.span.start);
    lines
}

fn spanned(value: &TomlSpanned<DeValue<'_>>) -> Spanned<Value> {
    let span = value.span();
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            number.map_or(Value::Other("a number that is too large"), Value::Number)
        }
        DeValue::Boolean(on) => Value::Switch(*on),
        DeValue::Array(values) => Value::List(values.iter().map(spanned).collect()),
        DeValue::Table(table) => Value::Table(section(table)),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date without quotes"),
    };
    Spanned { value, span }
}

/// Whether a line that is not TOML may be shown: only where it is known to be about something that is no secret.
fn showing(document: &Document, offset: usize) -> Showing {
    let line = format!("{}{}", document.line_before(offset), document.line_after(offset));
    let key = line.split_once('=').map(|(key, _)| key.trim());
    match key {
        _ if line.contains('@') => Showing::Key,
        Some(key) if keys::find(key).is_some_and(|key| !key.secret) => Showing::Line,
        None if line.trim_start().starts_with('[') && !line.contains(['"', '\'']) => Showing::Line,
        _ => Showing::Key,
    }
}
