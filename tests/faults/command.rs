//! The built program behind proxies and certificates: what standard error says, and the exit code.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::proxies::proxy_to;
use crate::servers;
use crate::tls::{Authority, LONG, NAME};

/// What `errors` says of a server, with these variables and arguments: exit code and standard error.
fn run(variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
    command.env_clear().env("PLANNR_ACCESS_TOKEN", "12|s3cret-token").envs(variables.iter().copied());
    command.args(["errors", "065680d5-6407-42c6-8544-da5fb975ebfe", "--retry-for", "0s"]).args(arguments);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_file_of_certificates_is_used_or_refused_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let authority = Authority::new("The company");
    let empty = file("empty.pem", "");
    let key = file("key.pem", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n");
    let missing = folder.path().join("missing.pem").display().to_string();
    let nowhere = folder.path().display().to_string();
    let table = [
        (&empty, "the file is empty; it should contain certificates as PEM"),
        (&key, "the file contains a private key; use a file that contains only certificates"),
        (&missing, "cannot be read: no such file or directory"),
        (&nowhere, "cannot be read: is a directory"),
    ];
    for (path, problem) in table {
        let (code, stderr) = run(&[], &["--ca-file", path]);
        assert_eq!((code, stderr.trim()), (2, format!("plannr-tui: --ca-file {path}: {problem}").as_str()));
        let (code, stderr) = run(&[("PLANNR_CA_FILE", path)], &[]);
        assert_eq!(
            (code, stderr.trim()),
            (2, format!("plannr-tui: PLANNR_CA_FILE={path}: {problem}").as_str())
        );
    }
    // The server has no logins: what counts is that it was reached.
    let base = format!("https://127.0.0.1:{}", authority.serve("127.0.0.1", LONG));
    let (code, stderr) = run(&[], &["--base-url", &base]);
    assert!(code == 5 && stderr.contains("no secure connection: "), "{stderr}");
    let trusted = file("authority.pem", &authority.pem);
    let (_, stderr) = run(&[("PLANNR_CA_FILE", &trusted)], &["--base-url", &base]);
    assert!(!stderr.contains("no secure connection"), "{stderr}");
    assert!(Path::new(&trusted).exists());
}

#[test]
fn the_proxy_of_the_environment_is_used_named_and_left_out_where_it_should_be() {
    let (port, received) = proxy_to(servers::nobody());
    let proxy = format!("http://ann:s3cret@127.0.0.1:{port}");
    let base = format!("https://{NAME}");
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        received.lock().unwrap().clear();
        let (code, stderr) = run(&[(variable, &proxy)], &["--base-url", &base]);
        let expected = format!(
            "plannr-tui: {NAME}: the proxy 127.0.0.1:{port} refused to connect to {NAME}; check HTTPS_PROXY and NO_PROXY"
        );
        assert_eq!((code, stderr.trim()), (5, expected.as_str()), "{variable}");
        let received = String::from_utf8_lossy(&received.lock().unwrap()).into_owned();
        assert!(
            received.starts_with("CONNECT plannr.example:443") && !received.contains("s3cret"),
            "{received}"
        );
    }
    received.lock().unwrap().clear();
    let around = [("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "plannr.invalid")];
    let (code, stderr) = run(&around, &["--base-url", "https://plannr.invalid"]);
    assert!(code == 5 && stderr.contains("cannot resolve plannr.invalid"), "{stderr}");
    let everything = [("HTTP_PROXY", proxy.as_str()), ("HTTPS_PROXY", &proxy), ("ALL_PROXY", &proxy)];
    let here = format!("http://127.0.0.1:{}", servers::nobody());
    let (_, stderr) = run(&everything, &["--base-url", &here]);
    assert!(stderr.contains("connection refused") && received.lock().unwrap().is_empty(), "{stderr}");
}
