//! The text of a filter, cut into terms and their parts. Never fails: what the parts mean is decided later.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// What stands between two spaces.
#[derive(Debug, PartialEq)]
pub(crate) struct Term {
    pub(crate) negated: bool,
    /// What stands between the commas, at least one.
    pub(crate) parts: Vec<Part>,
}

/// One alternative of a term.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    /// The field before the colon, if this part names one.
    pub(crate) field: Option<Name>,
    /// The rest without its quotes.
    pub(crate) text: String,
    /// The rest begins with a quote: it is to be taken as it is.
    pub(crate) literal: bool,
    /// The rest with its quotes, as bytes of the filter.
    pub(crate) span: Range<usize>,
}

/// A field's name as it was typed.
#[derive(Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    /// It was in quotes.
    pub(crate) literal: bool,
    /// The name and its colon.
    pub(crate) span: Range<usize>,
}

/// What may stand before a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// A word of letters.
    Fields,
    /// The header of a column: anything that begins with a letter, or anything at all in quotes.
    Columns,
}

/// Cuts a filter into terms.
pub(crate) fn terms(text: &str, names: Names) -> Vec<Term> {
    let mut scanner = Scanner { end: text.len(), chars: text.char_indices().peekable(), names };
    std::iter::from_fn(|| scanner.term()).collect()
}

struct Scanner<'t> {
    end: usize,
    chars: Peekable<CharIndices<'t>>,
    names: Names,
}

impl Scanner<'_> {
    fn term(&mut self) -> Option<Term> {
        while self.take_if(char::is_whitespace) {}
        self.chars.peek()?;
        let negated = self.take_if(|c| c == '-');
        let mut parts = vec![self.part()];
        while self.take_if(|c| c == ',') {
            parts.push(self.part());
        }
        Some(Term { negated, parts })
    }

    fn part(&mut self) -> Part {
        let mut part = Part { field: None, text: String::new(), literal: false, span: self.at()..self.at() };
        let mut quoted = false;
        while let Some((at, c)) = self.chars.next_if(|(_, c)| quoted || !(c.is_whitespace() || *c == ',')) {
            match c {
                '"' => {
                    part.literal |= at == part.span.start;
                    quoted = !quoted;
                }
                ':' if part.field.is_none() && !quoted && self.is_name(&part) => {
                    let name = Name {
                        text: std::mem::take(&mut part.text),
                        literal: std::mem::take(&mut part.literal),
                        span: part.span.start..self.at(),
                    };
                    part.span.start = name.span.end;
                    part.field = Some(name);
                }
                _ => part.text.push(c),
            }
        }
        part.span.end = self.at();
        part
    }

    fn take_if(&mut self, fits: impl Fn(char) -> bool) -> bool {
        self.chars.next_if(|(_, c)| fits(*c)).is_some()
    }

    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.end, |(at, _)| *at)
    }

    fn is_name(&self, part: &Part) -> bool {
        let text = &part.text;
        match self.names {
            Names::Fields => {
                !part.literal && !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
            }
            Names::Columns => !text.is_empty() && (part.literal || text.starts_with(char::is_alphabetic)),
        }
    }
}
