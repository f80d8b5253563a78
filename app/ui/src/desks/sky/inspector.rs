//! The inspector: who is selected, how it is, three numbers, what can be done, and the rest. A sheet on phones.

use crate::desk::{Desk, Sheet, use_desk, word};
use crate::desks::sky::disruptions::open_line;
use crate::desks::sky::profile::profile;
use crate::desks::sky::selection::{actions, selection};
use crate::live::{Live, flag, live, live_option, press, while_true};
use crate::parts::{Icon, icon};
use crate::text::{Measure, Reading, Text, age, altitude, read};
use inflight_domain::Aircraft;
use leptos::prelude::*;

/// What the inspector shows: the newest row, or the last one if the aircraft is gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) aircraft: Aircraft,
    pub(super) gone: bool,
    pub(super) reading: Reading,
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
            hidden=flag(move || !is_open.get())
            data-sheet=live(move || match desk.sheet.get() {
                Sheet::Peek => "peek",
                Sheet::Half => "half",
                Sheet::Full => "full",
            })
            data-hex=live_option(move || shown.read().as_ref().map(|shown| shown.reading.hex.clone()))
        >
            {while_true(is_open, move || {
                view! {
                    <SheetHandle />
                    <Head shown />
                    <Numbers shown />
                    {actions()}
                    {selection()}
                    <div class="inspector-rest">
                        <Details shown />
                        <History shown />
                    </div>
                }
                .into_any()
            })}
        </section>
    }
    .into_any()
}

pub(super) fn newest(desk: Desk, before: Option<&Shown>) -> Option<Shown> {
    let icao24 = desk.focus.read().selected?;
    let client = desk.client()?;
    desk.revision.track();
    desk.beat.track();
    let (settings, now) = (desk.settings.get(), client.stream_now()?);
    let here = client.aircraft(icao24);
    let aircraft = here.or_else(|| before.map(|shown| shown.aircraft).filter(|old| old.icao24 == icao24))?;
    let mut reading = read(settings.locale, settings.units, &aircraft, now);
    client.with_board(|board| {
        if let Some(source) = board.source_of(&aircraft) {
            let text = &mut reading.position_source;
            if text == Text::NotKnown.of(settings.locale) {
                text.clear();
            } else {
                text.push_str(" · ");
            }
            text.push_str(&source.name);
        }
    });
    Some(Shown { aircraft, gone: here.is_none(), reading })
}

/// A text of what is shown.
fn part(shown: Memo<Option<Shown>>, of: fn(&Reading) -> String) -> Live {
    live(move || shown.read().as_ref().map(|shown| of(&shown.reading)).unwrap_or_default())
}

