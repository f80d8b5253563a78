//! R9: the same, over WebSocket and over Server-Sent Events, both cut off again and again: in the end the same
//! tables and the same entries.

use crate::commands::check::account::Accounts;
use crate::commands::check::args::CheckArgs;
use crate::commands::check::publisher::{Published, Publisher, ROOM};
use crate::commands::check::report::Report;
use crate::commands::check::socket::{Dial, Received, Socket, opcode};
use crate::commands::check::sse::Events;
use crate::commands::check::tables::Tables;
use crate::commands::check::{served, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_domain::{Cut, Epoch};
use inflight_wire::{ClientFrame, Format, Resume, SUBPROTOCOL_JSON, Subscribe};
use std::net::SocketAddr;
use tokio::time::{Instant, timeout};

const WAIT: Duration = Duration::from_secs(30);

/// A reader over either way.
struct Reader {
    address: SocketAddr,
    bearer: String,
    line: Line,
    tables: Tables,
    connections: u32,
}

enum Line {
    Socket(Option<Socket>),
    Events(Option<Events>),
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, seconds) = (args.rows.unwrap_or(300), u64::from(args.seconds.unwrap_or(30)));
    let mut report = Report::new(
        "parity",
        "Server-Sent Events and WebSocket end with the same tables and entries",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    Publisher::allow(&mut server);
    let accounts = Accounts::of(&mut server);
    let bearer = accounts.bearer("check")?;
    server.start().await?;
    let flying = traffic(fleet, 0.2);
    let publisher = Publisher::start(server.address, bearer.clone(), Duration::from_millis(50));
    let reader = |line| Reader {
        address: server.address,
        bearer: bearer.clone(),
        line,
        tables: Tables::default(),
        connections: 0,
    };
    let (mut socket, mut events) = (reader(Line::Socket(None)), reader(Line::Events(None)));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut random = fastrand::Rng::with_seed(args.seed);
    while Instant::now() < end {
        for reader in [&mut socket, &mut events] {
            let until = Instant::now() + Duration::from_millis(random.u64(20..400));
            while Instant::now() < until {
                // A frame that does not come is no fault here; the end is what counts.
                let _ = timeout(until - Instant::now(), reader.step()).await;
            }
            if random.u8(0..3) == 0 {
                reader.cut();
            }
        }
    }
    flying.stop().await?;
    let published = publisher.stop().await?;
    let met = timeout(WAIT, meet(&mut socket, &mut events, &published)).await.is_ok();
    judge(&mut report, &socket, &events, &published, met);
    report.finish(args.json)
}

fn judge(report: &mut Report, socket: &Reader, events: &Reader, published: &Published, met: bool) {
    let (here, there) = (&socket.tables, &events.tables);
    let differing = here.rows.iter().filter(|(key, row)| there.rows.get(key) != Some(row)).count()
        + there.rows.keys().filter(|key| !here.rows.contains_key(key)).count();
    report.exactly("came_to_the_same_cut", f64::from(u8::from(met)), 1.0);
    report.at_least("rows", here.rows.len() as f64, 1.0);
    report.exactly("rows_differing", differing as f64, 0.0);
    report.at_least("entries", published.acknowledged.len() as f64, 1.0);
    report.exactly("entry_lists_equal", f64::from(u8::from(here.entries == there.entries)), 1.0);
    for (reader, names) in [
        (socket, ["socket_connections", "socket_entries_missing_or_twice", "socket_faults"]),
        (events, ["events_connections", "events_entries_missing_or_twice", "events_faults"]),
    ] {
        let heard = published.hold(&reader.tables.numbers());
        report.at_least(names[0], f64::from(reader.connections), 1.0);
        report.exactly(names[1], (heard.missing + heard.duplicate + heard.wrong) as f64, 0.0);
        report.exactly(names[2], reader.tables.faults as f64, 0.0);
    }
}

/// Reads both until they are at the same cut and know the newest entry.
async fn meet(socket: &mut Reader, events: &mut Reader, published: &Published) {
    let knows =
        |reader: &Reader| reader.tables.numbers().last().is_some_and(|last| *last >= published.newest());
    loop {
        let (here, there) = (socket.tables.position, events.tables.position);
        if here == there && here.is_some() && knows(socket) && knows(events) {
            return;
        }
        if here <= there { socket.step().await } else { events.step().await }
    }
}

impl Reader {
    /// Takes the next frame; comes back first if there is no line. What is dropped in the middle of a frame of
    /// events comes again.
    async fn step(&mut self) {
        let frame = match &mut self.line {
            Line::Socket(None) | Line::Events(None) => return self.open().await,
            Line::Socket(Some(socket)) => match socket.next().await {
                Received::Message(message) => serde_json::from_slice(&message).ok(),
                Received::Close(..) | Received::Ended => None,
            },
            Line::Events(Some(events)) => events.next().await.map(|event| event.data),
        };
        match frame {
            Some(frame) => self.tables.apply(&frame),
            None => self.cut(),
        }
    }

    fn cut(&mut self) {
        match &mut self.line {
            Line::Socket(socket) => drop(socket.take()),
            Line::Events(events) => drop(events.take()),
        }
    }

    async fn open(&mut self) {
        let topics = ["flights", "system", ROOM].map(str::to_owned).to_vec();
        let place = self.tables.position;
        match &mut self.line {
            Line::Socket(line) => {
                let dial =
                    Dial { subprotocol: SUBPROTOCOL_JSON, headers: self.bearer.clone(), ..Dial::default() };
                let Ok(mut socket) = Socket::connect(self.address, "/stream/ws", &dial).await else { return };
                let resume = place.map(|(epoch, cut)| Resume { epoch: Epoch(epoch), cut: Cut(cut) });
                let subscribe = ClientFrame::Subscribe(Subscribe { topics, resume, ..Subscribe::default() });
                if socket.send(opcode::TEXT, &Format::Json.encode(&subscribe)).await.is_ok() {
                    self.connections += 1;
                    *line = Some(socket);
                }
            }
            Line::Events(line) => {
                let id = place.map(|(epoch, cut)| format!("{epoch}:{cut}"));
                let opened = Events::open(self.address, &topics.join(","), id.as_deref(), &self.bearer).await;
                if let Ok(events) = opened {
                    self.connections += 1;
                    *line = Some(events);
                }
            }
        }
    }
}
