//! The field to say something in, and what was said but not confirmed.

use crate::desks::agents::chat::article;
use crate::desks::agents::html::{button, choices, flag, note, refusal, tag, wrap};
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::office::Office;
use crate::state::agents::talk::{Outgoing, Way};
use crate::text::{Locale, Term};

/// Messages of one's own that the server has not confirmed.
pub fn outgoing(office: &Office, locale: Locale) -> String {
    let one = |message: &Outgoing| {
        let again = |words: Term| {
            let again = button("button", "retry", &message.id, "", words.of(locale), Some(Icon::Loop));
            [again, button("button", "drop", &message.id, "", Term::GiveUp.of(locale), None)].concat()
        };
        let (more, why, foot) = match &message.way {
            Way::Sending => {
                ("aria-busy=\"true\"", String::new(), tag("span", "muted", Term::Sending.of(locale)))
            }
            Way::Unconfirmed => ("", note("attention", Term::Unconfirmed.of(locale)), again(Term::SendAgain)),
            Way::Refused(why) => {
                let why = [Term::NotSent.of(locale), " ", &refusal(locale, why)].concat();
                ("", note("alarm", &why), again(Term::TryAgain))
            }
        };
        let words = tag("p", "message-text", &message.words);
        article(&message.id, "user", more, &[words, why, wrap("footer", "", &foot)].concat())
    };
    office.outgoing.iter().map(one).collect()
}

/// The field, with what a message needs besides its words.
pub fn composer(office: &Office, locale: Locale) -> String {
    if office.is_read_only() {
        return wrap("div", "composer", &tag("p", "hint", Term::ReadOnlyChat.of(locale)));
    }
    let lines = office.composer.lines().count().clamp(1, 8).to_string();
    let place = place(office, locale);
    let blank = office.composer.trim().is_empty() || office.room.business.is_empty() || !place.is_empty();
    let send = button("button primary", "send", "", flag("disabled", blank), Term::Send.of(locale), None);
    [
        "<div class=\"composer\">",
        &place,
        "<label class=\"unseen\" for=\"composer\">",
        Term::Message.of(locale),
        "</label>",
        "<textarea id=\"composer\" data-act=\"compose\" rows=\"",
        &lines,
        "\" placeholder=\"",
        &escaped(Term::Message.of(locale)),
        "\">\n",
        &escaped(&office.composer),
        "</textarea>",
        &send,
        "<div class=\"composer-foot\"><label class=\"tick\" title=\"",
        &escaped(Term::SealedWhy.of(locale)),
        "\"><input type=\"checkbox\" data-act=\"sensitive\" ",
        flag("checked", office.is_sensitive),
        "> <span>",
        Term::Sealed.of(locale),
        "</span></label><span class=\"hint composer-hint\">",
        Term::ComposerHint.of(locale),
        "</span></div></div>",
    ]
    .concat()
}

/// Whoever speaks for some places only says first for which one.
fn place(office: &Office, locale: Locale) -> String {
    let places = office.places_to_choose();
    if places.is_empty() {
        return String::new();
    }
    let all = office.room.businesses.iter().find(|row| row.text("businessId") == office.place.business);
    let all = all.map_or(&[][..], |row| row.get("locations").list());
    let name = |id: &str| {
        let known = all.iter().find(|row| row.text("locationId") == id).map_or("", |row| row.text("name"));
        if known.is_empty() { id.to_owned() } else { known.to_owned() }
    };
    let names: Vec<String> = places.iter().map(|id| name(id)).collect();
    let mut options = vec![("", Term::ChoosePlace.of(locale))];
    options.extend(places.iter().map(String::as_str).zip(names.iter().map(String::as_str)));
    [
        "<div class=\"composer-place\"><label for=\"composer-place\">",
        Term::WhichPlace.of(locale),
        "</label> <select class=\"select\" id=\"composer-place\" data-act=\"location\">",
        &choices(&office.place.location, &options),
        "</select></div>",
    ]
    .concat()
}
