//! The values of the keys outside the sections: once for the whole file, once for each profile.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::document::Spanned;
use crate::api::BaseUrl;
use crate::app::columns::Column;
use crate::domain::account::AccountId;
use crate::domain::text::SafeText;

/// The values of a file or of a profile in it, parsed as those of flags are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::config) struct Values {
    pub(in crate::config) token_command: Option<Spanned<TokenCommand>>,
    pub(in crate::config) token_file: Option<Spanned<PathBuf>>,
    pub(in crate::config) base_url: Option<Spanned<BaseUrl>>,
    pub(in crate::config) ca_file: Option<Spanned<PathBuf>>,
    pub(in crate::config) account: Option<Spanned<AccountId>>,
    pub(in crate::config) all_accounts: Option<Spanned<bool>>,
    pub(in crate::config) interval: Option<Spanned<Duration>>,
    /// As written; what it means depends on `--until`.
    pub(in crate::config) since: Option<Spanned<String>>,
    pub(in crate::config) theme: Option<Spanned<Spanned<String>>>,
    pub(in crate::config) ascii: Option<Spanned<bool>>,
    pub(in crate::config) redact: Option<Spanned<bool>>,
    pub(in crate::config) log_file: Option<Spanned<PathBuf>>,
    pub(in crate::config) journal: Option<Spanned<bool>>,
    pub(in crate::config) mouse: Option<Spanned<bool>>,
    pub(in crate::config) report_limit: Option<Spanned<u64>>,
    pub(in crate::config) columns: Option<Spanned<Vec<Column>>>,
}

/// A command whose standard output is the token. `Display` and `Debug` show only its program.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenCommand {
    Shell(String),
    Program(Vec<String>),
}

impl TokenCommand {
    /// Its first word; `None` if there is nothing to run.
    pub(in crate::config) fn program(&self) -> Option<&str> {
        match self {
            Self::Shell(line) => line.split_whitespace().next(),
            Self::Program(words) => words.first().map(String::as_str).filter(|word| !word.is_empty()),
        }
    }
}

/// The program, with `…` for the rest, which may contain a secret.
impl fmt::Display for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = match self {
            Self::Shell(line) => line.split_whitespace().nth(1).is_some(),
            Self::Program(words) => words.len() > 1,
        };
        let plain = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || "/\\._-+:".contains(c));
        match self.program().filter(plain) {
            Some(program) if more => write!(f, "{} …", SafeText::new(program)),
            Some(program) => write!(f, "{}", SafeText::new(program)),
            None => f.write_str("…"),
        }
    }
}

impl fmt::Debug for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenCommand({self})")
    }
}
