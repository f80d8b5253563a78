//! Colours as the style sheet writes them: `oklch(...)`, `rgb(...)`, `color(srgb ...)` and `#rrggbb` to sRGB.

use crate::scene::Rgb;

/// Reads a computed CSS colour; none if the form is not known. Transparency is ignored.
#[must_use]
pub fn parse(css: &str) -> Option<Rgb> {
    let text = css.trim();
    if let Some(digits) = text.strip_prefix('#') {
        return hex(digits);
    }
    let (name, rest) = text.split_once('(')?;
    let inner = rest.strip_suffix(')')?.split('/').next()?;
    let mut words: Vec<&str> = inner.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    if name == "color" {
        (words.remove(0) == "srgb").then_some(())?;
    }
    let [first, second, third] = *words.first_chunk::<3>()?;
    let plain = |word: &str| word.trim_end_matches("deg").parse::<f64>().ok();
    let part = |word: &str, whole: f64| match word.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok().map(|value| value / 100.0 * whole),
        None => plain(word),
    };
    match name {
        "oklch" => Some(oklch(part(first, 1.0)?, part(second, 0.4)?, plain(third).unwrap_or(0.0))),
        "rgb" | "rgba" => {
            let channel = |word| part(word, 255.0).map(|value| (value / 255.0) as f32);
            Some([channel(first)?, channel(second)?, channel(third)?])
        }
        "color" => {
            let channel = |word| part(word, 1.0).map(|value| value as f32);
            Some([channel(first)?, channel(second)?, channel(third)?])
        }
        _ => None,
    }
}

/// OKLCH (lightness 0 to 1, chroma, hue in degrees) to sRGB, clipped to its gamut.
#[must_use]
pub fn oklch(lightness: f64, chroma: f64, hue_deg: f64) -> Rgb {
    let (sin, cos) = hue_deg.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let cube = |value: f64| value * value * value;
    let long = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let medium = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let short = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b);
    [
        gamma(4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short),
        gamma(-1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short),
        gamma(-0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short),
    ]
}

/// The colour between two others.
#[must_use]
pub fn mix(from: Rgb, to: Rgb, part: f32) -> Rgb {
    [0, 1, 2].map(|channel| from[channel] + (to[channel] - from[channel]) * part)
}

fn hex(digits: &str) -> Option<Rgb> {
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
    Some([16, 8, 0].map(|shift| (number >> shift & 0xff) as f32 / 255.0))
}

fn gamma(linear: f64) -> f32 {
    let linear = linear.clamp(0.0, 1.0);
    (if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_compute() {
        for (css, expected) in [
            ("#ff8000", Some([255, 128, 0])),
            ("rgb(255, 128, 0)", Some([255, 128, 0])),
            ("rgba(255 128 0 / 0.5)", Some([255, 128, 0])),
            ("color(srgb 1 0.5 0)", Some([255, 128, 0])),
            ("oklch(1 0 0)", Some([255, 255, 255])),
            ("oklch(62.8% 0.2577 29.23deg)", Some([255, 0, 0])),
            ("oklch(0.452 0.3132 264.05)", Some([0, 0, 255])),
            ("oklch(0.5 0 none)", Some([99, 99, 99])),
            ("color(display-p3 1 0 0)", None),
            ("rgb(1, 2)", None),
            ("#ff80", None),
            ("red", None),
        ] {
            let bytes = parse(css).map(|rgb| rgb.map(|channel| (channel * 255.0).round() as u8));
            let close = match (bytes, expected) {
                (Some(got), Some(want)) => {
                    got.iter().zip(want).all(|(got, want): (&u8, u8)| got.abs_diff(want) <= 1)
                }
                (got, want) => got.is_none() && want.is_none(),
            };
            assert!(close, "{css}: {bytes:?}, expected {expected:?}");
        }
    }
}
