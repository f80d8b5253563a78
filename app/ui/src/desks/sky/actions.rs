//! What keys, buttons and lines of the palette do.

use crate::browser::{address, copy_text, random};
use crate::desk::{Desk, Panel};
use crate::desks::sky::alarms::reveal;
use crate::desks::sky::controls::{press, show_all, toggle_rings};
use crate::desks::sky::export::export;
use crate::desks::sky::filters::{set, typed};
use crate::desks::sky::search::focus_search;
use crate::desks::sky::timeline::{into_past_or_back, play_or_pause, step};
use crate::state::filter::{FLAG_WORD, Filter, MILITARY};
use crate::state::follow::Focus;
use crate::state::keys::{Action, BINDINGS};
use crate::state::settings::Theme;
use crate::text::{Locale, Text, Units, aircraft_json};
use inflight_domain::Icao24;
use inflight_globe::Seat;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Does it; false leaves the key to the browser.
pub fn act_on(desk: Desk, action: Action) -> bool {
    match action {
        Action::Search => focus_search(),
        Action::Keys => desk.toggle_panel(Panel::Keys),
        Action::Filters => desk.toggle_panel(Panel::Filters),
        Action::Statistics => desk.toggle_panel(Panel::Statistics),
        Action::Settings => desk.toggle_panel(Panel::Settings),
        Action::Sources => desk.toggle_panel(Panel::Sources),
        Action::Table => desk.table_open.update(|open| *open = !*open),
        Action::Follow => desk.set_focus(desk.focus.get_untracked().toggle_follow()),
        Action::Seat => next_seat(desk),
        Action::FollowRandom => follow_random(desk),
        Action::Several => several(desk),
        Action::Isolate => desk.choose(&mut |choices| {
            let picks = &mut choices.picks;
            picks.isolated = !picks.isolated && !picks.all.is_empty();
        }),
        Action::Military => military(desk),
        Action::ClearFilters => set(desk, Filter::default()),
        Action::Deselect => desk.select(None),
        Action::Labels => labels(desk, |level| if level == 0 { 1 } else { 0 }),
        Action::LabelDetail => labels(desk, |level| level % 3 + 1),
        Action::AllTrails => {
            desk.choose(&mut |choices| choices.layers.all_trails = !choices.layers.all_trails);
        }
        Action::KeepTrails => {
            desk.choose(&mut |choices| choices.layers.keep_trails = !choices.layers.keep_trails);
        }
        Action::Dim => desk.choose(&mut |choices| choices.layers.dim = !choices.layers.dim),
        Action::Rings => toggle_rings(desk),
        Action::Bare => desk.choose(&mut |choices| choices.layers.bare = !choices.layers.bare),
        Action::Home => show_all(desk),
        Action::Camera(key) => press(desk, key),
        Action::PlayPause => play_or_pause(desk),
        Action::CopyLink => copy(desk, address()),
        Action::Export(format) => export(desk, format),
        Action::NextUnits => desk.screen.change(&mut |settings| {
            settings.units = Units::ALL[(settings.units as usize + 1) % Units::ALL.len()];
        }),
        Action::NextClock => desk.screen.change(&mut |settings| settings.local_time = !settings.local_time),
        Action::NextTheme => desk.screen.change(&mut |settings| {
            settings.theme = Theme::ALL[(settings.theme as usize + 1) % Theme::ALL.len()];
        }),
        Action::NextLanguage => desk.screen.change(&mut |settings| {
            settings.locale = if settings.locale == Locale::En { Locale::Ro } else { Locale::En };
        }),
        Action::Past => into_past_or_back(desk),
        Action::Step(polls) => step(desk, polls),
        Action::Escape => return escape(desk),
    }
    true
}

/// What a button of [`crate::parts::markup`] says so that [`do_said`] does this.
pub fn said(action: Action) -> String {
    let place = BINDINGS.iter().position(|binding| binding.action == Some(action));
    format!("do:{}", place.unwrap_or(BINDINGS.len()))
}

