//! Unfinished files: each is locked while its process lives, so that those of a killed one are recognised and removed.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".plannr-tui-";
const SUFFIX: &str = ".part";
/// Attempts to create a file that another process may take for a leftover before it is locked.
const TRIES: usize = 20;

/// Creates a file in a folder; on Unix readable only by its owner (0600).
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    for _ in 0..TRIES {
        let created = Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
        match created.as_file().try_lock() {
            // It may have been removed before it was locked.
            Ok(()) if !created.path().try_exists()? => {}
            Err(TryLockError::WouldBlock) => {}
            // Without file locks nothing is removed either.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(created),
        }
    }
    Err(io::Error::other("another process keeps removing the new file"))
}

/// Removes the unfinished files in a folder that no process holds, and returns how many. Ignores errors.
pub(super) fn remove(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let ours = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(PREFIX) && name.ends_with(SUFFIX)
    });
    ours.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()) && remove_unheld(&entry.path()))
        .count()
}

fn remove_unheld(path: &Path) -> bool {
    let Ok(file) = open(path) else { return false };
    // Holds the lock until it is removed, so that a process that has just created it notices.
    file.try_lock().is_ok() && fs::remove_file(path).is_ok()
}

/// Opens the file itself: follows no link, and does not block on a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".plannr-tui-Ab1.part", ".plannr-tui-Cd2.part"] {
            fs::write(at(name), "a client's row").unwrap();
        }
        for name in ["report.csv", "plannr-tui-Ab1.part", ".plannr-tui-notes", ".other.part"] {
            fs::write(at(name), "the user's").unwrap();
        }
        fs::create_dir(at(".plannr-tui-dir.part")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("report.csv"), at(".plannr-tui-link.part")).unwrap();
        let held = create(folder.path()).unwrap();
        let before = names(folder.path());
        assert_eq!(remove(folder.path()), 2);
        let gone = |name: &&String| [".plannr-tui-Ab1.part", ".plannr-tui-Cd2.part"].contains(&name.as_str());
        let kept: Vec<_> = before.iter().filter(|name| !gone(name)).cloned().collect();
        assert_eq!(names(folder.path()), kept);
        assert!(held.path().exists(), "a process holds it");

        // Kept on the disk as a killed process keeps it: unlocked, and not removed.
        let (file, path) = held.keep().unwrap();
        drop(file);
        assert_eq!((remove(folder.path()), path.exists()), (1, false));
        assert_eq!(remove(Path::new("/no/such/folder")), 0);
    }
}
