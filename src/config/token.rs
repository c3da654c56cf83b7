//! Where the access token comes from. Nothing here ever prints it.

mod command;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::api::{InvalidToken, Token};
use crate::exit::{Exit, Failure};

pub use self::command::{CommandFault, Terminal};

use super::file::{TokenCommand, display_path, quoted};
use super::inputs::{Environment, FlagAndVar};
use super::{Source, Sourced, reason};

pub(super) const VARIABLE: &str = "PLANNR_ACCESS_TOKEN";
const FILE: FlagAndVar = super::TOKEN_FILE;

/// In bytes. OAuth2 tokens have about a thousand.
const LONGEST: usize = 8 * 1024;

#[derive(Clone, PartialEq, Eq)]
pub enum TokenLocation {
    /// The value of the environment variable.
    Variable(OsString),
    File(PathBuf),
    Command(TokenCommand),
}

impl fmt::Debug for TokenLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(_) => f.write_str("Variable(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Command(command) => f.debug_tuple("Command").field(command).finish(),
        }
    }
}

/// Why there is no usable token. Never holds the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    Missing,
    /// The file cannot be read; carries its path and the system's reason.
    Unreadable(PathBuf, Source, String),
    /// Others than its owner can read the file; carries its path and its mode bits.
    Exposed(PathBuf, Source, u32),
    /// Not a valid token; carries the path of its file, if it came from one.
    Refused(Source, Option<PathBuf>, InvalidToken),
    /// The file is larger than 8 kB.
    TooLong(PathBuf, Source),
    Command(TokenCommand, Source, CommandFault),
}

/// The flag, else the token in the environment, else the file named there.
pub(super) fn locate(file: Option<&Path>, env: &Environment<'_>) -> Option<Sourced<TokenLocation>> {
    let in_file = |found: Sourced<OsString>| Sourced {
        value: TokenLocation::File(PathBuf::from(found.value)),
        source: found.source,
    };
    if let Some(path) = file {
        return FILE.pick_path(Some(path.as_os_str()), env).map(in_file);
    }
    if let Some(raw) = env.raw(VARIABLE) {
        return Some(Sourced { value: TokenLocation::Variable(raw), source: Source::Environment(VARIABLE) });
    }
    FILE.pick_path(None, env).map(in_file)
}

/// Reads the token; `terminal` matters only to a command.
///
/// # Errors
/// There is none; its file cannot be read, or others can read it too; its command fails; it is not one line of plain
/// ASCII.
pub async fn read(place: Option<&Sourced<TokenLocation>>, terminal: Terminal) -> Result<Token, TokenError> {
    let Some(Sourced { value, source }) = place else { return Err(TokenError::Missing) };
    // What is not UTF-8 becomes a character that no token has.
    let token = |bytes: &[u8]| Token::new(&String::from_utf8_lossy(bytes));
    match value {
        TokenLocation::Variable(raw) => Token::new(&raw.to_string_lossy())
            .map_err(|refusal| TokenError::Refused(source.clone(), None, refusal)),
        TokenLocation::File(path) => {
            let (from, of) = (path.clone(), source.clone());
            // It may be a pipe that nobody writes to.
            let read = tokio::task::spawn_blocking(move || read_private(&from, &of)).await;
            let lost =
                |_| TokenError::Unreadable(path.clone(), source.clone(), "read interrupted".to_owned());
            let bytes = read.map_err(lost)??;
            token(&bytes).map_err(|refusal| TokenError::Refused(source.clone(), Some(path.clone()), refusal))
        }
        TokenLocation::Command(command) => {
            let printed = command::run(command, terminal).await;
            let token = printed.and_then(|bytes| token(&bytes).map_err(CommandFault::Refused));
            token.map_err(|fault| TokenError::Command(command.clone(), source.clone(), fault))
        }
    }
}

