//! Schedules: what runs by the clock, when next, and the form that explains its expression.

use crate::desks::agents::html::{
    Field, button, chip, empty, facts, flag, link, note, refusal, since, tag, time, wrap,
};
use crate::desks::agents::split::{Head, Line, list, nothing, split, title};
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::cron::Cron;
use crate::state::agents::edit::{input_has_more, input_text, schedule_default};
use crate::state::agents::office::Office;
use crate::state::agents::place::{NEW, Section};
use crate::state::agents::queue::sort;
use crate::state::agents::room::Kind;
use crate::text::{Locale, Term, ago, cron_error, cron_words, moment, zone_moment, zone_offset};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let mut rows: Vec<&Datum> = office.room.rows(Kind::Schedule).collect();
    sort(&mut rows, &|row| {
        let is_over = i64::from(row.text("status") == "cancelled");
        (is_over, next(row).unwrap_or(i64::MAX), row.text("name").to_owned())
    });
    let lines = rows.iter().map(|row| line(office, locale, row)).collect();
    let head = Head { new: office.may_edit().then_some(Term::NewSchedule), ..Head::default() };
    let none = empty(Term::NoSchedules.of(locale), Term::NoSchedulesHint.of(locale));
    let detail = match office.place.id.as_deref() {
        Some(NEW) => form(office, locale, NEW, &Datum::Nil),
        _ => office
            .open_row(Kind::Schedule)
            .map_or_else(|| nothing(office, locale), |row| detail(office, locale, row)),
    };
    split(office, locale, &list(office, locale, head, lines, &none), &detail)
}

fn next(row: &Datum) -> Option<i64> {
    if row.text("status") != "active" {
        return None;
    }
    row.get("next_ms").list().first().and_then(Datum::number).map(|at_ms| at_ms as i64)
}

fn line<'a>(office: &Office, locale: Locale, row: &'a Datum) -> Line<'a> {
    let (tone, words) = states::schedule(row.text("status"));
    let end = match next(row).filter(|_| office.now_ms > 0) {
        Some(at_ms) => time(at_ms, &Term::In.of(locale).replace("{}", &ago(locale, at_ms - office.now_ms))),
        None => chip(tone, words.of(locale)),
    };
    let words = Cron::parse(row.text("cron")).map(|cron| cron_words(locale, &cron)).unwrap_or_default();
    Line { id: row.text("id"), title: row.text("name"), end, below: escaped(&words), before: String::new() }
}

fn detail(office: &Office, locale: Locale, row: &Datum) -> String {
    let (tone, words) = states::schedule(row.text("status"));
    let parts = [
        title(row.text("name"), &chip(tone, words.of(locale)), &actions(office, locale, row)),
        next_runs(office, locale, row),
        last(office, locale, row),
    ];
    [wrap("div", "detail", &parts.concat()), form(office, locale, row.text("id"), row)].concat()
}

fn actions(office: &Office, locale: Locale, row: &Datum) -> String {
    let (id, status) = (row.text("id"), row.text("status"));
    if office.is_read_only() || status == "cancelled" {
        return String::new();
    }
    let mut html = button("button", "run-now", id, "", Term::RunNow.of(locale), Some(Icon::Play));
    html.push_str(&match status {
        "paused" => button("button", "resume", id, "", Term::Resume.of(locale), Some(Icon::Loop)),
        _ => button("button", "pause", id, "", Term::Pause.of(locale), Some(Icon::Pause)),
    });
    if office.may_edit() {
        html.push_str(&button(
            "button danger",
            "cancel-schedule",
            id,
            "",
            Term::CancelSchedule.of(locale),
            Some(Icon::Close),
        ));
    }
    html
}

/// The next runs in the schedule's zone and in the viewer's.
fn next_runs(office: &Office, locale: Locale, row: &Datum) -> String {
    let all: Vec<i64> =
        row.get("next_ms").list().iter().filter_map(Datum::number).map(|at_ms| at_ms as i64).collect();
    if row.text("status") != "active" || all.is_empty() {
        return tag("p", "hint", Term::NoNextRuns.of(locale));
    }
    moments(office, locale, &all, row.text("time_zone"))
}

