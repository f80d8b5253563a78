//! The process, and the last hour as small charts that are all read at one moment.

use crate::desks::system::ages::since;
use crate::desks::system::card::{above_answers, card, facts, html};
use crate::desks::system::client::SystemClient;
use crate::desks::system::{System, told, use_system};
use crate::live::{flag, hear, live, press, styled, truth};
use crate::parts::markup::escaped;
use crate::state::system::chart::{HEIGHT, Series, WIDTH};
use crate::state::system::choices::Section;
use crate::state::system::remote::Ask;
use crate::text::{DASH, Locale, Word, clock, integer, measure};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Steps of a longer key.
const STRIDE: i64 = 12;

/// A chart: its series, its title, and the least that its scale ends at.
#[derive(Clone, Copy, Debug)]
struct Plot(&'static str, Word, f64);

const PLOTS: [Plot; 7] = [
    Plot("connections", Word::Connections, 5.0),
    Plot("messages_per_s", Word::Messages, 5.0),
    Plot("bytes_per_s", Word::Sent, 1000.0),
    Plot("aircraft", Word::Aircraft, 10.0),
    Plot("cpu_pct", Word::Cpu, 10.0),
    Plot("memory_bytes", Word::Memory, 1e7),
    Plot("tick_p95_ms", Word::TickP95, 5.0),
];

/// The section.
#[component]
pub fn Process() -> impl IntoView {
    let system = use_system();
    let data = |client: &SystemClient| {
        let past = client.with_remote(Ask::Past, |remote| remote.data.clone()).unwrap_or_default();
        let process = client.with_table(|table| table.row("process").clone());
        Datum::Map(vec![("process".to_owned(), process), ("history".to_owned(), past)])
    };
    let any = Memo::new(move |_| series(system, "connections").newest().is_some());
    let body = view! {
        {html("process", process)}
        <div class="card-row">
            <h3>{told(Word::LastHour)}</h3>
            <p class="hint">{told(Word::ChartHint)}</p>
        </div>
        {html("card-note", move |system| {
            above_answers(system, Ask::Past, (!any.get()).then_some(Word::NoSamples))
        })}
        <div class="charts" hidden=flag(move || !any.get())>
            {PLOTS.map(|plot| view! { <Chart plot /> }).collect_view()}
        </div>
    };
    card(Section::Process, data, None, body.into_any())
}

fn process(system: System) -> String {
    let locale = system.locale();
    let row = system.client().map(|client| client.with_table(|table| table.row("process").clone()));
    let Some(row) = row.filter(|row| *row != Datum::Nil) else { return String::new() };
    let count = |member| row.integer(member).map_or_else(|| DASH.to_owned(), |count| integer(locale, count));
    let measured = |member| {
        row.get(member).number().map_or_else(|| DASH.to_owned(), |value| measure(locale, member, value))
    };
    let pairs = [
        (Word::Version, format!("<code>{}</code>", escaped(row.text("version")))),
        (Word::Uptime, row.time("started_at").map(since).unwrap_or_default()),
        (Word::Cpu, measured("cpu_pct")),
        (Word::Memory, measured("memory_bytes")),
        (Word::TickP95, measured("tick_p95_ms")),
        (Word::Tasks, count("tasks")),
        (Word::OpenFiles, count("open_files")),
    ];
    facts(locale, &pairs)
}

fn series(system: System, name: &str) -> Series {
    let Some(client) = system.client() else { return Series::default() };
    client.with_remote(Ask::Past, |remote| {
        remote.data.as_ref().map(|past| Series::read(past, name)).unwrap_or_default()
    })
}

/// One measure over the hour.
#[component]
fn Chart(plot: Plot) -> impl IntoView {
    let system = use_system();
    let Plot(name, title, least) = plot;
    let line = Memo::new(move |_| series(system, name));
    let as_table = RwSignal::new(false);
    let picture = move || line.with(|line| drawn(system.locale(), name, line, least));
    let reading = move || line.with(|line| reading(system, name, line));
    let cross = move || {
        let at = system.moment.get()?;
        let share = line.with(|line| Series::share(at, line.end(), line.span_ms()));
        (0.0..=1.0)
            .contains(&share)
            .then(|| format!("left:{}%", crate::text::decimal((share * 1000.0) as i64, 1)))
    };
    let place = move || {
        let at = system.moment.get();
        line.with(|line| {
            at.map_or(60, |at| (Series::share(at, line.end(), line.span_ms()) * 60.0) as i64).clamp(0, 60)
        })
    };
    let words = move || if as_table.get() { Word::AsChart } else { Word::AsTable }.of(system.locale());
    let label = move || format!("{}: {}", title.of(system.locale()), words());
    view! {
        <figure class="chart" data-series=name>
            <figcaption class="chart-head">
                <span class="chart-title">{told(title)}</span>
                <output class="number chart-value">{live(move || reading().0)}</output>
                <button
                    type="button"
                    class="tool tool-text"
                    aria-label=live(label)
                    aria-pressed=truth(move || as_table.get())
                    on:click=press(move || as_table.update(|shown| *shown = !*shown))
                >
                    {live(words)}
                </button>
            </figcaption>
            <div
                class="chart-plot"
                role="slider"
                tabindex="0"
                aria-label=told(title)
                aria-valuemin="0"
                aria-valuemax="60"
                aria-valuenow=live(move || place().to_string())
                aria-valuetext=live(move || reading().1)
                hidden=flag(move || as_table.get())
                on:pointermove=hear(move |event: PointerEvent| point(system, line, &event))
                on:pointerdown=hear(move |event: PointerEvent| point(system, line, &event))
                on:pointerleave=hear(move |_: PointerEvent| system.moment.set(None))
                on:keydown=hear(move |event: KeyboardEvent| walk(system, line, &event))
            >
                <div class="chart-picture" inner_html=styled(picture)></div>
                <i class="chart-cross" hidden=flag(move || cross().is_none()) style=styled(move || cross().unwrap_or_default())></i>
            </div>
            <div class="grid chart-table" tabindex="0" role="group" aria-label=told(title) hidden=flag(move || !as_table.get())>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col"><span class="column">{told(Word::Time)}</span></th>
                            <th scope="col" class="number"><span class="column">{told(Word::Mean)}</span></th>
                            <th scope="col" class="number"><span class="column">{told(Word::Highest)}</span></th>
                        </tr>
                    </thead>
                    <tbody inner_html=styled(move || {
                        if as_table.get() { line.with(|line| minutes(system.locale(), name, line)) } else { String::new() }
                    })></tbody>
                </table>
            </div>
        </figure>
    }
}

/// The line with its scale.
fn drawn(locale: Locale, name: &str, line: &Series, least: f64) -> String {
    let (end, span_ms, top) = (line.end(), line.span_ms(), line.top(least));
    let path = line.path(end, span_ms, top);
    let (width, height) = (WIDTH, HEIGHT);
    let rule = |share: f64| {
        let y = HEIGHT * share;
        format!("<path class=\"chart-rule\" d=\"M0 {y}H{width}\"/>")
    };
    let rules = [0.0, 0.5, 1.0].map(rule).concat();
    let ago = |share: f64| clock(UnixMillis(end.0 - (span_ms * share) as i64));
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{rules}\
         <path class=\"chart-line\" d=\"{path}\"/></svg>\
         <span class=\"chart-top\">{}</span>\
         <span class=\"chart-from\">{}</span><span class=\"chart-middle\">{}</span><span class=\"chart-to\">{}</span>",
        measure(locale, name, top),
        ago(1.0),
        ago(0.5),
        ago(0.0)
    )
}

