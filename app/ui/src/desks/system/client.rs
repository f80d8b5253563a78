//! The client of the System desk: rows by the link, answers by asking, and the beat that joins them to the page.

use crate::browser::{Listener, fetch_json, is_hidden, now_ms, on_window, replace_query};
use crate::desks::system::System;
use crate::desks::system::ages::tell_now;
use crate::link::{Link, LinkEvent, MakeLink};
use crate::state::badge::LinkStatus;
use crate::state::settings::Theme;
use crate::state::system::alerts::alerts;
use crate::state::system::remote::{Ask, Problem, Remote};
use crate::state::system::table::SystemTable;
use crate::text::{Text, Word};
use inflight_wire::{Datum, decode_rows};
use leptos::leptos_dom::helpers::{IntervalHandle, set_interval_with_handle};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How often ages, badge and address are brought up to date.
const BEAT: Duration = Duration::from_secs(1);

/// Everything of a page that is not a signal.
pub struct SystemClient {
    me: Weak<Self>,
    system: System,
    table: RefCell<SystemTable>,
    link: RefCell<Option<Rc<dyn Link>>>,
    remotes: RefCell<[Remote; Ask::ALL.len()]>,
    /// Entries of the audit trail before those that are asked for again and again.
    older: RefCell<Vec<Datum>>,
    told: RefCell<Option<BTreeSet<String>>>,
    beat: Cell<Option<IntervalHandle>>,
    listeners: RefCell<Vec<Listener>>,
    address: RefCell<String>,
    stopped: Cell<bool>,
}

