//! The altitude colour ramp: warm and light when low, cool and dark when high, so that it can be ordered without
//! seeing hue. Legend and painter share the stops; the colours come from the style sheet.

use crate::colour::{mix, oklch};
use crate::scene::{Palette, Rgb};

/// Number of stops.
pub const STOP_COUNT: usize = 7;

/// Altitudes of the stops in metres, rising. Below the first and above the last the colour stays.
pub const STOPS_M: [f64; STOP_COUNT] = [0.0, 1_000.0, 2_500.0, 4_500.0, 7_000.0, 9_500.0, 12_500.0];

/// The ramp on a dark ground as OKLCH, for a caller without a style sheet and for the tokens to be copied from.
pub const DARK_OKLCH: [[f64; 3]; STOP_COUNT] = [
    [0.875, 0.135, 80.0],
    [0.835, 0.160, 98.0],
    [0.800, 0.150, 128.0],
    [0.765, 0.130, 160.0],
    [0.730, 0.110, 205.0],
    [0.690, 0.130, 250.0],
    [0.620, 0.165, 285.0],
];

/// The ramp on a light ground as OKLCH.
pub const LIGHT_OKLCH: [[f64; 3]; STOP_COUNT] = [
    [0.665, 0.150, 62.0],
    [0.605, 0.125, 90.0],
    [0.560, 0.130, 130.0],
    [0.525, 0.105, 165.0],
    [0.490, 0.090, 215.0],
    [0.450, 0.150, 258.0],
    [0.390, 0.200, 285.0],
];

/// A ramp as sRGB.
#[must_use]
pub fn colours(stops: [[f64; 3]; STOP_COUNT]) -> [Rgb; STOP_COUNT] {
    stops.map(|[lightness, chroma, hue_deg]| oklch(lightness, chroma, hue_deg))
}

/// The colour of an altitude.
#[must_use]
pub fn colour(ramp: &[Rgb; STOP_COUNT], altitude_m: f64) -> Rgb {
    let above = STOPS_M.partition_point(|stop| *stop <= altitude_m);
    if above == 0 {
        return ramp[0];
    }
    if above == STOP_COUNT {
        return ramp[STOP_COUNT - 1];
    }
    let (low, high) = (STOPS_M[above - 1], STOPS_M[above]);
    mix(ramp[above - 1], ramp[above], ((altitude_m - low) / (high - low)) as f32)
}

impl Palette {
    /// What the painter uses on a dark ground when the caller has no style sheet.
    #[must_use]
    pub fn dark() -> Self {
        Self {
            space: oklch(0.16, 0.015, 255.0),
            ocean: oklch(0.205, 0.022, 252.0),
            land: oklch(0.275, 0.022, 252.0),
            coast: oklch(0.52, 0.035, 240.0),
            border: oklch(0.40, 0.020, 250.0),
            graticule: oklch(0.42, 0.025, 250.0),
            atmosphere: oklch(0.68, 0.110, 238.0),
            twilight: oklch(0.58, 0.085, 300.0),
            accent: oklch(0.80, 0.110, 215.0),
            alarm: oklch(0.68, 0.200, 25.0),
            ground: oklch(0.70, 0.010, 255.0),
            outline: oklch(0.14, 0.015, 255.0),
            ramp: colours(DARK_OKLCH),
            night: 0.36,
            stars: 1.0,
        }
    }

    /// What the painter uses on a light ground when the caller has no style sheet.
    #[must_use]
    pub fn light() -> Self {
        Self {
            space: oklch(0.985, 0.003, 255.0),
            ocean: oklch(0.930, 0.016, 238.0),
            land: oklch(0.985, 0.004, 250.0),
            coast: oklch(0.66, 0.035, 245.0),
            border: oklch(0.80, 0.014, 250.0),
            graticule: oklch(0.80, 0.020, 245.0),
            atmosphere: oklch(0.78, 0.075, 235.0),
            twilight: oklch(0.70, 0.060, 300.0),
            accent: oklch(0.52, 0.130, 235.0),
            alarm: oklch(0.58, 0.210, 25.0),
            ground: oklch(0.52, 0.010, 255.0),
            outline: oklch(1.0, 0.0, 255.0),
            ramp: colours(LIGHT_OKLCH),
            night: 0.16,
            stars: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Relative luminance, which is what is left of a colour for an eye that sees no hue.
    fn luminance(rgb: Rgb) -> f64 {
        let linear = rgb.map(|c| {
            if c <= 0.040_45 { f64::from(c) / 12.92 } else { ((f64::from(c) + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    proptest! {
        #[test]
        fn higher_is_darker(low_m in 0.0..12_400.0_f64, step_m in 50.0..5_000.0_f64) {
            for stops in [DARK_OKLCH, LIGHT_OKLCH] {
                let ramp = colours(stops);
                let (low, high) = (luminance(colour(&ramp, low_m)), luminance(colour(&ramp, low_m + step_m)));
                prop_assert!(high < low + 1e-6, "{low} {high}");
            }
        }
    }

    #[test]
    fn stays_at_the_ends() {
        let ramp = colours(DARK_OKLCH);
        assert_eq!(colour(&ramp, -300.0), ramp[0]);
        assert_eq!(colour(&ramp, 0.0), ramp[0]);
        assert_eq!(colour(&ramp, 7_000.0), ramp[4]);
        assert_eq!(colour(&ramp, 20_000.0), ramp[STOP_COUNT - 1]);
    }

    #[test]
    fn stands_out_from_the_ground() {
        for (palette, least) in [(Palette::dark(), 3.0), (Palette::light(), 3.0)] {
            for stop in palette.ramp {
                let (a, b) = (luminance(stop) + 0.05, luminance(palette.land) + 0.05);
                assert!(a.max(b) / a.min(b) >= least, "{stop:?}: {}", a.max(b) / a.min(b));
            }
        }
    }
}
