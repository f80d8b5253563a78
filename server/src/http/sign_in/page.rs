//! The page as HTML: one form, or who is signed in. Works without scripts.

use crate::auth::Principal;
use crate::http::sign_in::words::Words;
use axum::http::HeaderValue;
use core::fmt::{self, Display};

/// What the page shows.
#[derive(Debug)]
pub struct Content<'a> {
    /// In which language.
    pub words: &'static Words,
    /// Where to go then.
    pub to: &'a str,
    /// Who is signed in.
    pub who: Option<&'a Principal>,
    /// What was wrong.
    pub problem: Option<Problem>,
    /// Nobody has to sign in here.
    pub may_look: bool,
    /// There is a key, or tokens are taken.
    pub has_proofs: bool,
}

/// Why signing in did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was entered.
    Empty,
    /// What was entered is not good.
    Unknown,
    /// It was tried too often.
    TooMany,
    /// The page came over the network in the clear.
    NotEncrypted,
}

/// Nothing but our sheets, fonts and pictures, and forms that come to us.
pub const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

const COMMAND: &str = "inflight keys create --name ana --role viewer";

/// The whole page.
#[must_use]
pub fn html(content: &Content<'_>) -> String {
    let words = content.words;
    let inside = match content.who {
        Some(who) => signed_in(content, who),
        None => form(content),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"dark light\">\n<title>{title} · Inflight</title>\n\
         <link rel=\"stylesheet\" href=\"/pkg/inflight.css\">\n<link rel=\"stylesheet\" href=\"/sign-in/style.css\">\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n</head>\n<body class=\"entrance\">\n\
         <main class=\"entrance-card\">\n<p class=\"entrance-mark\"><img src=\"/favicon.svg\" alt=\"\" width=\"32\" \
         height=\"32\">Inflight</p>\n{inside}</main>\n</body>\n</html>\n",
        lang = words.lang,
        title = words.title,
    )
}

fn form(content: &Content<'_>) -> String {
    let words = content.words;
    let problem = content.problem.map(|problem| match problem {
        Problem::Empty => words.empty,
        Problem::Unknown => words.unknown,
        Problem::TooMany => words.too_many,
        Problem::NotEncrypted => words.not_encrypted,
    });
    let said = problem
        .map(|text| format!("<p class=\"entrance-problem\" id=\"problem\" role=\"alert\">{text}</p>\n"));
    let (invalid, described) = match problem {
        Some(_) => (" aria-invalid=\"true\"", "problem help"),
        None => ("", "help"),
    };
    let help = if content.has_proofs { words.help } else { words.no_proofs };
    let intro = if content.may_look {
        String::new()
    } else {
        format!("<p class=\"entrance-intro\">{}</p>\n", words.intro)
    };
    let look = if content.may_look {
        format!("<a class=\"entrance-link\" href=\"{}\">{}</a>\n", Escaped(content.to), words.look)
    } else {
        String::new()
    };
    format!(
        "<h1>{title}</h1>\n{intro}<form method=\"post\" action=\"/sign-in\" class=\"entrance-form\">\n\
         <input type=\"hidden\" name=\"to\" value=\"{to}\">\n<label for=\"token\">{label}</label>\n\
         <input id=\"token\" name=\"token\" type=\"password\" autocomplete=\"current-password\" autocapitalize=\"off\" \
         spellcheck=\"false\" autofocus required aria-describedby=\"{described}\"{invalid}>\n{said}\
         <p class=\"entrance-help\" id=\"help\">{help} <code>{COMMAND}</code></p>\n\
         <button class=\"button entrance-go\" type=\"submit\">{sign_in}</button>\n</form>\n{look}",
        title = words.title,
        to = Escaped(content.to),
        label = words.label,
        said = said.unwrap_or_default(),
        sign_in = words.sign_in,
    )
}

fn signed_in(content: &Content<'_>, who: &Principal) -> String {
    let words = content.words;
    let list = |names: Vec<&str>| match names[..] {
        [] => words.none.to_owned(),
        ["*"] => words.all.to_owned(),
        _ => Escaped(&names.join(", ")).to_string(),
    };
    format!(
        "<h1>{as_} <span class=\"entrance-user\">{user}</span></h1>\n<dl class=\"entrance-facts\">\n\
         <dt>{roles_name}</dt><dd>{roles}</dd>\n<dt>{businesses_name}</dt><dd>{businesses}</dd>\n</dl>\n\
         <div class=\"entrance-actions\">\n<a class=\"button entrance-go\" href=\"{to}\">{go_on}</a>\n\
         <form method=\"post\" action=\"/sign-out\"><button class=\"button\" type=\"submit\">{sign_out}</button></form>\n\
         </div>\n",
        as_ = words.signed_in_as,
        user = Escaped(who.user.as_str()),
        roles_name = words.roles,
        roles = list(who.roles.names()),
        businesses_name = words.businesses,
        businesses = list(who.grants.businesses.names()),
        to = Escaped(content.to),
        go_on = words.go_on,
        sign_out = words.sign_out,
    )
}

/// Text inside a page or an attribute.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        assert_eq!(Escaped("<a href='x'>&\"").to_string(), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }
}
