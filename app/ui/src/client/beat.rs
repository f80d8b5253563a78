//! What the client does by itself: a frame when something moves, a beat once a second.

use crate::browser::{Next, now_ms, replace_query};
use crate::client::Client;
use crate::desk::{GlobeState, Hovered, set_if_changed};
use crate::state::settings::Theme;
use crate::state::stream_time::StreamTime;
use crate::state::view::View;
use crate::text::Text;
use inflight_domain::UnixMillis;
use leptos::prelude::*;

impl Client {
    /// One animation frame: rows that changed first, then the picture.
    pub(super) fn tick(&self) -> Next {
        let changed = self.changed.replace(false);
        if changed {
            self.take_rows();
        }
        self.bring_detail();
        if !self.may_paint() {
            return Next::Rest;
        }
        let now = self.now();
        let (next, hovered) = {
            let board = self.board.borrow();
            let mut stage = self.stage.borrow_mut();
            let next = stage.frame(&board, now);
            (next, stage.hovered(now))
        };
        set_if_changed(
            self.desk.hovered,
            hovered.map(|(icao24, point)| Hovered { icao24, x: point.x.round(), y: point.y.round() }),
        );
        self.look_whether_still_is_done();
        next
    }

    fn take_rows(&self) {
        if self.start.still && self.start.still_at.is_none() && self.board.borrow().has_data {
            let at = self.board.borrow().mirror.clock().stream_ms;
            self.board.borrow_mut().time = StreamTime::frozen(UnixMillis(at));
        }
        let now = self.now();
        let (count, refusal) = {
            let mut board = self.board.borrow_mut();
            let refusal = board.refusal.take();
            board.sift();
            self.stage.borrow_mut().take(&board, now);
            (board.has_data.then(|| board.mirror.flight_count()), refusal)
        };
        let (shown, alarms) = {
            let board = self.board.borrow();
            (board.sieve.shown(), board.alarms())
        };
        self.desk.choose(&mut |choices| {
            choices.shown = shown;
            choices.alarms.clone_from(&alarms);
        });
        self.tell_notices();
        let first = self.desk.count.get_untracked().is_none() && count.is_some();
        set_if_changed(self.desk.count, count);
        self.desk.revision.update(|revision| *revision += 1);
        if let Some(refusal) = refusal {
            let locale = self.desk.settings.get_untracked().locale;
            self.desk.toast.set(Some(Text::ReplayRefused.of(locale).replace("{}", &refusal)));
        }
        if first {
            self.restore_focus();
        }
        self.open_wanted();
        self.show_badge();
    }

    /// How many alerts are open, and what is new since the page came up.
    fn tell_notices(&self) {
        let board = self.board.borrow();
        let open = board.mirror.alerts().iter().filter(|alert| alert.open).count();
        set_if_changed(self.desk.screen.alerts, open);
        let newest = board.newest_notice();
        let name = newest.as_ref().map_or_else(String::new, |(name, _)| name.clone());
        let before = self.notice.replace(Some(name.clone()));
        if let Some((_, text)) = newest.filter(|_| before.is_some_and(|before| before != name)) {
            self.desk.toast.set(Some(text.to_owned()));
        }
    }

    /// What the address selected can be shown as soon as there are rows.
    fn restore_focus(&self) {
        let focus = self.desk.focus.get_untracked();
        self.focus_changed(focus);
        if let (Some(icao24), None) = (focus.selected, self.start.camera) {
            let now = self.now();
            self.stage.borrow_mut().visit(icao24, now);
        }
        let (seat, now) = (self.desk.seat.get_untracked(), self.now());
        self.stage.borrow_mut().take_seat(seat, now);
    }

    /// Once a second: what changes by time alone.
    pub(super) fn on_beat(&self) {
        self.desk.beat.update(|beat| *beat += 1);
        self.show_badge();
        if self.desk.count.get_untracked().is_some() {
            // Ages turn aircraft into ghosts without any row changing.
            let now = self.now();
            self.stage.borrow_mut().take(&self.board.borrow(), now);
        }
        self.look_for_end();
        self.ask_trail();
        self.write_address();
        self.wake();
    }

    /// Brings the badge up to date and says when it changes its kind.
    pub(super) fn show_badge(&self) {
        let badge = self.past_badge().unwrap_or_else(|| self.board.borrow().badge(now_ms()));
        self.desk.screen.show_badge(badge);
    }

    fn write_address(&self) {
        if self.start.still {
            return;
        }
        let (focus, settings) = (self.desk.focus.get_untracked(), self.desk.settings.get_untracked());
        let choices = self.desk.choices.get_untracked();
        let view = View {
            camera: self.stage.borrow().view(),
            picked: choices.picks.all,
            isolated: choices.picks.isolated,
            filter: choices.form.applied,
            following: focus.following,
            seat: self.desk.seat.get_untracked(),
            rings: self.desk.rings.get_untracked(),
            table_open: self.desk.table_open.get_untracked(),
            sort: self.desk.sort.get_untracked(),
            theme: (settings.theme != Theme::System).then_some(settings.theme),
            past_at: self.past_at().or(self.past_wanted.get()),
            locale: self.start.locale.map(|_| settings.locale),
            ..View::default()
        };
        let query = view.query();
        if *self.address.borrow() != query {
            replace_query(&query);
            *self.address.borrow_mut() = query;
        }
    }

    /// A still picture is drawn once, when all that it shows is there.
    fn may_paint(&self) -> bool {
        !self.start.still || (self.outlines.settled() && self.board.borrow().has_data)
    }

    fn look_whether_still_is_done(&self) {
        if !self.start.still || self.still_done.get() || !self.board.borrow().has_data {
            return;
        }
        // The frame may have brought the camera to the aircraft: what can be used there is waited for too.
        self.bring_detail();
        let globe = self.desk.globe.get_untracked();
        let current = || self.outlines.settled() && self.stage.borrow().is_current(self.now());
        let painted = globe == GlobeState::Unsupported || current();
        if painted {
            self.still_done.set(true);
            // After the effects of this frame have written what they show.
            let done = || crate::browser::set_body("data-still", "done");
            request_animation_frame(move || request_animation_frame(done));
        }
    }
}
