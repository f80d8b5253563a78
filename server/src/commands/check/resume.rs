//! R3: who comes back within the horizon gets the rows that changed and nothing else; who was away for longer, or
//! comes to another life of the server, gets one snapshot.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::child::Served;
use crate::commands::check::fleet::Fleet;
use crate::commands::check::follower::{Follower, Step, differing};
use crate::commands::check::report::Report;
use crate::commands::check::socket::opcode;
use crate::commands::check::{TABLES, served, spread, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_domain::SystemRow;
use inflight_wire::limits::TOMBSTONES;
use inflight_wire::{ClientFrame, Format, ReplayCommand};
use std::fmt::Write;
use tokio::time::{Instant, sleep, timeout};

/// Only aircraft, so that bytes can be held against rows.
const TOPICS: [&str; 1] = ["flights"];

/// What a table takes at most to come.
const WAIT: Duration = Duration::from_secs(30);

/// Aircraft of one poll of the recording that outruns the horizon, and how many polls there are.
const CROWD: usize = 25_000;
const CROWDS: usize = TOMBSTONES / CROWD + 4;

/// Shorter runs leave the horizon out: it lies 100,000 removals away.
const HORIZON_FROM_S: u32 = 10;

/// What one client met.
#[derive(Default)]
struct Met {
    resumes: u32,
    snapshots: u32,
    bytes: f64,
    promised_bytes: f64,
    changed: usize,
    faults: usize,
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(5000), args.clients.unwrap_or(20));
    let seconds = args.seconds.unwrap_or(30);
    let mut report = Report::new(
        "resume",
        "inside the horizon no snapshot and at most 1.1 times the changed rows; outside, or in a new epoch, one",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    server.start().await?;
    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
    let flying = traffic(fleet, 0.1);
    let follow =
        spread(clients, |number| away_and_back(server.address, until, args.seed + u64::from(number)));
    let (mut followers, mut met) = (Vec::new(), Met::default());
    for (follower, one) in follow.await? {
        met.add(&one);
        followers.push(follower);
    }
    let fleet = flying.stop().await?;
    report.tell("clients", f64::from(clients));
    report.tell("rows", f64::from(rows));
    report.at_least("resumes", f64::from(met.resumes), f64::from(clients));
    report.exactly("snapshots_inside_horizon", f64::from(met.snapshots), 0.0);
    report.tell("changed_rows", met.changed as f64);
    report.at_most("bytes_per_promised_byte", met.bytes / met.promised_bytes.max(1.0), 1.1);
    report.exactly("faults", met.faults as f64, 0.0);
    new_epoch(&mut server, followers, &fleet, &mut report).await?;
    drop(server);
    if seconds >= HORIZON_FROM_S {
        beyond_horizon(&mut report).await?;
    }
    report.finish(args.json)
}

/// Leaves and comes back until the time is over.
async fn away_and_back(address: std::net::SocketAddr, until: Instant, seed: u64) -> (Follower, Met) {
    let mut follower = Follower::new(address, &TOPICS, seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut met = Met::default();
    follower.return_().await;
    follower.until(WAIT, |follower| follower.mirror.flight_count() > 0).await;
    // What a row costs by itself is what it costs in a snapshot.
    let row_bytes = follower.tally.bytes as f64 / follower.mirror.flight_count().max(1) as f64;
    loop {
        let snapshots = follower.tally.snapshots;
        let before = follower.rows();
        follower.break_off();
        sleep(Duration::from_millis(random.u64(200..2000))).await;
        follower.return_().await;
        let answer = timeout(WAIT, async {
            loop {
                match follower.step().await {
                    Step::Frame(bytes) => return bytes,
                    Step::Other => {}
                    Step::Lost => follower.return_().await,
                }
            }
        });
        let bytes = answer.await.unwrap_or_default();
        let changed = differing(&before, &follower.rows());
        met.resumes += 1;
        met.changed += changed;
        met.snapshots += follower.tally.snapshots - snapshots;
        met.bytes += bytes as f64;
        met.promised_bytes += changed as f64 * row_bytes;
        // The tables are whole again before the next time.
        follower.until(WAIT, |_| true).await;
        if Instant::now() >= until {
            met.faults = follower.tally.faults.len();
            return (follower, met);
        }
    }
}

/// Another life of the server: its cuts say nothing about those of the one before.
async fn new_epoch(
    server: &mut Served,
    followers: Vec<Follower>,
    fleet: &Fleet,
    report: &mut Report,
) -> Result<(), AppError> {
    server.kill();
    server.start().await?;
    let model = fleet.model()?;
    let back = followers.into_iter().map(|mut follower| {
        let digest = model.digest.clone();
        async move {
            let (snapshots, faults) = (follower.tally.snapshots, follower.tally.faults.len());
            let before = follower.mirror.position().map(|(epoch, _)| epoch);
            let is_back = move |follower: &Follower| {
                follower.mirror.position().map(|(epoch, _)| epoch) != before
                    && follower.mirror.digest() == digest
            };
            let returned = follower.until(WAIT, is_back).await;
            // Long enough for a second one, if there were one.
            let _ = follower.until(Duration::from_secs(1), |_| false).await;
            (returned.is_some(), follower.tally.snapshots - snapshots, follower.tally.faults.len() - faults)
        }
    });
    let (mut lost, mut snapshots, mut clients, mut faults) = (0, 0, 0, 0);
    for (returned, count, wrong) in futures_util::future::join_all(back).await {
        clients += 1;
        lost += u32::from(!returned);
        snapshots += count;
        faults += wrong;
    }
    report.exactly("snapshots_per_new_epoch", f64::from(snapshots) / f64::from(clients.max(1)), 1.0);
    report.exactly("not_equal_after_new_epoch", f64::from(lost), 0.0);
    report.exactly("faults_at_new_epoch", faults as f64, 0.0);
    Ok(())
}

/// More aircraft go than the server remembers while a client is away.
async fn beyond_horizon(report: &mut Report) -> Result<(), AppError> {
    let mut server = Served::prepare(TABLES)?;
    let recording = server.file("crowds.jsonl");
    std::fs::write(&recording, crowds()).map_err(|cause| AppError::file(&recording, &cause))?;
    for (name, value) in [("REPLAY_LOOP", "false"), ("REPLAY_START_PAUSED", "true")] {
        server.set(name, value);
    }
    server.set("REPLAY_FILE", recording.display().to_string());
    server.start().await?;
    let mut away = Follower::new(server.address, &TOPICS, 1);
    away.return_().await;
    away.until(WAIT, |follower| follower.mirror.flight_count() == CROWD).await;
    away.break_off();
    let mut near = Follower::new(server.address, &["system"], 2);
    near.return_().await;
    near.until(WAIT, |_| true).await;
    let begun = Instant::now();
    for poll in 1..CROWDS as u64 {
        let command = ClientFrame::Replay { id: poll, command: ReplayCommand::Step { polls: 1 } };
        if let Some(socket) = near.socket() {
            // If it does not go out the recording stands, and the figures below say so.
            drop(socket.send(opcode::BINARY, &Format::Msgpack.encode(&command)).await);
        }
        let played = near.until(WAIT, |follower| {
            let mut rows = follower.mirror.system().values();
            rows.any(|row| matches!(row, SystemRow::Source(row) if row.polls > poll))
        });
        played.await;
    }
    report.tell("seconds_to_outrun_horizon", begun.elapsed().as_secs_f64());
    let snapshots = away.tally.snapshots;
    let faults = away.tally.faults.len();
    let old = away.mirror.digest();
    let returned = away.until(WAIT, |follower| follower.mirror.digest() != old).await;
    let _ = away.until(Duration::from_secs(1), |_| false).await;
    report.exactly("snapshots_beyond_horizon", f64::from(away.tally.snapshots - snapshots), 1.0);
    report.exactly("faults_beyond_horizon", (away.tally.faults.len() - faults) as f64, 0.0);
    report.exactly("back_from_beyond_horizon", f64::from(u8::from(returned.is_some())), 1.0);
    Ok(())
}

/// A recording in which each poll tells of other aircraft than the one before.
fn crowds() -> String {
    let mut text = String::new();
    for crowd in 0..CROWDS {
        let time = 1_700_000_000 + 10 * crowd;
        // Writing into a string cannot fail.
        let _ = write!(text, "{{\"time\":{time},\"states\":[");
        for number in 0..CROWD {
            let (comma, icao24) = (if number == 0 { "" } else { "," }, crowd * CROWD + number + 1);
            let (row, column) = (number / 250, number % 250);
            let _ = write!(
                text,
                "{comma}[\"{icao24:06x}\",\"C{icao24:06x}\",\"Nowhere\",{time},{time},{column}.5,{row}.5,9000,false,\
                 200,90,0,null,9100,null,false,0]"
            );
        }
        text.push_str("]}\n");
    }
    text
}

impl Met {
    fn add(&mut self, other: &Self) {
        self.resumes += other.resumes;
        self.snapshots += other.snapshots;
        self.bytes += other.bytes;
        self.promised_bytes += other.promised_bytes;
        self.changed += other.changed;
        self.faults += other.faults;
    }
}
