//! Which pages may connect (S2): exact names, other ports, look-alikes, `null`, none; over real sockets.

mod common;

use common::{Folder, connect, send_form, settings, start};
use inflight_server::auth::key_file::{Locked, NewKey};
use inflight_server::auth::{Role, UserId};
use inflight_server::clock;
use inflight_server::server::Server;

/// A server on the loopback that a proxy shows as `https://app.example`, and another page of its own.
async fn server(folder: &Folder, allowed: &str) -> Server {
    let data_dir = folder.0.to_str().unwrap();
    let mut settings = settings(&[
        ("CLIENT_URL", "https://app.example/inflight/"),
        ("ALLOWED_ORIGINS", allowed),
        ("DATA_DIR", data_dir),
    ]);
    settings.replay.file = folder.recording();
    start(&settings).await
}

/// The cookie of somebody who signed in.
async fn cookie(server: &Server, folder: &Folder) -> String {
    let mut locked = Locked::open(&folder.0).unwrap();
    let new = NewKey {
        name: UserId::new("ana").unwrap(),
        roles: vec![Role::Viewer],
        businesses: vec![],
        locations: vec![],
        expires: None,
    };
    let (_, key) = locked.file.create(new, clock::now()).unwrap();
    locked.write().unwrap();
    let own = format!("origin: http://{}\r\n", server.address);
    let form = format!("token={key}");
    // The server looks for new keys twice a second or so.
    loop {
        let (status, head, _) = send_form(server, "/sign-in", &own, &form).await;
        if status == 303 {
            return head.split_once("set-cookie: ").unwrap().1.split(';').next().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn twenty_origins_and_none_wrong() {
    let folder = Folder::new();
    let server = server(&folder, "http://desk.example:8080, https://Board.example/").await;
    let cookie = cookie(&server, &folder).await;
    let here = format!("http://{}", server.address);
    let port = server.address.port();
    let other_port = format!("http://127.0.0.1:{}", port ^ 1);
    let (no_port, behind) = ("http://127.0.0.1".to_owned(), format!("{here}.evil.example"));
    let (userinfo, path) = (format!("http://{}@evil.example", server.address), format!("{here}/"));
    let (scheme, local) = (format!("ws://{}", server.address), format!("http://localhost:{port}"));
    let cases: [(Option<&str>, bool, bool); 20] = [
        // What the page says, whether it may connect, whether it may with the cookie of a login.
        (None, true, false),
        (Some(&here), true, true),
        (Some("https://app.example"), true, true),
        (Some("HTTPS://APP.example"), true, true),
        (Some("http://desk.example:8080"), true, true),
        (Some("https://board.example"), true, true),
        (Some(&other_port), false, false),
        (Some(&no_port), false, false),
        (Some(&local), false, false),
        (Some(&behind), false, false),
        (Some(&userinfo), false, false),
        (Some(&path), false, false),
        (Some(&scheme), false, false),
        (Some("http://app.example"), false, false),
        (Some("https://app.example:444"), false, false),
        (Some("https://evil.app.example"), false, false),
        (Some("https://app.example.evil.example"), false, false),
        (Some("https://board.example/"), false, false),
        (Some("null"), false, false),
        (Some("*"), false, false),
    ];
    for (origin, plain, with_login) in cases {
        for (login, expected) in [(false, plain), (true, with_login)] {
            let mut headers = Vec::from_iter(origin.map(|origin| ("origin", origin)));
            if login {
                headers.push(("cookie", &cookie));
            }
            let status =
                connect(&server, "/stream/ws", &headers).await.map_err(|answer| answer.status().as_u16());
            assert_eq!(status.is_ok(), expected, "{origin:?} login {login}");
            assert!(status.err().is_none_or(|status| status == 403), "{origin:?} login {login}");
        }
    }
}

#[tokio::test]
async fn a_star_lets_pages_look_but_not_act() {
    let folder = Folder::new();
    let server = server(&folder, "*").await;
    let cookie = cookie(&server, &folder).await;
    let evil = [("origin", "https://evil.example")];
    assert!(connect(&server, "/stream/ws", &evil).await.is_ok());
    assert_eq!(connect(&server, "/stream/ws", &[("origin", "null")]).await.unwrap_err().status(), 403);
    let with = format!("origin: https://evil.example\r\ncookie: {cookie}\r\n");
    assert_eq!(send_form(&server, "/sign-out", &with, "").await.0, 403);
    let own = format!("origin: http://{}\r\ncookie: {cookie}\r\n", server.address);
    assert_eq!(send_form(&server, "/sign-out", &own, "").await.0, 303);
}
