//! The world over HTTP on a loopback port: a thread of its own, thin around [`World::answer`].

mod connection;
mod delivery;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, net, thread};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use self::connection::{Connection, Sent};
use self::delivery::{Delivered, Manner, deliver};
use super::faults::{self, Fault, LIMIT, RateLimit};
use super::{Options, Request, Response, World};

/// How many request lines are kept.
const REMEMBERED_REQUESTS: usize = 500;
/// Before connections are accepted again where the system has none left.
const A_MOMENT: Duration = Duration::from_millis(100);

/// A simulated Plannr on `127.0.0.1`, stopped when dropped.
pub struct Simulator {
    base_url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What a simulator was asked and has sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests received.
    pub requests: u64,
    /// Bytes written to sockets, headers included, after compression.
    pub bytes_sent: u64,
    /// The last request lines (`GET /api/v1/import?page=2`), oldest first, at most 500.
    pub last: Vec<String>,
    /// How many requests were made as each account that the token has.
    pub by_account: BTreeMap<String, u64>,
}

/// What a test puts in place of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Canned {
    /// This answer, never compressed.
    Answer(Response),
    /// No answer, ever, on an open connection.
    Hang,
    /// The connection closed without a byte.
    Drop,
    /// Half of the true body, then the connection closed.
    DropMidBody,
    /// The true answer, its body this slowly.
    SlowDrip {
        /// Bytes of the body in a second.
        bytes_per_second: u32,
    },
    /// The true answer after this long.
    Late(Duration),
}

type Interceptor = Box<dyn FnMut(&Request) -> Option<Canned> + Send>;

/// What the server's thread and its owner both know.
struct Shared {
    world: World,
    options: Options,
    began: Instant,
    sent: Arc<Sent>,
    state: Mutex<Desk>,
}

/// What changes with every request.
#[derive(Default)]
struct Desk {
    frozen: Option<Duration>,
    requests: u64,
    /// Accounts and request lines.
    last: VecDeque<(Option<String>, String)>,
    by_account: BTreeMap<String, u64>,
    limit: RateLimit,
    interceptor: Option<Interceptor>,
}

impl Simulator {
    /// Starts the server of these options.
    ///
    /// # Errors
    /// When no loopback port can be had or no thread started.
    pub fn start(options: Options) -> io::Result<Simulator> {
        Simulator::serve(World::new(&options), &options)
    }

