//! The response of `GET /api/v1/logins`.

use super::import::full_name;
use super::json::{Json, Members, Raw};
use super::scalar::note;
use super::unexpected::Unexpected;
use crate::domain::account::{Account, AccountId};
use crate::domain::text::SafeText;

/// `None` if the account has no valid uuid.
pub(super) fn account(raw: Raw<'_>, unexpected: &mut Unexpected) -> Option<Account> {
    let login = object(Some(raw), unexpected);
    let account = object(login.get("account"), unexpected);
    let Some(id) = AccountId::new(note(account.get("uuid"), unexpected).as_str()) else {
        unexpected.note("account.uuid", "is missing or invalid: login skipped");
        return None;
    };
    let firm = login.get("firm").or(account.get("firm"));
    Some(Account {
        id,
        firm: firm_name(firm, unexpected),
        name: full_name(&account, unexpected),
        role: note(account.get("role"), unexpected),
        kind: note(account.get("type"), unexpected),
    })
}

/// `preferred_account_uuid`, next to `data` or in `meta`.
pub(super) fn preferred(response: &Members<'_>, unexpected: &mut Unexpected) -> Option<AccountId> {
    const NAME: &str = "preferred_account_uuid";
    let beside = note(response.get(NAME), unexpected);
    let preferred = if beside.is_empty() {
        note(object(response.get("meta"), unexpected).get(NAME), unexpected)
    } else {
        beside
    };
    AccountId::new(preferred.as_str())
}

fn firm_name(raw: Option<Raw<'_>>, unexpected: &mut Unexpected) -> SafeText {
    match object(raw, unexpected).get("name") {
        Some(name) => note(Some(name), unexpected),
        None => note(raw, unexpected),
    }
}

fn object<'a>(raw: Option<Raw<'a>>, unexpected: &mut Unexpected) -> Members<'a> {
    match raw.map(|raw| Json::of(raw, unexpected)) {
        Some(Json::Object(members)) => members,
        _ => Members::default(),
    }
}
