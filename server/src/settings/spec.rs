//! The list of settings: name, flag, default, and who uses it. `check-config` and `.env.example` follow it.

use inflight_sky::SourceKind;

/// What is known about one setting.
#[derive(Debug)]
pub struct Spec {
    /// Name in the environment and in `.env`.
    pub name: &'static str,
    /// Flag of the command line that says the same, if there is one.
    pub flag: Option<&'static str>,
    /// Value when nothing is said; empty means not set.
    pub default: &'static str,
    /// Whether the value may never be shown.
    pub secret: bool,
    /// Who reads it.
    pub used_by: UsedBy,
    /// One line for `check-config` and `.env.example`.
    pub about: &'static str,
}

/// Who reads a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedBy {
    /// Every command.
    All,
    /// `serve`, whatever the source.
    Serve,
    /// `serve` when a recording plays.
    Replay,
    /// `serve` on live data, and `record`.
    Live,
    /// The same, where one of these sources is named.
    Sources(&'static [SourceKind]),
    /// Nobody, for the reason given; the name is known so that an old `.env` is no error.
    Nobody(&'static str),
}

/// What the process is about to do, as far as settings are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `serve` with a recording.
    ServeReplay,
    /// `serve` with live sources.
    ServeLive,
    /// `record`.
    Record,
}

const READSB: &[SourceKind] = &[SourceKind::Readsb];

const ADSBX: &[SourceKind] = &[SourceKind::Adsbx];

/// Who needs the box.
const BOXED: &[SourceKind] = &[SourceKind::OpenSky, SourceKind::Adsbx];

const NO_PASSWORD: &str =
    "OpenSky ended password login on 2026-03-18; use OPENSKY_CLIENT_ID and OPENSKY_CLIENT_SECRET";
const NO_BROKER: &str = "this build has the in-process bus only";

