//! The inspector: who is selected, how it is, three numbers, what can be done, and the rest. A sheet on phones.

use crate::browser::copy_text;
use crate::desk::{Desk, Sheet, use_desk, word};
use crate::desks::sky::profile::profile;
use crate::parts::{Icon, icon};
use crate::text::{DASH, Reading, Text, age, aircraft_json, altitude, read};
use inflight_domain::Aircraft;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the inspector shows: the newest row, or the last one if the aircraft is gone.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    aircraft: Aircraft,
    gone: bool,
    reading: Reading,
}

/// The inspector.
#[component]
pub fn Inspector() -> impl IntoView {
    let desk = use_desk();
    let shown =
        Memo::new(move |before: Option<&Option<Shown>>| newest(desk, before.and_then(Option::as_ref)));
    let is_open = Memo::new(move |_| shown.read().is_some());
    view! {
        <section
            class="inspector"
            aria-label=word(Text::Inspector)
            hidden=move || !is_open.get()
            data-sheet=move || match desk.sheet.get() {
                Sheet::Peek => "peek",
                Sheet::Half => "half",
                Sheet::Full => "full",
            }
            data-hex=move || shown.read().as_ref().map(|shown| shown.reading.hex.clone())
        >
            {move || is_open.get().then(|| view! {
                <SheetHandle />
                <Head shown />
                <Numbers shown />
                <Actions shown />
                <div class="inspector-rest">
                    <Details shown />
                    <History shown />
                </div>
            })}
        </section>
    }
    .into_any()
}

fn newest(desk: Desk, before: Option<&Shown>) -> Option<Shown> {
    let icao24 = desk.focus.read().selected?;
    let client = desk.client()?;
    desk.revision.track();
    desk.beat.track();
    let (settings, now) = (desk.settings.get(), client.stream_now()?);
    let here = client.aircraft(icao24);
    let aircraft = here.or_else(|| before.map(|shown| shown.aircraft).filter(|old| old.icao24 == icao24))?;
    let reading = read(settings.locale, settings.units, &aircraft, now);
    Some(Shown { aircraft, gone: here.is_none(), reading })
}

/// A text of what is shown.
fn part(
    shown: Memo<Option<Shown>>,
    of: fn(&Reading) -> String,
) -> impl Fn() -> String + Copy + Send + Sync + 'static {
    move || shown.read().as_ref().map(|shown| of(&shown.reading)).unwrap_or_default()
}

/// The grip of the sheet: a press draws it out a step, or back from all the way.
#[component]
fn SheetHandle() -> impl IntoView {
    let desk = use_desk();
    let grow = move |_| {
        desk.sheet.update(|sheet| {
            *sheet = match sheet {
                Sheet::Peek => Sheet::Half,
                Sheet::Half => Sheet::Full,
                Sheet::Full => Sheet::Peek,
            };
        });
    };
    let label = move || {
        let text = if desk.sheet.get() == Sheet::Full { Text::SheetShrink } else { Text::SheetGrow };
        text.of(desk.locale())
    };
    view! { <button type="button" class="sheet-handle" aria-label=label on:click=grow></button> }
}

#[component]
fn Head(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    let state = Memo::new(move |_| {
        let shown = shown.read();
        let shown = shown.as_ref()?;
        Some(match (shown.gone, shown.reading.ghost) {
            (true, _) => (Text::StateGone, "gone"),
            (_, true) => (Text::StateGhost, "ghost"),
            _ => (Text::StateLive, "live"),
        })
    });
    let hint = move || {
        let (locale, shown) = (desk.locale(), shown.read());
        let shown = shown.as_ref()?;
        match (shown.gone, shown.reading.ghost) {
            (true, _) => Some(Text::StateGoneHint.of(locale).to_owned()),
            (_, true) => Some(Text::StateGhostHint.of(locale).replace("{}", &shown.reading.position_age)),
            _ => None,
        }
    };
    let emergency = move || {
        let shown = shown.read();
        let reading = &shown.as_ref()?.reading;
        let meaning = reading.emergency?;
        Some(view! { <p class="alarm-line">{icon(Icon::Warning)}{reading.squawk.clone()}" · "{meaning}</p> })
    };
    view! {
        <header class="inspector-head">
            <div class="inspector-name">
                <h2>{part(shown, |reading| reading.name().to_owned())}</h2>
                <span class="mono">{part(shown, |reading| reading.hex.clone())}</span>
                <span class="state" data-state=move || state.get().map(|(_, name)| name)>
                    {move || state.get().map(|(text, _)| text.of(desk.locale()))}
                    <span class="state-age">{part(shown, |reading| reading.position_age.clone())}</span>
                </span>
            </div>
            <button
                type="button"
                class="tool"
                aria-label=word(Text::CloseInspector)
                on:click=move |_| desk.select(None)
            >
                {icon(Icon::Close)}
            </button>
        </header>
        {emergency}
        <p class="inspector-hint">{hint}</p>
    }
}

