//! How far the list looks back, and loading older imports.

use jiff::civil::Date;
use jiff::{Span, SpanRound, Unit};

use super::App;
use super::event_log::Severity;
use crate::app::event::Effect;
use crate::domain::tally::grouped;

/// Up to this many older imports are loaded in one step.
const ALL_AT_ONCE: u64 = 500;
/// The smallest step, in days.
const STEP: i64 = 30;

impl App {
    /// How many imports are outside the period, as far as that is known.
    pub fn hidden(&self) -> u64 {
        self.list.since.and(self.snapshot.health.older).unwrap_or(0)
    }

    /// The start of the period after the next step: a day, or the very first import (`None`). Doubles the period, but adds at
    /// least a month.
    pub fn next_look_back(&self) -> Option<Date> {
        let since = self.list.since.filter(|_| self.hidden() > ALL_AT_ONCE)?;
        let today = self.zone.to_datetime(self.now.wall).date();
        let days = today
            .since(since)
            .and_then(|span| span.round(SpanRound::new().largest(Unit::Day).days_are_24_hours()));
        let days = days.map_or(STEP, |span| i64::from(span.get_days())).max(STEP);
        since.checked_sub(Span::new().try_days(days).ok()?).ok()
    }

    /// Why the list cannot look further back now.
    pub(super) fn look_back_refusal(&self) -> Option<String> {
        let health = &self.snapshot.health;
        let Some(since) = self.list.since else {
            let known = self.snapshot.imports.len();
            return Some(match health.claimed(known) {
                Some(total) => {
                    format!("Plannr shows {} of {} imports", grouped(known as u64), grouped(total))
                }
                None => "all imports are loaded".to_owned(),
            });
        };
        match health.older {
            _ if health.loading.is_some() => Some("the list is still loading".to_owned()),
            Some(0) => Some(format!("no imports were created before {since}")),
            None => Some("still checking for older imports".to_owned()),
            Some(_) => None,
        }
    }

    pub(super) fn look_back(&mut self, effects: &mut Vec<Effect>) {
        self.list.since = self.next_look_back();
        let text = match self.list.since {
            Some(day) => format!("loading imports since {day}"),
            None => "loading all imports".to_owned(),
        };
        self.event_log.announce(self.now, Severity::Info, text);
        effects.push(Effect::LookBack(self.list.since));
    }
}