/// All settings, in the order in which they are listed.
pub const SPECS: &[Spec] = &[
    serve("BACKEND_HOST", "--host", "127.0.0.1", "address to listen on"),
    serve("BACKEND_PORT", "--port", "3000", "port to listen on; 0 takes a free one"),
    serve(
        "OPENSKY_MODE",
        "--mode",
        "replay",
        "replay (a recording) or live (SOURCES); naming sources means live",
    ),
    with_flag(
        live(
            "SOURCES",
            "",
            "opensky (also where nothing is said), readsb, adsbx, sbs, separated by commas; each may have =TARGET",
        ),
        "--source",
    ),
    live(
        "PAUSE_UNWATCHED",
        "true",
        "ask opensky and adsbx only while somebody watches, and for a minute after",
    ),
    of(READSB, "READSB_URL", "/run/readsb/aircraft.json", "address or file of aircraft.json"),
    of(READSB, "READSB_INTERVAL_SECONDS", "1", "time between polls, 0.2 to 60"),
    of(
        ADSBX,
        "ADSBX_URL",
        "https://api.adsb.lol",
        "service for point queries; may hold {lat}, {lon} and {nm}",
    ),
    of(ADSBX, "ADSBX_INTERVAL_SECONDS", "2", "time between queries, 1 to 3600"),
    of(
        ADSBX,
        "ADSBX_CIRCLE",
        "",
        "LAT,LON,NM to ask for, at most 250 nautical miles; around the box when not set",
    ),
    of(&[SourceKind::Sbs], "SBS_ADDRESS", "127.0.0.1:30003", "host and port of BaseStation messages"),
    replay(
        "REPLAY_FILE",
        "--replay",
        "fixtures/opensky_nyc_sample.jsonl",
        "recording to play, .jsonl or .jsonl.gz",
    ),
    replay("REPLAY_SPEED", "--speed", "1", "seconds of the recording per second, 0.1 to 100"),
    replay("REPLAY_LOOP", "--loop", "true", "start again after the end"),
    replay("REPLAY_START_PAUSED", "--start-paused", "false", "stand still at the first poll"),
    opensky("OPENSKY_API_URL", "", "https://opensky-network.org/api", "where states are asked for"),
    opensky("OPENSKY_TOKEN_URL", "", "https://auth.opensky-network.org", "where tokens are asked for"),
    opensky("OPENSKY_CLIENT_ID", "", "", "OAuth2 client; anonymous (400 credits a day) when not set"),
    Spec { secret: true, ..opensky("OPENSKY_CLIENT_SECRET", "", "", "OAuth2 secret of the client") },
    opensky("OPENSKY_TIMEOUT_SECONDS", "", "30", "how long an answer may take, 1 to 300"),
    opensky("POLL_INTERVAL_SECONDS", "--poll-interval", "10", "shortest time between polls, 1 to 3600"),
    with_flag(of(BOXED, "BBOX_LAT_MIN", "40.40", "southern edge of the box in degrees"), "--bbox"),
    with_flag(of(BOXED, "BBOX_LAT_MAX", "41.20", "northern edge"), "--bbox"),
    with_flag(of(BOXED, "BBOX_LON_MIN", "-74.50", "western edge"), "--bbox"),
    with_flag(of(BOXED, "BBOX_LON_MAX", "-73.50", "eastern edge"), "--bbox"),
    serve("WS_DELTA_INTERVAL_MS", "", "200", "time between deltas, 20 to 10000"),
    serve("WS_STALE_THRESHOLD_SECONDS", "", "60", "age after which an aircraft counts as stale, 5 to 3600"),
    serve("HISTORY_MINUTES", "", "60", "how far back the past is kept, 0 (not at all) to 1440"),
    serve("HISTORY_MAX_MB", "", "256", "megabytes of the disk that it may take, 1 to 100000"),
    serve(
        "HISTORY_DIR",
        "",
        "data/history",
        "folder that it is kept in, one below it for each mode and port",
    ),
    serve("JOURNAL_MAX_MB", "", "64", "megabytes of the disk that the journal may take, 1 to 100000"),
    serve("KAFKA_TOPIC_STATE", "", "flights.state", "name of the state topic, as counted in the metrics"),
    serve(
        "KAFKA_TOPIC_UPDATES",
        "",
        "flights.updates",
        "name of the updates topic, as counted in the metrics",
    ),
    serve(
        "AGENTS_EXAMPLE",
        "",
        "true",
        "with a recording, begin with a made-up business for the agents to work in",
    ),
    serve("AGENT_RUNS_AT_ONCE", "", "64", "runs of agents that are worked on at once, 1 to 4096"),
    serve(
        "AGENT_CALLS_TO",
        "",
        "",
        "where agents may call other systems: beginnings of addresses, or NAME=ADDRESS, separated by commas; nowhere when not set; cases=ADDRESS gets what was approved of disruptions",
    ),
    serve("AGENT_UNDO_SECONDS", "", "5", "time in which what was approved may be taken back, 0 to 60"),
    serve("AGENT_TOKENS_A_DAY", "", "2000000", "tokens of models that a business may use in a day"),
    serve("AGENT_DOLLARS_A_DAY", "", "10", "dollars that they may cost it in a day"),
    serve("LOW_CONFIDENCE", "", "0.5", "decisions below this confidence raise an alert, 0 to 1"),
    serve("RUNS_KEEP_DAYS", "", "90", "days that runs which ended are kept, 1 to 36500"),
    serve("DECISIONS_KEEP_DAYS", "", "365", "days that decisions are kept, 1 to 36500"),
    serve("MESSAGES_KEEP_DAYS", "", "90", "days that messages to and from agents are kept, 1 to 36500"),
    serve("CASES_KEEP_DAYS", "", "365", "days that cases are kept once they are closed, 1 to 36500"),
    serve(
        "MODELS_KEEP_DAYS",
        "",
        "365",
        "days that a version of a message model is kept that a newer one replaced and nobody used, 1 to 36500",
    ),
    serve(
        "INPUTS_KEEP_DAYS",
        "",
        "90",
        "days that an identifier of an input is remembered, so that it is taken once, 1 to 36500; its run's time at least",
    ),
    serve("BUSINESS_INFO_API_URL", "", "", "where businesses are asked about; our own store when not set"),
    serve(
        "RESOURCES_API_URL",
        "",
        "",
        "where resources are asked for and changed; our own store when not set",
    ),
    serve(
        "RAG_API_URL",
        "",
        "",
        "where message models and decisions are looked up; our own store when not set",
    ),
    Spec { secret: true, ..serve("SERVICES_API_KEY", "", "", "sent to these services as a bearer token") },
    serve("BUSINESS_INFO_CACHE_SECONDS", "", "60", "how long what is known of a business holds, 0 to 86400"),
    Spec {
        secret: true,
        ..serve(
            "WEBHOOK_SECRETS",
            "",
            "",
            "BUSINESS=SECRET of those who sign what they send to /api/v1/inputs, separated by commas; * is every business",
        )
    },
    serve("ALLOWED_ORIGINS", "", "", "origins of other pages that may connect, separated by commas, or *"),
    serve("CLIENT_URL", "", "", "address of a page of its own that may connect, beside ALLOWED_ORIGINS"),
    serve(
        "PUBLIC_DEMO",
        "--public-demo",
        "false",
        "show the recording to everybody who reaches this address, to look only",
    ),
    Spec {
        secret: true,
        ..serve(
            "JWT_SECRET",
            "",
            "",
            "secret of HS256 tokens, 32 bytes or more beyond the loopback; several, separated by commas, while it is changed",
        )
    },
    serve("JWT_AUDIENCE", "", "", "audience that tokens have to name; not asked for when not set"),
    serve("ALLOW_API_KEY_IN_URL", "", "false", "take ?apiKey= in addresses, which end up in logs"),
    serve(
        "MESSAGES_PER_MINUTE",
        "",
        "100",
        "messages of a connection, and of a user, in a minute, 1 to 100000",
    ),
    serve("MESSAGE_BURST", "", "100", "messages that may come at once after a pause, 1 to 100000"),
    serve("CONNECTIONS_MAX", "", "10000", "connections of all together, 1 to 1000000"),
    serve("CONNECTIONS_PER_USER", "", "100", "connections of a user with a name, 1 to 1000000"),
    serve(
        "SIGN_IN_SECONDS",
        "",
        "5",
        "time to say who one is on an open connection, and for headers, 1 to 60",
    ),
    serve(
        "FEATURES",
        "",
        "",
        "what is switched off, as -NAME: agents (they take nothing new), flights_feed, history, metrics, plain, publish, sse; read anew on SIGHUP",
    ),
    serve("AUDIT", "", "true", "keep an audit trail of who did what below DATA_DIR"),
    serve(
        "AUDIT_MAX_MB",
        "",
        "1000",
        "megabytes of the disk that it may take; its oldest files go, 1 to 1000000",
    ),
    serve("AUDIT_DAYS", "", "0", "days after which its files go; 0 keeps them as long as there is room"),
    serve("DATA_DIR", "", "data", "folder of keys.json, the journal and the audit trail"),
    serve(
        "REASONER",
        "",
        "",
        "who answers for agents: local, chat or realtime; chat where a key or an address is set, else local",
    ),
    Spec { secret: true, ..serve("OPENAI_API_KEY", "", "", "key of the model's provider") },
    serve(
        "OPENAI_BASE_URL",
        "",
        "",
        "address up to and with /v1 of a provider of Chat Completions (Ollama, llama.cpp, vLLM); OpenAI's when not set",
    ),
    serve(
        "OPENAI_REALTIME_URL",
        "",
        "",
        "address of the Realtime API; OPENAI_BASE_URL with /realtime when not set",
    ),
    serve(
        "OPENAI_MODEL",
        "",
        "",
        "model to ask; gpt-5.4-mini, or gpt-realtime-2.1 over realtime, when not set",
    ),
    serve("MAX_RETRIES", "", "3", "how often a model is asked again, 0 to 10"),
    serve("RETRY_DELAY", "", "1000", "milliseconds before that the first time; they double, 1 to 60000"),
    serve("REASONER_TIMEOUT_SECONDS", "", "30", "how long an answer may take with all that, 1 to 600"),
    serve("REASONER_AT_ONCE", "", "8", "questions to the model under way at once, 1 to 1000"),
    serve(
        "REASONER_PRICES",
        "",
        "",
        "what models cost: MODEL=IN/OUT in dollars for a million tokens, separated by commas; without it no limit in dollars holds",
    ),
    Spec {
        secret: true,
        ..serve(
            "ENCRYPTION_KEY",
            "",
            "",
            "64 hex digits that seal what is sensitive; several, separated by commas, while it is changed; a file below DATA_DIR when not set",
        )
    },
    serve("LEPTOS_SITE_ROOT", "--site-root", "target/site", "folder of the built client"),
    all(
        "LOG_LEVEL",
        "--log-level",
        "info",
        "error, warn, info, debug, trace or a filter like inflight_server=debug",
    ),
    all("LOG_FORMAT", "--log-format", "human", "human or json"),
    serve(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "",
        "collector that gets logs and spans too, by OTLP over HTTP in JSON: http://localhost:4318",
    ),
    Spec {
        secret: true,
        ..serve(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "",
            "",
            "NAME=VALUE pairs that it asks for, separated by commas",
        )
    },
    serve("OTEL_SERVICE_NAME", "", "inflight", "what this server is called there"),
    nobody("REDPANDA_BROKER", "redpanda:9092", NO_BROKER),
    nobody("KAFKA_CLIENT_ID", "inflight", NO_BROKER),
    nobody("OPENSKY_USERNAME", "", NO_PASSWORD),
    Spec { secret: true, ..nobody("OPENSKY_PASSWORD", "", NO_PASSWORD) },
    nobody("PROMETHEUS_MULTIPROC_DIR", "", "one process serves all metrics under /metrics"),
];

