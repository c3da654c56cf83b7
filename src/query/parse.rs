//! Terms into tests, or the first mistake.

use super::fields::{FIELDS, Field, Number, STATES, State, Takes, Text};
use super::matcher::{Test, Word};
use super::scan::{Name, Names, Part, Term, terms};
use super::value::{Comparison, Moment, duration, number};
use super::{Clause, Mistake};
use crate::suggest::nearest;

/// Reads a filter; terms that restrict nothing yet are left out.
pub(super) fn clauses(text: &str) -> Result<Vec<Clause>, Mistake> {
    let clauses = terms(text, Names::Fields).into_iter().map(clause).collect::<Result<Vec<_>, _>>()?;
    Ok(clauses.into_iter().filter(|clause| !clause.tests.is_empty()).collect())
}

fn clause(term: Term) -> Result<Clause, Mistake> {
    let mut tests = Vec::new();
    let mut field = None;
    for part in &term.parts {
        if let Some(name) = &part.field {
            field = Some(known(name)?);
        }
        if part.text.is_empty() || (part.text == "-" && !part.literal) {
            continue;
        }
        if part.text.starts_with('-') && !part.literal {
            let message = "- stands before a whole term, as in -type:clients,plans; quote it if it is meant";
            return Err(mistake(part, message));
        }
        match field {
            Some(field) => tests.extend(value(field, part)?),
            None => tests.push(Test::Word(Word::new(&part.text, part.literal))),
        }
    }
    Ok(Clause { negated: term.negated, tests })
}

fn known(name: &Name) -> Result<&'static Field, Mistake> {
    Field::named(&name.text).ok_or_else(|| {
        let typed = &name.text;
        let message = match nearest(typed, FIELDS.iter().map(|field| field.name)) {
            Some(near) => format!("no field is called {typed}: did you mean {near}:?"),
            None => format!("no field is called {typed}; there are {}", list(FIELDS.iter().map(|f| f.name))),
        };
        Mistake { span: name.span.clone(), message }
    })
}

fn value(field: &'static Field, part: &Part) -> Result<Vec<Test>, Mistake> {
    let one = |test: Option<Test>, what: &str| {
        test.map(|test| vec![test]).ok_or_else(|| mistake(part, format!("{}: takes {what}", field.name)))
    };
    match field.takes {
        Takes::Text(which) => Ok(text(which, part).into_iter().collect()),
        Takes::Number(Number::Progress) => {
            one(progress(&part.text), "a whole per cent from 0 to 100, as in progress:<50")
        }
        Takes::Number(which) => {
            let what = format!("a whole number, as in {0}:>0 or {0}:>=1.5k", field.name);
            one(count(which, &part.text), &what)
        }
        Takes::Age => one(age(&part.text), "< or > and a duration, as in age:<2h or age:>1d12h"),
        Takes::Since => one(
            Moment::parse(&part.text).map(Test::Since),
            "a day, today, yesterday or a duration, as in since:2026-11-01 or since:3d",
        ),
        Takes::Until => one(
            Moment::parse(&part.text).map(Test::Until),
            "a day, today, yesterday or a duration, as in until:2026-11-30 or until:3d",
        ),
        Takes::State => states(part),
        Takes::Has => {
            one("report".starts_with(&part.text.to_ascii_lowercase()).then_some(Test::Report), "report")
        }
    }
}

/// `None` while nothing stands after `=`.
fn text(which: Text, part: &Part) -> Option<Test> {
    let whole = if part.literal { None } else { part.text.strip_prefix('=') };
    let value = whole.unwrap_or(&part.text);
    (!value.is_empty()).then(|| Test::text(which, value, whole.is_some()))
}

fn count(which: Number, text: &str) -> Option<Test> {
    let (comparison, value) = Comparison::split(text);
    Some(Test::Number(which, comparison.unwrap_or(Comparison::Equal), number(value)?))
}

fn progress(text: &str) -> Option<Test> {
    let test = count(Number::Progress, text.strip_suffix('%').unwrap_or(text))?;
    matches!(test, Test::Number(_, _, ..=100)).then_some(test)
}

fn age(text: &str) -> Option<Test> {
    let (comparison, age) = Comparison::split(text);
    let comparison = comparison.unwrap_or(Comparison::AtMost);
    (comparison != Comparison::Equal).then_some(Test::Age(comparison, duration(age)?))
}

/// The state of that name, or every state whose name begins so.
fn states(part: &Part) -> Result<Vec<Test>, Mistake> {
    let typed = part.text.to_ascii_lowercase();
    let such = |fits: &dyn Fn(&State) -> bool| -> Vec<Test> {
        STATES.iter().filter(|state| fits(state)).map(Test::State).collect()
    };
    let exact = such(&|state| state.name == typed);
    let found = if exact.is_empty() { such(&|state| state.name.starts_with(&typed)) } else { exact };
    if found.is_empty() {
        let names = || STATES.iter().map(|state| state.name);
        let hint = nearest(&typed, names()).map_or_else(
            || format!("is: takes {}", list(names())),
            |near| format!("did you mean is:{near}?"),
        );
        return Err(mistake(part, hint));
    }
    Ok(found)
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn mistake(part: &Part, message: impl Into<String>) -> Mistake {
    Mistake { span: part.span.clone(), message: message.into() }
}
