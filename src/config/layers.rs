//! The configuration file, overridden by the chosen profile.

use std::ops::Range;
use std::sync::Arc;

use super::file::{Config, Spanned, Values, display_path};
use super::{SettingsError, Source, Sourced};
use crate::domain::text::SafeText;
use crate::suggest::nearest;

pub(super) struct Layers<'a> {
    config: &'a Config,
    /// The chosen profile's name and values.
    profile: Option<(&'a str, &'a Values)>,
}

impl<'a> Layers<'a> {
    /// # Errors
    /// There is no such profile; lists those that exist.
    pub(super) fn new(
        config: &'a Config,
        profile: Option<&'a Sourced<String>>,
    ) -> Result<Self, SettingsError> {
        let Some(Sourced { value: name, source }) = profile else {
            return Ok(Self { config, profile: None });
        };
        match config.profile(name) {
            Ok(values) => Ok(Self { config, profile: Some((name, values)) }),
            Err(names) => Err(SettingsError {
                source: source.clone(),
                given: Some(SafeText::new(name)),
                problem: unknown_profile(config, name, &names),
            }),
        }
    }

    /// The profile's value, else the file's.
    pub(super) fn pick<T: Clone>(
        &self,
        field: impl Fn(&Values) -> Option<&Spanned<T>>,
    ) -> Option<Sourced<T>> {
        let own = self.profile.and_then(|(_, values)| field(values));
        own.or_else(|| field(&self.config.values)).map(|found| self.sourced(found))
    }

    /// The name of the profile and its own values.
    pub(super) fn profile(&self) -> Option<(&'a str, &'a Values)> {
        self.profile
    }

    /// The values outside the profiles.
    pub(super) fn common(&self) -> &'a Values {
        &self.config.values
    }

    /// A value of the file with its line.
    pub(super) fn sourced<T: Clone>(&self, found: &Spanned<T>) -> Sourced<T> {
        Sourced { value: found.value.clone(), source: self.source(&found.span) }
    }

    pub(super) fn source(&self, span: &Range<usize>) -> Source {
        match &self.config.document {
            Some(document) => {
                Source::File { path: Arc::clone(document.path()), line: document.at(span).line }
            }
            None => Source::Default,
        }
    }
}

/// What to do where the file has no profiles.
pub(super) fn no_profiles(config: &Config) -> String {
    match &config.document {
        Some(document) => {
            let path = display_path(document.path());
            format!("{path} has no profiles; add a section [profiles.NAME]")
        }
        None => "no configuration file, so no profiles; plannr-tui config init writes a template".to_owned(),
    }
}

fn unknown_profile(config: &Config, name: &str, names: &[&str]) -> String {
    let Some(document) = config.document.as_ref().filter(|_| !names.is_empty()) else {
        return no_profiles(config);
    };
    let path = display_path(document.path());
    let near = nearest(name, names.iter().copied());
    let near = near.map(|near| format!("; did you mean {}?", SafeText::new(near))).unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| SafeText::new(name).to_string()).collect();
    format!("not a profile in {path}, which has: {}{near}", names.join(", "))
}
