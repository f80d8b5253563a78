//! The client: board, stage and link of one page, outside the reactive graph, and the beat that joins them to it.

mod away;
mod beat;
mod frames;
mod outlines;

use crate::browser::{FrameLoop, Listener, Next, is_narrow, now_ms, on_media};
use crate::client::away::{Journey, Side};
use crate::client::outlines::Outlines;
use crate::desk::Desk;
use crate::link::{Link, Ways};
use crate::screen::draw_anew_by;
use crate::stage::{Stage, Wording, read_palette};
use crate::state::board::Board;
use crate::state::choices::Choices;
use crate::state::follow::Focus;
use crate::state::stream_time::StreamTime;
use crate::state::view::View;
use inflight_domain::{Aircraft, Icao24, UnixMillis};
use inflight_globe::Now;
use inflight_wire::{ClientFrame, ReplayCommand};
use leptos::leptos_dom::helpers::{IntervalHandle, set_interval_with_handle};
use leptos::prelude::GetUntracked;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How often ages, badge and address are brought up to date.
const BEAT: Duration = Duration::from_secs(1);

/// What the inspector covers of a wide picture, in CSS pixels.
const INSPECTOR_PX: f64 = 376.0;

/// What a sheet that peeks covers of a narrow picture, in CSS pixels.
const PEEK_PX: f64 = 190.0;

/// Least time between two questions for trails, and before the same is asked again.
const TRAIL_EVERY_MS: f64 = 900.0;
const TRAIL_AGAIN_MS: f64 = 10_000.0;

/// Whose trail was asked for, and when.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    who: Option<Icao24>,
    at_ms: f64,
}

/// Everything of a page that is not a signal.
pub struct Client {
    me: Weak<Self>,
    desk: Desk,
    start: View,
    board: RefCell<Board>,
    stage: RefCell<Stage>,
    link: RefCell<Option<Rc<dyn Link>>>,
    frames: RefCell<Option<FrameLoop>>,
    beat: Cell<Option<IntervalHandle>>,
    listeners: RefCell<Vec<Listener>>,
    changed: Cell<bool>,
    outlines: Outlines,
    still_done: Cell<bool>,
    address: RefCell<String>,
    /// Script of the worker that plays recordings.
    worker: &'static str,
    alone: bool,
    away: RefCell<Option<Journey>>,
    /// The journey that is shown until the next one has come.
    leaving: RefCell<Option<Journey>>,
    asked: Cell<Asked>,
    /// The newest notice that was seen to be there.
    notice: RefCell<Option<String>>,
    journeys: Cell<u32>,
    past_wanted: Cell<Option<UnixMillis>>,
}

