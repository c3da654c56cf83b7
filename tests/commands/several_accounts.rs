//! Several accounts in one command: whose imports, in which order, and what happens where one refuses.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::*;

/// The accounts that are not a client's, the preferred one first.
fn accounts(simulator: &Simulator) -> [String; 2] {
    let accounts: Vec<_> = simulator.world().firms().map(|firm| firm.account().to_owned()).collect();
    accounts.try_into().unwrap()
}

/// Answers whatever is asked as this account.
fn refuse(simulator: &Simulator, account: &str, status: u16) {
    let account = account.to_owned();
    simulator.on_request(move |request| {
        let is_its = request.account() == Some(&account);
        is_its.then(|| Canned::Answer(Response::error(status, "No.")))
    });
}

fn records(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn several_accounts_are_one_list_that_names_whose_each_import_is() {
    let simulator = simulator(300);
    let [first, second] = accounts(&simulator);
    let own =
        |account: &str| records(&data(&simulator, &format!("list --since 10y --json --account {account}")));
    let (mine, others) = (own(&first), own(&second));
    let firms = [&mine, &others].map(|imports| imports[0]["firm"].as_str().unwrap().to_owned());
    assert!(firms[0] != firms[1] && mine.len() > 250 && others.len() > 3, "{firms:?} {}", others.len());
    assert!(others.iter().all(|import| import["account_uuid"] == *second && import["firm"] == *firms[1]));

    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    simulator.on_request(move |request| {
        let account = request.account().map(str::to_owned);
        seen.lock().unwrap().extend(account.filter(|_| request.path() == "/api/v1/import"));
        None
    });
    let all = records(&data(&simulator, "list --since 10y --json --all-accounts"));
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    assert_eq!(asked, [first.as_str(), &first, &second], "two pages and one");
    let mut expected: Vec<_> = mine.iter().chain(&others).cloned().collect();
    let order = |import: &Value| {
        Reverse(["created_at", "uuid"].map(|name| import[name].as_str().unwrap().to_owned()))
    };
    expected.sort_by_key(order);
    let uuids = |imports: &[Value]| imports.iter().map(|import| import["uuid"].clone()).collect::<Vec<_>>();
    assert_eq!(uuids(&all).iter().collect::<HashSet<_>>(), uuids(&expected).iter().collect());
    assert!(all.iter().all(|import| expected.contains(import)), "as in the list of its account");
    assert!(
        all.is_sorted_by(|a, b| a["created_at"].as_str() >= b["created_at"].as_str()),
        "newest first over all"
    );

    let named = format!("list --since 10y --json --account {second} --account {first}");
    assert_eq!(records(&data(&simulator, &named)), all);
    let newest = data(&simulator, "list --since 10y --json --all-accounts --limit 9");
    assert_eq!(records(&newest), all[..9]);
    let sorted = records(&data(&simulator, "list --since 10y --json --all-accounts --sort firm --limit 9"));
    assert!(sorted.is_sorted_by(|a, b| a["firm"].as_str() <= b["firm"].as_str()), "{sorted:?}");
    let mut of_one = command(&simulator, "list --since 10y --json --all-accounts");
    let (code, out, _) = outcome(of_one.env("PLANNR_ACCOUNT_UUID", &first).output().unwrap());
    assert_eq!((code, records(&out)), (0, all.clone()), "the flag overrides the variable");
    let tabs = data(&simulator, "list --since 10y --all-accounts");
    assert!(tabs.lines().next().unwrap().ends_with("\taccount_uuid\tfirm\tprofile"));
    assert_eq!(tabs.lines().filter(|line| line.ends_with(&format!("{}\t", firms[1]))).count(), others.len());
}

#[test]
fn an_import_that_two_accounts_see_is_listed_once_under_the_first() {
    let simulator = Simulator::start(Options { shared_account: true, firms: 1, ..options(40) }).unwrap();
    simulator.set_time(Duration::from_secs(600));
    let [first, second] = [simulator.account(), simulator.world().shared_account().unwrap()];
    let both = records(&data(&simulator, "list --since 10y --json --all-accounts"));
    assert_eq!(both.len(), 40);
    assert!(both.iter().all(|import| import["account_uuid"] == *first));
    let turned = format!("list --since 10y --json --account {second} --account {first}");
    let turned = records(&data(&simulator, &turned));
    assert!(turned.len() == 40 && turned.iter().all(|import| import["account_uuid"] == *second));
}

#[test]
fn a_firm_that_refuses_is_named_and_leaves_the_others_in_the_list() {
    let simulator = simulator(40);
    let [_, second] = accounts(&simulator);
    let others = records(&data(&simulator, &format!("list --since 10y --json --account {second}")));
    let firm = others[0]["firm"].as_str().unwrap();
    for (status, code, why) in [(403, 4, "does not allow this (403)"), (503, 5, "server error (503)")] {
        refuse(&simulator, &second, status);
        let line = "list --since 10y --json --all-accounts --retry-for 0s";
        let (found, out, stderr) = run(&simulator, line);
        assert_eq!((found, records(&out).len()), (code, 40), "{stderr}");
        assert!(stderr.contains(&format!("{firm}: ")) && stderr.contains(why), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let line = format!("list --since 10y --json --account {second} --retry-for 0s");
        let (found, out, stderr) = run(&simulator, &line);
        assert_eq!((found, out.as_str()), (code, ""), "the only one: {stderr}");
    }
    for line in ["list", "wait --all-running --since 10y"] {
        let (code, out, stderr) = run(&simulator, &format!("{line} --account {second} --account {NOBODY}"));
        assert_eq!((code, out.as_str()), (4, ""), "{line}");
        assert!(stderr.contains(&format!("the token has no account {NOBODY}")), "{stderr}");
    }
}

#[test]
fn a_wait_for_all_accounts_goes_on_without_one_that_refuses_and_ends_with_it() {
    let options = Options { imports: 20, keep_starting: false, speed: 600.0, ..Options::default() };
    let line = "wait --all-running --all-accounts --since 10y --interval 500ms --timeout 60s --json";
    let simulator = Simulator::start(options.clone()).unwrap();
    let [first, second] = accounts(&simulator);
    let (code, out, stderr) = run(&simulator, line);
    assert!(matches!(code, 0 | 3), "{code}: {stderr}");
    let waited = records(&out);
    let of = |account: &str| waited.iter().filter(|import| import["account_uuid"] == *account).count();
    assert!(of(&first) > 0 && of(&second) > 0 && of(&first) + of(&second) == waited.len(), "{out}");
    assert!(waited.iter().all(|import| import["verdict"] != "running"), "{out}");

    // The list of the second is given, and from then on nothing.
    let simulator = Simulator::start(options).unwrap();
    let mut listed = false;
    simulator.on_request(move |request| {
        let is_its = request.account() == Some(&second);
        let refused = is_its && listed;
        listed |= is_its;
        refused.then(|| Canned::Answer(Response::error(403, "No.")))
    });
    let (code, out, stderr) = run(&simulator, line);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains(": Plannr does not allow this (403)"), "{stderr}");
    let waited = records(&out);
    let mut of_first = waited.iter().filter(|import| import["account_uuid"] == *first).peekable();
    assert!(of_first.peek().is_some() && of_first.all(|import| import["verdict"] != "running"), "{out}");
}

#[test]
fn accounts_marks_all_that_would_be_in_use() {
    let simulator = simulator(5);
    let [first, second] = accounts(&simulator);
    let in_use = |arguments: &str| {
        let (code, out, _) = run(&simulator, &format!("accounts --json {arguments}"));
        let marked = records(&out).into_iter().filter(|account| account["in_use"] == true);
        (code, marked.map(|account| account["uuid"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(in_use("--all-accounts"), (0, vec![first.clone(), second.clone()]), "not the client's");
    assert_eq!(in_use(&format!("--account {second}")), (0, vec![second.clone()]));
    assert_eq!(in_use(&format!("--account {second} --account {first}")), (0, vec![first, second.clone()]));
    assert_eq!(in_use(&format!("--account {NOBODY} --account {second}")), (4, vec![second]));
}

#[test]
fn a_table_of_several_accounts_has_their_firms() {
    let simulator = simulator(5);
    for (line, firms) in [("list --since 10y", false), ("list --since 10y --all-accounts", true)] {
        let mut command = hermetic(PROGRAM);
        command.env("PLANNR_BASE_URL", simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", simulator.token());
        command.args(line.split_whitespace());
        let left = Pty::start(command, 160, 60).end();
        let heading = left.screen.lines().next().unwrap();
        assert_eq!((left.code, heading.contains("FIRM")), (Ok(0), firms), "{}", left.screen);
    }
}
