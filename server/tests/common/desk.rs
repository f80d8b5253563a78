//! A server with agents that is asked over HTTP, by whoever has its keys.

use crate::common::access::{SECRET as JWT_SECRET, bearer, token};
use crate::common::{Folder, PATIENCE, settings, start};
use inflight_server::agents::signature;
use inflight_server::server::Server;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// With what inputs are signed.
pub const SECRET: &str = "0123456789abcdef";

pub struct Desk {
    pub server: Server,
    /// With what is asked, unless it is signed.
    bearer: Option<String>,
    client: reqwest::Client,
    folder: Folder,
}

impl Desk {
    pub async fn open(pairs: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut all = vec![
            ("AGENTS_EXAMPLE", "true"),
            ("AGENT_UNDO_SECONDS", "0"),
            ("WEBHOOK_SECRETS", "example=0123456789abcdef"),
        ];
        all.extend_from_slice(pairs);
        let mut settings = settings(&all);
        settings.data_dir = folder.0.clone();
        settings.journal.folder = folder.0.clone();
        settings.replay.file = folder.recording();
        let server = start(&settings).await;
        Self { server, bearer: None, client: reqwest::Client::new(), folder }
    }

    /// A server that asks everybody who they are, with a business of an admin's.
    pub async fn locked(pairs: &[(&str, &str)]) -> Self {
        let mut all = vec![
            ("SOURCES", "sbs=127.0.0.1:1"),
            ("JWT_SECRET", JWT_SECRET),
            ("JWT_AUDIENCE", "ops"),
            ("WEBHOOK_SECRETS", "carpat=0123456789abcdef"),
        ];
        all.extend_from_slice(pairs);
        let desk =
            Self { bearer: Some(whoever("ana", &json!({"roles": ["admin"]}))), ..Self::open(&all).await };
        // Another system has it then.
        if pairs.iter().any(|(name, _)| *name == "BUSINESS_INFO_API_URL") {
            return desk;
        }
        let business = json!({"name": "Carpat Air", "type": "airline"}).to_string();
        let (status, made) = desk.send("PUT", "/agents/businesses/carpat", &[], business).await;
        assert_eq!(status, 201, "{made}");
        desk
    }

    /// Asks as somebody who acts for Bucharest only.
    pub async fn ask_as_bound(&self, path: &str, body: &Value) -> (u16, Value) {
        let grants = json!({"roles": ["coordinator"], "businesses": ["carpat"], "locations": ["OTP"]});
        let header = whoever("dan", &grants);
        self.send("POST", path, &[("authorization", &header)], body.to_string()).await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, Value) {
        let address = format!("http://{}/api/v1{path}", self.server.address);
        let mut request = self.client.request(method.parse().unwrap(), address).body(body);
        let said = headers.iter().any(|(name, _)| ["inflight-signature", "authorization"].contains(name));
        if let Some(bearer) = self.bearer.as_ref().filter(|_| !said) {
            request = request.header("authorization", bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// The file of its agents' store.
    pub fn database(&self) -> PathBuf {
        let mode = std::fs::read_dir(self.folder.0.join("agents")).unwrap().next().unwrap().unwrap();
        mode.path().join("agents.sqlite")
    }

    /// What is counted, as Prometheus reads it.
    pub async fn metrics(&self) -> String {
        let address = format!("http://{}/metrics", self.server.address);
        let bearer = self.bearer.clone().unwrap_or_default();
        let asked = self.client.get(address).header("authorization", bearer).send();
        timeout(PATIENCE, asked).await.unwrap().unwrap().text().await.unwrap()
    }

    pub async fn signed(&self, body: &Value, secret: &str) -> (u16, Value) {
        let (body, now) = (body.to_string(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
        let header = signature::sign(body.as_bytes(), secret.as_bytes(), i64::try_from(now).unwrap());
        self.send("POST", "/inputs", &[("inflight-signature", &header)], body).await
    }

    /// The run, once it does not go on by itself.
    pub async fn run_over(&self, id: &str) -> Value {
        let wait = async {
            loop {
                let (_, found) = self.send("GET", &format!("/agents/runs/{id}"), &[], String::new()).await;
                if !["running", "waiting"].iter().any(|status| found["run"]["status"] == *status) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("run {id} went on and on"))
    }

    /// The run, once it is as it should be.
    pub async fn run(&self, id: &str, status: &str) -> Value {
        let wait = async {
            loop {
                let (_, found) = self.send("GET", &format!("/agents/runs/{id}"), &[], String::new()).await;
                if found["run"]["status"] == status {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("run {id} never was {status}"))
    }
}

/// The token of somebody with these roles and grants.
pub fn whoever(name: &str, grants: &Value) -> String {
    let mut claims = json!({"sub": name, "aud": "ops", "exp": 4_000_000_000_u64});
    claims.as_object_mut().unwrap().extend(grants.as_object().unwrap().clone());
    bearer(&token(jsonwebtoken::Algorithm::HS256, JWT_SECRET, &claims))
}
