//! OpenSky's REST interface: the machine of [`core`] decides, [`http`] asks, the feed joins the two.

pub mod core;
pub mod failure;
pub mod http;
pub mod pacing;

pub use crate::sources::feed::{Feed, FeedEvent};
