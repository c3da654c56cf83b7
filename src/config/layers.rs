//! The configuration file with a profile laid over it.

use std::ops::Range;
use std::sync::Arc;

use super::file::{Config, Spanned, Values, shown};
use super::{SettingsError, Source, Sourced};
use crate::domain::text::SafeText;
use crate::suggest::nearest;

/// The chosen profile over what the file says for all.
pub(super) struct Layers<'a> {
    config: &'a Config,
    /// The chosen profile's name and values.
    profile: Option<(&'a str, &'a Values)>,
}

impl<'a> Layers<'a> {
    /// The layers with this profile.
    ///
    /// # Errors
    /// There is no such profile; tells which there are.
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
                problem: no_such(config, name, &names),
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

    /// The name of the profile and what it says itself.
    pub(super) fn profile(&self) -> Option<(&'a str, &'a Values)> {
        self.profile
    }

    /// What the file says without any profile.
    pub(super) fn common(&self) -> &'a Values {
        &self.config.values
    }

    /// A value of the file with its line.
    pub(super) fn sourced<T: Clone>(&self, found: &Spanned<T>) -> Sourced<T> {
        Sourced { value: found.value.clone(), source: self.source(&found.span) }
    }

    /// A place of the file as a source.
    pub(super) fn source(&self, span: &Range<usize>) -> Source {
        match &self.config.document {
            Some(document) => {
                Source::File { path: Arc::clone(document.path()), line: document.at(span).line }
            }
            None => Source::Default,
        }
    }
}

fn no_such(config: &Config, name: &str, names: &[&str]) -> String {
    let Some(document) = &config.document else {
        return "there is no configuration file, and so no profile; plannr-tui config init writes one"
            .to_owned();
    };
    let path = shown(document.path());
    if names.is_empty() {
        return format!("{path} has no profile; add a section [profiles.NAME]");
    }
    let near = nearest(name, names.iter().copied());
    let near = near.map(|near| format!("; did you mean {}?", SafeText::new(near))).unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| SafeText::new(name).to_string()).collect();
    format!("no profile of {path}, which has: {}{near}", names.join(", "))
}
