//! `/ws/flights`: the plain feed, a snapshot and then deltas, for clients that want nothing else.

use crate::hub::interest::Interest;
use crate::hub::variant::Variant;
use crate::hub::{HubHandle, Origin};
use crate::ws::close::End;
use crate::ws::feed::{Feed, Wish};
use crate::ws::link::Link;
use crate::ws::transport::Transport;
use crate::ws::turn::Turn;
use inflight_wire::{CloseCode, Format, TOPIC_FLIGHTS};
use tokio_util::sync::CancellationToken;

/// Serves a client until one of the two ends it, or `stop` is called.
pub async fn run<T: Transport>(mut link: Link<T>, hub: HubHandle, format: Format, stop: CancellationToken) {
    let end = match feed(&mut link, &hub, format, &stop).await {
        Ok(()) => End::Close(CloseCode::GoingAway),
        Err(end) => end,
    };
    Box::pin(link.close(end, None)).await;
}

async fn feed<T: Transport>(
    link: &mut Link<T>,
    hub: &HubHandle,
    format: Format,
    stop: &CancellationToken,
) -> Result<(), End> {
    if !link.pass().principal().may_subscribe(TOPIC_FLIGHTS) {
        return Err(End::Close(CloseCode::Unauthorised));
    }
    link.subscribed(vec![TOPIC_FLIGHTS.to_owned()]);
    let wish = Wish { variant: Variant::Flights(format), interest: Interest::default(), pace: None };
    let mut feed = Box::new(Box::pin(Feed::start(hub, wish, Origin::Nowhere, link)).await?);
    let mut turn = Turn::default();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            // First, so that each wake looks for messages once: behind it, before the task sleeps.
            news = feed.news(), if turn.is_for_news() => {
                turn.begin();
                feed.deliver(news, link).await?;
                turn.end();
            }
            // The feed takes no messages; what comes is read over, within the limit on messages.
            message = link.receive() => {
                drop(message?);
                // It may have said anew who it is.
                if !link.pass().principal().may_subscribe(TOPIC_FLIGHTS) {
                    return Err(End::Close(CloseCode::Unauthorised));
                }
            }
            () = turn.rest() => {}
        }
    }
}
