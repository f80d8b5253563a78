//! The frame of a panel over the desk: title, close button, focus in and out.

use crate::browser::focus;
use crate::live::{flag, press, while_true};
use crate::parts::icon::{Icon, icon};
use crate::screen::{Panel, use_screen, word};
use crate::text::Text;
use leptos::prelude::*;

/// A panel; its children exist while it is open.
#[component]
pub fn PanelFrame(
    /// Which panel it is.
    panel: Panel,
    /// Its name in the style sheet and for the button that opens it.
    name: &'static str,
    /// Its title.
    title: Text,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let screen = use_screen();
    let open = Memo::new(move |_| screen.panel.get() == Some(panel));
    let title_id = format!("{name}-title");
    let labelled_by = title_id.clone();
    Effect::new(move |was_open: Option<bool>| {
        let open = open.get();
        if open {
            // The frame is made in this same turn; focus goes there in the next one.
            request_animation_frame(move || focus(&format!("#{name}")));
        } else if was_open == Some(true) && screen.panel.get_untracked().is_none() {
            focus(&format!("[data-opens={name}]"));
        }
        open
    });
    view! {
        <section
            id=name
            class="panel"
            role="dialog"
            aria-labelledby=labelled_by
            tabindex="-1"
            hidden=flag(move || !open.get())
        >
            <header class="panel-head">
                <h2 id=title_id>{word(title)}</h2>
                <button
                    type="button"
                    class="tool"
                    aria-label=word(Text::Close)
                    on:click=press(move || screen.panel.set(None))
                >
                    {icon(Icon::Close)}
                </button>
            </header>
            <div class="panel-body">{while_true(open, move || children().into_any())}</div>
        </section>
    }
}
