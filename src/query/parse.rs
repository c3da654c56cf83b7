//! Turns terms into tests; reports the first error.

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};

use super::fields::{FIELDS, Field, Number, STATES, State, Takes, Text};
use super::matcher::{Test, Word};
use super::scan::{Name, Names, Part, Term, terms};
use super::value::{Comparison, Moment, duration, number};
use super::{Clause, FilterError};
use crate::domain::digest::Pairs;
use crate::suggest::nearest;

/// Leaves out terms that do not filter anything yet, and invalid ones; the first error.
pub(super) fn clauses(text: &str) -> (Vec<Clause>, Option<FilterError>) {
    let (mut clauses, mut error) = (Vec::new(), None);
    for term in terms(text, Names::Fields) {
        match clause(term) {
            Ok(clause) if clause.tests.is_empty() => {}
            Ok(clause) => clauses.push(clause),
            Err(found) => error = error.or(Some(found)),
        }
    }
    (clauses, error)
}

fn clause(term: Term) -> Result<Clause, FilterError> {
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
            let message = "- negates a whole term, as in -type:clients,plans; put a literal - in quotes";
            return Err(error(part, message));
        }
        match field {
            Some(field) => tests.extend(value(field, part)?),
            None => tests.push(Test::Word(Word::new(&part.text, part.literal))),
        }
    }
    Ok(Clause { negated: term.negated, tests })
}

fn known(name: &Name) -> Result<&'static Field, FilterError> {
    Field::named(&name.text).ok_or_else(|| {
        let typed = &name.text;
        let message = match nearest(typed, FIELDS.iter().map(|field| field.name)) {
            Some(near) => format!("unknown field {typed}: did you mean {near}:?"),
            None => format!("unknown field {typed}; the fields are {}", list(FIELDS.iter().map(|f| f.name))),
        };
        FilterError { span: name.span.clone(), message }
    })
}

fn value(field: &'static Field, part: &Part) -> Result<Vec<Test>, FilterError> {
    let one = |test: Option<Test>, what: &str| {
        test.map(|test| vec![test]).ok_or_else(|| error(part, format!("{}: takes {what}", field.name)))
    };
    match field.takes {
        Takes::Text(Text::By) if !part.literal && part.text.eq_ignore_ascii_case("me") => Ok(vec![Test::Me]),
        Takes::Text(which) => Ok(text(part, |atom, _| Test::Text(which, atom))),
        Takes::Uuid => Ok(text(part, |atom, value| Test::Uuid(atom, Pairs::of(value.as_bytes())))),
        Takes::Number(Number::Progress) => {
            one(progress(&part.text), "a whole percentage from 0 to 100, as in progress:<50")
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
            let word = part.text.to_ascii_lowercase();
            let report = "report".starts_with(&word).then_some(Test::Report);
            let failures = || "failures".starts_with(&word).then(|| count(Number::Failed, ">0")).flatten();
            one(report.or_else(failures), "report or failures")
        }
    }
}

/// No test while nothing follows `=`.
fn text(part: &Part, test: impl Fn(Atom, &str) -> Test) -> Vec<Test> {
    let whole = if part.literal { None } else { part.text.strip_prefix('=') };
    let value = whole.unwrap_or(&part.text);
    let kind = if whole.is_some() { AtomKind::Exact } else { AtomKind::Substring };
    let atom = || Atom::new(value, CaseMatching::Ignore, Normalization::Smart, kind, false);
    if value.is_empty() { Vec::new() } else { vec![test(atom(), value)] }
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

/// The state of that name, else all states whose name starts with it.
fn states(part: &Part) -> Result<Vec<Test>, FilterError> {
    let typed = part.text.to_ascii_lowercase();
    let matching = |fits: &dyn Fn(&State) -> bool| -> Vec<Test> {
        STATES.iter().filter(|state| fits(state)).map(Test::State).collect()
    };
    let exact = matching(&|state| state.name == typed);
    let found = if exact.is_empty() { matching(&|state| state.name.starts_with(&typed)) } else { exact };
    if found.is_empty() {
        let names = || STATES.iter().map(|state| state.name);
        let hint = nearest(&typed, names()).map_or_else(
            || format!("is: takes {}", list(names())),
            |near| format!("did you mean is:{near}?"),
        );
        return Err(error(part, hint));
    }
    Ok(found)
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn error(part: &Part, message: impl Into<String>) -> FilterError {
    FilterError { span: part.span.clone(), message: message.into() }
}
