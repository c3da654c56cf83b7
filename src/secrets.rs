//! Removes the tokens in use from all output: the last safety net below [`Token`], which prints nothing.
//!
//! A server may echo the token, and a library may quote the echo, in an error or in a panic. So what goes to standard
//! error and to the log passes through here.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// The variable that may hold the token; child processes do not inherit it.
pub const TOKEN_VARIABLE: &str = "PLANNR_ACCESS_TOKEN";

use crate::api::Token;
use crate::domain::text::SafeText;

/// More than one run needs; the oldest is dropped.
const MOST: usize = 64;

/// Global, because a panic may come from anywhere.
static TOKENS: RwLock<VecDeque<Token>> = RwLock::new(VecDeque::new());

/// Removes this token from all output from now on.
pub fn keep(token: &Token) {
    let mut tokens = TOKENS.write().unwrap_or_else(PoisonError::into_inner);
    tokens.truncate(MOST - 1);
    tokens.push_front(token.clone());
}

/// The text without any token in use, each line safe for a terminal.
pub fn scrubbed(text: &str) -> String {
    let tokens = TOKENS.read().unwrap_or_else(PoisonError::into_inner);
    let without = tokens.iter().fold(text.to_owned(), |text, token| token.scrub(&text));
    let lines: Vec<_> = without.split('\n').map(|line| SafeText::new(line).to_string()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_contains_no_token_and_no_control_characters() {
        let tokens = ["77|kept-secret-one", "kept-secret-two"];
        tokens.iter().for_each(|raw| keep(&Token::new(raw).unwrap()));
        let output = scrubbed("panic: 77|kept-secret-one\n\u{1b}[2J KEPT-secret-TWO");
        assert_eq!(output, "panic: …\n␛[2J …");
    }
}
