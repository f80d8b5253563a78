//! Cases as HTML: how each stands, what is proposed and by which rule, its decision and its steps.

use crate::desks::agents::html::{button, chip, tag, wrap};
use crate::parts::markup::escaped;
use crate::state::cases::{Book, Case, Check, Program, Review, Step, Told};
use crate::text::{CaseWord as W, Locale, ago, clock, decimal, number_words, rule_words, step_word};
use inflight_domain::UnixMillis;

/// Numbers that every disruption has, and that say little about its kind.
const COMMON: [&str; 3] = ["confidence_pct", "duration_s", "observations"];

/// Everything above the list of disruptions.
pub fn all(book: &Book, locale: Locale, now_ms: i64) -> String {
    let waiting = match book.waiting() {
        0 => String::new(),
        1 => chip("agent", W::WaitingOne.of(locale)),
        many => chip("agent", &W::WaitingMany.of(locale).replace("{}", &many.to_string())),
    };
    let head = wrap("div", "cases-head", &[tag("h3", "", W::Cases.of(locale)), waiting].concat());
    let hint = tag("p", "hint", W::Where.of(locale));
    let state = match book.program {
        Program::Failed => {
            let retry = button("button", "retry", "", "", W::Retry.of(locale), None);
            [note("alarm", W::Failed.of(locale)), retry].concat()
        }
        Program::Loading => tag("p", "hint", W::Loading.of(locale)),
        _ if book.cases.is_empty() => tag("p", "hint", W::NoCases.of(locale)),
        _ => String::new(),
    };
    let cases: String = book.cases.iter().map(|case| card(book, locale, now_ms, case)).collect();
    [head, hint, state, cases].concat()
}

fn card(book: &Book, locale: Locale, now_ms: i64, case: &Case) -> String {
    let open = book.is_open(case);
    let (tone, state) = standing(case, now_ms);
    let expanded = if open { "aria-expanded=\"true\"" } else { "aria-expanded=\"false\"" };
    let head = [
        "<h4 class=\"case-head\"><button type=\"button\" class=\"case-fold\" data-act=\"fold\" data-id=\"",
        &escaped(&case.id),
        "\" ",
        expanded,
        "><span class=\"case-title\">",
        &escaped(&case.title),
        "</span>",
        &chip(tone, state.of(locale)),
        "</button></h4>",
    ]
    .concat();
    let body = if open { wrap("div", "case-body", &body(book, locale, now_ms, case)) } else { String::new() };
    let severity = escaped(&case.severity);
    let waits = if case.waits() { "true" } else { "false" };
    [
        "<article class=\"case\" data-key=\"",
        &escaped(&case.id),
        "\" data-severity=\"",
        &severity,
        "\" data-waits=\"",
        waits,
        "\">",
        &head,
        &body,
        "</article>",
    ]
    .concat()
}

/// How a case stands, with the tone for it.
fn standing(case: &Case, now_ms: i64) -> (&'static str, W) {
    let status =
        case.review.as_ref().map(|review| (review.status.as_str(), review.undo_ms(now_ms).is_some()));
    match status {
        Some(("open", _)) => ("agent", W::Waits),
        Some((_, true)) => ("attention", W::Held),
        Some(("rejected", _)) => ("quiet", W::Rejected),
        Some(("expired" | "withdrawn", _)) => ("quiet", W::Lapsed),
        Some(_) => ("good", W::Done),
        None if !case.sent.is_empty() => ("good", W::Done),
        None if case.is_over => ("quiet", W::Over),
        None => ("quiet", W::Watched),
    }
}

fn body(book: &Book, locale: Locale, now_ms: i64, case: &Case) -> String {
    let draft = case.review.as_ref().filter(|_| case.waits()).and_then(|review| book.draft(&review.id));
    let proposal = match (draft, &case.review) {
        (Some(draft), Some(_)) => field(locale, &case.id, draft),
        _ => tag("p", "case-proposal", &case.proposal),
    };
    let parts = [
        facts(locale, case),
        proposal,
        because(locale, case),
        outcome(locale, now_ms, case),
        case.review.as_ref().map(|review| decision(book, locale, now_ms, case, review)).unwrap_or_default(),
        record(book, locale, case),
    ];
    parts.concat()
}

