//! A stand-in for the services around agents, that notes what it was asked.

use crate::common::PATIENCE;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::time::timeout;

/// What a stand-in for the services saw.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<(String, Value)>>>);

impl Seen {
    pub fn note(&self, what: &str, value: Value) -> usize {
        let mut seen = self.0.lock().unwrap();
        seen.push((what.to_owned(), value));
        seen.iter().filter(|(own, _)| own == what).count()
    }

    /// The newest of these, once there is one.
    pub async fn newest(&self, what: &str) -> Value {
        let wait = async {
            loop {
                if let Some((_, value)) = self.0.lock().unwrap().iter().rev().find(|(own, _)| own == what) {
                    return value.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("nobody sent a {what}"))
    }

    /// All of these, the oldest first.
    pub fn all(&self, what: &str) -> Vec<Value> {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|(own, _)| own == what).map(|(_, value)| value.clone()).collect()
    }

    pub fn count(&self, what: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|(own, _)| own == what).count()
    }
}

/// Businesses and resources of another system; the first question about a business fails, and the first
/// action. Resources are not told any more once an `away` is noted.
pub async fn services(seen: Seen) -> String {
    async fn business(State(seen): State<Seen>, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
        if seen.note("business", json!(id)) == 1 {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let mut info = json!({"businessId": id, "name": "Elsewhere", "type": "airline"});
        let house = seen.all("house").pop().unwrap_or_else(|| json!({}));
        match (&house["away"], &house["gone"]) {
            (Value::Bool(true), _) => return Err(StatusCode::SERVICE_UNAVAILABLE),
            (_, Value::Bool(true)) => return Err(StatusCode::NOT_FOUND),
            _ => {}
        }
        info.as_object_mut().unwrap().extend(house.as_object().unwrap().clone());
        Ok(Json(info))
    }
    async fn access(Path((_, user)): Path<(String, String)>) -> Json<Value> {
        Json(json!({"allowed": user != "nobody"}))
    }
    async fn query(
        State(seen): State<Seen>,
        Path(business): Path<String>,
        Json(body): Json<Value>,
    ) -> Result<Json<Value>, StatusCode> {
        seen.note("query", body);
        if seen.count("away") > 0 {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        Ok(Json(
            json!([{"id": "gate-9", "businessId": business, "type": "gate", "name": "Gate 9", "status": "open", "attributes": {}, "version": 4, "updatedAt": "2026-11-21T20:30:00Z"}]),
        ))
    }
    async fn one(Path((business, id)): Path<(String, String)>) -> Json<Value> {
        Json(
            json!({"id": id, "businessId": business, "type": "gate", "name": "Gate 9", "status": "open", "attributes": {}, "version": 4, "updatedAt": "2026-11-21T20:30:00Z"}),
        )
    }
    async fn act(
        State(seen): State<Seen>,
        headers: HeaderMap,
        Json(body): Json<Value>,
    ) -> Result<Json<Value>, StatusCode> {
        let (key, bearer) = (told(&headers, "idempotency-key"), told(&headers, "authorization"));
        match seen.note("action", json!({"body": body, "key": key, "bearer": bearer})) {
            1 => Err(StatusCode::SERVICE_UNAVAILABLE),
            _ => Ok(Json(json!({"success": true, "message": "done"}))),
        }
    }
    async fn decision(State(seen): State<Seen>, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
        seen.note("decision", json!({"body": body, "correlation": told(&headers, "x-request-id")}));
        Json(json!({}))
    }
    async fn search(State(seen): State<Seen>) -> Json<Value> {
        Json(seen.all("decision").into_iter().map(|mut kept| kept["body"].take()).collect())
    }
    async fn hook(State(seen): State<Seen>, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
        seen.note("case", json!({"body": body, "key": told(&headers, "idempotency-key")}));
        Json(json!({"ticket": 7}))
    }
    let router = Router::new()
        .route("/decisions", post(decision))
        .route("/decisions/search", post(search))
        .route("/cases", post(hook))
        .route("/businesses/{id}", get(business))
        .route("/businesses/{id}/access/{user}", get(access))
        .route("/businesses/{id}/resources/query", post(query))
        .route("/businesses/{id}/resources/{one}", get(one))
        .route("/businesses/{id}/resources/{one}/access", get(access))
        .route("/actions", post(act))
        .with_state(seen);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn told<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
