//! All detectors over all aircraft: who is known, which rows are open, and what a poll changes of them.

use crate::airports::Airports;
use crate::disruption::implausible_jump::Jump;
use crate::disruption::step::{Finding, Fix, Flight, Near, Step, Verdict};
use crate::disruption::{
    diversion, emergency, go_around, holding, implausible_jump, level_off, return_to_origin, signal_lost,
};
use crate::tracker::Accepted;
use inflight_domain::{
    Aircraft, Disruption, DisruptionKind, Evidence, Icao24, Measure, SmallMap, UnixMillis,
};
use rustc_hash::FxHashMap;

/// Silence after which an aircraft is forgotten.
const FORGET_MS: i64 = 600_000;

/// How low an aircraft must be to be near an airport, metres.
const LOW_M: f64 = 5_000.0;

/// How near an airport is looked for, metres.
const NEAR_M: f64 = 16_000.0;

/// An aircraft that is first seen so low and climbing has taken off nearby.
const DEPARTED_M: f64 = 1_500.0;

/// No airliner climbs or falls faster, metres per second; altitudes that say so are garbled.
const FASTEST_CLIMB_MPS: f64 = 60.0;

/// Rounding and pressure, metres.
const ALTITUDE_NOISE_M: f64 = 120.0;

/// Most rows that may be open at once; beyond it something is wrong with the source, not with the aircraft.
const MOST_OPEN: usize = 2_000;

/// The detectors of one stream.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Each is taken out of its place while it is looked at, and put back.
    known: FxHashMap<Icao24, Option<Box<Known>>>,
    open: SmallMap<(Icao24, DisruptionKind), Disruption>,
    news: Vec<Disruption>,
}

#[derive(Clone, Debug)]
struct Known {
    fix: Fix,
    last_contact: UnixMillis,
    /// The source that speaks for it.
    feed: u8,
    flight: Flight,
    /// Altitudes in a row that cannot follow from the one before.
    odd_altitudes: u8,
    detectors: Detectors,
}

#[derive(Clone, Debug, Default)]
struct Detectors {
    holding: holding::State,
    go_around: go_around::State,
    level_off: level_off::State,
    diversion: diversion::State,
    return_to_origin: return_to_origin::State,
    jump: implausible_jump::State,
    emergency: emergency::State,
    signal: signal_lost::State,
}

impl Watch {
    /// Looks at what a poll of the source with number `feed` brought; returns the rows that are new, changed or
    /// ended.
    pub fn take(&mut self, feed: u8, now: UnixMillis, accepted: &Accepted) -> Vec<Disruption> {
        accepted.jumps.iter().for_each(|(icao24, jump)| self.jump(*icao24, *jump));
        accepted.observations.iter().for_each(|aircraft| self.observe(feed, aircraft));
        if !accepted.regressed {
            self.look_for_lost(now);
            self.forget(now);
        }
        core::mem::take(&mut self.news)
    }

    fn observe(&mut self, feed: u8, aircraft: &Aircraft) {
        let icao24 = aircraft.icao24;
        let mut fix = Fix::of(aircraft);
        let contact = aircraft.last_contact();
        let Some(mut known) = self.known.get_mut(&icao24).and_then(Option::take) else {
            // It may have been forgotten while it was silent.
            self.verdict(aircraft, contact, DisruptionKind::SignalLost, Verdict::Over);
            self.known.insert(icao24, Some(Box::new(Known::new(fix, feed, contact))));
            return;
        };
        let is_heard = contact > known.last_contact;
        if is_heard {
            let silent_ms = contact.since(known.last_contact);
            known.detectors.signal.hear(silent_ms as f64 / 1000.0);
            self.heard_again(aircraft, contact);
            (known.last_contact, known.feed) = (contact, feed);
            let verdict = known.detectors.emergency.watch(aircraft);
            self.verdict(aircraft, contact, DisruptionKind::Emergency, verdict);
        }
        if fix.at > known.fix.at {
            known.settle_altitude(&mut fix);
            self.step(aircraft, &mut known, &fix);
            known.fix = fix;
        }
        self.put_back(icao24, known);
    }

    fn put_back(&mut self, icao24: Icao24, known: Box<Known>) {
        if let Some(place) = self.known.get_mut(&icao24) {
            *place = Some(known);
        }
    }