/// Who proposes, how grave it is, how sure that is.
fn facts(locale: Locale, case: &Case) -> String {
    let (tone, severity) = match case.severity.as_str() {
        "critical" => ("alarm", W::Critical),
        "warning" => ("attention", W::Warning),
        _ => ("quiet", W::Notice),
    };
    let sure = case.confidence_pct.map(|percent| {
        let percent = [&percent.to_string(), "\u{a0}%"].concat();
        tag("span", "number", &W::Sure.of(locale).replace("{}", &percent))
    });
    let all =
        [chip("agent", W::Proposed.of(locale)), chip(tone, severity.of(locale)), sure.unwrap_or_default()];
    wrap("p", "case-facts", &all.concat())
}

fn field(locale: Locale, case: &str, draft: &str) -> String {
    let empty = draft.trim().is_empty();
    let help = if empty {
        tag("span", "field-error", W::TextEmpty.of(locale))
    } else {
        tag("span", "hint", W::TextHint.of(locale))
    };
    let id = ["text-", case].concat();
    [
        "<div class=\"field\"><label for=\"",
        &escaped(&id),
        "\">",
        W::TextLabel.of(locale),
        "</label><textarea rows=\"4\" maxlength=\"1000\" id=\"",
        &escaped(&id),
        "\" data-id=\"",
        &escaped(case),
        "\" aria-invalid=\"",
        if empty { "true" } else { "false" },
        "\">\n",
        &escaped(draft),
        "</textarea>",
        &help,
        "</div>",
    ]
    .concat()
}

/// The rule that judged, with the numbers that met it, and the rule that asks or lets pass.
fn because(locale: Locale, case: &Case) -> String {
    let line = |word: W, rule: &str, told: &[Told]| {
        let numbers: Vec<String> = told.iter().map(|told| condition(locale, told)).collect();
        let rule = tag("em", "", &rule_words(locale, rule));
        let numbers = if numbers.is_empty() {
            String::new()
        } else {
            [": ", &tag("span", "number", &numbers.join(", "))].concat()
        };
        wrap("p", "case-rule", &[&tag("span", "muted", word.of(locale)), " ", &rule, &numbers].concat())
    };
    let mut html = if case.because.is_empty() {
        // A rule without conditions judges the kind: then what was known of it stands there.
        let own = case.numbers.iter().filter(|(name, _)| !COMMON.contains(&name.as_str())).take(2);
        let told =
            |(name, was): &(String, f64)| Told { number: name.clone(), was: Some(*was), sign: "", than: 0.0 };
        line(W::Rule, &case.rule, &own.map(told).collect::<Vec<_>>())
    } else {
        line(W::Rule, &case.rule, &case.because)
    };
    if let Some(review) = &case.review {
        html.push_str(&line(W::AskedBy, &review.rule, &review.because));
    } else if !case.passed_by.is_empty() {
        html.push_str(&line(W::ByItself, &case.passed_by, &[]));
    }
    html
}

fn condition(locale: Locale, told: &Told) -> String {
    let (name, unit) = number_words(locale, &told.number);
    let was = told.was.map(|was| quantity(was, unit)).unwrap_or_default();
    let known = [&name, " ", &was].concat();
    if told.sign.is_empty() {
        known
    } else {
        [&known, " ", told.sign, " ", &quantity(told.than, unit)].concat()
    }
}

fn quantity(value: f64, unit: &str) -> String {
    let number = decimal((value * 100.0).round() as i64, 2);
    if unit.is_empty() { number } else { [&number, "\u{a0}", unit].concat() }
}

/// What came of it.
fn outcome(locale: Locale, now_ms: i64, case: &Case) -> String {
    let hint = |word: W| tag("p", "hint", word.of(locale));
    let held = case.review.as_ref().and_then(|review| review.undo_ms(now_ms)).is_some();
    let came = match case.review.as_ref().map(|review| review.status.as_str()) {
        _ if !case.sent.is_empty() => {
            let label = tag("span", "muted", W::Told.of(locale));
            wrap("p", "case-sent", &[label, tag("span", "", &case.sent)].concat())
        }
        Some("rejected") if !held => hint(W::NotTold),
        Some("expired" | "withdrawn") => hint(W::LapsedHint),
        None => hint(W::NoticeHint),
        Some(_) => String::new(),
    };
    if case.is_over { [came, hint(W::OverHint)].concat() } else { came }
}