/// The grip of the sheet: a press draws it out a step, or back from all the way.
#[component]
fn SheetHandle() -> impl IntoView {
    let desk = use_desk();
    let grow = move || {
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
    view! { <button type="button" class="sheet-handle" aria-label=live(label) on:click=press(grow)></button> }
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
    let state_word = live(move || match state.get() {
        Some((text, _)) => text.of(desk.locale()),
        None => "",
    });
    let hint = live(move || {
        let (locale, shown) = (desk.locale(), shown.read());
        match shown.as_ref() {
            Some(shown) if shown.gone => Text::StateGoneHint.of(locale).to_owned(),
            Some(shown) if shown.reading.ghost => {
                Text::StateGhostHint.of(locale).replace("{}", &shown.reading.position_age)
            }
            _ => String::new(),
        }
    });
    let emergency =
        Memo::new(move |_| shown.read().as_ref().is_some_and(|shown| shown.reading.emergency.is_some()));
    let meaning =
        move |reading: &Reading| format!("{} · {}", reading.squawk, reading.emergency.unwrap_or_default());
    view! {
        <header class="inspector-head">
            <div class="inspector-name">
                <h2>{part(shown, |reading| reading.name().to_owned())}</h2>
                <span class="mono">{part(shown, |reading| reading.hex.clone())}</span>
                <span class="state" data-state=live_option(move || state.get().map(|(_, name)| name))>
                    {state_word}
                    <span class="state-age">{part(shown, |reading| reading.position_age.clone())}</span>
                </span>
            </div>
            <button
                type="button"
                class="tool"
                aria-label=word(Text::CloseInspector)
                on:click=press(move || desk.select(None))
            >
                {icon(Icon::Close)}
            </button>
        </header>
        <p class="alarm-line" hidden=flag(move || !emergency.get())>{icon(Icon::Warning)}{part(shown, meaning)}</p>
        <p class="disruption-line">{open_line(desk)}</p>
        <p class="inspector-hint">{hint}</p>
    }
}

#[component]
fn Numbers(shown: Memo<Option<Shown>>) -> impl IntoView {
    let number = move |text: Text, of: fn(&Reading) -> &Measure| {
        let of = move |part: fn(&Measure) -> String| {
            live(move || shown.read().as_ref().map(|shown| part(of(&shown.reading))).unwrap_or_default())
        };
        view! {
            <div>
                <dt>{word(text)}</dt>
                <dd>
                    <span class="number">{of(|measure| measure.value.clone())}</span>
                    <span class="unit">{of(|measure| measure.unit.to_owned())}</span>
                </dd>
            </div>
        }
    };
    view! {
        <dl class="numbers">
            {number(Text::Altitude, |reading| &reading.altitude)}
            {number(Text::GroundSpeed, |reading| &reading.speed)}
            {number(Text::VerticalRate, |reading| &reading.vertical_rate)}
        </dl>
    }
}

#[component]
fn Details(shown: Memo<Option<Shown>>) -> impl IntoView {
    let line = move |text: Text, of: fn(&Reading) -> String| {
        view! {
            <div class="detail">
                <dt>{word(text)}</dt>
                <dd>{part(shown, of)}</dd>
            </div>
        }
    };
    view! {
        <dl class="details">
            {line(Text::TypeCode, |reading| reading.kind.clone())}
            {line(Text::Registration, |reading| reading.registration.clone())}
            {line(Text::Country, |reading| reading.country.clone())}
            {line(Text::Track, |reading| reading.track.clone())}
            {line(Text::Position, |reading| reading.position.clone())}
            {line(Text::GeoAltitude, |reading| reading.geo_altitude.text())}
            {line(Text::Squawk, |reading| reading.squawk.clone())}
            {line(Text::PositionSource, |reading| reading.position_source.clone())}
            {line(Text::PositionAge, |reading| reading.position_age.clone())}
            {line(Text::LastContact, |reading| reading.contact_age.clone())}
        </dl>
    }
}

/// Altitude since the page was opened.
#[component]
fn History(shown: Memo<Option<Shown>>) -> impl IntoView {
    let desk = use_desk();
    let drawn = Memo::new(move |_| {
        let icao24 = shown.read().as_ref().filter(|shown| !shown.reading.on_ground)?.aircraft.icao24;
        desk.client()?.with_board(|board| profile(board.trails.of(icao24)))
    });
    let path = live(move || drawn.read().as_ref().map(|drawn| drawn.path.clone()).unwrap_or_default());
    let label = live(move || {
        let (settings, drawn) = (desk.settings.get(), drawn.read());
        let Some(drawn) = drawn.as_ref() else { return String::new() };
        let height = |metres: f64| altitude(settings.locale, settings.units, metres);
        let unit = settings.units.altitude_unit();
        let lasted = age(settings.locale, drawn.span_ms);
        let word = Text::Altitude.of(settings.locale);
        format!("{word} {} – {} {unit}, {lasted}", height(drawn.low_m), height(drawn.high_m))
    });
    view! {
        <figure class="profile" hidden=flag(move || drawn.read().is_none())>
            <svg viewBox="0 0 320 48" preserveAspectRatio="none" role="img" aria-label=label>
                <path d=path></path>
            </svg>
            <figcaption>{label}</figcaption>
        </figure>
    }
}