    /// Shows all detectors the step to a new fix.
    fn step(&mut self, aircraft: &Aircraft, known: &mut Known, fix: &Fix) {
        let seconds = fix.at.since(known.fix.at) as f64 / 1000.0;
        let distance_m = known.fix.position.step_m(fix.position);
        let airports = Airports::world();
        let near = near(airports, fix);
        known.flight.go_on(&known.fix, fix, near);
        let flight = known.flight;
        let before = known.fix;
        let step = Step { before: &before, now: fix, seconds, distance_m, flight: &flight, airports, near };
        let of = &mut known.detectors;
        if let Some(jump) = implausible_jump::State::jump_of(&step) {
            of.start_anew();
            let verdict = of.jump.take(jump, fix.speed_mps);
            return self.verdict(aircraft, fix.at, DisruptionKind::ImplausibleJump, verdict);
        }
        let verdicts = [
            (DisruptionKind::ImplausibleJump, of.jump.rest(fix.at)),
            (DisruptionKind::Holding, of.holding.watch(&step)),
            (DisruptionKind::GoAround, of.go_around.watch(&step)),
            (DisruptionKind::LevelOff, of.level_off.watch(&step, of.holding.is_turning())),
            (DisruptionKind::Diversion, of.diversion.watch(&step)),
            (DisruptionKind::ReturnToOrigin, of.return_to_origin.watch(&step)),
        ];
        for (kind, verdict) in verdicts {
            self.verdict(aircraft, fix.at, kind, verdict);
        }
    }

    /// A position of this aircraft was turned away because it is out of reach.
    fn jump(&mut self, icao24: Icao24, jump: Jump) {
        let Some(Some(known)) = self.known.get_mut(&icao24) else { return };
        let verdict = known.detectors.jump.take(jump, known.fix.speed_mps);
        if let Verdict::Holds(finding) = verdict {
            self.hold(icao24, None, jump.at, DisruptionKind::ImplausibleJump, finding);
        }
    }

    fn verdict(&mut self, aircraft: &Aircraft, at: UnixMillis, kind: DisruptionKind, verdict: Verdict) {
        match verdict {
            Verdict::Same => {}
            Verdict::Holds(finding) => self.hold(aircraft.icao24, Some(aircraft), at, kind, finding),
            Verdict::Over => {
                if let Some(mut row) = self.open.remove(&(aircraft.icao24, kind)) {
                    row.callsign = aircraft.callsign().or(row.callsign);
                    row.ended = Some(at.max(row.last_seen));
                    self.news.push(row);
                }
            }
        }
    }

    fn hold(
        &mut self,
        icao24: Icao24,
        aircraft: Option<&Aircraft>,
        at: UnixMillis,
        kind: DisruptionKind,
        finding: Finding,
    ) {
        let full = self.open.len() >= MOST_OPEN;
        let callsign = aircraft.and_then(Aircraft::callsign);
        let (began, place) = (finding.began, finding.place);
        let fresh = || Disruption {
            kind,
            icao24,
            callsign,
            began,
            last_seen: at,
            ended: None,
            severity: finding.severity,
            confidence_pct: 0,
            place,
            airport: None,
            evidence: Evidence::default(),
        };
        if full && !self.open.contains_key(&(icao24, kind)) {
            return;
        }
        let row = self.open.get_or_insert_with((icao24, kind), fresh);
        row.last_seen = at;
        row.callsign = callsign.or(row.callsign);
        finding.write(row, |index| Airports::world().get(index).map(|airport| airport.code));
        self.news.push(row.clone());
    }

    /// A lost one is heard again: how long it was silent is known now.
    fn heard_again(&mut self, aircraft: &Aircraft, contact: UnixMillis) {
        if let Some(row) = self.open.get_mut(&(aircraft.icao24, DisruptionKind::SignalLost)) {
            let silent_s = contact.since(row.began) as f64 / 1000.0;
            row.evidence = core::mem::take(&mut row.evidence).with(Measure::SilenceS, silent_s);
            self.verdict(aircraft, contact, DisruptionKind::SignalLost, Verdict::Over);
        }
    }

