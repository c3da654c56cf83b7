//! Laravel's rules as they judge a value, as strict as they are: what is imported again passes or fails by these.

/// What a field's value must be. An empty value passes all but `Required`, as a nullable field's does.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Required,
    /// In PHP's letters: `Y-m-d` or `d/m/Y`.
    DateFormat(&'static str),
    /// A date before this one, as `YYYY-MM-DD`.
    Before(&'static str),
    Numeric,
    Min(f64),
    Boolean,
    Email,
    /// Matches a pattern, given as what decides it.
    Regex(fn(&str) -> bool),
    In(&'static [&'static str]),
    Digits(usize),
    Max(usize),
    /// None of these, which the database has.
    Unique(&'static [&'static str]),
}

impl Check {
    /// What the validator says of a value that breaks it.
    pub(super) fn message(self, field: &str, value: &str) -> Option<String> {
        if self.passes(value) {
            return None;
        }
        let field = field.replace('_', " ");
        Some(match self {
            Self::Required => format!("The {field} field is required."),
            Self::DateFormat(format) => format!("The {field} does not match the format {format}."),
            Self::Before(_) => format!("The {field} must be a date before today."),
            Self::Numeric => format!("The {field} must be a number."),
            Self::Min(least) => format!("The {field} must be at least {least}."),
            Self::Boolean => format!("The {field} field must be true or false."),
            Self::Email => format!("The {field} must be a valid email address."),
            Self::Regex(_) => format!("The {field} format is invalid."),
            Self::In(_) => format!("The selected {field} is invalid."),
            Self::Digits(count) => format!("The {field} must be {count} digits."),
            Self::Max(most) => format!("The {field} must not be greater than {most} characters."),
            Self::Unique(_) => format!("The {field} has already been taken."),
        })
    }

    fn passes(self, value: &str) -> bool {
        if value.is_empty() {
            return !matches!(self, Self::Required);
        }
        match self {
            Self::Required => !value.trim().is_empty(),
            Self::DateFormat(format) => date(value, format).is_some(),
            // PHP cannot compare what it cannot read.
            Self::Before(day) => {
                let found = date(value, "Y-m-d");
                found.is_some_and(|found| Some(found) < date(day, "Y-m-d"))
            }
            Self::Numeric => is_numeric(value),
            // The size of what is not a number is its length.
            Self::Min(least) => {
                !is_numeric(value) || value.trim().parse::<f64>().is_ok_and(|value| value >= least)
            }
            Self::Boolean => matches!(value, "0" | "1"),
            Self::Email => is_email(value),
            Self::Regex(matches) => matches(value),
            Self::In(words) => words.contains(&value),
            Self::Digits(count) => value.len() == count && value.bytes().all(|b| b.is_ascii_digit()),
            Self::Max(most) => value.chars().count() <= most,
            Self::Unique(taken) => !taken.contains(&value),
        }
    }
}

/// Year, month and day of a date in exactly this format: `date_format` compares what it would write itself.
fn date(value: &str, format: &str) -> Option<(u16, u8, u8)> {
    let (separator, year_first) = if format == "Y-m-d" { ('-', true) } else { ('/', false) };
    let mut parts: Vec<&str> = value.split(separator).collect();
    if !year_first {
        parts.reverse();
    }
    let &[year, month, day] = parts.as_slice() else { return None };
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let (year, month, day) = (year.parse::<u16>().ok()?, month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day).then_some((year, month, day))
}

/// As PHP's `is_numeric`: blanks around a number are none of its business.
fn is_numeric(value: &str) -> bool {
    let blank = |c| matches!(c, ' ' | '\t' | '\n' | '\r');
    let number = value.trim_matches(blank);
    let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && unsigned.parse::<f64>().is_ok()
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let local = !local.is_empty() && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |label: &str| {
        let fits = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        !label.is_empty() && fits && !label.starts_with('-') && !label.ends_with('-')
    };
    local && domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_judged_as_laravel_does() {
        for (check, good, bad) in [
            (Check::Required, &["x"][..], &["", " "][..]),
            (
                Check::DateFormat("Y-m-d"),
                &["2024-02-29", ""],
                &["2023-02-29", "2024-2-9", "29/02/2024", " 2024-02-29"],
            ),
            (Check::DateFormat("d/m/Y"), &["29/02/2024"], &["2024-02-29", "29/2/2024", "31/04/2024"]),
            (Check::Before("2026-11-23"), &["2026-11-22"], &["2026-11-23", "22/11/2026"]),
            (
                Check::Numeric,
                &["1", "-1.5", " 12", ".5", "1e3"],
                &["£1", "1,000", "(1)", "1 000", "12\u{a0}", "inf"],
            ),
            (Check::Boolean, &["0", "1"], &["true", "yes", "1.0", " 1"]),
            (
                Check::Email,
                &["a.b+c@d-e.example"],
                &[" a@b.example", "a@b", "a b@c.example", "a@b..example", "é@b.example"],
            ),
            (Check::Digits(6), &["012345"], &["12345", "12-34-56"]),
            (Check::In(&["Mr"]), &["Mr"], &["mr", "Mr "]),
            (Check::Unique(&["a"]), &["b"], &["a"]),
        ] {
            assert!(good.iter().all(|value| check.message("x", value).is_none()), "{good:?}");
            assert!(bad.iter().all(|value| check.message("x", value).is_some()), "{bad:?}");
        }
    }
}
