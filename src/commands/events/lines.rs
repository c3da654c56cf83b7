//! What happened as printed lines: words, or JSON.

use std::io::IsTerminal as _;

use crossterm::style::ContentStyle;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::backend::IntoCrossterm as _;
use ratatui::style::Style;
use serde_json::Value;

use crate::cli::EventsArgs;
use crate::config::Settings;
use crate::config::themes::themes;
use crate::domain::import::ImportId;
use crate::domain::redact::Redaction;
use crate::domain::tally::Verdict;
use crate::events::{EventKind, Happened};
use crate::exit::Failure;
use crate::journal::Entry;
use crate::report::reasons::short;
use crate::ui::ascii;
use crate::ui::theme::Theme;

/// Digits of the uuid in a line for people.
const SHORT_UUID: usize = 8;
/// Reasons in a line for people.
const REASONS: usize = 3;

pub(super) struct EventLines {
    json: bool,
    with_reasons: bool,
    redaction: Redaction,
    ascii: bool,
    /// On a terminal.
    theme: Option<Theme>,
    zone: TimeZone,
}

impl EventLines {
    /// # Errors
    /// The theme cannot be used.
    pub(super) fn new(settings: &Settings, args: &EventsArgs) -> Result<Self, Failure> {
        let (themes, state) = themes(settings)?;
        let theme = *themes.theme(state.chosen, state.background);
        Ok(Self {
            json: args.json,
            with_reasons: args.with_reasons,
            redaction: Redaction { enabled: settings.redact.value },
            ascii: settings.ascii.value,
            theme: std::io::stdout().is_terminal().then_some(theme),
            zone: TimeZone::system(),
        })
    }

    /// For programs.
    pub(super) fn json(&self, happened: &Happened) -> Value {
        let mut event = happened.json();
        if let (true, Value::Object(members)) = (self.with_reasons, &mut event) {
            members.extend(happened.reasons(self.redaction));
        }
        event
    }

    /// The line of what happened, which is `event` as JSON.
    pub(super) fn line(&self, happened: &Happened, event: &Value) -> String {
        if self.json {
            return format!("{event}\n");
        }
        let import = happened.import.as_ref();
        let verdict = import.map(|watched| watched.verdict);
        let reasons = if self.with_reasons { self.reasons(happened) } else { String::new() };
        let text = format!("{}{reasons}", happened.message);
        self.words(
            happened.observed_at,
            (happened.kind, verdict),
            &text,
            import.map(|watched| &watched.import.id),
        )
    }

    /// What the journal has of an event.
    pub(super) fn entry(&self, entry: &Entry) -> String {
        if self.json {
            return serde_json::to_string(&entry.json()).unwrap_or_default() + "\n";
        }
        let verdict = entry.json().get("verdict").and_then(Value::as_str).and_then(Verdict::named);
        self.words(entry.at, (entry.kind, verdict), entry.message.as_str(), entry.import.as_ref())
    }

    fn words(
        &self,
        at: Timestamp,
        (kind, verdict): (EventKind, Option<Verdict>),
        text: &str,
        uuid: Option<&ImportId>,
    ) -> String {
        let at = self.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S");
        let word = format!("{:<13}", kind.name());
        let word = match &self.theme {
            Some(theme) if theme.has_colour() => {
                ContentStyle::apply(style(theme, kind, verdict).into_crossterm(), word).to_string()
            }
            _ => word,
        };
        let uuid = uuid.map(ImportId::as_str).unwrap_or_default();
        let uuid = if self.theme.is_some() { uuid.get(..SHORT_UUID).unwrap_or(uuid) } else { uuid };
        let text = format!("{text}  {uuid}");
        let text = if self.ascii { ascii::text(&text) } else { text };
        format!("{at}  {word}  {}\n", text.trim_end())
    }

    /// The first reasons: `; email has already been taken ×3`.
    fn reasons(&self, happened: &Happened) -> String {
        let members = happened.reasons(self.redaction);
        let reasons = members.get("reasons").and_then(Value::as_array).into_iter().flatten();
        let text = |reason: &Value| {
            let member = |name: &str| reason.get(name).and_then(Value::as_str).unwrap_or_default();
            let rows = reason.get("rows").and_then(Value::as_u64).unwrap_or_default();
            format!("; {} {} ×{rows}", member("field"), short(member("field"), member("message")))
        };
        reasons.take(REASONS).map(text).collect()
    }
}

fn style(theme: &Theme, kind: EventKind, verdict: Option<Verdict>) -> Style {
    match kind {
        EventKind::Settled if verdict == Some(Verdict::Done) => theme.good,
        EventKind::Settled if verdict == Some(Verdict::Failed) => theme.bad,
        EventKind::Started | EventKind::Resumed | EventKind::ReportReady => theme.text,
        EventKind::Online => theme.good,
        EventKind::Failing | EventKind::Deleted => theme.bad,
        EventKind::FirstFailure
        | EventKind::Stalled
        | EventKind::Settled
        | EventKind::Cancelled
        | EventKind::Offline => theme.warning,
    }
}