impl Spec {
    /// Why the role does not read this setting; none if it does.
    #[must_use]
    pub fn unused_because(&self, role: Role, sources: &[SourceKind]) -> Option<&'static str> {
        match (self.used_by, role) {
            (UsedBy::Nobody(reason), _) => Some(reason),
            (UsedBy::Serve, Role::Record) => Some("only serve listens"),
            (UsedBy::Replay, Role::ServeLive) => Some("OPENSKY_MODE is live"),
            (UsedBy::Replay, Role::Record) => Some("record asks live sources"),
            (UsedBy::Live | UsedBy::Sources(_), Role::ServeReplay) => Some("OPENSKY_MODE is replay"),
            (UsedBy::Sources(kinds), _) if !kinds.iter().any(|kind| sources.contains(kind)) => {
                Some("SOURCES does not name what needs it")
            }
            _ => None,
        }
    }
}

impl Role {
    /// How `check-config` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServeReplay => "serve, replay",
            Self::ServeLive => "serve, live",
            Self::Record => "record",
        }
    }
}

/// The setting of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}

const fn spec(name: &'static str, default: &'static str, used_by: UsedBy, about: &'static str) -> Spec {
    Spec { name, flag: None, default, secret: false, used_by, about }
}

const fn with_flag(spec: Spec, flag: &'static str) -> Spec {
    if flag.is_empty() { spec } else { Spec { flag: Some(flag), ..spec } }
}

const fn all(name: &'static str, flag: &'static str, default: &'static str, about: &'static str) -> Spec {
    with_flag(spec(name, default, UsedBy::All, about), flag)
}

const fn serve(name: &'static str, flag: &'static str, default: &'static str, about: &'static str) -> Spec {
    with_flag(spec(name, default, UsedBy::Serve, about), flag)
}

const fn replay(name: &'static str, flag: &'static str, default: &'static str, about: &'static str) -> Spec {
    with_flag(spec(name, default, UsedBy::Replay, about), flag)
}

const fn opensky(name: &'static str, flag: &'static str, default: &'static str, about: &'static str) -> Spec {
    with_flag(of(&[SourceKind::OpenSky], name, default, about), flag)
}

const fn live(name: &'static str, default: &'static str, about: &'static str) -> Spec {
    spec(name, default, UsedBy::Live, about)
}

const fn of(
    kinds: &'static [SourceKind],
    name: &'static str,
    default: &'static str,
    about: &'static str,
) -> Spec {
    spec(name, default, UsedBy::Sources(kinds), about)
}

const fn nobody(name: &'static str, default: &'static str, reason: &'static str) -> Spec {
    spec(name, default, UsedBy::Nobody(reason), reason)
}
