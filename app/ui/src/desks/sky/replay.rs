//! The replay strip: play, speed, place and loop of a recording that this page may move.

use crate::desk::{Desk, use_desk, word};
use crate::live::{changing, flag, hear, live, press, truth, while_true};
use crate::parts::badge::factor;
use crate::parts::{Icon, icon};
use crate::text::{Text, clock, moment};
use inflight_domain::UnixMillis;
use inflight_wire::ReplayCommand;
use leptos::ev::Event;
use leptos::prelude::*;

/// Speeds that are offered, in thousandths.
const SPEEDS_MILLI: [i64; 9] = [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000];

/// The recording as the strip shows it.
#[derive(Clone, Debug, PartialEq)]
struct Recording {
    name: String,
    start_s: i64,
    end_s: i64,
    speed_milli: i64,
    paused: bool,
    looped: bool,
}

/// Plays or pauses the recording, if this page may.
pub fn play_or_pause(desk: Desk) {
    let Some(recording) = recording(desk) else { return };
    send(desk, if recording.paused { ReplayCommand::Play {} } else { ReplayCommand::Pause {} });
}

/// The strip; there only while a source has a recording that can be moved.
#[component]
pub fn ReplayStrip() -> impl IntoView {
    let desk = use_desk();
    let shown = Memo::new(move |_| {
        desk.revision.track();
        recording(desk)
    });
    // Without a server there is nobody to move the recording.
    let online = Memo::new(move |_| desk.badge.with(|badge| badge.kind() != "offline"));
    let present = Memo::new(move |_| shown.read().is_some());
    view! {
        <div
            class="replay"
            role="group"
            aria-label=word(Text::ReplayControls)
            hidden=flag(move || !present.get())
            inert=flag(move || !online.get())
        >
            {while_true(present, move || view! { <Controls shown /> }.into_any())}
        </div>
    }
    .into_any()
}

#[component]
fn Controls(shown: Memo<Option<Recording>>) -> impl IntoView {
    let desk = use_desk();
    let held = RwSignal::new(None::<i64>);
    let paused = Memo::new(move |_| shown.read().as_ref().is_some_and(|recording| recording.paused));
    let looped = Memo::new(move |_| shown.read().as_ref().is_some_and(|recording| recording.looped));
    let bounds =
        move || shown.read().as_ref().map_or((0, 0), |recording| (recording.start_s, recording.end_s));
    let now_s = move || {
        desk.beat.track();
        desk.revision.track();
        let here =
            desk.client().and_then(|client| client.stream_now()).map_or(0, |now| now.0.div_euclid(1000));
        held.get().unwrap_or(here).clamp(bounds().0, bounds().1)
    };
    let place = live(move || clock(UnixMillis(now_s() * 1000)));
    let play_word = live(move || (if paused.get() { Text::Play } else { Text::Pause }).of(desk.locale()));
    let seek = move |event: Event| {
        if let Ok(second) = event_target_value(&event).parse::<i64>() {
            send(desk, ReplayCommand::Seek { to: UnixMillis(second * 1000) });
        }
        held.set(None);
    };
    view! {
        <button type="button" class="tool" aria-label=play_word title=play_word on:click=press(move || play_or_pause(desk))>
            {changing(move || icon(if paused.get() { Icon::Play } else { Icon::Pause }).into_any())}
        </button>
        <SpeedChoice shown />
        <input
            class="replay-place"
            type="range"
            aria-label=word(Text::Seek)
            aria-valuetext=live(move || moment(UnixMillis(now_s() * 1000)))
            min=live(move || bounds().0.to_string())
            max=live(move || bounds().1.to_string())
            step="1"
            prop:value=live(move || now_s().to_string())
            on:input=hear(move |event: Event| held.set(event_target_value(&event).parse().ok()))
            on:change=hear(seek)
        />
        <time class="replay-time">{place}</time>
        <button
            type="button"
            class="tool"
            aria-label=word(Text::LoopLabel)
            title=word(Text::LoopLabel)
            aria-pressed=truth(move || looped.get())
            on:click=press(move || send(desk, ReplayCommand::Loop { on: !looped.get_untracked() }))
        >
            {icon(Icon::Loop)}
        </button>
    }
}

#[component]
fn SpeedChoice(shown: Memo<Option<Recording>>) -> impl IntoView {
    let desk = use_desk();
    let speed = Memo::new(move |_| shown.read().as_ref().map_or(1000, |recording| recording.speed_milli));
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

fn recording(desk: Desk) -> Option<Recording> {
    let client = desk.client()?;
    client.with_board(|board| {
        let replay = board.controllable()?.replay.as_ref()?;
        Some(Recording {
            name: replay.recording.clone(),
            start_s: replay.start.0.div_euclid(1000),
            end_s: replay.end.0.div_euclid(1000),
            speed_milli: (replay.speed * 1000.0).round() as i64,
            paused: replay.paused,
            looped: replay.looped,
        })
    })
}

fn send(desk: Desk, command: ReplayCommand) {
    if let Some(client) = desk.client_now() {
        client.replay(command);
    }
}
