//! Journeys: the past or a file plays in a worker while the page's own link goes on behind it.

use crate::browser::now_ms;
use crate::client::Client;
use crate::desk::set_if_changed;
use crate::link::{Link, LinkEvent, PortLink};
use crate::state::badge::{Badge, LinkStatus};
use crate::state::board::Board;
use crate::state::past::{Away, goes_on, range_for};
use crate::state::stream_time::StreamTime;
use crate::text::Text;
use inflight_domain::system::HistoryRow;
use inflight_domain::{SystemRow, UnixMillis};
use inflight_wire::{ClientFrame, ReplayCommand};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::File;

/// A journey away from what the link brings.
pub(super) struct Journey {
    pub(super) link: Rc<dyn Link>,
    /// The board that is not shown: that of the journey until it has something, that of the link afterwards.
    pub(super) other: Board,
    pub(super) shown: bool,
    what: Away,
    seek: Option<UnixMillis>,
    /// Range that is loaded.
    range: (UnixMillis, UnixMillis),
    number: u32,
    /// How the journey before it played, if it goes on from one.
    pace: Option<Pace>,
}

/// How a journey plays.
#[derive(Clone, Copy)]
struct Pace {
    speed: f64,
    paused: bool,
}

/// Whose frame it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The page's own link.
    Here,
    /// The journey's worker.
    Away,
}

impl Client {
    /// What the server keeps of the past.
    #[must_use]
    pub fn kept(&self) -> Option<HistoryRow> {
        self.with_own_board(|board| match board.mirror.system().get("history") {
            Some(SystemRow::History(row)) => Some(*row),
            _ => None,
        })
    }

    /// The number of the journey that is shown, if one is: no two have the same.
    #[must_use]
    pub fn journey(&self) -> Option<u32> {
        self.of_shown(|journey| journey.number)
    }

    /// Shows the past at a moment; loads it if that is not there yet.
    pub fn open_past(&self, at: UnixMillis) {
        let loaded = self.of_shown(|journey| {
            let (from, to) = journey.range;
            journey.what == Away::Past && from <= at && at <= to
        });
        if loaded == Some(true) {
            self.stay();
            return self.replay(ReplayCommand::Seek { to: at });
        }
        let Some(kept) = self.kept() else { return };
        if at < kept.from {
            let locale = self.desk.settings.get_untracked().locale;
            self.desk.toast.set(Some(Text::PastGone.of(locale).to_owned()));
        }
        let (from, to) = range_for(kept, at);
        let address = format!("/api/v1/history/{from}/{to}");
        self.depart(&JsValue::from_str(&address), Away::Past, Some(at), (from, to));
    }

    /// Plays a file of the person.
    pub fn open_file(&self, file: &File) {
        let never = UnixMillis::default();
        self.depart(file, Away::File, None, (never, never));
    }

    /// Ends a journey; what the link brought meanwhile is there at once.
    pub fn back_to_live(&self) {
        let Some(coming) = self.away.borrow_mut().take() else { return };
        coming.link.close();
        let leaving = self.leaving.borrow_mut().take();
        leaving.iter().for_each(|journey| journey.link.close());
        if let Some(mut journey) = leaving.or(Some(coming).filter(|journey| journey.shown)) {
            core::mem::swap(&mut *self.board.borrow_mut(), &mut journey.other);
            self.change_scene(Away::Here, journey.what == Away::File);
        }
        set_if_changed(self.desk.away, Away::Here);
    }

    /// The board of the page's own link.
    pub(super) fn with_own_board<R>(&self, act: impl FnOnce(&mut Board) -> R) -> R {
        if let Some(journey) = &mut *self.leaving.borrow_mut() {
            return act(&mut journey.other);
        }
        match &mut *self.away.borrow_mut() {
            Some(journey) if journey.shown => act(&mut journey.other),
            _ => act(&mut self.board.borrow_mut()),
        }
    }

    /// The link of a side; of a journey that has not come yet, too.
    pub(super) fn link_of(&self, side: Side) -> Option<Rc<dyn Link>> {
        match (side, &*self.away.borrow()) {
            (Side::Away, Some(journey)) => Some(Rc::clone(&journey.link)),
            _ => self.link.borrow().clone(),
        }
    }

