//! The queue of what agents propose: the list, one proposal with its reasons, its edit and its decision.

use crate::desks::agents::html::{
    amount, button, chip, empty, facts, flag, folded, link, members, note, percent, refusal, since, tag, wrap,
};
use crate::desks::agents::review_form::{changes, form};
use crate::desks::agents::split::{Head, Line, list, nothing, split, title};
use crate::desks::agents::states;
use crate::parts::markup::escaped;
use crate::state::agents::decide::{MARKED, REASON};
use crate::state::agents::diff::Change;
use crate::state::agents::form::number_text;
use crate::state::agents::office::Office;
use crate::state::agents::place::Section;
use crate::state::agents::queue::{Standing, standing};
use crate::state::agents::room::Kind;
use crate::state::system::json::json;
use crate::text::{Locale, Term, ago};
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let lines = office.reviews().into_iter().map(|row| line(office, locale, row)).collect();
    let none = match office.place.show.as_str() {
        "decided" => empty(Term::NothingDecided.of(locale), Term::NothingDecidedHint.of(locale)),
        _ => empty(Term::NothingWaits.of(locale), Term::NothingWaitsHint.of(locale)),
    };
    let head = Head {
        tabs: vec![("", Term::WaitingTab), ("decided", Term::DecidedTab)],
        has_find: true,
        more: marked(office, locale),
        ..Head::default()
    };
    let detail = office
        .open_row(Kind::Review)
        .map_or_else(|| nothing(office, locale), |row| detail(office, locale, row));
    split(office, locale, &list(office, locale, head, lines, &none), &detail)
}

fn line<'a>(office: &Office, locale: Locale, row: &'a Datum) -> Line<'a> {
    let id = row.text("id");
    let is_open = row.text("status") == "open";
    let end = if is_open {
        expires(office, locale, row)
    } else {
        let (tone, words) = states::review(row.text("status"));
        chip(tone, words.of(locale))
    };
    let money = amount(locale, row.get("amount").number());
    let sure = percent(locale, row.get("confidence").number());
    let mut below = Vec::new();
    if !money.is_empty() {
        below.push(tag("span", "number", &money));
    }
    if !sure.is_empty() {
        below.push([&sure, " ", Term::Sure.of(locale)].concat());
    }
    below.push(escaped(row.text("policy")));
    let before = if is_open && office.may_decide(row) {
        let label = escaped(&Term::MarkOne.of(locale).replace("{}", row.text("title")));
        [
            "<label class=\"line-mark\"><input type=\"checkbox\" data-act=\"mark\" data-id=\"",
            &escaped(id),
            "\" aria-label=\"",
            &label,
            "\" ",
            flag("checked", office.marked.contains(id)),
            "></label>",
        ]
        .concat()
    } else {
        String::new()
    };
    Line { id, title: row.text("title"), end, below: below.join(" · "), before }
}

/// How long an open item waits for a decision.
fn expires(office: &Office, locale: Locale, row: &Datum) -> String {
    if row.is("escalated") {
        return chip("alarm", Term::Escalated.of(locale));
    }
    let Some(expires_ms) = row.integer("expires_ms").filter(|_| office.now_ms > 0) else {
        return String::new();
    };
    let left_ms = (expires_ms - office.now_ms).max(0);
    let tone = if left_ms < 300_000 { "attention" } else { "quiet" };
    chip(tone, &Term::LeftFor.of(locale).replace("{}", &ago(locale, left_ms)))
}

/// What can be done with all that are marked.
fn marked(office: &Office, locale: Locale) -> String {
    if !office.place.show.is_empty() || office.waiting() == 0 || office.is_read_only() {
        return String::new();
    }
    let count = office
        .marked
        .iter()
        .filter(|id| office.room.row(Kind::Review, id).is_some_and(|row| row.text("status") == "open"))
        .count();
    let all = button("tool tool-text", "mark-all", "", "", Term::MarkAll.of(locale), None);
    if count == 0 {
        return wrap("div", "batch", &all);
    }
    let words = Term::Marked.of(locale).replace("{}", &count.to_string());
    let approve = button("button", "approve-marked", "", "", Term::ApproveMarked.of(locale), None);
    let reject = button("button", "reject-marked", "", "", Term::RejectMarked.of(locale), None);
    let mut html = [tag("span", "batch-count number", &words), approve, reject, all].concat();
    if office.rejecting_marked {
        html.push_str(&reason(office, locale, MARKED, "marked-reason", "reject-marked-now"));
    }
    wrap("div", "batch", &html)
}

