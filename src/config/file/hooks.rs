//! `[[hooks]]`: programs that run when something happens.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::keys::{Problem, path, texts};
use super::{Document, Line, Mistake, Reading, Showing, Spanned, Value, unknown};
use crate::domain::event_kind::EventKind;
use crate::domain::text::SafeText;

pub(super) const NAME: &str = "hooks";

const ON: &str = "on";
const RUN: &str = "run";
const EXAMPLE_ON: &str = r#"on = ["settled", "stalled"]"#;
const EXAMPLE_RUN: &str = r#"run = ["/usr/local/bin/import-settled", "--quiet"]"#;

/// A program to run when something happens.
#[derive(Clone, PartialEq, Eq)]
pub struct Hook {
    /// The events that it is run for; none means all.
    pub on: BTreeSet<EventKind>,
    /// The program and its arguments.
    pub run: Vec<String>,
}

impl Hook {
    pub fn is_for(&self, kind: EventKind) -> bool {
        self.on.is_empty() || self.on.contains(&kind)
    }
}

/// Without the arguments, which may contain a secret.
impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = self.on.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        let program = SafeText::new(self.run.first().map(String::as_str).unwrap_or_default());
        let more = if self.run.len() > 1 { " …" } else { "" };
        write!(f, "{}: {program}{more}", if on.is_empty() { "all events" } else { &on })
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({self})")
    }
}

/// A span, what is wrong there, and how much of the line may be shown.
type Wrong = (Range<usize>, String, Showing);

/// Reads every `[[hooks]]`.
pub(super) fn read(
    document: &Document,
    line: &Line,
    reading: &Reading<'_>,
) -> (Vec<Spanned<Hook>>, Vec<Mistake>) {
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut hooks = Vec::new();
    let not_a_list = || {
        let problem = "not a list of sections; write [[hooks]] on a line of its own".to_owned();
        (line.key.span.clone(), problem, Showing::Key)
    };
    let Value::List(sections) = &line.value.value else {
        let (span, problem, showing) = not_a_list();
        return (hooks, vec![document.mistake(&span, problem, showing)]);
    };
    for section in sections {
        match &section.value {
            Value::Table(lines) => match hook(section, lines, reading) {
                Ok(value) => hooks.push(Spanned { value, span: section.span.clone() }),
                Err(mistakes) => wrong.extend(mistakes),
            },
            _ => wrong.push(not_a_list()),
        }
    }
    let mistakes =
        wrong.into_iter().map(|(span, problem, showing)| document.mistake(&span, problem, showing));
    (hooks, mistakes.collect())
}

fn hook(section: &Spanned<Value>, lines: &[Line], reading: &Reading<'_>) -> Result<Hook, Vec<Wrong>> {
    let mut hook = Hook { on: BTreeSet::new(), run: Vec::new() };
    let mut wrong = Vec::new();
    for line in lines {
        let read = match line.key.value.as_str() {
            ON => events(line).map(|on| hook.on = on),
            RUN => words(line, reading).map(|run| hook.run = run),
            name => {
                let problem = unknown(name, [ON, RUN].into_iter(), "[[hooks]]", "key");
                Err((line.key.span.clone(), problem, Showing::Key))
            }
        };
        wrong.extend(read.err());
    }
    if wrong.is_empty() && hook.run.is_empty() {
        let problem = format!("no program to run: add a line like {EXAMPLE_RUN}");
        wrong.push((section.span.clone(), problem, Showing::Key));
    }
    if wrong.is_empty() { Ok(hook) } else { Err(wrong) }
}

fn events(line: &Line) -> Result<BTreeSet<EventKind>, Wrong> {
    let wrong = |span: &Range<usize>, problem: String| (span.clone(), problem, Showing::Line);
    let span = &line.value.span;
    let Value::List(names) = &line.value.value else {
        let kind = line.value.value.kind();
        return Err(wrong(span, format!("{kind} is not valid here: write a list, like {EXAMPLE_ON}")));
    };
    if names.is_empty() {
        return Err(wrong(span, "no event: name at least one, or leave out the line for all".to_owned()));
    }
    let names = texts(names).map_err(|problem| inside(problem, line, Showing::Line))?;
    let event = |name: &Spanned<String>| {
        let valid = EventKind::ALL.into_iter().map(EventKind::name);
        EventKind::named(&name.value)
            .ok_or_else(|| wrong(&name.span, unknown(&name.value, valid, ON, "event")))
    };
    names.iter().map(event).collect()
}

fn words(line: &Line, reading: &Reading<'_>) -> Result<Vec<String>, Wrong> {
    let wrong = |span: &Range<usize>, problem: String| (span.clone(), problem, Showing::Key);
    let Value::List(words) = &line.value.value else {
        let kind = line.value.value.kind();
        let problem =
            format!("{kind} is not valid here: write program and arguments as a list, like {EXAMPLE_RUN}");
        return Err(wrong(&line.value.span, problem));
    };
    let words = texts(words).map_err(|problem| inside(problem, line, Showing::Key))?;
    let Some(program) = words.first().filter(|program| !program.value.is_empty()) else {
        return Err(wrong(&line.value.span, "empty: give a program".to_owned()));
    };
    let mut run: Vec<_> = words.iter().map(|word| word.value.clone()).collect();
    if program.value.starts_with("~/") {
        let as_value = Spanned { value: Value::Text(program.value.clone()), span: program.span.clone() };
        let expanded = path(&as_value, reading).map_err(|problem| inside(problem, line, Showing::Key))?;
        if let (Some(first), Some(text)) = (run.first_mut(), expanded.to_str()) {
            *first = text.to_owned();
        }
    } else if program.value.contains(std::path::is_separator) && !Path::new(&program.value).is_absolute() {
        let problem = "a relative path: give an absolute one, or the name of a program in PATH";
        return Err(wrong(&program.span, problem.to_owned()));
    }
    Ok(run)
}

fn inside(problem: Problem, line: &Line, showing: Showing) -> Wrong {
    match problem {
        Problem::Inside(Spanned { value, span }) => (span, value, showing),
        Problem::Value(problem, _) => (line.value.span.clone(), problem, showing),
        Problem::Kind => (line.value.span.clone(), "not valid here".to_owned(), showing),
    }
}

/// The section for the template.
pub(super) fn commented() -> String {
    let events: Vec<_> = EventKind::ALL.into_iter().map(EventKind::name).collect();
    format!(
        "# Programs to run when something happens, in the monitor and in `plannr-tui events`. Each [[hooks]] is one more; none\n\
         # is run if others can write this file.\n\
         #[[hooks]]\n\
         # The events to run it for; without the line, all: {}.\n#{EXAMPLE_ON}\n\
         # The program, an absolute path or found in PATH, and its arguments. No shell expands them. The event is JSON on its\n\
         # standard input, and in PLANNR_EVENT_* variables.\n#{EXAMPLE_RUN}\n",
        events.join(", ")
    )
}