fn decision(book: &Book, locale: Locale, now_ms: i64, case: &Case, review: &Review) -> String {
    let refused =
        book.refusal(&review.id).map(|why| note("alarm", &W::Refused.of(locale).replace("{}", why)));
    let press = |class: &str, act: &str, word: W| button(class, act, &case.id, "", word.of(locale), None);
    let row = if case.waits() {
        let draft = book.draft(&review.id);
        let is_edited = draft.is_some_and(|draft| draft != review.text);
        let approve = if is_edited { W::ApproveEdited } else { W::Approve };
        let edit = if draft.is_some() { W::StopEdit } else { W::Edit };
        let lapses = review.expires_ms.map(|at_ms| {
            tag("span", "hint number", &W::Lapses.of(locale).replace("{}", &ago(locale, at_ms - now_ms)))
        });
        [
            press("button primary", "approve", approve),
            press("button", "edit", edit),
            press("button", "reject", W::Reject),
            lapses.unwrap_or_default(),
        ]
        .concat()
    } else if let Some(left_ms) = review.undo_ms(now_ms) {
        let word = if review.status == "rejected" { W::RejectedBy } else { W::ApprovedBy };
        // Until it is over it is never told to be.
        let words = word.of(locale).replace("{}", &ago(locale, left_ms + 999));
        [tag("span", "case-held number", &words), press("button", "undo", W::Undo)].concat()
    } else {
        return refused.unwrap_or_default();
    };
    [refused.unwrap_or_default(), wrap("div", "case-acts", &row)].concat()
}

/// The numbers, the steps, and what proves that nothing of them was changed.
fn record(book: &Book, locale: Locale, case: &Case) -> String {
    let fold = |key: &str, title: &str, html: &str| {
        ["<details data-key=\"", key, "\"><summary>", &escaped(title), "</summary>", html, "</details>"]
            .concat()
    };
    let number = |(name, value): &(String, f64)| {
        let (name, unit) = number_words(locale, name);
        ["<div><dt>", &escaped(&name), "</dt><dd>", &quantity(*value, unit), "</dd></div>"].concat()
    };
    let numbers = wrap("dl", "case-numbers", &case.numbers.iter().map(number).collect::<String>());
    let steps: String = case.steps.iter().map(|step| step_line(locale, step)).collect();
    let count = W::Steps.of(locale).replace("{}", &case.steps.len().to_string());
    let checked = match book.check(case) {
        Some(Check::Holds(events, hash)) => {
            let words = W::Verified.of(locale).replacen("{}", &events.to_string(), 1);
            note("good", &words.replacen("{}", short(hash), 1))
        }
        Some(Check::Breaks(seq)) => note("alarm", &W::Broken.of(locale).replace("{}", &seq.to_string())),
        None => String::new(),
    };
    let show = case.icao24.map(|_| button("tool tool-text", "show", &case.id, "", W::Show.of(locale), None));
    let tools = [
        show.unwrap_or_default(),
        button("tool tool-text", "verify", &case.id, "", W::Verify.of(locale), None),
        button("tool tool-text", "export", &case.id, "", W::Export.of(locale), None),
        tag("code", "case-run", &case.run),
    ]
    .concat();
    [
        fold("numbers", W::Numbers.of(locale), &numbers),
        fold("steps", &count, &wrap("ol", "case-steps", &steps)),
        wrap("div", "case-tools", &tools),
        ["<div role=\"status\">", &checked, "</div>"].concat(),
    ]
    .concat()
}

fn step_line(locale: Locale, step: &Step) -> String {
    let about = match step.kind.as_str() {
        "policy_decided" | "approval_asked" => rule_words(locale, &step.about),
        _ if step.about == "you" => W::You.of(locale).to_owned(),
        _ => step.about.clone(),
    };
    let words = step_word(&step.kind).of(locale).replace("{}", &about);
    let when = clock(UnixMillis(step.at_ms));
    [
        "<li value=\"",
        &step.seq.to_string(),
        "\">",
        &tag("span", "", &words),
        &tag("span", "muted number", &when),
        "<code title=\"",
        &escaped(&step.hash),
        "\">",
        &escaped(short(&step.hash)),
        "</code></li>",
    ]
    .concat()
}

/// A sentence with a tone.
fn note(tone: &str, words: &str) -> String {
    ["<p class=\"case-note\" data-tone=\"", tone, "\">", &escaped(words), "</p>"].concat()
}

/// As much of a hash as tells it from others at a glance.
fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}
