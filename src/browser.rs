//! Opening a link: deciding how is pure ([`plan`]), doing it ([`open()`]) never touches our terminal.

use std::fmt;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::domain::import::Link;
use crate::domain::text::SafeText;
use crate::secrets;

/// How long a program may take to say that it failed; after that it counts as having opened the link.
pub const MOMENT: Duration = Duration::from_secs(1);

/// What the environment says about browsers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserEnv {
    /// `$BROWSER`: commands by colon (on Windows: semicolon); each may hold `%s` for the link.
    pub browser: Option<String>,
    /// Whether the program is used over SSH, so that a browser would open on the wrong computer.
    pub remote: bool,
    /// Whether there is a desktop that could show a browser.
    pub display: bool,
}

/// How a link is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// By these programs of `$BROWSER`: the next where one fails.
    Commands(Vec<Launch>),
    /// By the system's opener.
    System,
    /// Not here: show it and copy it instead.
    ShowAndCopy(Why),
}

/// A program with its arguments, the link among them. No shell is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Why a link is shown instead of opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Over SSH the browser would open at the other end.
    Remote,
    /// No desktop.
    NoDisplay,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remote => "a browser would open at the other end of SSH (set BROWSER to choose one)",
            Self::NoDisplay => "there is no desktop to show a browser (set BROWSER to choose one)",
        })
    }
}

/// No program opened the link. Carries no link: it may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    /// The program that was tried last.
    pub program: SafeText,
    /// What became of it.
    pub reason: SafeText,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} did not open the link: {}", self.program, self.reason)
    }
}

impl std::error::Error for OpenError {}

/// Decides how to open a link. `$BROWSER` wins, also over SSH: somebody chose it there.
pub fn plan(surroundings: &BrowserEnv, link: &Link) -> Opening {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let browsers = surroundings.browser.as_deref().unwrap_or_default().split(separator);
    let launches: Vec<_> = browsers.filter_map(|command| launch(command, link)).collect();
    if !launches.is_empty() {
        Opening::Commands(launches)
    } else if surroundings.remote {
        Opening::ShowAndCopy(Why::Remote)
    } else if !surroundings.display {
        Opening::ShowAndCopy(Why::NoDisplay)
    } else {
        Opening::System
    }
}

/// One command of `$BROWSER`. The link begins with `http`, so it cannot be taken for an option.
fn launch(command: &str, link: &Link) -> Option<Launch> {
    let mut words = command.split_whitespace();
    let program = words.next()?.to_owned();
    let mut args: Vec<_> = words.map(|word| word.replace("%s", link.as_str())).collect();
    if !command.contains("%s") {
        args.push(link.as_str().to_owned());
    }
    Some(Launch { program, args })
}

/// Opens a link, or tells why not, after [`MOMENT`] at most for each program tried. Does not block.
///
/// # Errors
/// No program could be started, or each ended with a failure within the moment.
pub async fn open(opening: &Opening, link: &Link) -> Result<(), OpenError> {
    match opening {
        Opening::Commands(launches) => run_first(launches, MOMENT).await,
        Opening::System => system(link.as_str()).await,
        Opening::ShowAndCopy(why) => {
            Err(OpenError { program: "no browser".into(), reason: why.to_string().as_str().into() })
        }
    }
}

async fn run_first(launches: &[Launch], moment: Duration) -> Result<(), OpenError> {
    let mut last = OpenError { program: "BROWSER".into(), reason: "it names no program".into() };
    for launch in launches {
        let mut command = Command::new(&launch.program);
        command.args(&launch.args);
        match run(command, moment).await {
            Ok(()) => return Ok(()),
            Err(trouble) => {
                let reason = trouble.to_string();
                last = OpenError { program: launch.program.as_str().into(), reason: reason.as_str().into() };
            }
        }
    }
    Err(last)
}

/// Why a program did not open the link.
#[derive(Debug)]
enum Trouble {
    NotStarted(io::Error),
    Failed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "it cannot be started ({})", words(error)),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// Starts a program; a thread of its own waits for its end, however late, so that no zombie stays.
