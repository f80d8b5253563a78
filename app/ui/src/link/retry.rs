//! When to try again, as a pure state: backs off until a connection has proved itself.

use inflight_wire::backoff::delay_ms;

/// Attempts so far and what the server asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Retry {
    attempt: u32,
    held_off_ms: Option<f64>,
}

impl Retry {
    /// A frame arrived: only that shows that the connection works, opening alone does not.
    pub fn proved(&mut self) {
        self.attempt = 0;
    }

    /// The server asked to come back after this time.
    pub fn hold_off(&mut self, retry_ms: f64) {
        self.held_off_ms = Some(retry_ms);
    }

    /// The connection was lost: how long to wait, for a random number in [0, 1).
    pub fn lost(&mut self, random: f64) -> f64 {
        let wait_ms = self.held_off_ms.take().unwrap_or_else(|| delay_ms(self.attempt, random));
        self.attempt = self.attempt.saturating_add(1);
        wait_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_until_a_frame_arrives() {
        let mut retry = Retry::default();
        let waits: Vec<f64> = (0..9).map(|_| retry.lost(1.0)).collect();
        assert_eq!(waits, [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 30_000.0, 30_000.0]);
        retry.proved();
        assert_eq!(retry.lost(1.0), 250.0);
    }

    #[test]
    fn the_servers_wish_counts_once() {
        let mut retry = Retry::default();
        retry.hold_off(1200.0);
        assert_eq!((retry.lost(0.0), retry.lost(0.0)), (1200.0, 0.0));
    }
}
