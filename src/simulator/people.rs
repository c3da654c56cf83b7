//! Made-up people, firms, places and products. Plainly invented: example domains, the telephone numbers Ofcom keeps
//! for drama, postcode areas and National Insurance prefixes that are never issued.

use fastrand::Rng;

use super::dice::{dice, mix, pick};
use super::words;

/// A firm in which the person who holds the token has an account.
pub(super) struct Firm {
    pub(super) name: String,
    /// What its uuid is made from.
    pub(super) number: u64,
    /// What the uuids of its accounts are made from.
    pub(super) accounts: u64,
    /// What the person who holds the token is there.
    pub(super) role: &'static str,
    /// Everybody who starts imports; the token belongs to the first.
    pub(super) staff: [Staff; 6],
}

/// Firms that run imports, and what the person who holds the token is there.
const FIRMS: [(&str, &str); 20] = [
    ("Fairweather Wealth", "adviser"),
    ("Larkspur & Vole Pensions", "administrator"),
    ("Pennywhistle Wealth Management", "paraplanner"),
    ("Oakmoss Financial Planning", "administrator"),
    ("Tolliver & Finch", "adviser"),
    ("Brambling Hall Advisers", "administrator"),
    ("Saltmarsh Pensions", "paraplanner"),
    ("Quillfeather & Sons", "administrator"),
    ("Northmere Private Clients", "adviser"),
    ("Dunnock Financial Services", "administrator"),
    ("Threadgold & Plume", "paraplanner"),
    ("Hazelwick Retirement Planning", "administrator"),
    ("Marchbanks Otter Wealth", "adviser"),
    ("Kittiwake Mortgages & Pensions", "administrator"),
    ("Copperbeech Advisers", "paraplanner"),
    ("Wetherlam & Teasel", "administrator"),
    ("Stonechat Asset Planning", "adviser"),
    ("Gorsedale Independent", "administrator"),
    ("Rookhope & Daughters", "paraplanner"),
    ("Lanternfield Wealth", "administrator"),
];

impl Firm {
    /// The `nth` firm (from 0) that runs imports; the names are numbered once they run out.
    pub(super) fn nth(nth: usize) -> Firm {
        let (name, role) = FIRMS.get(nth % FIRMS.len()).copied().unwrap_or_default();
        let round = nth / FIRMS.len() + 1;
        let seed = nth as u64;
        let (number, accounts, staff) = match nth {
            0 => (18, 0x57aff, STAFF),
            1 => (24, 0xb7a9c, STAFF),
            _ => (100 + seed, mix(0xf124, seed), staff(seed)),
        };
        let name = if round == 1 { name.to_owned() } else { format!("{name} {round}") };
        Firm { name, number, accounts, role, staff }
    }

    /// The firm in which the same person is a client.
    pub(super) fn of_client() -> Firm {
        let name = "Harbour & Thimble Financial Planning".to_owned();
        Firm { name, number: 36, accounts: 0xc11e, role: "client", staff: STAFF }
    }
}

/// Somebody who works at the firm and starts imports.
#[derive(Clone, Copy)]
pub(super) struct Staff {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) role: &'static str,
}

/// Those of the first firm.
pub(super) const STAFF: [Staff; 6] = [
    Staff { first: "Joan", last: "Okaforth", role: "adviser" },
    Staff { first: "Priya", last: "Sandharwell", role: "administrator" },
    Staff { first: "Gareth", last: "Llewynmoss", role: "administrator" },
    Staff { first: "Isla", last: "MacThistle", role: "paraplanner" },
    Staff { first: "Tomasz", last: "Wrenowski", role: "paraplanner" },
    Staff { first: "Bronwen", last: "O'Fennimore", role: "adviser" },
];

/// Those of another firm: the same person with other colleagues.
fn staff(firm: u64) -> [Staff; 6] {
    let mut dice = dice(0x57aff, firm);
    let mut staff = STAFF;
    for colleague in staff.iter_mut().skip(1) {
        let first = if dice.bool() { words::WOMEN } else { words::MEN };
        colleague.first = pick(first, &mut dice);
        colleague.last = pick(words::OTHER_SURNAMES, &mut dice);
    }
    staff
}

