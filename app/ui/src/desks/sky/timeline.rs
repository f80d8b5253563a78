//! The timeline: the span that can be looked at, where in it the picture stands, and how it plays.

use crate::desk::{Desk, use_desk, word};
use crate::live::{changing, flag, hear, live, press, truth, while_true};
use crate::parts::badge::factor;
use crate::parts::{Icon, icon};
use crate::state::past::{Away, NOW_S};
use crate::text::{Text, clock, moment};
use inflight_domain::UnixMillis;
use inflight_wire::ReplayCommand;
use leptos::ev::Event;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{File, FileList, HtmlInputElement};

/// Speeds that are offered, in thousandths.
const SPEEDS_MILLI: [i64; 9] = [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000];

/// How far the key for it goes back, in milliseconds.
const BACK_MS: i64 = 300_000;

/// The class of the buttons for a single poll.
const STEP_CLASS: &str = "tool replay-step";

/// What the timeline moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing can be moved; a file can be opened.
    Nothing,
    /// The present, before which lies the past.
    Live,
    /// The recording at the other end of the link.
    Shared,
    /// The past, or a file, for this page alone.
    Own,
}

/// The timeline as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown {
    kind: Kind,
    start_s: i64,
    end_s: i64,
    speed_milli: i64,
    paused: bool,
    looped: bool,
    /// Whether the past is kept.
    kept: bool,
}

/// Plays or pauses what can be moved.
pub fn play_or_pause(desk: Desk) {
    let shown = shown(desk);
    if matches!(shown.kind, Kind::Shared | Kind::Own) {
        send(desk, if shown.paused { ReplayCommand::Play {} } else { ReplayCommand::Pause {} });
    }
}

/// So many polls on, or back.
pub fn step(desk: Desk, polls: i64) {
    if matches!(shown(desk).kind, Kind::Shared | Kind::Own) {
        send(desk, ReplayCommand::Step { polls });
    }
}

/// Goes some minutes back, or ends whatever is shown instead of the present.
pub fn into_past_or_back(desk: Desk) {
    let Some(client) = desk.client_now() else { return };
    if desk.away.get_untracked() != Away::Here {
        client.back_to_live();
    } else if let Some(kept) = client.kept() {
        client.open_past(UnixMillis((kept.to.0 - BACK_MS).max(kept.from.0)));
    }
}

/// The timeline.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = use_desk();
    let shown = Memo::new(move |_| {
        let _ = desk.client();
        desk.revision.track();
        desk.beat.track();
        desk.away.track();
        shown(desk)
    });
    // Without a server there is nobody to move the recording.
    let online = Memo::new(move |_| desk.badge.with(|badge| badge.kind() != "offline"));
    let movable = Memo::new(move |_| shown.read().kind != Kind::Nothing);
    let own = Memo::new(move |_| desk.away.get() != Away::Here);
    let leave = move || into_past_or_back(desk);
    let leave_word = live(move || {
        let file = desk.away.get() == Away::File;
        (if file { Text::CloseRecording } else { Text::BackToLive }).of(desk.locale())
    });
    view! {
        <div
            class="replay"
            role="group"
            aria-label=word(Text::Timeline)
            data-kind=live(move || if own.get() { "own" } else if movable.get() { "shared" } else { "nothing" })
        >
            <div class="replay-controls" inert=flag(move || !online.get() && !own.get())>
                {while_true(movable, move || view! { <Controls shown /> }.into_any())}
            </div>
            {while_true(own, move || {
                view! {
                    <button type="button" class="button replay-leave" on:click=press(leave)>{leave_word}</button>
                }
                .into_any()
            })}
            <OpenFile />
        </div>
    }
    .into_any()
}

