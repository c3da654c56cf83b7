//! The text of the configuration file, positions in it, and mistakes with their positions.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};

/// Characters of a line that are shown before and after a mistake.
const AROUND: usize = 60;
/// Mistakes that are shown at once.
const MOST_SHOWN: usize = 20;

/// A value with the bytes of the file that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    pub value: T,
    /// In bytes; [`Document::at`] turns it into line and column.
    pub span: Range<usize>,
}

/// Line and column, both from 1; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The configuration file as it was read. `Debug` omits its text, which may contain a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    path: Arc<Path>,
    text: String,
}

/// How much of a faulty line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    Line,
    /// Only what is left of the `=`: the value may be a secret.
    Key,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub path: Arc<Path>,
    /// `None` if it is about the file as a whole.
    pub position: Option<Position>,
    /// What is wrong, and what is valid.
    pub problem: String,
    /// The line, and a second one with carets under the mistake.
    excerpt: Option<(String, String)>,
}

/// Every mistake in a configuration file, in the order of its lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Mistake>);

impl Document {
    pub fn new(path: &Path, text: String) -> Self {
        Self { path: path.into(), text }
    }

    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a span begins.
    pub fn at(&self, span: &Range<usize>) -> Position {
        let before = self.before(span.start);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Position { line, column }
    }

    pub fn mistake(&self, span: &Range<usize>, problem: impl Into<String>, showing: Showing) -> Mistake {
        Mistake {
            path: Arc::clone(&self.path),
            position: Some(self.at(span)),
            problem: problem.into(),
            excerpt: Some(self.excerpt(span, showing)),
        }
    }

    /// The line of an offset up to the offset.
    pub(super) fn line_before(&self, offset: usize) -> &str {
        self.before(offset).rsplit('\n').next().unwrap_or_default()
    }

    /// The line of an offset from the offset on.
    pub(super) fn line_after(&self, offset: usize) -> &str {
        let rest = self.text.get(self.before(offset).len()..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    fn before(&self, offset: usize) -> &str {
        // A parser may point past the end.
        let end = (0..=offset.min(self.text.len())).rev().find(|&at| self.text.is_char_boundary(at));
        self.text.get(..end.unwrap_or_default()).unwrap_or_default()
    }

    fn excerpt(&self, span: &Range<usize>, showing: Showing) -> (String, String) {
        let (before, after) = (self.line_before(span.start), self.line_after(span.start));
        let length = span.len().min(after.len());
        let marked = after.get(..length).unwrap_or(after);
        let (before, after, marked) = match showing {
            Showing::Line => (tail(before), head(after), head(marked)),
            Showing::Key => match before.split_once('=') {
                Some((key, _)) => (format!("{}= ", tail(key)), "…".to_owned(), "…".to_owned()),
                None if after.contains('=') => {
                    let key = after.split('=').next().unwrap_or_default();
                    let marked = head(if marked.len() < key.len() { marked } else { key.trim_end() });
                    (String::new(), format!("{}= …", head(key)), marked)
                }
                None => (String::new(), "…".to_owned(), "…".to_owned()),
            },
        };
        let (before, after) = (SafeText::new(&before), SafeText::new(&after));
        let carets = SafeText::new(&marked).as_str().width().max(1);
        let pointer = " ".repeat(before.as_str().width()) + &"^".repeat(carets);
        (format!("{before}{after}"), pointer)
    }
}

fn tail(text: &str) -> String {
    let left_out = text.chars().count().saturating_sub(AROUND);
    text.chars().skip(left_out).collect()
}

fn head(text: &str) -> String {
    text.chars().take(AROUND).collect()
}

impl Mistake {
    pub(super) fn of_file(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.into(), position: None, problem: problem.into(), excerpt: None }
    }

    /// The mistake on one line, without the line of the file.
    pub fn brief(&self) -> String {
        self.describe(&self.path)
    }

    /// The same with only the name of the file.
    pub fn short(&self) -> String {
        self.describe(Path::new(self.path.file_name().unwrap_or_default()))
    }

    fn describe(&self, path: &Path) -> String {
        let path = display_path(path);
        match self.position {
            Some(Position { line, column }) => format!("{path}:{line}:{column}: {}", self.problem),
            None => format!("{path}: {}", self.problem),
        }
    }
}

pub(in crate::config) fn display_path(path: &Path) -> SafeText {
    SafeText::new(&path.to_string_lossy())
}

/// The path, quoted for a shell if necessary.
pub(in crate::config) fn quoted(path: &Path) -> String {
    let path = display_path(path);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+@%,:".contains(&b);
    match path.as_str().bytes().all(plain) {
        true => path.to_string(),
        false => format!("'{}'", path.as_str().replace('\'', r"'\''")),
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.brief())?;
        match &self.excerpt {
            Some((line, pointer)) => write!(f, "\n    {line}\n    {pointer}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().take(MOST_SHOWN).enumerate() {
            let gap = if at > 0 { "\n" } else { "" };
            write!(f, "{gap}{mistake}")?;
        }
        match self.0.len().checked_sub(MOST_SHOWN) {
            Some(more) if more > 0 => write!(f, "\nand {more} more"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<Mistake> for ConfigError {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { message: error.to_string(), exit: Exit::Usage }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&PathBuf::from(&*self.path)).finish()
    }
}
