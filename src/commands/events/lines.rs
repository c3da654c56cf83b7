//! What happened as printed lines: words, or JSON.

use std::io::IsTerminal as _;

use crossterm::style::ContentStyle;
use jiff::tz::TimeZone;
use ratatui::backend::IntoCrossterm as _;
use serde_json::Value;

use crate::cli::EventsArgs;
use crate::config::Settings;
use crate::config::themes::themes;
use crate::domain::redact::Redaction;
use crate::domain::tally::Verdict;
use crate::events::{EventKind, Happened};
use crate::exit::Failure;
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

    pub(super) fn line(&self, happened: &Happened) -> String {
        if self.json {
            let mut event = happened.json();
            if let (true, Value::Object(members)) = (self.with_reasons, &mut event) {
                members.extend(happened.reasons(self.redaction));
            }
            return format!("{event}\n");
        }
        let at = self.zone.to_datetime(happened.observed_at).strftime("%Y-%m-%d %H:%M:%S");
        let kind = format!("{:<13}", happened.kind.name());
        let kind = match &self.theme {
            Some(theme) if theme.has_colour() => {
                ContentStyle::apply(style(theme, happened).into_crossterm(), kind).to_string()
            }
            _ => kind,
        };
        let uuid = happened.import.as_ref().map(|watched| watched.import.id.as_str()).unwrap_or_default();
        let uuid = if self.theme.is_some() { uuid.get(..SHORT_UUID).unwrap_or(uuid) } else { uuid };
        let reasons = if self.with_reasons { self.reasons(happened) } else { String::new() };
        let text = format!("{}{reasons}  {uuid}", happened.message);
        let text = if self.ascii { ascii::text(&text) } else { text };
        format!("{at}  {kind}  {}\n", text.trim_end())
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

fn style(theme: &Theme, happened: &Happened) -> ratatui::style::Style {
    let verdict = happened.import.as_ref().map(|watched| watched.verdict);
    match happened.kind {
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
