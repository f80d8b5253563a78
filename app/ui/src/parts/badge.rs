//! The connection badge: always there, honest, and one press away from why.

use crate::live::{live, press, truth};
use crate::screen::{Panel, use_screen};
use crate::state::badge::{Badge, Tone};
use crate::text::{Locale, Text, age, clock, decimal, span};
use leptos::prelude::*;

/// The word and the rest of what the badge says.
#[must_use]
pub fn say(locale: Locale, badge: &Badge) -> (&'static str, String) {
    let word = name(badge.kind()).of(locale);
    let rest = match badge {
        Badge::Connecting | Badge::Unauthorised => String::new(),
        Badge::Live { age_ms } | Badge::Delayed { age_ms } => age(locale, *age_ms),
        Badge::Replay { speed_milli, at, paused: false } => {
            format!("{} {}", factor(locale, *speed_milli), clock(*at))
        }
        Badge::Replay { at, paused: true, .. } => {
            format!("{} {}", Text::Paused.of(locale).to_ascii_lowercase(), clock(*at))
        }
        Badge::Past { at, link, .. } => {
            let behind = if *link { Text::LiveGoesOn } else { Text::LiveIsLost };
            format!("{} · {}", clock(*at), behind.of(locale))
        }
        Badge::Degraded { code, .. } => code.clone(),
        Badge::RateLimited { until: None } => String::new(),
        Badge::RateLimited { until: Some(until) } => {
            Text::RateLimitedUntil.of(locale).replace("{}", &clock(*until))
        }
        Badge::Offline { retry_in_ms: Some(wait_ms) } => {
            Text::RetryingIn.of(locale).replace("{}", &span(*wait_ms))
        }
        Badge::Offline { retry_in_ms: None } => Text::Retrying.of(locale).to_owned(),
    };
    (word, rest)
}

/// The word for a kind of badge.
#[must_use]
pub fn name(kind: &str) -> Text {
    match kind {
        "live" => Text::Live,
        "delayed" => Text::Delayed,
        "replay" => Text::Replay,
        "history" => Text::History,
        "degraded" => Text::Degraded,
        "rate_limited" => Text::RateLimited,
        "unauthorised" => Text::Unauthorised,
        "offline" => Text::Offline,
        _ => Text::Connecting,
    }
}

/// Why the badge says what it says, and what to do.
#[must_use]
pub fn why(badge: &Badge) -> Text {
    match badge {
        Badge::Connecting => Text::WhyConnecting,
        Badge::Live { .. } => Text::WhyLive,
        Badge::Delayed { .. } => Text::WhyDelayed,
        Badge::Replay { .. } => Text::WhyReplay,
        Badge::Past { .. } => Text::WhyHistory,
        Badge::Degraded { .. } => Text::WhyDegraded,
        Badge::RateLimited { .. } => Text::WhyRateLimited,
        Badge::Unauthorised => Text::WhyUnauthorised,
        Badge::Offline { .. } => Text::WhyOffline,
    }
}

/// The name of a tone, for the style sheet.
#[must_use]
pub fn tone(badge: &Badge) -> &'static str {
    match badge.tone() {
        Tone::Good => "good",
        Tone::Quiet => "quiet",
        Tone::Attention => "attention",
        Tone::Alarm => "alarm",
    }
}

/// A speed of replay given in thousandths: `4×`, `0.25×`.
#[must_use]
pub fn factor(locale: Locale, speed_milli: i64) -> String {
    let number = decimal(speed_milli, 3);
    let number = if locale == Locale::Ro { number.replace('.', ",") } else { number };
    format!("{number}\u{d7}")
}

/// The badge.
#[component]
pub fn ConnectionBadge() -> impl IntoView {
    let screen = use_screen();
    let said = move || screen.badge.with(|badge| say(screen.locale(), badge));
    view! {
        <button
            type="button"
            class="badge"
            data-opens="sources"
            data-kind=live(move || screen.badge.with(Badge::kind))
            data-tone=live(move || screen.badge.with(tone))
            aria-expanded=truth(move || screen.panel.get() == Some(Panel::Sources))
            on:click=press(move || screen.toggle_panel(Panel::Sources))
        >
            <span class="badge-dot" aria-hidden="true"></span>
            <span class="badge-word">{live(move || said().0)}</span>
            <span class="badge-rest">{live(move || said().1)}</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inflight_domain::UnixMillis;

    #[test]
    fn the_badge_says_it_in_few_words() {
        let at = UnixMillis(1_679_015_330_000);
        for (badge, english, romanian) in [
            (Badge::Live { age_ms: 300 }, "Live 0.3\u{a0}s", "În direct 0,3\u{a0}s"),
            (Badge::Delayed { age_ms: 42_000 }, "Delayed 42\u{a0}s", "Întârziat 42\u{a0}s"),
            (
                Badge::Replay { speed_milli: 4000, at, paused: false },
                "Replay 4\u{d7} 01:08:50Z",
                "Reluare 4\u{d7} 01:08:50Z",
            ),
            (
                Badge::Replay { speed_milli: 250, at, paused: true },
                "Replay paused 01:08:50Z",
                "Reluare pauză 01:08:50Z",
            ),
            (
                Badge::RateLimited { until: Some(at) },
                "Rate-limited until 01:08:50Z",
                "Limitat până la 01:08:50Z",
            ),
            (
                Badge::Offline { retry_in_ms: Some(2900) },
                "Offline retrying in 3\u{a0}s",
                "Deconectat reîncearcă în 3\u{a0}s",
            ),
        ] {
            for (locale, expected) in [(Locale::En, english), (Locale::Ro, romanian)] {
                let (word, rest) = say(locale, &badge);
                assert_eq!(format!("{word} {rest}"), expected);
            }
        }
        assert_eq!(factor(Locale::Ro, 250), "0,25\u{d7}");
    }
}
