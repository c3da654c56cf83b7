//! Where a link and its redirects may lead.

use url::Url;

use crate::api::base_url::{BaseUrl, leads_here, upgraded};
use crate::domain::text::SafeText;

/// Checks a URL before it is requested; `Err` says why it must not be.
///
/// https only; http if both the configured server and the URL are on this machine. http to the configured server itself
/// becomes https.
pub(super) fn checked(base: &BaseUrl, url: Url) -> Result<Url, SafeText> {
    let mut url = upgraded(url, base.as_url());
    let rejected = |why: String| Err(SafeText::new(&why));
    if !url.username().is_empty() || url.password().is_some() {
        return rejected("it contains a user name or password".to_owned());
    }
    match url.scheme() {
        "https" => {}
        "http" if base.is_loopback() && leads_here(&url) => {}
        "http" => {
            let host = url.host_str().unwrap_or_default();
            return rejected(format!("it leads to {host} without encryption (http)"));
        }
        _ => return rejected("its scheme is not https".to_owned()),
    }
    url.set_fragment(None);
    Ok(url)
}

/// The target of a redirect, checked.
pub(super) fn redirect(base: &BaseUrl, from: &Url, location: &str) -> Result<Url, SafeText> {
    let url = from.join(location).map_err(|_| SafeText::new("it redirects to an invalid URL"))?;
    checked(base, url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOTE: &str = "https://api.example";
    const LOCAL: &str = "http://127.0.0.1:8080";

    #[test]
    fn redirects_stay_encrypted_and_carry_no_credentials() {
        let plain = "it leads to s3.example without encryption (http)";
        let table = [
            (REMOTE, "/file/2#top", Ok("https://api.example/file/2")),
            (REMOTE, "https://s3.example/x?sig=1", Ok("https://s3.example/x?sig=1")),
            (REMOTE, "//s3.example/x", Ok("https://s3.example/x")),
            (REMOTE, "http://api.example/file/2", Ok("https://api.example/file/2")),
            (
                REMOTE,
                "http://api.example:81/file/2",
                Err("it leads to api.example without encryption (http)"),
            ),
            (REMOTE, "http://s3.example/x", Err(plain)),
            (REMOTE, "http://127.0.0.1/x", Err("it leads to 127.0.0.1 without encryption (http)")),
            (LOCAL, "http://127.0.0.1:9000/x", Ok("http://127.0.0.1:9000/x")),
            (LOCAL, "http://[::1]/x", Ok("http://[::1]/x")),
            (LOCAL, "https://s3.example/x", Ok("https://s3.example/x")),
            (LOCAL, "http://s3.example/x", Err(plain)),
            (REMOTE, "https://u:p@s3.example/x", Err("it contains a user name or password")),
            (REMOTE, "https://u@api.example/x", Err("it contains a user name or password")),
            (REMOTE, "file:///etc/passwd", Err("its scheme is not https")),
            (REMOTE, "javascript:alert(1)", Err("its scheme is not https")),
            (REMOTE, "https://", Err("it redirects to an invalid URL")),
        ];
        for (base, location, expected) in table {
            let base = BaseUrl::new(base).unwrap();
            let from = base.as_url().join("file/1").unwrap();
            let url = redirect(&base, &from, location).map(|url| url.to_string());
            let expected = expected.map(str::to_owned).map_err(SafeText::from);
            assert_eq!(url, expected, "{base} {location}");
        }
    }
}
