//! Good and bad settings, and the example file that lists them.

use super::*;
use crate::settings::spec::SPECS;

fn read(environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::from_inputs(&Inputs { environment, ..Inputs::default() })
}

/// One bad setting gives one line that names it.
fn check(environment: &[(&str, &str)], expected: &str) {
    assert_eq!(read(environment).unwrap_err().to_string(), expected);
}

#[test]
fn defaults_are_those_of_the_design() {
    let settings = read(&[]).unwrap();
    assert_eq!((settings.host.as_str(), settings.port, settings.mode), ("127.0.0.1", 3000, Mode::Replay));
    assert_eq!(settings.replay.file, PathBuf::from("fixtures/opensky_nyc_sample.jsonl"));
    assert_eq!((settings.replay.speed, settings.replay.looped), (1.0, true));
    assert_eq!(settings.opensky.bbox, BoundingBox::NEW_YORK);
    assert_eq!(settings.opensky.states_url.as_str(), "https://opensky-network.org/api/states/all");
    assert!(settings.opensky.credentials.is_none());
    assert_eq!(settings.delta_interval, Duration::from_millis(200));
    assert_eq!(settings.stale_after, Duration::from_secs(60));
}

#[test]
fn bad_values_are_named() {
    for (name, value, expected) in [
        ("BACKEND_PORT", "http", "a whole number from 0 to 65535"),
        ("BACKEND_PORT", "65536", "a whole number from 0 to 65535"),
        ("OPENSKY_MODE", "demo", "replay or live"),
        ("REPLAY_SPEED", "0", "a number from 0.1 to 100"),
        ("REPLAY_SPEED", "NaN", "a number from 0.1 to 100"),
        ("REPLAY_LOOP", "maybe", "true or false"),
        ("BBOX_LAT_MAX", "95", "a number from -90 to 90"),
        ("BBOX_LON_MIN", "west", "a number from -180 to 180"),
        ("BBOX_LAT_MIN", "42", "less than BBOX_LAT_MAX (41.2)"),
        ("OPENSKY_API_URL", "opensky", "an http or https address without user, password or query"),
        ("POLL_INTERVAL_SECONDS", "0.5", "a number from 1 to 3600"),
        ("WS_DELTA_INTERVAL_MS", "5", "a whole number from 20 to 10000"),
        ("LOG_LEVEL", "loud", "error, warn, info, debug, trace or a filter like inflight_server=debug"),
        ("LOG_FORMAT", "xml", "human or json"),
        ("READSB_INTERVAL_SECONDS", "0.1", "a number from 0.2 to 60"),
        ("ADSBX_INTERVAL_SECONDS", "0.5", "a number from 1 to 3600"),
        ("ADSBX_CIRCLE", "40,-74", "LAT,LON,NM with at most 250 nautical miles"),
        ("SOURCES", "sbs=pi:x", "HOST:PORT after sbs="),
        ("SOURCES", "opensky=x", "nothing (OPENSKY_API_URL says where it is) after opensky="),
    ] {
        check(&[(name, value)], &format!("{name}={value} (from environment): expected {expected}"));
    }
    check(
        &[("OPENSKY_CLIENT_SECRET", "hunter2")],
        "OPENSKY_CLIENT_ID=(not set) (from default): expected both OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET, or neither",
    );
}

#[test]
fn every_bad_value_is_named_at_once() {
    let error = read(&[("BACKEND_PORT", "x"), ("REPLAY_SPEED", "y"), ("LOG_FORMAT", "z")]).unwrap_err();
    let names: Vec<_> = error.0.iter().map(|problem| problem.setting).collect();
    assert_eq!(names, ["BACKEND_PORT", "REPLAY_SPEED", "LOG_FORMAT"]);
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let settings = read(&[("OPENSKY_CLIENT_ID", "me"), ("OPENSKY_CLIENT_SECRET", "hunter2")]).unwrap();
    assert_eq!(settings.opensky.credentials.as_ref().unwrap().client_secret.reveal(), "hunter2");
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn the_example_lists_every_setting() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example");
    let text = std::fs::read_to_string(path).unwrap();
    let example = dotenv::DotEnv::parse(path.as_ref(), &text).unwrap();
    for spec in SPECS {
        let value = example.entries.get(spec.name).map(|(value, _)| value.as_str());
        let expected =
            if matches!(spec.used_by, spec::UsedBy::Nobody(_)) { value } else { Some(spec.default) };
        assert!(value.is_some() && value == expected, "{} is {value:?}, not {expected:?}", spec.name);
    }
    let names = example.entries.keys().map(String::as_str);
    assert_eq!(names.filter(|name| spec::find(name).is_none()).collect::<Vec<_>>(), Vec::<&str>::new());
    let inputs = Inputs { dotenv: Some(example), ..Inputs::default() };
    assert!(Settings::from_inputs(&inputs).is_ok(), "a copied example works");
}

#[test]
fn sources_are_named_and_found() {
    let text = "opensky, readsb=http://pi/tar1090, readsb, sbs=pi ,adsbx";
    let settings = read(&[("SOURCES", text), ("READSB_URL", "/tmp/aircraft.json")]).unwrap();
    assert_eq!(settings.mode, Mode::Live);
    let found: Vec<(&str, String)> =
        settings.sources.iter().map(|source| (source.name.as_str(), source.target.to_string())).collect();
    let expected = [
        ("opensky", "opensky"),
        ("readsb", "http://pi/tar1090/data/aircraft.json"),
        ("readsb-2", "/tmp/aircraft.json"),
        ("sbs", "pi:30003"),
        ("adsbx", "https://api.adsb.lol/v2/point/40.8000/-74.0000/34"),
    ];
    assert_eq!(found, expected.map(|(name, target)| (name, target.to_owned())));
    assert_eq!(read(&[("OPENSKY_MODE", "live")]).unwrap().sources.len(), 1);
    assert_eq!(read(&[("OPENSKY_MODE", "replay"), ("SOURCES", "sbs")]).unwrap().mode, Mode::Replay);
    let expected = sources::EXPECTED;
    check(
        &[("SOURCES", "opensky,radar")],
        &format!("SOURCES=opensky,radar (from environment): expected {expected}; found radar"),
    );
}

#[test]
fn a_source_on_the_command_line_wins_over_a_recording_elsewhere() {
    let mut inputs = Inputs::default();
    inputs.environment.insert("OPENSKY_MODE".to_owned(), "replay".to_owned());
    inputs.flags.insert("SOURCES", ("--source", "sbs".to_owned()));
    assert_eq!(Settings::from_inputs(&inputs).unwrap().mode, Mode::Live);
    inputs.flags.insert("OPENSKY_MODE", ("--mode", "replay".to_owned()));
    assert_eq!(Settings::from_inputs(&inputs).unwrap().mode, Mode::Replay);
}
