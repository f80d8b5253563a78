//! The screen: shell, desks, parts, link, state and text, in Leptos.
//!
//! Sees protocol messages only and cannot tell a server from a worker. The server renders a shell that depends
//! on the route alone; clock, language, theme and data come in after hydration.

// The types of nested views are deep.
#![recursion_limit = "256"]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("`ssr` and `hydrate` exclude each other: build the server and the page's entry apart");

mod app;
#[cfg(feature = "hydrate")]
mod boot;
mod browser;
mod client;
mod desk;
mod desks;
mod document;
pub mod link;
mod live;
mod panels;
mod parts;
mod screen;
mod stage;
mod state;
#[cfg(test)]
mod testing;
mod text;

pub use app::{App, Page};
#[cfg(feature = "hydrate")]
pub use boot::{hydrate_agents_with, hydrate_system_with, hydrate_with, mount_with};
pub use desks::sky::cases::{Beside, WATCHER};
pub use document::shell;
