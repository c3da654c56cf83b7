//! The file of a journal.
//!
//! Several programs append to it, each line in one piece under a lock. When it has grown too large, whoever appends writes
//! it anew beside it and puts that in its place.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use super::contents::Contents;
use super::line::Line;
use crate::private_file;

/// The size in bytes from which the file is written anew.
const LARGE: u64 = 4 * 1024 * 1024;
/// Of a larger file only the end is read.
const MOST_READ: u64 = 16 * 1024 * 1024;
/// How long to wait for another program that writes.
const PATIENCE: u32 = 100;
const A_MOMENT: Duration = Duration::from_millis(20);
/// Writes that may wait for the disk.
const WAITING: usize = 256;
/// Lines that could not be written and are kept.
const MOST_WAITING: usize = 20_000;

#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    contents: Contents,
    /// Bytes of the file that are in `contents`, and which file that was.
    read: u64,
    identity: u64,
    large: u64,
}

impl Journal {
    /// Opens a journal, created with its folder if missing.
    ///
    /// # Errors
    /// The system's; or another program holds it for too long.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            create_private(folder)?;
        }
        let mut journal =
            Self { path: path.to_owned(), contents: Contents::default(), read: 0, identity: 0, large: LARGE };
        let _lock = journal.lock()?;
        let mut file = private_file::append(path)?;
        journal.catch_up(&mut file)?;
        Ok(journal)
    }

    /// What a journal holds; nothing is written or locked.
    ///
    /// # Errors
    /// The system's, but for a journal that is not there.
    pub fn read(path: &Path) -> io::Result<Contents> {
        let mut file = match OpenOptions::new().read(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let from = length.saturating_sub(MOST_READ);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(MOST_READ).read_to_end(&mut bytes)?;
        let mut contents = Contents::default();
        let lines = bytes.split(|byte| *byte == b'\n').skip(usize::from(from > 0));
        for line in lines.filter_map(Line::read) {
            contents.take(line);
        }
        Ok(contents)
    }

    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Appends what is not there yet.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn append(&mut self, lines: &[Line], now: Timestamp) -> io::Result<()> {
        let _lock = self.lock()?;
        let mut file = private_file::append(&self.path)?;
        self.catch_up(&mut file)?;
        let new: Vec<_> = lines.iter().filter(|line| !self.contents.knows(line)).cloned().collect();
        let text: String = new.iter().map(Line::text).collect();
        // In one write, so that a program that is killed leaves whole lines.
        file.write_all(text.as_bytes())?;
        self.read += text.len() as u64;
        for line in new {
            self.contents.take(line);
        }
        if self.read > self.large {
            self.rewrite(now)?;
        }
        Ok(())
    }

    /// Reads what others have appended since.
    fn catch_up(&mut self, file: &mut File) -> io::Result<()> {
        let mut reading = OpenOptions::new().read(true).open(&self.path)?;
        let metadata = reading.metadata()?;
        let (length, mut from) = (metadata.len(), self.read);
        if length < from || identity(&metadata) != self.identity {
            // Another program has written it anew.
            self.contents = Contents::default();
            self.identity = identity(&metadata);
            from = 0;
        }
        let skipped = length.saturating_sub(from) > MOST_READ;
        if skipped {
            from = length - MOST_READ;
        }
        reading.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        reading.take(MOST_READ).read_to_end(&mut bytes)?;
        self.read = from + bytes.len() as u64;
        for line in bytes.split(|byte| *byte == b'\n').skip(usize::from(skipped)) {
            if let Some(line) = Line::read(line) {
                self.contents.take(line);
            }
        }
        if !bytes.is_empty() && bytes.last() != Some(&b'\n') {
            // A program was killed, or the disk was full, in the middle of a line.
            file.write_all(b"\n")?;
            self.read += 1;
        }
        Ok(())
    }

    fn rewrite(&mut self, now: Timestamp) -> io::Result<()> {
        self.contents.bound(now);
        let folder = self.path.parent().unwrap_or(Path::new(""));
        // Private from the start.
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        let text: String = self.contents.lines().map(|line| line.text()).collect();
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        new.persist(&self.path).map_err(|error| error.error)?;
        self.read = text.len() as u64;
        self.identity = identity(&fs::metadata(&self.path)?);
        // What must be kept may be large itself.
        self.large = LARGE.max(self.read.saturating_mul(2));
        Ok(())
    }

    /// Held until it is dropped, or the program ends in whatever way.
    fn lock(&self) -> io::Result<File> {
        let file = private_file::append(&self.path.with_extension("lock"))?;
        for _ in 0..PATIENCE {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(A_MOMENT),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "another program holds it"))
    }
}

/// Which file it is, where the system says.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.ino()
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Writes on a thread of its own: a slow disk holds up nobody.
#[derive(Debug)]
pub struct Writer {
    lines: SyncSender<(Vec<Line>, Timestamp)>,
    /// Sends when everything is written.
    done: Receiver<()>,
    _thread: JoinHandle<()>,
}

impl Writer {
    /// `say` is told when writing begins to fail.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start(mut journal: Journal, say: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        let (lines, batches) = mpsc::sync_channel::<(Vec<Line>, Timestamp)>(WAITING);
        let (finished, done) = mpsc::channel();
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            // Written again with what follows where it could not be written.
            let (mut waiting, mut failed) = (Vec::new(), false);
            for (lines, now) in batches {
                waiting.extend(lines);
                match journal.append(&waiting, now) {
                    Ok(()) => {
                        waiting.clear();
                        failed = false;
                    }
                    Err(error) => {
                        let surplus = waiting.len().saturating_sub(MOST_WAITING);
                        waiting.drain(..surplus);
                        if !std::mem::replace(&mut failed, true) {
                            say(&format!("cannot write to the journal, trying again: {error}"));
                        }
                    }
                }
            }
            let _ = finished.send(());
        })?;
        Ok(Self { lines, done, _thread: thread })
    }

    pub fn write(&self, lines: Vec<Line>, now: Timestamp) {
        if lines.is_empty() {
            return;
        }
        if let Err(TrySendError::Full((lines, _))) = self.lines.try_send((lines, now)) {
            tracing::warn!(
                lines = lines.len(),
                "the journal cannot be written quickly enough; these lines are lost"
            );
        }
    }

    /// Waits until everything is written, or for so long.
    pub fn finish(self, most: Duration) {
        drop(self.lines);
        let _ = self.done.recv_timeout(most);
    }
}
