//! Servers that misbehave below HTTP, each on a loopback port of its own until the tests end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Does the same to every connection; its port.
pub fn server(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    port
}

/// Reads a request up to its empty line.
pub fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A port where nobody listens.
pub fn nobody() -> u16 {
    crate::closed_port::reserve().port()
}

/// Sends these bytes for every request, then closes.
pub fn raw(answer: impl Into<Vec<u8>>) -> u16 {
    let answer = answer.into();
    server(move |mut stream| {
        head(&mut stream);
        let _ = stream.write_all(&answer);
    })
}

/// Sends these bytes, then resets the connection: it is closed with the request unread.
pub fn reset_after(answer: &'static [u8]) -> u16 {
    server(move |mut stream| {
        let _ = stream.peek(&mut [0]);
        let _ = stream.write_all(answer);
    })
}

/// Sends these bytes to whatever was said first, then closes.
pub fn deaf(answer: &'static [u8]) -> u16 {
    server(move |mut stream| {
        let _ = stream.read(&mut [0; 16 * 1024]);
        let _ = stream.write_all(answer);
    })
}

/// Takes connections and says nothing.
pub fn silent() -> u16 {
    server(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    })
}

/// An answer that never ends, however much is read of it.
pub fn endless() -> u16 {
    server(|mut stream| {
        head(&mut stream);
        let gigabyte = 1 << 30;
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {gigabyte}\r\n\r\n"
        );
        let spaces = vec![b' '; 1 << 20];
        while stream.write_all(&spaces).is_ok() {}
    })
}

/// 96 MiB of spaces in less than 100 kB.
pub fn bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..96 {
        gzip.write_all(&spaces).unwrap();
    }
    gzip.finish().unwrap()
}
