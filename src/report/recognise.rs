//! Recognises files by content, never by name.

use serde::de::IgnoredAny;

use super::read_error::ReadError;
use super::table::Encoding;
use super::workbook;

/// How far into a file is looked for what it is, in bytes.
const LOOK: usize = 8192;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Text, presumably CSV, from that byte on.
    Text {
        /// How it is spelt.
        encoding: Encoding,
        /// Bytes of the byte order mark.
        mark: usize,
    },
    /// A ZIP archive: an XLSX workbook, or one that its reader refuses.
    Archive,
}

/// What the bytes are.
///
/// # Errors
/// What they are, where that cannot be read as a table.
pub(super) fn recognise(bytes: &[u8]) -> Result<Content, ReadError> {
    if let Some(known) = by_signature(bytes) {
        return known;
    }
    let (encoding, mark) = spelling(bytes);
    let body = bytes.get(mark..).unwrap_or_default();
    if body.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
        return Err(ReadError::Empty);
    }
    if matches!(encoding, Encoding::Utf8 | Encoding::Windows1252) {
        if is_binary(body) {
            return Err(ReadError::Binary);
        }
        if let Some(refusal) = marked_up(body) {
            return Err(refusal);
        }
    }
    Ok(Content::Text { encoding, mark })
}

/// Files that begin with bytes of their own.
fn by_signature(bytes: &[u8]) -> Option<Result<Content, ReadError>> {
    let starts = |signature: &[u8]| bytes.starts_with(signature);
    let after = |at: usize, word: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(word));
    if workbook::is_archive(bytes) {
        return Some(Ok(Content::Archive));
    }
    let refused = if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        ReadError::OldExcel
    } else if starts(b"\x1f\x8b") {
        ReadError::Gzip
    } else if starts(b"\x89PNG\r\n\x1a\n") {
        ReadError::Image("PNG")
    } else if starts(b"\xff\xd8\xff") {
        ReadError::Image("JPEG")
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        ReadError::Image("GIF")
    } else if starts(b"RIFF") && after(8, b"WEBP") {
        ReadError::Image("WebP")
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        ReadError::Image("TIFF")
    } else if starts(b"BM") && after(6, b"\0\0\0\0") {
        ReadError::Image("BMP")
    } else {
        // Readers of PDF allow a little before the signature.
        let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        return head.starts_with(b"%PDF-").then_some(Err(ReadError::Pdf));
    };
    Some(Err(refused))
}

/// How text is spelt, and how many bytes its mark takes.
fn spelling(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => return (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => return (Encoding::Utf16Be, 2),
        _ => {}
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return (encoding, 0);
    }
    (if mostly_utf8(bytes) { Encoding::Utf8 } else { Encoding::Windows1252 }, 0)
}

/// Whether more letters beyond ASCII are well-formed UTF-8 than are not: one broken byte makes no other encoding.
fn mostly_utf8(bytes: &[u8]) -> bool {
    // As good as always, and told many times as fast.
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let (mut good, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // The first byte of a character beyond ASCII.
        good += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    good > broken
}

/// UTF-16 without a mark: every other byte of Latin text is 0.
fn unmarked_utf16(bytes: &[u8]) -> Option<Encoding> {
    let head = bytes.get(..bytes.len().min(LOOK))?;
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    if pairs < 2 {
        None
    } else if odd * 10 > pairs * 7 && even * 10 < pairs {
        Some(Encoding::Utf16Le)
    } else if even * 10 > pairs * 7 && odd * 10 < pairs {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Control characters that no text has, more than a stray one.
fn is_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(LOOK)).unwrap_or_default();
    let strange = |b: &&u8| matches!(**b, 0..=8 | 14..=26 | 28..=31);
    head.iter().filter(strange).count() * 20 > head.len()
}

/// Pages, XML and JSON: text, but not a table.
fn marked_up(bytes: &[u8]) -> Option<ReadError> {
    let body = bytes.trim_ascii_start();
    match body.first()? {
        b'<' if is_page(body) => Some(ReadError::Html),
        b'<' if body.get(..5)?.eq_ignore_ascii_case(b"<?xml") => Some(ReadError::Xml),
        b'{' | b'[' => serde_json::from_slice::<IgnoredAny>(body).is_ok().then_some(ReadError::Json),
        _ => None,
    }
}

/// Whether text that begins with a tag is a web page: it begins with one of a page's tags, or a line of it begins
/// with one that only a page has, behind comments or warnings. PHP writes warnings as HTML before a CSV too, which
/// stays one.
fn is_page(body: &[u8]) -> bool {
    const FIRST: [&[u8]; 7] = [b"<script", b"<style", b"<title", b"<meta", b"<link", b"<table", b"<div"];
    const ANYWHERE: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<head", b"<body"];
    let begins = |text: &[u8], tags: &[&[u8]]| {
        tags.iter().any(|tag| {
            let ends = |next: Option<&u8>| next.is_none_or(|b| b.is_ascii_whitespace() || *b == b'>');
            text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
                && ends(text.get(tag.len()))
        })
    };
    let head = body.get(..body.len().min(LOOK)).unwrap_or_default();
    begins(head, &FIRST)
        || head.split(|b| *b == b'\n').any(|line| {
            let line = line.trim_ascii_start();
            let comment =
                line.windows(3).position(|window| window == b"-->").filter(|_| line.starts_with(b"<!--"));
            let behind = comment.and_then(|end| line.get(end + 3..)).unwrap_or(line);
            begins(behind.trim_ascii_start(), &ANYWHERE)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_warnings_before_a_csv() {
        let notice = "<br />\n<b>Deprecated</b>:  something in <b>/srv/x.php</b> on line <b>9</b><br />\n";
        for page in [
            "<!DOCTYPE html><html lang=en>",
            "\n<!doctype html>\n<html>",
            "<HTML><HEAD>",
            "<html",
            "<!-- No route (404 Not Found) -->\n<!DOCTYPE html>\n<html>",
            "<!-- Error --><!DOCTYPE html>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0\">\n<html>",
            "<script> Sfdump = window.Sfdump || 1</script>",
            "<table border=1><tr><td>fname</td></tr></table>",
            &format!("{notice}<!DOCTYPE html><html>"),
        ] {
            assert_eq!(recognise(page.as_bytes()), Err(ReadError::Html), "{page}");
        }
        for text in [
            format!("{notice}fname,errors\nAnn,The email is invalid.\n"),
            format!("\n{notice}{notice}fname,note\nAnn,\"see <html> and <body>\"\n"),
            "<name>,b\n1,2\n".to_owned(),
            "<header>,<headline>\n1,2\n".to_owned(),
        ] {
            assert!(matches!(recognise(text.as_bytes()), Ok(Content::Text { .. })), "{text}");
        }
        assert_eq!(recognise(b"<?xml version='1.0'?><Error/>"), Err(ReadError::Xml));
    }
}
