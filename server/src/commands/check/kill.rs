//! R1: the server is killed every few seconds, and what its clients hold in the end is what a model holds that
//! never failed.

use crate::commands::check::account::Accounts;
use crate::commands::check::args::CheckArgs;
use crate::commands::check::fleet::{Model, STALE_S};
use crate::commands::check::follower::{Follower, Step};
use crate::commands::check::publisher::{Heard, Published, Publisher, ROOM};
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::{served, spread, traffic};
use crate::exit::AppError;
use core::time::Duration;
use inflight_domain::Epoch;
use std::net::SocketAddr;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// Share of the aircraft that go on with every tick.
const SHARE: f64 = 0.02;

/// Time between two entries.
const PUBLISHED_EVERY: Duration = Duration::from_millis(100);

/// Nothing takes this long unless it is broken.
const WAIT: Duration = Duration::from_secs(30);

/// What the clients are told.
#[derive(Clone, Debug)]
enum Word {
    /// The server was started at this moment.
    Started(Instant),
    /// Follow until the table has this digest and this entry is known, then end.
    Settle(String, u64),
}

/// What one client met.
struct Met {
    follower: Follower,
    /// Seconds from a start of the server to a whole table of it.
    recoveries: Vec<f64>,
    settled: bool,
}

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(10_000), args.clients.unwrap_or(50));
    let seconds = Duration::from_secs(u64::from(args.seconds.unwrap_or(300)));
    let mut report = Report::new(
        "kill",
        "tables as in a model that never failed, every entry once, clients whole again within 3 s of the restart",
        args.seed,
    );
    let (mut server, fleet) = served(args.seed, rows)?;
    Publisher::allow(&mut server);
    let accounts = Accounts::of(&mut server);
    let bearer = accounts.bearer("check")?;
    let (say, word) = watch::channel(Word::Started(Instant::now()));
    server.launch()?;
    let address = server.address;
    let following = tokio::spawn(spread(clients, {
        let bearer = bearer.clone();
        move |number| follow(address, bearer.clone(), word.clone(), u64::from(number))
    }));
    server.ready().await?;
    let flying = traffic(fleet, SHARE);
    let publisher = Publisher::start(address, bearer, PUBLISHED_EVERY);
    let (begun, mut random, mut kills) = (Instant::now(), fastrand::Rng::with_seed(args.seed), 0_u32);
    while begun.elapsed() < seconds || kills == 0 {
        sleep(Duration::from_millis(random.u64(2000..5000))).await;
        server.kill();
        kills += 1;
        say.send_replace(Word::Started(Instant::now()));
        server.launch()?;
    }
    server.ready().await?;
    let (fleet, published) = (flying.stop().await?, publisher.stop().await?);
    // Aircraft that are no longer listed go in the meantime.
    sleep(Duration::from_secs(u64::from(STALE_S) + 1)).await;
    let model = fleet.model()?;
    say.send_replace(Word::Settle(model.digest.clone(), published.newest()));
    let met = crate::commands::check::joined(following.await)??;
    report.tell("kills", f64::from(kills));
    report.tell("clients", f64::from(clients));
    report.tell("rows", model.rows.len() as f64);
    judge(&mut report, &met, &model, args.patience);
    judge_entries(&mut report, &met, &published);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

fn judge(report: &mut Report, met: &[Met], model: &Model, patience: f64) {
    let recoveries: Vec<f64> = met.iter().flat_map(|one| one.recoveries.iter().copied()).collect();
    let sum = |count: fn(&Met) -> usize| met.iter().map(count).sum::<usize>() as f64;
    report.exactly("clients_not_settled", sum(|one| usize::from(!one.settled)), 0.0);
    let differing: usize = met.iter().map(|one| one.follower.differing(model)).sum();
    report.exactly("rows_not_as_in_model", differing as f64, 0.0);
    report.exactly("faults", sum(|one| one.follower.tally.faults.len()), 0.0);
    report.tell("proofs_passed", sum(|one| one.follower.tally.proofs as usize));
    report.tell("connections", sum(|one| one.follower.tally.connections as usize));
    report.at_least("recoveries", recoveries.len() as f64, met.len() as f64);
    report.tell("recovery_median_s", quantile(&recoveries, 0.5));
    report.at_most("recovery_p99_s", quantile(&recoveries, 0.99), 3.0 * patience);
}

fn judge_entries(report: &mut Report, met: &[Met], published: &Published) {
    let heard: Vec<Heard> = met.iter().map(|one| published.hold(&one.follower.numbers())).collect();
    let sum = |of: fn(&Heard) -> usize| heard.iter().map(of).sum::<usize>() as f64;
    report.at_least("entries_acknowledged", published.acknowledged.len() as f64, 1.0);
    report.tell("entries_not_acknowledged", published.sent as f64 - published.acknowledged.len() as f64);
    report.exactly("entries_refused", published.refused.len() as f64, 0.0);
    report.exactly("entries_missing", sum(|heard| heard.missing), 0.0);
    let repeated: u64 = met.iter().map(|one| one.follower.tally.repeated).sum();
    report.exactly("entries_twice", sum(|heard| heard.duplicate) + repeated as f64, 0.0);
    report.exactly("entries_out_of_order_or_made_up", sum(|heard| heard.wrong), 0.0);
}

/// Follows through every life of the server.
async fn follow(address: SocketAddr, bearer: String, mut word: watch::Receiver<Word>, seed: u64) -> Met {
    let mut follower = Follower::new(address, &["flights", "system", ROOM], seed);
    follower.dial(|dial| dial.headers = bearer);
    let mut met = Met { follower, recoveries: Vec::new(), settled: false };
    let mut known: Option<Epoch> = None;
    loop {
        let said = word.borrow().clone();
        if let Word::Settle(digest, entry) = said {
            let is_there = |follower: &Follower| {
                follower.mirror.digest() == digest
                    && follower.entries.last().is_some_and(|last| last.1 >= entry)
            };
            let settled = met.follower.until(WAIT, is_there).await;
            met.settled = settled.is_some();
            return met;
        }
        let follower = &mut met.follower;
        tokio::select! {
            changed = word.changed() => if changed.is_err() { return met },
            step = one_step(follower) => {
                let here = follower.mirror.position().map(|(epoch, _)| epoch);
                if let (Step::Frame(_), Some(epoch), Word::Started(at)) = (step, here, said)
                    && follower.mirror.flight_count() > 0
                    && known.is_none_or(|known| known < epoch)
                {
                    // The first table of the first life is no recovery.
                    met.recoveries.extend(known.map(|_| at.elapsed().as_secs_f64()));
                    known = Some(epoch);
                }
            }
        }
    }
}

async fn one_step(follower: &mut Follower) -> Step {
    let step = timeout(WAIT, follower.step()).await.unwrap_or(Step::Lost);
    if step == Step::Lost {
        follower.return_().await;
    }
    step
}
