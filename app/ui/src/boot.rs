//! How the entries of `frontend/` bring the page to life.

use crate::app::App;
use crate::link::MakeLink;
use leptos::prelude::*;

/// Takes over the page that the server rendered; `make_link` opens the way to the World.
pub fn hydrate_with(make_link: MakeLink) {
    hydrate_body(move || {
        provide_context(make_link);
        view! { <App /> }
    });
}

/// Builds the page in an empty body, at whatever address it lies.
pub fn mount_with(make_link: MakeLink) {
    mount_to_body(move || {
        provide_context(make_link);
        provide_context(crate::app::OnePage);
        view! { <App /> }
    });
}
