//! The tokens in use, taken out of whatever is about to be said: the last net below [`Token`], which prints nothing.
//!
//! A server may echo the token, and a library may quote the echo, in an error or in a panic. So what goes to standard
//! error and to the log passes through here.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// The variable that may hold the token: no program that is started inherits it.
pub const TOKEN_VARIABLE: &str = "PLANNR_ACCESS_TOKEN";

use crate::api::Token;
use crate::domain::text::SafeText;

/// More than one program uses; an older one is forgotten.
const MOST: usize = 8;

/// Of the whole program, because a panic may come from anywhere.
static TOKENS: RwLock<VecDeque<Token>> = RwLock::new(VecDeque::new());

/// From now on this token is said nowhere.
pub fn keep(token: &Token) {
    let mut tokens = TOKENS.write().unwrap_or_else(PoisonError::into_inner);
    tokens.truncate(MOST - 1);
    tokens.push_front(token.clone());
}

/// The text without any token in use, and safe for a terminal line by line.
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
    fn what_is_said_holds_no_token_and_nothing_that_a_terminal_acts_on() {
        let tokens = ["77|kept-secret-one", "kept-secret-two"];
        tokens.iter().for_each(|raw| keep(&Token::new(raw).unwrap()));
        let said = scrubbed("panic: 77|kept-secret-one\n\u{1b}[2J KEPT-secret-TWO");
        assert_eq!(said, "panic: …\n␛[2J …");
    }
}
