//! Spans and logs of this program on their way to a collector: taken as they happen, never waited for.

use crate::clock;
use crate::telemetry::otlp::{Log, Span, Value};
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// What is told.
#[derive(Debug)]
pub enum Told {
    /// Something that took a while.
    Span(Span),
    /// Something that happened.
    Log(Log),
}

/// Takes what is logged; put beside what writes to standard error, so that the same filter holds.
pub struct Collector {
    queue: mpsc::Sender<Told>,
    lost: Arc<AtomicU64>,
}

/// The other end.
#[derive(Debug)]
pub struct Collected {
    /// What came.
    pub queue: mpsc::Receiver<Told>,
    /// How much found no place since somebody looked.
    pub lost: Arc<AtomicU64>,
}

/// A span that goes on.
struct Open {
    span: Span,
    since: Instant,
}

/// What waits for the collector at most; a request leaves one or two.
pub const WAITING: usize = 4096;

/// What other crates say may hold what passes through them, and what the exporter's own requests say would never end.
const OURS: &str = "inflight";

/// Both ends.
#[must_use]
pub fn collector(waiting: usize) -> (Collector, Collected) {
    let (sender, receiver) = mpsc::channel(waiting);
    let lost = Arc::new(AtomicU64::new(0));
    (Collector { queue: sender, lost: Arc::clone(&lost) }, Collected { queue: receiver, lost })
}

impl Collector {
    fn tell(&self, told: Told) {
        if self.queue.try_send(told).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(here) = context.span(id).filter(|span| span.metadata().target().starts_with(OURS)) else {
            return;
        };
        let parent = here
            .parent()
            .and_then(|parent| parent.extensions().get::<Open>().map(|open| (open.span.trace, open.span.id)));
        let mut span = Span::begun(here.name(), parent, nanos());
        attributes.record(&mut span);
        here.extensions_mut().insert(Open { span, since: Instant::now() });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(here) = context.span(id) else { return };
        if let Some(open) = here.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.span);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        if !event.metadata().target().starts_with(OURS) {
            return;
        }
        let mut log = Log::at(nanos(), level);
        if let Some(here) = context.event_span(event)
            && let Some(open) = here.extensions_mut().get_mut::<Open>()
        {
            log.within = Some((open.span.trace, open.span.id));
            open.span.failed |= level == Level::ERROR;
        }
        event.record(&mut log);
        self.tell(Told::Log(log));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(here) = context.span(&id) else { return };
        let open = here.extensions_mut().remove::<Open>();
        if let Some(Open { mut span, since }) = open {
            let took = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
            span.ended_at = span.began_at.saturating_add(took);
            self.tell(Told::Span(span));
        }
    }
}

impl Visit for Span {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => self.follow(value),
            name => self.attributes.push((name, Value::Text(value.to_owned()))),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push((field.name(), Value::Integer(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.attributes.push((field.name(), Value::of(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl Visit for Log {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            name => self.attributes.push((name, Value::Text(value.to_owned()))),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push((field.name(), Value::Integer(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.attributes.push((field.name(), Value::of(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.attributes.push((field.name(), Value::Float(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.attributes.push((field.name(), Value::Truth(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

fn nanos() -> u64 {
    u64::try_from(clock::now().0).unwrap_or_default().saturating_mul(1_000_000)
}