    /// Whom requests about what is shown go to.
    pub(super) fn shown_link(&self) -> Option<Rc<dyn Link>> {
        self.of_shown(|journey| Rc::clone(&journey.link)).or_else(|| self.link.borrow().clone())
    }

    /// Whether what a side brings is for the board in front.
    pub(super) fn is_in_front(&self, side: Side) -> bool {
        match side {
            Side::Here => self.of_shown(|_| ()).is_none(),
            Side::Away => self.away.borrow().as_ref().is_some_and(|journey| journey.shown),
        }
    }

    /// Asks the journey that is shown, if one is.
    fn of_shown<R>(&self, ask: impl FnOnce(&Journey) -> R) -> Option<R> {
        if let Some(journey) = &*self.leaving.borrow() {
            return Some(ask(journey));
        }
        self.away.borrow().as_ref().filter(|journey| journey.shown).map(ask)
    }

    /// Gives a journey up that has not come yet; the one before it goes on.
    fn stay(&self) {
        if let Some(before) = self.leaving.borrow_mut().take() {
            let given_up = self.away.borrow_mut().replace(before);
            given_up.iter().for_each(|journey| journey.link.close());
        }
    }

    /// What the badge says of a journey into the past; none when there is none.
    pub(super) fn past_badge(&self) -> Option<Badge> {
        let (what, link) = self.of_shown(|journey| (journey.what, journey.other.link))?;
        if what != Away::Past {
            return None;
        }
        let board = self.board.borrow();
        Some(Badge::Past {
            at: board.stream_now(now_ms())?,
            paused: board.mirror.clock().rate <= 0.0,
            link: link == LinkStatus::Open,
        })
    }

    /// Once a second: at the end of what was loaded comes the next range, or the present.
    pub(super) fn look_for_end(&self) {
        if self.leaving.borrow().is_some() {
            return;
        }
        let ended = self.with_board(|board| board.controllable().is_some_and(|row| !row.code.is_empty()));
        let end = self
            .away
            .borrow()
            .as_ref()
            .filter(|journey| journey.shown)
            .map(|journey| (journey.what, journey.range.1));
        match end {
            Some((Away::Past, end)) if ended && goes_on(self.kept(), end) => {
                self.open_past(UnixMillis(end.0 + 1));
            }
            Some((Away::Past, _)) if ended => self.back_to_live(),
            _ => {}
        }
    }

    /// The moment that is shown, for the address: of the past, or of the page's own recording.
    pub(super) fn past_at(&self) -> Option<UnixMillis> {
        let at = match self.past_badge() {
            Some(Badge::Past { at, .. }) => at,
            Some(_) => return None,
            None => {
                let own = self.alone && self.of_shown(|_| ()).is_none();
                self.board.borrow().stream_now(now_ms()).filter(|_| own)?
            }
        };
        Some(UnixMillis(at.0.div_euclid(1000) * 1000))
    }

    /// Goes to the moment that the address named, as soon as it can be had.
    pub(super) fn open_wanted(&self) {
        let Some(at) = self.past_wanted.get() else { return };
        if self.alone && self.with_board(|board| board.controllable().is_some()) {
            self.past_wanted.take();
            self.replay(ReplayCommand::Seek { to: at });
        } else if self.kept().is_some() {
            self.past_wanted.take();
            self.open_past(at);
        }
    }

    /// The journey's board has something: it comes to the front.
    pub(super) fn arrive(&self) {
        let what = {
            let mut away = self.away.borrow_mut();
            let Some(journey) = away.as_mut().filter(|journey| !journey.shown && journey.other.has_data)
            else {
                return;
            };
            core::mem::swap(&mut *self.board.borrow_mut(), &mut journey.other);
            journey.shown = true;
            if let Some(before) = self.leaving.borrow_mut().take() {
                before.link.close();
                journey.other = before.other;
            }
            journey.what
        };
        self.change_scene(what, what == Away::File);
    }

    /// A journey that cannot begin says why, and what was shown stays.
    pub(super) fn look_whether_refused(&self) {
        let refusal = match &mut *self.away.borrow_mut() {
            Some(journey) if !journey.shown => journey.other.refusal.take(),
            _ => None,
        };
        if let Some(refusal) = refusal {
            self.give_up(&refusal);
        }
    }

