//! TOML as values with their spans; the only file that knows the TOML parser.

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use super::document::{ConfigError, Document, Showing, Spanned};
use crate::domain::text::SafeText;

#[derive(Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Switch(bool),
    List(Vec<Spanned<Value>>),
    /// A section or an inline table, in the order of the file.
    Table(Section),
    /// A type that no setting has: a date, a fraction, a number that is too large.
    Other(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub key: Spanned<String>,
    pub value: Spanned<Value>,
}

/// The lines of a section, in the order of the file.
pub type Section = Vec<Line>;

impl Value {
    /// Its type, with an article.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "a number",
            Self::Switch(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// `Debug` shows the type and not the value, which may be a secret.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// Reads the text as TOML. A line with a mistake is shown if `is_public` says that its key holds no secret.
///
/// # Errors
/// Every position where it is not TOML.
pub(super) fn read(document: &Document, is_public: impl Fn(&str) -> bool) -> Result<Section, ConfigError> {
    let (table, errors) = DeTable::parse_recoverable(document.text());
    if errors.is_empty() {
        return Ok(section(table.get_ref()));
    }
    let mut mistakes: Vec<_> = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or_default();
            let problem = SafeText::new(&error.message().replace('\n', "; "));
            document.mistake(
                &span,
                format!("not valid TOML: {problem}"),
                showing(document, span.start, &is_public),
            )
        })
        .collect();
    mistakes.sort_by_key(|mistake| mistake.position);
    Err(ConfigError(mistakes))
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

/// Whether a line that is not TOML may be shown: only if its key is known not to be secret.
fn showing(document: &Document, offset: usize, is_public: impl Fn(&str) -> bool) -> Showing {
    let line = format!("{}{}", document.line_before(offset), document.line_after(offset));
    let key = line.split_once('=').map(|(key, _)| key.trim());
    match key {
        _ if line.contains('@') => Showing::Key,
        Some(key) if is_public(key) => Showing::Line,
        None if line.trim_start().starts_with('[') && !line.contains(['"', '\'']) => Showing::Line,
        _ => Showing::Key,
    }
}
