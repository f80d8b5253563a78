//! S5: frames that no client should send, made up and built to hurt; each ends its connection with a code, and
//! nothing of them stays.

mod bad;

use crate::commands::check::args::CheckArgs;
use crate::commands::check::child::Served;
use crate::commands::check::frames::bad::Bad;
use crate::commands::check::report::Report;
use crate::commands::check::socket::{Dial, Received, Socket};
use crate::commands::check::{served, spread};
use crate::exit::AppError;
use core::time::Duration;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::time::{Instant, sleep, timeout};

/// Connections at the same time.
const AT_ONCE: u32 = 8;

/// Connections that let the server's memory find its size before it is measured.
const WARM_UP: u32 = 2000;

/// A server that has not closed by then does not.
const WAIT: Duration = Duration::from_secs(10);

/// What became of connections.
#[derive(Debug, Default)]
struct Met {
    frames: u32,
    codes: BTreeMap<u16, u32>,
    /// Frames that did not end with one of the codes, as much as is worth telling.
    wrong: Vec<String>,
}

/// Runs the check. `--clients` is the number of structured frames, `--rows` that of random ones in hundreds.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (random, structured) = (args.rows.unwrap_or(10_000) * 100, args.clients.unwrap_or(10_000));
    let mut report = Report::new(
        "frames",
        "no panic, memory back within 2 MB, each offender closed with 1002, 1007, 1009 or 4000",
        args.seed,
    );
    let (mut server, _fleet) = served(args.seed, 100)?;
    server.start().await?;
    many(&server, WARM_UP.min(structured), args.seed + 1, true).await?;
    many(&server, WARM_UP.min(random), args.seed + 2, false).await?;
    let before = settled(&server).await;
    let begun = Instant::now();
    let built = many(&server, structured, args.seed, true).await?;
    let made_up = many(&server, random, args.seed, false).await?;
    report.tell("seconds", begun.elapsed().as_secs_f64());
    let after = settled(&server).await;
    for (met, names) in [
        (&built, ["structured_frames", "structured_not_closed_as_promised"]),
        (&made_up, ["random_frames", "random_not_closed_as_promised"]),
    ] {
        report.tell(names[0], f64::from(met.frames));
        report.exactly(names[1], met.wrong.len() as f64, 0.0);
        met.wrong.iter().take(10).for_each(|wrong| eprintln!("{wrong}"));
    }
    let code =
        |code| f64::from([&built, &made_up].iter().filter_map(|met| met.codes.get(&code)).sum::<u32>());
    for (name, number) in
        [("closed_1002", 1002), ("closed_1007", 1007), ("closed_1009", 1009), ("closed_4000", 4000)]
    {
        report.tell(name, code(number));
    }
    report.at_most("memory_growth_mb", (after as f64 - before as f64) / 1e6, 2.0);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    let open = server.metric("inflight_connections", "").await?;
    report.exactly("connections_left_open", open, 0.0);
    report.finish(args.json)
}

/// Memory once nobody is connected any more.
async fn settled(server: &Served) -> u64 {
    let begun = Instant::now();
    while begun.elapsed() < WAIT && server.metric("inflight_connections", "").await.unwrap_or(1.0) > 0.0 {
        sleep(Duration::from_millis(100)).await;
    }
    sleep(Duration::from_secs(1)).await;
    server.resident_bytes().unwrap_or_default()
}

async fn many(server: &Served, count: u32, seed: u64, is_structured: bool) -> Result<Met, AppError> {
    let address = server.address;
    let parts = spread(AT_ONCE.min(count), move |part| async move {
        let mut met = Met::default();
        for number in (part..count).step_by(AT_ONCE as usize) {
            let mut random = fastrand::Rng::with_seed(seed ^ (u64::from(number) << 20));
            let bad = if is_structured {
                bad::structured(number as usize, &mut random)
            } else {
                bad::random(&mut random)
            };
            met.one(address, number, bad).await;
        }
        met
    });
    let mut all = Met::default();
    for met in parts.await? {
        all.frames += met.frames;
        all.wrong.extend(met.wrong);
        for (code, count) in met.codes {
            *all.codes.entry(code).or_default() += count;
        }
    }
    Ok(all)
}

impl Met {
    async fn one(&mut self, address: SocketAddr, number: u32, bad: Bad) {
        self.frames += 1;
        // One address has ports for 28,000 connections; the machine has 16 million addresses of its own.
        let from = ([127, 0, 1 + (number / 250 % 250) as u8, 1 + (number % 250) as u8], 0).into();
        let dial = Dial { subprotocol: bad.subprotocol, from: Some(from), ..Dial::default() };
        let mut socket = match Socket::connect(address, "/stream/ws", &dial).await {
            Ok(socket) => socket,
            Err(error) => return self.wrong.push(format!("{}: cannot connect: {error}", bad.name)),
        };
        // A server that closed after the first half does not take the second.
        let _ = socket.send_raw(&bad.bytes).await;
        let end = timeout(WAIT, async {
            loop {
                match socket.next().await {
                    Received::Message(_) => {}
                    end => return end,
                }
            }
        });
        match end.await {
            Ok(Received::Close(code, _)) if bad.may_close(code) => *self.codes.entry(code).or_default() += 1,
            other => self.wrong.push(format!("{} (number {number}): {other:?}", bad.name)),
        }
        socket.break_off();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_is_the_same_frame() {
        for number in 0..bad::STRUCTURED * 2 {
            let frame = |seed| bad::structured(number, &mut fastrand::Rng::with_seed(seed)).bytes;
            assert_eq!(frame(5), frame(5), "{number}");
            assert!(!frame(5).is_empty());
        }
    }
}