    fn look_for_lost(&mut self, now: UnixMillis) {
        let missed = |known: &Known| known.detectors.signal.is_missed(&known.fix, known.last_contact, now);
        let missing = |known: &Option<Box<Known>>| known.as_deref().is_some_and(missed);
        let mut lost: Vec<Icao24> =
            self.known.iter().filter(|(_, known)| missing(known)).map(|(icao24, _)| *icao24).collect();
        if lost.is_empty() {
            return;
        }
        let mut heard = signal_lost::Heard::default();
        for known in self.known.values().flatten() {
            heard.put(&known.fix, known.feed, known.last_contact, now);
        }
        // The order of the map is that of the machine's words.
        lost.sort_unstable();
        for icao24 in lost {
            let Some(Some(known)) = self.known.get_mut(&icao24) else { continue };
            let (fix, feed, last_contact) = (known.fix, known.feed, known.last_contact);
            let finding = known.detectors.signal.look(&fix, feed, last_contact, now, &heard);
            if let Some(finding) = finding {
                self.hold(icao24, None, last_contact, DisruptionKind::SignalLost, finding);
            }
        }
    }

    /// Forgets who is silent; what was open of them ends, but for those whose silence it is.
    fn forget(&mut self, now: UnixMillis) {
        let known = &mut self.known;
        let silent_ms = |known: &Known| now.since(known.last_contact);
        known.retain(|_, known| known.as_deref().is_some_and(|known| silent_ms(known) <= FORGET_MS));
        let news = &mut self.news;
        self.open.retain(|(icao24, kind), row| {
            let silence = *kind == DisruptionKind::SignalLost && now.since(row.began) <= 3 * FORGET_MS;
            let stays = known.contains_key(icao24) || silence;
            if !stays {
                row.ended = Some(row.last_seen);
                news.push(row.clone());
            }
            stays
        });
    }
}

impl Known {
    fn new(fix: Fix, feed: u8, last_contact: UnixMillis) -> Self {
        let near = near(Airports::world(), &fix);
        let flight = Flight {
            since: fix.at,
            origin: near.filter(|near| fix.on_ground || near.is_departure(&fix)).map(|near| near.index),
            highest_m: fix.altitude_m.unwrap_or(0.0),
            fastest_mps: fix.speed_mps.unwrap_or(0.0),
        };
        Self { fix, last_contact, feed, flight, odd_altitudes: 0, detectors: Detectors::default() }
    }

    /// Keeps the known altitude where none came, or one that cannot be; three odd ones in a row are believed.
    fn settle_altitude(&mut self, fix: &mut Fix) {
        let (Some(before_m), false) = (self.fix.altitude_m, fix.on_ground) else { return };
        let seconds = fix.at.since(self.fix.at) as f64 / 1000.0;
        let follows = |now_m: f64| (now_m - before_m).abs() <= FASTEST_CLIMB_MPS * seconds + ALTITUDE_NOISE_M;
        if fix.altitude_m.is_some_and(follows) || self.odd_altitudes >= 2 {
            self.odd_altitudes = 0;
            return;
        }
        self.odd_altitudes += u8::from(fix.altitude_m.is_some());
        fix.altitude_m = Some(before_m);
    }
}

impl Near {
    fn is_departure(&self, fix: &Fix) -> bool {
        fix.vertical_rate_mps.is_some_and(|rate| rate > 3.0)
            && self.height_m < DEPARTED_M
            && self.distance_m < 9_000.0
    }
}

impl Flight {
    fn go_on(&mut self, before: &Fix, now: &Fix, near: Option<Near>) {
        if now.on_ground {
            *self = Self {
                since: now.at,
                origin: near.map(|near| near.index).or(self.origin.filter(|_| before.on_ground)),
                highest_m: now.altitude_m.unwrap_or(0.0),
                fastest_mps: 0.0,
            };
            return;
        }
        self.highest_m = self.highest_m.max(now.altitude_m.unwrap_or(self.highest_m));
        self.fastest_mps = self.fastest_mps.max(now.speed_mps.unwrap_or(0.0));
    }
}

impl Detectors {
    /// After a jump nothing that was seen before holds.
    fn start_anew(&mut self) {
        self.holding.reset();
        self.go_around.reset();
        self.level_off.reset();
        self.diversion.reset();
    }
}

/// The nearest airport of an aircraft that is low or on the ground.
fn near(airports: &Airports, fix: &Fix) -> Option<Near> {
    let altitude_m = match (fix.on_ground, fix.altitude_m) {
        (true, altitude_m) => altitude_m,
        (false, Some(altitude_m)) if altitude_m <= LOW_M => Some(altitude_m),
        (false, _) => return None,
    };
    let (index, distance_m) = airports.nearest(fix.position, NEAR_M)?;
    let elevation_m = airports.get(index)?.elevation_m;
    Some(Near { index, distance_m, height_m: altitude_m.map_or(0.0, |altitude_m| altitude_m - elevation_m) })
}
