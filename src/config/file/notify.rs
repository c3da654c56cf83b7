//! `[notify]`: notifications outside the screen.

use std::ops::Range;

use super::{Document, Line, Mistake, Showing, Value, unknown};
use crate::app::runtime_config::{NotifyEvent, NotifySettings};
use crate::config::Source;
use crate::config::layers::Layers;

/// Which notifications are sent, with where each choice came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    pub choices: NotifySettings,
    /// The keys that the file sets.
    set: Vec<(&'static str, Source)>,
}

/// The section as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::config) struct NotifyValues {
    choices: NotifySettings,
    spans: Vec<(&'static str, Range<usize>)>,
}

struct Switch {
    /// With the section's name.
    key: &'static str,
    about: &'static str,
    field: fn(&mut NotifySettings) -> &mut bool,
}

impl Switch {
    fn name(&self) -> &'static str {
        short(self.key)
    }
}

/// Without the section's name.
fn short(key: &'static str) -> &'static str {
    key.strip_prefix("notify.").unwrap_or(key)
}

const SWITCHES: &[Switch] = &[
    Switch {
        key: "notify.desktop",
        about: "Desktop notifications, where the terminal supports them; at most one every 10 seconds.",
        field: |choices| &mut choices.desktop,
    },
    Switch { key: "notify.bell", about: "Ring the terminal's bell.", field: |choices| &mut choices.bell },
    Switch {
        key: "notify.always",
        about: "Send both even while the terminal has the focus.",
        field: |choices| &mut choices.always,
    },
    Switch {
        key: "notify.title",
        about: "Show the overall state in the window title.",
        field: |choices| &mut choices.title,
    },
    Switch {
        key: "notify.taskbar",
        about: "Show progress in the taskbar or on the tab, where the terminal supports it.",
        field: |choices| &mut choices.taskbar,
    },
];

const ON: &str = "notify.on";
const ABOUT_ON: &str = "The events that desktop notifications and the bell are for.";

/// Reads the lines of the section.
pub(super) fn read(document: &Document, lines: &[Line]) -> (NotifyValues, Vec<Mistake>) {
    let (mut values, mut mistakes) = (NotifyValues::default(), Vec::new());
    for line in lines {
        let name = line.key.value.as_str();
        let read = match SWITCHES.iter().find(|switch| switch.name() == name) {
            Some(switch) => read_switch(switch, line, &mut values.choices).map(|()| switch.key),
            None if name == short(ON) => read_events(line, &mut values.choices).map(|()| ON),
            None => {
                let problem = unknown(name, keys(), "[notify]", "key");
                mistakes.push(document.mistake(&line.key.span, problem, Showing::Key));
                continue;
            }
        };
        match read {
            Ok(key) => values.spans.push((key, line.value.span.clone())),
            Err((span, problem)) => mistakes.push(document.mistake(&span, problem, Showing::Line)),
        }
    }
    (values, mistakes)
}

/// A span and what is wrong there.
type SpanProblem = (Range<usize>, String);

fn read_switch(switch: &Switch, line: &Line, choices: &mut NotifySettings) -> Result<(), SpanProblem> {
    let Value::Switch(on) = line.value.value else {
        let (kind, name) = (line.value.value.kind(), switch.name());
        return Err((
            line.value.span.clone(),
            format!("{kind} is not valid here: write {name} = true or {name} = false"),
        ));
    };
    *(switch.field)(choices) = on;
    Ok(())
}

fn read_events(line: &Line, choices: &mut NotifySettings) -> Result<(), SpanProblem> {
    let Value::List(names) = &line.value.value else {
        let problem = format!(
            "{} is not valid here: write a list, like on = {}",
            line.value.value.kind(),
            list(NotifyEvent::ALL)
        );
        return Err((line.value.span.clone(), problem));
    };
    let event = |name: &super::Spanned<Value>| {
        let Value::Text(text) = &name.value else {
            return Err((
                name.span.clone(),
                format!("{} in a list of strings: put it in quotes", name.value.kind()),
            ));
        };
        let found = NotifyEvent::ALL.into_iter().find(|event| event.name() == text);
        let valid = NotifyEvent::ALL.into_iter().map(NotifyEvent::name);
        found.ok_or_else(|| (name.span.clone(), unknown(text, valid, "on", "event")))
    };
    choices.on = names.iter().map(event).collect::<Result<_, _>>()?;
    Ok(())
}

fn keys() -> impl Iterator<Item = &'static str> + Clone {
    SWITCHES.iter().map(Switch::name).chain([short(ON)])
}

