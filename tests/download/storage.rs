//! Another origin: an object storage that notes everything it is sent.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream;

type Answer = Box<dyn Fn(&HeaderMap) -> Response + Send + Sync>;

/// An HTTP server that answers all requests alike. Lives as long as the test's runtime.
pub(crate) struct Storage {
    pub(crate) url: String,
    desk: Arc<Desk>,
}

struct Desk {
    answer: Answer,
    /// Request lines and headers.
    seen: Mutex<Vec<(String, HeaderMap)>>,
}

impl Storage {
    pub(crate) async fn start(answer: impl Fn(&HeaderMap) -> Response + Send + Sync + 'static) -> Self {
        let desk = Arc::new(Desk { answer: Box::new(answer), seen: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url =
            format!("http://{}/bucket/report.csv?X-Amz-Signature=5ec3e7", listener.local_addr().unwrap());
        let router = Router::new().fallback(handle).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, desk }
    }

    /// The headers of every request.
    pub(crate) fn seen(&self) -> Vec<(String, HeaderMap)> {
        self.desk.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names of all headers that ever came.
    pub(crate) fn header_names(&self) -> BTreeSet<String> {
        let seen = self.seen();
        seen.iter().flat_map(|(_, headers)| headers.keys().map(ToString::to_string)).collect()
    }
}

async fn handle(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let answer = (desk.answer)(request.headers());
    desk.seen.lock().unwrap_or_else(PoisonError::into_inner).push((line, request.headers().clone()));
    answer
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(body.into()).unwrap()
}

/// A body whose length nobody announces.
pub(crate) fn unannounced(pieces: &'static [&'static [u8]]) -> Body {
    Body::from_stream(stream::iter(pieces.iter().map(|piece| Ok::<_, std::io::Error>(*piece))))
}
