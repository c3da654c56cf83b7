//! The file name in a `Content-Disposition` header: RFC 6266, read leniently.

use percent_encoding::percent_decode_str;

/// `filename*` if it can be decoded, else `filename`; untrusted.
pub fn suggested_name(header: &str) -> Option<String> {
    let (mut plain, mut extended) = (None, None);
    let mut rest = header.split_once(';')?.1;
    while !rest.is_empty() {
        let (name, value, after) = parameter(rest);
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => extended = extended.or_else(|| decoded(&value)),
            "filename" => plain = plain.or(Some(value)),
            _ => {}
        }
        rest = after;
    }
    extended.or(plain)
}

/// The first parameter's name and value, and the rest.
fn parameter(text: &str) -> (&str, String, &str) {
    let end = text.find([';', '=']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.strip_prefix('=') else {
        return (name, String::new(), rest.strip_prefix(';').unwrap_or_default());
    };
    if let Some(quoted) = value.trim_start().strip_prefix('"') {
        let (value, rest) = unquoted(quoted);
        return (name, value, rest.split_once(';').map_or("", |(_, after)| after));
    }
    let (value, after) = value.split_once(';').unwrap_or((value, ""));
    (name, value.trim().to_owned(), after)
}

/// A quoted string up to its closing quote, unescaped, and the rest.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

/// RFC 8187: `UTF-8'en'%e2%82%ac%20rates`.
fn decoded(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    let bytes = percent_decode_str(encoded);
    match charset.trim().to_ascii_lowercase().as_str() {
        "utf-8" => bytes.decode_utf8().ok().map(Into::into),
        "iso-8859-1" => Some(bytes.map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_in_every_form() {
        let table = [
            ("attachment; filename=\"clients-errors.csv\"", Some("clients-errors.csv")),
            ("attachment; filename=clients-errors.csv", Some("clients-errors.csv")),
            ("ATTACHMENT;FileName = \"a b.csv\" ; x=y", Some("a b.csv")),
            ("attachment; filename=a.csv; filename*=UTF-8''%E2%82%AC%20rates.csv", Some("€ rates.csv")),
            ("attachment; filename*=utf-8'en'%C2%A3.csv; filename=a.csv", Some("£.csv")),
            ("attachment; filename*=ISO-8859-1''%A3.csv", Some("£.csv")),
            ("attachment; filename*=UTF-8''%FF.csv; filename=a.csv", Some("a.csv")),
            ("attachment; filename*=KOI8-R''a.csv; filename=b.csv", Some("b.csv")),
            ("attachment; filename*=a.csv", None),
            ("attachment; filename=\"a\\\"b;c=d.csv\"", Some("a\"b;c=d.csv")),
            ("attachment; filename=\"never closed.csv", Some("never closed.csv")),
            ("attachment; filename=\"ends with \\", Some("ends with ")),
            ("attachment; filename=\"one.csv\"; filename=\"two.csv\"", Some("one.csv")),
            ("attachment; filename=", Some("")),
            ("attachment; filename", Some("")),
            ("attachment; x=\"filename=evil.csv\"; filename=a.csv", Some("a.csv")),
            ("attachment", None),
            ("", None),
            (";;;=;", None),
        ];
        for (header, name) in table {
            assert_eq!(suggested_name(header).as_deref(), name, "{header}");
        }
    }
}
