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
    telemetry::start(&settings.log);
    let listener = server::listen(&settings).await?;
    let mut server = Server::start(listener, &settings, RetryConfig::default()).await?;
    let again = args.clone();
    server.reload.read_from(&inputs, Box::new(move || again.inputs()));
    let reload = server.reload.clone();
    let reloading = tokio::spawn(shutdown::hang_ups(move || drop(reload.run("system", "SIGHUP"))));
    let source = match settings.mode {
        Mode::Replay => format!("replaying {} at {}x", settings.replay.file.display(), settings.replay.speed),
        Mode::Live => format!("live from {}", settings.sources_text()),
    };
    println!("inflight on http://{} ({source}), interrupt to stop", server.address);
    tokio::select! {
        () = shutdown::signal() => {}
        error = server.failed() => return Err(error),
    }
    reloading.abort();
    server.stop().await;
    Ok(())
}
