//! A bad line between a client and the server: delays, drips, holds still while both ends believe in it, or cuts.

use crate::exit::AppError;
use core::time::Duration;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the line does at the moment. Nothing is ever reordered or lost: TCP does not do that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything goes through at once.
    Clear,
    /// Everything comes this much later.
    Late(Duration),
    /// A few bytes at a time.
    Drips,
    /// Nothing goes through and nobody is told.
    Still,
    /// All connections break, and new ones too.
    Cut,
}

/// The line.
#[derive(Debug)]
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    listening: JoinHandle<()>,
}

/// Bytes that a line carries in one go; frames are larger.
const CHUNK_BYTES: usize = 4096;

/// Bytes and pause of a line that drips.
const DRIP_BYTES: usize = 97;
const DRIP: Duration = Duration::from_millis(2);

impl Proxy {
    /// A clear line to the server.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn to(server: SocketAddr) -> Result<Self, AppError> {
        let failed = |error: std::io::Error| AppError::Other(format!("no port for a bad line: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (weather, seen) = watch::channel(Weather::Clear);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, seen.clone()));
            }
        });
        Ok(Self { address, weather, listening })
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(client: TcpStream, server: SocketAddr, weather: watch::Receiver<Weather>) {
    break_when_dropped(&client);
    if *weather.borrow() == Weather::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    break_when_dropped(&server);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::select! {
        () = pump(&mut from_client, &mut to_server, weather.clone()) => {}
        () = pump(&mut from_server, &mut to_client, weather.clone()) => {}
        () = cut(weather) => {}
    }
}

/// Carries one direction until an end is gone.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut weather: watch::Receiver<Weather>,
) {
    let mut buffer = [0; CHUNK_BYTES];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            let now = *weather.borrow_and_update();
            let most = match now {
                Weather::Clear => rest.len(),
                Weather::Late(delay) => {
                    tokio::time::sleep(delay).await;
                    rest.len()
                }
                Weather::Drips => {
                    tokio::time::sleep(DRIP).await;
                    rest.len().min(DRIP_BYTES)
                }
                Weather::Still | Weather::Cut => {
                    if weather.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            if to.write_all(&rest[..most]).await.is_err() {
                return;
            }
            rest = &rest[most..];
        }
    }
}

async fn cut(mut weather: watch::Receiver<Weather>) {
    if weather.wait_for(|now| *now == Weather::Cut).await.is_err() {
        core::future::pending::<()>().await;
    }
}

/// Ends without a farewell, as a line does.
fn break_when_dropped(stream: &TcpStream) {
    // What the system refuses ends with a farewell instead, which is a fault too.
    drop(stream.set_nodelay(true));
    drop(socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)));
}
