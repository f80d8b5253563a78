//! A server that asks everybody who they are, and what opens it.

use crate::common::{Folder, Socket, connect, request, settings, start};
use inflight_server::auth::key_file::{Locked, NewKey};
use inflight_server::auth::{Role, UserId};
use inflight_server::clock;
use inflight_server::server::Server;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Live data with keys and tokens: everybody has to say who they are.
pub async fn locked(folder: &Folder, more: &[(&str, &str)]) -> Server {
    let data_dir = folder.0.to_str().unwrap();
    let mut environment = vec![
        ("SOURCES", "sbs=127.0.0.1:1"),
        ("JWT_SECRET", SECRET),
        ("JWT_AUDIENCE", "ops"),
        ("DATA_DIR", data_dir),
    ];
    environment.extend(more);
    let mut settings = settings(&environment);
    settings.site_root = folder.0.clone();
    start(&settings).await
}

pub fn key(folder: &Folder, name: &str, role: Role) -> (String, String) {
    let mut locked = Locked::open(&folder.0).unwrap();
    let name = UserId::new(name).unwrap();
    let new = NewKey { name, roles: vec![role], businesses: vec![], locations: vec![], expires: None };
    let made = locked.file.create(new, clock::now()).unwrap();
    locked.write().unwrap();
    made
}

pub fn revoke(folder: &Folder, id: &str) {
    let mut locked = Locked::open(&folder.0).unwrap();
    assert!(locked.file.revoke(id, clock::now()));
    locked.write().unwrap();
}

pub fn token(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// A good token that ends in so many seconds.
pub fn good(seconds: i64) -> String {
    let exp = clock::now().0 / 1000 + seconds;
    token(Algorithm::HS256, SECRET, &json!({"sub": "ana", "aud": "ops", "roles": ["trader"], "exp": exp}))
}

/// A token of somebody who may do everything, for as long as any test takes.
pub fn admin() -> String {
    let claims = json!({"sub": "ana", "aud": "ops", "roles": ["admin"], "exp": 4_000_000_000_u64});
    token(Algorithm::HS256, SECRET, &claims)
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub async fn open(server: &Server, token: &str) -> Result<Socket, u16> {
    let headers =
        [("authorization", bearer(token)), ("sec-websocket-protocol", "inflight.v1.json".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    connect(server, "/stream/ws", &headers).await.map_err(|response| response.status().as_u16())
}

/// The status of `/api/v1/me` with a header, and the name it tells.
pub async fn me(server: &Server, header: &str) -> (u16, String) {
    let (status, _, body) = request(server, "GET", "/api/v1/me", header).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    (status, body["user"].as_str().unwrap_or_default().to_owned())
}
