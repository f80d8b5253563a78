//! Looks up what a message is about, and decides whether there is something to say or to do.

use crate::agent::Halt;
use crate::closing::Citation;
use crate::context::Context;
use crate::coordinator::pick::{self, Picked, text};
use crate::coordinator::understand::Intent;
use crate::coordinator::{Change, Node, State};
use crate::locale::Locale;
use crate::question::Question;
use crate::typed::TypedNext;
use crate::words;
use inflight_domain::UnixMillis;
use serde_json::Value;
use std::collections::BTreeMap;

const ROWS_MAX: u16 = 200;
const LINES_MAX: usize = 10;

pub(super) fn look(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let intent = state.understood.intent;
    let question = question(state, context);
    let (name, kind) = (question.kind(), citation_kind(intent));
    let rows = match context.try_ask(question)? {
        Ok(answer) => {
            let rows = rows(answer.value, context.input().location_id.as_deref(), intent);
            state.note(name, "ok", Some(format!("{kind}: {}", rows.len())), answer.usage.took_ms);
            rows
        }
        Err(failure) => {
            state.note(name, "failed", Some(failure.message.clone()), 0);
            return Ok(state.say("assistant-unreachable", &[("why", failure.message.into())]));
        }
    };
    Ok(match intent {
        Intent::ChangeResource => change_resource(state, &rows),
        Intent::PauseSchedule | Intent::ResumeSchedule | Intent::RunSchedule => {
            change_schedule(state, intent, &rows)
        }
        Intent::ShowResources => {
            let picked = pick::resources(&rows, &state.understood.slots, false);
            show(state, "assistant-resources", kind, &picked)
        }
        Intent::ListSchedules => {
            let picked = pick::named(&rows, &state.understood.slots.target);
            let all = Picked { exact: rows, near: Vec::new() };
            show(state, "assistant-schedules", kind, if picked.exact.is_empty() { &all } else { &picked })
        }
        Intent::ShowReviews => {
            show(state, "assistant-reviews", kind, &Picked { exact: rows, near: Vec::new() })
        }
        Intent::FindDecisions => {
            show(state, "assistant-decisions", kind, &Picked { exact: rows, near: Vec::new() })
        }
        _ => {
            let open = |row: &&Value| !state.understood.slots.only_open || text(row, "status") != "closed";
            let rows: Vec<Value> = rows.iter().filter(open).cloned().collect();
            let picked = pick::named(&rows, &state.understood.slots.target);
            show(state, "assistant-cases", kind, &picked)
        }
    })
}

fn question(state: &State, context: &Context<'_>) -> Question {
    let (business, slots) = (context.input().business_id.clone(), &state.understood.slots);
    let search = |among: &str, query: &str, filters: &[(&str, &str)], limit: u16| Question::Search {
        among: among.to_owned(),
        business: business.clone(),
        query: query.to_owned(),
        filters: filters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        limit,
    };
    match state.understood.intent {
        Intent::ShowResources | Intent::ChangeResource => {
            let numbered = slots.target.iter().filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
            let numbers = numbered.cloned().collect::<Vec<_>>().join(" ");
            // A number that stands apart in the name (`B 12`) is not found by its words; then all are looked at.
            // What is to be changed is looked at beside its like: they know the words for its states.
            let shows = state.understood.intent == Intent::ShowResources;
            let narrow = shows && !numbers.is_empty() && numbers.len() < 3;
            let filters =
                if narrow { BTreeMap::from([("text".to_owned(), numbers)]) } else { BTreeMap::new() };
            Question::Resource { business, kind: None, id: None, filters, limit: ROWS_MAX }
        }
        Intent::ListSchedules | Intent::PauseSchedule | Intent::ResumeSchedule | Intent::RunSchedule => {
            search("schedules", "", &[], ROWS_MAX)
        }
        Intent::ShowReviews => search("reviews", "", &[("status", "open")], ROWS_MAX),
        Intent::FindDecisions => search("decisions", &slots.query, &[], 5),
        _ => search("cases", "", &[], ROWS_MAX),
    }
}

/// What is of this place, and of no place where it is only shown: who speaks for a place changes what is its own.
fn rows(value: Option<Value>, location: Option<&str>, intent: Intent) -> Vec<Value> {
    let Some(Value::Array(rows)) = value.and_then(|mut value| value.get_mut("rows").map(Value::take)) else {
        return Vec::new();
    };
    let here = |row: &Value| {
        let own = ["location", "locationId"].iter().map(|name| text(row, name)).find(|own| !own.is_empty());
        location.is_none_or(|location| own.map_or(!intent.changes(), |own| own == location))
    };
    rows.into_iter().filter(here).collect()
}

