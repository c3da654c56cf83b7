//! `[notify]`: what is told outside of the screen.

use std::ops::Range;

use super::Source;
use super::file::{Document, Line, Mistake, Showing, Value};
use super::layers::Layers;
use crate::app::runtime_config::{NotifyEvent, NotifySettings};
use crate::domain::text::SafeText;
use crate::suggest::nearest;

/// What is told outside of the screen, with where each choice came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// What is in force.
    pub choices: NotifySettings,
    /// The keys that the file says something of.
    said: Vec<(&'static str, Source)>,
}

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    choices: NotifySettings,
    spans: Vec<(&'static str, Range<usize>)>,
}

/// A choice between two.
struct Switch {
    /// Its key with the section's name.
    key: &'static str,
    about: &'static str,
    field: fn(&mut NotifySettings) -> &mut bool,
}

impl Switch {
    fn name(&self) -> &'static str {
        short(self.key)
    }
}

/// A key as it stands in the section.
fn short(key: &'static str) -> &'static str {
    key.strip_prefix("notify.").unwrap_or(key)
}

const SWITCHES: &[Switch] = &[
    Switch {
        key: "notify.desktop",
        about: "A desktop notification, where the terminal can show one; at most every 10 seconds.",
        field: |choices| &mut choices.desktop,
    },
    Switch { key: "notify.bell", about: "The terminal's bell.", field: |choices| &mut choices.bell },
    Switch {
        key: "notify.always",
        about: "Both also while the terminal has the focus.",
        field: |choices| &mut choices.always,
    },
    Switch {
        key: "notify.title",
        about: "The overall state in the window's title.",
        field: |choices| &mut choices.title,
    },
    Switch {
        key: "notify.taskbar",
        about: "Progress in the taskbar or on the tab, where the terminal can show it.",
        field: |choices| &mut choices.taskbar,
    },
];

/// The list of occasions.
const ON: &str = "notify.on";
const ABOUT_ON: &str = "What desktop notifications and the bell are for.";

/// Judges the lines of the section.
pub(super) fn read(document: &Document, lines: &[Line]) -> (Said, Vec<Mistake>) {
    let (mut said, mut mistakes) = (Said::default(), Vec::new());
    for line in lines {
        let name = line.key.value.as_str();
        let read = match SWITCHES.iter().find(|switch| switch.name() == name) {
            Some(switch) => read_switch(switch, line, &mut said.choices).map(|()| switch.key),
            None if name == short(ON) => read_occasions(line, &mut said.choices).map(|()| ON),
            None => {
                let problem = unknown(name, keys(), "[notify]", "key");
                mistakes.push(document.mistake(&line.key.span, problem, Showing::Key));
                continue;
            }
        };
        match read {
            Ok(key) => said.spans.push((key, line.value.span.clone())),
            Err((span, problem)) => mistakes.push(document.mistake(&span, problem, Showing::Line)),
        }
    }
    (said, mistakes)
}

/// A place in the file, and what is wrong there.
type Wrong = (Range<usize>, String);

fn read_switch(switch: &Switch, line: &Line, choices: &mut NotifySettings) -> Result<(), Wrong> {
    let Value::Switch(on) = line.value.value else {
        let (kind, name) = (line.value.value.kind(), switch.name());
        return Err((line.value.span.clone(), format!("not {kind}: write {name} = true or {name} = false")));
    };
    *(switch.field)(choices) = on;
    Ok(())
}

fn read_occasions(line: &Line, choices: &mut NotifySettings) -> Result<(), Wrong> {
    let Value::List(names) = &line.value.value else {
        let problem =
            format!("not {}: write a list, like on = {}", line.value.value.kind(), list(NotifyEvent::ALL));
        return Err((line.value.span.clone(), problem));
    };
    let occasion = |name: &super::file::Spanned<Value>| {
        let Value::Text(text) = &name.value else {
            return Err((name.span.clone(), format!("{} among texts; put it in quotes", name.value.kind())));
        };
        let found = NotifyEvent::ALL.into_iter().find(|occasion| occasion.name() == text);
        let right = NotifyEvent::ALL.into_iter().map(NotifyEvent::name);
        found.ok_or_else(|| (name.span.clone(), unknown(text, right, "on", "occasion")))
    };
    choices.on = names.iter().map(occasion).collect::<Result<_, _>>()?;
    Ok(())
}

fn keys() -> impl Iterator<Item = &'static str> + Clone {
    SWITCHES.iter().map(Switch::name).chain([short(ON)])
}