impl Client {
    /// Starts the client: opens the link and begins to draw when there is something.
    #[must_use]
    pub fn start(desk: Desk, ways: Ways, start: View) -> Rc<Self> {
        let reduced = crate::browser::prefers_reduced_motion();
        let time = match (start.still, start.still_at) {
            (true, Some(at)) => StreamTime::frozen(at),
            _ => StreamTime::default(),
        };
        let mut stage = Stage::new(read_palette(), start.still, reduced);
        if let Some(camera) = start.camera {
            stage.restore(camera);
        }
        let past_at = start.past_at;
        let client = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            desk,
            start,
            board: RefCell::new(Board::new(time)),
            stage: RefCell::new(stage),
            link: RefCell::new(None),
            frames: RefCell::new(None),
            beat: Cell::new(None),
            listeners: RefCell::new(Vec::new()),
            changed: Cell::new(false),
            outlines: Outlines::default(),
            still_done: Cell::new(false),
            address: RefCell::new(crate::browser::query()),
            worker: ways.worker,
            alone: ways.alone,
            away: RefCell::new(None),
            leaving: RefCell::new(None),
            asked: Cell::new(Asked::default()),
            notice: RefCell::new(None),
            journeys: Cell::new(0),
            past_wanted: Cell::new(past_at),
        });
        client.board.borrow_mut().has_notices = !client.alone;
        client.resift();
        client.restyle();
        client.join(ways);
        let weak = Rc::downgrade(&client);
        draw_anew_by(Rc::new(move || {
            if let Some(client) = weak.upgrade() {
                client.recolour();
                client.restyle();
            }
        }));
        client
    }

    fn join(&self, ways: Ways) {
        let weak = self.me.clone();
        let frames = FrameLoop::new(move |_| weak.upgrade().map_or(Next::Rest, |client| client.tick()));
        *self.frames.borrow_mut() = Some(frames);
        let weak = self.me.clone();
        let sink = move |event| {
            if let Some(client) = weak.upgrade() {
                client.on_link(event);
            }
        };
        let link = (ways.link)(Rc::new(sink));
        *self.link.borrow_mut() = Some(link);
        let weak = self.me.clone();
        let beat = move || {
            if let Some(client) = weak.upgrade() {
                client.on_beat();
            }
        };
        self.beat.set(set_interval_with_handle(beat, BEAT).ok());
        let weak = self.me.clone();
        let recolour = move || {
            if let Some(client) = weak.upgrade() {
                client.recolour();
            }
        };
        self.listeners.borrow_mut().extend(on_media("(prefers-color-scheme: dark)", recolour));
        self.on_beat();
    }

    /// Ends link, beat and frames.
    pub fn stop(&self) {
        self.back_to_live();
        if let Some(link) = self.link.borrow_mut().take() {
            link.close();
        }
        if let Some(beat) = self.beat.take() {
            beat.clear();
        }
        if let Some(frames) = self.frames.borrow_mut().take() {
            frames.stop();
        }
        self.listeners.borrow_mut().clear();
        self.stage.borrow_mut().set_painter(None);
    }

    /// Reads from the board.
    pub fn with_board<R>(&self, read: impl FnOnce(&Board) -> R) -> R {
        read(&self.board.borrow())
    }

    /// Acts on the stage and draws what comes of it.
    pub fn with_stage<R>(&self, act: impl FnOnce(&mut Stage, Now) -> R) -> R {
        let now = self.now();
        let result = act(&mut self.stage.borrow_mut(), now);
        self.wake();
        result
    }

    /// Both clocks, now.
    #[must_use]
    pub fn now(&self) -> Now {
        let wall_ms = if self.start.still { 0.0 } else { now_ms() };
        Now { stream_ms: self.board.borrow().time.at(now_ms()).unwrap_or(0.0), wall_ms }
    }

    /// Stream time, once it is known.
    #[must_use]
    pub fn stream_now(&self) -> Option<UnixMillis> {
        self.board.borrow().stream_now(now_ms())
    }

    /// An aircraft as it is in the table.
    #[must_use]
    pub fn aircraft(&self, icao24: Icao24) -> Option<Aircraft> {
        self.board.borrow().mirror.flight(icao24).map(|row| row.aircraft)
    }

    /// Callsign, or address where there is none.
    #[must_use]
    pub fn name_of(&self, icao24: Icao24) -> String {
        let callsign = self.aircraft(icao24).and_then(|aircraft| aircraft.callsign());
        callsign.map_or_else(|| icao24.to_string(), |callsign| callsign.as_str().to_owned())
    }

    /// What is chosen for now has changed.
    pub fn choices_changed(&self, before: &Choices) {
        let now = self.desk.choices.get_untracked();
        if now.form.applied != before.form.applied || now.picks.only() != before.picks.only() {
            self.resift();
        }
        if now.picks.all != before.picks.all || now.layers != before.layers {
            self.restyle();
        }
        if now.layers.dim != before.layers.dim {
            self.recolour();
        }
    }

    /// Holds all rows against the filter and the isolated selection as they are now.
    pub fn resift(&self) {
        let choices = self.desk.choices.get_untracked();
        let only = choices.picks.only();
        self.board.borrow_mut().sieve.set(choices.form.applied, only, crate::browser::compile);
        self.changed.set(true);
        self.wake();
    }

    /// Shows selection, layers and words on labels as they are chosen now.
    pub fn restyle(&self) {
        let (choices, settings) = (self.desk.choices.get_untracked(), self.desk.settings.get_untracked());
        let wording = Wording { level: settings.labels, locale: settings.locale, units: settings.units };
        self.board.borrow_mut().keep_trails = choices.layers.keep_trails;
        let now = self.now();
        let mut stage = self.stage.borrow_mut();
        stage.restyle(choices.picks.all, choices.layers, wording);
        stage.take(&self.board.borrow(), now);
        drop(stage);
        self.wake();
    }

    /// Draws a frame soon.
    pub fn wake(&self) {
        if let Some(frames) = self.frames.borrow().as_ref() {
            frames.wake();
        }
    }

    /// Moves the recording.
    pub fn replay(&self, command: ReplayCommand) {
        let id = self.board.borrow_mut().next_request_id();
        self.shown_link().iter().for_each(|link| link.send(&ClientFrame::Replay { id, command }));
    }

    /// Asks where the selected aircraft have been, one at a time: walking through the table must not use up what a
    /// client may ask for.
    fn ask_trail(&self) {
        let (now_ms, asked) = (now_ms(), self.asked.get());
        if !self.board.borrow().has_data || now_ms < asked.at_ms + TRAIL_EVERY_MS {
            return;
        }
        let again = now_ms > asked.at_ms + TRAIL_AGAIN_MS;
        let selected = self.desk.focus.get_untracked().selected;
        let picked = self.desk.choices.get_untracked().picks.all;
        let wanted = |icao24: &Icao24| {
            !self.board.borrow().trails.is_whole(*icao24) && (again || asked.who != Some(*icao24))
        };
        let Some(icao24) = selected.into_iter().chain(picked).find(wanted) else { return };
        self.asked.set(Asked { who: Some(icao24), at_ms: now_ms });
        let id = self.board.borrow_mut().next_request_id();
        let frame = ClientFrame::Trail { id, icao24: icao24.to_string() };
        self.shown_link().iter().for_each(|link| link.send(&frame));
    }

    /// Does not wait for the next attempt to connect.
    pub fn retry_now(&self) {
        let link = self.link.borrow().clone();
        if let Some(link) = link {
            link.retry_now();
        }
    }

    /// Selection or following changed on the desk.
    pub fn focus_changed(&self, focus: Focus) {
        let now = self.now();
        let board = self.board.borrow();
        let mut stage = self.stage.borrow_mut();
        stage.set_focus(focus, &board, now);
        if let (Some(icao24), false, false) = (focus.selected, focus.following, stage.is_riding()) {
            let covered = if is_narrow() { (0.0, PEEK_PX) } else { (INSPECTOR_PX, 0.0) };
            stage.uncover(icao24, now, covered);
        }
        drop((board, stage));
        self.ask_trail();
        self.wake();
    }

    /// Colours of another theme.
    pub fn recolour(&self) {
        self.stage.borrow_mut().set_palette(read_palette());
        self.wake();
    }

    fn send(&self, side: Side, frame: &ClientFrame) {
        if let Some(link) = self.link_of(side) {
            link.send(frame);
        }
    }
}
