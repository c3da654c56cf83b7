//! Did you mean: the valid name nearest to a wrong one.

/// Letters that may be missing, extra, wrong or swapped.
const MOST_MISTAKES: usize = 2;

/// The name most likely meant, if any: one is a prefix of the other, or they are at most two letters apart.
/// Case does not matter.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let typed = typed.to_lowercase();
    let mistakes = |name: &str| {
        let name = name.to_lowercase();
        let begins = typed.len() > 1 && (name.starts_with(&typed) || typed.starts_with(&name));
        if begins { 1 } else { strsim::osa_distance(&typed, &name) }
    };
    let (mistakes, name) =
        names.into_iter().map(|name| (mistakes(name), name)).min_by_key(|(mistakes, _)| *mistakes)?;
    (mistakes <= MOST_MISTAKES && mistakes < typed.chars().count()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_understood_and_another_word_is_not() {
        let names = ["type", "status", "progress", "base_url", "token_command", "theme"];
        for (typed, meant) in [
            ("tpye", Some("type")),
            ("Staus", Some("status")),
            ("prog", Some("progress")),
            ("baseurl", Some("base_url")),
            ("token-comand", Some("token_command")),
            ("themes", Some("theme")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
    }
}
