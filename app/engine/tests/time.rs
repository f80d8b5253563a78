//! A source whose clock ran ahead costs its own entries, not the stream.

use inflight_domain::Epoch;
use inflight_engine::{Engine, Input, Now};
use inflight_sky::opensky::parse_response;
use inflight_wire::frame::StreamClock;

fn poll(time_s: i64) -> Input {
    let text = format!(
        r#"{{"time":{time_s},"states":[["a00001","TEST1","X",{time_s},{time_s},-73.9,40.7,3048.0,false,120.0,90.0,0.0,null,3000.0,null,false,0]]}}"#
    );
    Input::Poll { source: "test".to_owned(), poll: parse_response(&text, 1).unwrap() }
}

#[test]
fn polls_go_on_after_one_from_the_future() {
    let mut engine = Engine::new(Epoch(1), 60_000);
    let mut accepted = |now_s: i64, poll: Input| {
        let stream = StreamClock { stream_ms: now_s * 1000, rate: 1.0 };
        engine.advance(Now { wall_ms: now_s * 1000, stream }, [poll]).accepted
    };
    let now_s = 1_700_000_000;
    assert_eq!(accepted(now_s, poll(now_s)), 1);
    assert_eq!(accepted(now_s + 10, poll(now_s + 86_400)), 0);
    assert_eq!(accepted(now_s + 120, poll(now_s + 120)), 1);
}

#[test]
fn a_clock_that_is_set_costs_what_it_hides_and_not_the_stream() {
    let mut engine = Engine::new(Epoch(1), 60_000);
    let start_s = 1_700_000_000;
    let (mut wall_ms, mut cut) = (0, engine.position().cut);
    // The source's time goes on; that of this machine is an hour behind, a day ahead, and right again.
    for (step, offset_s) in [0, -3600, -3600, 86_400, 0, -86_400, 0, 0].into_iter().enumerate() {
        let time_s = start_s + 10 * step as i64;
        wall_ms += 10_000;
        let stream = StreamClock { stream_ms: (time_s + offset_s) * 1000, rate: 1.0 };
        let out = engine.advance(Now { wall_ms, stream }, [poll(time_s)]);
        let position = engine.position();
        assert!(position.epoch == Epoch(1) && position.cut >= cut, "step {step}");
        cut = position.cut;
        if offset_s == 0 {
            assert_eq!((out.accepted, engine.flights().len()), (1, 1), "step {step}");
        }
    }
}
