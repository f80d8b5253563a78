//! Message models: the template with its typed parameters, what it looks like filled in, and all its versions.

use crate::desks::agents::html::{Field, button, chip, empty, facts, link, note, refusal, since, tag, wrap};
use crate::desks::agents::listed::{listed, remove};
use crate::desks::agents::schedules::framed;
use crate::desks::agents::split::{Head, Line, holds, list, nothing, split, title};
use crate::parts::Icon;
use crate::parts::markup::escaped;
use crate::state::agents::diff;
use crate::state::agents::office::Office;
use crate::state::agents::place::{NEW, Place};
use crate::state::agents::room::Kind;
use crate::state::agents::words::Parameter;
use crate::text::{Locale, Term, integer};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// Types of parameters.
const TYPES: [(&str, Term); 6] = [
    ("text", Term::TypeText),
    ("number", Term::TypeNumber),
    ("money", Term::TypeMoney),
    ("time", Term::TypeTime),
    ("choice", Term::TypeChoice),
    ("list", Term::TypeList),
];

/// The view.
pub fn view(office: &Office, locale: Locale) -> String {
    let rows: Vec<&Datum> =
        office.room.rows(Kind::Model).filter(|row| holds(row, &office.place.find)).collect();
    let lines = rows.iter().map(|row| line(locale, row)).collect();
    let head = Head { has_find: true, new: office.may_edit().then_some(Term::NewModel), ..Head::default() };
    let none = empty(Term::NoModels.of(locale), Term::NoModelsHint.of(locale));
    let detail = match office.place.id.as_deref() {
        Some(NEW) => form(office, locale, NEW, &Datum::Nil),
        _ => office
            .open_row(Kind::Model)
            .map_or_else(|| nothing(office, locale), |row| detail(office, locale, row)),
    };
    split(office, locale, &list(office, locale, head, lines, &none), &detail)
}

fn line(locale: Locale, row: &Datum) -> Line<'_> {
    let version = ["v", &row.integer("version").unwrap_or(1).to_string()].concat();
    let used =
        Term::UsedTimes.of(locale).replace("{}", &integer(locale, row.integer("usageCount").unwrap_or(0)));
    let first = row.text("messageTemplate").chars().take(80).collect::<String>();
    let below = [tag("span", "template-start", &first), tag("span", "", &used)].join(" · ");
    Line {
        id: row.text("decisionCode"),
        title: row.text("decisionCode"),
        end: chip("quiet", &version),
        below,
        before: String::new(),
    }
}

fn moment(row: &Datum, name: &str) -> Option<i64> {
    let text = row.text(name);
    UnixMillis::parse_rfc3339(text)
        .map(|at| at.0)
        .or_else(|| row.integer(&[name, "_ms"].concat()))
        .filter(|at_ms| *at_ms > 0)
}

fn detail(office: &Office, locale: Locale, row: &Datum) -> String {
    let code = row.text("decisionCode");
    let version = ["v", &row.integer("version").unwrap_or(1).to_string()].concat();
    let pairs = [
        (Term::Used, integer(locale, row.integer("usageCount").unwrap_or(0))),
        (Term::LastUsed, since(locale, moment(row, "lastUsed"), office.now_ms)),
        (Term::Changed, since(locale, moment(row, "updatedAt"), office.now_ms)),
        (Term::BusinessType, escaped(row.text("businessType"))),
        (Term::Location, escaped(row.text("locationContext"))),
    ];
    let head = [title(code, &chip("quiet", &version), ""), facts(locale, &pairs)].concat();
    [wrap("div", "detail", &head), form(office, locale, code, row), versions(office, locale, row)].concat()
}

fn form(office: &Office, locale: Locale, id: &str, row: &Datum) -> String {
    let may = office.may_edit();
    let bad = office.form(id).and_then(|form| form.refused.as_ref());
    let wrong = |name: &str| {
        let own = bad.filter(|why| why.field == name);
        own.map(|why| {
            if why.message.is_empty() { Term::FaultEmpty.of(locale).to_owned() } else { why.message.clone() }
        })
        .unwrap_or_default()
    };
    let code = if id == NEW {
        let (value, wrong) = (office.typed(id, "decisionCode", ""), wrong("decisionCode"));
        Field {
            form: id,
            name: "decisionCode",
            label: Term::DecisionCode.of(locale),
            value: &value,
            hint: Term::DecisionCodeHint.of(locale),
            wrong: &wrong,
            off: false,
        }
        .line("")
    } else {
        String::new()
    };
    let template = office.template(id);
    let wrong_template = wrong("messageTemplate");
    let template = Field {
        form: id,
        name: "messageTemplate",
        label: Term::Template.of(locale),
        value: &template,
        hint: Term::TemplateHint.of(locale),
        wrong: &wrong_template,
        off: !may,
    }
    .lines(6, " spellcheck=\"true\"");
    let shown = if may { preview(office, locale) } else { String::new() };
    let html = [code, template, parameters(office, locale, id, may), shown].concat();
    if may {
        let heading = if *row == Datum::Nil { Term::NewModel } else { Term::EditModel };
        framed(office, locale, id, heading.of(locale), &html)
    } else {
        wrap("section", "block form", &html)
    }
}

