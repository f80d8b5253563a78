//! When to stop: interrupt or terminate. When to read the settings anew: hang up.

/// Resolves when the process is asked to stop.
pub async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the system ends the process itself.
        core::future::pending::<()>().await;
    }
}

/// Does something each time that the process is told to read its settings anew; from now on, not from the first poll.
pub fn hang_ups(act: impl Fn()) -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    async move {
        #[cfg(unix)]
        if let Ok(mut signal) = signal {
            while signal.recv().await.is_some() {
                act();
            }
        }
        #[cfg(not(unix))]
        drop(act);
    }
}