#[component]
fn Controls(shown: Memo<Shown>) -> impl IntoView {
    let desk = use_desk();
    let moves = Memo::new(move |_| shown.read().kind != Kind::Live);
    let shared = Memo::new(move |_| shown.read().kind == Kind::Shared);
    let history = Memo::new(move |_| shown.read().kept && desk.away.get() == Away::Here);
    let tool = move |text: Text, shape: Icon, class: &'static str, act: fn(Desk)| {
        view! {
            <button type="button" class=class aria-label=word(text) title=word(text) on:click=press(move || act(desk))>
                {icon(shape)}
            </button>
        }
        .into_any()
    };
    let looped = move || shown.read().looped;
    view! {
        {while_true(history, move || tool(Text::GoToPast, Icon::History, "tool", into_past_or_back))}
        {while_true(moves, move || {
            view! {
                {tool(Text::StepBack, Icon::StepBack, STEP_CLASS, |desk| step(desk, -1))}
                <PlayButton shown />
                {tool(Text::StepOn, Icon::StepOn, STEP_CLASS, |desk| step(desk, 1))}
                <SpeedChoice shown />
            }
            .into_any()
        })}
        <Place shown />
        {while_true(shared, move || {
            view! {
                <button
                    type="button"
                    class="tool"
                    aria-label=word(Text::LoopLabel)
                    title=word(Text::LoopLabel)
                    aria-pressed=truth(looped)
                    on:click=press(move || send(desk, ReplayCommand::Loop { on: !looped() }))
                >
                    {icon(Icon::Loop)}
                </button>
            }
            .into_any()
        })}
    }
}

#[component]
fn PlayButton(shown: Memo<Shown>) -> impl IntoView {
    let desk = use_desk();
    let paused = Memo::new(move |_| shown.read().paused);
    let play_word = live(move || (if paused.get() { Text::Play } else { Text::Pause }).of(desk.locale()));
    view! {
        <button type="button" class="tool" aria-label=play_word title=play_word on:click=press(move || play_or_pause(desk))>
            {changing(move || icon(if paused.get() { Icon::Play } else { Icon::Pause }).into_any())}
        </button>
    }
}

/// The line itself, and the time at which the picture stands; how much is read while something is.
#[component]
fn Place(shown: Memo<Shown>) -> impl IntoView {
    let desk = use_desk();
    let held = RwSignal::new(None::<i64>);
    let now_s = move || {
        desk.beat.track();
        desk.revision.track();
        let here =
            desk.client().and_then(|client| client.stream_now()).map_or(0, |now| now.0.div_euclid(1000));
        let bounds = shown.read();
        held.get().unwrap_or(here).clamp(bounds.start_s, bounds.end_s)
    };
    let told = live(move || match desk.away.get() {
        Away::Loading(percent) => Text::Reading.of(desk.locale()).replace("{}", &percent.to_string()),
        _ => clock(UnixMillis(now_s() * 1000)),
    });
    let seek = move |event: Event| {
        if let Ok(second) = event_target_value(&event).parse::<i64>() {
            go_to(desk, *shown.read_untracked(), second);
        }
        held.set(None);
    };
    view! {
        <input
            class="replay-place"
            type="range"
            aria-label=word(Text::Seek)
            aria-valuetext=live(move || moment(UnixMillis(now_s() * 1000)))
            min=live(move || shown.read().start_s.to_string())
            max=live(move || shown.read().end_s.to_string())
            step="1"
            prop:value=live(move || now_s().to_string())
            on:input=hear(move |event: Event| held.set(event_target_value(&event).parse().ok()))
            on:change=hear(seek)
        />
        <time class="replay-time">{told}</time>
    }
}

#[component]
fn SpeedChoice(shown: Memo<Shown>) -> impl IntoView {
    let desk = use_desk();
    let speed = Memo::new(move |_| shown.read().speed_milli);
    let options = move || {
        let mut speeds = SPEEDS_MILLI.to_vec();
        if !speeds.contains(&speed.get()) {
            speeds.push(speed.get());
            speeds.sort_unstable();
        }
        let option = |milli: i64| {
            let text = factor(desk.locale(), milli);
            view! { <option value=milli.to_string() selected=milli == speed.get()>{text}</option> }
        };
        speeds.into_iter().map(option).collect_view().into_any()
    };
    let choose = move |event: Event| {
        if let Ok(milli) = event_target_value(&event).parse::<i64>() {
            send(desk, ReplayCommand::Speed { value: milli as f64 / 1000.0 });
        }
    };
    view! {
        <select class="replay-speed" aria-label=word(Text::ReplaySpeed) on:change=hear(choose)>
            {changing(options)}
        </select>
    }
}

