//! Logs: compact text for people, or one JSON object per line. The filter may change while the program runs.

pub mod collect;
pub mod export;
pub mod otlp;

use crate::settings::LogSettings;
use crate::telemetry::collect::{Collected, WAITING, collector};
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing::error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

type SetFilter = Box<dyn Fn(EnvFilter) + Send + Sync>;

static SET_FILTER: OnceLock<SetFilter> = OnceLock::new();

/// Starts logging to standard error, and collects the same for others where that is asked for. A second call in the same
/// process keeps the first.
pub fn start(settings: &LogSettings, collects: bool) -> Option<Collected> {
    let (layer, collected) = collects.then(|| collector(WAITING)).unzip();
    let filter = discreet(EnvFilter::builder().parse_lossy(&settings.filter));
    // A log on a full disk is lost. To say so on standard error, which is that log, would end the process.
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let started = if settings.json {
        let builder = builder.json().flatten_event(true).with_current_span(true).with_span_list(false);
        let builder = builder.with_filter_reloading();
        let handle = builder.reload_handle();
        // Fails only when nobody logs any more.
        drop(SET_FILTER.set(Box::new(move |filter| drop(handle.reload(filter)))));
        builder.finish().with(layer).try_init()
    } else {
        let builder = builder.with_ansi(std::io::stderr().is_terminal()).compact().with_target(false);
        let builder = builder.with_filter_reloading();
        let handle = builder.reload_handle();
        drop(SET_FILTER.set(Box::new(move |filter| drop(handle.reload(filter)))));
        builder.finish().with(layer).try_init()
    };
    match started {
        Ok(()) => std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            error!(place, "a defect: {}", panic.payload_as_str().unwrap_or("panic"));
        })),
        Err(already) => tracing::debug!(%already, "logging was started before"),
    }
    collected
}

/// Logs what this filter lets through from now on; nothing happens where nobody logs.
pub fn filter(text: &str) {
    if let (Some(set), Some(filter)) = (SET_FILTER.get(), read(text)) {
        set(filter);
    }
}

/// The filter that a text asks for; none where it is no filter.
fn read(text: &str) -> Option<EnvFilter> {
    EnvFilter::builder().parse(text).ok().map(discreet)
}

/// Libraries below us write whole messages into the log at the finest level, and with them what signs somebody in.
fn discreet(filter: EnvFilter) -> EnvFilter {
    if filter.max_level_hint().is_some_and(|most| most < LevelFilter::TRACE) {
        return filter;
    }
    let quiet = ["tungstenite=debug", "tokio_tungstenite=debug", "hyper=debug"];
    quiet.into_iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<bool>) {
        let quiet = read(text).map(|filter| filter.to_string().contains("tungstenite=debug"));
        assert_eq!(quiet, expected, "{text}");
    }

    #[test]
    fn no_filter_lets_whole_messages_into_the_log() {
        check("trace", Some(true));
        check("info,tungstenite=trace", Some(true));
        check("debug", Some(false));
        check("=,=", None);
    }
}
