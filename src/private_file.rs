//! Files of our own that grow: readable only by the user, and never something else in their place.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to append to, created if missing; it must be a regular one, and is made private.
///
/// # Errors
/// The system's, and where it is something else.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    // Checked before opening, which could wake a device, and again on the open file, because the path may point
    // elsewhere by then.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(not_a_file());
    }
    let file = open_itself(path)?;
    if !file.metadata()?.is_file() {
        return Err(not_a_file());
    }
    keep_private(&file)?;
    Ok(file)
}

fn not_a_file() -> io::Error {
    io::Error::other("not a regular file")
}

/// Opens the file itself, without following links: whoever can write in the folder could otherwise redirect it to
/// another of the user's files, or block it on a pipe.
#[cfg(unix)]
fn open_itself(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use rustix::io::Errno;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(flags.bits().cast_signed());
    options.open(path).map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::LOOP) => io::Error::other("it is a symbolic link; name the file itself"),
        Some(Errno::NXIO) => not_a_file(),
        _ => error,
    })
}

#[cfg(not(unix))]
fn open_itself(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// An existing file may be accessible to others.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// Elsewhere a new file is private unless somebody shares it.
#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        append(&path).unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        append(&path).unwrap();
        assert_eq!(mode(), 0o600, "also one that was there before");
    }

    #[test]
    fn the_opened_file_is_checked_even_if_the_path_was_something_else_before() {
        let folder = tempfile::tempdir().unwrap();
        // As if put there between check and open: neither blocks nor follows.
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(open_itself(&pipe).unwrap_err().to_string(), "not a regular file");
        let (link, nowhere) = (folder.path().join("link"), folder.path().join("nowhere"));
        std::os::unix::fs::symlink(&nowhere, &link).unwrap();
        assert!(open_itself(&link).unwrap_err().to_string().contains("symbolic link"));
        assert!(!nowhere.exists());
    }
}
