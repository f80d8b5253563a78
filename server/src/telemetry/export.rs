//! Carries spans and logs to a collector over OTLP/HTTP in JSON, in batches; what it does not take is counted and gone.

use crate::metrics::Metrics;
use crate::settings::export::ExportSettings;
use crate::telemetry::collect::{Collected, Told};
use crate::telemetry::otlp;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use core::sync::atomic::Ordering;
use core::time::Duration;
use reqwest::{Client, Url};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// An exporter at work.
pub struct Exporting {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

struct Exporter {
    client: Client,
    endpoint: Url,
    headers: HeaderMap,
    service: String,
    collected: Collected,
    metrics: Metrics,
    stop: CancellationToken,
    /// Whether the last batch found nobody.
    refused: bool,
}

/// A batch goes when it holds so much, or when its first has waited this long.
const BATCH: usize = 512;
const EVERY: Duration = Duration::from_secs(2);

/// How long the collector may take.
const WITHIN: Duration = Duration::from_secs(5);

/// Before a batch that was not taken is tried once more.
const PAUSE: Duration = Duration::from_secs(1);

/// Starts to carry what is collected to where the settings say.
///
/// # Errors
/// The HTTP client cannot be set up.
pub fn start(
    collected: Collected,
    settings: &ExportSettings,
    metrics: Metrics,
) -> Result<Exporting, reqwest::Error> {
    let client = Client::builder()
        .timeout(WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("inflight/", env!("CARGO_PKG_VERSION")));
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers {
        // The settings were read with the same eyes.
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value.reveal()));
        if let (Ok(name), Ok(mut value)) = pair {
            value.set_sensitive(true);
            headers.append(name, value);
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let stop = CancellationToken::new();
    let exporter = Exporter {
        client: client.build()?,
        endpoint: settings.endpoint.clone(),
        headers,
        service: settings.service.clone(),
        collected,
        metrics,
        stop: stop.clone(),
        refused: false,
    };
    Ok(Exporting { stop, task: tokio::spawn(exporter.run()) })
}

impl Exporting {
    /// Sends what waits, and ends; takes a few seconds at most.
    pub async fn finish(self) {
        self.stop.cancel();
        if timeout(WITHIN * 2, self.task).await.is_err() {
            warn!("the collector is slow; its last batch is lost");
        }
    }
}

impl Exporter {
    async fn run(mut self) {
        let mut batch = Vec::new();
        loop {
            let queue = &mut self.collected.queue;
            let fill = async {
                loop {
                    let room = BATCH.saturating_sub(batch.len());
                    if room == 0 || queue.recv_many(&mut batch, room).await == 0 {
                        return;
                    }
                }
            };
            let stopped = tokio::select! {
                biased;
                () = self.stop.cancelled() => true,
                _ = timeout(EVERY, fill) => self.collected.queue.is_closed(),
            };
            if stopped {
                while let Ok(told) = self.collected.queue.try_recv() {
                    batch.push(told);
                }
            }
            self.carry(&mut batch).await;
            let lost = self.collected.lost.swap(0, Ordering::Relaxed);
            self.metrics.telemetry_lost("behind", lost);
            if stopped {
                return;
            }
        }
    }

    async fn carry(&mut self, batch: &mut Vec<Told>) {
        let (mut spans, mut logs) = (Vec::new(), Vec::new());
        for told in batch.drain(..) {
            match told {
                Told::Span(span) => spans.push(span),
                Told::Log(log) => logs.push(log),
            }
        }
        if !spans.is_empty() {
            let body = otlp::traces(&self.service, &spans).to_string();
            self.post("spans", "v1/traces", body, spans.len()).await;
        }
        if !logs.is_empty() {
            let body = otlp::logs(&self.service, &logs).to_string();
            self.post("logs", "v1/logs", body, logs.len()).await;
        }
    }

    async fn post(&mut self, signal: &'static str, path: &str, body: String, count: usize) {
        let mut result = self.try_to_post(path, body.clone()).await;
        if matches!(result, Err((_, true))) && !self.stop.is_cancelled() {
            sleep(PAUSE).await;
            result = self.try_to_post(path, body).await;
        }
        match result {
            Ok(()) => {
                self.metrics.telemetry_exported(signal, count as u64);
                if core::mem::take(&mut self.refused) {
                    info!("the collector takes logs and spans again");
                }
            }
            Err((cause, _)) => {
                self.metrics.telemetry_lost("refused", count as u64);
                // Once, or each lost batch would leave another log to lose.
                if !core::mem::replace(&mut self.refused, true) {
                    warn!(cause, "the collector does not take logs and spans; they are lost until it does");
                }
            }
        }
    }

    /// Why it was not taken, and whether it may be later.
    async fn try_to_post(&self, path: &str, body: String) -> Result<(), (String, bool)> {
        let url = self.endpoint.join(path).map_err(|error| (error.to_string(), false))?;
        let request = self.client.post(url).headers(self.headers.clone()).body(body);
        let answer = request.send().await.map_err(|error| (error.without_url().to_string(), true))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err((status.to_string(), matches!(status.as_u16(), 429 | 502..=504)))
    }
}

#[cfg(test)]
mod tests;
