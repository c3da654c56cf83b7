//! The account that requests are made as: one user may hold accounts in several firms.

use std::fmt;
use std::sync::Arc;

use super::fault::Fault;
use super::import::plain_id;
use super::redact::Redaction;
use super::text::SafeText;

/// `account.uuid`, sent as `X-PLANNR-ACCOUNT-UUID`, and the profile whose server and token it belongs to. Not the uuid of
/// the login.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    uuid: SafeText,
    /// `None` unless several profiles are watched: two servers may use one uuid.
    profile: Option<Arc<str>>,
}

impl AccountId {
    /// Accepts only letters, digits, `-` and `_`, because the id becomes a header.
    pub fn new(raw: &str) -> Option<Self> {
        Some(Self { uuid: plain_id(raw)?, profile: None })
    }

    /// The same uuid on a profile's server.
    #[must_use]
    pub fn of_profile(self, profile: &Arc<str>) -> Self {
        Self { profile: Some(Arc::clone(profile)), ..self }
    }

    pub fn profile(&self) -> Option<&Arc<str>> {
        self.profile.as_ref()
    }

    /// The uuid.
    pub fn as_str(&self) -> &str {
        self.uuid.as_str()
    }

    pub fn text(&self) -> &SafeText {
        &self.uuid
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

/// The answer of `GET /api/v1/logins`, or those of several profiles as one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logins {
    /// Every account of the user, in the server's order.
    pub accounts: Vec<Account>,
    /// `preferred_account_uuid`; of several profiles, the accounts that each of them is for.
    pub preferred: Vec<AccountId>,
    /// The profiles whose accounts are not known.
    pub missing: Vec<MissingProfile>,
}

/// A profile whose accounts are not known, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingProfile {
    pub name: Arc<str>,
    pub why: Refusal,
}

impl MissingProfile {
    /// The sentence that may be shown.
    pub fn describe(&self, redaction: Redaction) -> String {
        let why = match &self.why {
            Refusal::Fault { host, fault } => format!("{host}: {}", fault.with_advice(redaction)),
            Refusal::Account(why) | Refusal::Token(why) => why.clone(),
        };
        format!("profile {}: {why}", SafeText::new(&self.name))
    }

    /// Whether asking again may help without anybody doing anything.
    pub fn may_return(&self) -> bool {
        matches!(&self.why, Refusal::Fault { fault, .. } if fault.retryable())
    }
}

impl Logins {
    /// The answers of several profiles, each with the accounts that are wanted there, as one. A profile that has no such
    /// account is missing; what two firms of different profiles are called says which is which.
    #[must_use]
    pub fn merged(
        profiles: impl IntoIterator<Item = (Arc<str>, WantedAccounts, Result<Self, Refusal>)>,
    ) -> Self {
        let mut all = Self::default();
        for (name, wanted, answer) in profiles {
            let picked = answer.and_then(|logins| {
                let picked = logins.pick(&wanted).map_err(Refusal::Account)?;
                let picked: Vec<_> = picked.into_iter().map(|account| account.id.clone()).collect();
                Ok((logins, picked))
            });
            match picked {
                Ok((logins, picked)) => {
                    let of_profile = |id: AccountId| id.of_profile(&name);
                    all.preferred.extend(picked.into_iter().map(of_profile));
                    let accounts = logins.accounts.into_iter();
                    all.accounts.extend(
                        accounts.map(|account| Account { id: of_profile(account.id.clone()), ..account }),
                    );
                }
                Err(why) => all.missing.push(MissingProfile { name, why }),
            }
        }
        let labels: Vec<_> =
            all.accounts.iter().map(|it| (it.label().clone(), it.id.profile().cloned())).collect();
        for account in &mut all.accounts {
            let profile = account.id.profile();
            let is_elsewhere =
                labels.iter().any(|(label, of)| label == account.label() && of.as_ref() != profile);
            if let Some(profile) = profile.filter(|_| is_elsewhere) {
                account.firm = SafeText::new(&format!("{profile}/{}", account.label()));
            }
        }
        all
    }

    /// The accounts to use when the user names none: the preferred one, else the first that is not a client's, else the
    /// first; of several profiles, what each of them is for. Empty if there is none.
    pub fn choose(&self) -> Vec<&Account> {
        let preferred: Vec<_> = self.preferred.iter().filter_map(|id| self.find(id)).collect();
        if !preferred.is_empty() {
            return preferred;
        }
        let first = self.of_firms().next().or_else(|| self.accounts.first());
        first.into_iter().collect()
    }

