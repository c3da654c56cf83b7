//! A simulated Plannr answering without a socket, read as answers over HTTP are: for tests on a paused clock.

use std::time::Duration;

use plannr_tui::api::{self, ListQuery};
use plannr_tui::domain::account::{AccountId, Logins};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, ImportId, Link};
use plannr_tui::domain::page::{ListRequest, Page};
use plannr_tui::simulator::{Response, World};
use url::Url;

/// What the list route answers at a world time, to the usual account if no other is named.
pub fn list(
    world: &World,
    account: Option<&AccountId>,
    ask: &ListRequest,
    at: Duration,
) -> Result<Page, Fault> {
    list_and_size(world, account, ask, at).0
}

/// The same, and how many bytes it is.
pub fn list_and_size(
    world: &World,
    account: Option<&AccountId>,
    ask: &ListRequest,
    at: Duration,
) -> (Result<Page, Fault>, usize) {
    let mut url = Url::parse("http://localhost/api/v1/import").unwrap();
    match ask {
        ListRequest::Next { cursor, .. } => url = cursor.0.clone(),
        _ => {
            url.query_pairs_mut().extend_pairs(ListQuery::of(ask).unwrap().pairs());
        }
    }
    let response = get(world, account, &url, at);
    let size = response.body.len();
    if response.status == 403 {
        return (Err(Fault::Forbidden("This action is unauthorized.".into())), size);
    }
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    (api::wire::page(&response.body, &url, ask.samples()), size)
}

/// What the show route answers at a world time.
pub fn import(
    world: &World,
    account: Option<&AccountId>,
    id: &ImportId,
    at: Duration,
) -> Result<Import, Fault> {
    let url = Url::parse(&format!("http://localhost/api/v1/import/{id}?include=initiatedBy")).unwrap();
    let response = get(world, account, &url, at);
    if response.status == 404 {
        return Err(Fault::NotFound);
    }
    api::wire::import(&response.body, id, &url).map(|(import, _)| import)
}

/// What the logins route answers at a world time.
pub fn logins(world: &World, at: Duration) -> Result<Logins, Fault> {
    let url = Url::parse("http://localhost/api/v1/logins").unwrap();
    api::wire::logins(&get(world, None, &url, at).body, &url).map(|(logins, ..)| logins)
}

/// What a download link leads to at a world time.
pub fn download(world: &World, link: &Link, at: Duration) -> Vec<u8> {
    get(world, None, &Url::parse(link.as_str()).unwrap(), at).body
}

fn get(world: &World, account: Option<&AccountId>, url: &Url, at: Duration) -> Response {
    let request = world.get(&format!("{}?{}", url.path(), url.query().unwrap_or_default()));
    let account = account.map_or(world.account(), AccountId::as_str);
    world.answer(&request.with("x-plannr-account-uuid", account), at)
}
