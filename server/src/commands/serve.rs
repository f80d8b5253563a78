//! `inflight serve`: listens until it is told to stop.

use crate::cli::ServeArgs;
use crate::exit::AppError;
use crate::server::{self, Server};
use crate::settings::{Mode, Settings};
use crate::shutdown;
use crate::sources::opensky::core::RetryConfig;
use crate::telemetry;

/// Serves until interrupted.
///
/// # Errors
/// Settings, the recording, the address, or a part that ended by itself.
pub async fn run(args: &ServeArgs) -> Result<(), AppError> {
    let inputs = args.inputs()?;
    let settings = Settings::from_inputs(&inputs)?;
    let collected = telemetry::start(&settings.log, settings.export.is_some());
    let listener = server::listen(&settings).await?;
    let mut server = Server::start(listener, &settings, RetryConfig::default()).await?;
    let exporting = match (collected, &settings.export) {
        (Some(collected), Some(export)) => {
            let started = telemetry::export::start(collected, export, server.metrics.clone());
            Some(
                started
                    .map_err(|error| AppError::Other(format!("cannot set up the HTTP client: {error}")))?,
            )
        }
        _ => None,
    };
    let again = args.clone();
    server.reload.read_from(&inputs, Box::new(move || again.inputs()));
    let reload = server.reload.clone();
    let reloading = tokio::spawn(shutdown::hang_ups(move || drop(reload.run("system", "SIGHUP"))));
    let source = match settings.mode {
        Mode::Replay => format!("replaying {} at {}x", settings.replay.file.display(), settings.replay.speed),
        Mode::Live => format!("live from {}", settings.sources_text()),
    };
    println!("inflight on http://{} ({source}), interrupt to stop", server.address);
    let failed = tokio::select! {
        () = shutdown::signal() => None,
        error = server.failed() => Some(error),
    };
    reloading.abort();
    if failed.is_none() {
        server.stop().await;
    }
    if let Some(exporting) = exporting {
        exporting.finish().await;
    }
    failed.map_or(Ok(()), Err)
}
