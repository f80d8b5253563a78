//! What the keys of the desk do.

use crate::desk::{Desk, Panel};
use crate::desks::sky::controls::{north, show_all};
use crate::desks::sky::replay::play_or_pause;
use crate::desks::sky::search::focus_search;
use crate::state::keys::Action;
use inflight_globe::Seat;
use leptos::prelude::*;

/// Does it; false leaves the key to the browser.
pub fn act_on(desk: Desk, action: Action) -> bool {
    match action {
        Action::Search => focus_search(),
        Action::Keys => desk.toggle_panel(Panel::Keys),
        Action::Table => desk.table_open.update(|open| *open = !*open),
        Action::Follow => desk.set_focus(desk.focus.get_untracked().toggle_follow()),
        Action::Sources => desk.toggle_panel(Panel::Sources),
        Action::Seat => next_seat(desk),
        Action::Home => show_all(desk),
        Action::North => north(desk),
        Action::PlayPause => play_or_pause(desk),
        Action::Escape => return escape(desk),
    }
    true
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

/// Closes the uppermost thing that is open.
fn escape(desk: Desk) -> bool {
    if desk.panel.get_untracked().is_some() {
        desk.panel.set(None);
    } else if desk.seat.get_untracked().is_some() {
        desk.take_seat(None);
    } else if desk.focus.get_untracked().selected.is_some() {
        desk.select(None);
    } else {
        return false;
    }
    true
}
