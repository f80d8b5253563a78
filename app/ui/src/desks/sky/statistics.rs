//! Figures of what is in the picture now, as bars and numbers in one table.

use crate::desk::{Desk, Panel, use_desk, word};
use crate::live::{changing, live};
use crate::parts::PanelFrame;
use crate::state::statistics::{BANDS_FT, Statistics};
use crate::text::{Locale, Text, age, altitude, integer, speed};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn StatisticsPanel() -> impl IntoView {
    let desk = use_desk();
    view! {
        <PanelFrame panel=Panel::Statistics name="statistics" title=Text::Statistics>
            {
                let told = Memo::new(move |_| figures(desk));
                view! {
                    <p class="hint">{word(Text::StatisticsHint)}</p>
                    <table class="figures">
                        <caption class="unseen">{word(Text::Statistics)}</caption>
                        <tbody>{changing(move || lines(desk, &told.read()))}</tbody>
                    </table>
                    <p class="hint">{live(move || notes(desk, &told.read()))}</p>
                }
                    .into_any()
            }
        </PanelFrame>
    }
    .into_any()
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

fn lines(desk: Desk, told: &Statistics) -> AnyView {
    let settings = desk.settings.get();
    let locale = settings.locale;
    let edge = |feet: i64| altitude(locale, settings.units, feet as f64 * 0.3048);
    let unit = settings.units.altitude_unit();
    let mut rows: Vec<(String, usize)> = [
        (Text::InView, told.count),
        (Text::Airborne, told.count - told.ground),
        (Text::Ground, told.ground),
        (Text::Climbing, told.climbing),
        (Text::Descending, told.descending),
    ]
    .map(|(text, count)| (text.of(locale).to_owned(), count))
    .to_vec();
    for (band, count) in told.bands.iter().enumerate().rev() {
        let name = match BANDS_FT.get(band + 1) {
            Some(high) => format!("{} – {} {unit}", edge(BANDS_FT[band]), edge(*high)),
            None => format!("≥ {} {unit}", edge(BANDS_FT[band])),
        };
        rows.push((name, *count));
    }
    rows.into_iter().map(|(name, count)| line(locale, name, count, told.count)).collect_view().into_any()
}

fn line(locale: Locale, name: String, count: usize, of: usize) -> AnyView {
    let width = (count * 100).checked_div(of).unwrap_or(0).to_string();
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="number">{integer(locale, count as i64)}</td>
            <td class="figure-bar">
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect width=width height="8"></rect>
                </svg>
            </td>
        </tr>
    }
    .into_any()
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
