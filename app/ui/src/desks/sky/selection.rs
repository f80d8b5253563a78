//! In the inspector: what can be done with the selected aircraft, and the list of all that are selected.

use crate::desk::Desk;
use crate::desks::sky::actions::{do_said, said};
use crate::parts::Icon;
use crate::parts::markup::{button, escaped, markup};
use crate::state::keys::Action;
use crate::text::{Text, read};
use leptos::prelude::*;

/// The buttons.
pub fn actions() -> AnyView {
    markup("actions", buttons, do_said)
}

/// The list; there while more than one is selected.
pub fn selection() -> AnyView {
    markup("picks", lines, do_said)
}

fn buttons(desk: Desk) -> String {
    let (locale, following) = (desk.locale(), desk.focus.read().following);
    let isolated = desk.choices.read().picks.isolated;
    let follow = if following { Text::Following } else { Text::Follow };
    [
        (format!("aria-pressed=\"{following}\""), said(Action::Follow), follow, Icon::Follow),
        ("data-ride=\"1\"".to_owned(), "ride:".to_owned(), Text::SeatCockpit, Icon::Sky),
        (String::new(), "visit:".to_owned(), Text::FlyTo, Icon::Place),
        (format!("aria-pressed=\"{isolated}\""), said(Action::Isolate), Text::Isolate, Icon::Alone),
        (String::new(), said(Action::CopyLink), Text::CopyLink, Icon::Link),
        (String::new(), "json:".to_owned(), Text::CopyJson, Icon::Copy),
    ]
    .map(|(more, act, text, icon)| {
        button(&format!("class=\"button\" {more}"), &act, text.of(locale), Some(icon))
    })
    .concat()
}

fn lines(desk: Desk) -> String {
    let (settings, all, shown) =
        (desk.settings.get(), desk.choices.get().picks.all, desk.focus.get().selected);
    let Some(client) = desk.client_now().filter(|_| all.len() > 1) else { return String::new() };
    let now = client.stream_now().unwrap_or_default();
    all.into_iter()
        .map(|icao24| {
            let reading = client.aircraft(icao24).map(|row| read(settings.locale, settings.units, &row, now));
            let note =
                reading.map(|reading| format!("{} · {}", reading.altitude.text(), reading.speed.text()));
            let name = escaped(&client.name_of(icao24));
            let remove = Text::Remove.of(settings.locale).replace("{}", &name);
            let words = format!(
                "<span class=\"result-name\">{name}</span><span class=\"result-note\">{}</span>",
                note.unwrap_or_default()
            );
            let pressed = format!("class=\"pick-name\" aria-pressed=\"{}\"", shown == Some(icao24));
            let show = button(&pressed, &format!("show:{icao24}"), &words, None);
            let label = format!("class=\"tool\" aria-label=\"{remove}\"");
            let drop = button(&label, &format!("drop:{icao24}"), "", Some(Icon::Close));
            format!("<div class=\"pick\">{show}{drop}</div>")
        })
        .collect()
}