fn moments(office: &Office, locale: Locale, all: &[i64], zone: &str) -> String {
    let line = |at_ms: &i64| {
        let left = if office.now_ms > 0 {
            Term::In.of(locale).replace("{}", &ago(locale, at_ms - office.now_ms))
        } else {
            String::new()
        };
        [
            "<tr><td class=\"number\">",
            &escaped(&zone_moment(*at_ms, zone)),
            "</td><td class=\"number\">",
            &escaped(&moment(UnixMillis(*at_ms))),
            "</td><td class=\"muted\">",
            &escaped(&left),
            "</td></tr>",
        ]
        .concat()
    };
    [
        "<table class=\"pairs moments\"><caption>",
        Term::NextRuns.of(locale),
        "</caption><thead><tr><th scope=\"col\">",
        &escaped(zone).replace('/', "/<wbr>"),
        "</th><th scope=\"col\">",
        Term::YourClock.of(locale),
        "</th><th scope=\"col\"><span class=\"unseen\">",
        Term::LeftUntil.of(locale),
        "</span></th></tr></thead><tbody>",
        &all.iter().take(5).map(line).collect::<String>(),
        "</tbody></table>",
    ]
    .concat()
}

fn last(office: &Office, locale: Locale, row: &Datum) -> String {
    let run = row.text("last_run");
    let run = if run.is_empty() {
        String::new()
    } else {
        link("", &office.place.to(Section::Runs, Some(run)), "", &escaped(run))
    };
    let (tone, words) = states::run(row.text("last_status"));
    let status =
        if row.text("last_status").is_empty() { String::new() } else { chip(tone, words.of(locale)) };
    let missed = match row.text("missed") {
        "skip" => Term::MissedSkip,
        "all" => Term::MissedAll,
        _ => Term::MissedOnce,
    };
    let pairs = [
        (Term::Agent, escaped(row.text("agent"))),
        (Term::Missed, missed.of(locale).to_owned()),
        (Term::LastRun, since(locale, row.integer("last_ms"), office.now_ms)),
        (Term::LastStatus, status),
        (Term::Run, run),
    ];
    facts(locale, &pairs)
}