#[component]
fn Numbers(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    // A unit belongs to a number, not to a dash or a word.
    let known =
        move |of: fn(&Reading) -> &str| shown.read().as_ref().is_some_and(|shown| of(&shown.reading) != DASH);
    let altitude_unit = move || {
        let on_ground = shown.read().as_ref().is_some_and(|shown| shown.reading.on_ground);
        let units = desk.settings.read().units;
        (!on_ground && known(|reading| &reading.altitude)).then(|| units.altitude_unit())
    };
    let speed_unit = move || {
        let settings = desk.settings.get();
        known(|reading| &reading.speed).then(|| settings.units.speed_unit().of(settings.locale))
    };
    let rate_unit = move || {
        let units = desk.settings.read().units;
        known(|reading| &reading.vertical_rate).then(|| units.vertical_rate_unit())
    };
    view! {
        <dl class="numbers">
            <div>
                <dt>{word(Text::Altitude)}</dt>
                <dd>
                    <span class="number">{part(shown, |reading| reading.altitude.clone())}</span>
                    <span class="unit">{altitude_unit}</span>
                </dd>
            </div>
            <div>
                <dt>{word(Text::GroundSpeed)}</dt>
                <dd>
                    <span class="number">{part(shown, |reading| reading.speed.clone())}</span>
                    <span class="unit">{speed_unit}</span>
                </dd>
            </div>
            <div>
                <dt>{word(Text::VerticalRate)}</dt>
                <dd>
                    <span class="number">{part(shown, |reading| reading.vertical_rate.clone())}</span>
                    <span class="unit">{rate_unit}</span>
                </dd>
            </div>
        </dl>
    }
}

#[component]
fn Actions(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    let following = move || desk.focus.read().following;
    let follow = move |_| desk.set_focus(desk.focus.get_untracked().toggle_follow());
    let show = move |_| {
        if let (Some(client), Some(icao24)) = (desk.client_now(), desk.focus.get_untracked().selected) {
            client.with_stage(|stage, now| stage.visit(icao24, now));
        }
    };
    let copy = move |_| {
        let Some(json) = shown.get_untracked().map(|shown| aircraft_json(&shown.aircraft)) else { return };
        spawn_local(async move {
            let text = if copy_text(json).await { Text::Copied } else { Text::CopyFailed };
            desk.toast.set(Some(text.of(desk.settings.get_untracked().locale).to_owned()));
        });
    };
    let follow_word = move || {
        let text = if following() { Text::Following } else { Text::Follow };
        text.of(desk.locale())
    };
    view! {
        <div class="actions">
            <button type="button" class="button" aria-pressed=move || following().to_string() on:click=follow>
                {icon(Icon::Follow)}
                {follow_word}
            </button>
            <button type="button" class="button" on:click=show>{icon(Icon::Place)}{word(Text::FlyTo)}</button>
            <button type="button" class="button" on:click=copy>{icon(Icon::Copy)}{word(Text::CopyJson)}</button>
        </div>
    }
}

#[component]
fn Details(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    let line = move |text: Text, of: fn(&Reading) -> String| {
        view! {
            <div class="detail">
                <dt>{word(text)}</dt>
                <dd>{part(shown, of)}</dd>
            </div>
        }
    };
    let geo_altitude = move || {
        let (unit, shown) = (desk.settings.read().units.altitude_unit(), shown.read());
        let value = &shown.as_ref()?.reading.geo_altitude;
        Some(if value == DASH { value.clone() } else { format!("{value} {unit}") })
    };
    view! {
        <dl class="details">
            {line(Text::Track, |reading| reading.track.clone())}
            {line(Text::Position, |reading| reading.position.clone())}
            <div class="detail">
                <dt>{word(Text::GeoAltitude)}</dt>
                <dd>{geo_altitude}</dd>
            </div>
            {line(Text::Squawk, |reading| reading.squawk.clone())}
            {line(Text::PositionSource, |reading| reading.position_source.to_owned())}
            {line(Text::PositionAge, |reading| reading.position_age.clone())}
            {line(Text::LastContact, |reading| reading.contact_age.clone())}
        </dl>
    }
}

/// Altitude since the page was opened.
#[component]
fn History(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    let drawing = move || {
        let icao24 = shown.read().as_ref().filter(|shown| !shown.reading.on_ground)?.aircraft.icao24;
        let drawn = desk.client()?.with_board(|board| profile(board.trails.of(icao24)))?;
        let settings = desk.settings.get();
        let label = format!(
            "{} {} – {} {}, {}",
            Text::Altitude.of(settings.locale),
            altitude(settings.locale, settings.units, drawn.low_m),
            altitude(settings.locale, settings.units, drawn.high_m),
            settings.units.altitude_unit(),
            age(settings.locale, drawn.span_ms),
        );
        Some(view! {
            <figure class="profile">
                <svg viewBox="0 0 320 48" preserveAspectRatio="none" role="img" aria-label=label.clone()>
                    <path d=drawn.path></path>
                </svg>
                <figcaption>{label}</figcaption>
            </figure>
        })
    };
    view! { <div class="history">{drawing}</div> }
}
