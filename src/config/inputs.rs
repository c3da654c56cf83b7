//! The flag and the variable of a setting, and the environment they are read from.

use std::ffi::{OsStr, OsString};

use crate::domain::text::SafeText;

use super::parse::Mistake;
use super::{SettingsError, Source, Sourced};

/// The environment, as a function from a variable's name to its value.
pub(super) struct Environment<'a>(pub(super) &'a dyn Fn(&str) -> Option<OsString>);

impl Environment<'_> {
    /// An empty variable counts as unset.
    pub(super) fn raw(&self, name: &str) -> Option<OsString> {
        self.0(name).filter(|value| !value.is_empty())
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Replaces what is not UTF-8.
    pub(super) fn lossy(&self, name: &str) -> Option<String> {
        self.raw(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// # Errors
    /// The value is not UTF-8.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        self.raw(name).map(|value| text(&value, &Source::Environment(name)).map(str::to_owned)).transpose()
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct FlagAndVar {
    flag: &'static str,
    pub(super) variable: Option<&'static str>,
}

impl FlagAndVar {
    pub(super) const fn new(flag: &'static str, variable: Option<&'static str>) -> Self {
        Self { flag, variable }
    }

    /// The flag's value, else the variable's, read by `parse`.
    pub(super) fn pick<T>(
        self,
        flag: Option<&OsStr>,
        env: &Environment<'_>,
        parse: impl Fn(&str) -> Result<T, Mistake>,
    ) -> Result<Option<Sourced<T>>, SettingsError> {
        let Some(Sourced { value, source }) = self.pick_path(flag, env) else { return Ok(None) };
        let raw = text(&value, &source)?;
        match parse(raw) {
            Ok(value) => Ok(Some(Sourced { value, source })),
            Err(mistake) => Err(mistake.at(source, raw)),
        }
    }

    /// The same for a path, which need not be UTF-8.
    pub(super) fn pick_path(self, flag: Option<&OsStr>, env: &Environment<'_>) -> Option<Sourced<OsString>> {
        let from_flag =
            flag.map(|value| Sourced { value: value.to_owned(), source: Source::Flag(self.flag) });
        from_flag.or_else(|| {
            let name = self.variable?;
            env.raw(name).map(|value| Sourced { value, source: Source::Environment(name) })
        })
    }

    /// The value of a setting that only a flag can give.
    pub(super) fn flag<T>(
        self,
        raw: Option<&str>,
        parse: impl Fn(&str) -> Result<T, Mistake>,
    ) -> Result<Option<T>, SettingsError> {
        raw.map(|raw| parse(raw).map_err(|mistake| mistake.at(Source::Flag(self.flag), raw))).transpose()
    }
}

fn text<'a>(value: &'a OsStr, source: &Source) -> Result<&'a str, SettingsError> {
    value.to_str().ok_or_else(|| SettingsError {
        source: source.clone(),
        given: Some(SafeText::new(&value.to_string_lossy())),
        problem: "not valid UTF-8 text".to_owned(),
    })
}
