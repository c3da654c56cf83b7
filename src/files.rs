//! Files with client data, written where the user says and nowhere else.
//!
//! A file is written beside its place under a passing name, readable by its owner only, and put there in one step when
//! it is whole: nobody ever sees half of it, nothing is overwritten by accident, and what is given up leaves nothing
//! behind. What a killed run left is removed by the next one that writes to the folder.
//!
//! ```text
//!   Target --create--> NewFile --write, write, ...--> finish --> the path
//!   (-o PATH, a folder)   |                              ^
//!                         +-- dropped: gone              +-- name: made safe by safe_name
//! ```

mod leftovers;
mod trouble;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf, is_separator};
use std::sync::Arc;

use tempfile::TempPath;

pub use self::trouble::{FileError, Problem};
use crate::domain::transfer::Sink;

/// Bytes that are gathered before they are written.
const GATHERED: usize = 256 * 1024;
/// How many names are tried where the first is taken.
const MAX_NAMES: u32 = 9_999;

/// What to do where there is a file of that name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and take the next free name: `name (2).csv`.
    Keep,
    /// Replace it.
    Replace,
    /// Leave it alone and give up.
    Refuse,
}

/// Where the user wants a file: a path, or a folder in which it gets a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    folder: PathBuf,
    name: Option<OsString>,
}

impl Target {
    /// Looks at what a path is: one that ends with a separator, and one that is a folder, means a file in it.
    pub fn at(path: &Path) -> Self {
        let ends_open = path.to_string_lossy().ends_with(is_separator);
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if !ends_open && !path.is_dir() => {
                Self { folder: folder.to_owned(), name: Some(name.to_owned()) }
            }
            _ => Self { folder: path.to_owned(), name: None },
        }
    }

    /// A file in this folder, whatever its name. An empty path is the current folder.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), name: None }
    }

    /// Whether it names a file, and not a folder.
    pub fn names_a_file(&self) -> bool {
        self.name.is_some()
    }

    /// Refuses a file that is there already, before anything is fetched for it.
    ///
    /// # Errors
    /// It names a file that exists.
    pub fn unless_taken(self) -> Result<Self, FileError> {
        let taken = self.name.as_ref().map(|name| self.folder.join(name)).filter(|path| path.is_file());
        taken.map_or(Ok(self), |path| Err(FileError::new(&path, Problem::Exists)))
    }

    /// Begins the file, under a passing name. Within a runtime.
    ///
    /// # Errors
    /// Why nothing can be written there.
    pub async fn create(self) -> Result<NewFile, FileError> {
        if let Some(name) = &self.name {
            let path = self.folder.join(name);
            match path.metadata() {
                // A device, a pipe: what is written there is no file, and it must not be replaced by one.
                Ok(there) if !there.is_file() => return Err(FileError::new(&path, Problem::NotAFile)),
                // Better now than when everything is there.
                Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                    return Err(FileError::at(&path, &error));
                }
                _ => {}
            }
        }
        let folder = self.folder.clone();
        let created = blocking(move || {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
            let removed = leftovers::remove(here);
            leftovers::begin(here).map(|begun| (begun, removed))
        });
        let (begun, removed) = created.await.map_err(|error| FileError::in_folder(&self.folder, &error))?;
        let (file, path) = begun.into_parts();
        Ok(NewFile { target: self, file: Arc::new(file), path, gathered: Vec::new(), removed })
    }
}

/// A file that is being written; gone when dropped before [`NewFile::finish`].
#[derive(Debug)]
pub struct NewFile {
    target: Target,
    /// Shared with the write that is under way.
    file: Arc<File>,
    /// Deletes the file when dropped, even while it is being written.
    path: TempPath,
    gathered: Vec<u8>,
    removed: usize,
}

impl NewFile {
    /// What else happened in the folder, in a clause: unfinished files of killed runs were removed from it.
    pub fn removed(&self) -> Option<String> {
        match self.removed {
            0 => None,
            1 => Some("removed an unfinished file of an earlier run".to_owned()),
            files => Some(format!("removed {files} unfinished files of earlier runs")),
        }
    }

    /// Writes more bytes.
    ///
    /// # Errors
    /// Why they cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < GATHERED { Ok(()) } else { self.flush().await }
    }

    /// Forgets what was written.
    ///
    /// # Errors
    /// Why the file cannot be emptied.
    pub async fn restart(&mut self) -> Result<(), FileError> {
        self.gathered.clear();
        self.with_file(|mut file| {
            file.set_len(0)?;
            file.rewind()
        })
        .await
    }

    /// Puts the file in its place, whole, and tells where that is. `name` is used where the target is a folder; it
    /// should come from [`safe_name`](crate::domain::file_name::safe_name).
    ///
    /// # Errors
    /// Why it cannot be put there; it is gone then.
    pub async fn finish(mut self, name: &str, existing: Existing) -> Result<PathBuf, FileError> {
        self.flush().await?;
        self.with_file(|file| file.sync_all()).await?;
        let Self { target: Target { folder, name: given }, path, .. } = self;
        let name = given.unwrap_or_else(|| name.into());
        // From here on nothing is awaited: given up means nothing is there, and done means that it is known.
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
                    io::ErrorKind::AlreadyExists => FileError::new(&place, Problem::Exists),
                    _ => FileError::at(&place, &refused.error),
                })?;
                Ok(place)
            }
        }
    }

    async fn flush(&mut self) -> Result<(), FileError> {
        let bytes = std::mem::take(&mut self.gathered);
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

/// Takes the first name that is free; whoever takes one at the same moment keeps it.
fn keep(mut path: TempPath, folder: &Path, name: &OsStr) -> Result<PathBuf, FileError> {
    for number in 1..=MAX_NAMES {
        let place = folder.join(numbered(name, number));
        match path.persist_noclobber(&place) {
            Ok(()) => return Ok(place),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => path = refused.path,
            Err(refused) => return Err(FileError::at(&place, &refused.error)),
        }
    }
    Err(FileError::new(&folder.join(name), Problem::Taken))
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

/// Does what may take long on another thread: a disk can be slow, or a network.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests;
