//! Why a file cannot be written, and what to do about it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::domain::text::SafeText;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file or its folder.
    pub path: SafeText,
    pub problem: FileProblem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    MissingFolder,
    NotAFolder,
    Denied,
    /// A read-only file system.
    ReadOnly,
    Full,
    Quota,
    /// For the file system.
    TooLarge,
    IsAFolder,
    /// A device or a pipe.
    NotAFile,
    /// Too long, or with a character that the file system does not allow.
    Name,
    Exists,
    /// So are all numbered variants of the name.
    Taken,
    /// Any other error, as the system describes it.
    Other(SafeText),
}

impl FileError {
    pub(super) fn new(path: &Path, problem: FileProblem) -> Self {
        Self { path: SafeText::new(&path.to_string_lossy()), problem }
    }

    pub(super) fn in_folder(folder: &Path, error: &io::Error) -> Self {
        Self::new(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }, FileProblem::of(error))
    }

    /// For a file that could not be renamed to this path.
    pub(super) fn at(place: &Path, error: &io::Error) -> Self {
        match (FileProblem::of(error), place.parent()) {
            (problem @ (FileProblem::IsAFolder | FileProblem::Name | FileProblem::Other(_)), _) => {
                Self::new(place, problem)
            }
            (_, folder) => Self::in_folder(folder.unwrap_or(place), error),
        }
    }
}

impl FileProblem {
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
            FileProblem::MissingFolder => {
                write!(f, "the folder {path} does not exist: create it or choose another")
            }
            FileProblem::NotAFolder => write!(f, "{path} is not a folder: choose another"),
            FileProblem::Denied => write!(f, "no permission to write to the folder {path}: choose another"),
            FileProblem::ReadOnly => write!(f, "the folder {path} is read-only: choose another"),
            FileProblem::Full => {
                write!(f, "the disk is full in the folder {path}: free some space or choose another folder")
            }
            FileProblem::Quota => {
                write!(
                    f,
                    "disk quota exceeded in the folder {path}: free some space or choose another folder"
                )
            }
            FileProblem::TooLarge => {
                write!(f, "the file is too large for the folder {path}: choose another folder")
            }
            FileProblem::IsAFolder => write!(f, "{path} is a folder: choose another file name"),
            FileProblem::NotAFile => write!(f, "{path} is not a regular file: choose another name"),
            FileProblem::Name => {
                write!(f, "{path} is not a valid file name here: choose another, perhaps a shorter one")
            }
            FileProblem::Exists => write!(f, "{path} already exists; not overwritten"),
            FileProblem::Taken => {
                write!(f, "{path} and all its numbered variants already exist: choose another name")
            }
            FileProblem::Other(error) => write!(f, "cannot write {path}: {error}"),
        }
    }
}

impl std::error::Error for FileError {}
