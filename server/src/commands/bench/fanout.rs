//! `inflight bench fanout`: every message of a publisher to every subscriber, through the ring, link and writer of
//! the product.

use crate::auth::{Auth, Door, Limits};
use crate::commands::bench::options::BenchFanoutArgs;
use crate::commands::bench::{listen_and_serve, runtime};
use crate::exit::AppError;
use crate::hub::PULSES;
use crate::hub::pulse::Body;
use crate::metrics::Metrics;
use crate::ws::close::End;
use crate::ws::link::Link;
use crate::ws::socket::handshake::{Handshake, HttpSocket};
use crate::ws::transport::{Incoming, Transport};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use core::time::Duration;
use inflight_wire::CloseCode;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

#[derive(Clone)]
struct Fanout {
    ring: broadcast::Sender<Arc<Body>>,
    metrics: Metrics,
    auth: Auth,
}

/// Nobody is turned away.
const LIMITS: Limits = Limits {
    messages_per_minute: u32::MAX,
    message_burst: u32::MAX,
    connections_max: u32::MAX,
    connections_per_user: u32::MAX,
    sign_in: Duration::from_secs(5),
};

/// Serves `/pub` and `/sub` until it is interrupted.
///
/// # Errors
/// The port is taken.
pub fn run(args: &BenchFanoutArgs) -> Result<(), AppError> {
    let metrics = Metrics::new(&["state".to_owned(), "updates".to_owned()]);
    let auth = Auth::new(Door::Open, LIMITS);
    let fanout = Fanout { ring: broadcast::channel(PULSES).0, metrics, auth };
    let router =
        Router::new().route("/pub", get(publisher)).route("/sub", get(subscriber)).with_state(fanout);
    runtime()?.block_on(listen_and_serve(args.port, router))
}

async fn publisher(State(fanout): State<Fanout>, handshake: Handshake) -> Response {
    handshake.then(async move |mut socket: HttpSocket| {
        loop {
            match socket.receive().await {
                // Without subscribers there is nobody to hear it.
                Incoming::Message(body) => drop(fanout.ring.send(Arc::new(body))),
                Incoming::Ping | Incoming::Pong => {}
                Incoming::End(_) => return,
            }
        }
    })
}

async fn subscriber(State(fanout): State<Fanout>, handshake: Handshake) -> Response {
    let endpoint = fanout.metrics.endpoint("bench", "any");
    handshake.then(async move |socket: HttpSocket| {
        let Ok(pass) = fanout.auth.admit(fanout.auth.anonymous()) else { return };
        let ring = fanout.ring.subscribe();
        let mut link = Link::new(socket, fanout.metrics, endpoint, pass);
        let end = forward(&mut link, ring).await;
        link.close(end, None).await;
    })
}

/// As a feed whose client is in step does it.
async fn forward<T: Transport>(link: &mut Link<T>, mut ring: broadcast::Receiver<Arc<Body>>) -> End {
    loop {
        let sent = tokio::select! {
            biased;
            body = ring.recv() => match body {
                Ok(body) => link.send_all(waiting(&mut ring, &body)).await,
                // Whoever is behind has lost these; the product would bring it up to date from the table.
                Err(RecvError::Lagged(_)) => Ok(()),
                Err(RecvError::Closed) => Err(End::Close(CloseCode::GoingAway)),
            },
            message = link.receive() => message.map(drop),
        };
        if let Err(end) = sent {
            return end;
        }
    }
}

/// The first, and all that have come behind it.
fn waiting(ring: &mut broadcast::Receiver<Arc<Body>>, first: &Body) -> Vec<Body> {
    let mut bodies = vec![first.clone()];
    while let Ok(body) = ring.try_recv() {
        bodies.push(Body::clone(&body));
    }
    bodies
}
