//! Observations to tracks: readers for each source format, plausibility, motion, staleness.
//!
//! Pure: text and times come in, rows and what was turned away come out. Nothing here fails on bad input;
//! an entry that cannot be used becomes a [`Dropped`] with its reason, and the rest goes on.

pub mod accuracy;
pub mod airports;
pub mod capture;
mod cell;
mod craft;
pub mod disruption;
mod entry;
pub mod envelope;
pub mod freshness;
pub mod history;
pub mod merge;
pub mod motion;
pub mod opensky;
pub mod poll;
pub mod readsb;
pub mod recording;
pub mod sbs;
mod scan;
pub mod tracker;
pub mod trail;
pub mod uncertainty;

pub use capture::SourceKind;
pub use poll::{Dropped, Poll};
pub use recording::{Recording, RecordingError, RecordingFormat, Totals};
pub use tracker::{Accepted, Tracker};
pub use trail::Trail;