/// What the chart says at the moment that is read, shortly and as a sentence; without one, what it says now.
fn reading(system: System, name: &str, line: &Series) -> (String, String) {
    let locale = system.locale();
    let tell = |value: f64| measure(locale, name, value);
    match system.moment.get() {
        None => {
            let now = line.newest().map_or_else(|| DASH.to_owned(), tell);
            (now.clone(), format!("{now}, {}", Word::Now.of(locale)))
        }
        Some(at) => {
            let found = line.nearest(at);
            let value = found.map_or_else(|| Word::Gap.of(locale).to_owned(), |(_, value)| tell(value));
            let words = format!("{value} · {}", clock(found.map_or(at, |(at, _)| at)));
            (words.clone(), words)
        }
    }
}

fn minutes(locale: Locale, name: &str, line: &Series) -> String {
    let row = |minute: crate::state::system::chart::Minute| {
        format!(
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            clock(minute.from),
            measure(locale, name, minute.mean),
            measure(locale, name, minute.highest)
        )
    };
    line.minutes().into_iter().map(row).collect()
}

/// Reads all charts where the pointer is.
fn point(system: System, line: Memo<Series>, event: &PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(plot) = target.and_then(|target| target.closest(".chart-plot").ok().flatten()) else { return };
    let area = plot.get_bounding_client_rect();
    let share = ((f64::from(event.client_x()) - area.left()) / area.width().max(1.0)).clamp(0.0, 1.0);
    line.with_untracked(|line| {
        let at = UnixMillis(line.end().0 - ((1.0 - share) * line.span_ms()) as i64);
        system.moment.set(Some(line.nearest(at).map_or(at, |(at, _)| at)));
    });
}

/// Reads all charts where the arrows lead.
fn walk(system: System, line: Memo<Series>, event: &KeyboardEvent) {
    let (end, span_ms, step_ms) =
        line.with_untracked(|line| (line.end().0, line.span_ms() as i64, line.step_ms as i64));
    let at = system.moment.get_untracked().map_or(end, |at| at.0);
    let start = end - span_ms;
    let next = match &*event.key() {
        "ArrowLeft" | "ArrowDown" => at - step_ms,
        "ArrowRight" | "ArrowUp" => at + step_ms,
        "PageDown" => at - step_ms * STRIDE,
        "PageUp" => at + step_ms * STRIDE,
        "Home" => line.with_untracked(|line| line.at.first().map_or(start, |first| first.0)),
        "End" => end,
        _ => return,
    };
    event.prevent_default();
    system.moment.set(Some(UnixMillis(next.clamp(start, end))));
}
