//! Words and tones of states, and what the desk says while there is nothing to show.

use crate::desks::agents::html::{button, empty, note, refusal, tag, wrap};
use crate::desks::agents::split::try_again;
use crate::parts::markup::escaped;
use crate::state::agents::office::Office;
use crate::state::agents::rows::is_untold;
use crate::text::{Locale, Term};
use inflight_wire::Datum;

/// A review's state: tone and word.
pub fn review(status: &str) -> (&'static str, Term) {
    match status {
        "approved" => ("good", Term::Approved),
        "edited" => ("good", Term::ApprovedEdited),
        "rejected" => ("quiet", Term::Rejected),
        "expired" => ("alarm", Term::Expired),
        "withdrawn" => ("quiet", Term::Withdrawn),
        _ => ("attention", Term::WaitingForYou),
    }
}

/// A run's state.
pub fn run(status: &str) -> (&'static str, Term) {
    match status {
        "running" => ("accent", Term::Running),
        "waiting" => ("quiet", Term::Waits),
        "review" => ("attention", Term::WaitsForReview),
        "failed" => ("alarm", Term::Failed),
        "cancelled" => ("quiet", Term::Cancelled),
        _ => ("good", Term::Done),
    }
}

/// A case's severity.
pub fn severity(name: &str) -> (&'static str, Term) {
    match name {
        "critical" => ("alarm", Term::Critical),
        "warning" => ("attention", Term::Warning),
        _ => ("quiet", Term::Notice),
    }
}

/// A case's state.
pub fn case(status: &str) -> (&'static str, Term) {
    match status {
        "proposed" => ("agent", Term::Proposed),
        "closed" => ("quiet", Term::Closed),
        _ => ("attention", Term::OpenCase),
    }
}

/// A schedule's state.
pub fn schedule(status: &str) -> (&'static str, Term) {
    match status {
        "paused" => ("attention", Term::Paused),
        "cancelled" => ("quiet", Term::Cancelled),
        _ => ("good", Term::Active),
    }
}

/// What is sealed: the word for it, and a way to see what rooms are not told.
pub fn sealed(locale: Locale, row: &Datum) -> String {
    if !row.is("sensitive") {
        return String::new();
    }
    let why = Term::SealedWhy.of(locale);
    let word = [
        "<span class=\"pill\" data-tone=\"quiet\" title=\"",
        &escaped(why),
        "\">",
        Term::Sealed.of(locale),
        "</span>",
    ]
    .concat();
    if !is_untold(row) {
        return wrap("p", "sealed", &word);
    }
    let show = button("button", "reload", "", "", Term::ShowSealed.of(locale), None);
    wrap("div", "sealed", &[word, tag("span", "hint", why), show].concat())
}

/// What stands above every view: that it is old, that it may only be looked at, that rows do not come.
pub fn above(office: &Office, locale: Locale) -> String {
    let mut html = String::new();
    if let Some(why) = &office.room.refused {
        html.push_str(&note("alarm", why));
    }
    if office.room.has_data && office.room.is_offline() {
        html.push_str(&note("attention", Term::Stale.of(locale)));
    }
    if let Some(why) = office.failing.as_ref().filter(|_| office.room.has_data) {
        html.push_str(&note("attention", &refusal(locale, why)));
    }
    if office.is_read_only() && office.room.has_data {
        html.push_str(&note("quiet", Term::ReadOnly.of(locale)));
    }
    html
}

/// What stands where rows will.
pub fn waiting(office: &Office, locale: Locale) -> String {
    match &office.failing {
        Some(why) => {
            let again = try_again(locale);
            [
                &empty(Term::CannotShow.of(locale), &refusal(locale, why))[..],
                "<div class=\"blank-foot\">",
                &again,
                "</div>",
            ]
            .concat()
        }
        None => {
            let line = "<span></span>".repeat(5);
            [
                "<div class=\"skeleton\" role=\"status\"><span class=\"unseen\">",
                Term::Loading.of(locale),
                "</span>",
                &line,
                "</div>",
            ]
            .concat()
        }
    }
}
