//! R6: everybody comes back at once, after a restart that was announced and after one that was not.

use crate::commands::check::args::CheckArgs;
use crate::commands::check::child::Served;
use crate::commands::check::follower::{Follower, Step};
use crate::commands::check::report::{Report, quantile};
use crate::commands::check::{joined, served, spread};
use crate::exit::AppError;
use core::time::Duration;
use inflight_domain::Epoch;
use std::net::SocketAddr;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

const WAIT: Duration = Duration::from_secs(60);

/// A client has the whole table of a new life of the server.
type Returned = (Epoch, Instant);

/// Runs the check.
///
/// # Errors
/// A promise was not kept, or the server could not be run.
pub async fn run(args: &CheckArgs) -> Result<(), AppError> {
    let (rows, clients) = (args.rows.unwrap_or(200), args.clients.unwrap_or(2000));
    let mut report = Report::new(
        "storm",
        "all back within 10 s, and no second has more than twice its share of those who come back",
        args.seed,
    );
    let (mut server, _fleet) = served(args.seed, rows)?;
    server.start().await?;
    let (sender, mut returned) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    let (address, seed) = (server.address, args.seed);
    let following = tokio::spawn(spread(clients, move |number| {
        follow(address, seed + u64::from(number), sender.clone(), stopped.clone())
    }));
    gather(&mut returned, clients, Instant::now()).await?;
    report.tell("clients", f64::from(clients));
    for announced in [true, false] {
        sleep(Duration::from_secs(1)).await;
        restart(&mut server, announced).await?;
        let ready = Instant::now();
        let times = gather(&mut returned, clients, ready).await?;
        let most = quantile(&times, 1.0);
        let names = if announced {
            ["announced_all_back_s", "announced_busiest_second_per_mean"]
        } else {
            ["killed_all_back_s", "killed_busiest_second_per_mean"]
        };
        report.at_most(names[0], most, 10.0 * args.patience);
        report.at_most(names[1], busiest(&times), 2.0);
    }
    stop.send_replace(true);
    let faults: usize = joined(following.await)??.into_iter().sum();
    report.exactly("faults", faults as f64, 0.0);
    report.exactly("server_panics", server.panics() as f64, 0.0);
    report.finish(args.json)
}

async fn restart(server: &mut Served, announced: bool) -> Result<(), AppError> {
    if announced {
        server.terminate()?;
        let ended = server.wait(WAIT).await;
        ended.ok_or_else(|| AppError::Other("the server did not end when it was asked to".to_owned()))?;
    } else {
        server.kill();
    }
    server.start().await
}

/// Waits until everybody is back; seconds from `ready` to each of them.
async fn gather(
    returned: &mut mpsc::UnboundedReceiver<Returned>,
    clients: u32,
    ready: Instant,
) -> Result<Vec<f64>, AppError> {
    let mut times = Vec::new();
    while times.len() < clients as usize {
        let next = tokio::time::timeout(WAIT, returned.recv()).await;
        let Ok(Some((_, at))) = next else {
            return Err(AppError::Other(format!("only {} of {clients} clients are there", times.len())));
        };
        times.push(at.saturating_duration_since(ready).as_secs_f64());
    }
    Ok(times)
}

/// The busiest second beside the mean of the time in which 99 of 100 came back; one who is late thins out nothing.
fn busiest(times: &[f64]) -> f64 {
    let nearly_all = quantile(times, 0.99).max(1.0);
    let mut seconds = vec![0_u32; quantile(times, 1.0) as usize + 1];
    times.iter().for_each(|time| seconds[*time as usize] += 1);
    let most = seconds.iter().copied().max().unwrap_or_default();
    f64::from(most) * nearly_all / (times.len() as f64 * 0.99).max(1.0)
}

/// Follows until it is stopped; how many faults it met.
async fn follow(
    address: SocketAddr,
    seed: u64,
    returned: mpsc::UnboundedSender<Returned>,
    mut stop: watch::Receiver<bool>,
) -> usize {
    let mut follower = Follower::new(address, &["flights"], seed);
    let mut known = None;
    loop {
        let step = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return follower.tally.faults.len(),
            step = follower.step() => step,
        };
        match step {
            Step::Lost => tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return follower.tally.faults.len(),
                () = follower.return_() => {}
            },
            Step::Frame(_) => {
                let here = follower.mirror.position().map(|(epoch, _)| epoch);
                if let Some(epoch) = here.filter(|epoch| known != Some(*epoch)) {
                    known = Some(epoch);
                    // Nobody listens after the end.
                    let _ = returned.send((epoch, Instant::now()));
                }
            }
            Step::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_second_is_found() {
        let spread: Vec<f64> = (0..1000).map(|number| f64::from(number) / 250.0).collect();
        let herd: Vec<f64> = (0..1000).map(|number| if number < 900 { 0.5 } else { 3.5 }).collect();
        for (times, expected) in [(&spread[..], 1.0), (&herd[..], 3.182), (&[][..], 0.0)] {
            assert!((busiest(times) - expected).abs() < 0.01, "{expected}: {}", busiest(times));
        }
    }
}
