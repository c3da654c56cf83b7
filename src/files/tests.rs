use super::*;

use futures_util::FutureExt as _;

fn names_in(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

async fn write(target: Target, bytes: &[u8], existing: Existing) -> Result<PathBuf, FileError> {
    let mut file = target.create().await?;
    file.write(bytes).await?;
    file.finish("server.csv", existing).await
}

#[test]
fn a_path_is_a_file_or_the_folder_for_one() {
    let here = tempfile::tempdir().unwrap();
    let there = here.path().join("there");
    std::fs::create_dir(&there).unwrap();
    let file = |folder: &Path, name: &str| Target { folder: folder.into(), name: Some(name.into()) };
    let table = [
        (here.path().join("a.csv"), file(here.path(), "a.csv")),
        ("a.csv".into(), file(Path::new(""), "a.csv")),
        (there.clone(), Target::folder(&there)),
        (here.path().join("missing/"), Target::folder(here.path().join("missing/"))),
        (".".into(), Target::folder(".")),
        ("..".into(), Target::folder("..")),
        ("/".into(), Target::folder("/")),
    ];
    for (path, target) in table {
        assert_eq!(Target::at(&path), target, "{path:?}");
    }
}

#[tokio::test]
async fn a_file_appears_whole_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = Target::folder(folder.path()).create().await.unwrap();
    let body = vec![b'x'; BUFFER * 2 + 7];
    for piece in body.chunks(100_000) {
        file.write(piece).await.unwrap();
        assert!(!folder.path().join("server.csv").exists());
    }
    let path = file.finish("server.csv", Existing::Keep).await.unwrap();
    assert_eq!(
        (path.clone(), names_in(folder.path())),
        (folder.path().join("server.csv"), vec!["server.csv".into()])
    );
    assert_eq!(std::fs::read(&path).unwrap(), body);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn nothing_is_overwritten_unless_requested() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.b.csv");
    for bytes in [b"1", b"2", b"3"] {
        write(Target::at(&path), bytes, Existing::Keep).await.unwrap();
    }
    assert_eq!(names_in(folder.path()), ["a.b (2).csv", "a.b (3).csv", "a.b.csv"]);
    assert_eq!(std::fs::read(&path).unwrap(), b"1");
    write(Target::at(&path), b"4", Existing::Replace).await.unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), names_in(folder.path()).len()), (b"4".to_vec(), 3));
}

#[tokio::test]
async fn a_restart_or_a_cancelled_write_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = Target::folder(folder.path()).create().await.unwrap();
    file.write(&vec![b'x'; BUFFER + 1]).await.unwrap();
    file.write(b"y").await.unwrap();
    file.restart().await.unwrap();
    file.write(b"z").await.unwrap();
    let path = file.finish("a", Existing::Keep).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"z");

    let mut file = Target::folder(folder.path()).create().await.unwrap();
    file.write(&vec![b'x'; BUFFER]).await.unwrap();
    assert_eq!(names_in(folder.path()).len(), 2);
    // Dropped during a write, unless the disk is very fast.
    let _ = file.write(&[b'y'; BUFFER]).now_or_never();
    drop(file);
    assert_eq!(names_in(folder.path()), ["a"]);
}

#[tokio::test]
async fn an_unusable_path_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().display();
    std::fs::write(folder.path().join("file"), "").unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let long = "x".repeat(300);
    let table = [
        ("no/a.csv", format!("the folder {shown}/no does not exist: create it or choose another")),
        ("no/", format!("the folder {shown}/no/ does not exist: create it or choose another")),
        ("file/a.csv", format!("{shown}/file is not a folder: choose another")),
        (
            long.as_str(),
            format!("{shown}/{long} is not a valid file name here: choose another, perhaps a shorter one"),
        ),
    ];
    for existing in [Existing::Keep, Existing::Replace] {
        for (path, message) in &table {
            let refused = write(Target::at(&folder.path().join(path)), b"", existing).await.unwrap_err();
            assert_eq!(refused.to_string(), *message);
        }
        assert_eq!(names_in(folder.path()), ["file", "folder"]);
    }
    let target = Target { folder: folder.path().into(), name: Some("folder".into()) };
    let refused = target.create().await.unwrap_err();
    assert_eq!(refused.problem, FileProblem::NotAFile);
    #[cfg(unix)]
    for existing in [Existing::Keep, Existing::Replace] {
        let message = "/dev/null is not a regular file: choose another name";
        assert_eq!(
            write(Target::at(Path::new("/dev/null")), b"", existing).await.unwrap_err().to_string(),
            message
        );
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_reported_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = Target::folder(folder.path()).create().await.unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut file = NewFile { file: Arc::new(full), ..file };
    let refused = file.write(&[b'x'; BUFFER]).await.unwrap_err();
    let message = format!(
        "the disk is full in the folder {}: free some space or choose another folder",
        folder.path().display()
    );
    assert_eq!(refused.to_string(), message);
    drop(file);
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[test]
fn every_system_error_says_what_to_do() {
    use io::ErrorKind as Kind;
    let table = [
        (Kind::PermissionDenied, "no permission to write to the folder /x: choose another"),
        (Kind::ReadOnlyFilesystem, "the folder /x is read-only: choose another"),
        (Kind::StorageFull, "the disk is full in the folder /x: free some space or choose another folder"),
        (
            Kind::QuotaExceeded,
            "disk quota exceeded in the folder /x: free some space or choose another folder",
        ),
        (Kind::FileTooLarge, "the file is too large for the folder /x: choose another folder"),
        (Kind::IsADirectory, "/x/a.csv is a folder: choose another file name"),
        (
            Kind::InvalidFilename,
            "/x/a.csv is not a valid file name here: choose another, perhaps a shorter one",
        ),
    ];
    for (kind, message) in table {
        assert_eq!(FileError::at(Path::new("/x/a.csv"), &kind.into()).to_string(), message);
    }
    let unsafe_text = FileError::at(Path::new("/x/a\u{1b}[2J"), &io::Error::other("bad \u{1b}[2J"));
    assert_eq!(unsafe_text.to_string(), "cannot write /x/a␛[2J: bad ␛[2J");
}
