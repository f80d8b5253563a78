//! Signal lost: an aircraft in flight falls silent where others around it are still heard.

use crate::disruption::step::{Finding, Fix};
use inflight_domain::math::turn_deg;
use inflight_domain::{Evidence, Measure, Position, Severity, UnixMillis};

/// Silence from which it is lost; coverage has holes of a minute and a half.
pub(super) const SILENT_MS: i64 = 135_000;

/// Silence after which it is no longer looked for.
pub(super) const LOOKED_FOR_MS: i64 = 330_000;

/// Below this altitude aircraft vanish behind hills and houses all the time.
const LOWEST_M: f64 = 2_700.0;

/// Who is heard that near shows that there is coverage.
const NEIGHBOUR_M: f64 = 70_000.0;

/// Neighbours no higher than it, with some room: who is higher is heard from further away.
const HIGHER_M: f64 = 600.0;

/// Heard within this time of now.
const FRESH_MS: i64 = 30_000;

/// Fewest neighbours, and fewest of them ahead of it: at the edge of what is watched nobody is ahead.
const NEIGHBOURS: usize = 3;
const AHEAD: usize = 2;

/// It must have been heard so often before, and so regularly.
const CONTACTS: u32 = 12;
const USUAL_S: f64 = 25.0;

/// How regularly an aircraft is heard.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contacts: u32,
    usual_s: f64,
    /// It was looked at in this silence and not found lost, or found.
    pub(super) told: bool,
}

impl State {
    pub(super) fn hear(&mut self, seconds: f64) {
        self.contacts = self.contacts.saturating_add(1);
        let gain = if self.contacts < 8 { 1.0 / f64::from(self.contacts) } else { 0.125 };
        self.usual_s += (seconds.min(120.0) - self.usual_s) * gain;
        self.told = false;
    }

    /// Whether it is one to look for now.
    pub(super) fn is_missed(&self, fix: &Fix, silent_ms: i64) -> bool {
        !self.told
            && (SILENT_MS..=LOOKED_FOR_MS).contains(&silent_ms)
            && !fix.on_ground
            && fix.altitude_m.is_some_and(|altitude_m| altitude_m >= LOWEST_M)
            && fix.speed_mps.is_some_and(|speed_mps| speed_mps > 80.0)
            && self.contacts >= CONTACTS
            && self.usual_s <= USUAL_S
    }

    /// Looks around: `heard` are the newest fixes of all who are in flight, with their last contact.
    pub(super) fn look<'a>(
        &mut self,
        fix: &Fix,
        last_contact: UnixMillis,
        now: UnixMillis,
        heard: impl Iterator<Item = (&'a Fix, UnixMillis)>,
    ) -> Option<Finding> {
        let (speed_mps, track_deg, altitude_m) = (fix.speed_mps?, fix.track_deg?, fix.altitude_m?);
        let silent_s = now.since(last_contact) as f64 / 1000.0;
        let place = fix.position.destination(track_deg, speed_mps * now.since(fix.at) as f64 / 1000.0);
        let (mut neighbours, mut ahead) = (0, 0);
        for (other, contact) in heard {
            let near = now.since(contact) <= FRESH_MS
                && !other.on_ground
                && other.altitude_m.is_some_and(|other_m| other_m <= altitude_m + HIGHER_M)
                && is_near(place, other.position);
            if near {
                neighbours += 1;
                ahead += usize::from(turn_deg(track_deg, place.bearing_deg(other.position)).abs() < 70.0);
            }
        }
        if neighbours < NEIGHBOURS || ahead < AHEAD {
            return None;
        }
        self.told = true;
        let evidence = Evidence::default()
            .with(Measure::SilenceS, silent_s)
            .with(Measure::ExpectedSilenceS, self.usual_s)
            .with(Measure::NeighboursHeard, neighbours as f64)
            .with(Measure::AltitudeM, altitude_m);
        Some(Finding {
            began: last_contact,
            place: fix.position,
            severity: Severity::Attention,
            confidence_pct: 55.0 + 4.0 * neighbours.min(10) as f64,
            airport: None,
            evidence,
        })
    }
}

fn is_near(one: Position, other: Position) -> bool {
    let south_m = (one.latitude_deg() - other.latitude_deg()).abs() * 111_000.0;
    south_m <= NEIGHBOUR_M && one.distance_m(other) <= NEIGHBOUR_M
}
