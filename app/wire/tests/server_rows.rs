//! Rows that a server tells of itself: their text, and that who does not know their kind reads over them.

use inflight_domain::system::*;
use inflight_domain::{Cut, Epoch, SystemRow, UnixMillis};
use inflight_wire::frame::{Header, Segment, ServerFrame, TickHeader};
use inflight_wire::{Format, decode_rows, decode_server};

fn check(row: ServerRow, key: &str, expected: &str) {
    let told = SystemRow::Server(Box::new(row));
    assert_eq!(told.key(), key);
    let text = String::from_utf8(Format::Json.encode(&told)).unwrap();
    assert_eq!(text, expected);
    let header =
        TickHeader { epoch: Epoch(1), base: Cut(1), cut: Cut(2), stream_ms: 1_679_015_040_000, rate: 1.0 };
    let history = SystemRow::History(HistoryRow { from: UnixMillis(0), to: UnixMillis(1), raw_bytes: 2 });
    let segment = Segment::System { updated: vec![told, history.clone()], removed: vec![] };
    let frame = ServerFrame { header: Header::Tick(header), segments: vec![segment] };
    let bytes = Format::Msgpack.encode(&frame);
    assert_eq!(decode_rows(&bytes).unwrap().updated.len(), 2);
    let read = decode_server(&bytes).unwrap();
    assert_eq!(read.segments[0], Segment::System { updated: vec![history], removed: vec![] });
}

#[test]
fn rows_have_the_shape_of_the_protocol() {
    let started_at = UnixMillis(1_679_015_040_000);
    check(
        ServerRow::Process(ProcessRow {
            version: "0.1.0".into(),
            started_at,
            cpu_pct: Some(12.5),
            memory_bytes: Some(50_000_000),
            open_files: None,
            tasks: 12,
            tick_p95_ms: Some(1.25),
        }),
        "process",
        r#"{"kind":"process","version":"0.1.0","started_at":1679015040,"cpu_pct":12.5,"memory_bytes":50000000,"open_files":null,"tasks":12,"tick_p95_ms":1.25}"#,
    );
    let by = EndpointRow {
        endpoint: "stream".into(),
        form: "json".into(),
        open: 2,
        messages_per_s: 5.5,
        bytes_per_s: 1000.0,
    };
    check(
        ServerRow::Connections(ConnectionsRow { open: 2, most: 3, users: 1, refused: 4, by: vec![by] }),
        "connections",
        r#"{"kind":"connections","open":2,"most":3,"users":1,"refused":4,"by":[{"endpoint":"stream","form":"json","open":2,"messages_per_s":5.5,"bytes_per_s":1000.0}]}"#,
    );
    check(
        ServerRow::Topic(TopicRow {
            name: "flights".into(),
            form: TopicForm::State,
            rows: Some(200),
            subscribers: 2,
            digest_mismatches: Some(0),
        }),
        "topic/flights",
        r#"{"kind":"topic","name":"flights","form":"state","rows":200,"subscribers":2,"digest_mismatches":0}"#,
    );
    check(
        ServerRow::Limits(LimitsRow {
            messages_per_minute: 100,
            features: vec![FeatureRow { name: "publish".into(), on: true }],
            ..LimitsRow::default()
        }),
        "limits",
        r#"{"kind":"limits","messages_per_minute":100,"burst":0,"connections":0,"connections_per_user":0,"message_bytes":0,"sign_in_ms":0,"stall_ms":0,"rate_limited":0,"features":[{"name":"publish","on":true}]}"#,
    );
    check(
        ServerRow::Alert(AlertRow {
            code: "tick_slow".into(),
            level: AlertLevel::Attention,
            text: "Ticks take long".into(),
            value: Some(150.0),
            threshold: Some(100.0),
            since: started_at,
            ended: None,
        }),
        "alert/tick_slow",
        r#"{"kind":"alert","code":"tick_slow","level":"attention","text":"Ticks take long","value":150.0,"threshold":100.0,"since":1679015040,"ended":null}"#,
    );
    check(
        ServerRow::Dependency(DependencyRow {
            name: "audit".into(),
            state: DependencyState::Degraded,
            code: "disk_full".into(),
            since: started_at,
        }),
        "dependency/audit",
        r#"{"kind":"dependency","name":"audit","state":"degraded","code":"disk_full","since":1679015040}"#,
    );
}
