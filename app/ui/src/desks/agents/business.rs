//! The business: its name, places and settings for admins to change, and the way to the first one.

use crate::desks::agents::html::{Field, button, flag, link, refusal, tag, wrap};
use crate::desks::agents::listed::{listed, remove};
use crate::desks::agents::people::people;
use crate::desks::agents::schedules::framed;
use crate::desks::agents::states;
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::business::LOCATION;
use crate::state::agents::office::Office;
use crate::state::agents::place::{NEW, Section};
use crate::text::{Locale, More, Term, zone_offset};
use inflight_wire::Datum;

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let is_new = office.business_form() == NEW;
    let body = if !office.room.has_data {
        states::waiting(office, locale)
    } else if is_new && office.may_make() {
        form(office, locale)
    } else if is_new {
        super::html::note("attention", Term::Forbidden.of(locale))
    } else if let Some(why) = &office.own.refused {
        super::html::note("alarm", &refusal(locale, why))
    } else if *office.business_row() == Datum::Nil {
        states::waiting(office, locale)
    } else {
        form(office, locale)
    };
    let new = if !is_new && office.may_make() && office.room.has_data {
        let place = office.place.to(Section::Business, Some(NEW));
        wrap("div", "acts", &link("button", &place, "", More::NewBusiness.of(locale)))
    } else {
        String::new()
    };
    let name = office.business_row().text("name");
    let head = tag("h2", "", if is_new { More::NewBusiness.of(locale) } else { name });
    let head = if head == "<h2></h2>" { String::new() } else { head };
    let html = [states::above(office, locale), head, body, new].concat();
    // Who may only look finds nothing in it to put the focus on, and has to scroll.
    let label = escaped(Term::Business.of(locale));
    let open =
        ["<div class=\"page\" id=\"detail\" role=\"region\" tabindex=\"0\" aria-label=\"", &label, "\">"]
            .concat();
    [&open[..], &html, "</div>"].concat()
}

/// What stands where there is no business: the way to one, or whom to ask.
pub fn first(office: &Office, locale: Locale) -> String {
    let user = office.me.as_ref().filter(|me| me.is("signed_in")).map(|me| me.text("user"));
    let command =
        |rest: &str| ["<pre tabindex=\"0\">inflight keys create ", &escaped(rest), "</pre>"].concat();
    let (hint, body) = if office.may_make() {
        let place = office.place.to(Section::Business, Some(NEW));
        (More::FirstBusinessHint, link("button primary", &place, "", More::MakeBusiness.of(locale)))
    } else if let Some(user) = user {
        let rest = ["--name ", user, " --role coordinator --business B1"].concat();
        (More::AskForBusiness, command(&rest))
    } else {
        let to = crate::state::percent::encode(&office.place.address());
        let sign_in =
            ["<a class=\"button primary\" href=\"/sign-in?to=", &to, "\">", Term::SignIn.of(locale), "</a>"]
                .concat();
        (More::SignInForBusiness, [command("--name ana --role admin"), sign_in].concat())
    };
    let head =
        ["<h2>", More::FirstBusiness.of(locale), "</h2><p class=\"hint\">", hint.of(locale), "</p>"].concat();
    ["<div class=\"page\"><div class=\"blank first-business\">", &head, &body, "</div></div>"].concat()
}

