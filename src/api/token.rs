//! The access token, which can be sent but not printed.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderValue;

/// A personal access token or an OAuth2 access token. Never prints its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(HeaderValue);

/// Why a token is rejected. Contains nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidToken {
    /// Nothing but whitespace.
    Empty,
    /// Whitespace, a control character or non-ASCII: several lines of a file, a page of HTML.
    Characters,
}

const SCHEME: &str = "Bearer ";
/// Bytes; a shorter part of a token would be found in ordinary words.
const SHORTEST_SECRET: usize = 6;

impl Token {
    /// Ignores whitespace around the token and a leading `Bearer`.
    ///
    /// # Errors
    /// If it cannot be sent in a header.
    pub fn new(raw: &str) -> Result<Self, InvalidToken> {
        let raw = raw.trim();
        let bare = match raw.get(..SCHEME.len()) {
            Some(head) if head.eq_ignore_ascii_case(SCHEME) => raw.get(SCHEME.len()..).unwrap_or_default(),
            _ => raw,
        };
        let bare = bare.trim_start();
        if bare.is_empty() {
            return Err(InvalidToken::Empty);
        }
        if !bare.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InvalidToken::Characters);
        }
        let mut header =
            HeaderValue::try_from(format!("{SCHEME}{bare}")).map_err(|_| InvalidToken::Characters)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Removes the token from a text, in case the server echoed it: whole, without the number before its `|`,
    /// percent-encoded, in any letter case (host names lose theirs).
    pub fn scrub(&self, text: &str) -> String {
        let Some(bare) = self.0.to_str().ok().and_then(|header| header.get(SCHEME.len()..)) else {
            return text.to_owned();
        };
        let in_url = utf8_percent_encode(bare, NON_ALPHANUMERIC).to_string();
        let secret =
            bare.split_once('|').map(|(_, secret)| secret).filter(|secret| secret.len() >= SHORTEST_SECRET);
        [Some(bare), Some(&in_url), secret]
            .into_iter()
            .flatten()
            .fold(text.to_owned(), |text, form| without(&text, form))
    }
}

/// Replaces an ASCII word by `…`, ignoring case.
fn without(text: &str, word: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let found = |text: &str| {
        text.as_bytes().windows(word.len()).position(|it| it.eq_ignore_ascii_case(word.as_bytes()))
    };
    while let Some(at) = found(rest) {
        kept.push_str(rest.get(..at).unwrap_or_default());
        kept.push('…');
        rest = rest.get(at + word.len()..).unwrap_or_default();
    }
    kept + rest
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(…)")
    }
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the token is empty"),
            Self::Characters => {
                write!(f, "not a valid token: it contains whitespace or non-ASCII characters")
            }
        }
    }
}

impl std::error::Error for InvalidToken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_accepted_as_files_contain_it_and_rejected_if_no_header_can() {
        for raw in ["12|s3cret", " 12|s3cret\r\n", "Bearer 12|s3cret", "bearer  12|s3cret"] {
            assert_eq!(Token::new(raw).unwrap().header(), "Bearer 12|s3cret", "{raw:?}");
        }
        for (raw, refusal) in [
            ("", InvalidToken::Empty),
            (" \n", InvalidToken::Empty),
            ("two words", InvalidToken::Characters),
            ("two\nlines", InvalidToken::Characters),
            ("a\u{0}b", InvalidToken::Characters),
            ("naïve", InvalidToken::Characters),
        ] {
            assert_eq!(Token::new(raw).unwrap_err(), refusal, "{raw:?}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::new("12|s3cret").unwrap();
        assert_eq!(format!("{token:?} {:?}", token.header()), "Token(…) Sensitive");
        for (text, scrubbed) in [
            ("no such token: 12|s3cret.", "no such token: …."),
            ("12|s3cret12|s3cret", "……"),
            ("s3cret at s3cret.example.com", "… at ….example.com"),
            ("?token=12%7Cs3cret", "?token=…"),
            ("12|S3CRET é 12", "… é 12"),
        ] {
            assert_eq!(token.scrub(text), scrubbed);
        }
    }
}
