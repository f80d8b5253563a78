//! Ranges and trails out of the history; what reads the disk runs on threads for that.

use crate::history::History;
use crate::history::packed::{HEAD, Packed, Sum};
use crate::history::segment::{Segment, between};
use bytes::Bytes;
use inflight_domain::{Icao24, TrailPoint, UnixMillis};
use inflight_sky::Trail;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::{debug, warn};

/// Bytes of one answer before compression; a browser holds it in memory.
pub const ANSWER_BYTES: u64 = 256 << 20;

/// Pieces of an answer that wait for the client.
const PIECES: usize = 2;

/// A client that takes no piece for this long holds up others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a range is not served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Nothing is kept, for this reason.
    #[error("no history is kept here: {0}")]
    Off(String),
    /// Nothing is kept yet, or not of that time.
    #[error("no poll is kept between {from} and {to}; {}", match span {
        Some((first, last)) => format!("what is kept goes from {first} to {last}"),
        None => "nothing is kept yet".to_owned(),
    })]
    Nothing {
        /// Asked for.
        from: UnixMillis,
        /// Asked for.
        to: UnixMillis,
        /// What there is.
        span: Option<(UnixMillis, UnixMillis)>,
    },
    /// More than fits into one answer.
    #[error("the range holds {raw_bytes} bytes, expected at most {ANSWER_BYTES}; until {fits_until} it fits")]
    TooLarge {
        /// Before compression.
        raw_bytes: u64,
        /// A nearer end.
        fits_until: UnixMillis,
    },
}

impl History {
    /// The segments that a range touches.
    ///
    /// # Errors
    /// There are none, or they are too many.
    pub fn range(&self, from: UnixMillis, to: UnixMillis) -> Result<Vec<Segment>, RangeError> {
        let state = self.state();
        if let Some(problem) = &state.problem {
            return Err(RangeError::Off(problem.clone()));
        }
        let touched: Vec<Segment> = state
            .segments
            .iter()
            .filter(|segment| segment.from <= to && segment.to >= from)
            .cloned()
            .collect();
        if touched.is_empty() {
            let span = state.segments.first().zip(state.segments.last());
            return Err(RangeError::Nothing {
                from,
                to,
                span: span.map(|(first, last)| (first.from, last.to)),
            });
        }
        let mut raw_bytes = 0;
        let mut fits_until = from;
        for segment in &touched {
            raw_bytes += segment.raw_bytes;
            if raw_bytes <= ANSWER_BYTES {
                fits_until = segment.to;
            }
        }
        if raw_bytes > ANSWER_BYTES && touched.len() > 1 {
            return Err(RangeError::TooLarge { raw_bytes, fits_until });
        }
        Ok(touched)
    }

    /// The lines of a range in pieces, as they are or as one gzip file. A file that was removed meanwhile is
    /// left out; a client that takes nothing for a minute gets no more.
    #[must_use]
    pub fn stream(
        &self,
        segments: Vec<Segment>,
        from: UnixMillis,
        to: UnixMillis,
        gzip: bool,
    ) -> mpsc::Receiver<Bytes> {
        let (sender, receiver) = mpsc::channel(PIECES);
        let history = self.clone();
        tokio::spawn(async move {
            // Closed semaphores do not occur: they live as long as the history.
            let Ok(_turn) = history.turns.answers.acquire().await else { return };
            if history.send(segments, from, to, gzip, &sender).await.is_none() {
                debug!("a range of the history was not taken to its end");
            }
        });
        receiver
    }

    /// Where an aircraft has been.
    pub async fn trail(&self, icao24: Icao24) -> Vec<TrailPoint> {
        let Ok(_turn) = self.turns.trails.acquire().await else { return Vec::new() };
        let history = self.clone();
        let read = move || {
            let mut trail = Trail::of(icao24);
            for segment in &history.state().segments {
                if let Some(lines) = history.lines(segment) {
                    trail.take(&lines);
                }
            }
            trail.points()
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }

    /// None if the client went away or stopped reading.
    async fn send(
        &self,
        segments: Vec<Segment>,
        from: UnixMillis,
        to: UnixMillis,
        gzip: bool,
        out: &mpsc::Sender<Bytes>,
    ) -> Option<()> {
        let mut sum = Sum::default();
        if gzip {
            hand_out(out, Bytes::from_static(&HEAD)).await?;
        }
        for segment in segments {
            let turn = self.turns.files.acquire().await.ok()?;
            let history = self.clone();
            let read = move || history.piece(&segment, from, to, gzip);
            let piece = tokio::task::spawn_blocking(read).await.ok().flatten();
            drop(turn);
            let Some((bytes, packed)) = piece else { continue };
            packed.iter().for_each(|packed| sum.add(packed));
            hand_out(out, bytes).await?;
        }
        if gzip {
            hand_out(out, Bytes::copy_from_slice(&sum.tail())).await?;
        }
        Some(())
    }

    /// What a segment has of a range, and what that is packed, if it is.
    fn piece(
        &self,
        segment: &Segment,
        from: UnixMillis,
        to: UnixMillis,
        gzip: bool,
    ) -> Option<(Bytes, Option<Packed>)> {
        let whole = segment.from >= from && segment.to <= to;
        let lines = || {
            let lines = self.lines(segment)?;
            Some(if whole { lines } else { between(&lines, from, to).0 })
        };
        if !gzip {
            return Some((lines()?.into(), None));
        }
        let mut packed = if whole { self.packed(segment)? } else { Packed::of(&lines()?) };
        Some((core::mem::take(&mut packed.blocks).into(), Some(packed)))
    }

    fn lines(&self, segment: &Segment) -> Option<Vec<u8>> {
        self.read(segment, Segment::lines)
    }

    fn packed(&self, segment: &Segment) -> Option<Packed> {
        self.read(segment, Segment::packed)
    }

    /// Reads a segment, also if it was sealed just now.
    fn read<T>(&self, segment: &Segment, how: fn(&Segment, &std::path::Path) -> io::Result<T>) -> Option<T> {
        let error = match how(segment, &self.folder) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let state = self.state();
        let renamed = state.segments.iter().find(|other| other.from == segment.from && *other != segment);
        if let Some(read) = renamed.and_then(|renamed| how(renamed, &self.folder).ok()) {
            return Some(read);
        }
        if error.kind() != io::ErrorKind::NotFound {
            warn!(%error, file = segment.name(), "a file of the history could not be read");
        }
        None
    }
}

async fn hand_out(out: &mpsc::Sender<Bytes>, bytes: Bytes) -> Option<()> {
    out.send_timeout(bytes, PATIENCE).await.ok()
}
