//! R7: a server that is asked to end tells everybody when to come back, spread over some seconds, and is gone soon.

use crate::commands::check::account::Accounts;
use crate::commands::check::args::CheckArgs;
use crate::commands::check::follower::{Follower, Step};
use crate::commands::check::publisher::{Published, Publisher, ROOM};
use crate::commands::check::report::Report;
use crate::commands::check::sse::Events;
use crate::commands::check::tables::Tables;
use crate::commands::check::{joined, served, spread};
use crate::exit::AppError;
use core::time::Duration;
use std::net::SocketAddr;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

/// One in so many clients reads Server-Sent Events.
const EVENT_READERS: u32 = 5;

/// Time between two entries, and how long they are published before and after the restart.
const PUBLISHED_EVERY: Duration = Duration::from_millis(50);
const SPELL: Duration = Duration::from_secs(2);

const WAIT: Duration = Duration::from_secs(60);

/// How a client was told.
#[derive(Debug, Default)]
struct Farewell {
    /// When to come back.
    retry_ms: Option<u64>,
    /// Close code of a socket; an answer of events only ends.
    code: Option<u16>,
    is_socket: bool,
    /// Numbers of the entries that it heard before and after, in its order.
    numbers: Vec<u64>,
}

/// What all clients know.
#[derive(Clone, Debug)]
struct Scene {
    address: SocketAddr,
    bearer: String,
    ready: mpsc::UnboundedSender<()>,
    /// The newest entry, once there are no more.
    newest: watch::Receiver<Option<u64>>,
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(200), args.clients.unwrap_or(1000));
    let mut report = Report::new(
        "shutdown",
        "everybody hears when to come back, spread, then 1001; the process ends within 30 s; no entry is lost",
        args.seed,
    );
    let (mut server, _fleet) = served(args.seed, rows)?;
    Publisher::allow(&mut server);
    let accounts = Accounts::of(&mut server);
    let bearer = accounts.bearer("check")?;
    server.start().await?;
    let (ready, mut is_ready) = mpsc::unbounded_channel();
    let (say, newest) = watch::channel(None);
    let (seed, scene) = (args.seed, Scene { address: server.address, bearer: bearer.clone(), ready, newest });
    let following = tokio::spawn(spread(clients, move |number| {
        let scene = scene.clone();
        async move {
            if number % EVENT_READERS == 0 {
                listen(scene).await
            } else {
                follow(scene, seed + u64::from(number)).await
            }
        }
    }));
    for _ in 0..clients {
        let one = timeout(WAIT, is_ready.recv()).await;
        one.map_err(|_| AppError::Other("not all clients got their tables".to_owned()))?;
    }
    let publisher = Publisher::start(server.address, bearer, PUBLISHED_EVERY);
    sleep(SPELL).await;
    server.terminate()?;
    let ended = server.wait(WAIT).await;
    server.start().await?;
    sleep(SPELL).await;
    let published = publisher.stop().await?;
    say.send_replace(Some(published.newest()));
    let told = joined(following.await)??;
    report.tell("clients", f64::from(clients));
    judge(&mut report, &told, &published);
    let seconds = ended.map_or(WAIT.as_secs_f64(), |(_, time)| time.as_secs_f64());
    report.at_most("seconds_to_end", seconds, 30.0);
    let status = ended.and_then(|(status, _)| status.code()).unwrap_or(-1);
    report.exactly("exit_code", f64::from(status), 0.0);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

fn judge(report: &mut Report, told: &[Farewell], published: &Published) {
    let retries: Vec<u64> = told.iter().filter_map(|one| one.retry_ms).collect();
    let sockets = told.iter().filter(|one| one.is_socket);
    report.exactly("not_told_when_to_return", (told.len() - retries.len()) as f64, 0.0);
    report.exactly("not_closed_with_1001", sockets.filter(|one| one.code != Some(1001)).count() as f64, 0.0);
    report.at_most("busiest_second_of_returns_per_mean", busiest(&retries), 2.0);
    report.at_least("entries_acknowledged", published.acknowledged.len() as f64, 1.0);
    let (mut missing, mut wrong) = ([0; 2], 0);
    for one in told {
        let heard = published.hold(&one.numbers);
        missing[usize::from(one.is_socket)] += heard.missing;
        wrong += heard.duplicate + heard.wrong;
    }
    report.exactly("entries_missing_of_event_readers", missing[0] as f64, 0.0);
    report.exactly("entries_missing_of_sockets", missing[1] as f64, 0.0);
    report.exactly("entries_twice_or_out_of_order", wrong as f64, 0.0);
}

async fn follow(mut scene: Scene, seed: u64) -> Farewell {
    let mut follower = Follower::new(scene.address, &["flights", "system", ROOM], seed);
    follower.dial(|dial| dial.headers.clone_from(&scene.bearer));
    follower.until(WAIT, |_| true).await;
    scene.is_ready();
    while follower.step().await != Step::Lost {}
    let retry_ms = follower.told_to_return().and_then(|wait| u64::try_from(wait.as_millis()).ok());
    let code = follower.tally.closes.keys().next().copied();
    // Comes back, and takes what it missed.
    let newest = loop {
        tokio::select! {
            newest = scene.newest() => break newest,
            step = follower.step() => if step == Step::Lost {
                follower.return_().await;
            }
        }
    };
    follower.until(WAIT, |follower| follower.entries.last().is_some_and(|last| last.1 >= newest)).await;
    Farewell { retry_ms, code, is_socket: true, numbers: follower.numbers() }
}

async fn listen(mut scene: Scene) -> Farewell {
    let (mut farewell, mut tables, mut last_id) = (Farewell::default(), Tables::default(), None);
    let mut is_new = true;
    let topics = ["flights", "system", ROOM].join(",");
    let heard = async {
        loop {
            let opened = Events::open(scene.address, &topics, last_id.as_deref(), &scene.bearer).await;
            let Ok(mut events) = opened else {
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            while let Some(event) = events.next().await {
                tables.apply(&event.data);
                if tables.position.is_some() && core::mem::take(&mut is_new) {
                    scene.is_ready();
                }
                if event.name == "bye" {
                    farewell.retry_ms = events.retry_ms;
                }
                let newest = *scene.newest.borrow_and_update();
                if newest.is_some_and(|newest| tables.numbers().last().is_some_and(|last| *last >= newest)) {
                    return;
                }
            }
            last_id = events.last_id;
            sleep(Duration::from_millis(events.retry_ms.unwrap_or_default())).await;
        }
    };
    // It has all the time that the others take to come and to return; what is missing then is told by the numbers.
    let _ = timeout(WAIT * 5, heard).await;
    Farewell { numbers: tables.numbers(), ..farewell }
}

impl Scene {
    fn is_ready(&self) {
        // Nobody listens if the check has given up.
        let _ = self.ready.send(());
    }

    /// The newest entry there will be.
    async fn newest(&mut self) -> u64 {
        let newest = self.newest.wait_for(Option::is_some).await;
        newest.ok().and_then(|newest| *newest).unwrap_or(u64::MAX)
    }
}

/// The fullest of the seconds in which clients are told to come back, beside the mean.
fn busiest(retries_ms: &[u64]) -> f64 {
    let Some(last) = retries_ms.iter().max() else { return 0.0 };
    let mut seconds = vec![0_u32; (last / 1000) as usize + 1];
    retries_ms.iter().for_each(|ms| seconds[(ms / 1000) as usize] += 1);
    let most = seconds.iter().copied().max().unwrap_or_default();
    f64::from(most) * seconds.len() as f64 / retries_ms.len() as f64
}
