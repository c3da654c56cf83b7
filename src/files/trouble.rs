//! Why a file cannot be written, and what to do about it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::domain::text::SafeText;

/// A file that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file or its folder, as it is shown.
    pub path: SafeText,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The folder does not exist.
    MissingFolder,
    /// What should be the folder is something else.
    NotAFolder,
    /// The user may not write there.
    Denied,
    /// Nobody may: the file system is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The user's share of the disk is used up.
    Quota,
    /// The file system takes no file of that size.
    TooLarge,
    /// There is a folder of that name.
    IsAFolder,
    /// There is a device or a pipe of that name.
    NotAFile,
    /// The name is too long, or has a character that the file system does not take.
    Name,
    /// There is one already.
    Exists,
    /// Every name that was tried is taken.
    Taken,
    /// Anything else, in the system's words.
    Other(SafeText),
}

impl FileError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: SafeText::new(&path.to_string_lossy()), problem }
    }

    /// What went wrong with a file in this folder.
    pub(super) fn in_folder(folder: &Path, error: &io::Error) -> Self {
        Self::new(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }, Problem::of(error))
    }

    /// What went wrong when a file was put in its place.
    pub(super) fn at(place: &Path, error: &io::Error) -> Self {
        match (Problem::of(error), place.parent()) {
            (problem @ (Problem::IsAFolder | Problem::Name | Problem::Other(_)), _) => {
                Self::new(place, problem)
            }
            (_, folder) => Self::in_folder(folder.unwrap_or(place), error),
        }
    }
}

impl Problem {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::MissingFolder,
            ErrorKind::NotADirectory => Self::NotAFolder,
            ErrorKind::PermissionDenied => Self::Denied,
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            ErrorKind::StorageFull => Self::Full,
            ErrorKind::QuotaExceeded => Self::Quota,
            ErrorKind::FileTooLarge => Self::TooLarge,
            ErrorKind::IsADirectory => Self::IsAFolder,
            ErrorKind::InvalidFilename => Self::Name,
            _ => Self::Other(SafeText::new(&error.to_string())),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.problem {
            Problem::MissingFolder => {
                write!(f, "the folder {path} does not exist: make it, or choose another")
            }
            Problem::NotAFolder => write!(f, "{path} is not a folder: choose another"),
            Problem::Denied => write!(f, "you may not write to the folder {path}: choose another"),
            Problem::ReadOnly => write!(f, "the folder {path} is read-only: choose another"),
            Problem::Full => {
                write!(f, "the disk with the folder {path} is full: make room, or choose another")
            }
            Problem::Quota => {
                write!(
                    f,
                    "your share of the disk with the folder {path} is used up: make room, or choose another"
                )
            }
            Problem::TooLarge => {
                write!(f, "the folder {path} cannot hold a file of that size: choose another")
            }
            Problem::IsAFolder => write!(f, "{path} is a folder: give the file another name"),
            Problem::NotAFile => write!(f, "{path} is not a regular file; give another name"),
            Problem::Name => {
                write!(f, "{path} cannot be a file's name here: give another, a shorter one perhaps")
            }
            Problem::Exists => write!(f, "{path} already exists; not overwritten"),
            Problem::Taken => write!(f, "{path} exists, and every name like it: give another name"),
            Problem::Other(error) => write!(f, "{path} cannot be written: {error}"),
        }
    }
}

impl std::error::Error for FileError {}
