//! The screen: shell, desks, parts, link, state and text, in Leptos.
//!
//! Sees protocol messages only and cannot tell a server from a worker. The server renders a shell that depends
//! on the route alone; clock, language, theme and data come in after hydration.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("`ssr` and `hydrate` exclude each other: build the server and the page's entry apart");

mod browser;
pub mod link;
mod state;
#[cfg(test)]
mod testing;
mod text;
