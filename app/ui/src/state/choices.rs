//! What the person chose for now: who is selected, who is shown, and what else the picture shows.

use crate::state::picks::Picks;
use crate::state::sieve::FilterForm;
use inflight_domain::Icao24;

/// What else the picture shows or leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// Trails of all aircraft instead of the selected ones.
    pub all_trails: bool,
    /// Trails stay when their aircraft have left.
    pub keep_trails: bool,
    /// The map steps back behind the aircraft.
    pub dim: bool,
    /// Nothing lies over the picture.
    pub bare: bool,
}

/// All of it in one place, so that the page has one signal for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// All that is selected.
    pub picks: Picks,
    /// Which aircraft are shown.
    pub form: FilterForm,
    /// What else the picture shows.
    pub layers: Layers,
    /// How many aircraft the filter lets through.
    pub shown: usize,
    /// Who calls for help, whether shown or not.
    pub alarms: Vec<Icao24>,
}