/// The parameters with their types, each with a field for the value that the preview takes.
fn parameters(office: &Office, locale: Locale, id: &str, may: bool) -> String {
    let types: Vec<(&str, &str)> = TYPES.iter().map(|(name, words)| (*name, words.of(locale))).collect();
    let line = |(place, [name, kind, required, description, choices]): (usize, Parameter)| {
        let field = |part: &str, label: Term, value: &str, how: &dyn Fn(&Field<'_>) -> String| {
            let name = format!("{place}.{part}");
            how(&Field {
                form: id,
                name: &name,
                label: label.of(locale),
                value,
                hint: "",
                wrong: "",
                off: !may,
            })
        };
        let sample = ["value.", &name].concat();
        let typed = office.typed(id, &sample, "");
        let sample = Field {
            form: id,
            name: &sample,
            label: Term::SampleValue.of(locale),
            value: &typed,
            hint: "",
            wrong: "",
            off: false,
        };
        let words = Term::RemoveParameter.of(locale).replace("{}", &name);
        let remove = if may { remove("parameter-remove", place, &words) } else { String::new() };
        let html = [
            field("name", Term::Name, &name, &|field| field.line(" spellcheck=\"false\"")),
            field("type", Term::Type, &kind, &|field| field.choice(&types)),
            if kind == "choice" {
                field("choices", Term::Choices, &choices, &|field| field.line(""))
            } else {
                String::new()
            },
            field("description", Term::Description, &description, &|field| field.line("")),
            sample.line(""),
            field("required", Term::Required, &required, &|field| field.tick()),
            remove,
        ]
        .concat();
        ("parameter", ["p", &place.to_string()].concat(), html)
    };
    let lines: Vec<_> = office.parameters(id).into_iter().enumerate().map(line).collect();
    let add = if may {
        button("button", "parameter-add", id, "", Term::AddParameter.of(locale), Some(Icon::Plus))
    } else {
        String::new()
    };
    listed(Term::Parameters.of(locale), Term::NoParameters.of(locale), &lines, &add)
}

/// What the template looks like filled in, in both languages, and what is wrong with it.
fn preview(office: &Office, locale: Locale) -> String {
    let shown: Vec<String> = [Locale::En, Locale::Ro].map(|own| in_language(office, locale, own)).into();
    // What is wrong with a template is wrong in each language.
    let problems = office.previews.iter().flatten().find_map(|preview| preview.as_ref().ok());
    let problems = problems.map(|answer| problems_of(locale, answer)).unwrap_or_default();
    [
        "<div class=\"preview\" aria-live=\"polite\"><h4>",
        Term::Preview.of(locale),
        "</h4>",
        &shown.concat(),
        &problems,
        "</div>",
    ]
    .concat()
}

/// The preview in one language.
fn in_language(office: &Office, locale: Locale, own: Locale) -> String {
    let body = match &office.previews[own as usize] {
        None => tag("p", "hint", Term::Loading.of(locale)),
        Some(Err(why)) => note("attention", &refusal(locale, why)),
        Some(Ok(answer)) => {
            let lang = ["<p class=\"preview-text\" lang=\"", own.tag(), "\">"].concat();
            [&lang, escaped(answer.text("text")).as_str(), "</p>"].concat()
        }
    };
    let name = match own {
        Locale::En => Term::InEnglish,
        Locale::Ro => Term::InRomanian,
    };
    [tag("span", "preview-language", name.of(locale)), body].concat()
}

fn problems_of(locale: Locale, answer: &Datum) -> String {
    let problem = |problem: &Datum| {
        let name = problem.text("parameter");
        let name =
            if name.is_empty() { String::new() } else { ["<code>", &escaped(name), "</code> "].concat() };
        let words = if problem.text("expected").is_empty() {
            problem.text("message").to_owned()
        } else {
            let words = Term::Expected.of(locale).replacen("{}", problem.text("expected"), 1);
            words.replacen("{}", problem.text("found"), 1)
        };
        ["<li>", &name, &escaped(&words), "</li>"].concat()
    };
    let problems: String = answer.get("problems").list().iter().map(problem).collect();
    if problems.is_empty() { problems } else { wrap("ul", "problems", &problems) }
}

/// All versions, and how the one that is looked at differs from what is in the form.
fn versions(office: &Office, locale: Locale, row: &Datum) -> String {
    let code = row.text("decisionCode");
    let all = office.versions_of(code);
    if all.is_empty() {
        return String::new();
    }
    let line = |version: &Datum| {
        let number = version.integer("version").unwrap_or(0);
        let is_here = office.place.version == Some(number);
        let current = if is_here { "aria-current=\"true\"" } else { "" };
        let place = Place { version: if is_here { None } else { Some(number) }, ..office.place.clone() };
        let html = [
            tag("span", "number", &["v", &number.to_string()].concat()),
            since(locale, moment(version, "createdAt"), office.now_ms),
        ]
        .concat();
        ["<li>", &link("step-link", &place, current, &html), "</li>"].concat()
    };
    let chosen = all.iter().find(|version| version.integer("version") == office.place.version);
    let shown = chosen.map(|version| {
        let template = office.template(code);
        let lines: String = diff::lines(version.text("messageTemplate"), &template)
            .into_iter()
            .map(|line| match line {
                diff::Line::Same(text) => tag("span", "diff-same", text),
                diff::Line::Gone(text) => tag("del", "", text),
                diff::Line::New(text) => tag("ins", "", text),
            })
            .collect();
        let restore = if office.may_edit() {
            button("button", "restore", code, "", Term::Restore.of(locale), Some(Icon::History))
        } else {
            String::new()
        };
        let label = Term::DiffTo.of(locale).replace("{}", &office.place.version.unwrap_or(0).to_string());
        [
            "<div class=\"version\"><h4>",
            &escaped(&label),
            "</h4><pre class=\"diff\" tabindex=\"0\">",
            &lines,
            "</pre>",
            &restore,
            "</div>",
        ]
        .concat()
    });
    [
        "<section class=\"block\"><h3>",
        Term::Versions.of(locale),
        "</h3><ol class=\"step-list versions\">",
        &all.iter().map(line).collect::<String>(),
        "</ol>",
        &shown.unwrap_or_default(),
        "</section>",
    ]
    .concat()
}
