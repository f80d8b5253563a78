//! What the colours mean: the altitude ramp with its numbers, and how many aircraft are shown.

use crate::desk::{use_desk, word};
use crate::desks::sky::filters::shown_count;
use crate::live::{live, styled};
use crate::text::{Text, Units, integer};
use inflight_globe::ramp::STOPS_M;
use leptos::prelude::*;

/// Altitudes that are written under the ramp, far enough from each other for their numbers.
const FEET: [i64; 4] = [0, 5_000, 15_000, 40_000];
const METRES: [i64; 4] = [0, 1_500, 4_500, 12_000];

/// The legend.
#[component]
pub fn Legend() -> impl IntoView {
    let desk = use_desk();
    let ticks = (0..FEET.len())
        .map(|index| {
            let text = move || {
                let settings = desk.settings.get();
                let numbers = if settings.units == Units::Metric { METRES } else { FEET };
                integer(settings.locale, numbers[index])
            };
            let left = move || {
                let metres = match desk.settings.read().units {
                    Units::Metric => METRES[index] as f64,
                    _ => FEET[index] as f64 * 0.3048,
                };
                format!("--at:{}", permille(metres))
            };
            view! { <span class="legend-tick" style=styled(left)>{live(text)}</span> }
        })
        .collect_view();
    view! {
        <div class="legend">
            <div class="legend-head">
                <span>{word(Text::Legend)}" "<span class="unit">{live(move || desk.settings.read().units.altitude_unit())}</span></span>
                <span class="legend-count">{shown_count(desk)}</span>
            </div>
            <div class="legend-ramp" aria-hidden="true"></div>
            <div class="legend-ticks">{ticks}</div>
            <div class="legend-ground"><span class="legend-swatch" aria-hidden="true"></span>{word(Text::LegendGround)}</div>
        </div>
    }
}

/// Place of an altitude on the ramp in thousandths of its length; the ramp's stops stand at even distances.
fn permille(metres: f64) -> i64 {
    let last = STOPS_M.len() - 1;
    let above = STOPS_M.iter().position(|stop| *stop > metres).unwrap_or(last).clamp(1, last);
    let (low, high) = (STOPS_M[above - 1], STOPS_M[above]);
    let part = ((metres - low) / (high - low)).clamp(0.0, 1.0);
    (((above - 1) as f64 + part) / last as f64 * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_where_the_ramp_has_their_colour() {
        for (index, stop) in STOPS_M.iter().enumerate() {
            assert_eq!(permille(*stop), (index as f64 / 6.0 * 1000.0).round() as i64);
        }
        assert_eq!((permille(-50.0), permille(90_000.0)), (0, 1000));
        assert!(permille(3000.0) > permille(2999.0 - 1.0) - 1);
    }
}
