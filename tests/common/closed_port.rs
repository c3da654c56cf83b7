//! A port that refuses.

use std::mem;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// An address on this machine where nobody listens, for as long as the process runs.
///
/// The socket stays bound without listening: a port that was bound and let go may be given to a server of another test.
pub(crate) fn reserve() -> SocketAddr {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    mem::forget(socket);
    address
}
