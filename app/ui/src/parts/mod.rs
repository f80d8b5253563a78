//! Small parts that every desk can use.

pub mod badge;
pub mod icon;
pub mod markup;
pub mod panel;
pub mod rail;
pub mod segmented;
pub mod status;
pub mod why;

pub use badge::ConnectionBadge;
pub use icon::{Icon, icon};
pub use panel::PanelFrame;
pub use rail::Rail;
pub use segmented::Segmented;
pub use status::{Announcer, Toast};
pub use why::Why;