/// A client, a member or a dependant.
pub(super) struct Person {
    pub(super) title: &'static str,
    pub(super) first: &'static str,
    pub(super) last: String,
}

impl Person {
    pub(super) fn new(dice: &mut Rng) -> Person {
        let woman = dice.bool();
        Person {
            title: match (woman, dice.u8(0..20)) {
                (_, 0) => "Dr",
                (_, 1) => "Mx",
                (true, 2..10) => "Mrs",
                (true, 10..16) => "Ms",
                (true, _) => "Miss",
                (false, _) => "Mr",
            },
            first: if woman { pick(words::WOMEN, dice) } else { pick(words::MEN, dice) },
            last: surname(dice),
        }
    }

    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    pub(super) fn email(&self, dice: &mut Rng) -> String {
        let last: String = self.last.chars().filter(char::is_ascii_alphanumeric).collect();
        let first: String = self.first.chars().filter(char::is_ascii_alphabetic).collect();
        let domain = pick(words::DOMAINS, dice);
        match dice.u8(0..3) {
            0 => format!("{first}.{last}@{domain}"),
            1 => format!("{last}{}@{domain}", dice.u8(10..99)),
            _ => format!("{}{last}@{domain}", first.get(..1).unwrap_or("x")),
        }
        .to_lowercase()
    }
}

fn surname(dice: &mut Rng) -> String {
    match dice.u8(0..12) {
        0 => pick(words::OTHER_SURNAMES, dice).to_owned(),
        1 => format!("{}-{}", compound(dice), compound(dice)),
        _ => compound(dice),
    }
}

fn compound(dice: &mut Rng) -> String {
    format!("{}{}", pick(words::SURNAME_STARTS, dice), pick(words::SURNAME_ENDS, dice))
}

/// A number Ofcom keeps for drama, mobile.
pub(super) fn mobile(dice: &mut Rng) -> String {
    format!("07700 900{:03}", dice.u16(0..1000))
}

/// A number Ofcom keeps for drama, no area.
pub(super) fn landline(dice: &mut Rng) -> String {
    format!("01632 960{:03}", dice.u16(0..1000))
}

/// A National Insurance number with a prefix that is never issued.
pub(super) fn national_insurance(dice: &mut Rng) -> String {
    format!("QQ{:06}{}", dice.u32(0..1_000_000), pick(words::NI_SUFFIXES, dice))
}

pub(super) fn address_line(dice: &mut Rng) -> String {
    format!("{} {} {}", dice.u8(1..140), pick(words::STREETS, dice), pick(words::STREET_KINDS, dice))
}

pub(super) fn town(dice: &mut Rng) -> String {
    pick(words::TOWNS, dice).to_owned()
}

/// In an area that does not exist.
pub(super) fn postcode(dice: &mut Rng) -> String {
    let area = pick(&["QX", "VX", "XQ", "XV"], dice);
    let letter = |dice: &mut Rng| dice.choice(b"ABDEFGHJLNPQRSTUWXYZ").copied().map_or('A', char::from);
    format!("{area}{} {}{}{}", dice.u8(1..30), dice.u8(1..10), letter(dice), letter(dice))
}

pub(super) fn household(person: &Person, dice: &mut Rng) -> String {
    match dice.u8(0..3) {
        0 => format!("The {} Family", person.last),
        1 => format!("{} Family Trust", person.last),
        _ => format!("{} Household", person.last),
    }
}

/// The address at work of a member of staff.
pub(super) fn staff_email(nth: usize) -> String {
    STAFF.get(nth).map(Staff::email).unwrap_or_default()
}

impl Staff {
    pub(super) fn email(&self) -> String {
        let last: String = self.last.chars().filter(char::is_ascii_alphabetic).collect();
        format!("{}.{last}@fairweather-wealth.example", self.first).to_lowercase()
    }
}
