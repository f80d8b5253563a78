//! The player keeps the pace of the polls, and every jump in time starts a new epoch.

use inflight_domain::{Epoch, Field, Icao24, SystemRow, UnixMillis};
use inflight_engine::replay::CommandError;
use inflight_engine::{Engine, Input, Now, Player};
use inflight_sky::capture::answer_line;
use inflight_sky::{Recording, SourceKind};
use inflight_wire::ReplayCommand;
use std::collections::BTreeMap;

const START_S: i64 = 1_700_000_000;

/// Polls every 10 s, of which the fifth steps back in time as OpenSky's do.
fn recording() -> Recording {
    let times = [0, 10, 20, 30, 28, 40, 50].map(|offset| START_S + offset);
    let lines = times.map(|time| {
        format!(
            r#"{{"time":{time},"states":[["a00001","TEST1   ","United States",{time},{time},-73.9,40.7,3048.0,false,120.0,90.0,0.0,null,3000.0,"1200",false,0]]}}"#
        )
    });
    Recording::open(lines.join("\n").into_bytes()).unwrap()
}

fn player(looped: bool) -> Player {
    Player::new(recording(), "test.jsonl", 1.0, looped)
}

/// What a step hands out: poll offsets in seconds, `R` for a restart.
fn due(player: &mut Player, wall_s: i64) -> String {
    let step = player.step(wall_s * 1000);
    let name = |input: Input| match input {
        Input::Restart => "R".to_owned(),
        Input::Poll { poll, .. } => (poll.time.0 / 1000 - START_S).to_string(),
        other => format!("{other:?}"),
    };
    step.inputs.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

fn command(player: &mut Player, wall_s: i64, command: ReplayCommand) {
    player.command(wall_s * 1000, command).unwrap();
}

#[test]
fn keeps_the_pace_of_the_polls() {
    let mut player = player(false);
    for (wall_s, expected) in
        [(100, "0"), (105, ""), (110, "10"), (131, "20 30 28"), (140, "40"), (500, "50")]
    {
        assert_eq!(due(&mut player, wall_s), expected, "at {wall_s} s");
    }
    assert_eq!(player.row(true).code, "recording_ended");
    assert_eq!(player.step(600_000).clock.rate, 0.0);
}

#[test]
fn steps_poll_by_poll() {
    let mut player = player(false);
    assert_eq!(due(&mut player, 0), "0");
    for (polls, expected) in [(1, "10"), (2, "20 30 28"), (1, "40"), (9, "50"), (1, "")] {
        command(&mut player, 1, ReplayCommand::Step { polls });
        assert_eq!(due(&mut player, 1), expected, "{polls}");
    }
    assert!(player.row(true).replay.unwrap().paused);
    command(&mut player, 1, ReplayCommand::Step { polls: -5 });
    assert_eq!(due(&mut player, 1), "R 0 10");
    command(&mut player, 1, ReplayCommand::Step { polls: i64::MIN });
    assert_eq!(due(&mut player, 1), "R 0");
}

#[test]
fn tells_where_an_aircraft_has_been() {
    let mut player = player(false);
    let icao24 = Icao24::parse("a00001").unwrap();
    assert_eq!(player.trail(icao24).len(), 0);
    player.step(0);
    command(&mut player, 0, ReplayCommand::Seek { to: UnixMillis((START_S + 25) * 1000) });
    player.step(0);
    let times: Vec<i64> = player.trail(icao24).iter().map(|point| point.at.0 / 1000 - START_S).collect();
    assert_eq!(times, [0, 10, 20]);
}

#[test]
fn speeds_up_pauses_and_goes_on() {
    let mut player = player(false);
    assert_eq!(due(&mut player, 0), "0");
    command(&mut player, 0, ReplayCommand::Speed { value: 10.0 });
    assert_eq!(due(&mut player, 2), "10 20");
    command(&mut player, 2, ReplayCommand::Pause {});
    assert_eq!(due(&mut player, 60), "");
    assert_eq!(player.step(60_000).clock.rate, 0.0);
    command(&mut player, 60, ReplayCommand::Play {});
    assert_eq!(due(&mut player, 61), "30 28");
    let wrong = player.command(61_000, ReplayCommand::Speed { value: f64::NAN });
    assert!(matches!(wrong, Err(CommandError::Speed(_))));
}

#[test]
fn a_seek_starts_anew_and_warms_up() {
    let mut player = player(false);
    assert_eq!(due(&mut player, 0), "0");
    command(&mut player, 0, ReplayCommand::Seek { to: UnixMillis((START_S + 41) * 1000) });
    assert_eq!(due(&mut player, 0), "R 0 10 20 30 28 40");
    command(&mut player, 0, ReplayCommand::Seek { to: UnixMillis(0) });
    assert_eq!(due(&mut player, 0), "R 0");
}

#[test]
fn a_loop_starts_anew_after_the_last_poll_was_shown() {
    let mut player = player(true);
    due(&mut player, 0);
    assert_eq!(due(&mut player, 50), "10 20 30 28 40 50");
    assert_eq!(due(&mut player, 58), "", "the mean interval is 8.3 s");
    assert_eq!(due(&mut player, 59), "R 0");
    command(&mut player, 59, ReplayCommand::Loop { on: false });
    due(&mut player, 200);
    assert_eq!(due(&mut player, 300), "");
    command(&mut player, 300, ReplayCommand::Play {});
    assert_eq!(due(&mut player, 300), "R 0");
}

#[test]
fn a_single_poll_is_shown_for_a_while_before_it_loops() {
    let line = r#"{"time":1700000000,"states":null}"#;
    let recording = Recording::open(line.as_bytes().to_vec()).unwrap();
    let mut player = Player::new(recording, "one.jsonl", 1.0, true);
    for (wall_s, expected) in [(0, "0"), (1, ""), (14, ""), (15, "R 0"), (16, "")] {
        assert_eq!(due(&mut player, wall_s), expected, "at {wall_s} s");
    }
}

#[test]
fn recorded_sources_keep_their_names() {
    let answer = r#"{"now":1700000000,"aircraft":[{"hex":"a00001","lat":40.5,"lon":-74}]}"#;
    let line = |name: &str| answer_line(SourceKind::Readsb, name, UnixMillis(START_S * 1000), answer);
    let lines = [line("roof"), line("cellar").replace("a00001", "a00002")];
    let mut player = Player::new(Recording::open(lines.join("\n").into_bytes()).unwrap(), "x", 1.0, false);
    let step = player.step(0);
    let mut engine = Engine::new(Epoch(1), 60_000);
    engine.advance(Now { wall_ms: 0, stream: step.clock }, step.inputs);
    let numbers: BTreeMap<&str, u8> = engine
        .system()
        .rows()
        .filter_map(|row| match row {
            SystemRow::Source(row) => Some((row.name.as_str(), row.number)),
            _ => None,
        })
        .collect();
    for (hex, name) in [("a00001", "roof"), ("a00002", "cellar")] {
        let row = engine.flights().get(Icao24::parse(hex).unwrap()).unwrap();
        assert_eq!(row.aircraft.get(Field::Feed), Some(i64::from(numbers[name])), "{name}");
    }
}
