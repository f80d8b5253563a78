//! The sources panel: why the badge says what it says, each source, what was turned away.

use crate::client::Client;
use crate::desk::{Desk, Panel, use_desk, word};
use crate::live::{changing, flag, press};
use crate::parts::{PanelFrame, Why, badge};
use crate::state::badge::age_ms;
use crate::text::{DASH, Text, age, clock, drop_reason, fixed, integer, source_state, span};
use inflight_domain::{SourceRow, SystemRow, UnixMillis};
use inflight_globe::order::rising;
use leptos::prelude::*;
use std::rc::Rc;

/// Dead letters that are shown.
const LETTERS: usize = 6;

/// A source as pairs of words and values.
#[derive(Clone, Debug, PartialEq)]
struct SourceCard {
    name: String,
    state: Text,
    kind: &'static str,
    facts: Vec<(Text, String)>,
}

/// An entry that was turned away.
#[derive(Clone, Debug, PartialEq)]
struct Letter {
    reason: Text,
    at: String,
    line: String,
    detail: String,
    excerpt: String,
}

/// The panel.
#[component]
pub fn SourcesPanel() -> impl IntoView {
    let desk = use_desk();
    let outdated = Memo::new(move |_| {
        desk.revision.track();
        desk.client().is_some_and(|client| client.with_board(|board| board.outdated))
    });
    let retry = move || desk.client_now().iter().for_each(|client| client.retry_now());
    view! {
        <PanelFrame panel=Panel::Sources name="sources" title=Text::Sources>
            <Why outdated retry=press(retry) />
            <SourceCards />
            <Drops />
            <Letters />
        </PanelFrame>
    }
    .into_any()
}

#[component]
fn SourceCards() -> impl IntoView {
    let desk = use_desk();
    let cards = Memo::new(move |_| {
        read(desk, |client| {
            client.with_board(|board| {
                let now = client.stream_now();
                board.sources().map(|source| card(desk, source, now)).collect::<Vec<_>>()
            })
        })
    });
    let list = move || {
        let cards = cards.get();
        if cards.is_empty() {
            return view! { <p class="hint">{word(Text::NoSources)}</p> }.into_any();
        }
        cards.into_iter().map(|card| view! { <Card card /> }).collect_view().into_any()
    };
    view! { <div class="sources">{changing(list)}</div> }
}

#[component]
fn Card(card: SourceCard) -> impl IntoView {
    let fact = |(text, value): (Text, String)| {
        view! { <div class="detail"><dt>{word(text)}</dt><dd>{value}</dd></div> }
    };
    view! {
        <article class="source" data-kind=card.kind>
            <h3>{card.name}<span class="source-state">{word(card.state)}</span></h3>
            <dl class="details">{card.facts.into_iter().map(fact).collect_view()}</dl>
        </article>
    }
}

fn card(desk: Desk, source: &SourceRow, now: Option<UnixMillis>) -> SourceCard {
    let locale = desk.locale();
    let mut facts = Vec::new();
    if let Some(replay) = &source.replay {
        facts.push((Text::Recording, replay.recording.clone()));
        facts.push((Text::ReplaySpeed, badge::factor(locale, (replay.speed * 1000.0).round() as i64)));
    }
    let newest = age_ms(source, now).map_or_else(|| DASH.to_owned(), |age_ms| age(locale, age_ms));
    facts.push((Text::NewestData, newest));
    let tenths = (source.poll_interval_s * 10.0).round() as i64;
    let every = if tenths % 10 == 0 { integer(locale, tenths / 10) } else { fixed(locale, tenths, 1) };
    facts.push((Text::PollEvery, format!("{every}\u{a0}s")));
    facts.push((Text::Polls, integer(locale, source.polls as i64)));
    facts.extend(source.credits_remaining.map(|left| (Text::Credits, integer(locale, left as i64))));
    if let (Some(retry_at), Some(now)) = (source.retry_at, now) {
        facts.push((Text::NextAttempt, format!("{} ({})", clock(retry_at), span(retry_at.since(now)))));
    }
    if !source.code.is_empty() {
        facts.push((Text::Code, source.code.clone()));
    }
    let state = source_state(source.state);
    let kind = match source.state {
        inflight_domain::SourceState::Live => "good",
        inflight_domain::SourceState::Unauthorised => "alarm",
        inflight_domain::SourceState::Starting
        | inflight_domain::SourceState::Replay
        | inflight_domain::SourceState::Idle => "quiet",
        _ => "attention",
    };
    SourceCard { name: source.name.clone(), state, kind, facts }
}

