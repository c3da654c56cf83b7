//! Several firms on one server.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::http::{ask, send};
use super::{at, json, still, uuids};
use crate::simulator::{Canned, Life, Options, Request, Response, Shape, Simulator, World};

fn list_as(world: &World, account: &str) -> Request {
    world.get("/api/v1/import?per_page=500").with("x-plannr-account-uuid", account)
}

fn listed(world: &World, account: &str, seconds: f64) -> Value {
    let response = world.answer(&list_as(world, account), at(seconds));
    assert_eq!(response.status, 200);
    serde_json::from_slice(&response.body).unwrap()
}

fn accounts(world: &World) -> Vec<String> {
    world.firms().map(|firm| firm.account().to_owned()).collect()
}

#[test]
fn each_firm_sees_only_its_own_imports() {
    let options = Options { firms: 21, imports_elsewhere: Some(9), running_elsewhere: Some(1), ..still(30) };
    let world = World::new(&options);
    let mut seen = BTreeSet::new();
    for (nth, firm) in world.firms().enumerate() {
        let page = listed(&world, firm.account(), 0.0);
        assert_eq!(uuids(&page).len(), if nth == 0 { 30 } else { 9 });
        assert!(nth == 0 || firm.unfinished(at(0.0)).len() == 1);
        for uuid in uuids(&page) {
            let show = world.get(&format!("/api/v1/import/{uuid}"));
            for other in accounts(&world) {
                let status =
                    world.answer(&show.clone().with("x-plannr-account-uuid", &other), at(0.0)).status;
                assert_eq!(status, if other == firm.account() { 200 } else { 404 });
            }
            assert!(seen.insert(uuid), "in two firms");
        }
        // A report's link leads to it whoever asks.
        let imports = page["data"].as_array().unwrap().iter();
        let link = imports.filter_map(|import| import["error_report"]["download_url"].as_str()).next();
        let path = link.unwrap().replacen("http://localhost", "", 1);
        let bare = world.get(&path).without("x-plannr-account-uuid");
        assert_eq!(world.answer(&bare, at(0.0)).status, 200);
    }
    assert_eq!(seen.len(), 30 + 20 * 9);
}

#[test]
fn logins_list_the_client_then_every_firm() {
    let world = World::new(&Options { firms: 45, ..still(3) });
    let logins = json(&world, "/api/v1/logins", 0.0);
    let logins = logins["data"].as_array().unwrap();
    let of = |field: fn(&Value) -> &Value| -> Vec<&str> {
        logins.iter().map(|login| field(login).as_str().unwrap()).collect()
    };
    let names: Vec<&str> = world.firms().map(World::firm_name).collect();
    assert_eq!(
        (&of(|login| &login["firm"]["name"])[1..], of(|login| &login["account"]["type"])[0]),
        (&*names, "client")
    );
    assert_eq!(of(|login| &login["account"]["uuid"])[1..], accounts(&world));
    assert_eq!((names[20], names[41]), ("Fairweather Wealth 2", "Larkspur & Vole Pensions 3"));
    let fields: [fn(&Value) -> &Value; 4] = [
        |login| &login["uuid"],
        |login| &login["account"]["uuid"],
        |login| &login["firm"]["uuid"],
        |login| &login["firm"]["name"],
    ];
    for field in fields {
        assert_eq!(of(field).into_iter().collect::<BTreeSet<_>>().len(), 46);
    }
    assert_eq!(of(|login| &login["account"]["role"]).into_iter().collect::<BTreeSet<_>>().len(), 4);
}

#[test]
fn two_accounts_of_one_firm_see_the_same_imports() {
    let options = still(12);
    assert_eq!(World::new(&options).shared_account(), None);
    let world = World::new(&Options { shared_account: true, ..options });
    let shared = world.shared_account().unwrap();
    let logins = json(&world, "/api/v1/logins", 0.0);
    let last = logins["data"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["account"]["uuid"], &last["firm"]), (&shared.into(), &logins["data"][1]["firm"]));
    assert_ne!(shared, world.account());
    assert_eq!(listed(&world, shared, 0.0), listed(&world, world.account(), 0.0));
}

#[test]
fn an_import_starts_in_the_firm_and_at_the_moment_asked_for() {
    let none =
        Options { imports_elsewhere: Some(0), running_elsewhere: Some(0), running: Some(0), ..still(0) };
    let mut world = World::new(&Options { firms: 3, ..none });
    let life = || Life::new(5, Shape::Steady, 100, 0.0, 60.0, 1.0).waiting(10.0);
    let uuid = world.add_import(2, life()).unwrap();
    assert_eq!(world.add_import(3, life()), None);
    let at_each = |seconds| {
        let lists = accounts(&world).into_iter().map(|account| uuids(&listed(&world, &account, seconds)));
        lists.collect::<Vec<_>>()
    };
    assert!(at_each(49.0).concat().is_empty());
    assert_eq!(at_each(50.0), [vec![], vec![], vec![uuid.clone()]]);
    let firm = world.firms().nth(2).unwrap();
    assert_eq!(firm.truth(&uuid, at(110.0)).unwrap().total, 100);
}

#[test]
fn one_firm_fails_while_others_go_on_and_each_is_counted() {
    let simulator = Simulator::start(Options { firms: 4, ..still(3) }).unwrap();
    simulator.set_time(Duration::ZERO);
    let accounts = accounts(simulator.world());
    let path = "/api/v1/import?per_page=3";
    let header = |account: &str| format!("X-Plannr-Account-Uuid: {account}\r\n");
    let status = |account: &str, path: &str| {
        let answer = ask(&simulator, path, &header(account));
        String::from_utf8_lossy(&answer)[9..12].to_owned()
    };
    let (refused, broken, silent) = (accounts[1].clone(), accounts[2].clone(), accounts[3].clone());
    simulator.on_request(move |request| {
        let account = request.account().filter(|_| request.path() != "/api/v1/logins")?;
        let error = |status, message| Some(Canned::Answer(Response::error(status, message)));
        match account {
            _ if account == refused => error(403, "This action is unauthorized."),
            _ if account == broken => error(500, "Server Error"),
            _ if account == silent => Some(Canned::Hang),
            _ => None,
        }
    });
    let _waiting = send(&simulator, path, &header(&accounts[3]));
    while simulator.traffic().requests == 0 {
        std::thread::yield_now();
    }
    let statuses: Vec<String> = accounts[..3].iter().map(|account| status(account, path)).collect();
    assert_eq!(statuses, ["200", "403", "500"]);
    assert_eq!(status(&accounts[1], "/api/v1/logins"), "200");
    assert_eq!(status("nobody", path), "403");

    let traffic = simulator.traffic();
    let counts: Vec<u64> = accounts.iter().map(|account| traffic.by_account[account]).collect();
    assert_eq!((traffic.requests, traffic.by_account.len(), counts), (6, 4, vec![1, 2, 1, 1]));
    assert_eq!(simulator.requests_as(&accounts[1]), [format!("GET {path}"), "GET /api/v1/logins".into()]);
}
