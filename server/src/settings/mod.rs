//! Settings as the rest of the server reads them: typed, checked, every complaint naming its place.

pub mod access;
pub mod agents;
pub mod dotenv;
pub mod export;
pub mod features;
pub mod origin;
pub mod read;
pub mod reason;
pub mod services;
pub mod sources;
pub mod spec;
pub mod urls;

use crate::audit::AuditSettings;
use crate::auth::Limits;
use crate::journal::JournalSettings;
use crate::reason::ReasonSettings;
use crate::reason::seal::Sealer;
use crate::settings::access::AccessSettings;
use crate::settings::agents::AgentSettings;
use crate::settings::export::ExportSettings;
use crate::settings::features::Features;
use crate::settings::origin::{Inputs, Problem, Resolved};
use crate::settings::read::Reader;
use crate::settings::spec::Role;
use core::fmt;
use core::time::Duration;
use inflight_domain::BoundingBox;
use inflight_engine::replay::SPEEDS;
use inflight_sky::SourceKind;
use reqwest::Url;
use std::path::PathBuf;

/// Everything the server may be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Host or address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Where observations come from.
    pub mode: Mode,
    /// The recording.
    pub replay: ReplaySettings,
    /// The live sources.
    pub sources: Vec<SourceSettings>,
    /// Sources that count their requests are asked only while somebody watches.
    pub pause_unwatched: bool,
    /// How OpenSky is asked.
    pub opensky: OpenSkySettings,
    /// Time between deltas.
    pub delta_interval: Duration,
    /// Age after which an aircraft counts as stale.
    pub stale_after: Duration,
    /// How much of the past is kept, and where.
    pub history: HistorySettings,
    /// How much is kept of what was published, and where.
    pub journal: JournalSettings,
    /// Names of the state and the updates topic in the metrics.
    pub topics: [String; 2],
    /// Origins of other pages that may connect; `*` stands for all.
    pub allowed_origins: Vec<String>,
    /// Who may enter.
    pub access: AccessSettings,
    /// How much of it; what a reload may change.
    pub limits: Limits,
    /// Folder of keys, journal and audit trail.
    pub data_dir: PathBuf,
    /// Folder of the built client.
    pub site_root: PathBuf,
    /// What agents may do, and how long it is kept.
    pub agents: AgentSettings,
    /// What is switched on.
    pub features: Features,
    /// How much is kept of who did what; none if nothing is.
    pub audit: Option<AuditSettings>,
    /// Time between samples of the server itself; no setting, so that the history of figures has one step.
    pub sample_every: Duration,
    /// Which model is asked, and how.
    pub reason: ReasonSettings,
    /// What seals that is sensitive.
    pub sealer: Sealer,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Who else is told what is logged.
    pub export: Option<ExportSettings>,
}

/// Where observations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A recording.
    Replay,
    /// Live sources.
    Live,
}

/// One live source.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSettings {
    /// What it is called; unique.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Where it is.
    pub target: Target,
    /// Time between polls; for SBS, between what is handed on.
    pub interval: Duration,
    /// How long an answer or a connection may take.
    pub timeout: Duration,
}

/// Where a source is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// What [`OpenSkySettings`] says.
    OpenSky,
    /// This address.
    Url(Url),
    /// This file.
    File(PathBuf),
    /// This host and port.
    Address(String),
}

/// How a recording is played.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaySettings {
    /// The recording.
    pub file: PathBuf,
    /// Seconds of the recording per second.
    pub speed: f64,
    /// Starts again after the end.
    pub looped: bool,
    /// Stands still at the first poll.
    pub start_paused: bool,
}

/// How OpenSky is asked.
#[derive(Clone, Debug)]
pub struct OpenSkySettings {
    /// Full address of `states/all`.
    pub states_url: Url,
    /// Full address of the token endpoint.
    pub token_url: Url,
    /// OAuth2 client; anonymous without.
    pub credentials: Option<Credentials>,
    /// The box that is asked for.
    pub bbox: BoundingBox,
    /// Shortest time between polls.
    pub poll_interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// How much of the past is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySettings {
    /// Minutes; 0 keeps nothing.
    pub keep_min: u64,
    /// Bytes on the disk.
    pub max_bytes: u64,
    /// The folder.
    pub folder: PathBuf,
}

/// An OAuth2 client.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// Text that never reaches a log.
#[derive(Clone)]
pub struct Secret(String);

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A level or a filter.
    pub filter: String,
    /// One JSON object per line instead of text for people.
    pub json: bool,
}

/// All that is wrong with the settings.
#[derive(Debug)]
pub struct SettingsError(pub Vec<Problem>);

impl Settings {
    /// Settings from their inputs.
    ///
    /// # Errors
    /// Every value that is not acceptable, not only the first.
    pub fn from_inputs(inputs: &Inputs) -> Result<Self, SettingsError> {
        let resolved = inputs.resolve();
        let mut reader = Reader::new(&resolved);
        let settings = read_all(&mut reader);
        match settings {
            Some(settings) if reader.problems.is_empty() => Ok(settings),
            _ => Err(SettingsError(reader.problems)),
        }
    }

    /// What `serve` does with these settings.
    #[must_use]
    pub fn serve_role(&self) -> Role {
        match self.mode {
            Mode::Replay => Role::ServeReplay,
            Mode::Live => Role::ServeLive,
        }
    }

