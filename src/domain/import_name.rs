//! How an import is named on a command line: by its uuid, by the beginning of it, or as the latest.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::import::ImportId;

/// Fewer digits of a uuid could be any import's.
const FEWEST_DIGITS: usize = 4;
/// Digits of a whole uuid.
const ALL_DIGITS: usize = 32;
/// Candidates that are named where several imports begin alike.
const MOST_CANDIDATES: usize = 5;

/// An import as it is named on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportName {
    /// A whole uuid, in any spelling.
    Id(ImportId),
    /// How it begins: at least four hexadecimal digits, in lower case, without dashes.
    Prefix(String),
    /// The newest by `created_at`.
    Latest,
}

/// Why a name means no import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// No import of the period begins so, or there is none at all.
    None(ImportName),
    /// Several begin so.
    Several(String, Vec<ImportId>),
}

impl FromStr for ImportName {
    type Err = String;

    fn from_str(raw: &str) -> Result<Self, String> {
        let raw = raw.trim();
        if raw.eq_ignore_ascii_case("latest") {
            return Ok(Self::Latest);
        }
        let digits = digits(raw);
        let is_prefix = digits.bytes().all(|b| b.is_ascii_hexdigit())
            && (FEWEST_DIGITS..ALL_DIGITS).contains(&digits.len());
        if is_prefix {
            return Ok(Self::Prefix(digits));
        }
        // Three digits of a uuid may be any import's. A decimal number may be a whole id.
        let is_short = digits.len() < FEWEST_DIGITS
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
            && !digits.bytes().all(|b| b.is_ascii_digit());
        ImportId::new(raw).filter(|_| !is_short).map(Self::Id).ok_or_else(|| {
            "not an import's uuid; it looks like 065680d5-6407-42c6-8544-da5fb975ebfe, or begin of it with \
             four digits or more, or say latest"
                .to_owned()
        })
    }
}

impl ImportName {
    /// The import that is meant among these, which come with when they were created.
    ///
    /// # Errors
    /// None of them is meant, or several may be.
    pub fn find<'a>(
        &self,
        among: impl Iterator<Item = (&'a ImportId, Option<Timestamp>)>,
    ) -> Result<ImportId, NotFound> {
        let none = || NotFound::None(self.clone());
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Latest => {
                // Of several of one moment the one that the server puts first.
                let newest = among.reduce(|newest, next| if next.1 > newest.1 { next } else { newest });
                newest.map(|(id, _)| id.clone()).ok_or_else(none)
            }
            Self::Prefix(prefix) => {
                let mut found: Vec<ImportId> = among
                    .filter(|(id, _)| digits(id.as_str()).starts_with(prefix.as_str()))
                    .map(|(id, _)| id.clone())
                    .collect();
                found.sort();
                found.dedup();
                match found.pop() {
                    Some(one) if found.is_empty() => Ok(one),
                    Some(last) => {
                        found.push(last);
                        Err(NotFound::Several(prefix.clone(), found))
                    }
                    None => Err(none()),
                }
            }
        }
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None(ImportName::Id(id)) => write!(f, "there is no import {id}"),
            Self::None(ImportName::Prefix(prefix)) => {
                write!(f, "no import of the period begins with {prefix}; --since looks further back")
            }
            Self::None(ImportName::Latest) => {
                write!(f, "there is no import in the period; --since looks further back")
            }
            Self::Several(prefix, ids) => {
                let listed: Vec<String> = ids.iter().take(MOST_CANDIDATES).map(ToString::to_string).collect();
                write!(f, "{} imports begin with {prefix}: {}", ids.len(), listed.join(", "))?;
                if ids.len() > MOST_CANDIDATES { f.write_str(", …") } else { Ok(()) }
            }
        }
    }
}

/// A uuid's digits in lower case, without dashes and braces.
fn digits(raw: &str) -> String {
    raw.trim_start_matches('{').chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(raw: &str) -> ImportId {
        ImportId::new(raw).unwrap()
    }

    #[test]
    fn a_name_is_a_uuid_a_beginning_or_the_latest() {
        let whole = "065680d5-6407-42c6-8544-da5fb975ebfe";
        for (raw, name) in [
            (whole, ImportName::Id(id(whole))),
            ("{065680D5640742C68544DA5FB975EBFE}", ImportName::Id(id(whole))),
            ("0656", ImportName::Prefix("0656".to_owned())),
            ("065680D5-64", ImportName::Prefix("065680d564".to_owned())),
            ("Latest", ImportName::Latest),
            // An id of a server that has no uuids.
            ("import-12", ImportName::Id(id("import-12"))),
            ("065", ImportName::Id(id("065"))),
        ] {
            assert_eq!(raw.parse(), Ok(name), "{raw}");
        }
        assert!("../etc".parse::<ImportName>().is_err());
    }

    #[test]
    fn one_import_is_meant_or_it_is_said_why_not() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let ids = ["aaaa1111-0000", "aaaa2222-0000", "bbbb0000-0000"].map(id);
        let imports = [(&ids[0], at(5)), (&ids[1], at(9)), (&ids[2], None)];
        let find = |raw: &str| {
            let name: ImportName = raw.parse().unwrap();
            name.find(imports.into_iter()).map_err(|why| why.to_string())
        };
        assert_eq!(find("aaaa2"), Ok(ids[1].clone()));
        assert_eq!(find("latest"), Ok(ids[1].clone()));
        assert_eq!(find("AAAA"), Err("2 imports begin with aaaa: aaaa1111-0000, aaaa2222-0000".to_owned()));
        assert!(find("cccc").unwrap_err().contains("begins with cccc; --since looks further back"));
        assert!(ImportName::Latest.find(std::iter::empty()).is_err());
    }
}
