//! Puts the parts together: source, hub, router and listener, and takes them down in order.

use crate::agents;
use crate::agents::service::{Agents, Journalled, Outside};
use crate::audit;
use crate::auth::{Door, access};
use crate::clock;
use crate::exit::AppError;
use crate::history::{self, History, Writing};
use crate::http::{App, listen, pages, router};
use crate::hub::HubHandle;
use crate::hub::task::{Drive, Hub, HubConfig};
use crate::journal::{self, Past};
use crate::metrics::Metrics;
use crate::reason::Reasoner;
use crate::reload::Reload;
use crate::settings::agents::AgentSettings;
use crate::settings::{Mode, Settings, SourceSettings};
use crate::sources::attention::{AWAY_AFTER, Attention};
use crate::sources::feed::FeedEvent;
use crate::sources::opensky::core::RetryConfig;
use crate::sources::{Source, replay};
use crate::watch::Watch;
use crate::watch::sampler::Sampler;
use core::time::Duration;
use inflight_domain::{Cut, Epoch};
use inflight_engine::{Input, Player};
#[cfg(target_os = "linux")]
use inflight_wire::limits::STALL_MS;
use inflight_wire::{ReplayCommand, Resume};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

/// A server that runs.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The way to its hub.
    pub hub: HubHandle,
    /// What was observed.
    pub history: History,
    /// What it counts.
    pub metrics: Metrics,
    stop: CancellationToken,
    connections: TaskTracker,
    listening: JoinHandle<io::Result<()>>,
    /// Sources, the sampler, and whoever keeps order among keys and logins.
    tasks: Vec<JoinHandle<()>>,
    auditing: audit::Writing,
    /// The way to read settings anew.
    pub reload: Reload,
    agents: Option<Agents>,
    hub_task: JoinHandle<()>,
    writing: Writing,
    journalling: journal::Writing,
}

/// Epochs that a process may begin by seeks before their first lines are on the disk.
const EPOCHS: u64 = 1000;

/// After this long the process ends, whoever is still connected.
const LONGEST_FAREWELL: Duration = Duration::from_secs(8);

/// Longer than a connection's own patience and its last chance, so that a client that reads again learns why.
#[cfg(target_os = "linux")]
const UNTAKEN: Duration = Duration::from_millis(STALL_MS);

/// Listens on the address of the settings.
///
/// # Errors
/// The address is taken or cannot be listened on.
pub async fn listen(settings: &Settings) -> Result<TcpListener, AppError> {
    let (host, port) = (settings.host.clone(), settings.port);
    TcpListener::bind((host.as_str(), port)).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => AppError::PortTaken { host, port },
        _ => AppError::Listen { host, port, cause },
    })
}

