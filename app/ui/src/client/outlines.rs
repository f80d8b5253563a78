//! Brings the outlines of the Earth: two files at the start, and cells of detail for where the camera is.

use crate::browser::fetch_bytes;
use crate::client::Client;
use inflight_globe::Earth;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;

/// Outlines for the far view first, then those for the near view.
const EARTHS: [&str; 2] = ["globe/earth-110m.bin", "globe/earth-50m.bin"];

/// Folder of the cells of detail.
const DETAIL: &str = "globe-detail";

/// What is on its way.
#[derive(Debug, Default)]
pub struct Outlines {
    ready: Cell<bool>,
    fetching: Cell<bool>,
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

    /// Fetches the next cell of detail that the camera can use, one at a time.
    pub(super) fn bring_detail(&self) {
        if !self.outlines.settled() {
            return;
        }
        let (Some(cell), Some(client)) = (self.stage.borrow_mut().wanted(), self.me.upgrade()) else {
            return;
        };
        self.outlines.fetching.set(true);
        spawn_local(async move {
            let detail = outlines(&format!("{DETAIL}/{}", cell.file_name())).await;
            client.with_stage(|stage, _| {
                if let (Some(painter), Some(detail)) = (stage.painter(), detail) {
                    painter.add_detail(cell, detail);
                }
            });
            client.outlines.fetching.set(false);
            client.wake();
        });
    }
}

async fn outlines(address: &str) -> Option<Earth> {
    fetch_bytes(address).await.and_then(|bytes| Earth::decode(&bytes).ok())
}
