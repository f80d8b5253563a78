//! Alerts as entries of the topic `notice`: the system event of specification 002, for toasts and programs.

use crate::hub::HubHandle;
use crate::watch::{Health, Vitals};
use inflight_domain::event::{Alert, EventData, Metrics, Notice};
use inflight_domain::system::{AlertLevel, AlertRow};
use inflight_domain::{Draft, TopicName, UnixMillis};
use tracing::warn;

/// What is told when these alerts began or ended.
#[must_use]
pub fn of(health: Health, vitals: &Vitals, changed: &[AlertRow], now: UnixMillis) -> Notice {
    let mut changed: Vec<&AlertRow> = changed.iter().collect();
    changed.sort_by_key(|row| (row.ended.is_some(), core::cmp::Reverse(row.level)));
    Notice {
        health: health.name().to_owned(),
        metrics: Metrics {
            cpu_usage: share(vitals.cpu_share),
            memory_usage: share(vitals.memory_share),
            response_time: vitals.tick_p95_ms.unwrap_or(0.0),
        },
        alerts: changed.into_iter().map(alert).collect(),
        timestamp: now,
    }
}

/// Publishes it. Nobody waits for the disk: what it does not take is in the log and in the rows.
pub fn publish(hub: &HubHandle, notice: Notice) {
    let Some(topic) = TopicName::parse("notice") else { return };
    let hub = hub.clone();
    tokio::spawn(async move {
        let draft = Draft { topic, data: EventData::Notice(notice), by: None };
        if let Err(error) = hub.publish(draft).await {
            warn!(%error, "a notice was not published");
        }
    });
}

/// An alert in the words of specification 002; one that ended is good news.
fn alert(row: &AlertRow) -> Alert {
    let (level, message, timestamp) = match (row.ended, row.level) {
        (Some(ended), _) => ("info", format!("Over: {}", row.text), ended),
        (None, AlertLevel::Info) => ("info", row.text.clone(), row.since),
        (None, AlertLevel::Attention) => ("warning", row.text.clone(), row.since),
        (None, AlertLevel::Alarm) => ("error", row.text.clone(), row.since),
    };
    Alert { level: level.to_owned(), message, timestamp }
}

fn share(share: Option<f64>) -> f64 {
    (share.unwrap_or(0.0) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(level: AlertLevel, ended: Option<i64>) -> AlertRow {
        let ended = ended.map(UnixMillis);
        let (code, text) = ("x".to_owned(), "Ticks take 150 ms".to_owned());
        AlertRow { code, level, text, value: None, threshold: None, since: UnixMillis(1000), ended }
    }

    #[test]
    fn alerts_are_told_in_the_words_of_the_specification() {
        let changed = [
            row(AlertLevel::Alarm, Some(9000)),
            row(AlertLevel::Attention, None),
            row(AlertLevel::Alarm, None),
        ];
        let vitals = Vitals { cpu_share: Some(0.65), ..Vitals::default() };
        let notice = of(Health::Degraded, &vitals, &changed, UnixMillis(9000));
        let told: Vec<_> = notice.alerts.iter().map(|alert| (&*alert.level, &*alert.message)).collect();
        let text = "Ticks take 150 ms";
        assert_eq!(told, [("error", text), ("warning", text), ("info", "Over: Ticks take 150 ms")]);
        assert_eq!((notice.health.as_str(), notice.metrics.cpu_usage), ("degraded", 0.65));
    }
}