fn form(office: &Office, locale: Locale, id: &str, row: &Datum) -> String {
    if !office.may_edit() {
        return String::new();
    }
    let form = office.form(id);
    let bad = form.and_then(|form| form.refused.as_ref());
    let value = |name: &str| {
        let before = match name {
            "input" => input_text(row),
            name if row.text(name).is_empty() => schedule_default(name, &office.zone).to_owned(),
            name => row.text(name).to_owned(),
        };
        office.typed(id, name, &before)
    };
    let wrong = |name: &str| {
        bad.filter(|why| why.field == name).map(|why| {
            if why.message.is_empty() { Term::FaultEmpty.of(locale).to_owned() } else { why.message.clone() }
        })
    };
    let field = |name: &'static str, label: Term, hint: &str, wrong: Option<String>| {
        (name, label, hint.to_owned(), value(name), wrong.unwrap_or_default())
    };
    let made = |(name, label, hint, value, wrong): (&'static str, Term, String, String, String),
                how: &dyn Fn(&Field<'_>) -> String| {
        how(&Field {
            form: id,
            name,
            label: label.of(locale),
            value: &value,
            hint: &hint,
            wrong: &wrong,
            off: false,
        })
    };
    let (zone, text) = (value("time_zone"), value("cron"));
    let cron = Cron::parse(&text);
    let zone_wrong = (zone_offset(&zone, office.now_ms).is_none() && office.now_ms > 0)
        .then(|| Term::FaultZone.of(locale).to_owned());
    let cron_fault = cron.as_ref().err().map(|error| cron_error(locale, *error)).or_else(|| wrong("cron"));
    let explained = cron.as_ref().map(|cron| cron_words(locale, cron)).unwrap_or_default();
    // Those that the clock may wake, and the one that it wakes already.
    let wakes = |agent: &&Datum| *agent.get("takes") != Datum::Nil || agent.text("name") == row.text("agent");
    let agents = office.room.agents.iter().filter(wakes).map(|agent| agent.text("name"));
    let agents: Vec<(&str, &str)> = agents.map(|name| (name, name)).collect();
    let business = office.room.businesses.iter().find(|own| own.text("businessId") == office.place.business);
    let places = business.map_or(&[][..], |row| row.get("locations").list()).iter();
    let places: Vec<(&str, &str)> = [("", Term::AllLocations.of(locale))]
        .into_iter()
        .chain(places.map(|place| (place.text("locationId"), place.text("name"))))
        .collect();
    let missed = [
        ("skip", Term::MissedSkip.of(locale)),
        ("once", Term::MissedOnce.of(locale)),
        ("all", Term::MissedAll.of(locale)),
    ];
    let task_hint = if input_has_more(row) { Term::TaskHintMore } else { Term::TaskHint };
    let pick_agent =
        |field: &Field<'_>| if agents.is_empty() { field.line("") } else { field.choice(&agents) };
    let fields = [
        made(field("name", Term::Name, "", wrong("name")), &|field| field.line("")),
        made(field("cron", Term::CronField, &explained, cron_fault), &|field| {
            field.line(" class=\"mono\" spellcheck=\"false\"")
        }),
        made(
            field(
                "time_zone",
                Term::TimeZone,
                Term::TimeZoneHint.of(locale),
                zone_wrong.or_else(|| wrong("time_zone")),
            ),
            &|field| field.line(" spellcheck=\"false\""),
        ),
        made(field("agent", Term::Agent, "", wrong("agent")), &pick_agent),
        made(field("location", Term::Location, "", wrong("location")), &|field| field.choice(&places)),
        made(field("missed", Term::Missed, Term::MissedHint.of(locale), wrong("missed")), &|field| {
            field.choice(&missed)
        }),
        made(field("input", Term::Task, task_hint.of(locale), wrong("input")), &|field| field.lines(3, "")),
    ];
    let preview = match &cron {
        Ok(cron) if office.now_ms > 0 && zone_offset(&zone, office.now_ms).is_some() => {
            let ahead = |ms: i64| zone_offset(&zone, ms).unwrap_or(0);
            let next: Vec<i64> = cron
                .next(UnixMillis(office.now_ms / 60_000 * 60_000), 5, &ahead)
                .iter()
                .map(|at| at.0)
                .collect();
            moments(office, locale, &next, &zone)
        }
        _ => String::new(),
    };
    // Without a change the runs stand above already.
    let preview = if form.is_some() || id == NEW { preview } else { String::new() };
    let heading = if id == NEW { Term::NewSchedule } else { Term::EditSchedule };
    framed(office, locale, id, heading.of(locale), &[fields.concat(), preview].concat())
}

/// A form with its heading, its buttons and why it was not taken.
pub fn framed(office: &Office, locale: Locale, id: &str, heading: &str, html: &str) -> String {
    let form = office.form(id);
    let bad = form
        .and_then(|form| form.refused.as_ref())
        .filter(|why| why.code != "bad_value" || !why.message.is_empty());
    let bad = bad.map(|why| note("alarm", &refusal(locale, why))).unwrap_or_default();
    let busy = form.is_some_and(|form| form.busy);
    let clean = form.is_none() && id != NEW;
    let save =
        button("button primary", "save", id, flag("disabled", busy || clean), Term::Save.of(locale), None);
    let give_up = if form.is_some() {
        button("button", "give-up", id, "", Term::GiveUp.of(locale), None)
    } else {
        String::new()
    };
    [
        "<section class=\"block form\" data-key=\"form-",
        &escaped(id),
        "\"><h3>",
        heading,
        "</h3>",
        html,
        &bad,
        "<div class=\"acts\">",
        &save,
        &give_up,
        "</div></section>",
    ]
    .concat()
}