    /// Serves this world: speed and faults are those of the options.
    ///
    /// # Errors
    /// When no loopback port can be had or no thread started.
    pub fn serve(world: World, options: &Options) -> io::Result<Simulator> {
        let listener = net::TcpListener::bind((net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            world,
            options: options.clone(),
            began: Instant::now(),
            sent: Arc::default(),
            state: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("simulator".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = run(listener, for_thread) => {
                        if let Err(error) = result {
                            tracing::error!(%error, "the simulated server stopped");
                        }
                    }
                    _ = stopped => {}
                }
            });
            // Requests that hang are not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Simulator { base_url, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// The bearer token it accepts.
    pub fn token(&self) -> &str {
        self.shared.world.token()
    }

    /// The uuid of the preferred account.
    pub fn account(&self) -> &str {
        self.shared.world.account()
    }

    /// The world it serves.
    pub fn world(&self) -> &World {
        &self.shared.world
    }

    /// World time now.
    pub fn time(&self) -> Duration {
        self.shared.time()
    }

    /// What it was asked and has sent so far.
    pub fn traffic(&self) -> Traffic {
        let desk = self.shared.desk();
        Traffic {
            requests: desk.requests,
            bytes_sent: self.shared.sent.bytes(),
            last: desk.last.iter().map(|(_, line)| line.clone()).collect(),
            by_account: desk.by_account.clone(),
        }
    }

    /// Those of the last 500 request lines that were made as this account, oldest first.
    pub fn requests_as(&self, account: &str) -> Vec<String> {
        let desk = self.shared.desk();
        let own = desk.last.iter().filter(|(by, _)| by.as_deref() == Some(account));
        own.map(|(_, line)| line.clone()).collect()
    }

    /// Holds the world still at this world time.
    pub fn set_time(&self, at: Duration) {
        self.shared.desk().frozen = Some(at);
    }

    /// Sees every request first and may put something in place of its answer; `None` is the normal answer. Replaces
    /// what was set before. By [`Request::account`] one firm can be made to fail while others go on.
    pub fn on_request(&self, intercept: impl FnMut(&Request) -> Option<Canned> + Send + 'static) {
        self.shared.desk().interceptor = Some(Box::new(intercept));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the simulated server's thread panicked");
        }
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Response {
        self.world.answer(request, self.time())
    }

    fn time(&self) -> Duration {
        let frozen = self.desk().frozen;
        let elapsed = self.began.elapsed().as_secs_f64() * self.options.speed;
        frozen.unwrap_or_else(|| Duration::try_from_secs_f64(elapsed).unwrap_or_default())
    }

    /// Notes a request and decides what happens to it.
    fn decide(&self, request: &Request) -> Decision {
        let mut desk = self.desk();
        desk.requests += 1;
        let nth = desk.requests - 1;
        if desk.last.len() == REMEMBERED_REQUESTS {
            desk.last.pop_front();
        }
        let account = request.account();
        let line = format!("{} {}", request.method, request.path_and_query);
        desk.last.push_back((account.map(str::to_owned), line));
        if let Some(account) = account.filter(|account| self.world.firm_of(account).is_some()) {
            *desk.by_account.entry(account.to_owned()).or_default() += 1;
        }
        let left = desk.limit.count(self.began.elapsed());
        // Called without the lock: it may look at the traffic.
        let interceptor = desk.interceptor.take();
        drop(desk);
        let canned = interceptor.and_then(|mut intercept| {
            let canned = intercept(request);
            self.desk().interceptor.get_or_insert(intercept);
            canned
        });
        let fault = if self.options.faults { faults::fault(self.options.seed, nth) } else { None };
        Decision { canned, fault, left }
    }
}

/// What happens to a request: what a test asked for, else a fault by chance.
struct Decision {
    canned: Option<Canned>,
    fault: Option<Fault>,
    /// Requests left in this minute, or how long until the next.
    left: Result<u32, Duration>,
}

async fn run(listener: net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the simulated server accepts no connection");
                tokio::time::sleep(A_MOMENT).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may wait for company");
        }
        let connection = Connection::new(&shared.sent);
        let stream = TokioIo::new(connection.counting(stream));
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let (shared, connection) = (Arc::clone(&shared), connection.clone());
            async move { handle(&shared, &connection, &own(&request)).await }
        });
        tokio::spawn(http1::Builder::new().serve_connection(stream, service));
    }
}

/// # Errors
/// The connection is closed without an answer.
async fn handle(shared: &Shared, connection: &Connection, request: &Request) -> io::Result<Delivered> {
    let Decision { canned, fault, left } = shared.decide(request);
    let mut manner = Manner::Whole;
    let response = match (canned, fault) {
        (Some(Canned::Hang), _) => std::future::pending().await,
        (Some(Canned::Drop), _) => {
            connection.cut();
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        (Some(Canned::Answer(response)), _) => {
            manner = Manner::Exact;
            response
        }
        (Some(Canned::DropMidBody), _) => {
            manner = Manner::Half;
            shared.answer(request)
        }
        (Some(Canned::SlowDrip { bytes_per_second }), _) => {
            manner = Manner::Slowly(bytes_per_second);
            shared.answer(request)
        }
        (Some(Canned::Late(late)), _) | (None, Some(Fault::Late(late))) => {
            tokio::time::sleep(late).await;
            shared.answer(request)
        }
        (None, Some(Fault::Instead(response))) => response,
        (None, None) => match left {
            Ok(_) => shared.answer(request),
            Err(wait) => Response::error(429, "Too Many Attempts.")
                .with("retry-after", &wait.as_secs_f64().ceil().to_string()),
        },
    };
    let response = response
        .with_default("x-ratelimit-limit", &LIMIT.to_string())
        .with_default("x-ratelimit-remaining", &left.unwrap_or(0).to_string());
    let gzip = request.header("accept-encoding").is_some_and(|codings| codings.contains("gzip"));
    Ok(deliver(response, manner, gzip))
}

/// The request as the world understands it.
fn own(request: &hyper::Request<Incoming>) -> Request {
    let path_and_query = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut own = Request::get(path_and_query);
    request.method().as_str().clone_into(&mut own.method);
    for (name, value) in request.headers() {
        own = own.with(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    own
}
