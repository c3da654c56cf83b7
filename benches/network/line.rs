//! A line between client and server: so many bits a second each way, and so long on the way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep_until};

/// Bytes that are put on the line at once: a packet.
const PACKET: usize = 1_400;
/// Packets that one connection may have on the way.
const ON_THE_WAY: usize = 512;

/// How good a line is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// Bits per second in each direction, shared by all connections.
    pub(crate) bits: u64,
    /// There and back, for a single byte.
    pub(crate) round_trip: Duration,
}

/// What went through from the server to the client.
pub(crate) type Bytes = Arc<AtomicU64>;

/// When each direction of the line is free again.
type Free = Arc<Mutex<Instant>>;

impl Line {
    /// Lets connections through this line to a server until the runtime ends; where to connect to instead.
    pub(crate) async fn lead_to(self, server: SocketAddr) -> (SocketAddr, Bytes) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (there, back): (Free, Free) =
            (Arc::new(Mutex::new(Instant::now())), Arc::new(Mutex::new(Instant::now())));
        let received = Bytes::default();
        let counted = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Opening a connection takes a round trip as well.
                tokio::time::sleep(self.round_trip).await;
                let Ok(upstream) = TcpStream::connect(server).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = upstream.into_split();
                tokio::spawn(self.carry(from_client, to_server, Arc::clone(&there), Bytes::default()));
                tokio::spawn(self.carry(from_server, to_client, Arc::clone(&back), Arc::clone(&counted)));
            }
        });
        (address, received)
    }

    async fn carry(
        self,
        mut from: impl AsyncReadExt + Unpin,
        mut to: impl AsyncWriteExt + Unpin + Send + 'static,
        free: Free,
        counted: Bytes,
    ) {
        let (send, mut packets) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
        tokio::spawn(async move {
            while let Some((arrives, packet)) = packets.recv().await {
                sleep_until(arrives).await;
                if to.write_all(&packet).await.is_err() {
                    return;
                }
            }
            let _ = to.shutdown().await;
        });
        let mut packet = vec![0; PACKET];
        while let Ok(length @ 1..) = from.read(&mut packet).await {
            counted.fetch_add(length as u64, Ordering::Relaxed);
            let sent = {
                let mut free = free.lock().await;
                let takes = Duration::from_secs_f64(length as f64 * 8.0 / self.bits as f64);
                *free = (*free).max(Instant::now()) + takes;
                *free
            };
            if send.send((sent + self.round_trip / 2, packet[..length].to_vec())).await.is_err() {
                return;
            }
        }
    }
}