fn reason(office: &Office, locale: Locale, form: &str, id: &str, act: &str) -> String {
    let wrong =
        office.undecided.as_ref().is_some_and(|(own, refusal)| own == form && refusal.code == "no_reason");
    let typed = office.typed(form, REASON, "");
    let control = [
        "<textarea id=\"",
        id,
        "\" rows=\"2\" data-act=\"type\" data-id=\"",
        &escaped(form),
        "\" data-name=\"",
        REASON,
        "\" aria-invalid=\"",
        if wrong && typed.trim().is_empty() { "true" } else { "false" },
        "\">\n",
        &escaped(&typed),
        "</textarea>",
    ]
    .concat();
    let label = ["<label for=\"", id, "\">", Term::WhyRejected.of(locale), "</label>"].concat();
    let says = if wrong && typed.trim().is_empty() {
        tag("span", "field-error", Term::ReasonNeeded.of(locale))
    } else {
        String::new()
    };
    let send = button("button danger", act, form, "", Term::Reject.of(locale), None);
    ["<div class=\"reason\"><div class=\"field\">", &label, &control, &says, "</div>", &send, "</div>"]
        .concat()
}

fn detail(office: &Office, locale: Locale, row: &Datum) -> String {
    let id = row.text("id");
    let now = standing(row, office.now_ms);
    let may = now == Standing::Open && office.may_decide(row);
    let state = if now == Standing::Open { expires(office, locale, row) } else { decided(locale, row) };
    let parts = [
        title(row.text("title"), &state, ""),
        troubles(office, locale, row, now),
        states::sealed(locale, row),
        why(office, locale, row),
        action(office, locale, row, may),
        if may { decision(office, locale, row) } else { String::new() },
        folded(locale, &["raw-", id].concat(), Term::Raw.of(locale), &json(row)),
    ];
    wrap("div", "detail", &parts.concat())
}

/// Who decided what, and when.
fn decided(locale: Locale, row: &Datum) -> String {
    let (tone, words) = states::review(row.text("status"));
    let by = row.text("by");
    let by = if by.is_empty() {
        String::new()
    } else {
        tag("span", "muted", &Term::By.of(locale).replace("{}", by))
    };
    [chip(tone, words.of(locale)), by].concat()
}

/// What one should know before deciding: somebody was first, it is on its way, it may not be decided.
fn troubles(office: &Office, locale: Locale, row: &Datum, now: Standing) -> String {
    let id = row.text("id");
    let mut html = String::new();
    if let Some((_, why)) =
        office.undecided.as_ref().filter(|(own, why)| own == id && why.code != "no_reason")
    {
        let words = if why.status == 409 && now != Standing::Open {
            let (_, status) = states::review(row.text("status"));
            Term::SomebodyFirst.of(locale).replacen("{}", row.text("by"), 1).replacen(
                "{}",
                &crate::text::lower(status.of(locale)),
                1,
            )
        } else {
            [Term::NotDecided.of(locale), " ", &refusal(locale, why)].concat()
        };
        html.push_str(&note("alarm", &words));
    }
    if office.deciding.contains(id) {
        html.push_str(&tag("p", "working", Term::OnItsWay.of(locale)));
    }
    if now == Standing::Open && office.me.is_some() && !office.may_decide(row) {
        let role = if row.is("escalated") { "admin" } else { row.text("role") };
        html.push_str(&note("quiet", &Term::OtherRole.of(locale).replace("{}", role)));
    }
    let run = office.room.row(Kind::Run, row.text("run"));
    if let Some(run) = run.filter(|run| now != Standing::Open && run.text("status") == "failed") {
        let why = if run.text("error").is_empty() { run.text("status") } else { run.text("error") };
        html.push_str(&note("alarm", &Term::RunFailedSince.of(locale).replace("{}", why)));
    }
    if now == Standing::Expired {
        html.push_str(&note("quiet", Term::ExpiredHint.of(locale)));
    }
    html
}

fn why(office: &Office, locale: Locale, row: &Datum) -> String {
    let run = if row.text("run").is_empty() {
        String::new()
    } else {
        link(
            "",
            &office.place.to(Section::Runs, Some(row.text("run"))),
            "",
            &escaped(if row.text("node").is_empty() { row.text("run") } else { row.text("node") }),
        )
    };
    let on_expiry = match row.text("on_expiry") {
        "escalate" if !row.is("escalated") => Term::ThenEscalate,
        _ => Term::ThenReject,
    };
    let expires = row.integer("expires_ms").map(|at_ms| {
        let moment = crate::text::moment(inflight_domain::UnixMillis(at_ms));
        [&escaped(&moment), " · ", on_expiry.of(locale)].concat()
    });
    let pairs = [
        (Term::Policy, policy(row)),
        (Term::Because, because(row)),
        (Term::Confidence, percent(locale, row.get("confidence").number())),
        (Term::Amount, amount(locale, row.get("amount").number())),
        (Term::Role, escaped(row.text("role"))),
        (Term::Asked, since(locale, row.integer("created_ms"), office.now_ms)),
        (Term::Expires, expires.unwrap_or_default()),
        (Term::Reason, reason_words(locale, row)),
        (Term::Run, run),
    ];
    let words = tag("p", "why-text", row.text("why"));
    [
        "<section class=\"block\"><h3>",
        Term::Why.of(locale),
        "</h3>",
        &words,
        &facts(locale, &pairs),
        "</section>",
    ]
    .concat()
}