fn list(events: impl IntoIterator<Item = NotifyEvent>) -> String {
    let names: Vec<String> = events.into_iter().map(|event| format!("\"{}\"", event.name())).collect();
    format!("[{}]", names.join(", "))
}

/// The section for the template: every key explained, with its default.
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
    /// The file's values over the defaults.
    pub(in crate::config) fn new(values: &NotifyValues, layers: &Layers<'_>) -> Self {
        let lines = values.spans.iter().map(|(name, span)| (*name, layers.source(span)));
        Self { choices: values.choices.clone(), set: lines.collect() }
    }

    /// Key, value and source of every choice.
    pub(in crate::config) fn rows(&self) -> impl Iterator<Item = (&'static str, String, Source)> {
        let mut choices = self.choices.clone();
        let switches =
            SWITCHES.iter().map(move |switch| (switch.key, (switch.field)(&mut choices).to_string()));
        let on = self.choices.on.iter().map(|event| event.name()).collect::<Vec<_>>().join(", ");
        switches.chain([(ON, on)]).map(|(key, value)| {
            let set = self.set.iter().find(|(set, _)| *set == key);
            (key, value, set.map_or(Source::Default, |(_, source)| source.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Reading, Trust};
    use super::*;
    use crate::domain::Now;
    use std::path::Path;
    use std::time::Duration;

    fn read_section(lines: &str) -> (NotifySettings, Vec<String>) {
        let now = Now { up: Duration::ZERO, wall: "2026-11-23T09:30:00Z".parse().unwrap() };
        let reading = Reading { folder: Path::new("/"), home: None, now };
        let document = Document::new(Path::new("c.toml"), format!("[notify]\n{lines}"));
        match Config::read(document, Trust::Good, &reading) {
            Ok(config) => (config.notify.choices, vec![]),
            Err(error) => (NotifySettings::default(), error.0.iter().map(Mistake::brief).collect()),
        }
    }

    #[test]
    fn every_choice_is_read_and_every_mistake_has_its_position() {
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
        assert_eq!(read_section(all), (wanted, vec![]));
        assert_eq!(read_section(""), (NotifySettings::default(), vec![]));
        assert_eq!(read_section("on = []").0.on, [].into());
        let table = [
            ("bel = true", "2:1: unknown key `bel`; did you mean `bell`?"),
            ("zzz = true", "2:1: unknown key `zzz`; [notify] has: desktop, bell, always, title, taskbar, on"),
            ("bell = 1", "2:8: a number is not valid here: write bell = true or bell = false"),
            (
                "on = \"stalled\"",
                "2:6: a string is not valid here: write a list, like on = [\"finished\", \"failed_row\", \"stalled\"]",
            ),
            ("on = [\"finishd\"]", "2:7: unknown event `finishd`; did you mean `finished`?"),
            ("on = [\"xyz\", 1]", "2:7: unknown event `xyz`; on has: finished, failed_row, stalled"),
            ("on = [1]", "2:7: a number in a list of strings: put it in quotes"),
        ];
        for (text, problem) in table {
            assert_eq!(read_section(text).1, [format!("c.toml:{problem}")], "{text}");
        }
    }

    #[test]
    fn the_commented_lines_say_the_defaults() {
        let lines: Vec<_> =
            commented().lines().filter_map(|line| line.strip_prefix('#').map(str::to_owned)).collect();
        let text: Vec<_> = lines.iter().filter(|line| !line.starts_with(' ')).map(String::as_str).collect();
        assert_eq!(text.len(), keys().count());
        assert_eq!(read_section(&text.join("\n")), (NotifySettings::default(), vec![]));
    }
}