/// Opens a recording from the person's own files, for who cannot drop one.
#[component]
fn OpenFile() -> impl IntoView {
    let desk = use_desk();
    let chosen = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            open_first(desk, input.files());
            // The same file can then be chosen again.
            input.set_value("");
        }
    };
    view! {
        <label class="tool replay-open" title=word(Text::OpenRecording)>
            {icon(Icon::Open)}
            <input
                class="unseen"
                type="file"
                accept=".jsonl,.gz,.json,.sbs"
                aria-label=word(Text::OpenRecording)
                on:change=hear(chosen)
            />
        </label>
    }
}

/// What is said while a file is held over the page; anywhere on it is right.
#[component]
pub fn DropHint() -> impl IntoView {
    let desk = use_desk();
    Effect::new(move |_| {
        let over = window_event_listener(leptos::ev::dragover, move |event| {
            // Else the browser would leave the page for the file.
            event.prevent_default();
            crate::desk::set_if_changed(desk.dropping, true);
        });
        let left = window_event_listener(leptos::ev::dragleave, move |event| {
            if event.related_target().is_none() {
                desk.dropping.set(false);
            }
        });
        let dropped = window_event_listener(leptos::ev::drop, move |event| {
            event.prevent_default();
            desk.dropping.set(false);
            open_first(desk, event.data_transfer().and_then(|data| data.files()));
        });
        on_cleanup(move || {
            over.remove();
            left.remove();
            dropped.remove();
        });
    });
    view! {
        <p class="drop-hint" hidden=flag(move || !desk.dropping.get())>{word(Text::DropHere)}</p>
    }
}

fn open_first(desk: Desk, files: Option<FileList>) {
    let file: Option<File> = files.and_then(|files| files.get(0));
    if let (Some(file), Some(client)) = (file, desk.client_now()) {
        client.open_file(&file);
    }
}

fn go_to(desk: Desk, shown: Shown, second: i64) {
    let (Some(client), at) = (desk.client_now(), UnixMillis(second * 1000)) else { return };
    let past = shown.kind == Kind::Live || desk.away.get_untracked() == Away::Past;
    match (past, second >= shown.end_s - NOW_S) {
        (true, true) => client.back_to_live(),
        (true, false) => client.open_past(at),
        (false, _) => send(desk, ReplayCommand::Seek { to: at }),
    }
}

fn shown(desk: Desk) -> Shown {
    let second = |time: UnixMillis| time.0.div_euclid(1000);
    let nothing = Shown {
        kind: Kind::Nothing,
        start_s: 0,
        end_s: 0,
        speed_milli: 1000,
        paused: false,
        looped: false,
        kept: false,
    };
    let Some(client) = desk.client_now() else { return nothing };
    let (kept, away) = (client.kept(), desk.away.get_untracked());
    let span = kept.map(|kept| (second(kept.from), second(kept.to)));
    let live = Shown { kept: kept.is_some(), ..nothing };
    let played = client.with_board(|board| {
        let replay = board.controllable()?.replay.as_ref()?;
        let own = (second(replay.start), second(replay.end));
        let (start_s, end_s) = if away == Away::Past { span.unwrap_or(own) } else { own };
        Some(Shown {
            kind: if away.is_shown() { Kind::Own } else { Kind::Shared },
            start_s,
            end_s,
            speed_milli: (replay.speed * 1000.0).round() as i64,
            paused: replay.paused,
            looped: replay.looped,
            ..live
        })
    });
    let present = || span.map(|(start_s, end_s)| Shown { kind: Kind::Live, start_s, end_s, ..live });
    played.or_else(present).unwrap_or(live)
}

fn send(desk: Desk, command: ReplayCommand) {
    if let Some(client) = desk.client_now() {
        client.replay(command);
    }
}