/// How many entries were turned away, by reason.
#[component]
fn Drops() -> impl IntoView {
    let desk = use_desk();
    let counts = Memo::new(move |_| {
        read(desk, |client| {
            client.with_board(|board| {
                let drops = board.mirror.system().values().filter_map(|row| match row {
                    SystemRow::Drops(row) if row.count > 0 => Some((drop_reason(row.reason), row.count)),
                    _ => None,
                });
                let counts: Vec<(Text, u64)> = drops.collect();
                let order = rising(counts.iter().map(|(_, count)| u64::MAX - count));
                order.into_iter().map(|place| counts[place as usize]).collect::<Vec<_>>()
            })
        })
    });
    let lines = move || {
        let counts = counts.get();
        if counts.is_empty() {
            return view! { <p class="hint">{word(Text::DropsNone)}</p> }.into_any();
        }
        let line = |(text, count): (Text, u64)| {
            let number = integer(desk.locale(), count as i64);
            view! { <div class="detail"><dt>{word(text)}</dt><dd>{number}</dd></div> }
        };
        view! { <dl class="details">{counts.into_iter().map(line).collect_view()}</dl> }.into_any()
    };
    view! { <section class="drops"><h3>{word(Text::Drops)}</h3>{changing(lines)}</section> }
}

/// The newest entries that were turned away.
#[component]
fn Letters() -> impl IntoView {
    let desk = use_desk();
    let letters = Memo::new(move |_| {
        read(desk, |client| {
            client.with_board(|board| {
                let rows = board.mirror.system().values().filter_map(|row| match row {
                    SystemRow::DeadLetter(row) => Some(&row.letter),
                    _ => None,
                });
                let newest: Vec<_> = rows.collect();
                let order = rising(
                    newest.iter().map(|letter| u64::MAX - (letter.at.0 as u64 * 4096 + letter.line % 4096)),
                );
                let letter = |letter: &&inflight_domain::DeadLetter| Letter {
                    reason: drop_reason(letter.reason),
                    at: clock(letter.at),
                    line: Text::LinePlace.of(desk.locale()).replace("{}", &letter.line.to_string()),
                    detail: letter.detail.clone(),
                    excerpt: letter.excerpt.clone(),
                };
                order
                    .into_iter()
                    .take(LETTERS)
                    .map(|place| letter(&newest[place as usize]))
                    .collect::<Vec<_>>()
            })
        })
    });
    let lines = move || {
        let line = |letter: Letter| {
            view! {
                <li class="letter">
                    <span class="letter-reason">{word(letter.reason)}</span>
                    <span class="letter-place">{letter.at}" · "{letter.line}</span>
                    <span class="letter-detail">{letter.detail}</span>
                    <code>{letter.excerpt}</code>
                </li>
            }
        };
        letters.get().into_iter().map(line).collect_view().into_any()
    };
    view! {
        <section class="letters" hidden=flag(move || letters.read().is_empty())>
            <h3>{word(Text::DeadLetters)}</h3>
            <ul>{changing(lines)}</ul>
        </section>
    }
}

/// Reads from the client once a second and when rows change.
fn read<T: Default>(desk: Desk, of: impl Fn(&Rc<Client>) -> T) -> T {
    desk.beat.track();
    desk.client().map(|client| of(&client)).unwrap_or_default()
}
