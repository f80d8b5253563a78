//! The frame of a section: title, what can be done with it, and what it says while there is nothing to show.

use crate::desks::system::client::{SystemClient, copy};
use crate::desks::system::{System, told, use_system};
use crate::live::{flag, hear, live, live_option, press, styled};
use crate::parts::markup::{escaped, svg};
use crate::parts::{Icon, icon};
use crate::state::badge::LinkStatus;
use crate::state::system::choices::Section;
use crate::state::system::json::json;
use crate::state::system::remote::{Ask, Problem};
use crate::text::{DASH, Locale, Word};
use inflight_wire::Datum;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A column of a table: the member that it shows, its title, and whether it holds numbers.
#[derive(Clone, Copy, Debug)]
pub struct Column(pub &'static str, pub Word, pub bool);

/// What a section is made of as JSON.
pub type Told = fn(&SystemClient) -> Datum;

/// A section with its title; `data` is what "Copy as JSON" copies.
pub fn card(section: Section, data: Told, tools: Option<AnyView>, body: AnyView) -> AnyView {
    let system = use_system();
    let name = section.name();
    let copied = move || {
        if let Some(client) = system.client_now() {
            copy(system, json(&data(&client)));
        }
    };
    let words = live(move || {
        let locale = system.locale();
        format!("{}: {}", section.title().of(locale), Word::CopyJson.of(locale))
    });
    view! {
        <section class="card" id=format!("section-{name}") aria-labelledby=format!("title-{name}") tabindex="-1">
            <header class="card-head">
                <h2 id=format!("title-{name}")>{told(section.title())}</h2>
                <div class="card-tools">
                    {tools}
                    <button type="button" class="tool" aria-label=words title=told(Word::CopyJson) on:click=press(copied)>
                        {icon(Icon::Copy)}
                    </button>
                </div>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// HTML that follows what it reads.
pub fn html(class: &'static str, read: impl Fn(System) -> String + Send + Sync + 'static) -> AnyView {
    let system = use_system();
    let html = Memo::new(move |_| read(system));
    view! { <div class=class inner_html=styled(move || html.get())></div> }.into_any()
}

/// A table whose rows are HTML; it hides while there are none. A column that is pressed calls `sort`.
pub fn grid(
    name: Word,
    columns: &'static [Column],
    sort: Option<fn(System, &'static str)>,
    read: impl Fn(System) -> String + Send + Sync + 'static,
) -> AnyView {
    let system = use_system();
    let rows = Memo::new(move |_| read(system));
    let head = columns.iter().map(|column| header(system, *column, sort)).collect_view();
    view! {
        <div class="grid" tabindex="0" role="group" aria-label=told(name) hidden=flag(move || rows.read().is_empty())>
            <table class="plain">
                <caption class="unseen">{told(name)}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody inner_html=styled(move || rows.get())></tbody>
            </table>
        </div>
    }
    .into_any()
}

fn header(system: System, column: Column, sort: Option<fn(System, &'static str)>) -> AnyView {
    let Column(member, title, number) = column;
    let kind = if number { "number" } else { "" };
    let Some(sort) = sort else {
        return view! { <th scope="col" class=kind><span class="column">{told(title)}</span></th> }
            .into_any();
    };
    let order = move || {
        let choices = system.choices.read();
        (choices.sort == member).then_some(if choices.falling { "descending" } else { "ascending" })
    };
    let words = move || Word::SortBy.of(system.locale()).replace("{}", title.of(system.locale()));
    view! {
        <th scope="col" class=kind aria-sort=live_option(order)>
            <button type="button" class="column" title=live(words) on:click=hear(move |_: MouseEvent| sort(system, member))>
                {told(title)}
                <span class="column-arrow">{icon(Icon::Up)}</span>
            </button>
        </th>
    }
    .into_any()
}

/// A cell as HTML.
pub fn cell(html: &str, number: bool) -> String {
    format!("<td{}>{html}</td>", if number { " class=\"number\"" } else { "" })
}

/// Pairs of a word and its value, which is HTML already.
pub fn facts(locale: Locale, pairs: &[(Word, String)]) -> String {
    let pair = |(word, value): &(Word, String)| {
        format!("<div class=\"detail\"><dt>{}</dt><dd>{value}</dd></div>", word.of(locale))
    };
    format!("<dl class=\"details\">{}</dl>", pairs.iter().map(pair).collect::<String>())
}

/// A sentence that stands where something else will.
pub fn hint(words: &str) -> String {
    format!("<p class=\"hint\">{}</p>", escaped(words))
}

/// A member as text in HTML, or a dash.
pub fn text(row: &Datum, member: &str) -> String {
    let text = row.text(member);
    if text.is_empty() { DASH.to_owned() } else { escaped(text) }
}

/// A word with a tone, and its icon where it is worse than quiet.
pub fn state(words: &str, tone: &str) -> String {
    let picture = if matches!(tone, "attention" | "alarm") { svg(Icon::Warning) } else { String::new() };
    format!("<span class=\"mark\" data-tone=\"{tone}\">{picture}{}</span>", escaped(words))
}

/// What a section of rows says above them: that they are old, or that none have come.
pub fn above_rows(system: System, empty: Option<Word>) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return hint(Word::Loading.of(locale)) };
    let (has_data, link) = client.with_table(|table| (table.has_data, table.link));
    let lost = matches!(link, LinkStatus::Waiting { .. } | LinkStatus::Reconnecting);
    match (has_data, empty) {
        (false, _) => hint(Word::Loading.of(locale)),
        (true, Some(empty)) => hint(empty.of(locale)),
        (true, None) if lost => note(Word::Stale.of(locale)),
        (true, None) => String::new(),
    }
}

/// What a section of answers says above them.
pub fn above_answers(system: System, ask: Ask, empty: Option<Word>) -> String {
    let locale = system.locale();
    let Some(client) = system.client() else { return hint(Word::Loading.of(locale)) };
    if ask.is_for_observers() && client.may_observe() == Some(false) {
        return note(Word::Forbidden.of(locale));
    }
    let (has_data, problem) = client.with_remote(ask, |remote| (remote.data.is_some(), remote.problem));
    let link = client.with_table(|table| table.link);
    match (problem, has_data) {
        (Some(Problem::Forbidden), _) => note(Word::Forbidden.of(locale)),
        (Some(Problem::Failed(status)), _) => {
            note(&Word::Failing.of(locale).replace("{}", &format!("http_{status}")))
        }
        (_, true) if matches!(link, LinkStatus::Waiting { .. } | LinkStatus::Reconnecting) => {
            note(Word::Stale.of(locale))
        }
        (_, true) => empty.map(|empty| hint(empty.of(locale))).unwrap_or_default(),
        (Some(Problem::Offline), false) => note(Word::Stale.of(locale)),
        (None, false) => hint(Word::Loading.of(locale)),
    }
}

fn note(words: &str) -> String {
    format!("<p class=\"note\">{}{}</p>", svg(Icon::Warning), escaped(words))
}
