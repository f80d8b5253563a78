//! Brings the outlines of the Earth: two files at the start, and cells of detail for where the camera is.

use crate::browser::fetch_bytes;
use crate::client::Client;
use crate::state::badge::LinkStatus;
use inflight_globe::{Earth, detail};
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Outlines for the far view first, then those for the near view.
const EARTHS: [&str; 2] = ["globe/earth-110m.bin", "globe/earth-50m.bin"];

/// Folder of the cells of detail.
const DETAIL: &str = "globe-detail";

/// Folder of the cells of airports.
const AIRPORTS: &str = "airports";

/// What is on its way.
#[derive(Debug, Default)]
pub struct Outlines {
    ready: Cell<bool>,
    fetching: Cell<bool>,
    failed: RefCell<Vec<detail::Cell>>,
    failed_airports: RefCell<Vec<detail::Cell>>,
}

impl Outlines {
    /// Whether all that the picture can use now is there, or cannot be had.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.ready.get() && !self.fetching.get()
    }
}

impl Client {
    /// Fetches the outlines for a new painter.
    pub fn bring_outlines(self: &Rc<Self>) {
        let client = Rc::clone(self);
        spawn_local(async move {
            for address in EARTHS {
                if let Some(earth) = outlines(address).await {
                    client.with_stage(|stage, _| {
                        if let Some(painter) = stage.painter() {
                            painter.set_earth(earth);
                        }
                    });
                }
            }
            client.outlines.ready.set(true);
            client.wake();
        });
    }

    /// Fetches the next cell of detail that the camera can use, one at a time and only while the server is there.
    pub(super) fn bring_detail(&self) {
        if !self.outlines.settled() || self.board.borrow().link != LinkStatus::Open {
            return;
        }
        let airports = self.stage.borrow_mut().wanted_airports();
        if let (Some(cell), Some(client)) = (airports, self.me.upgrade()) {
            fetch_airports(cell, client);
            return;
        }
        let next = self.stage.borrow_mut().wanted();
        if let (Some(cell), Some(client)) = (next, self.me.upgrade()) {
            self.fetch_detail(cell, client);
        }
    }

    /// Asks once more for what could not be had while the server was away.
    pub(super) fn retry_detail(&self) {
        let Some(client) = self.me.upgrade() else { return };
        for cell in self.outlines.failed.take() {
            self.fetch_detail(cell, Rc::clone(&client));
        }
        for cell in self.outlines.failed_airports.take() {
            fetch_airports(cell, Rc::clone(&client));
        }
    }

    fn fetch_detail(&self, cell: detail::Cell, client: Rc<Self>) {
        self.outlines.fetching.set(true);
        spawn_local(async move {
            match outlines(&format!("{DETAIL}/{}", cell.file_name())).await {
                Some(detail) => client.with_stage(|stage, _| {
                    if let Some(painter) = stage.painter() {
                        painter.add_detail(cell, detail);
                    }
                }),
                None => client.outlines.failed.borrow_mut().push(cell),
            }
            client.outlines.fetching.set(false);
            client.wake();
        });
    }
}

/// Fetches the airports of a cell; without them the picture only says less.
fn fetch_airports(cell: detail::Cell, client: Rc<Client>) {
    client.outlines.fetching.set(true);
    spawn_local(async move {
        let address = format!("{AIRPORTS}/{}", cell.file_name().replace(".bin", ".tsv"));
        match fetch_bytes(&address).await.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => client.with_stage(|stage, _| stage.add_airports(&text)),
            None => client.outlines.failed_airports.borrow_mut().push(cell),
        }
        client.outlines.fetching.set(false);
        client.wake();
    });
}

async fn outlines(address: &str) -> Option<Earth> {
    fetch_bytes(address).await.and_then(|bytes| Earth::decode(&bytes).ok())
}
