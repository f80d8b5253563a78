//! Things in a form, each with its fields, of which there may be more or fewer.

use crate::desks::agents::html::{button, tag};
use crate::parts::Icon;
use crate::parts::markup::escaped;

/// The list: its title, what stands there without any, each one as class, key and HTML, and the button for one more.
pub fn listed(title: &str, none: &str, all: &[(&str, String, String)], add: &str) -> String {
    let one = |(class, key, html): &(&str, String, String)| {
        ["<li class=\"", class, "\" data-key=\"", key, "\">", html, "</li>"].concat()
    };
    let lines: String = all.iter().map(one).collect();
    let none = if lines.is_empty() { tag("p", "hint", none) } else { String::new() };
    ["<div class=\"parameters\"><h4>", title, "</h4>", &none, "<ul>", &lines, "</ul>", add, "</div>"].concat()
}

/// The button that takes one away, with words for who cannot see its sign.
pub fn remove(act: &str, place: usize, words: &str) -> String {
    let words = escaped(words);
    let label = ["aria-label=\"", &words, "\" title=\"", &words, "\""].concat();
    button("tool", act, &place.to_string(), &label, "", Some(Icon::Close))
}
