//! The command line of `inflight`.

use crate::auth::Role;
use crate::commands::bench::options::BenchCommand;
use crate::commands::check::CheckCommand;
use crate::commands::dev::DevCommand;
use crate::exit::{AppError, CODES_HELP};
use crate::settings::dotenv::DotEnv;
use crate::settings::origin::Inputs;
use clap::{Args, Parser, Subcommand};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Live operations in the browser: aircraft on one moving picture.
#[derive(Debug, Parser)]
#[command(name = "inflight", version, after_help = CODES_HELP, subcommand_required = true)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Listen on one port and show what a recording or live sources tell
    Serve(ServeArgs),
    /// Play a recording as fast as possible without a server and report what came of it
    Replay(ReplayArgs),
    /// Write what live sources say to a file, one answer per line
    Record(RecordArgs),
    /// Name every setting, its value, where it came from and whether it is used
    CheckConfig(CheckConfigArgs),
    /// Create, list and revoke API keys
    Keys(KeysArgs),
    /// Look at the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Measure what the program promises, on a recording or on made-up traffic
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Hold the delivery's promises against faults, with a server of its own that is killed, cut off and flooded
    #[command(subcommand)]
    Check(CheckCommand),
    /// What only those need who work on the program
    #[command(subcommand, hide = true)]
    Dev(DevCommand),
}

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Name the first line at which its chain is broken, if it is
    Verify(AuditVerifyArgs),
}

/// Arguments of `audit verify`.
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// Folder of one trail, or of several
    #[arg(default_value = "data/audit")]
    pub folder: PathBuf,
    /// Report as one JSON array
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `serve`. Each says the same as a setting of the environment or of `.env`, and wins over it.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Port to listen on, 0 takes a free one [default: 3000]
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
    /// Where observations come from: replay or live [default: replay; live where a source is named]
    #[arg(long, value_name = "MODE", conflicts_with = "replay")]
    pub mode: Option<String>,
    /// Recording to play, .jsonl or .jsonl.gz; implies --mode replay
    #[arg(long, value_name = "FILE", conflicts_with = "source")]
    pub replay: Option<String>,
    /// Seconds of the recording per second [default: 1]
    #[arg(long, value_name = "X")]
    pub speed: Option<String>,
    /// Start the recording again after its end (the default)
    #[arg(long = "loop", overrides_with = "no_loop")]
    pub looped: bool,
    /// Stand still after the recording's end
    #[arg(long, overrides_with = "looped")]
    pub no_loop: bool,
    /// Stand still at the recording's first poll until somebody presses play
    #[arg(long)]
    pub start_paused: bool,
    /// Show the recording to everybody who reaches this address, to look only
    #[arg(long)]
    pub public_demo: bool,
    /// Folder of the built client [default: target/site]
    #[arg(long, value_name = "FOLDER")]
    pub site_root: Option<String>,
    /// How OpenSky is asked, and what is logged.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Arguments that `serve` and `record` share.
#[derive(Clone, Debug, Default, Args)]
pub struct CommonArgs {
    /// Live source: opensky, readsb[=URL|FILE], adsbx[=URL] or sbs[=HOST:PORT]; may be given several times
    #[arg(long, value_name = "SOURCE")]
    pub source: Vec<String>,
    /// Box to ask OpenSky and adsbx for: LAT_MIN,LAT_MAX,LON_MIN,LON_MAX in degrees
    #[arg(long, value_name = "A,B,C,D", allow_hyphen_values = true)]
    pub bbox: Option<String>,
    /// Shortest time between polls in seconds [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub poll_interval: Option<String>,
    /// error, warn, info, debug, trace or a filter [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// human or json [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Read this file instead of .env
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording: envelopes, answers of any source or SBS messages, one per line, plain or .gz
    pub file: PathBuf,
    /// Without a server; to watch a recording, use `inflight serve --replay FILE`
    #[arg(long, required = true)]
    pub headless: bool,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// New file to write; compressed if its name ends in .gz
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Stop after so many minutes; without it, record until interrupted
    #[arg(long, value_name = "N")]
    pub minutes: Option<f64>,
    /// How OpenSky is asked, and what is logged.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: KeysCommand,
    /// Folder of keys.json [default: DATA_DIR, data]
    #[arg(long, value_name = "FOLDER", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Read this file instead of .env
    #[arg(long, value_name = "FILE", global = true)]
    pub env_file: Option<PathBuf>,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and show it, once
    Create(KeysCreateArgs),
    /// Show all keys, without their secrets
    List {
        /// Report as one JSON array
        #[arg(long)]
        json: bool,
    },
    /// End a key; connections that it opened are closed within a second
    Revoke {
        /// Id of the key, as in the list and in the key between the two underscores
        id: String,
    },
}

