//! Both ends in memory: ours, and that of a client that is not ours.

use super::*;
use crate::ws::transport;
use core::time::Duration;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;

const PATIENCE: Duration = Duration::from_secs(10);

/// Our end, and the client's; so many bytes are on their way at most.
async fn pair(on_the_way: usize) -> (Socket<DuplexStream>, WebSocketStream<DuplexStream>) {
    let (ours, theirs) = duplex(on_the_way);
    (Socket::server(ours, 1000), WebSocketStream::from_raw_socket(theirs, Role::Client, None).await)
}

fn message(length: usize) -> Outgoing {
    Outgoing::Message(Body::Binary(vec![7; length].into()))
}

async fn next(client: &mut WebSocketStream<DuplexStream>) -> Message {
    timeout(PATIENCE, client.next()).await.unwrap().unwrap().unwrap()
}

#[tokio::test]
async fn a_frame_that_was_given_up_half_way_goes_on() {
    let (mut socket, mut client) = pair(64).await;
    assert!(timeout(Duration::ZERO, socket.send(message(500))).await.is_err());
    client.send(Message::Ping(Bytes::from_static(b"?"))).await.unwrap();
    let serve = tokio::spawn(async move {
        // The pong waits until the frame is whole.
        assert_eq!(socket.receive().await, Incoming::Ping);
        socket.send(message(3)).await.unwrap();
        socket.send_all(vec![Body::Text("a".into()), Body::Text("b".into())]).await.unwrap();
        socket.receive().await
    });
    let found = [next(&mut client).await, next(&mut client).await, next(&mut client).await];
    let sizes = found.map(|message| message.into_data().len());
    assert!(matches!(sizes, [500, 1, 3] | [500, 3, 1]), "{sizes:?}");
    assert_eq!((next(&mut client).await, next(&mut client).await), (Message::text("a"), Message::text("b")));
    client.close(None).await.unwrap();
    assert_eq!(serve.await.unwrap(), Incoming::End(End::ByClient));
}

#[tokio::test(start_paused = true)]
async fn who_takes_a_little_is_waited_for_and_who_takes_nothing_is_not() {
    let (ours, mut theirs) = duplex(64);
    let mut socket = Socket::server(ours, 1000);
    let begun = Instant::now();
    let reader = tokio::spawn(async move {
        let mut bytes = [0; 64];
        for _ in 0..10 {
            sleep(PATIENCE / 2).await;
            theirs.read_exact(&mut bytes).await.unwrap();
        }
        theirs
    });
    assert_eq!(socket.send(message(1000)).await, Err(End::Close(CloseCode::Slow)));
    // After the last that was read.
    let waited = begun.elapsed() - 10 * (PATIENCE / 2);
    assert_eq!(waited.as_secs(), transport::PATIENCE.as_secs(), "{waited:?}");
    drop(reader.await.unwrap());
    assert_eq!(socket.send(message(3)).await, Err(End::Gone));
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let (mut socket, mut client) = pair(4096).await;
    let frame = CloseFrame { code: 3001.into(), reason: "enough".into() };
    client.send(Message::Close(Some(frame.clone()))).await.unwrap();
    assert_eq!(socket.receive().await, Incoming::End(End::ByClient));
    drop(socket);
    assert_eq!(next(&mut client).await, Message::Close(Some(frame)));
}

#[tokio::test]
async fn our_close_is_said_once() {
    let (mut socket, mut client) = pair(4096).await;
    socket.send(Outgoing::Close(1001, "going_away")).await.unwrap();
    let frame = CloseFrame { code: 1001.into(), reason: "going_away".into() };
    assert_eq!(next(&mut client).await, Message::Close(Some(frame)));
    let serve = tokio::spawn(async move { socket.receive().await });
    // Reading on sends the client's half; nothing else may come.
    assert!(timeout(PATIENCE, client.next()).await.unwrap().is_none());
    assert_eq!(serve.await.unwrap(), Incoming::End(End::ByClient));
}

async fn check_bytes(bytes: &[u8], expected: End) {
    let (ours, mut theirs) = duplex(4096);
    let mut socket = Socket::server(ours, 1000);
    theirs.write_all(bytes).await.unwrap();
    let incoming = timeout(PATIENCE, socket.receive()).await.unwrap();
    assert_eq!(incoming, Incoming::End(expected), "{bytes:?}");
    let (code, reason) = expected.frame().unwrap();
    socket.send(Outgoing::Close(code, reason)).await.unwrap();
    // What else comes is read over until the client is done too.
    theirs.write_all(&[0xff; 3000]).await.unwrap();
    let serve = tokio::spawn(async move { socket.receive().await });
    let mut said = Vec::new();
    timeout(PATIENCE, theirs.read_to_end(&mut said)).await.unwrap().unwrap();
    assert_eq!((said[0], u16::from_be_bytes([said[2], said[3]])), (0x88, code), "{bytes:?}");
    drop(theirs);
    assert_eq!(serve.await.unwrap(), Incoming::End(End::Gone));
}

#[tokio::test]
async fn what_is_no_websocket_is_closed_with_its_code() {
    check_bytes(&[0x82, 0x01, 0x00], End::Protocol).await;
    check_bytes(&[0xf2, 0x80, 0, 0, 0, 0], End::Protocol).await;
    check_bytes(&[0x83, 0x80, 0, 0, 0, 0], End::Protocol).await;
    check_bytes(&[0x80, 0x80, 0, 0, 0, 0], End::Protocol).await;
    check_bytes(&[0x81, 0x81, 0, 0, 0, 0, 0xff], End::NotUtf8).await;
    let endless = [&[0x82, 0xff, 0x7f][..], &[0xff; 7], &[0; 4]].concat();
    check_bytes(&endless, End::Close(CloseCode::TooLarge)).await;
    check_bytes(&[0x82, 0xfe, 0x03, 0xe9, 0, 0, 0, 0], End::Close(CloseCode::TooLarge)).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_only_asks_is_not_heard_for_ever() {
    let (ours, mut theirs) = duplex(64);
    let mut socket = Socket::server(ours, 1000);
    let mut pings = 0;
    let ping = [&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[b'x'; 125]].concat();
    // Nobody reads the pongs.
    while timeout(Duration::from_millis(50), theirs.write_all(&ping)).await.is_ok() {
        pings += 1;
        while let Ok(incoming) = timeout(Duration::from_millis(5), socket.receive()).await {
            assert_eq!(incoming, Incoming::Ping);
        }
    }
    assert!(pings < 40, "{pings}");
    assert!(socket.parser.get_ref().unsaid() < UNSAID_BYTES + 200);
}
