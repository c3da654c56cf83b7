//! The account that requests are made as: one user may hold accounts in several firms.

use std::fmt;

use super::fault::Fault;
use super::import::plain_id;
use super::text::SafeText;

/// `account.uuid`, sent as `X-PLANNR-ACCOUNT-UUID`. Not the uuid of the login.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(SafeText);

impl AccountId {
    /// Accepts only letters, digits, `-` and `_`, because the id becomes a header.
    pub fn new(raw: &str) -> Option<Self> {
        plain_id(raw).map(Self)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn text(&self) -> &SafeText {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One account that the token can act for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// `firm.name`; empty if not provided.
    pub firm: SafeText,
    /// The person's full name, or the part of it that is known.
    pub name: SafeText,
    /// `account.role`, for instance `adviser`; empty if not provided.
    pub role: SafeText,
    /// `account.type`, for instance `employee` or `client`; empty if not provided.
    pub kind: SafeText,
}

impl Account {
    /// An account of which only the id is known.
    pub fn unnamed(id: AccountId) -> Self {
        let none = SafeText::default;
        Self { id, firm: none(), name: none(), role: none(), kind: none() }
    }

    /// The firm, or the account's id where that is not known: what is shown.
    pub fn label(&self) -> &SafeText {
        if self.firm.is_empty() { self.id.text() } else { &self.firm }
    }

    pub fn firm_or_id(&self) -> &str {
        self.label().as_str()
    }

    /// Client accounts see no imports.
    pub fn is_client(&self) -> bool {
        [&self.role, &self.kind].into_iter().any(|word| word.as_str().eq_ignore_ascii_case("client"))
    }
}

/// The answer of `GET /api/v1/logins`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logins {
    /// Every account of the user, in the server's order.
    pub accounts: Vec<Account>,
    /// `preferred_account_uuid`.
    pub preferred: Option<AccountId>,
}

impl Logins {
    /// The account to use when the user names none: the preferred one, else the first that is not a client's, else the
    /// first; `None` if there is none.
    pub fn choose(&self) -> Option<&Account> {
        self.preferred
            .as_ref()
            .and_then(|id| self.find(id))
            .or_else(|| self.accounts.iter().find(|account| !account.is_client()))
            .or_else(|| self.accounts.first())
    }

    /// The wanted accounts, each once; at least one.
    ///
    /// # Errors
    /// The token has none, or not that one; carries what to tell the user.
    pub fn pick(&self, wanted: &WantedAccounts) -> Result<Vec<&Account>, String> {
        let none = || "the token has no account in any firm".to_owned();
        match wanted {
            WantedAccounts::Preferred => self.choose().map(|account| vec![account]).ok_or_else(none),
            WantedAccounts::All => {
                let all: Vec<_> = self.of_firms().collect();
                if all.is_empty() {
                    self.choose().map(|account| vec![account]).ok_or_else(none)
                } else {
                    Ok(all)
                }
            }
            WantedAccounts::These(ids) => {
                let mut picked: Vec<&Account> = Vec::new();
                for id in ids {
                    let account = self.find(id).ok_or_else(|| self.without(id))?;
                    if !picked.contains(&account) {
                        picked.push(account);
                    }
                }
                if picked.is_empty() { Err(none()) } else { Ok(picked) }
            }
        }
    }

    fn without(&self, id: &AccountId) -> String {
        let name = |account: &Account| format!("{} ({}, {})", account.id, account.firm, account.name);
        let names: Vec<String> = self.accounts.iter().map(name).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join("; ") };
        format!("the token has no account {id}; available: {names}")
    }

    /// The accounts that may have imports: all but a client's.
    pub fn of_firms(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| !account.is_client())
    }

    /// Ignores case.
    pub fn find(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id.as_str().eq_ignore_ascii_case(id.as_str()))
    }
}

/// Which of the token's accounts to act for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WantedAccounts {
    /// See [`Logins::choose`].
    #[default]
    Preferred,
    These(Vec<AccountId>),
    /// All but a client's.
    All,
}

impl WantedAccounts {
    /// The accounts that are known without asking for the logins.
    pub fn known(&self) -> &[AccountId] {
        match self {
            Self::These(ids) => ids,
            Self::Preferred | Self::All => &[],
        }
    }
}

/// Why signing in failed for good.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The server's answer, which no retry will change.
    Fault { host: SafeText, fault: Fault },
    /// The token has no such account, in a sentence.
    Account(String),
    /// The server refused the token and there is no other, in a sentence.
    Token(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { host, fault } => write!(f, "{host}: {fault}"),
            Self::Account(why) | Self::Token(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(accounts: &[(&str, &str, &str)], preferred: Option<&str>) -> Logins {
        let account = |(id, role, kind): &(&str, &str, &str)| Account {
            id: AccountId::new(id).unwrap(),
            firm: "Fairweather Wealth".into(),
            name: "J. Okafor".into(),
            role: (*role).into(),
            kind: (*kind).into(),
        };
        Logins {
            accounts: accounts.iter().map(account).collect(),
            preferred: preferred.and_then(AccountId::new),
        }
    }

    #[test]
    fn the_preferred_account_wins_else_the_first_non_client_one() {
        let both = [("c", "client", "client"), ("a", "adviser", "employee"), ("b", "", "")];
        let table = [
            (logins(&both, Some("b")), Some("b")),
            (logins(&both, Some("C")), Some("c")),
            (logins(&both, Some("gone")), Some("a")),
            (logins(&both, None), Some("a")),
            (logins(&[("x", "", "Client"), ("y", "Client", "")], None), Some("x")),
            (logins(&[], Some("a")), None),
        ];
        for (logins, expected) in table {
            assert_eq!(logins.choose().map(|a| a.id.as_str()), expected, "{logins:?}");
        }
    }
}
