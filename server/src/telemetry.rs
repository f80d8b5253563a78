//! Logs: compact text for people, or one JSON object per line.

use crate::settings::LogSettings;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging to standard error. A second call in the same process keeps the first.
pub fn start(settings: &LogSettings) {
    let filter = discreet(EnvFilter::builder().parse_lossy(&settings.filter));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if settings.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).finish().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).compact().with_target(false).finish().try_init()
    };
    if let Err(already) = started {
        tracing::debug!(%already, "logging was started before");
    }
}

/// Libraries below us write whole messages into the log at the finest level, and with them what signs somebody in.
fn discreet(filter: EnvFilter) -> EnvFilter {
    if filter.max_level_hint().is_some_and(|most| most < LevelFilter::TRACE) {
        return filter;
    }
    let quiet = ["tungstenite=debug", "tokio_tungstenite=debug", "hyper=debug"];
    quiet.into_iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive)
}