/// Arguments of `keys create`.
#[derive(Debug, Args)]
pub struct KeysCreateArgs {
    /// The user that the key stands for
    #[arg(long)]
    pub name: String,
    /// viewer, coordinator, trader or admin; may be given several times
    #[arg(long, required = true, value_parser = role)]
    pub role: Vec<Role>,
    /// Business whose rows it may see and publish, or * for all; may be given several times [default: none]
    #[arg(long, value_name = "ID")]
    pub business: Vec<String>,
    /// Location within them; may be given several times [default: all]
    #[arg(long, value_name = "ID")]
    pub location: Vec<String>,
    /// Days until it ends by itself [default: never]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub expires_days: Option<u32>,
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `check-config`.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// Report as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Look at the settings as `record` uses them
    #[arg(long)]
    pub record: bool,
    /// The flags that would be given to `serve`.
    #[command(flatten)]
    pub serve: ServeArgs,
}

impl ServeArgs {
    /// All that may hold settings, with these flags on top.
    ///
    /// # Errors
    /// A malformed `--bbox`, or a `.env` that was not understood.
    pub fn inputs(&self) -> Result<Inputs, AppError> {
        let mut inputs = self.common.inputs()?;
        let flags = &mut inputs.flags;
        put(flags, "BACKEND_HOST", "--host", &self.host);
        put(flags, "BACKEND_PORT", "--port", &self.port);
        put(flags, "OPENSKY_MODE", "--mode", &self.mode);
        put(flags, "REPLAY_FILE", "--replay", &self.replay);
        put(flags, "REPLAY_SPEED", "--speed", &self.speed);
        put(flags, "LEPTOS_SITE_ROOT", "--site-root", &self.site_root);
        let said = |flag: bool, value: &str| flag.then(|| value.to_owned());
        put(flags, "OPENSKY_MODE", "--replay", &said(self.replay.is_some(), "replay"));
        put(flags, "REPLAY_LOOP", "--loop", &said(self.looped, "true"));
        put(flags, "REPLAY_LOOP", "--no-loop", &said(self.no_loop, "false"));
        put(flags, "PUBLIC_DEMO", "--public-demo", &said(self.public_demo, "true"));
        put(flags, "REPLAY_START_PAUSED", "--start-paused", &said(self.start_paused, "true"));
        Ok(inputs)
    }
}

impl CommonArgs {
    /// All that may hold settings, with these flags on top.
    ///
    /// # Errors
    /// A malformed `--bbox`, or a `.env` that was not understood.
    pub fn inputs(&self) -> Result<Inputs, AppError> {
        let mut flags = BTreeMap::new();
        let sources = (!self.source.is_empty()).then(|| self.source.join(","));
        put(&mut flags, "SOURCES", "--source", &sources);
        put(&mut flags, "POLL_INTERVAL_SECONDS", "--poll-interval", &self.poll_interval);
        put(&mut flags, "LOG_LEVEL", "--log-level", &self.log_level);
        put(&mut flags, "LOG_FORMAT", "--log-format", &self.log_format);
        if let Some(bbox) = &self.bbox {
            let edges: Vec<&str> = bbox.split(',').map(str::trim).collect();
            let [south, north, west, east] = edges[..] else {
                let found = edges.len();
                return Err(AppError::Usage(format!(
                    "--bbox {bbox}: expected four numbers LAT_MIN,LAT_MAX,LON_MIN,LON_MAX, found {found}"
                )));
            };
            for (name, edge) in [
                ("BBOX_LAT_MIN", south),
                ("BBOX_LAT_MAX", north),
                ("BBOX_LON_MIN", west),
                ("BBOX_LON_MAX", east),
            ] {
                flags.insert(name, ("--bbox", edge.to_owned()));
            }
        }
        Ok(Inputs { flags, environment: environment(), dotenv: self.dotenv()? })
    }

    fn dotenv(&self) -> Result<Option<DotEnv>, AppError> {
        dotenv(self.env_file.as_deref())
    }
}

impl KeysArgs {
    /// All that may hold settings.
    ///
    /// # Errors
    /// A `.env` that was not understood.
    pub fn inputs(&self) -> Result<Inputs, AppError> {
        let dotenv = dotenv(self.env_file.as_deref())?;
        Ok(Inputs { flags: BTreeMap::new(), environment: environment(), dotenv })
    }
}

fn dotenv(path: Option<&Path>) -> Result<Option<DotEnv>, AppError> {
    let Some(path) = path else { return Ok(DotEnv::read(Path::new(".env"))?) };
    let missing = || AppError::File { path: path.to_owned(), problem: "there is no such file".to_owned() };
    DotEnv::read(path)?.ok_or_else(missing).map(Some)
}

fn role(name: &str) -> Result<Role, String> {
    Role::parse(name).ok_or_else(|| format!("expected {}", Role::ALL.map(Role::name).join(", ")))
}

fn put(
    flags: &mut BTreeMap<&'static str, (&'static str, String)>,
    name: &'static str,
    flag: &'static str,
    value: &Option<String>,
) {
    if let Some(value) = value {
        flags.insert(name, (flag, value.clone()));
    }
}

/// The environment, without variables that are no text.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