async fn run(command: Command, moment: Duration) -> Result<(), Trouble> {
    let mut child = detached(command).spawn().map_err(Trouble::NotStarted)?;
    let (told, ended) = oneshot::channel();
    thread::Builder::new()
        .name("browser".to_owned())
        .spawn(move || {
            // Nobody listens any more when it ends late.
            let _ = told.send(child.wait());
        })
        .map_err(|error| Trouble::Failed(words(&error)))?;
    match tokio::time::timeout(moment, ended).await {
        Ok(Ok(Ok(status))) => judge(status).map_err(Trouble::Failed),
        Ok(Ok(Err(error))) => Err(Trouble::Failed(words(&error))),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

fn judge(status: ExitStatus) -> Result<(), String> {
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(format!("it ended with code {code}")),
        None => Err("it was killed".to_owned()),
    }
}

/// Away from our terminal: it reads nothing, writes nothing, and Ctrl-C and Ctrl-Z here are not for it. Nor is the
/// token, which its whole life and all that it starts would carry.
fn detached(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env_remove(secrets::TOKEN_VARIABLE);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// The system's openers, which the library knows for each desktop: the next where one is missing or fails.
async fn system(url: &str) -> Result<(), OpenError> {
    let mut reason = "none is installed";
    for command in open::commands(url) {
        match run(command, MOMENT).await {
            Ok(()) => return Ok(()),
            Err(Trouble::NotStarted(error)) if error.kind() == io::ErrorKind::NotFound => {}
            // Not why: the words may hold the link.
            Err(_) => reason = "it failed",
        }
    }
    Err(OpenError { program: "the system's opener".into(), reason: reason.into() })
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such program".to_owned(),
        io::ErrorKind::PermissionDenied => "not allowed to run it".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(not(windows))]
#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    const URL: &str = "https://api.plannrcrm.com/file/1/download?a=b&c=%s";

    fn link() -> Link {
        Link::new(URL, &Url::parse("https://api.plannrcrm.com").unwrap()).unwrap()
    }

    fn launches(commands: &[&[&str]]) -> Opening {
        let launch = |words: &&[&str]| Launch {
            program: words[0].to_owned(),
            args: words[1..].iter().map(|&word| word.to_owned()).collect(),
        };
        Opening::Commands(commands.iter().map(launch).collect())
    }

    #[test]
    fn browser_first_then_the_system_and_nothing_where_nobody_would_see_it() {
        use Opening::{ShowAndCopy, System};
        // $BROWSER, over SSH, with a desktop
        let table = [
            (None, false, true, System),
            (None, false, false, ShowAndCopy(Why::NoDisplay)),
            (None, true, true, ShowAndCopy(Why::Remote)),
            (None, true, false, ShowAndCopy(Why::Remote)),
            (Some(" : "), false, true, System),
            (Some("firefox"), true, false, launches(&[&["firefox", URL]])),
            (Some("firefox --new-tab"), false, true, launches(&[&["firefox", "--new-tab", URL]])),
            (
                Some("chromium --app=%s -x"),
                false,
                true,
                launches(&[&["chromium", &format!("--app={URL}"), "-x"]]),
            ),
            (Some("one:two %s;rm"), false, true, launches(&[&["one", URL], &["two", &format!("{URL};rm")]])),
        ];
        for (browser, remote, display, wanted) in table {
            let surroundings = BrowserEnv { browser: browser.map(str::to_owned), remote, display };
            assert_eq!(plan(&surroundings, &link()), wanted, "{surroundings:?}");
        }
    }

    #[cfg(unix)]
    mod running {
        use super::*;
        use std::fs;
        use std::path::Path;

        /// Longer than any test takes: what is measured is the program's end, not the time.
        const LONG: Duration = Duration::from_secs(600);

        /// Run by `sh`: a file just written cannot be started while another test's fork holds it open.
        fn script(folder: &Path, name: &str, body: &str) -> Launch {
            let path = folder.join(name);
            fs::write(&path, body).unwrap();
            Launch { program: "sh".to_owned(), args: vec![path.display().to_string(), URL.to_owned()] }
        }

        fn command(launch: &Launch) -> Command {
            let mut command = Command::new(&launch.program);
            command.args(&launch.args);
            command
        }

        #[tokio::test]
        async fn the_next_program_is_tried_where_one_fails() {
            let folder = tempfile::tempdir().unwrap();
            let missing = Launch { program: "/nowhere/browser".to_owned(), args: Vec::new() };
            let failing = script(folder.path(), "failing", "exit 3");
            let out = folder.path().join("out");
            let working = script(folder.path(), "working", &format!("echo \"$1\" > '{}'", out.display()));

            run_first(&[missing.clone(), failing.clone(), working], LONG).await.unwrap();
            assert_eq!(fs::read_to_string(&out).unwrap().trim(), URL);

            let error = run_first(&[missing.clone(), failing], LONG).await.unwrap_err();
            assert_eq!(error.to_string(), "sh did not open the link: it ended with code 3");
            let error = run_first(&[missing], LONG).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "/nowhere/browser did not open the link: it cannot be started (no such program)"
            );
        }

        #[tokio::test]
        async fn a_program_that_stays_has_opened_the_link() {
            let folder = tempfile::tempdir().unwrap();
            let pipe = folder.path().join("pipe");
            assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            let staying = script(folder.path(), "staying", &format!("read line < '{}'", pipe.display()));
            run(command(&staying), Duration::ZERO).await.unwrap();
            // Lets it go again.
            fs::write(&pipe, "done\n").unwrap();
        }

        #[tokio::test]
        async fn nothing_of_it_reaches_our_terminal() {
            let folder = tempfile::tempdir().unwrap();
            let checks =
                "[ ! -t 0 ] && [ ! -t 1 ] && [ ! -t 2 ] && ! read line && echo noise && echo noise >&2";
            run(command(&script(folder.path(), "quiet", checks)), LONG).await.unwrap();
        }
    }
}
