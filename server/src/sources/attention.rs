//! Whether anybody watches: sources that count their requests need not be asked for nobody.

use core::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// After this long without anybody, nobody watches: a page that is loaded anew is not somebody else.
pub const AWAY_AFTER: Duration = Duration::from_secs(60);

/// The number of those who watch, and since when there are none.
#[derive(Clone, Debug)]
pub struct Attention {
    watchers: Option<watch::Receiver<usize>>,
    away_after: Duration,
    alone_since: Option<Instant>,
}

impl Attention {
    /// Somebody always watches.
    #[must_use]
    pub fn always() -> Self {
        Self { watchers: None, away_after: AWAY_AFTER, alone_since: None }
    }

    /// Follows a number; the time without anybody begins now.
    #[must_use]
    pub fn of(watchers: watch::Receiver<usize>, away_after: Duration) -> Self {
        Self { watchers: Some(watchers), away_after, alone_since: None }
    }

    /// Whether nobody has watched for long enough; to be asked often, because it takes notes.
    pub fn is_away(&mut self) -> bool {
        let Some(watchers) = &self.watchers else { return false };
        if *watchers.borrow() > 0 {
            self.alone_since = None;
            return false;
        }
        self.alone_since.get_or_insert_with(Instant::now).elapsed() >= self.away_after
    }

    /// Waits until somebody watches.
    pub async fn returns(&mut self) {
        let Some(watchers) = &mut self.watchers else { return };
        if watchers.wait_for(|count| *count > 0).await.is_err() {
            // Whoever counted has ended, and this will be ended too.
            core::future::pending::<()>().await;
        }
        self.alone_since = None;
    }
}
