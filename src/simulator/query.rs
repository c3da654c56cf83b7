//! The query of `GET /api/v1/import`, checked as strictly as the documentation allows: what the server does not know it
//! refuses, so that a client's slip shows.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::form_urlencoded;

const PER_PAGE: usize = 15;
const MOST_PER_PAGE: usize = 500;

/// What is asked of the list.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    pub(super) initiated_by_included: bool,
    pub(super) uuids: Option<Vec<String>>,
    pub(super) types: Option<Vec<String>>,
    pub(super) exclude_types: Vec<String>,
    pub(super) modes: Option<Vec<String>>,
    pub(super) statuses: Option<Vec<String>>,
    /// Unix seconds: created at or after.
    pub(super) from: Option<i64>,
    /// Unix seconds: created before.
    pub(super) before: Option<i64>,
    pub(super) initiated_by: Option<String>,
    pub(super) sort: Sort,
    pub(super) descending: bool,
    pub(super) per_page: usize,
    /// From 1.
    pub(super) page: usize,
    /// Everything but `page`, to be repeated in links.
    pub(super) rest: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    #[default]
    CreatedAt,
    UpdatedAt,
}

/// A query refused: the status and what the server says.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
    /// The parameter a validation error (422) is about.
    pub(super) parameter: Option<String>,
}

impl Query {
    pub(super) fn parse(query: &str) -> Result<Query, Refusal> {
        let mut parsed = Query { per_page: PER_PAGE, page: 1, ..Query::default() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            parsed.take(&name, &value)?;
            if name != "page" {
                parsed.rest.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(parsed)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "include" => self.initiated_by_included = include(value)?,
            "filter[uuid]" => self.uuids = list(value),
            "filter[types]" => self.types = list(value),
            "filter[exclude_types]" => self.exclude_types = list(value).unwrap_or_default(),
            "filter[modes]" => self.modes = list(value),
            "filter[statuses]" => self.statuses = list(value),
            "filter[date_from]" => self.from = Some(day(name, value, 0)?),
            "filter[date_to]" => self.before = Some(day(name, value, 1)?),
            "filter[initiated_by]" => self.initiated_by = Some(value.to_owned()),
            "sort" => (self.sort, self.descending) = sort(value)?,
            "per_page" => self.per_page = per_page(value)?,
            "page" => self.page = value.parse().unwrap_or(1).max(1),
            _ if name.starts_with("filter[") => {
                let asked = name.trim_start_matches("filter[").trim_end_matches(']');
                return Err(bad_request(format!(
                    "Requested filter(s) `{asked}` are not allowed. Allowed filter(s) are `uuid, types, exclude_types, \
                     modes, statuses, date_from, date_to, initiated_by`."
                )));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The query of the show route, of which only `include` matters.
pub(super) fn included(query: &str) -> Result<bool, Refusal> {
    form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "include")
        .try_fold(false, |_, (_, value)| include(&value))
}

fn include(value: &str) -> Result<bool, Refusal> {
    let asked = list(value).unwrap_or_default();
    match asked.iter().find(|name| *name != "initiatedBy") {
        Some(other) => Err(bad_request(format!(
            "Requested include(s) `{other}` are not allowed. Allowed include(s) are `initiatedBy`."
        ))),
        None => Ok(!asked.is_empty()),
    }
}

/// A comma list; empty is as if it were not there.
fn list(value: &str) -> Option<Vec<String>> {
    let words: Vec<String> =
        value.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

/// The Unix second at which a day, or one `later`, begins.
fn day(name: &str, value: &str, later: i64) -> Result<i64, Refusal> {
    let parsed = if value.len() == 10 { value.parse::<Date>().ok() } else { None };
    let begins = parsed.and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    match begins {
        Some(begins) => Ok(begins.as_second() + later * 86_400),
        None => {
            let parameter = name.replace('[', ".").replace(']', "");
            let message = format!("The {} does not match the format Y-m-d.", parameter.replace('_', " "));
            Err(Refusal { status: 422, message, parameter: Some(parameter) })
        }
    }
}

fn sort(value: &str) -> Result<(Sort, bool), Refusal> {
    let (field, descending) = value.strip_prefix('-').map_or((value, false), |field| (field, true));
    match field {
        "created_at" => Ok((Sort::CreatedAt, descending)),
        "updated_at" => Ok((Sort::UpdatedAt, descending)),
        other => Err(bad_request(format!(
            "Requested sort(s) `{other}` is not allowed. Allowed sort(s) are `created_at, updated_at`."
        ))),
    }
}

fn per_page(value: &str) -> Result<usize, Refusal> {
    let refused = |message: &str| Refusal {
        status: 422,
        message: message.to_owned(),
        parameter: Some("per_page".to_owned()),
    };
    match value.parse::<usize>() {
        Ok(0) => Err(refused("The per page must be at least 1.")),
        Ok(number) if number > MOST_PER_PAGE => Err(refused("The per page must not be greater than 500.")),
        Ok(number) => Ok(number),
        Err(_) => Err(refused("The per page must be an integer.")),
    }
}

fn bad_request(message: String) -> Refusal {
    Refusal { status: 400, message, parameter: None }
}
