//! The client's side of the link: subscribes on opening, takes frames in, answers what they ask for.

use crate::browser::now_ms;
use crate::client::Client;
use crate::client::away::Side;
use crate::link::LinkEvent;
use crate::state::badge::LinkStatus;
use inflight_wire::decode_server;

impl Client {
    /// What the link reports.
    pub(super) fn on_link(&self, event: LinkEvent) {
        let status = match event {
            LinkEvent::Frame(bytes) => return self.on_frame(Side::Here, &bytes),
            LinkEvent::Progress(_) => return,
            LinkEvent::Opened => LinkStatus::Open,
            LinkEvent::Lost { retry_at_ms } => LinkStatus::Waiting { retry_at_ms },
            LinkEvent::Retrying => LinkStatus::Reconnecting,
        };
        self.with_own_board(|board| board.link = status);
        if status == LinkStatus::Open {
            let subscribe = self.with_own_board(|board| board.subscribe());
            self.send(Side::Here, &subscribe);
            self.retry_detail();
        }
        self.show_badge();
    }

    pub(super) fn on_frame(&self, from: Side, bytes: &[u8]) {
        // A still picture is of the first whole table.
        if self.start.still && self.board.borrow().has_data {
            return;
        }
        let Ok(frame) = decode_server(bytes) else {
            self.board.borrow_mut().defects += 1;
            return;
        };
        let in_front = self.is_in_front(from);
        let reaction = match (from, in_front) {
            (_, true) => self.board.borrow_mut().take(&frame, now_ms()),
            (Side::Here, false) => self.with_own_board(|board| board.take(&frame, now_ms())),
            (Side::Away, false) => match &mut *self.away.borrow_mut() {
                Some(journey) => journey.other.take(&frame, now_ms()),
                None => return,
            },
        };
        if let Some(frame) = reaction.send {
            self.send(from, &frame);
        }
        if let (Some(retry_ms), Some(link)) = (reaction.bye_retry_ms, self.link_of(from)) {
            link.hold_off(retry_ms);
        }
        if reaction.afresh && in_front {
            self.asked.take();
            self.ask_trail();
        }
        if from == Side::Away && !in_front {
            self.look_whether_refused();
            self.arrive();
        } else if reaction.changed && in_front {
            self.changed.set(true);
            self.wake();
        }
    }
}
