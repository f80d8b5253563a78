//! Pieces of HTML that the views of the desk are made of. Plain functions from what is known to text.

use crate::parts::Icon;
use crate::parts::markup::{escaped, svg};
use crate::state::agents::doing::Refusal;
use crate::state::agents::place::Place;
use crate::state::system::json::json;
use crate::text::{Locale, Term, ago, fixed, moment};
use inflight_domain::UnixMillis;
use inflight_wire::Datum;

/// An element with escaped text.
pub fn tag(name: &str, class: &str, words: &str) -> String {
    wrap(name, class, &escaped(words))
}

/// An element around HTML.
pub fn wrap(name: &str, class: &str, html: &str) -> String {
    let class = if class.is_empty() { String::new() } else { [" class=\"", class, "\""].concat() };
    ["<", name, &class, ">", html, "</", name, ">"].concat()
}

/// A link to a place of the desk, around HTML.
pub fn link(class: &str, place: &Place, more: &str, html: &str) -> String {
    ["<a class=\"", class, "\" href=\"", &escaped(&place.address()), "\" data-go ", more, ">", html, "</a>"]
        .concat()
}

/// A button: what it does and on what, its words and its icon.
pub fn button(class: &str, act: &str, id: &str, more: &str, words: &str, icon: Option<Icon>) -> String {
    let picture = icon.map(svg).unwrap_or_default();
    [
        "<button type=\"button\" class=\"",
        class,
        "\" data-act=\"",
        act,
        "\" data-id=\"",
        &escaped(id),
        "\" ",
        more,
        ">",
        &picture,
        "<span>",
        &escaped(words),
        "</span></button>",
    ]
    .concat()
}

/// A word with a tone.
pub fn chip(tone: &str, words: &str) -> String {
    ["<span class=\"pill\" data-tone=\"", tone, "\">", &escaped(words), "</span>"].concat()
}

/// How long ago a moment is, with the moment itself for who points at it.
pub fn since(locale: Locale, at_ms: Option<i64>, now_ms: i64) -> String {
    let Some(at_ms) = at_ms else { return String::new() };
    time(at_ms, &Term::Ago.of(locale).replace("{}", &ago(locale, now_ms - at_ms)))
}

/// Words for a moment, with the moment itself for who points at it.
pub fn time(at_ms: i64, words: &str) -> String {
    let moment = escaped(&moment(UnixMillis(at_ms)));
    ["<time title=\"", &moment, "\">", &escaped(words), "</time>"].concat()
}

/// Pairs of a word and its value, which is HTML already; what has no value is left out.
pub fn facts(locale: Locale, pairs: &[(Term, String)]) -> String {
    let pair = |(word, value): &(Term, String)| {
        if value.is_empty() {
            return String::new();
        }
        ["<div class=\"fact\"><dt>", &escaped(word.of(locale)), "</dt><dd>", value, "</dd></div>"].concat()
    };
    ["<dl class=\"facts\">", &pairs.iter().map(pair).collect::<String>(), "</dl>"].concat()
}

/// A sentence that stands where something else will.
pub fn empty(title: &str, hint: &str) -> String {
    ["<div class=\"blank\"><h2>", &escaped(title), "</h2><p class=\"hint\">", &escaped(hint), "</p></div>"]
        .concat()
}

/// A sentence with a tone before its reader goes on.
pub fn note(tone: &str, words: &str) -> String {
    let icon = svg(if tone == "good" { Icon::Well } else { Icon::Warning });
    ["<p class=\"note\" data-tone=\"", tone, "\">", &icon, "<span>", &escaped(words), "</span></p>"].concat()
}

/// Why something was not done, in a sentence with the code that can be searched.
pub fn refusal(locale: Locale, refusal: &Refusal) -> String {
    let words = match (refusal.status, refusal.message.as_str()) {
        (0, "") => Term::NoAnswer.of(locale).to_owned(),
        (403, _) => Term::Forbidden.of(locale).to_owned(),
        (404, "") => Term::NotThere.of(locale).to_owned(),
        (_, "") => Term::Failing.of(locale).to_owned(),
        (_, message) => message.to_owned(),
    };
    [words.trim_end_matches('.'), " (", &refusal.code, ")"].concat()
}

/// A value as people read it in a table: texts without quotes, the rest as JSON.
pub fn value(value: &Datum) -> String {
    match value {
        Datum::Text(text) => escaped(text),
        Datum::Nil => "<span class=\"muted\">–</span>".to_owned(),
        Datum::Map(_) | Datum::List(_) => ["<code>", &escaped(&json(value)), "</code>"].concat(),
        other => ["<span class=\"number\">", &escaped(&json(other)), "</span>"].concat(),
    }
}

/// The members of a value as a table of names and values.
pub fn members(value_of: &Datum) -> String {
    let Datum::Map(members) = value_of else { return wrap("p", "", &value(value_of)) };
    let line = |(name, own): &(String, Datum)| {
        ["<tr><th scope=\"row\">", &escaped(name), "</th><td>", &value(own), "</td></tr>"].concat()
    };
    ["<table class=\"pairs\"><tbody>", &members.iter().map(line).collect::<String>(), "</tbody></table>"]
        .concat()
}

/// JSON behind a line that opens it, with a button that copies it.
pub fn folded(locale: Locale, id: &str, title: &str, text: &str) -> String {
    [
        "<details class=\"fold\" data-key=\"",
        id,
        "\"><summary>",
        &escaped(title),
        "</summary>",
        "<div class=\"fold-body\">",
        &copy(locale, id),
        "<pre id=\"",
        id,
        "\" tabindex=\"0\">",
        &escaped(text),
        "</pre></div></details>",
    ]
    .concat()
}

