//! Why the program ends, as one clear line and an exit code.

use crate::settings::SettingsError;
use crate::settings::dotenv::DotEnvError;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// The codes, as `--help` shows them.
pub const CODES_HELP: &str = "\
Exit codes:
  0  done
  1  any other failure
  2  a wrong argument or setting
  3  a file is missing, unreadable, unwritable or no recording
  4  the address cannot be listened on
  5  the audit trail is broken";

/// What ends a command before its time.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// An argument that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Settings that are not acceptable.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A `.env` that was not understood.
    #[error(transparent)]
    DotEnv(#[from] DotEnvError),
    /// A file that cannot be used.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Somebody else listens there.
    #[error("port {port} on {host} is taken; choose another with --port or BACKEND_PORT")]
    PortTaken {
        /// Where.
        host: String,
        /// Which port.
        port: u16,
    },
    /// The address cannot be listened on for another reason.
    #[error(
        "cannot listen on {host} port {port}: {cause}; see --host and --port, BACKEND_HOST and BACKEND_PORT"
    )]
    Listen {
        /// Where.
        host: String,
        /// Which port.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// An audit trail that is not as it was written.
    #[error("{0}")]
    Broken(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl AppError {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) | Self::Settings(_) | Self::DotEnv(_) => 2,
            Self::File { .. } => 3,
            Self::PortTaken { .. } | Self::Listen { .. } => 4,
            Self::Broken(_) => 5,
        }
    }

    /// Says it on standard error and gives the code to end with.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        for line in self.to_string().lines() {
            eprintln!("error: {line}");
        }
        ExitCode::from(self.code())
    }

    /// A file that the system refused.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>, cause: &io::Error) -> Self {
        let problem = match cause.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => cause.to_string(),
        };
        Self::File { path: path.into(), problem }
    }
}
