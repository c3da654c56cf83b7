//! The text of the configuration file, places in it, and mistakes told with them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};

/// Characters of a line that are shown before and after the place of a mistake.
const AROUND: usize = 60;
/// Mistakes that are told at once.
const TOLD: usize = 20;

/// A value with the bytes of the file that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the file, in bytes; [`Document::at`] makes line and column of it.
    pub span: Range<usize>,
}

/// A place in the file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

/// The configuration file as it was read. `Debug` prints nothing of its text, which may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    path: Arc<Path>,
    text: String,
}

/// How much of a mistaken line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// The line.
    Line,
    /// What is left of its `=`: the value may be a secret.
    Key,
}

/// Something in the file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: Arc<Path>,
    /// Where in it; `None` where it is about the file as a whole.
    pub position: Option<Position>,
    /// What is wrong, and what would be right.
    pub problem: String,
    /// The line, and a second one that points into it.
    excerpt: Option<(String, String)>,
}

/// A configuration file that cannot be used: all that is wrong with it, in the order of its lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Mistake>);

impl Document {
    /// The text of the file at `path`.
    pub fn new(path: &Path, text: String) -> Self {
        Self { path: path.into(), text }
    }

    /// Where the file is.
    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// Its text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where in the file a span begins.
    pub fn at(&self, span: &Range<usize>) -> Position {
        let before = self.before(span.start);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Position { line, column }
    }

    /// Something wrong at a place of the file.
    pub fn mistake(&self, span: &Range<usize>, problem: impl Into<String>, showing: Showing) -> Mistake {
        Mistake {
            path: Arc::clone(&self.path),
            position: Some(self.at(span)),
            problem: problem.into(),
            excerpt: Some(self.excerpt(span, showing)),
        }
    }

    /// The line of a place up to the place.
    pub(super) fn line_before(&self, offset: usize) -> &str {
        self.before(offset).rsplit('\n').next().unwrap_or_default()
    }

    /// The line of a place from the place on.
    pub(super) fn line_after(&self, offset: usize) -> &str {
        let rest = self.text.get(self.before(offset).len()..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    fn before(&self, offset: usize) -> &str {
        // A parser may point behind the end; never into the middle of a character, but nothing hangs on that.
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

/// As much of a text as is shown before a place.
fn tail(text: &str) -> String {
    let left_out = text.chars().count().saturating_sub(AROUND);
    text.chars().skip(left_out).collect()
}

/// As much of a text as is shown after a place.
fn head(text: &str) -> String {
    text.chars().take(AROUND).collect()
}

impl Mistake {
    /// Something wrong with the file as a whole.
    pub(super) fn of_file(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.into(), position: None, problem: problem.into(), excerpt: None }
    }

    /// The mistake on one line, without the line of the file.
    pub fn brief(&self) -> String {
        self.told_of(&self.path)
    }

    /// The same with the name of the file only, for who knows where it is.
    pub fn short(&self) -> String {
        self.told_of(Path::new(self.path.file_name().unwrap_or_default()))
    }

    fn told_of(&self, path: &Path) -> String {
        let path = shown(path);
        match self.position {
            Some(Position { line, column }) => format!("{path}:{line}:{column}: {}", self.problem),
            None => format!("{path}: {}", self.problem),
        }
    }
}

/// A path as it is shown.
pub(in crate::config) fn shown(path: &Path) -> SafeText {
    SafeText::new(&path.to_string_lossy())
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
        for (at, mistake) in self.0.iter().take(TOLD).enumerate() {
            let gap = if at > 0 { "\n" } else { "" };
            write!(f, "{gap}{mistake}")?;
        }
        match self.0.len().checked_sub(TOLD) {
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
