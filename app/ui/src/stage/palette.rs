//! The globe's colours out of the style sheet's tokens, whatever form the browser gives them in.

use inflight_globe::Palette;
use inflight_globe::scene::Rgb;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, HtmlElement};

/// Paints each colour into one pixel and reads it back: so every colour form that the browser knows is understood.
struct Probe {
    element: HtmlElement,
    style: CssStyleDeclaration,
    context: CanvasRenderingContext2d,
}

/// The colours as the style sheet now has them; the globe's own where it has none.
#[must_use]
pub fn read_palette() -> Palette {
    let Some(probe) = Probe::new() else { return Palette::dark() };
    let dark = probe.number("--globe-stars", 1.0) > 0.5;
    let base = if dark { Palette::dark() } else { Palette::light() };
    let mut ramp = base.ramp;
    for (stop, colour) in ramp.iter_mut().enumerate() {
        *colour = probe.colour(&format!("--ramp-{stop}"), *colour);
    }
    let palette = Palette {
        space: probe.colour("--globe-space", base.space),
        ocean: probe.colour("--globe-ocean", base.ocean),
        land: probe.colour("--globe-land", base.land),
        coast: probe.colour("--globe-coast", base.coast),
        border: probe.colour("--globe-border", base.border),
        graticule: probe.colour("--globe-graticule", base.graticule),
        atmosphere: probe.colour("--globe-atmosphere", base.atmosphere),
        twilight: probe.colour("--globe-twilight", base.twilight),
        accent: probe.colour("--accent", base.accent),
        alarm: probe.colour("--alarm", base.alarm),
        ground: probe.colour("--ramp-ground", base.ground),
        outline: probe.colour("--globe-outline", base.outline),
        ramp,
        night: base.night,
        stars: base.stars,
    };
    probe.element.remove();
    palette
}

impl Probe {
    fn new() -> Option<Self> {
        let window = web_sys::window()?;
        let document = window.document()?;
        let element: HtmlElement = document.create_element("i").ok()?.dyn_into().ok()?;
        element.set_hidden(true);
        document.body()?.append_child(&element).ok()?;
        let style = window.get_computed_style(&element).ok()??;
        let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(1);
        canvas.set_height(1);
        let options = js_sys::Object::new();
        // Keeps the canvas in memory, because it is only read.
        let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
        let context = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
        Some(Self { element, style, context })
    }

    /// What a token resolves to, read through a property that takes colours.
    fn colour(&self, token: &str, otherwise: Rgb) -> Rgb {
        let set = self.element.style().set_property("color", &format!("var({token}, transparent)"));
        let Ok(css) = set.and_then(|()| self.style.get_property_value("color")) else { return otherwise };
        self.context.clear_rect(0.0, 0.0, 1.0, 1.0);
        self.context.set_fill_style_str(&css);
        self.context.fill_rect(0.0, 0.0, 1.0, 1.0);
        let Ok(pixel) = self.context.get_image_data(0.0, 0.0, 1.0, 1.0) else { return otherwise };
        match pixel.data().as_slice() {
            [red, green, blue, 255] => [*red, *green, *blue].map(|channel| f32::from(channel) / 255.0),
            _ => otherwise,
        }
    }

    /// A token that resolves to a number, read through the opacity that it would be.
    fn number(&self, token: &str, otherwise: f64) -> f64 {
        let set = self.element.style().set_property("opacity", &format!("var({token})"));
        let text = set.and_then(|()| self.style.get_property_value("opacity"));
        let number = text.ok().and_then(|text| JsValue::from_str(&text).as_string());
        number.map_or(otherwise, |text| js_sys::Number::parse_float(&text)).clamp(0.0, 1.0)
    }
}
