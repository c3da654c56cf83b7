//! The secret. It can be sent, and nothing else.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderValue;

/// A personal access token or an OAuth2 access token. Prints nothing of itself, anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(HeaderValue);

/// Why something cannot be a token. Tells nothing of what it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefusal {
    /// Nothing but white space.
    Empty,
    /// A space, a control character or a letter beyond ASCII: two lines of a file, a page of HTML.
    Characters,
}

const SCHEME: &str = "Bearer ";
/// A shorter part of a token would be found in ordinary words, in bytes.
const TELLING: usize = 6;

impl Token {
    /// Takes a token as a file, a command or the environment gave it: white space around it and a leading
    /// `Bearer` are left out.
    ///
    /// # Errors
    /// When no request could carry it.
    pub fn new(raw: &str) -> Result<Self, TokenRefusal> {
        let raw = raw.trim();
        let bare = match raw.get(..SCHEME.len()) {
            Some(head) if head.eq_ignore_ascii_case(SCHEME) => raw.get(SCHEME.len()..).unwrap_or_default(),
            _ => raw,
        };
        let bare = bare.trim_start();
        if bare.is_empty() {
            return Err(TokenRefusal::Empty);
        }
        if !bare.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(TokenRefusal::Characters);
        }
        let mut header =
            HeaderValue::try_from(format!("{SCHEME}{bare}")).map_err(|_| TokenRefusal::Characters)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// A text without the token, should the server have echoed it: whole, without the number before its `|`, as a
    /// URL spells it, in any case of letters (host names lose theirs).
    pub fn scrub(&self, text: &str) -> String {
        let Some(bare) = self.0.to_str().ok().and_then(|header| header.get(SCHEME.len()..)) else {
            return text.to_owned();
        };
        let in_url = utf8_percent_encode(bare, NON_ALPHANUMERIC).to_string();
        let secret = bare.split_once('|').map(|(_, secret)| secret).filter(|secret| secret.len() >= TELLING);
        [Some(bare), Some(&in_url), secret]
            .into_iter()
            .flatten()
            .fold(text.to_owned(), |text, form| without(&text, form))
    }
}

/// The text with `…` in place of an ASCII word, in whatever case it is written.
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

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the token is empty"),
            Self::Characters => {
                write!(f, "this is no token: it holds a space, a line break or a letter beyond ASCII")
            }
        }
    }
}

impl std::error::Error for TokenRefusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_as_files_hold_it_and_refused_when_no_header_can() {
        for raw in ["12|s3cret", " 12|s3cret\r\n", "Bearer 12|s3cret", "bearer  12|s3cret"] {
            assert_eq!(Token::new(raw).unwrap().header(), "Bearer 12|s3cret", "{raw:?}");
        }
        for (raw, refusal) in [
            ("", TokenRefusal::Empty),
            (" \n", TokenRefusal::Empty),
            ("two words", TokenRefusal::Characters),
            ("two\nlines", TokenRefusal::Characters),
            ("a\u{0}b", TokenRefusal::Characters),
            ("naïve", TokenRefusal::Characters),
        ] {
            assert_eq!(Token::new(raw).unwrap_err(), refusal, "{raw:?}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::new("12|s3cret").unwrap();
        assert_eq!(format!("{token:?} {:?}", token.header()), "Token(…) Sensitive");
        for (said, scrubbed) in [
            ("no such token: 12|s3cret.", "no such token: …."),
            ("12|s3cret12|s3cret", "……"),
            ("s3cret at s3cret.example.com", "… at ….example.com"),
            ("?token=12%7Cs3cret", "?token=…"),
            ("12|S3CRET é 12", "… é 12"),
        ] {
            assert_eq!(token.scrub(said), scrubbed);
        }
    }
}
