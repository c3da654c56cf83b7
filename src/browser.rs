//! Opening a link: [`plan`] decides how and is pure; [`open()`] does it without touching our terminal.

use std::fmt;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::domain::import::Link;
use crate::domain::text::SafeText;
use crate::secrets;

/// How long a program may take to fail; after that it counts as having opened the link.
pub const MOMENT: Duration = Duration::from_secs(1);

/// What the environment says about browsers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserEnv {
    /// `$BROWSER`: commands separated by colons (on Windows: semicolons), each with an optional `%s` for the link.
    pub browser: Option<String>,
    /// Whether the program runs over SSH, where a browser would open on the wrong computer.
    pub remote: bool,
    /// Whether there is a desktop.
    pub display: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// With the programs of `$BROWSER`; the next if one fails.
    Commands(Vec<Launch>),
    System,
    ShowAndCopy(NoBrowser),
}

/// A program with its arguments, the link among them. No shell is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    pub program: String,
    pub args: Vec<String>,
}

/// Why no browser can open a link here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBrowser {
    Remote,
    NoDisplay,
}

impl fmt::Display for NoBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remote => "no browser here: you are connected over SSH (set BROWSER to choose one)",
            Self::NoDisplay => "no browser here: there is no desktop (set BROWSER to choose one)",
        })
    }
}

/// Why the link was not opened. Carries no link: it may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// No program was tried.
    NoBrowser(NoBrowser),
    /// The program that was tried last failed.
    Failed { program: SafeText, reason: SafeText },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBrowser(why) => write!(f, "{why}"),
            Self::Failed { program, reason } => write!(f, "{program} did not open the link: {reason}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// Decides how to open a link. `$BROWSER` wins, also over SSH: somebody chose it there.
pub fn plan(env: &BrowserEnv, link: &Link) -> Opening {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let browsers = env.browser.as_deref().unwrap_or_default().split(separator);
    let launches: Vec<_> = browsers.filter_map(|command| launch(command, link)).collect();
    if !launches.is_empty() {
        Opening::Commands(launches)
    } else if env.remote {
        Opening::ShowAndCopy(NoBrowser::Remote)
    } else if !env.display {
        Opening::ShowAndCopy(NoBrowser::NoDisplay)
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

/// Opens a link, within [`MOMENT`] for each program tried. Does not block.
///
/// # Errors
/// No program could be started, or each failed within the moment.
pub async fn open(opening: &Opening, link: &Link) -> Result<(), OpenError> {
    match opening {
        Opening::Commands(launches) => run_first(launches, MOMENT).await,
        Opening::System => system(link.as_str()).await,
        Opening::ShowAndCopy(why) => Err(OpenError::NoBrowser(*why)),
    }
}

async fn run_first(launches: &[Launch], moment: Duration) -> Result<(), OpenError> {
    let mut last = OpenError::Failed { program: "BROWSER".into(), reason: "it names no program".into() };
    for launch in launches {
        let mut command = Command::new(&launch.program);
        command.args(&launch.args);
        match run(command, moment).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                let (program, reason) = (launch.program.as_str().into(), error.to_string());
                last = OpenError::Failed { program, reason: reason.as_str().into() };
            }
        }
    }
    Err(last)
}

/// NoBrowser a program did not open the link.
#[derive(Debug)]
enum LaunchError {
    NotStarted(io::Error),
    Failed(String),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "it could not be started ({})", reason(error)),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// Starts a program; its own thread waits for it, however long, so that it leaves no zombie.
async fn run(command: Command, moment: Duration) -> Result<(), LaunchError> {
    let mut child = detached(command).spawn().map_err(LaunchError::NotStarted)?;
    let (sender, ended) = oneshot::channel();
    thread::Builder::new()
        .name("browser".to_owned())
        .spawn(move || {
            // Nobody receives this if it ends late.
            let _ = sender.send(child.wait());
        })
        .map_err(|error| LaunchError::Failed(reason(&error)))?;
    match tokio::time::timeout(moment, ended).await {
        Ok(Ok(Ok(status))) => judge(status).map_err(LaunchError::Failed),
        Ok(Ok(Err(error))) => Err(LaunchError::Failed(reason(&error))),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

fn judge(status: ExitStatus) -> Result<(), String> {
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(format!("it exited with code {code}")),
        None => Err("it was killed".to_owned()),
    }
}

/// Detached from our terminal: no input, no output, no Ctrl-C or Ctrl-Z. It does not inherit the token, which it and
/// everything that it starts would keep.
fn detached(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env_remove(secrets::TOKEN_VARIABLE);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Tries the system's openers, which the library knows for each desktop.
async fn system(url: &str) -> Result<(), OpenError> {
    let mut reason = "none is installed";
    for command in open::commands(url) {
        match run(command, MOMENT).await {
            Ok(()) => return Ok(()),
            Err(LaunchError::NotStarted(error)) if error.kind() == io::ErrorKind::NotFound => {}
            // Without the reason, which may contain the link.
            Err(_) => reason = "it failed",
        }
    }
    Err(OpenError::Failed { program: "the system's opener".into(), reason: reason.into() })
}

fn reason(error: &io::Error) -> String {
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
    fn browser_variable_first_then_the_system_and_nothing_where_nobody_would_see_it() {
        use Opening::{ShowAndCopy, System};
        // $BROWSER, over SSH, with a desktop
        let table = [
            (None, false, true, System),
            (None, false, false, ShowAndCopy(NoBrowser::NoDisplay)),
            (None, true, true, ShowAndCopy(NoBrowser::Remote)),
            (None, true, false, ShowAndCopy(NoBrowser::Remote)),
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
            let env = BrowserEnv { browser: browser.map(str::to_owned), remote, display };
            assert_eq!(plan(&env, &link()), wanted, "{env:?}");
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
            assert_eq!(error.to_string(), "sh did not open the link: it exited with code 3");
            let error = run_first(&[missing], LONG).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "/nowhere/browser did not open the link: it could not be started (no such program)"
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