    /// The journey that should have come does not; what was shown stays.
    fn give_up(&self, why: &str) {
        if self.leaving.borrow().is_some() {
            self.stay();
        } else {
            self.back_to_live();
        }
        let locale = self.desk.settings.get_untracked().locale;
        self.desk.toast.set(Some(Text::OpenFailed.of(locale).replace("{}", why)));
    }

    /// Sets out. A journey that is shown stays in front until there is something of the next one.
    fn depart(&self, load: &JsValue, what: Away, seek: Option<UnixMillis>, range: (UnixMillis, UnixMillis)) {
        let before = self.away.borrow_mut().take();
        match before {
            Some(journey) if journey.shown => *self.leaving.borrow_mut() = Some(journey),
            given_up => given_up.iter().for_each(|journey| journey.link.close()),
        }
        let pace = (self.of_shown(|journey| journey.what) == Some(what)).then(|| self.pace()).flatten();
        let number = self.journeys.get() + 1;
        self.journeys.set(number);
        let weak = self.me.clone();
        let sink = move |event| {
            if let Some(client) = weak.upgrade() {
                client.on_away(number, event);
            }
        };
        let Some(link) = PortLink::open(self.worker, load, Rc::new(sink)) else {
            *self.away.borrow_mut() = self.leaving.borrow_mut().take();
            return;
        };
        let other = Board::new(StreamTime::default());
        let journey = Journey { link, other, shown: false, what, seek, range, number, pace };
        *self.away.borrow_mut() = Some(journey);
        if self.leaving.borrow().is_none() {
            self.desk.away.set(Away::Loading(0));
        }
        if what == Away::File {
            // What was wrong with another file is over.
            set_if_changed(self.desk.toast, None);
        }
    }

    /// How what is shown plays; its end is no pause.
    fn pace(&self) -> Option<Pace> {
        let board = self.board.borrow();
        let row = board.controllable()?;
        let replay = row.replay.as_ref()?;
        Some(Pace { speed: replay.speed, paused: replay.paused && row.code.is_empty() })
    }

    fn on_away(&self, number: u32, event: LinkEvent) {
        // A worker that was given up may still have had something to say.
        if self.away.borrow().as_ref().is_none_or(|journey| journey.number != number) {
            return;
        }
        match event {
            LinkEvent::Frame(bytes) => self.on_frame(Side::Away, &bytes),
            LinkEvent::Progress(share) => {
                if let Away::Loading(_) = self.desk.away.get_untracked() {
                    set_if_changed(self.desk.away, Away::Loading((share * 100.0) as u8));
                }
            }
            LinkEvent::Opened => self.begin(),
            // The worker stopped, for example because the file did not fit into memory.
            LinkEvent::Lost { .. } | LinkEvent::Retrying => {
                if self.is_in_front(Side::Away) {
                    self.back_to_live();
                }
                let locale = self.desk.settings.get_untracked().locale;
                self.give_up(Text::WorkerStopped.of(locale));
            }
        }
    }

    /// The recording is read: to the moment, and not round and round.
    fn begin(&self) {
        let frames = match &mut *self.away.borrow_mut() {
            Some(journey) => {
                journey.other.link = LinkStatus::Open;
                let pace = journey.pace;
                let commands = [
                    Some(ReplayCommand::Loop { on: false }),
                    pace.map(|pace| ReplayCommand::Speed { value: pace.speed }),
                    journey.seek.map(|to| ReplayCommand::Seek { to }),
                    pace.filter(|pace| pace.paused).map(|_| ReplayCommand::Pause {}),
                ];
                let mut frames: Vec<ClientFrame> = Vec::new();
                for command in commands.into_iter().flatten() {
                    frames.push(ClientFrame::Replay { id: journey.other.next_request_id(), command });
                }
                frames.push(journey.other.subscribe());
                frames
            }
            None => return,
        };
        let link = self.link_of(Side::Away);
        frames.iter().for_each(|frame| link.iter().for_each(|link| link.send(frame)));
    }

    /// Another board is in front: nothing of the picture goes on from the one before.
    fn change_scene(&self, what: Away, elsewhere: bool) {
        self.stage.borrow_mut().forget(elsewhere);
        set_if_changed(self.desk.away, what);
        // A board knows nothing of what was chosen while it was not in front.
        self.resift();
        self.restyle();
        self.asked.take();
        self.ask_trail();
        self.wake();
        let text = if what == Away::Here { Text::SaidBack } else { Text::SaidAway };
        self.desk.say(text, "");
    }
}