    /// The live sources with where they are found, for people.
    #[must_use]
    pub fn sources_text(&self) -> String {
        let one = |source: &SourceSettings| match &source.target {
            Target::OpenSky => format!("{} {}", source.name, self.opensky.states_url),
            target => format!("{} {target}", source.name),
        };
        self.sources.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenSky => f.write_str("opensky"),
            Self::Url(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
            Self::Address(address) => f.write_str(address),
        }
    }
}

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the request that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

/// The reader notes what is wrong and goes on, so that one run names every bad value.
fn read_all(reader: &mut Reader<'_>) -> Option<Settings> {
    let host = reader.text("BACKEND_HOST");
    let port = reader.whole("BACKEND_PORT", 0..=65_535).and_then(|port| u16::try_from(port).ok());
    let mode = reader.mode();
    let speed = reader.number("REPLAY_SPEED", SPEEDS);
    let looped = reader.boolean("REPLAY_LOOP");
    let start_paused = reader.boolean("REPLAY_START_PAUSED");
    let opensky = read_opensky(reader);
    let sources = reader.sources(opensky.as_ref().map(|opensky| &opensky.bbox));
    let pause_unwatched = reader.boolean("PAUSE_UNWATCHED");
    let delta_interval_ms = reader.whole("WS_DELTA_INTERVAL_MS", 20..=10_000);
    let stale_after_s = reader.number("WS_STALE_THRESHOLD_SECONDS", 5.0..=3600.0);
    let history = read_history(reader);
    let (access, limits) = (access::read_access(reader), access::read_limits(reader));
    let journal_max_mb = reader.whole("JOURNAL_MAX_MB", 1..=100_000);
    let filter = reader.log_filter("LOG_LEVEL");
    let json = reader.choice("LOG_FORMAT", &[("human", false), ("json", true)]);
    let export = export::read_export(reader);
    let audit = read_audit(reader);
    let features = features::read_features(reader);
    let agents = agents::read_agents(reader);
    let text = |name| reader.text(name);
    let (file, site_root) = (PathBuf::from(text("REPLAY_FILE")), PathBuf::from(text("LEPTOS_SITE_ROOT")));
    let data_dir = PathBuf::from(text("DATA_DIR"));
    let topics = [text("KAFKA_TOPIC_STATE"), text("KAFKA_TOPIC_UPDATES")];
    let allowed_origins = access::read_origins(reader);
    let (reason, sealer) = (reason::read_reason(reader), reason::read_sealer(reader, &data_dir));
    Some(Settings {
        host,
        port: port?,
        mode: mode?,
        replay: ReplaySettings { file, speed: speed?, looped: looped?, start_paused: start_paused? },
        sources: sources?,
        pause_unwatched: pause_unwatched?,
        opensky: opensky?,
        delta_interval: Duration::from_millis(delta_interval_ms?),
        stale_after: Duration::from_secs_f64(stale_after_s?),
        history: history?,
        journal: JournalSettings { folder: data_dir.clone(), max_bytes: journal_max_mb? * 1_000_000 },
        topics,
        allowed_origins: allowed_origins?,
        access: access?,
        limits: limits?,
        data_dir,
        audit: audit?,
        agents: agents?,
        features: features?,
        site_root,
        sample_every: Duration::from_secs(crate::watch::trend::STEP_S),
        reason: reason?,
        sealer: sealer?,
        log: LogSettings { filter: filter?, json: json? },
        export: export?,
    })
}

fn read_audit(reader: &mut Reader<'_>) -> Option<Option<AuditSettings>> {
    let is_on = reader.boolean("AUDIT");
    let max_mb = reader.whole("AUDIT_MAX_MB", 1..=1_000_000);
    let days = reader.whole("AUDIT_DAYS", 0..=36_500);
    let (max_bytes, days) = (max_mb? * 1_000_000, days?);
    let keep = (days > 0).then(|| Duration::from_secs(days * 24 * 3600));
    Some(is_on?.then_some(AuditSettings { max_bytes, keep }))
}

fn read_history(reader: &mut Reader<'_>) -> Option<HistorySettings> {
    let keep_min = reader.whole("HISTORY_MINUTES", 0..=1440);
    let max_mb = reader.whole("HISTORY_MAX_MB", 1..=100_000);
    let folder = PathBuf::from(reader.text("HISTORY_DIR"));
    Some(HistorySettings { keep_min: keep_min?, max_bytes: max_mb? * 1_000_000, folder })
}

fn read_opensky(reader: &mut Reader<'_>) -> Option<OpenSkySettings> {
    let states_url = reader.url("OPENSKY_API_URL", urls::states_url);
    let token_url = reader.url("OPENSKY_TOKEN_URL", urls::token_url);
    let credentials = reader.credentials();
    let bbox = reader.bounding_box();
    let poll_interval = reader.number("POLL_INTERVAL_SECONDS", 1.0..=3600.0).map(Duration::from_secs_f64);
    let timeout = reader.number("OPENSKY_TIMEOUT_SECONDS", 1.0..=300.0).map(Duration::from_secs_f64);
    Some(OpenSkySettings {
        states_url: states_url?,
        token_url: token_url?,
        credentials,
        bbox: bbox?,
        poll_interval: poll_interval?,
        timeout: timeout?,
    })
}

/// The text of one setting, for those who need it before everything is read.
#[must_use]
pub fn text_of<'a>(resolved: &'a [Resolved], name: &str) -> &'a str {
    resolved.iter().find(|setting| setting.spec.name == name).map_or("", |setting| setting.value.as_str())
}

#[cfg(test)]
mod tests;