fn show(state: &mut State, code: &str, kind: &str, picked: &Picked) -> TypedNext<Node> {
    let what = what(state);
    let locale = state.locale();
    if picked.exact.is_empty() && picked.near.is_empty() {
        return state.say("assistant-nothing", &[("what", what.into())]);
    }
    let is_near = picked.exact.is_empty();
    let rows = if is_near { &picked.near } else { &picked.exact };
    let lines = lines(state, kind, rows, locale);
    if is_near {
        return state.say("assistant-nearest", &[("what", what.into()), ("lines", lines.into())]);
    }
    state.say(code, &[("count", rows.len().into()), ("lines", lines.into())])
}

/// What was asked for, in a few words.
fn what(state: &State) -> String {
    let slots = &state.understood.slots;
    let mut words: Vec<&str> = slots.kind.as_deref().into_iter().collect();
    words.extend(slots.target.iter().map(String::as_str));
    words.extend(slots.status.as_deref());
    let locale = state.locale();
    if words.is_empty() {
        match state.understood.intent {
            Intent::ShowReviews => {
                return locale.pick("decisions that wait", "decizii în așteptare").to_owned();
            }
            Intent::ListSchedules => return locale.pick("schedules", "planificări").to_owned(),
            Intent::ShowCases => return locale.pick("cases", "cazuri").to_owned(),
            _ if !slots.query.is_empty() => words.push(&slots.query),
            _ => {}
        }
    }
    if words.is_empty() { state.locale().pick("this", "asta").to_owned() } else { words.join(" ") }
}

fn lines(state: &mut State, kind: &str, rows: &[Value], locale: Locale) -> String {
    let mut lines = Vec::new();
    for row in rows.iter().take(LINES_MAX) {
        let title = title(row);
        let asked = asked_for(row, &state.understood.slots.target);
        lines.push(format!("\u{2022} {}{asked}", line(row, kind, &title, locale)));
        state.citations.push(Citation { kind: kind.to_owned(), id: text(row, "id").to_owned(), title });
    }
    if rows.len() > LINES_MAX {
        let more = rows.len() - LINES_MAX;
        lines
            .push(format!("\u{2022} {}", locale.pick(format!("and {more} more"), format!("și încă {more}"))));
    }
    lines.join("\n")
}

/// The fields of a row that were asked for by their names.
fn asked_for(row: &Value, target: &[String]) -> String {
    let fields = row.get("attributes").and_then(Value::as_object).into_iter().flatten();
    let is_asked = |name: &str| target.iter().any(|word| pick::is_name_of(name, word));
    let asked = fields.filter(|(name, _)| is_asked(name));
    asked.map(|(name, value)| format!(" \u{2013} {}: {}", name.replace('_', " "), shown(value))).collect()
}

fn title(row: &Value) -> String {
    let named =
        ["name", "title", "context", "id"].iter().map(|name| text(row, name)).find(|text| !text.is_empty());
    named.unwrap_or_default().chars().take(120).collect()
}

fn line(row: &Value, kind: &str, title: &str, locale: Locale) -> String {
    let time =
        |at_ms: i64| format!("{} {}", locale.date(UnixMillis(at_ms), 0), locale.clock(UnixMillis(at_ms), 0));
    let mut parts = vec![title.to_owned()];
    let mut put = |value: &str| {
        if !value.is_empty() {
            parts.push(value.to_owned());
        }
    };
    match kind {
        "resource" => {
            put(text(row, "status"));
            put(text(row, "location"));
        }
        "schedule" => {
            put(text(row, "status"));
            let next = row.get("next_ms").and_then(|next| next.get(0)).and_then(Value::as_i64);
            put(&next
                .map(|next| format!("{} {}", locale.pick("next", "următoarea"), time(next)))
                .unwrap_or_default());
            put(text(row, "cron"));
        }
        "decision" => {
            put(text(row, "reasoning"));
            put(text(row, "outcome"));
        }
        "case" => {
            put(text(row, "severity"));
            put(text(row, "status"));
            put(&row.get("opened_ms").and_then(Value::as_i64).map(time).unwrap_or_default());
        }
        _ => put(text(row, "why")),
    }
    parts.join(" \u{2013} ")
}

fn citation_kind(intent: Intent) -> &'static str {
    match intent {
        Intent::ShowResources | Intent::ChangeResource => "resource",
        Intent::ListSchedules | Intent::PauseSchedule | Intent::ResumeSchedule | Intent::RunSchedule => {
            "schedule"
        }
        Intent::FindDecisions => "decision",
        Intent::ShowReviews => "review",
        _ => "case",
    }
}