    /// The wanted accounts, each once; at least one.
    ///
    /// # Errors
    /// The token has none, or not that one; carries what to tell the user.
    pub fn pick(&self, wanted: &WantedAccounts) -> Result<Vec<&Account>, String> {
        let found = match wanted {
            WantedAccounts::Preferred => self.choose(),
            WantedAccounts::All => {
                let all: Vec<_> = self.of_firms().collect();
                if all.is_empty() { self.choose() } else { all }
            }
            WantedAccounts::These(ids) => {
                let find = |id| self.find(id).ok_or_else(|| self.without(id));
                ids.iter().map(find).collect::<Result<_, _>>()?
            }
            WantedAccounts::Each(wanted) => {
                let picked: Vec<_> =
                    wanted.iter().map(|wanted| self.pick(wanted)).collect::<Result<_, _>>()?;
                picked.concat()
            }
        };
        let mut picked: Vec<&Account> = Vec::new();
        for account in found {
            if !picked.contains(&account) {
                picked.push(account);
            }
        }
        if picked.is_empty() { Err("the token has no account in any firm".to_owned()) } else { Ok(picked) }
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
        let same = |other: &AccountId| {
            other.as_str().eq_ignore_ascii_case(id.as_str()) && other.profile() == id.profile()
        };
        self.accounts.iter().find(|account| same(&account.id))
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
    /// All that any of these names: profiles that share a token.
    Each(Vec<Self>),
}

impl WantedAccounts {
    /// The accounts that are known without asking for the logins.
    pub fn known(&self) -> &[AccountId] {
        match self {
            Self::These(ids) => ids,
            Self::Preferred | Self::All | Self::Each(_) => &[],
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
    /// There is no token, or the server refused it and there is no other, in a sentence.
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
            preferred: preferred.and_then(AccountId::new).into_iter().collect(),
            missing: Vec::new(),
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
            let chosen: Vec<_> = logins.choose().into_iter().map(|a| a.id.as_str()).collect();
            assert_eq!(chosen, expected.as_slice(), "{logins:?}");
        }
    }

    #[test]
    fn profiles_are_one_list_in_which_each_account_keeps_its_profile() {
        let [live, copy, away, other] = ["live", "copy", "away", "other"].map(Arc::<str>::from);
        let both = [("a", "adviser", "employee"), ("b", "adviser", "employee"), ("c", "client", "client")];
        let id = |id| AccountId::new(id).unwrap();
        let fault = Refusal::Fault { host: "x.example".into(), fault: Fault::TimedOut };
        let merged = Logins::merged([
            (Arc::clone(&live), WantedAccounts::Preferred, Ok(logins(&both, Some("b")))),
            (away, WantedAccounts::Preferred, Err(fault)),
            (Arc::clone(&copy), WantedAccounts::All, Ok(logins(&both, None))),
            (other, WantedAccounts::These(vec![id("z")]), Ok(logins(&both[..1], None))),
        ]);
        let picked: Vec<_> = merged.pick(&WantedAccounts::Preferred).unwrap();
        let expected = [("b", &live), ("a", &copy), ("b", &copy)];
        let expected = expected.map(|(uuid, profile)| id(uuid).of_profile(profile));
        assert_eq!(picked.iter().map(|it| it.id.clone()).collect::<Vec<_>>(), expected);
        let firms: Vec<_> = picked.iter().map(|account| account.firm.as_str()).collect();
        assert_eq!(firms[..2], ["live/Fairweather Wealth", "copy/Fairweather Wealth"]);
        assert_eq!((merged.accounts.len(), merged.find(&id("a"))), (6, None), "of which profile?");

        let missing = merged.missing.iter();
        let missing: Vec<_> =
            missing.map(|it| (it.describe(Redaction::default()), it.may_return())).collect();
        assert_eq!(
            missing,
            [
                (
                    "profile away: x.example: the server did not respond in time; check the network and the base URL"
                        .to_owned(),
                    true
                ),
                (
                    "profile other: the token has no account z; available: a (Fairweather Wealth, J. Okafor)"
                        .to_owned(),
                    false
                ),
            ]
        );
    }

    #[test]
    fn what_profiles_with_one_token_want_is_picked_once() {
        let two = logins(&[("a", "", ""), ("b", "", "")], None);
        let these =
            |ids: &[&str]| WantedAccounts::These(ids.iter().filter_map(|id| AccountId::new(id)).collect());
        for (wanted, expected) in [
            (vec![these(&["b"]), WantedAccounts::Preferred], vec!["b", "a"]),
            (vec![these(&["b"]), these(&["b"])], vec!["b"]),
            (vec![WantedAccounts::Preferred, WantedAccounts::All], vec!["a", "b"]),
        ] {
            let picked = two.pick(&WantedAccounts::Each(wanted)).unwrap();
            assert_eq!(picked.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), expected);
        }
    }
}
