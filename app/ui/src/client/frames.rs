//! The client's side of the link: subscribes on opening, takes frames in, answers what they ask for.

use crate::browser::now_ms;
use crate::client::Client;
use crate::link::LinkEvent;
use crate::state::badge::LinkStatus;
use inflight_wire::decode_server;

impl Client {
    /// What the link reports.
    pub(super) fn on_link(&self, event: LinkEvent) {
        let status = match event {
            LinkEvent::Frame(bytes) => return self.on_frame(&bytes),
            LinkEvent::Opened => LinkStatus::Open,
            LinkEvent::Lost { retry_at_ms } => LinkStatus::Waiting { retry_at_ms },
            LinkEvent::Retrying => LinkStatus::Reconnecting,
        };
        self.board.borrow_mut().link = status;
        if status == LinkStatus::Open {
            let subscribe = self.board.borrow().subscribe();
            self.send(&subscribe);
            self.retry_detail();
        }
        self.show_badge();
    }

    fn on_frame(&self, bytes: &[u8]) {
        // A still picture is of the first whole table.
        if self.start.still && self.board.borrow().has_data {
            return;
        }
        let Ok(frame) = decode_server(bytes) else {
            self.board.borrow_mut().defects += 1;
            return;
        };
        let reaction = self.board.borrow_mut().take(&frame, now_ms());
        if let Some(frame) = reaction.send {
            self.send(&frame);
        }
        if let (Some(retry_ms), Some(link)) = (reaction.bye_retry_ms, self.link.borrow().as_ref()) {
            link.hold_off(retry_ms);
        }
        if reaction.changed {
            self.changed.set(true);
            self.wake();
        }
    }
}