impl Server {
    /// Starts everything.
    ///
    /// # Errors
    /// The recording cannot be read, or the HTTP client cannot be set up.
    pub async fn start(
        listener: TcpListener,
        settings: &Settings,
        retry: RetryConfig,
    ) -> Result<Self, AppError> {
        let address =
            listener.local_addr().map_err(|error| AppError::Other(format!("no local address: {error}")))?;
        let auth = access::of(settings, address.ip().is_loopback())?;
        let metrics = Metrics::new(&settings.topics);
        let name = folder_name(settings.mode, address);
        let (journal_settings, journal_name) = (settings.journal.clone(), name.clone());
        let opened =
            tokio::task::spawn_blocking(move || journal::start(&journal_settings, &journal_name)).await;
        let (journal, answers, recovered, journalling) =
            opened.map_err(|error| AppError::Other(format!("the journal cannot be read: {error}")))?;
        // Positions of an earlier life stay behind those of this one, wherever the clock went.
        let epoch = Epoch(u64::try_from(clock::now().0).unwrap_or_default().max(recovered.epoch.0 + EPOCHS));
        let config = HubConfig { tick: settings.delta_interval, stale_after: settings.stale_after, epoch };
        let drive = drive(settings, auth.door()).await?;
        let (history, recorder, writing) = history::start(&settings.history, &name, metrics.history());
        let (hub, mut handle) = Hub::new(config, drive, metrics.clone());
        let hub = hub.keep(history.clone(), recorder);
        let journalled = Journalled {
            newest_offset: recovered.log.newest_offset(),
            end: Resume { epoch, cut: Cut(0) },
            past: Past::of(&settings.journal, &name),
        };
        let hub = hub.journal(&mut handle, (journal, answers), recovered.log);
        let (stop, connections) = (CancellationToken::new(), TaskTracker::new());
        let watch = Watch::default();
        let (audit, auditing) = match settings.audit {
            Some(audit) => {
                let folder = settings.data_dir.join("audit").join(&name);
                audit::start(&folder, audit, &metrics, &watch)
            }
            None => Default::default(),
        };
        watch.roster().audited_by(audit.clone());
        let reload = Reload::new(settings, auth.clone(), audit.clone());
        if let Some(warning) = settings.reason.warning() {
            warn!("{warning}");
        }
        let outside = Outside {
            hub: handle.clone(),
            audit: audit.clone(),
            features: reload.features(),
            metrics: metrics.clone(),
            reasoner: Reasoner::new(settings.reason.clone(), metrics.clone()).map_err(AppError::Other)?,
            // Whoever looks at a real sky has businesses of their own.
            settings: AgentSettings {
                example: settings.agents.example && settings.mode == Mode::Replay,
                ..settings.agents.clone()
            },
            sealer: settings.sealer.clone(),
        };
        let folder = settings.data_dir.join("agents").join(&name);
        let agents = agents::open(folder, outside, &watch, journalled).await;
        let app = App {
            agents: agents.clone(),
            hub: handle.clone(),
            history: history.clone(),
            auth: auth.clone(),
            metrics: metrics.clone(),
            audit,
            reload: reload.clone(),
            watch: watch.clone(),
            stop: stop.clone(),
            connections: connections.clone(),
            loopback: address.ip().is_loopback(),
            allowed_origins: settings.allowed_origins.as_slice().into(),
            site_root: settings.site_root.clone().into(),
            leptos: pages::options(&settings.site_root),
        };
        let mut tasks = live_sources(settings, &retry, &metrics, &handle)?;
        let sampler = Sampler {
            watch,
            auth: auth.clone(),
            features: reload.features(),
            hub: handle.clone(),
            metrics: metrics.clone(),
            history: history.clone(),
            folder: settings.data_dir.clone(),
            every: settings.sample_every,
        };
        tasks.push(tokio::spawn(sampler.run()));
        let limits = auth.limits();
        tasks.push(tokio::spawn(auth.keep_order(app.audit.clone())));
        let patience = move || limits.borrow().sign_in;
        let serving = listen::serve(listener, router::router(app), stop.clone(), patience, prepare);
        Ok(Self {
            address,
            hub: handle,
            history,
            metrics,
            stop,
            connections,
            listening: tokio::spawn(serving),
            tasks,
            auditing,
            reload,
            agents,
            hub_task: tokio::spawn(hub.run()),
            writing,
            journalling,
        })
    }

    /// Waits until something ends that should not.
    pub async fn failed(&mut self) -> AppError {
        tokio::select! {
            ended = &mut self.hub_task => AppError::Other(format!("the hub ended: {ended:?}")),
            ended = &mut self.listening => AppError::Other(format!("the listener ended: {ended:?}")),
        }
    }

    /// Tells every client when to come back, closes, and ends all tasks.
    pub async fn stop(self) {
        info!("stopping");
        self.stop.cancel();
        self.connections.close();
        self.tasks.iter().for_each(JoinHandle::abort);
        let farewell = async {
            self.connections.wait().await;
            drop(self.listening.await);
        };
        if tokio::time::timeout(LONGEST_FAREWELL, farewell).await.is_err() {
            warn!(open = self.connections.len(), "some clients did not take leave");
        }
        if let Some(agents) = self.agents
            && tokio::time::timeout(LONGEST_FAREWELL, agents.stop()).await.is_err()
        {
            warn!("an agent holds on; the next start takes its run up");
        }
        self.hub_task.abort();
        // The recorder and the journal go with the hub.
        drop(self.hub_task.await);
        if tokio::time::timeout(LONGEST_FAREWELL, self.journalling.finish()).await.is_err() {
            warn!("the disk is slow; what was acknowledged is on it");
        }
        if tokio::time::timeout(LONGEST_FAREWELL, self.auditing.finish()).await.is_err() {
            warn!("the disk is slow; the end of the audit trail may be lost");
        }
        if tokio::time::timeout(LONGEST_FAREWELL, self.writing.finish()).await.is_err() {
            warn!("the disk is slow; the next start puts the history in order");
        }
    }
}

