//! The routes: what is answered to a request at a moment.

use std::iter;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::encode::{self, View};
use super::exchange::{Request, Response};
use super::import::Import;
use super::people::Firm;
use super::query::{self, Query, Refusal, Sort};
use super::world::World;
use super::{dice, ranges};

const LIST: &str = "/api/v1/import";
const LOGINS: &str = "/api/v1/logins";

enum Route<'a> {
    Logins,
    List,
    Show(&'a str),
    File(&'a str),
}

/// The answer to a request, `at` seconds of world time.
pub(super) fn answer(world: &World, request: &Request, at: f64) -> Response {
    let Some(route) = route(request.path()) else {
        return Response::error(404, &format!("The route {} could not be found.", request.path()));
    };
    if let Some(refused) = refused(world, request, &route) {
        return refused;
    }
    let origin =
        request.header("host").map_or("http://localhost".to_owned(), |host| format!("http://{host}"));
    // Each firm sees its own imports.
    let firm = request.account().and_then(|account| world.firm_of(account)).unwrap_or(world);
    let asked = Asked { server: world, world: firm, request, at, origin: &origin };
    match route {
        Route::Logins => asked.logins(),
        Route::List => asked.list().unwrap_or_else(|refusal| validation_error(&refusal)),
        Route::Show(uuid) => asked.show(uuid).unwrap_or_else(|refusal| validation_error(&refusal)),
        Route::File(uuid) => asked.file(uuid),
    }
    .with("cache-control", "no-cache, private")
}

fn route(path: &str) -> Option<Route<'_>> {
    match path {
        LOGINS => Some(Route::Logins),
        LIST => Some(Route::List),
        _ => match path.strip_prefix(LIST).and_then(|rest| rest.strip_prefix('/')) {
            Some(uuid) if !uuid.contains('/') => Some(Route::Show(uuid)),
            _ => {
                let uuid = path.strip_prefix("/file/")?.strip_suffix("/download")?;
                (!uuid.contains('/')).then_some(Route::File(uuid))
            }
        },
    }
}

/// Wrong method, token, headers or account.
fn refused(world: &World, request: &Request, route: &Route<'_>) -> Option<Response> {
    if request.method != "GET" {
        let message = format!(
            "The {} method is not supported for route {}. Supported methods: GET, HEAD.",
            request.method,
            request.path().trim_start_matches('/')
        );
        return Some(Response::error(405, &message).with("allow", "GET, HEAD"));
    }
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if bearer != Some(world.token()) {
        return Some(Response::error(401, "Unauthenticated."));
    }
    if matches!(route, Route::File(_)) {
        return None;
    }
    let is_json = |name| request.header(name).is_some_and(|value| value.starts_with("application/json"));
    if !is_json("accept") {
        return Some(Response::error(406, "The Accept header must be application/json."));
    }
    if !is_json("content-type") {
        return Some(Response::error(415, "The Content-Type header must be application/json."));
    }
    if matches!(route, Route::Logins) {
        return None;
    }
    match request.account() {
        None | Some("") => Some(Response::error(400, "The X-PLANNR-ACCOUNT-UUID header is required.")),
        Some(account) if world.firm_of(account).is_none() => {
            Some(Response::error(403, "This action is unauthorized."))
        }
        Some(_) => None,
    }
}

/// One request that may be answered.
struct Asked<'a> {
    /// All firms.
    server: &'a World,
    /// The firm whose imports are asked for.
    world: &'a World,
    request: &'a Request,
    at: f64,
    origin: &'a str,
}

#[derive(Serialize)]
struct Page<T> {
    data: Vec<T>,
    links: Value,
    meta: Value,
}

