//! Figures of what is in the picture now, as bars and numbers in one table.

use crate::desk::{Desk, Panel};
use crate::desks::sky::actions::do_said;
use crate::parts::PanelFrame;
use crate::parts::markup::{escaped, markup};
use crate::state::statistics::{BANDS_FT, Statistics};
use crate::text::{Text, age, altitude, integer, speed};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn StatisticsPanel() -> impl IntoView {
    view! {
        <PanelFrame panel=Panel::Statistics name="statistics" title=Text::Statistics>
            {markup("statistics", table, do_said)}
        </PanelFrame>
    }
}

fn figures(desk: Desk) -> Statistics {
    desk.beat.track();
    let Some(client) = desk.client() else { return Statistics::default() };
    let seen = client.with_stage(|stage, now| stage.in_view(now));
    let now = client.stream_now().unwrap_or_default();
    client.with_board(|board| {
        let rows = seen.iter().filter_map(|icao24| Some(&board.mirror.flight(*icao24)?.aircraft));
        Statistics::of(rows, now)
    })
}

fn table(desk: Desk) -> String {
    let (told, settings) = (figures(desk), desk.settings.get());
    let (locale, unit) = (settings.locale, settings.units.altitude_unit());
    let edge = |feet: i64| altitude(locale, settings.units, feet as f64 * 0.3048);
    let mut rows = String::new();
    let mut line = |name: &str, count: usize| {
        let width = (count * 100).checked_div(told.count).unwrap_or(0);
        let number = integer(locale, count as i64);
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{name}</th><td class=\"number\">{number}</td><td class=\"figure-bar\">\
             <svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect width=\"{width}\" height=\"8\"></rect></svg></td></tr>"
        ));
    };
    for (text, count) in [
        (Text::InView, told.count),
        (Text::Airborne, told.count - told.ground),
        (Text::OnGround, told.ground),
        (Text::Climbing, told.climbing),
        (Text::Descending, told.descending),
    ] {
        line(text.of(locale), count);
    }
    for (band, count) in told.bands.iter().enumerate().rev() {
        let low = edge(BANDS_FT[band]);
        match BANDS_FT.get(band + 1) {
            Some(high) => line(&format!("{low} – {} {unit}", edge(*high)), *count),
            None => line(&format!("≥ {low} {unit}"), *count),
        }
    }
    let (hint, notes) = (Text::StatisticsHint.of(locale), escaped(&notes(desk, &told)));
    format!(
        "<p class=\"hint\">{hint}</p><table class=\"figures\"><tbody>{rows}</tbody></table><p class=\"hint\">{notes}</p>"
    )
}

/// The fastest, the highest, and how fresh it all is.
fn notes(desk: Desk, told: &Statistics) -> String {
    let (settings, Some(client)) = (desk.settings.get(), desk.client_now()) else { return String::new() };
    let (locale, units) = (settings.locale, settings.units);
    let mut notes = Vec::new();
    if let Some((mps, icao24)) = told.fastest {
        let value = format!("{} {}", speed(locale, units, mps), units.speed_unit());
        notes.push(format!("{}: {}, {value}", Text::Fastest.of(locale), client.name_of(icao24)));
    }
    if let Some((metres, icao24)) = told.highest {
        let value = format!("{} {}", altitude(locale, units, metres), units.altitude_unit());
        notes.push(format!("{}: {}, {value}", Text::Highest.of(locale), client.name_of(icao24)));
    }
    notes.extend(told.age_ms.map(|ms| format!("{}: {}", Text::MedianAge.of(locale), age(locale, ms))));
    notes.join(" · ")
}
