//! What is asked of the world and what it answers, without a socket.

use std::collections::BTreeMap;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// As in the request line: `/api/v1/import?per_page=5`.
    pub path_and_query: String,
    /// By lowercase name; of several with one name the last.
    pub headers: BTreeMap<String, String>,
}

impl Request {
    /// A `GET` without any header.
    pub fn get(path_and_query: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            path_and_query: path_and_query.to_owned(),
            headers: BTreeMap::new(),
        }
    }

    /// With this header, in place of any of that name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Request {
        self.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    /// Without this header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Request {
        self.headers.remove(&name.to_ascii_lowercase());
        self
    }

    /// A header's value, by any spelling of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// The account that it is made as.
    pub fn account(&self) -> Option<&str> {
        self.header("x-plannr-account-uuid")
    }

    /// The part before `?`.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// The part after `?`, still encoded; empty when there is none.
    pub fn query(&self) -> &str {
        self.path_and_query.split_once('?').map_or("", |(_, query)| query)
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// Names and values; lengths and encodings are the transport's.
    pub headers: Vec<(String, String)>,
    /// The body as it is before any compression.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of this content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    /// An answer whose body is this JSON text.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Response {
        Response::new(status, "application/json", body)
    }

    /// An error as the server words it: `{"message": …}`.
    pub fn error(status: u16, message: &str) -> Response {
        Response::json(status, serde_json::json!({ "message": message }).to_string())
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this header unless there is one of that name.
    #[must_use]
    pub fn with_default(self, name: &str, value: &str) -> Response {
        if self.header(name).is_some() { self } else { self.with(name, value) }
    }

    /// A header's value, by any spelling of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