fn unknown<'a>(name: &str, right: impl Iterator<Item = &'a str> + Clone, of: &str, what: &str) -> String {
    let hint = match nearest(name, right.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{of} has: {}", right.collect::<Vec<_>>().join(", ")),
    };
    format!("unknown {what} `{}`; {hint}", SafeText::new(name))
}

fn list(occasions: impl IntoIterator<Item = NotifyEvent>) -> String {
    let names: Vec<String> =
        occasions.into_iter().map(|occasion| format!("\"{}\"", occasion.name())).collect();
    format!("[{}]", names.join(", "))
}

/// The lines of the section for a commented file: every key explained, with its default.
pub(super) fn commented() -> String {
    let mut choices = NotifySettings::default();
    let mut text = String::new();
    for switch in SWITCHES {
        text.push_str(&format!(
            "# {}\n#{} = {}\n",
            switch.about,
            switch.name(),
            (switch.field)(&mut choices)
        ));
    }
    text.push_str(&format!("# {ABOUT_ON}\n#{} = {}\n", short(ON), list(choices.on)));
    text
}

impl Notify {
    /// What the file says, and else the defaults.
    pub(super) fn new(said: &Said, layers: &Layers<'_>) -> Self {
        let lines = said.spans.iter().map(|(name, span)| (*name, layers.source(span)));
        Self { choices: said.choices.clone(), said: lines.collect() }
    }

    /// Every choice with its key and its value, and where it came from.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, String, Source)> {
        let mut choices = self.choices.clone();
        let switches =
            SWITCHES.iter().map(move |switch| (switch.key, (switch.field)(&mut choices).to_string()));
        let on = self.choices.on.iter().map(|occasion| occasion.name()).collect::<Vec<_>>().join(", ");
        switches.chain([(ON, on)]).map(|(key, value)| {
            let said = self.said.iter().find(|(said, _)| *said == key);
            (key, value, said.map_or(Source::Default, |(_, source)| source.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::{Config, Reading, Trust};
    use super::*;
    use crate::domain::Now;
    use std::path::Path;
    use std::time::Duration;

    fn judged(lines: &str) -> (NotifySettings, Vec<String>) {
        let now = Now { up: Duration::ZERO, wall: "2026-11-23T09:30:00Z".parse().unwrap() };
        let reading = Reading { folder: Path::new("/"), home: None, now };
        let document = Document::new(Path::new("c.toml"), format!("[notify]\n{lines}"));
        match Config::read(document, Trust::Good, &reading) {
            Ok(config) => (config.notify.choices, vec![]),
            Err(error) => (NotifySettings::default(), error.0.iter().map(Mistake::brief).collect()),
        }
    }

    #[test]
    fn every_choice_is_read_and_every_mistake_is_told_with_its_place() {
        let all =
            "bell = true\ndesktop = false\ntaskbar = false\ntitle = false\nalways = true\non = [\"stalled\"]";
        let wanted = NotifySettings {
            bell: true,
            desktop: false,
            taskbar: false,
            title: false,
            always: true,
            on: [NotifyEvent::Stalled].into(),
        };
        assert_eq!(judged(all), (wanted, vec![]));
        assert_eq!(judged(""), (NotifySettings::default(), vec![]));
        assert_eq!(judged("on = []").0.on, [].into());
        let table = [
            ("bel = true", "2:1: unknown key `bel`; did you mean `bell`?"),
            ("zzz = true", "2:1: unknown key `zzz`; [notify] has: desktop, bell, always, title, taskbar, on"),
            ("bell = 1", "2:8: not a number: write bell = true or bell = false"),
            (
                "on = \"stalled\"",
                "2:6: not a text: write a list, like on = [\"finished\", \"failed_row\", \"stalled\"]",
            ),
            ("on = [\"finishd\"]", "2:7: unknown occasion `finishd`; did you mean `finished`?"),
            ("on = [\"xyz\", 1]", "2:7: unknown occasion `xyz`; on has: finished, failed_row, stalled"),
            ("on = [1]", "2:7: a number among texts; put it in quotes"),
        ];
        for (text, problem) in table {
            assert_eq!(judged(text).1, [format!("c.toml:{problem}")], "{text}");
        }
    }

    #[test]
    fn the_commented_lines_say_the_defaults() {
        let lines: Vec<_> =
            commented().lines().filter_map(|line| line.strip_prefix('#').map(str::to_owned)).collect();
        let text: Vec<_> = lines.iter().filter(|line| !line.starts_with(' ')).map(String::as_str).collect();
        assert_eq!(text.len(), keys().count());
        assert_eq!(judged(&text.join("\n")), (NotifySettings::default(), vec![]));
    }
}