/// A button that copies the text of an element.
pub fn copy(locale: Locale, id: &str) -> String {
    let words = escaped(Term::Copy.of(locale));
    [
        "<button type=\"button\" class=\"tool copy\" data-copy=\"",
        id,
        "\" aria-label=\"",
        &words,
        "\" title=\"",
        &words,
        "\">",
        &svg(Icon::Copy),
        "</button>",
    ]
    .concat()
}

/// A share of one in percent.
pub fn percent(locale: Locale, share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| {
        [&fixed(locale, (share * 100.0).round() as i64, 0), "\u{a0}%"].concat()
    })
}

/// A number with two decimals.
pub fn amount(locale: Locale, number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| fixed(locale, (number * 100.0).round() as i64, 2))
}

/// An attribute that is there or not.
pub fn flag(name: &'static str, on: bool) -> &'static str {
    if on { name } else { "" }
}

/// A field of a form: label, control, what helps, and what is wrong.
pub struct Field<'a> {
    /// The form's id.
    pub form: &'a str,
    /// The field's name.
    pub name: &'a str,
    /// What people read.
    pub label: &'a str,
    /// What stands in it.
    pub value: &'a str,
    /// What helps.
    pub hint: &'a str,
    /// What is wrong.
    pub wrong: &'a str,
    /// It cannot be changed.
    pub off: bool,
}

impl Field<'_> {
    fn id(&self) -> String {
        ["f-", &escaped(&self.name.replace(['.', ' '], "-"))].concat()
    }

    fn attributes(&self) -> String {
        let (id, is_wrong) = (self.id(), !self.wrong.is_empty());
        let described = if self.hint.is_empty() && !is_wrong {
            String::new()
        } else {
            [" aria-describedby=\"", &id, "-says\""].concat()
        };
        [
            " id=\"",
            &id,
            "\" data-act=\"type\" data-id=\"",
            &escaped(self.form),
            "\" data-name=\"",
            &escaped(self.name),
            "\" aria-invalid=\"",
            if is_wrong { "true" } else { "false" },
            "\"",
            &described,
            " ",
            flag("disabled", self.off),
        ]
        .concat()
    }

    fn around(&self, control: &str) -> String {
        let id = self.id();
        let says = match (self.wrong, self.hint) {
            ("", "") => String::new(),
            ("", hint) => {
                ["<span class=\"field-hint\" id=\"", &id, "-says\">", &escaped(hint), "</span>"].concat()
            }
            (wrong, _) => {
                ["<span class=\"field-error\" id=\"", &id, "-says\">", &escaped(wrong), "</span>"].concat()
            }
        };
        let label = ["<label for=\"", &id, "\">", &escaped(self.label), "</label>"].concat();
        ["<div class=\"field\" data-key=\"", &id, "\">", &label, control, &says, "</div>"].concat()
    }

    /// A line of text.
    pub fn line(&self, more: &str) -> String {
        self.around(
            &[
                "<input type=\"text\" autocomplete=\"off\" value=\"",
                &escaped(self.value),
                "\"",
                &self.attributes(),
                more,
                ">",
            ]
            .concat(),
        )
    }

    /// Several lines of text.
    pub fn lines(&self, rows: usize, more: &str) -> String {
        let rows = rows.to_string();
        // The first line break after the tag would be eaten.
        self.around(
            &[
                "<textarea rows=\"",
                &rows,
                "\"",
                &self.attributes(),
                more,
                ">\n",
                &escaped(self.value),
                "</textarea>",
            ]
            .concat(),
        )
    }

    /// A choice: values and their words.
    pub fn choice(&self, options: &[(&str, &str)]) -> String {
        self.around(
            &[
                "<select class=\"select\"",
                &self.attributes(),
                ">",
                &choices(self.value, options),
                "</select>",
            ]
            .concat(),
        )
    }

    /// A box that is ticked or not.
    pub fn tick(&self) -> String {
        let input = [
            "<input type=\"checkbox\" ",
            flag("checked", self.value == "true"),
            self.attributes().as_str(),
            "> ",
        ]
        .concat();
        [
            "<label class=\"tick\" data-key=\"",
            &self.id(),
            "\">",
            &input,
            "<span>",
            &escaped(self.label),
            "</span></label>",
        ]
        .concat()
    }
}

/// Options of a choice.
pub fn choices(chosen: &str, options: &[(&str, &str)]) -> String {
    let option = |(value, words): &(&str, &str)| {
        [
            "<option value=\"",
            &escaped(value),
            "\" ",
            flag("selected", *value == chosen),
            ">",
            &escaped(words),
            "</option>",
        ]
        .concat()
    };
    options.iter().map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_text_and_never_markup() {
        let evil = "<img src=x onerror=\"alert(1)\">";
        let field =
            Field { form: evil, name: "n", label: evil, value: evil, hint: evil, wrong: evil, off: false };
        for html in [
            tag("p", "", evil),
            button("b", "act", evil, "", evil, None),
            chip("good", evil),
            empty(evil, evil),
            note("good", evil),
            folded(Locale::En, "x", evil, evil),
            members(&Datum::Map(vec![(evil.to_owned(), Datum::Text(evil.to_owned()))])),
            field.line(""),
            field.lines(2, ""),
            field.choice(&[(evil, evil)]),
            field.tick(),
        ] {
            assert!(!html.contains("<img") && !html.contains("=\"alert"), "{html}");
        }
    }
}
