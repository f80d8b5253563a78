//! `inflight bench snapshot`: how soon a newcomer sees the whole table, and what that costs those who are there.

use crate::commands::bench::options::BenchSnapshotArgs;
use crate::commands::check::observers::{self, Observers, apart, subscribed};
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::socket::{Dial, Received};
use crate::commands::check::{served, traffic};
use crate::exit::AppError;
use bytes::Bytes;
use core::time::Duration;
use inflight_sky::motion;
use inflight_wire::{Header, Mirror, decode_server};
use std::net::SocketAddr;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// Clients that are there already.
const OTHERS: u32 = 20;

/// A newcomer so often.
const EVERY: Duration = Duration::from_millis(250);

/// Until the others are in step.
const SETTLE: Duration = Duration::from_secs(3);

/// So many of the aircraft at least are told of at any time.
const TOLD_OF: f64 = 0.9;

/// What a newcomer met.
struct Met {
    first_ms: f64,
    complete_ms: f64,
    /// The pieces, and the hash of what they hold.
    messages: Vec<Bytes>,
}

/// Runs a server of its own, lets newcomers in, and prints.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &BenchSnapshotArgs) -> Result<(), AppError> {
    let (mut server, fleet) = served(1, args.aircraft)?;
    server.start().await?;
    let address = server.address;
    let flying = traffic(fleet, 0.02);
    let length = Duration::from_secs(u64::from(args.seconds));
    let quiet_from = Instant::now() + SETTLE;
    let (busy_from, end) = (quiet_from + length, quiet_from + 2 * length);
    let others = Observers::of(address, OTHERS);
    let met = observers::joined(apart(move || newcomers(address, busy_from, end))).await?;
    sleep_until(end).await;
    let late = others.finish().await?;
    drop(flying.stop().await?);
    let p99_within = |from: Instant, until: Instant| {
        let within = late.iter().filter(|late| (from..until).contains(&late.at));
        quantile(&within.map(|late| late.late_ms).collect::<Vec<_>>(), 0.99)
    };
    let (quiet_ms, busy_ms) = (p99_within(quiet_from, busy_from), p99_within(busy_from, end));
    let promise =
        "the first piece of a snapshot within 50 ms, all of it within 500, and others hardly notice";
    let mut report = Report::new("snapshot", promise, 1);
    judge(&mut report, &met, f64::from(args.aircraft));
    report.tell("others_p99_ms_quiet", quiet_ms);
    report.tell("others_p99_ms_meanwhile", busy_ms);
    // A millisecond is what the stamps tell.
    report.at_most("others_p99_ms_above_quiet", busy_ms - quiet_ms, (quiet_ms * 0.2).max(1.0));
    report.finish(args.json)
}

fn judge(report: &mut Report, met: &[Met], aircraft: f64) {
    let rows: Vec<Option<usize>> = met.iter().map(Met::rows).collect();
    let least = rows.iter().flatten().min().copied().unwrap_or_default();
    report.at_least("snapshots", met.len() as f64, 1.0);
    report.exactly(
        "snapshots_not_the_servers_table",
        rows.iter().filter(|rows| rows.is_none()).count() as f64,
        0.0,
    );
    report.at_least("rows_least", least as f64, aircraft * TOLD_OF);
    let bytes = |met: &Met| met.messages.iter().map(|message| message.len() as f64).sum();
    report.tell("bytes_median", quantile(&met.iter().map(bytes).collect::<Vec<f64>>(), 0.5));
    let first: Vec<f64> = met.iter().map(|met| met.first_ms).collect();
    let complete: Vec<f64> = met.iter().map(|met| met.complete_ms).collect();
    report.tell("first_piece_ms_median", quantile(&first, 0.5));
    report.at_most("first_piece_ms_p95", quantile(&first, 0.95), 50.0);
    report.tell("complete_ms_median", quantile(&complete, 0.5));
    report.at_most("complete_ms_p95", quantile(&complete, 0.95), 500.0);
}

/// One newcomer after the other.
async fn newcomers(address: SocketAddr, from: Instant, end: Instant) -> Vec<Met> {
    let mut met = Vec::new();
    sleep_until(from).await;
    while Instant::now() < end {
        let begun = Instant::now();
        met.extend(newcomer(address, end).await);
        sleep(EVERY.saturating_sub(begun.elapsed())).await;
    }
    met
}

/// Takes the whole table and the hash of it, and looks into it only once nothing is measured any more.
async fn newcomer(address: SocketAddr, end: Instant) -> Option<Met> {
    let begun = Instant::now();
    let mut socket = subscribed(address, &Dial::default()).await.ok()?;
    let (mut messages, mut times) = (Vec::new(), Vec::new());
    let mut is_whole = false;
    while let Ok(Received::Message(message)) = timeout_at(end, socket.next()).await {
        let passed_ms = begun.elapsed().as_secs_f64() * 1000.0;
        if is_whole {
            messages.push(message);
            return Some(Met { first_ms: *times.first()?, complete_ms: *times.last()?, messages });
        }
        if let Some((part, parts)) = piece(&message) {
            times.push(passed_ms);
            messages.push(message);
            is_whole = part + 1 == parts;
        }
    }
    None
}

/// Which piece of how many this is, by the words of its header: to read all of it would take longer than it was under
/// way.
fn piece(message: &[u8]) -> Option<(u32, u32)> {
    let after = |word: &[u8]| {
        let at = message.windows(word.len()).take(HEADER_BYTES).position(|window| window == word)?;
        match message.get(at + word.len()..)? {
            [number @ 0..0x80, ..] | [0xcc, number, ..] => Some(u32::from(*number)),
            [0xcd, high, low, ..] => Some(u32::from(u16::from_be_bytes([*high, *low]))),
            _ => None,
        }
    };
    Some((after(b"\xa4part")?, after(b"\xa5parts")?))
}

/// A header is shorter.
const HEADER_BYTES: usize = 250;

impl Met {
    /// Aircraft in the snapshot; none if it is not the server's table, by the hash that came with it.
    fn rows(&self) -> Option<usize> {
        let mut mirror = Mirror::new(motion::advance);
        let (last, pieces) = self.messages.split_last()?;
        for message in pieces {
            mirror.apply(&decode_server(message).ok()?).ok()?;
        }
        let Header::Digest(digest) = decode_server(last).ok()?.header else { return None };
        (digest.flights == mirror.digest()).then(|| mirror.flight_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::{Cut, Epoch};
    use inflight_wire::Format;
    use inflight_wire::frame::{SnapshotHeader, StreamClock};

    #[test]
    fn pieces_are_known_by_their_headers() {
        for (part, parts) in [(0, 1), (7, 8), (127, 300), (200, 4464)] {
            let StreamClock { stream_ms, rate } = StreamClock::default();
            let header = SnapshotHeader { epoch: Epoch(1), cut: Cut(5), stream_ms, rate, part, parts };
            let message = Format::Msgpack.assemble(&Header::Snapshot(header), &[&[0; 9]]);
            assert_eq!(piece(&message), Some((part, parts)));
        }
        assert_eq!(piece(&Format::Msgpack.encode(&[Header::Pong { id: 1 }])), None);
    }
}
