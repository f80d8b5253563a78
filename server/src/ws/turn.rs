//! Whose turn it is on a connection: news go first, but on a line that is slower than they are messages are heard too.

use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;
use tokio::time::Instant;

/// Whose turn it is. To look for messages behind news, before the task sleeps, is to look once a wake; where news follow
/// news without a rest, messages get a turn between them.
#[derive(Debug, Default)]
pub struct Turn {
    /// Since when news follow each other without a rest.
    busy_since: Option<Instant>,
    is_theirs: bool,
}

/// Messages wait for news at most for this long, and for one delivery.
const WAIT: Duration = Duration::from_millis(100);

impl Turn {
    /// Whether news go first now. Else they wait until [`Turn::rest`].
    #[must_use]
    pub fn is_for_news(&self) -> bool {
        !self.is_theirs
    }

    /// News came.
    pub fn begin(&mut self) {
        self.busy_since.get_or_insert_with(Instant::now);
    }

    /// They are delivered.
    pub fn end(&mut self) {
        self.is_theirs = self.busy_since.is_some_and(|since| since.elapsed() >= WAIT);
    }

    /// To be looked at last: there is nothing else. Comes back only where news had to wait for that.
    pub async fn rest(&mut self) {
        poll_fn(|_| {
            self.busy_since = None;
            if core::mem::take(&mut self.is_theirs) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// Deliveries that take so long, with or without a rest before each, and whether messages have their turn after it.
    async fn check(deliveries: &[(u64, bool, bool)]) {
        let mut turn = Turn::default();
        for (number, (took_ms, rests, theirs)) in deliveries.iter().enumerate() {
            if *rests {
                assert!(turn.rest().now_or_never().is_none(), "{number}: nobody waits");
            }
            turn.begin();
            tokio::time::advance(Duration::from_millis(*took_ms)).await;
            turn.end();
            assert_eq!(!turn.is_for_news(), *theirs, "{number} of {deliveries:?}");
            if *theirs {
                assert!(turn.rest().now_or_never().is_some(), "{number}: news go on");
                assert!(turn.is_for_news());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn messages_have_a_turn_where_news_take_long() {
        check(&[(1, true, false), (1, true, false), (1, true, false)]).await;
        check(&[(40, true, false), (40, false, false), (40, false, true), (40, false, false)]).await;
        check(&[(60, true, false), (60, true, false), (60, false, true)]).await;
        check(&[(5000, true, true), (5000, false, true)]).await;
    }
}