/// Sets a connection up before it is served.
pub fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "small messages will wait");
    }
    hold_little_back(stream);
    give_up_on_stalled(stream);
}

/// The system takes no more than this for a reader that is behind, beyond what is on its way: the newest rows wait
/// in the table, where they replace each other, and not in a queue, where they grow old.
#[cfg(target_os = "linux")]
const HELD_BACK_BYTES: u32 = 8 * 1024;

fn hold_little_back(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(HELD_BACK_BYTES) {
        warn!(%error, "slow readers will see older rows than they could");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// What was sent and is not taken for this long ends the connection, whoever holds it: a stalled reader of an
/// answer that never ends is nobody's to close once the answer is in the system's hands.
fn give_up_on_stalled(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNTAKEN)) {
        warn!(%error, "stalled readers will keep their connections");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// Servers that run at the same time keep their histories apart, and a restarted one finds its own.
fn folder_name(mode: Mode, address: SocketAddr) -> String {
    let mode = if mode == Mode::Live { "live" } else { "replay" };
    format!("{mode}-{}", address.port())
}

async fn drive(settings: &Settings, door: Door) -> Result<Drive, AppError> {
    if settings.mode == Mode::Live {
        return Ok(Drive::Live);
    }
    let replay = &settings.replay;
    let recording = replay::load(replay.file.clone()).await?;
    let totals = recording.totals();
    info!(file = %replay.file.display(), polls = totals.polls, aircraft = totals.aircraft_seen, "recording read");
    let mut player = Player::new(recording, replay::name_of(&replay.file), replay.speed, replay.looped);
    if replay.start_paused {
        let paused = player.command(0, ReplayCommand::Pause {});
        paused.map_err(|error| AppError::Other(error.to_string()))?;
    }
    // Whoever can reach the loopback sits at this machine; others must not move what all see.
    Ok(Drive::Replay { player: Box::new(player), controllable: door == Door::Open })
}

/// The tasks that bring live data, if it is wanted.
fn live_sources(
    settings: &Settings,
    retry: &RetryConfig,
    metrics: &Metrics,
    hub: &HubHandle,
) -> Result<Vec<JoinHandle<()>>, AppError> {
    if settings.mode == Mode::Replay {
        return Ok(Vec::new());
    }
    let start = |source: &SourceSettings| {
        let attention = Attention::of(hub.follow_watchers(), AWAY_AFTER);
        let feed = Source::new(settings, source, retry.clone(), metrics, attention)
            .map_err(|error| AppError::Other(format!("cannot set up the HTTP client: {error}")))?;
        Ok(tokio::spawn(pump(feed, source.name.clone(), hub.clone(), metrics.clone())))
    };
    settings.sources.iter().map(start).collect()
}

/// Carries what a source brings to the hub until the hub ends.
async fn pump(mut feed: Source, name: String, hub: HubHandle, metrics: Metrics) {
    let source = || name.clone();
    loop {
        let inputs = match feed.next().await {
            FeedEvent::Row(row) => vec![Input::Source(row)],
            FeedEvent::Polled { poll, row, .. } => {
                metrics.source_entries(&name, poll.entries);
                vec![Input::Poll { source: source(), poll }, Input::Source(row)]
            }
            FeedEvent::Unreadable { dropped, row } => {
                vec![Input::Dropped { source: source(), dropped }, Input::Source(row)]
            }
        };
        if hub.feed(inputs).await.is_err() {
            return;
        }
    }
}