/// The file's content, up to [`LONGEST`]. It may be a pipe: `--token-file <(pass plannr)`.
fn read_private(path: &Path, source: &Source) -> Result<Vec<u8>, TokenError> {
    let unreadable =
        |error: io::Error| TokenError::Unreadable(path.to_owned(), source.clone(), reason(&error));
    let file = File::open(path).map_err(unreadable)?;
    // Of the open file, so that nobody can swap it in between.
    let exposed = exposed(&file).map_err(unreadable)?;
    if let Some(mode) = exposed {
        return Err(TokenError::Exposed(path.to_owned(), source.clone(), mode));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() > LONGEST {
        true => Err(TokenError::TooLong(path.to_owned(), source.clone())),
        false => Ok(bytes),
    }
}

#[cfg(unix)]
fn exposed(file: &File) -> io::Result<Option<u32>> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = file.metadata()?.mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Elsewhere a new file is its user's own unless somebody shares it.
#[cfg(not(unix))]
fn exposed(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(
                f,
                "no access token: create one in Plannr under Settings → Account Details, then put it into \
                 {VARIABLE} or into a file named by --token-file, or set token_command in the configuration (to try it without one: plannr-tui demo)"
            ),
            Self::Unreadable(path, source, reason) => {
                write!(f, "the token file {} ({source}) cannot be read: {reason}", display_path(path))
            }
            Self::Exposed(path, source, mode) => write!(
                f,
                "the token file {} ({source}) is accessible to others (mode {mode:03o}); make it private: chmod 600 {}",
                display_path(path),
                quoted(path)
            ),
            Self::Refused(source, None, refusal) => write!(f, "{source}: {refusal}"),
            Self::Refused(source, Some(path), refusal) => {
                write!(f, "the token file {} ({source}): {refusal}", display_path(path))
            }
            Self::TooLong(path, source) => {
                write!(
                    f,
                    "the token file {} ({source}) is too large for a token (over 8 kB)",
                    display_path(path)
                )
            }
            Self::Command(command, source, fault) => {
                write!(f, "the token_command {command} ({source}) {fault}")
            }
        }
    }
}

impl std::error::Error for TokenError {}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self { message: error.to_string(), exit: Exit::Authentication }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use std::fs;

    const SECRET: &str = "1234|abcDEF.ghi-JKL_mno~pqr+stu/vwx=";

    fn read_now(place: Option<&Sourced<TokenLocation>>) -> Result<Token, TokenError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(read(place, Terminal::Taken))
    }

    fn from_variable(raw: &str) -> Result<Token, TokenError> {
        let place = TokenLocation::Variable(raw.into());
        read_now(Some(&Sourced { value: place, source: Source::Environment(VARIABLE) }))
    }

    #[cfg(unix)]
    fn from_file(path: &Path) -> Result<Token, TokenError> {
        let place = TokenLocation::File(path.to_owned());
        read_now(Some(&Sourced { value: place, source: Source::Flag("--token-file") }))
    }

    #[test]
    fn neither_a_location_nor_an_error_shows_the_token() {
        let place = TokenLocation::Variable(SECRET.into());
        from_variable(SECRET).unwrap();
        let raw = format!("{SECRET}\n{SECRET}");
        let error = from_variable(&raw).unwrap_err();
        let refusal = Token::new(&raw).unwrap_err();
        assert_eq!(error.to_string(), format!("PLANNR_ACCESS_TOKEN: {refusal}"));
        let shown = format!("{place:?} {error} {error:?}");
        assert!(!shown.contains("abcDEF"), "{shown}");
    }

    #[test]
    fn without_a_token_it_says_how_to_get_one() {
        let failure = Failure::from(read_now(None).unwrap_err());
        assert_eq!(failure.exit.code(), 4);
        for needed in ["Settings → Account Details", VARIABLE, "--token-file"] {
            assert!(failure.message.contains(needed), "{needed}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_command_that_helps() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my token");
        fs::write(&path, format!("{SECRET}\n")).unwrap();
        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o610, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let got = from_file(&path);
            assert_eq!(got.is_ok(), fine, "{mode:o}");
            if let Err(error) = got {
                let command = format!("chmod 600 '{}'", path.display());
                assert!(error.to_string().ends_with(&command), "{error}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_a_token_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let error = from_file(&missing).unwrap_err().to_string();
        assert!(error.ends_with("(--token-file) cannot be read: no such file or directory"), "{error}");

        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(from_file(folder.path()), Err(TokenError::Unreadable(..))));

        let big = folder.path().join("big");
        fs::write(&big, vec![b'x'; 4 * LONGEST]).unwrap();
        fs::set_permissions(&big, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(from_file(&big), Err(TokenError::TooLong(..))));

        fs::write(&big, b"t\xffken").unwrap();
        assert!(matches!(from_file(&big), Err(TokenError::Refused(_, Some(_), InvalidToken::Characters))));
    }
}
