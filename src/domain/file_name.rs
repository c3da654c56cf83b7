//! File names from a server, made harmless.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::text::SafeText;

/// Bytes; leaves room for ` (2)` and fits every file system, encrypted ones too.
const LONGEST: usize = 120;
/// Bytes; anything longer is not an extension.
const LONGEST_EXTENSION: usize = 10;
const LAST_RESORT: &str = "report";

/// A safe file name: the one that came with the file, else the document's, else the fallback.
///
/// It never leaves its folder: no separator, no leading dot or dash, no control, bidi or
/// invisible character, none that Windows refuses, no name that Windows reserves for a device, no dot or space at the
/// end, at most 120 bytes. The extension is kept.
pub fn safe_name(suggested: Option<&str>, filename: &str, fallback: &str) -> String {
    let names = [suggested, Some(filename), Some(fallback)];
    names.into_iter().flatten().find_map(safe).unwrap_or_else(|| LAST_RESORT.to_owned())
}

/// The fallback with the extension of the server's name, for redacted output: clients and colleagues may have put their
/// names into a file name.
pub fn neutral_name(name: &str, fallback: &str) -> String {
    const KNOWN: [&str; 7] = ["csv", "txt", "tsv", "xlsx", "xls", "pdf", "zip"];
    let stem = fallback.rsplit_once('.').map_or(fallback, |(stem, _)| stem);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.filter(|extension| KNOWN.contains(&extension.as_str())) {
        Some(extension) => format!("{stem}.{extension}"),
        None => fallback.to_owned(),
    }
}

fn safe(raw: &str) -> Option<String> {
    let last = raw.rsplit(['/', '\\']).find(|part| !part.trim().is_empty())?;
    let allowed: String = last.chars().filter(|c| !c.is_control()).map(allowed).collect();
    let short = shortened(&trimmed(&allowed));
    match short.as_str() {
        "" => None,
        short if is_device(short) => Some(format!("_{short}")),
        _ => Some(short),
    }
}

/// Safe text without what must not begin or end a name. A combining mark on a leading dot goes with it, which may
/// reveal another dot, hence the loop.
fn trimmed(raw: &str) -> String {
    let mut name = SafeText::new(raw);
    loop {
        let inner = name.as_str().trim_start_matches(['.', '-', '~', ' ']).trim_end_matches(['.', ' ']);
        let safe = SafeText::new(inner);
        if safe == name {
            return name.to_string();
        }
        name = safe;
    }
}

fn allowed(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\' => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Cuts the stem and keeps the extension.
fn shortened(name: &str) -> String {
    // One less: a device's name gets longer.
    let most = LONGEST - 1;
    if name.len() <= most {
        return name.to_owned();
    }
    let fits = |extension: &str| {
        extension.len() <= LONGEST_EXTENSION && extension.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if fits(extension) => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let room = most - extension.len();
    let end = stem.grapheme_indices(true).map(|(at, piece)| at + piece.len()).take_while(|end| *end <= room);
    let stem = stem.get(..end.last().unwrap_or(0)).unwrap_or_default();
    format!("{}{extension}", stem.trim_end_matches(['.', ' '])).trim_start_matches('.').to_owned()
}

/// Whether Windows would open a device instead, whatever the extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")).map(str::chars);
    let port = numbered.is_some_and(|mut rest| {
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    });
    port || matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_from_the_server_is_made_safe_and_stays_recognisable() {
        let long = format!("{}.csv", "é".repeat(300));
        let table = [
            ("clients-errors.csv", "clients-errors.csv"),
            ("Größe der Fehler (2026).csv", "Größe der Fehler (2026).csv"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("C:\\fakepath\\a.csv", "a.csv"),
            ("/etc/cron.d/", "cron.d"),
            (".bashrc", "bashrc"),
            ("...hidden.csv", "hidden.csv"),
            ("-rf.csv", "rf.csv"),
            (".\u{301}.\u{301}-a.csv", "a.csv"),
            ("a.csv. . .", "a.csv"),
            ("a\u{0}b\nc\u{1b}[2J.csv", "abc[2J.csv"),
            ("invoice\u{202e}vsc.exe", "invoicevsc.exe"),
            ("a\u{200b}b\u{a0}c\u{2028}.csv", "ab c .csv"),
            ("a<b>c:d\"e|f?g*.csv", "a_b_c_d_e_f_g_.csv"),
            ("file.csv:stream", "file.csv_stream"),
            ("CON", "_CON"),
            ("con.csv", "_con.csv"),
            ("nul .tar.gz", "_nul .tar.gz"),
            ("lpt9.csv", "_lpt9.csv"),
            ("COM¹.csv", "_COM¹.csv"),
            ("com10.csv", "com10.csv"),
            ("console.csv", "console.csv"),
            ("", "fallback.csv"),
            ("..", "fallback.csv"),
            ("/", "fallback.csv"),
            (" . ", "fallback.csv"),
            ("\u{202e}\u{0}", "fallback.csv"),
        ];
        for (raw, name) in table {
            assert_eq!(safe_name(None, raw, "fallback.csv"), name, "{raw:?}");
        }
        let short = safe_name(None, &long, "x");
        assert!(short.len() <= LONGEST && short.len() > 100 && short.ends_with("é.csv"), "{short}");
    }

    #[test]
    fn the_files_own_name_wins_then_the_documents_then_the_fallback() {
        assert_eq!(safe_name(Some("../b.csv"), "c.csv", "d.csv"), "b.csv");
        assert_eq!(safe_name(Some(".."), "c.csv", "d.csv"), "c.csv");
        assert_eq!(safe_name(Some(""), "", "d.csv"), "d.csv");
        assert_eq!(safe_name(None, "", ""), LAST_RESORT);
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "..",
                ".",
                "/",
                "\\",
                "%2e",
                "%2F",
                "\"",
                ";",
                "filename=",
                "filename*=",
                "UTF-8''",
                "CON",
                "\u{202e}",
                "\r\n",
                " ",
                ":",
                "~",
                "-",
                "é",
                "a",
                ".csv",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_the_server_says_the_file_stays_in_its_folder(
            suggested in prop::option::of(hostile()),
            filename in hostile(),
            fallback in hostile(),
        ) {
            let name = safe_name(suggested.as_deref(), &filename, &fallback);
            let parts: Vec<_> = Path::new(&name).components().collect();
            prop_assert_eq!(parts, [Component::Normal(name.as_ref())]);
            prop_assert!(!name.contains(['/', '\\', ':']) && !name.chars().any(char::is_control));
            prop_assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']));
            prop_assert!((1..=LONGEST).contains(&name.len()) && !is_device(&name));
            let shown = SafeText::new(&name);
            prop_assert_eq!(shown.as_str(), name.as_str());
            prop_assert_eq!(safe(&name), Some(name.clone()));
        }
    }
}
