//! What keys, buttons and lines of the palette do.

use crate::browser::{address, copy_text, random};
use crate::desk::{Desk, Panel};
use crate::desks::sky::controls::{press, show_all};
use crate::desks::sky::export::export;
use crate::desks::sky::replay::play_or_pause;
use crate::desks::sky::search::focus_search;
use crate::panels::change;
use crate::state::filter::{FLAG_WORD, Filter, MILITARY};
use crate::state::keys::Action;
use inflight_globe::Seat;
use crate::state::settings::Theme;
use crate::text::{Locale, Text, Units};
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
        Action::Isolate => isolate(desk),
        Action::Military => military(desk),
        Action::ClearFilters => filter(desk, Filter::default()),
        Action::Deselect => desk.select(None),
        Action::Labels => labels(desk, |level| if level == 0 { 1 } else { 0 }),
        Action::LabelDetail => labels(desk, |level| level % 3 + 1),
        Action::AllTrails => desk.layers.update(|layers| layers.all_trails = !layers.all_trails),
        Action::KeepTrails => desk.layers.update(|layers| layers.keep_trails = !layers.keep_trails),
        Action::Dim => desk.layers.update(|layers| layers.dim = !layers.dim),
        Action::Bare => desk.layers.update(|layers| layers.bare = !layers.bare),
        Action::Home => show_all(desk),
        Action::Camera(key) => press(desk, key),
        Action::PlayPause => play_or_pause(desk),
        Action::CopyLink => copy(desk, address()),
        Action::Export(format) => export(desk, format),
        Action::NextUnits => change(desk, |settings| {
            settings.units = Units::ALL[(settings.units as usize + 1) % Units::ALL.len()];
        }),
        Action::NextClock => change(desk, |settings| settings.local_time = !settings.local_time),
        Action::NextTheme => change(desk, |settings| {
            settings.theme = Theme::ALL[(settings.theme as usize + 1) % Theme::ALL.len()];
        }),
        Action::NextLanguage => change(desk, |settings| {
            settings.locale = if settings.locale == Locale::En { Locale::Ro } else { Locale::En };
        }),
        Action::Escape => return escape(desk),
    }
    true
}

/// Puts a filter in force.
pub fn filter(desk: Desk, filter: Filter) {
    desk.form.update(|form| form.set(filter, crate::browser::compile));
}

/// Shows the selected aircraft alone, or all again.
pub fn isolate(desk: Desk) {
    desk.picks.update(|picks| picks.isolated = !picks.isolated && !picks.all.is_empty());
}

/// Puts text on the clipboard and says whether that worked.
pub fn copy(desk: Desk, text: String) {
    spawn_local(async move {
        let done = if copy_text(text).await { Text::Copied } else { Text::CopyFailed };
        desk.toast.set(Some(done.of(desk.settings.get_untracked().locale).to_owned()));
    });
}

fn military(desk: Desk) {
    let mut wanted = desk.form.read_untracked().draft.clone();
    let pattern = &mut wanted.patterns[FLAG_WORD];
    *pattern = if pattern.is_empty() { MILITARY.to_owned() } else { String::new() };
    filter(desk, wanted);
}

fn several(desk: Desk) {
    desk.picks.update(|picks| picks.several = !picks.several);
    let text = if desk.picks.read_untracked().several { Text::SaidSeveral } else { Text::SaidOne };
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
    change(desk, |settings| settings.labels = next(settings.labels));
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
    let picks = desk.picks.get_untracked();
    if desk.panel.get_untracked().is_some() {
        desk.panel.set(None);
    } else if desk.seat.get_untracked().is_some() {
        desk.take_seat(None);
    } else if desk.layers.read_untracked().bare {
        desk.layers.update(|layers| layers.bare = false);
    } else if picks.isolated {
        isolate(desk);
    } else if desk.focus.get_untracked().selected.is_some() || picks.several {
        desk.select(None);
        desk.picks.update(|picks| picks.several = false);
    } else {
        return false;
    }
    true
}