impl Asked<'_> {
    fn logins(&self) -> Response {
        let person = self.server.staff(0).map(|(account, _)| account);
        let login = |(nth, (firm, uuid, r#type)): (u64, (&Firm, &str, &str))| {
            let mut account = json!(person);
            if let Some(fields) = account.as_object_mut() {
                for (field, value) in [("uuid", uuid), ("type", r#type), ("role", firm.role)] {
                    fields.insert(field.to_owned(), json!(value));
                }
            }
            json!({
                "uuid": dice::uuid(0x1091, nth),
                "created_at": "2024-02-05T09:12:41+00:00",
                "account": account,
                "firm": encode::firm(firm),
            })
        };
        let clients_firm = Firm::of_client();
        let client = dice::uuid(clients_firm.accounts, 0);
        let own = self.server.firms().map(|world| (world.firm(), world.account(), "employee"));
        let shared = self.server.shared_account().map(|account| (self.server.firm(), account, "employee"));
        let all = iter::once((&clients_firm, client.as_str(), "client")).chain(own).chain(shared);
        let body = json!({
            "data": (0..).zip(all).map(login).collect::<Vec<_>>(),
            "preferred_account_uuid": self.server.account(),
        });
        Response::json(200, body.to_string())
    }

    fn list(&self) -> Result<Response, Refusal> {
        let query = Query::parse(self.request.query())?;
        let found = self.found(&query);
        let from = (query.page - 1).saturating_mul(query.per_page);
        let page = found.iter().skip(from).take(query.per_page);
        let data =
            page.map(|import| encode::import(import, &self.view(import, query.initiated_by_included, false)));
        let data: Vec<_> = data.collect();
        let path = format!("{}{LIST}", self.origin);
        let paging = Paging { query: &query, path: &path, total: found.len(), here: data.len() };
        Ok(encoded(&Page { links: paging.links(), meta: paging.meta(), data }))
    }

    /// What the filters leave, sorted.
    fn found(&self, query: &Query) -> Vec<Arc<Import>> {
        let candidates = match &query.uuids {
            Some(uuids) => {
                let mut uuids: Vec<&String> = uuids.iter().collect();
                uuids.sort();
                uuids.dedup();
                uuids.into_iter().filter_map(|uuid| self.world.find(uuid, self.at)).collect()
            }
            None => self.world.all(self.at),
        };
        let mut found: Vec<_> = candidates.into_iter().filter(|import| self.matches(query, import)).collect();
        found.sort_by(|a, b| {
            let key = |import: &Import| match query.sort {
                Sort::CreatedAt => import.life.created_at(),
                Sort::UpdatedAt => import.updated_at(self.at),
            };
            let order = key(a).total_cmp(&key(b)).then(a.sequence.cmp(&b.sequence));
            if query.descending { order.reverse() } else { order }
        });
        found
    }

    fn matches(&self, query: &Query, import: &Import) -> bool {
        let among = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|other| other == word))
        };
        let created = self.world.options().start.as_second() + import.life.created_at().floor() as i64;
        let staff = self.world.staff(import.staff).map(|(_, uuid)| uuid);
        among(&query.types, import.kind.name)
            && !query.exclude_types.iter().any(|other| other == import.kind.name)
            && among(&query.modes, import.mode)
            && among(&query.statuses, import.status(self.at))
            && query.from.is_none_or(|from| created >= from)
            && query.before.is_none_or(|before| created < before)
            && query.initiated_by.as_deref().is_none_or(|by| Some(by) == staff)
    }

    fn show(&self, uuid: &str) -> Result<Response, Refusal> {
        let with_account = query::included(self.request.query())?;
        Ok(match self.world.find(uuid, self.at) {
            Some(import) => encoded(&encode::import(&import, &self.view(&import, with_account, true))),
            None => Response::error(404, &format!("No query results for model [App\\Models\\Import] {uuid}")),
        })
    }

    fn file(&self, uuid: &str) -> Response {
        // A browser sends no account header.
        let mut imports = self.server.firms().flat_map(|world| world.all(self.at));
        let found = imports.find(|import| import.file_uuid == uuid);
        match found.filter(|import| import.has_report(self.at)) {
            Some(import) => {
                let name =
                    format!("attachment; filename=\"{}-errors.csv\"", import.kind.name.replace('_', "-"));
                let file = Response::new(200, "text/csv; charset=UTF-8", import.report());
                ranges::ranged(self.request, file.with("content-disposition", &name), uuid)
            }
            None => Response::error(404, "File not found."),
        }
    }

    fn view(&self, import: &Import, with_account: bool, alone: bool) -> View<'_> {
        View {
            options: self.world.options(),
            at: self.at,
            origin: self.origin,
            alone,
            account: self.world.staff(import.staff).filter(|_| with_account).map(|(account, _)| account),
        }
    }
}

fn encoded(body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => Response::json(200, body),
        Err(_) => Response::error(500, "Server Error"),
    }
}

fn validation_error(refusal: &Refusal) -> Response {
    match &refusal.parameter {
        Some(parameter) => {
            let errors = json!({ parameter.as_str(): [refusal.message] });
            Response::json(
                refusal.status,
                json!({ "message": refusal.message, "errors": errors }).to_string(),
            )
        }
        None => Response::error(refusal.status, &refusal.message),
    }
}

/// Laravel's `links` and `meta` (its length-aware paginator).
struct Paging<'a> {
    query: &'a Query,
    path: &'a str,
    total: usize,
    here: usize,
}

impl Paging<'_> {
    fn last(&self) -> usize {
        self.total.div_ceil(self.query.per_page).max(1)
    }

    /// The link to a page, with the query as it was asked.
    fn page(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query.rest).append_pair("page", &page.to_string());
        format!("{}?{}", self.path, query.finish())
    }

    fn previous(&self) -> Option<String> {
        (self.query.page > 1).then(|| self.page(self.query.page - 1))
    }

    fn next(&self) -> Option<String> {
        (self.query.page < self.last()).then(|| self.page(self.query.page + 1))
    }

    fn links(&self) -> Value {
        json!({
            "first": self.page(1),
            "last": self.page(self.last()),
            "prev": self.previous(),
            "next": self.next(),
        })
    }

    fn meta(&self) -> Value {
        let from = (self.query.page - 1).saturating_mul(self.query.per_page) + 1;
        json!({
            "current_page": self.query.page,
            "from": (self.here > 0).then_some(from),
            "last_page": self.last(),
            "links": self.buttons(),
            "path": self.path,
            "per_page": self.query.per_page,
            "to": (self.here > 0).then_some(from + self.here.saturating_sub(1)),
            "total": self.total,
        })
    }

    /// The pages near this one and at the ends, between the arrows.
    fn buttons(&self) -> Vec<Value> {
        let (here, last) = (self.query.page, self.last());
        let mut shown: Vec<usize> = [1, 2, last.saturating_sub(1), last].to_vec();
        shown.extend(here.saturating_sub(3)..=here.saturating_add(3));
        shown.retain(|page| (1..=last).contains(page));
        shown.sort_unstable();
        shown.dedup();
        let button = |url: Option<String>, label: &str, active| json!({ "url": url, "label": label, "active": active });
        let mut buttons = vec![button(self.previous(), "&laquo; Previous", false)];
        let mut before = 0;
        for page in shown {
            if page > before + 1 {
                buttons.push(button(None, "...", false));
            }
            buttons.push(button(Some(self.page(page)), &page.to_string(), page == here));
            before = page;
        }
        buttons.push(button(self.next(), "Next &raquo;", false));
        buttons
    }
}