fn form(office: &Office, locale: Locale) -> String {
    let (id, off) = (office.business_form(), !office.may_edit());
    let line = |field: &Field<'_>| field.line("");
    let numbers = |field: &Field<'_>| field.line(" inputmode=\"decimal\"");
    let plain = |field: &Field<'_>| field.line(" spellcheck=\"false\"");
    let languages = [
        ("", More::AnyLanguage.of(locale)),
        ("en", More::English.of(locale)),
        ("ro", More::Romanian.of(locale)),
    ];
    let crossing = [
        ("", More::AnyLanguage.of(locale)),
        ("stop", More::CrossingStop.of(locale)),
        ("degrade", More::CrossingDegrade.of(locale)),
        ("ask", More::CrossingAsk.of(locale)),
    ];
    let field = |name: &str, label: &str, hint: Option<More>, how: &dyn Fn(&Field<'_>) -> String| {
        let value = office.business_value(name);
        let wrong = wrong(office, locale, name, &value);
        let hint = hint.map_or("", |hint| hint.of(locale));
        how(&Field { form: id, name, label, value: &value, hint, wrong: &wrong, off })
    };
    let own = if id == NEW {
        field("id", Term::Id.of(locale), Some(More::BusinessIdHint), &plain)
    } else {
        String::new()
    };
    let html = [
        own,
        field("name", Term::Name.of(locale), None, &line),
        field("type", Term::BusinessType.of(locale), Some(More::BusinessTypeHint), &line),
        locations(office, locale),
        people(office, locale, &|name, value| wrong(office, locale, name, value)),
        tag("h4", "", More::HowAgentsWork.of(locale)),
        field("locale", More::LanguageOf.of(locale), Some(More::LanguageHint), &|field| {
            field.choice(&languages)
        }),
        field("timeZone", Term::TimeZone.of(locale), Some(More::BusinessZoneHint), &plain),
        field("confidenceMin", More::ConfidenceMin.of(locale), Some(More::ConfidenceMinHint), &numbers),
        field("amountMax", More::AmountMax.of(locale), Some(More::AmountMaxHint), &numbers),
        field("budget.costDollars", More::RunDollars.of(locale), Some(More::RunLimitHint), &numbers),
        field("budget.tokens", More::RunTokens.of(locale), Some(More::RunLimitHint), &numbers),
        field("budget.onCrossing", More::OnCrossing.of(locale), Some(More::OnCrossingHint), &|field| {
            field.choice(&crossing)
        }),
        field("fleet", More::Fleet.of(locale), Some(More::FleetHint), &plain),
        left_out(office, locale),
    ]
    .concat();
    // Who may not change it sees the same, and who can.
    if off {
        let hint = tag("p", "hint", More::BusinessReadOnly.of(locale));
        let title = tag("h3", "", Term::Business.of(locale));
        return wrap("section", "block form", &[title, hint, html].concat());
    }
    let heading = if id == NEW { More::NewBusiness } else { More::EditBusiness };
    framed(office, locale, id, heading.of(locale), &html)
}

/// What does not stay when it is saved.
fn left_out(office: &Office, locale: Locale) -> String {
    let names = office.left_out();
    if names.is_empty() {
        return String::new();
    }
    tag("p", "hint", &More::SettingsLeftOut.of(locale).replace("{}", &names))
}

/// What is wrong with a field: as it is typed, or as it was refused.
fn wrong(office: &Office, locale: Locale, name: &str, value: &str) -> String {
    let is_zone = name == "timeZone";
    if is_zone && !value.is_empty() && office.now_ms > 0 && zone_offset(value, office.now_ms).is_none() {
        return Term::FaultZone.of(locale).to_owned();
    }
    let form = office.form(office.business_form());
    let refused = form.and_then(|form| form.refused.as_ref());
    let is_it = |field: &str| {
        field.trim_start_matches("settings.") == name
            || office.field_of_people(field).as_deref() == Some(name)
    };
    let Some(why) = refused.filter(|why| is_it(&why.field)) else { return String::new() };
    match (why.message.as_str(), name) {
        ("", "confidenceMin") => More::FaultShare.of(locale).to_owned(),
        ("", "amountMax" | "budget.tokens" | "budget.costDollars") => Term::FaultNumber.of(locale).to_owned(),
        ("", name) if name.starts_with("person.") && !value.trim().is_empty() => {
            let fault = if name.ends_with("user") { More::FaultTwice } else { More::FaultPlaces };
            fault.of(locale).to_owned()
        }
        ("", _) => Term::FaultEmpty.of(locale).to_owned(),
        (message, _) => message.to_owned(),
    }
}

fn locations(office: &Office, locale: Locale) -> String {
    let (id, off) = (office.business_form(), !office.may_edit());
    let labels = [Term::Id, Term::Name, Term::Type];
    let all = office.locations();
    let line = |(place, location): (usize, &[String; 3])| {
        let number = place.to_string();
        let mut html = String::new();
        for ((name, value), label) in LOCATION.iter().zip(location).zip(labels) {
            let name = [&number, ".", *name].concat();
            let wrong = wrong(office, locale, &name, value);
            let label = label.of(locale);
            let field = Field { form: id, name: &name, label, value, hint: "", wrong: &wrong, off };
            html.push_str(&field.line(" spellcheck=\"false\""));
        }
        let named = location.iter().find(|text| !text.is_empty()).map_or(number.as_str(), String::as_str);
        if !off {
            let words = More::RemoveLocation.of(locale).replace("{}", named);
            html.push_str(&remove("location-remove", place, &words));
        }
        ("parameter location", ["l", &number].concat(), html)
    };
    let lines: Vec<_> = all.iter().enumerate().map(line).collect();
    let full = flag("disabled", all.len() >= crate::state::agents::business::MOST_LOCATIONS);
    let more = ["id=\"location-add\" ", full].concat();
    let add = if off {
        String::new()
    } else {
        button("button", "location-add", "", &more, More::AddLocation.of(locale), Some(Icon::Plus))
    };
    listed(More::Locations.of(locale), More::NoLocations.of(locale), &lines, &add)
}
