//! The answer of `GET /api/v1/logins`.

use super::import::full_name;
use super::json::{Json, Members, Raw};
use super::oddities::Oddities;
use super::scalar::note;
use crate::domain::account::{Account, AccountId};
use crate::domain::text::SafeText;

/// Reads one login; `None` where its account has no usable uuid.
pub(super) fn account(raw: Raw<'_>, odd: &mut Oddities) -> Option<Account> {
    let login = object(Some(raw), odd);
    let account = object(login.get("account"), odd);
    let Some(id) = AccountId::new(note(account.get("uuid"), odd).as_str()) else {
        odd.note("account.uuid", "missing or unusable: the login is left out");
        return None;
    };
    let firm = login.get("firm").or(account.get("firm"));
    Some(Account {
        id,
        firm: firm_name(firm, odd),
        name: full_name(&account, odd),
        role: note(account.get("role"), odd),
        kind: note(account.get("type"), odd),
    })
}

/// `preferred_account_uuid`, beside `data` or in `meta`.
pub(super) fn preferred(answer: &Members<'_>, odd: &mut Oddities) -> Option<AccountId> {
    const NAME: &str = "preferred_account_uuid";
    let beside = note(answer.get(NAME), odd);
    let told = if beside.is_empty() { note(object(answer.get("meta"), odd).get(NAME), odd) } else { beside };
    AccountId::new(told.as_str())
}

fn firm_name(raw: Option<Raw<'_>>, odd: &mut Oddities) -> SafeText {
    match object(raw, odd).get("name") {
        Some(name) => note(Some(name), odd),
        None => note(raw, odd),
    }
}

fn object<'a>(raw: Option<Raw<'a>>, odd: &mut Oddities) -> Members<'a> {
    match raw.map(|raw| Json::of(raw, odd)) {
        Some(Json::Object(members)) => members,
        _ => Members::default(),
    }
}
