//! A breaker of a service, driven open and closed again against a stand-in.

use super::*;
use crate::metrics::Metrics;
use crate::settings::services::ServiceSettings;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use inflight_agents::breaker::{BreakerLimits, BreakerState};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// Whether it is well, and how often it was asked.
#[derive(Default)]
struct StandIn {
    is_well: AtomicBool,
    asked: AtomicUsize,
}

async fn business(State(of): State<Arc<StandIn>>) -> Result<&'static str, StatusCode> {
    of.asked.fetch_add(1, Ordering::Relaxed);
    let is_well = of.is_well.load(Ordering::Relaxed);
    if is_well {
        Ok(r#"{"businessId": "b", "name": "B", "type": "airline"}"#)
    } else {
        Err(StatusCode::BAD_GATEWAY)
    }
}

#[tokio::test]
async fn who_fails_is_left_in_peace_and_asked_again_when_it_is_well() {
    let stand_in = Arc::new(StandIn::default());
    let router = Router::new().route("/businesses/{id}", get(business)).with_state(Arc::clone(&stand_in));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let settings = ServiceSettings {
        addresses: BTreeMap::from([(Service::BusinessInfo, address)]),
        key: None,
        cache: Duration::ZERO,
        webhooks: Vec::new(),
    };
    let limits = BreakerLimits { failures: 3, open_ms: 500, trials: 1 };
    let metrics = Metrics::new(&[String::new(), String::new()]);
    let services = HttpServices::with_limits(&settings, metrics, limits).unwrap();
    let call = Call::GetBusinessInfo { business: "b".to_owned() };
    let kind = async || services.call(&call, Marks::default()).await.err().map(|failure| failure.kind);
    let state = || services.breaker(Service::BusinessInfo).unwrap();
    assert_eq!((kind().await.as_deref(), state()), (Some("unavailable"), BreakerState::Open));
    assert_eq!(stand_in.asked.load(Ordering::Relaxed), 3, "one question and two more tries");
    assert_eq!(kind().await.as_deref(), Some("circuit_open"));
    assert_eq!(stand_in.asked.load(Ordering::Relaxed), 3, "nothing is sent while it is open");
    let half_open = async || {
        let waiting = async {
            while state() != BreakerState::HalfOpen {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap();
    };
    half_open().await;
    assert_eq!(
        (kind().await.as_deref(), state()),
        (Some("unavailable"), BreakerState::Open),
        "a trial that fails"
    );
    assert_eq!(stand_in.asked.load(Ordering::Relaxed), 4, "one trial");
    stand_in.is_well.store(true, Ordering::Relaxed);
    half_open().await;
    assert_eq!((kind().await, state()), (None, BreakerState::Closed));
}
