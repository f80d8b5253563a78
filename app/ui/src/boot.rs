//! How the entries of `frontend/` bring the page to life.

use crate::app::{App, Page};
use crate::desks::agents::AgentsApp;
use crate::desks::system::SystemApp;
use crate::link::Ways;
use leptos::prelude::*;
use std::time::Duration;

/// Takes over the page that the server rendered; `ways` lead to the World.
pub fn hydrate_with(ways: Ways) {
    soon(move || {
        hydrate_body(move || {
            provide_context(ways);
            // The pages of other desks have programs of their own, so that this one need not know their addresses.
            let is_sky = location().pathname().is_ok_and(|path| path == "/");
            provide_context(if is_sky { Page::Sky } else { Page::Missing });
            view! { <App /> }
        });
    });
}

/// Takes over the System desk that the server rendered; its program holds nothing of the other desks.
pub fn hydrate_system_with(ways: Ways) {
    soon(move || {
        hydrate_body(move || {
            provide_context(ways);
            provide_context(Page::System);
            view! { <SystemApp /> }
        });
    });
}

/// Takes over the Agents desk that the server rendered; its program holds nothing of the other desks.
pub fn hydrate_agents_with(ways: Ways) {
    soon(move || {
        hydrate_body(move || {
            provide_context(ways);
            provide_context(Page::of(&location().pathname().unwrap_or_default()));
            view! { <AgentsApp /> }
        });
    });
}

/// Builds the page at whatever address it lies, in place of the shell that was seen while the program came.
pub fn mount_with(ways: Ways) {
    soon(move || {
        if let Some(shell) = document().get_element_by_id("shell") {
            shell.remove();
        }
        mount_to_body(move || {
            provide_context(ways);
            // It has one desk and may lie anywhere.
            provide_context(Page::Sky);
            view! { <App /> }
        });
    });
}

/// In a task of its own: the browser has just spent one on the program itself.
fn soon(task: impl FnOnce() + 'static) {
    set_timeout(task, Duration::ZERO);
}
