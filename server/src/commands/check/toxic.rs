//! R2: a bad line for every seed, of cuts, half-open connections, delays and drips; whatever it does, the table is
//! the server's at every cut, and the newest within two ticks of healing.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::follower::{Follower, Step};
use crate::commands::check::oracle::Oracle;
use crate::commands::check::proxy::{Proxy, Weather};
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::{TICK, served, spread, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_wire::Resume;
use std::net::SocketAddr;
use tokio::time::{Instant, sleep_until, timeout};

/// Seeds that run at the same time.
const AT_ONCE: u32 = 25;

const WAIT: Duration = Duration::from_secs(30);

/// What happened under one seed.
#[derive(Debug, Default)]
struct Met {
    compared: u32,
    differing: u32,
    faults: u32,
    breaks: u32,
    connections: u32,
    /// Time from the heal to the newest table; none if it did not come.
    healed: Option<Duration>,
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, seeds) = (args.rows.unwrap_or(500), args.clients.unwrap_or(1000));
    let mut report =
        Report::new("toxic", "the server's table on every seed, within 2 ticks of healing", args.seed);
    let (mut server, fleet) = served(args.seed, rows)?;
    server.start().await?;
    let flying = traffic(fleet, 0.1);
    let oracle = Oracle::of(server.address);
    let (begun, mut met) = (Instant::now(), Vec::new());
    for first in (0..seeds).step_by(AT_ONCE as usize) {
        let (count, address) = (AT_ONCE.min(seeds - first), server.address);
        let batch =
            spread(count, |number| one_seed(address, oracle.clone(), args.seed + u64::from(first + number)));
        met.extend(batch.await?);
    }
    flying.stop().await?;
    let sum = |of: fn(&Met) -> u32| f64::from(met.iter().map(of).sum::<u32>());
    let healed: Vec<f64> =
        met.iter().filter_map(|one| one.healed).map(|time| time.as_secs_f64() / TICK.as_secs_f64()).collect();
    report.tell("seeds", f64::from(seeds));
    report.tell("seconds", begun.elapsed().as_secs_f64());
    report.tell("bad_spells", sum(|one| one.breaks));
    report.tell("connections", sum(|one| one.connections));
    report.at_least("tables_compared", sum(|one| one.compared), f64::from(seeds));
    report.exactly("tables_differing", sum(|one| one.differing), 0.0);
    report.exactly("faults", sum(|one| one.faults), 0.0);
    report.exactly("not_healed", (met.len() - healed.len()) as f64, 0.0);
    report.tell("ticks_to_heal_median", quantile(&healed, 0.5));
    report.at_most("ticks_to_heal_most", quantile(&healed, 1.0), 2.0 * args.patience);
    report.finish(args.json)
}

async fn one_seed(address: SocketAddr, oracle: Oracle, seed: u64) -> Met {
    let mut met = Met::default();
    let Ok(proxy) = Proxy::to(address).await else { return met };
    let mut follower = Follower::new(proxy.address, &["flights"], seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut seen = Vec::new();
    follower.until(WAIT, |_| true).await;
    for _ in 0..random.u32(1..4) {
        met.breaks += 1;
        proxy.set(weather(&mut random));
        spell(&mut follower, random.u64(50..500), &mut seen).await;
        if random.u8(0..3) == 0 {
            // Half-open: the server goes on believing in the old connection.
            follower.break_off();
        }
        proxy.set(Weather::Clear);
        spell(&mut follower, random.u64(0..200), &mut seen).await;
    }
    // The last one heals while the client looks on; what tells a page that it is online again makes it try at once.
    proxy.set(weather(&mut random));
    spell(&mut follower, random.u64(50..300), &mut seen).await;
    proxy.set(Weather::Clear);
    let (at, goal) = (Instant::now(), oracle.newest());
    follower.try_at_once();
    let newest = |follower: &Follower| {
        follower.place().is_some_and(|here| (here.epoch, here.cut) >= (goal.epoch, goal.cut))
    };
    if follower.until(WAIT, newest).await.is_some() {
        met.healed = Some(at.elapsed());
    }
    seen.extend(follower.place().map(|place| (place, follower.mirror.digest())));
    for (place, digest) in seen {
        // The oracle has every cut, though perhaps a moment later.
        let known = timeout(WAIT, oracle.reached(place)).await.is_ok();
        met.compared += u32::from(known);
        met.differing += u32::from(known && oracle.agrees(place, &digest) == Some(false));
    }
    met.connections = follower.tally.connections;
    met.faults = follower.tally.faults.len() as u32;
    met
}

/// Follows for so long and notes every table.
async fn spell(follower: &mut Follower, ms: u64, seen: &mut Vec<(Resume, String)>) {
    let end = Instant::now() + Duration::from_millis(ms);
    loop {
        tokio::select! {
            biased;
            () = sleep_until(end) => return,
            step = follower.step() => match step {
                Step::Frame(_) => {
                    seen.extend(follower.place().map(|place| (place, follower.mirror.digest())));
                }
                Step::Other => {}
                Step::Lost => tokio::select! {
                    () = sleep_until(end) => return,
                    () = follower.return_() => {}
                },
            },
        }
    }
}

fn weather(random: &mut fastrand::Rng) -> Weather {
    match random.u8(0..4) {
        0 => Weather::Late(Duration::from_millis(random.u64(5..300))),
        1 => Weather::Drips,
        2 => Weather::Still,
        _ => Weather::Cut,
    }
}
