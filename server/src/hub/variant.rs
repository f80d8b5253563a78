//! The forms in which clients want frames; each is encoded once per cut, if anybody wants it.

use crate::hub::form::Form;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use inflight_engine::Topics;
use inflight_engine::tiles::Tiles;
use inflight_wire::Format;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// One form of the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Protocol inflight.v1 with these topics.
    Stream(Form, Topics),
    /// The plain feed of `/ws/flights`.
    Flights(Format),
}

/// How many forms there are.
pub const VARIANTS: usize = 26;

/// How many clients want each form.
#[derive(Debug, Default)]
pub struct Watchers {
    by_variant: [AtomicUsize; VARIANTS],
    all: watch::Sender<usize>,
    /// How many look at tiles, by format.
    areas: Mutex<BTreeMap<Tiles, [usize; 2]>>,
    numbers: AtomicU64,
}

/// One client's look at tiles, until it is dropped.
#[derive(Debug)]
pub struct Looking {
    watchers: Arc<Watchers>,
    tiles: Tiles,
    format: Format,
}

/// One client's wish, until it is dropped.
#[derive(Debug)]
pub struct Watching {
    watchers: Arc<Watchers>,
    /// What it wants.
    pub variant: Variant,
}

impl Variant {
    /// All forms, each at its own index.
    pub fn all() -> impl Iterator<Item = Self> {
        let sets = (0_u8..8).map(|bits| Topics {
            flights: bits & 1 != 0,
            system: bits & 2 != 0,
            disruptions: bits & 4 != 0,
        });
        let streams = Form::ALL
            .into_iter()
            .flat_map(move |form| sets.clone().map(move |topics| Self::Stream(form, topics)));
        streams.chain(Format::ALL.map(Self::Flights))
    }

    /// The form's place.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Stream(form, Topics { flights, system, disruptions }) => {
                8 * form as usize
                    + usize::from(flights)
                    + 2 * usize::from(system)
                    + 4 * usize::from(disruptions)
            }
            Self::Flights(format) => VARIANTS - 2 + usize::from(format == Format::Json),
        }
    }

    /// How its messages travel.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::Stream(form, _) => form,
            Self::Flights(format) => format.into(),
        }
    }
}

impl Watchers {
    /// Notes a client's wish.
    #[must_use]
    pub fn watch(self: &Arc<Self>, variant: Variant) -> Watching {
        self.by_variant[variant.index()].fetch_add(1, Ordering::Relaxed);
        self.all.send_modify(|count| *count += 1);
        Watching { watchers: Arc::clone(self), variant }
    }

    /// Whether anybody wants this form.
    #[must_use]
    pub fn any(&self, variant: Variant) -> bool {
        self.by_variant[variant.index()].load(Ordering::Relaxed) > 0
    }

    /// A number that nobody got before.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes that a client looks at tiles.
    #[must_use]
    pub fn look(self: &Arc<Self>, tiles: Tiles, format: Format) -> Looking {
        self.areas().entry(tiles).or_default()[format as usize] += 1;
        Looking { watchers: Arc::clone(self), tiles, format }
    }

    /// The tiles that somebody looks at, and how many do in each format.
    pub fn areas(&self) -> MutexGuard<'_, BTreeMap<Tiles, [usize; 2]>> {
        // Counts are whole at any time.
        self.areas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows how many there are.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<usize> {
        self.all.subscribe()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.watchers.by_variant[self.variant.index()].fetch_sub(1, Ordering::Relaxed);
        self.watchers.all.send_modify(|count| *count -= 1);
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        let mut areas = self.watchers.areas();
        if let Some(counts) = areas.get_mut(&self.tiles) {
            counts[self.format as usize] -= 1;
            if *counts == [0, 0] {
                areas.remove(&self.tiles);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_own_place() {
        let mut places: Vec<usize> = Variant::all().map(Variant::index).collect();
        places.sort_unstable();
        assert_eq!(places, (0..VARIANTS).collect::<Vec<_>>());
    }

    #[test]
    fn wishes_end_with_their_client() {
        let watchers = Arc::new(Watchers::default());
        let variant = Variant::Flights(Format::Json);
        let first = watchers.watch(variant);
        drop(watchers.watch(variant));
        assert!(watchers.any(variant));
        drop(first);
        assert!(!watchers.any(variant));
    }
}