/// Why it was decided so, in the words of who did; why it was withdrawn, in ours.
fn reason_words(locale: Locale, row: &Datum) -> String {
    match (row.text("status"), row.text("reason")) {
        ("withdrawn", "case_closed") => Term::CaseWasClosed.of(locale).to_owned(),
        ("withdrawn", "case_superseded") => Term::CaseWentOn.of(locale).to_owned(),
        (_, reason) => escaped(reason),
    }
}

/// The policy, and its rule that asks.
fn policy(row: &Datum) -> String {
    let parts = [row.text("policy"), row.get("because").text("rule")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(escaped).collect();
    parts.join(" · ")
}

/// The numbers that met the policy's conditions: `confidence 0.72 < 0.8`.
fn because(row: &Datum) -> String {
    let reason = |reason: &Datum| {
        let sign = match reason.text("is") {
            "below" => "<",
            "above" => ">",
            "at_least" => "\u{2265}",
            "at_most" => "\u{2264}",
            "equal" => "=",
            "unknown" => "?",
            other => other,
        };
        let was = reason.get("was").number().map(number_text).unwrap_or_default();
        let than = reason.get("than").number().map(number_text).unwrap_or_default();
        let parts = [reason.text("number"), &was, sign, &than];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        tag("span", "number", &words.join(" "))
    };
    let all: Vec<String> = row.get("because").get("because").list().iter().map(reason).collect();
    all.join(", ")
}

/// What is proposed: its payload, or its fields while they are edited, and what the edit changes.
fn action(office: &Office, locale: Locale, row: &Datum, may: bool) -> String {
    let action = row.get("action");
    let kind = match action.text("type") {
        "resource_action" => Term::ResourceAction,
        "notification" => Term::Notification,
        _ => Term::ExternalCall,
    };
    let head = [
        "<p class=\"proposal\"><span class=\"pill\" data-tone=\"agent\">",
        Term::ProposedByAgent.of(locale),
        "</span> ",
        &escaped(kind.of(locale)),
        " <code>",
        &escaped(action.text("target")),
        "</code></p>",
    ]
    .concat();
    let body = if may && office.editing { form(office, locale, row) } else { members(action.get("payload")) };
    let changes = if row.get("diff").list().is_empty() {
        changes(locale, Term::Changes, &office.edited(row).changes)
    } else {
        let read = |change: &Datum| Change {
            path: change.text("field").to_owned(),
            from: Some(change.get("from").clone()),
            to: Some(change.get("to").clone()),
        };
        changes(locale, Term::Changes, &row.get("diff").list().iter().map(read).collect::<Vec<_>>())
    };
    [
        "<section class=\"block\"><h3>",
        Term::WhatIsProposed.of(locale),
        "</h3>",
        &head,
        &body,
        &changes,
        "</section>",
    ]
    .concat()
}

fn decision(office: &Office, locale: Locale, row: &Datum) -> String {
    let id = row.text("id");
    let busy = flag("disabled", office.deciding.contains(id));
    let is_edited = !office.edited(row).changes.is_empty();
    let key = |key: &str| [" <kbd aria-hidden=\"true\">", key, "</kbd>"].concat();
    let press = |class: &str, act: &str, more: &str, words: Term, letter: &str| {
        [
            "<button type=\"button\" class=\"",
            class,
            "\" data-act=\"",
            act,
            "\" data-id=\"",
            &escaped(id),
            "\" ",
            busy,
            " ",
            more,
            " aria-keyshortcuts=\"",
            &letter.to_ascii_lowercase(),
            "\"><span>",
            words.of(locale),
            "</span>",
            &key(letter),
            "</button>",
        ]
        .concat()
    };
    let approve = if is_edited { Term::ApproveEdited } else { Term::Approve };
    let has_fields = !row.get("editable").list().is_empty();
    let pressed = |on: bool| if on { "aria-pressed=\"true\"" } else { "aria-pressed=\"false\"" };
    let edit = if has_fields {
        press("button", "edit", pressed(office.editing), Term::Edit, "E")
    } else {
        String::new()
    };
    let buttons = [
        press("button primary", "approve", "", approve, "A"),
        press("button", "reject", pressed(office.rejecting), Term::Reject, "R"),
        edit,
    ]
    .concat();
    let reason = if office.rejecting {
        reason(office, locale, id, "reject-reason", "reject-now")
    } else {
        String::new()
    };
    ["<div class=\"decide\"><div class=\"acts\">", &buttons, "</div>", &reason, "</div>"].concat()
}
