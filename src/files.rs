//! Files with client data, written where the user says and nowhere else.
//!
//! A file is written under a temporary name in the same folder, readable only by its owner, and renamed in one step when
//! complete: nobody ever sees half of it, nothing is overwritten by accident, and a cancelled write leaves nothing
//! behind. The next run that writes to the folder removes what a killed one left.
//!
//! ```text
//!   Target --create--> NewFile --write, write, ...--> finish --> the path
//!   (-o PATH, a folder)   |                              ^
//!                         +-- dropped: deleted           +-- name: made safe by safe_name
//! ```

mod error;
mod leftovers;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf, is_separator};
use std::sync::Arc;

use tempfile::TempPath;

pub use self::error::{FileError, FileProblem};
use crate::domain::transfer::Sink;

/// Bytes to buffer before a write.
const BUFFER: usize = 256 * 1024;
/// How many names are tried if the first is taken.
const MAX_NAMES: u32 = 9_999;

/// What to do if a file of that name exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Keep it and use the next free name: `name (2).csv`.
    Keep,
    Replace,
    /// Keep it and fail.
    Refuse,
}

/// Where to write a file: a path, or a folder in which it gets a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    folder: PathBuf,
    name: Option<OsString>,
}

impl Target {
    /// A path that is a folder, or ends with a separator, means a file in it.
    pub fn at(path: &Path) -> Self {
        let names_folder = path.to_string_lossy().ends_with(is_separator);
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if !names_folder && !path.is_dir() => {
                Self { folder: folder.to_owned(), name: Some(name.to_owned()) }
            }
            _ => Self { folder: path.to_owned(), name: None },
        }
    }

    /// A file in this folder. An empty path is the current folder.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), name: None }
    }

    /// Whether it names a file rather than a folder.
    pub fn names_a_file(&self) -> bool {
        self.name.is_some()
    }

    /// Refuses a file that already exists, before anything is downloaded for it.
    ///
    /// # Errors
    /// It names a file that exists.
    pub fn unless_taken(self) -> Result<Self, FileError> {
        let taken = self.name.as_ref().map(|name| self.folder.join(name)).filter(|path| path.is_file());
        taken.map_or(Ok(self), |path| Err(FileError::new(&path, FileProblem::Exists)))
    }

    /// Creates the file under a temporary name. Needs a runtime.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub async fn create(self) -> Result<NewFile, FileError> {
        if let Some(name) = &self.name {
            let path = self.folder.join(name);
            match path.metadata() {
                // A device or a pipe must not be replaced by a file.
                Ok(metadata) if !metadata.is_file() => {
                    return Err(FileError::new(&path, FileProblem::NotAFile));
                }
                // Better now than after everything was received.
                Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                    return Err(FileError::at(&path, &error));
                }
                _ => {}
            }
        }
        let folder = self.folder.clone();
        let creating = blocking(move || {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
            let removed = leftovers::remove(here);
            leftovers::create(here).map(|created| (created, removed))
        });
        let (created, removed) =
            creating.await.map_err(|error| FileError::in_folder(&self.folder, &error))?;
        let (file, path) = created.into_parts();
        Ok(NewFile { target: self, file: Arc::new(file), path, buffer: Vec::new(), removed })
    }
}

/// A file being written; deleted if dropped before [`NewFile::finish`].
#[derive(Debug)]
pub struct NewFile {
    target: Target,
    /// Shared with the current write.
    file: Arc<File>,
    /// Deletes the file when dropped, even during a write.
    path: TempPath,
    buffer: Vec<u8>,
    removed: usize,
}

impl NewFile {
    /// A clause about unfinished files of killed runs that were removed from the folder.
    pub fn removed(&self) -> Option<String> {
        match self.removed {
            0 => None,
            1 => Some("removed an unfinished file from an earlier run".to_owned()),
            files => Some(format!("removed {files} unfinished files from earlier runs")),
        }
    }

    /// # Errors
    /// The bytes cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush().await }
    }

    /// Discards what was written.
    ///
    /// # Errors
    /// The file cannot be truncated.
    pub async fn restart(&mut self) -> Result<(), FileError> {
        self.buffer.clear();
        self.with_file(|mut file| {
            file.set_len(0)?;
            file.rewind()
        })
        .await
    }

    /// Renames the complete file to its final path and returns that. `name` is used if the target is a folder; it
    /// should come from [`safe_name`](crate::domain::file_name::safe_name).
    ///
    /// # Errors
    /// It cannot be renamed; it is then deleted.
    pub async fn finish(mut self, name: &str, existing: Existing) -> Result<PathBuf, FileError> {
        self.flush().await?;
        self.with_file(|file| file.sync_all()).await?;
        let Self { target: Target { folder, name: given }, path, .. } = self;
        let name = given.unwrap_or_else(|| name.into());
        // No await from here on, so that a cancelled call leaves no file and a finished one returns its path.
        match existing {
            Existing::Keep => keep(path, &folder, &name),
            Existing::Replace => {
                let place = folder.join(&name);
                path.persist(&place).map_err(|refused| FileError::at(&place, &refused.error))?;
                Ok(place)
            }
            Existing::Refuse => {
                let place = folder.join(&name);
                path.persist_noclobber(&place).map_err(|refused| match refused.error.kind() {
                    io::ErrorKind::AlreadyExists => FileError::new(&place, FileProblem::Exists),
                    _ => FileError::at(&place, &refused.error),
                })?;
                Ok(place)
            }
        }
    }

    async fn flush(&mut self) -> Result<(), FileError> {
        let bytes = std::mem::take(&mut self.buffer);
        self.with_file(move |mut file| file.write_all(&bytes)).await
    }

    async fn with_file(
        &self,
        work: impl FnOnce(&File) -> io::Result<()> + Send + 'static,
    ) -> Result<(), FileError> {
        let file = Arc::clone(&self.file);
        let done = blocking(move || work(&file)).await;
        done.map_err(|error| FileError::in_folder(&self.target.folder, &error))
    }
}

impl Sink for NewFile {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.write(bytes).await.map_err(|error| error.to_string())
    }

    async fn restart(&mut self) -> Result<(), String> {
        self.restart().await.map_err(|error| error.to_string())
    }
}

/// Uses the first free name; never overwrites one that another process takes at the same moment.
fn keep(mut path: TempPath, folder: &Path, name: &OsStr) -> Result<PathBuf, FileError> {
    for number in 1..=MAX_NAMES {
        let place = folder.join(numbered(name, number));
        match path.persist_noclobber(&place) {
            Ok(()) => return Ok(place),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => path = refused.path,
            Err(refused) => return Err(FileError::at(&place, &refused.error)),
        }
    }
    Err(FileError::new(&folder.join(name), FileProblem::Taken))
}

/// `name.csv`, `name (2).csv`, …
fn numbered(name: &OsStr, number: u32) -> OsString {
    if number == 1 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!(" ({number})"));
    if let Some(extension) = path.extension() {
        numbered.push(".");
        numbered.push(extension);
    }
    numbered
}

/// Runs on another thread: a disk or a network can be slow.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests;
