//! The text of a filter, cut into terms and their parts. Never fails: what the parts mean is decided later.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// What stands between two spaces.
#[derive(Debug, PartialEq)]
pub(super) struct Term {
    pub(super) negated: bool,
    /// What stands between the commas, at least one.
    pub(super) parts: Vec<Part>,
}

/// One alternative of a term.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    /// The field before the colon, if this part names one.
    pub(super) field: Option<Name>,
    /// The rest without its quotes.
    pub(super) text: String,
    /// The rest begins with a quote: it is to be taken as it is.
    pub(super) literal: bool,
    /// The rest with its quotes, as bytes of the filter.
    pub(super) span: Range<usize>,
}

/// A field's name as it was typed.
#[derive(Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    /// The name and its colon.
    pub(super) span: Range<usize>,
}

/// Cuts a filter into terms.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut scanner = Scanner { end: text.len(), chars: text.char_indices().peekable() };
    std::iter::from_fn(|| scanner.term()).collect()
}

struct Scanner<'t> {
    end: usize,
    chars: Peekable<CharIndices<'t>>,
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
                ':' if part.field.is_none() && !part.literal && is_name(&part.text) => {
                    let name =
                        Name { text: std::mem::take(&mut part.text), span: part.span.start..self.at() };
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
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
}
