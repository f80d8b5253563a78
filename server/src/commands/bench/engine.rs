//! `inflight bench engine`: from a poll in memory to the delta's bytes, on one core, and memory per aircraft.

mod traffic;

use crate::commands::bench::options::BenchEngineArgs;
use crate::exit::AppError;
use inflight_domain::Epoch;
use inflight_engine::{Engine, Input, Now, Topics};
use inflight_sky::freshness::STALE_AFTER_MS;
use inflight_sky::{Poll, Recording, motion};
use inflight_wire::frame::StreamClock;
use inflight_wire::{Format, Mirror, decode_server};
use serde::Serialize;
use std::time::Instant;
use traffic::Traffic;

/// Polls before the clock is started.
const WARM_UP: usize = 3;

/// Engines whose memory is taken together, so that what the allocator keeps for itself weighs little.
const ENGINES: usize = 4;

const FLIGHTS: Topics = Topics { flights: true, system: false, disruptions: false };

/// Lets made-up traffic change as a whole, poll by poll, and prints what each cost.
///
/// # Errors
/// A client would not have rebuilt the table.
pub fn run(args: &BenchEngineArgs) -> Result<(), AppError> {
    let report = measure(args.aircraft, args.polls as usize).map_err(AppError::Other)?;
    if args.json {
        let text = serde_json::to_string(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        print!("{}", table(&report));
    }
    Ok(())
}

#[derive(Serialize)]
struct Report {
    aircraft: u32,
    polls: usize,
    updates_per_poll: f64,
    /// From the poll in memory to the bytes of the frame that clients in step share.
    poll_to_delta_ms_median: f64,
    poll_to_delta_ms_p95: f64,
    /// The first half of that: the poll judged and put into the table, motion included.
    apply_ms_median: f64,
    /// The second half.
    encode_ms_median: f64,
    /// OpenSky's text read into a poll, which happens away from the engine.
    read_ms_median: f64,
    delta_bytes_median: usize,
    /// Growth of resident memory; none where the system does not tell.
    bytes_per_aircraft: Option<f64>,
    bytes_per_aircraft_by: &'static str,
    /// Optimised builds only tell something.
    debug_build: bool,
}

fn measure(aircraft: u32, polls: usize) -> Result<Report, String> {
    let mut traffic = Traffic::new(aircraft);
    let mut engine = Engine::new(Epoch(1), STALE_AFTER_MS);
    let mut mirror = Mirror::new(motion::advance);
    let (mut apply, mut encode, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let (mut updates, mut bytes) = (0_u64, Vec::new());
    for round in 0..WARM_UP + polls {
        let begun = Instant::now();
        let poll = poll_of(traffic.next_response())?;
        read.push(ms(begun));
        let (now, input) = input_of(poll);
        let begun = Instant::now();
        let out = engine.advance(now, [input]);
        apply.push(ms(begun));
        let begun = Instant::now();
        let frame = engine.tick(Format::Msgpack, FLIGHTS);
        encode.push(ms(begun));
        if round < WARM_UP {
            apply.clear();
            encode.clear();
            read.clear();
        } else {
            updates += out.accepted;
            bytes.push(frame.len());
        }
        follow(&mut mirror, &engine, &frame)?;
    }
    let whole: Vec<f64> = apply.iter().zip(&encode).map(|(apply, encode)| apply + encode).collect();
    bytes.sort_unstable();
    Ok(Report {
        aircraft,
        polls,
        updates_per_poll: updates as f64 / polls as f64,
        poll_to_delta_ms_median: quantile(whole.clone(), 0.5),
        poll_to_delta_ms_p95: quantile(whole, 0.95),
        apply_ms_median: quantile(apply, 0.5),
        encode_ms_median: quantile(encode, 0.5),
        read_ms_median: quantile(read, 0.5),
        delta_bytes_median: bytes[bytes.len() / 2],
        bytes_per_aircraft: memory(aircraft)?,
        bytes_per_aircraft_by: "growth of resident memory with four more engines, per engine and aircraft",
        debug_build: cfg!(debug_assertions),
    })
}

/// A client in step, which proves that the delta says what the table holds.
fn follow(mirror: &mut Mirror, engine: &Engine, frame: &[u8]) -> Result<(), String> {
    let frames = if mirror.position().is_none() {
        engine.snapshot(Format::Msgpack, FLIGHTS)
    } else {
        vec![frame.to_vec()]
    };
    for frame in frames {
        let frame = decode_server(&frame).map_err(|error| error.to_string())?;
        mirror.apply(&frame).map_err(|error| error.to_string())?;
    }
    let (here, there) = (mirror.digest(), format!("{:016x}", engine.flights().digest()));
    if here == there { Ok(()) } else { Err(format!("the client's table is {here}, the server's {there}")) }
}

/// Resident memory that an engine takes for each aircraft.
fn memory(aircraft: u32) -> Result<Option<f64>, String> {
    let fill = || -> Result<Engine, String> {
        let mut traffic = Traffic::new(aircraft);
        let mut engine = Engine::new(Epoch(1), STALE_AFTER_MS);
        for _ in 0..WARM_UP {
            let (now, input) = input_of(poll_of(traffic.next_response())?);
            engine.advance(now, [input]);
        }
        Ok(engine)
    };
    // The first one brings what all share, and what passes leaves free for the next.
    let mut engines = vec![fill()?];
    let before = resident_bytes();
    for _ in 0..ENGINES {
        engines.push(fill()?);
    }
    let grown = before.zip(resident_bytes()).map(|(before, after)| after.saturating_sub(before));
    drop(engines);
    Ok(grown.map(|bytes| (bytes as f64 / f64::from(aircraft) / ENGINES as f64).round()))
}

fn resident_bytes() -> Option<u64> {
    const PAGE: &str = "VmRSS:";
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(PAGE))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

fn poll_of(response: String) -> Result<Poll, String> {
    let recording = Recording::open(response.into_bytes()).map_err(|error| error.to_string())?;
    recording.poll(0).ok_or_else(|| "the traffic is no poll".to_owned())
}

fn input_of(poll: Poll) -> (Now, Input) {
    let at_ms = poll.time.0;
    let now = Now { wall_ms: at_ms, stream: StreamClock { stream_ms: at_ms, rate: 1.0 } };
    (now, Input::Poll { source: "opensky".to_owned(), poll })
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let value = values.get(((values.len() - 1) as f64 * share).round() as usize);
    value.map_or(0.0, |value| (value * 1000.0).round() / 1000.0)
}

fn table(report: &Report) -> String {
    let memory = report.bytes_per_aircraft.map_or_else(|| "-".to_owned(), |bytes| format!("{bytes:.0}"));
    let mut text = format!(
        "{} aircraft, {:.0} of them changed in each of {} polls\n\n",
        report.aircraft, report.updates_per_poll, report.polls
    );
    for (name, value) in [
        ("poll to delta, median ms", format!("{:.2}", report.poll_to_delta_ms_median)),
        ("poll to delta, p95 ms", format!("{:.2}", report.poll_to_delta_ms_p95)),
        ("of it applied, median ms", format!("{:.2}", report.apply_ms_median)),
        ("of it encoded, median ms", format!("{:.2}", report.encode_ms_median)),
        ("text read before, median ms", format!("{:.2}", report.read_ms_median)),
        ("delta, bytes", report.delta_bytes_median.to_string()),
        ("memory, bytes an aircraft", memory),
    ] {
        text.push_str(&format!("{name:30}{value:>12}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aircraft_changes_in_every_poll() {
        let report = measure(200, 4).unwrap();
        assert_eq!(report.updates_per_poll, 200.0);
        assert!(report.delta_bytes_median > 200 * 4, "{}", report.delta_bytes_median);
        assert!(report.poll_to_delta_ms_median <= report.poll_to_delta_ms_p95);
    }

    #[test]
    fn quantiles_are_values() {
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile((0..=100).map(f64::from).collect(), 0.95), 95.0);
    }
}
