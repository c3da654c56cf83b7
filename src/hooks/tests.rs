//! Hooks run for real, through `sh`.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;

use super::*;

/// Hooks that run this script, and what is said of them.
fn hooks(scripts: &[&str], inherited: &[&str], limits: Limits) -> (Hooks, Arc<Mutex<Vec<String>>>) {
    let hook = |script: &&str| Hook {
        on: [EventKind::Settled].into(),
        run: ["sh", "-c", script].map(str::to_owned).to_vec(),
    };
    let said = Arc::new(Mutex::new(Vec::new()));
    let saying = Arc::clone(&said);
    let say = move |text: &str| saying.lock().unwrap().push(text.to_owned());
    let inherited = inherited.iter().map(OsString::from);
    (Hooks::start(scripts.iter().map(hook).collect(), inherited, limits, Arc::new(say)), said)
}

fn event(id: &str) -> Value {
    json!({ "id": id, "event": "settled", "failed": 3, "rate": null, "reasons": [{ "rows": 3 }], "message": "a 'b' $HOME" })
}

fn never() -> impl Future<Output = ()> {
    std::future::pending()
}

/// What is said of one run of a script.
async fn said_of(script: &str) -> Vec<String> {
    let (hooks, said) = hooks(&[script], &[], Limits::default());
    hooks.send(EventKind::Settled, &event("e.1"));
    hooks.finish(never()).await;
    said.lock().unwrap().clone()
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

#[tokio::test]
async fn a_hook_gets_the_event_as_a_line_and_as_variables_and_none_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let (input, variables) = (folder.path().join("input"), folder.path().join("variables"));
    let script = format!("cat > {}; env > {}; echo noise", quoted(&input), quoted(&variables));
    let (hooks, said) = hooks(&[&script], &["PLANNR_EVENT_OLD"], Limits::default());
    hooks.send(EventKind::Settled, &event("e.1"));
    hooks.send(EventKind::Started, &event("e.2"));
    hooks.finish(never()).await;
    assert_eq!(said.lock().unwrap().as_slice(), [""; 0]);
    let line = std::fs::read_to_string(input).unwrap();
    assert_eq!((serde_json::from_str::<Value>(&line).unwrap(), line.lines().count()), (event("e.1"), 1));
    let variables = std::fs::read_to_string(variables).unwrap();
    let mut ours: Vec<_> = variables.lines().filter(|line| line.starts_with("PLANNR_")).collect();
    ours.sort_unstable();
    assert_eq!(
        ours,
        [
            "PLANNR_EVENT_EVENT=settled",
            "PLANNR_EVENT_FAILED=3",
            "PLANNR_EVENT_ID=e.1",
            "PLANNR_EVENT_MESSAGE=a 'b' $HOME"
        ]
    );
}

#[test]
fn inherited_variables_of_another_event_and_the_token_are_withheld() {
    let (withheld, words) = ([OsString::from("PLANNR_EVENT_OLD")], ["x".to_owned()]);
    let command = program::prepared(&words, &Event::new(&event("e.1")), &withheld);
    let removed: Vec<_> =
        command.as_std().get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    let wanted = ["PLANNR_ACCESS_TOKEN", "PLANNR_EVENT_OLD", "PLANNR_EVENT_RATE", "PLANNR_EVENT_REASONS"];
    assert_eq!(removed, wanted);
}

#[tokio::test]
async fn what_goes_wrong_is_said_with_the_beginning_of_stderr_made_safe() {
    assert_eq!(said_of("exec <&-; echo fine").await, [""; 0], "it need not read its input");
    assert_eq!(said_of("exit 3").await, ["hook sh, event e.1: failed with exit status 3"]);
    assert_eq!(said_of("echo careful >&2").await, ["hook sh, event e.1: careful"]);
    let noisy = "for i in 1 2 3 4 5 6; do printf 'line %s \\033[2J\\n' $i >&2; done; exit 7";
    let line = "line 1 ␛[2J; line 2 ␛[2J; line 3 ␛[2J; line 4 ␛[2J; line 5 ␛[2J; …";
    assert_eq!(said_of(noisy).await, [format!("hook sh, event e.1: failed with exit status 7: {line}")]);
    let endless = said_of("head -c 1000000 /dev/zero | tr '\\0' x >&2").await.concat();
    assert!((4_000..5_000).contains(&endless.len()), "{}", endless.len());
    secrets_are_kept_out().await;
}

async fn secrets_are_kept_out() {
    crate::secrets::keep(&crate::api::Token::new("77|hooks-secret").unwrap());
    assert_eq!(said_of("echo '77|hooks-secret' >&2").await, ["hook sh, event e.1: …"]);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let saying = Arc::clone(&said);
    let say = move |text: &str| saying.lock().unwrap().push(text.to_owned());
    let hook = Hook { on: [].into(), run: vec!["/nonexistent/hook".to_owned(), "s3cret".to_owned()] };
    let hooks = Hooks::start(vec![hook], [], Limits::default(), Arc::new(say));
    hooks.send(EventKind::Online, &event("e.1"));
    hooks.finish(never()).await;
    let problem = "hook /nonexistent/hook, event e.1: could not be run: no such file or directory";
    assert_eq!(said.lock().unwrap().as_slice(), [problem]);
}

#[tokio::test]
async fn one_that_takes_too_long_is_stopped_with_everything_that_it_started() {
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    let (hooks, said) = hooks(&["sleep 600 & echo waiting >&2; wait"], &[], limits);
    hooks.send(EventKind::Settled, &event("e.1"));
    // Would not return while the grandchild holds the pipe.
    hooks.finish(never()).await;
    let problem = "hook sh, event e.1: stopped: it did not finish within 300ms: waiting";
    assert_eq!(said.lock().unwrap().as_slice(), [problem]);
}

#[tokio::test]
async fn what_finds_no_room_is_said_and_the_rest_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let ran = folder.path().join("ran");
    let script = format!("echo \"$PLANNR_EVENT_ID\" >> {}", quoted(&ran));
    let limits = Limits { queue: 2, at_once: 1, ..Limits::default() };
    let (hooks, said) = hooks(&[&script], &[], limits);
    // The runner takes nothing from the queue until this test waits.
    for id in ["a", "b", "c"] {
        hooks.send(EventKind::Settled, &event(id));
    }
    hooks.finish(never()).await;
    let problem = "hook sh, event c: not run, because 2 hooks are waiting already";
    assert_eq!(said.lock().unwrap().as_slice(), [problem]);
    assert_eq!(std::fs::read_to_string(ran).unwrap(), "a\nb\n", "one at once: in order");
}

#[tokio::test]
async fn at_the_end_what_does_not_finish_in_time_is_killed_and_counted() {
    let limits = Limits { at_once: 1, ..Limits::default() };
    let (hooks, said) = hooks(&["sleep 600"], &[], limits);
    hooks.send(EventKind::Settled, &event("a"));
    hooks.send(EventKind::Settled, &event("b"));
    hooks.finish(tokio::time::sleep(Duration::from_millis(300))).await;
    assert_eq!(said.lock().unwrap().as_slice(), ["hooks were stopped at the end: 1 running, 1 waiting"]);
}