impl SystemClient {
    /// Starts the client: opens the link and asks for the rest.
    #[must_use]
    pub fn start(system: System, make_link: MakeLink) -> Rc<Self> {
        let client = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            system,
            table: RefCell::default(),
            link: RefCell::new(None),
            remotes: RefCell::default(),
            older: RefCell::default(),
            told: RefCell::new(None),
            beat: Cell::new(None),
            listeners: RefCell::default(),
            address: RefCell::new(crate::browser::query()),
            stopped: Cell::new(false),
        });
        let weak = client.me.clone();
        let sink = move |event| weak.upgrade().iter().for_each(|client| client.on_link(&event));
        *client.link.borrow_mut() = Some(make_link(Rc::new(sink)));
        let weak = client.me.clone();
        let beat = move || weak.upgrade().iter().for_each(|client| client.on_beat());
        client.beat.set(set_interval_with_handle(beat, BEAT).ok());
        let weak = client.me.clone();
        let back = move || weak.upgrade().iter().for_each(|client| client.on_beat());
        client.listeners.borrow_mut().extend(on_window("visibilitychange", back));
        client.on_beat();
        client
    }

    /// Ends link and beat.
    pub fn stop(&self) {
        self.stopped.set(true);
        if let Some(link) = self.link.borrow_mut().take() {
            link.close();
        }
        if let Some(beat) = self.beat.take() {
            beat.clear();
        }
        self.listeners.borrow_mut().clear();
    }

    /// Reads from the rows.
    pub fn with_table<R>(&self, read: impl FnOnce(&SystemTable) -> R) -> R {
        read(&self.table.borrow())
    }

    /// Reads an answer.
    pub fn with_remote<R>(&self, ask: Ask, read: impl FnOnce(&Remote) -> R) -> R {
        read(&self.remotes.borrow()[ask as usize])
    }

    /// All entries of the audit trail that are known, the newest first.
    pub fn audit(&self) -> Vec<Datum> {
        let newest = self.with_remote(Ask::Audit, |remote| {
            remote.data.as_ref().map_or_else(Vec::new, |data| data.get("entries").list().to_vec())
        });
        let last = newest.last().and_then(|entry| entry.integer("seq")).unwrap_or(i64::MAX);
        let older = self.older.borrow();
        let before = older.iter().filter(|entry| entry.integer("seq").is_some_and(|seq| seq < last));
        newest.into_iter().chain(before.cloned()).collect()
    }

    /// Whether who looks may see single connections and the audit trail; none while that is not known.
    pub fn may_observe(&self) -> Option<bool> {
        self.with_remote(Ask::Me, |remote| remote.data.as_ref().map(|me| me.get("may").is("observe")))
    }

    /// Does not wait for the next attempt.
    pub fn retry_now(&self) {
        let link = self.link.borrow().clone();
        if let Some(link) = link {
            link.retry_now();
        }
    }

    /// Asks anew for all that is asked for.
    pub fn refresh(&self) {
        self.remotes.borrow_mut().iter_mut().for_each(Remote::hurry);
        self.ask_what_is_due();
    }

    /// Whether who looks may change settings.
    pub fn may_administer(&self) -> bool {
        self.with_remote(Ask::Me, |remote| {
            remote.data.as_ref().is_some_and(|me| me.get("may").is("administer"))
        })
    }

    /// Has the server read its settings again, and says how that went.
    pub fn reload_settings(&self) {
        let Some(client) = self.me.upgrade() else { return };
        spawn_local(async move {
            let done = crate::browser::post("/api/v1/settings/reload").await;
            let locale = client.system.screen.settings.get_untracked().locale;
            let words = match done {
                Ok(()) => Word::Reloaded.of(locale).to_owned(),
                Err(status) => {
                    Word::Failing.of(locale).replace("{}", &format!("http_{}", status.unwrap_or(0)))
                }
            };
            client.system.screen.toast.set(Some(words));
            client.refresh();
        });
    }

    /// Asks for the entries of the audit trail before those that are known.
    pub fn ask_older(&self) {
        let Some(first) = self.audit().last().and_then(|entry| entry.integer("seq")) else { return };
        let Some(client) = self.me.upgrade() else { return };
        spawn_local(async move {
            let answer = fetch_json(&format!("{}&before={first}", Ask::Audit.address())).await;
            if let Ok(answer) = answer {
                let known = client.audit();
                client.older.replace(known);
                client.older.borrow_mut().extend_from_slice(answer.get("entries").list());
                client.system.fetched.update(|count| *count += 1);
            } else {
                let locale = client.system.screen.settings.get_untracked().locale;
                client.system.screen.toast.set(Some(Word::Failing.of(locale).replace("{}", "audit")));
            }
        });
    }

    fn on_link(&self, event: &LinkEvent) {
        let status = match event {
            LinkEvent::Frame(bytes) => return self.on_frame(bytes),
            LinkEvent::Progress(_) => return,
            LinkEvent::Opened => LinkStatus::Open,
            LinkEvent::Lost { retry_at_ms } => LinkStatus::Waiting { retry_at_ms: *retry_at_ms },
            LinkEvent::Retrying => LinkStatus::Reconnecting,
        };
        self.table.borrow_mut().link = status;
        if status == LinkStatus::Open {
            let subscribe = self.table.borrow().subscribe();
            self.send(&subscribe);
            self.refresh();
        }
        self.show_badge();
        self.system.rows.update(|count| *count += 1);
    }

    fn on_frame(&self, bytes: &[u8]) {
        let Ok(frame) = decode_rows(bytes) else { return };
        let reaction = self.table.borrow_mut().take(frame, now_ms());
        if let Some(frame) = &reaction.send {
            self.send(frame);
        }
        if let (Some(retry_ms), Some(link)) = (reaction.bye_retry_ms, self.link.borrow().as_ref()) {
            link.hold_off(retry_ms);
        }
        if reaction.changed {
            self.tell_alerts();
            self.show_badge();
            self.system.rows.update(|count| *count += 1);
        }
    }

    fn send(&self, frame: &inflight_wire::ClientFrame) {
        if let Some(link) = self.link.borrow().as_ref() {
            link.send(frame);
        }
    }

    /// Says which alerts are new since the page came up.
    fn tell_alerts(&self) {
        let open: Vec<_> = self
            .with_table(|table| alerts(table).into_iter().filter(|alert| alert.ended.is_none()).collect());
        let screen = self.system.screen;
        crate::screen::set_if_changed(screen.alerts, open.len());
        if !self.table.borrow().has_data {
            return;
        }
        let codes = open.iter().map(|alert| alert.code.clone()).collect();
        let before = self.told.replace(Some(codes));
        let new = open.iter().find(|alert| before.as_ref().is_some_and(|told| !told.contains(&alert.code)));
        if let Some(alert) = new {
            let locale = screen.settings.get_untracked().locale;
            let words = Word::NewAlert.of(locale).replace("{}", &crate::text::alert_text(locale, alert));
            screen.toast.set(Some(words));
        }
    }

    fn on_beat(&self) {
        self.system.screen.beat.update(|beat| *beat += 1);
        self.show_badge();
        self.ask_what_is_due();
        self.write_address();
        tell_now(self.system);
    }

    fn show_badge(&self) {
        let badge = self.table.borrow().badge(now_ms());
        self.system.screen.show_badge(badge);
    }

    /// While the link is lost nothing is asked: the badge says so, and what was known stays.
    fn ask_what_is_due(&self) {
        if self.table.borrow().link != LinkStatus::Open || is_hidden() {
            return;
        }
        for ask in Ask::ALL {
            let told = ask.teller().is_none_or(|row| self.with_table(|table| *table.row(row) != Datum::Nil));
            let may = told && (!ask.is_for_observers() || self.may_observe() == Some(true));
            if may && self.remotes.borrow_mut()[ask as usize].is_due(ask.every_ms(), now_ms()) {
                self.ask(ask);
            }
        }
    }

    fn ask(&self, ask: Ask) {
        let Some(client) = self.me.upgrade() else { return };
        spawn_local(async move {
            let answer = fetch_json(ask.address()).await.map_err(|status| match status {
                None => Problem::Offline,
                Some(401 | 403) => Problem::Forbidden,
                Some(status) => Problem::Failed(status),
            });
            client.remotes.borrow_mut()[ask as usize].answer(answer);
            if !client.stopped.get() {
                client.system.fetched.update(|count| *count += 1);
                client.ask_what_is_due();
            }
        });
    }

    fn write_address(&self) {
        let settings = self.system.screen.settings.get_untracked();
        let mut choices = self.system.choices.get_untracked();
        choices.theme = (settings.theme != Theme::System).then_some(settings.theme);
        choices.locale = choices.locale.map(|_| settings.locale);
        let query = choices.query();
        if *self.address.borrow() != query {
            replace_query(&query);
            *self.address.borrow_mut() = query;
        }
    }
}

/// Puts text on the clipboard and says whether that worked.
pub fn copy(system: System, text: String) {
    spawn_local(async move {
        let done = if crate::browser::copy_text(text).await { Text::Copied } else { Text::CopyFailed };
        system.screen.toast.set(Some(done.of(system.screen.settings.get_untracked().locale).to_owned()));
    });
}