/// The one row that is meant; otherwise what is said about it.
fn one(state: &mut State, kind: &str, picked: &Picked) -> Result<Value, TypedNext<Node>> {
    if let [row] = picked.exact.as_slice() {
        let (id, title) = (text(row, "id").to_owned(), title(row));
        state.citations.push(Citation { kind: kind.to_owned(), id, title });
        return Ok(row.clone());
    }
    if picked.exact.is_empty() {
        return Err(show(state, "", kind, picked));
    }
    let locale = state.locale();
    let lines = lines(state, kind, &picked.exact, locale);
    Err(state.say("assistant-which", &[("count", picked.exact.len().into()), ("lines", lines.into())]))
}

fn change_resource(state: &mut State, rows: &[Value]) -> TypedNext<Node> {
    let slots = state.understood.slots.clone();
    let row = match one(state, "resource", &pick::resources(rows, &slots, true)) {
        Ok(row) => row,
        Err(next) => return next,
    };
    let name = title(&row);
    let Some(value) = slots.value.clone() else {
        return state.say("assistant-value", &[("name", name.into())]);
    };
    let (field, from, to) = match &slots.field {
        Some(field) => {
            let own = own_field(&row, field);
            let from =
                row.get("attributes").and_then(|fields| fields.get(&own)).map(shown).unwrap_or_default();
            (own, from, value)
        }
        None => match state_word(rows, &row, &slots.status, &value) {
            Some(to) => ("status".to_owned(), text(&row, "status").to_owned(), to),
            None => {
                return state.say("assistant-unknown-state", &[("name", name.into()), ("to", value.into())]);
            }
        },
    };
    propose(state, "resource", &row, [field, from, to])
}

fn propose(state: &mut State, of: &str, row: &Value, [field, from, to]: [String; 3]) -> TypedNext<Node> {
    let name = title(row);
    if words::fold(&from) == words::fold(&to) {
        let values = [("name", name.into()), ("field", field.into()), ("to", to.into())];
        return state.say("assistant-already", &values);
    }
    let version = row.get("version").and_then(Value::as_u64).unwrap_or(0);
    let (of, id) = (of.to_owned(), text(row, "id").to_owned());
    let location = Some(text(row, "location")).filter(|place| !place.is_empty()).map(str::to_owned);
    state.change = Some(Change { of, id, name, location, version, field, from, to });
    TypedNext::Go(Node::Propose)
}

/// The state in the words of the business: as rows of this kind have it, else the known word.
fn state_word(rows: &[Value], row: &Value, known: &Option<String>, value: &str) -> Option<String> {
    let same_kind = |other: &&Value| text(other, "type") == text(row, "type");
    let means = |own: &str| {
        let own = words::fold(own);
        own == words::fold(value)
            || known.as_deref().is_some_and(|known| super::lexicon::state(&own) == Some(known))
    };
    let own = rows.iter().filter(same_kind).map(|other| text(other, "status")).find(|own| means(own));
    own.map(str::to_owned).or_else(|| known.clone())
}

/// A field as the row spells it, else as it was written, in lower case.
fn own_field(row: &Value, field: &str) -> String {
    let wanted = words::fold(field);
    let fields = row.get("attributes").and_then(Value::as_object);
    let own = fields.and_then(|fields| fields.keys().find(|own| words::fold(own) == wanted));
    own.cloned().unwrap_or_else(|| wanted.replace(' ', "_"))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn change_schedule(state: &mut State, intent: Intent, rows: &[Value]) -> TypedNext<Node> {
    let live: Vec<Value> = rows.iter().filter(|row| text(row, "status") != "cancelled").cloned().collect();
    let mut picked = pick::named(&live, &state.understood.slots.target);
    if picked.exact.is_empty() && live.len() == 1 && state.understood.slots.target.is_empty() {
        picked.exact = live;
    } else if picked.exact.is_empty() && picked.near.is_empty() && live.len() == 1 {
        picked.near = live;
    }
    let row = match one(state, "schedule", &picked) {
        Ok(row) => row,
        Err(next) => return next,
    };
    let (field, to) = match intent {
        Intent::PauseSchedule => ("status", "paused"),
        Intent::ResumeSchedule => ("status", "active"),
        _ => ("run", "now"),
    };
    let from = if field == "run" { String::new() } else { text(&row, "status").to_owned() };
    propose(state, "schedule", &row, [field.to_owned(), from, to.to_owned()])
}