/// Does what a button or a field says.
pub fn do_said(desk: Desk, act: &str, value: &str) {
    let (verb, what) = act.split_once(':').unwrap_or((act, ""));
    let icao24 = Icao24::parse(what).or(desk.focus.get_untracked().selected);
    let place = what.parse::<usize>().ok();
    match (verb, icao24) {
        ("do", _) => {
            if let Some(action) = place.and_then(|place| BINDINGS.get(place)?.action) {
                act_on(desk, action);
            }
        }
        ("type", _) => typed(desk, what, value),
        ("less", _) => {
            let applied = desk.choices.get_untracked().form.applied;
            if let Some(part) = place.and_then(|place| applied.parts().get(place).copied()) {
                set(desk, applied.without(part));
            }
        }
        ("ride", _) => desk.take_seat(Some(Seat::Cockpit)),
        ("reveal", Some(icao24)) => reveal(desk, icao24),
        ("show", Some(_)) => desk.set_focus(Focus { selected: icao24, following: false }),
        ("drop", Some(icao24)) => desk.pick(icao24),
        ("visit", Some(icao24)) => {
            if let Some(client) = desk.client_now() {
                client.with_stage(|stage, now| stage.visit(icao24, now));
            }
        }
        ("json", Some(icao24)) => {
            let aircraft = desk.client_now().and_then(|client| client.aircraft(icao24));
            copy(desk, aircraft.map(|aircraft| aircraft_json(&aircraft)).unwrap_or_default());
        }
        _ => {}
    }
}

/// Puts text on the clipboard and says whether that worked.
pub fn copy(desk: Desk, text: String) {
    spawn_local(async move {
        let done = if copy_text(text).await { Text::Copied } else { Text::CopyFailed };
        desk.toast.set(Some(done.of(desk.settings.get_untracked().locale).to_owned()));
    });
}

fn military(desk: Desk) {
    let mut wanted = desk.choices.get_untracked().form.draft;
    let pattern = &mut wanted.patterns[FLAG_WORD];
    *pattern = if pattern.is_empty() { MILITARY.to_owned() } else { String::new() };
    set(desk, wanted);
}

fn several(desk: Desk) {
    desk.choose(&mut |choices| choices.picks.several = !choices.picks.several);
    let text = if desk.choices.read_untracked().picks.several { Text::SaidSeveral } else { Text::SaidOne };
    desk.toast.set(Some(text.of(desk.settings.get_untracked().locale).to_owned()));
}

fn follow_random(desk: Desk) {
    let Some(client) = desk.client_now() else { return };
    let chosen = client.with_board(|board| {
        let place = (random() * board.sieve.shown() as f64) as usize;
        board.shown().nth(place).map(|row| row.aircraft.icao24)
    });
    if let Some(icao24) = chosen {
        desk.set_focus(desk.focus.get_untracked().follow(icao24));
    }
}

fn labels(desk: Desk, next: fn(u8) -> u8) {
    desk.screen.change(&mut |settings| settings.labels = next(settings.labels));
}

/// Cockpit, chase, from above, and out again.
fn next_seat(desk: Desk) {
    desk.take_seat(match desk.seat.get_untracked() {
        None => Some(Seat::Cockpit),
        Some(Seat::Cockpit) => Some(Seat::Chase),
        Some(Seat::Chase) => Some(Seat::Top),
        Some(Seat::Top) => None,
    });
}

/// Closes the uppermost thing that is open, and leaves what hides aircraft before it clears the selection.
fn escape(desk: Desk) -> bool {
    let choices = desk.choices.get_untracked();
    if desk.panel.get_untracked().is_some() {
        desk.panel.set(None);
    } else if desk.seat.get_untracked().is_some() {
        desk.take_seat(None);
    } else if choices.layers.bare {
        return act_on(desk, Action::Bare);
    } else if choices.picks.isolated {
        return act_on(desk, Action::Isolate);
    } else if desk.focus.get_untracked().selected.is_some() || choices.picks.several {
        desk.select(None);
        desk.choose(&mut |choices| choices.picks.several = false);
    } else {
        return false;
    }
    true
}
