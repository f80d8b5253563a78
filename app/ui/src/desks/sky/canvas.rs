//! The canvas: makes and keeps the painter, and turns pointers, wheel and keys into movements of the camera.

use crate::browser::{Listener, is_narrow, now_ms, pixel_ratio};
use crate::client::Client;
use crate::desk::{Desk, GlobeState, use_desk, word};
use crate::desks::sky::controls::press;
use crate::live::{hear, truth};
use crate::stage::LabelLayer;
use crate::text::Text;
use inflight_globe::{Earth, GlobePainter, Key, ScreenPoint, Viewport};
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, HtmlElement, ResizeObserver};

/// What a canvas needs as long as it lives.
struct Held {
    client: Rc<Client>,
    observer: Option<ResizeObserver>,
    _resize: Closure<dyn FnMut()>,
    _listeners: [Listener; 2],
}

/// The globe and the layer of its labels.
#[component]
pub fn Globe() -> impl IntoView {
    let desk = use_desk();
    let canvas: NodeRef<Canvas> = NodeRef::new();
    let layer: NodeRef<Div> = NodeRef::new();
    let held: RwSignal<Option<StoredValue<Held, LocalStorage>>> = RwSignal::new(None);
    Effect::new(move |_| {
        let (Some(client), Some(canvas), Some(layer)) = (desk.client(), canvas.get(), layer.get()) else {
            return;
        };
        if held.get_untracked().is_none() {
            let layer: HtmlElement = layer.unchecked_into();
            client.with_stage(|stage, _| {
                stage.set_ground(&layer);
                stage.set_ring_labels(&layer);
                stage.set_labels(LabelLayer::new(layer));
            });
            held.set(Some(StoredValue::new_local(raise(desk, client, &canvas))));
        }
    });
    Effect::new(move |_| {
        let (rings, settings) = (desk.rings.get(), desk.settings.get());
        if let Some(client) = desk.client() {
            client.with_stage(|stage, _| stage.set_rings(rings, (settings.locale, settings.units)));
        }
    });
    on_cleanup(move || {
        if let Some(Some(held)) = held.try_get_untracked() {
            held.try_with_value(Held::let_go);
        }
    });
    let act = move |act: fn(&Desk, &Rc<Client>, &PointerEvent)| {
        hear(move |event: PointerEvent| {
            if let Some(client) = desk.client_now() {
                act(&desk, &client, &event);
            }
        })
    };
    view! {
        <canvas
            id="globe"
            class="globe"
            node_ref=canvas
            tabindex="0"
            role="application"
            aria-label=word(Text::Globe)
            aria-describedby="globe-hint"
            data-hovered=truth(move || desk.hovered.read().is_some())
            on:pointerdown=act(pressed)
            on:pointermove=act(moved)
            on:pointerup=act(released)
            on:pointercancel=act(cancelled)
            on:pointerleave=act(left)
            on:contextmenu=hear(|event: MouseEvent| event.prevent_default())
            on:dblclick=hear(move |event: MouseEvent| double_clicked(desk, &event))
            on:wheel=hear(move |event: WheelEvent| wheeled(desk, &event))
            on:keydown=hear(move |event: KeyboardEvent| key_pressed(desk, &event))
        ></canvas>
        <div class="labels" node_ref=layer aria-hidden="true"></div>
        <p id="globe-hint" class="unseen">{word(Text::GlobeHint)}</p>
    }
}

impl Held {
    fn let_go(&self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
        self.client.with_stage(|stage, _| {
            stage.set_painter(None);
            stage.set_labels(None);
        });
    }
}

/// Makes the painter and everything that keeps it in shape.
fn raise(desk: Desk, client: Rc<Client>, canvas: &HtmlCanvasElement) -> Held {
    fit(&client, canvas);
    match GlobePainter::new(canvas.clone(), Earth::default()) {
        Ok(painter) => {
            client.with_stage(|stage, _| stage.set_painter(Some(painter)));
            desk.globe.set(GlobeState::Running);
            client.bring_outlines();
        }
        Err(_) => {
            let painter = GlobePainter::flat(canvas.clone()).ok();
            desk.globe.set(if painter.is_some() { GlobeState::Flat } else { GlobeState::Unsupported });
            desk.take_seat(None);
            let locale = desk.settings.get_untracked().locale;
            desk.toast.set(painter.is_some().then(|| Text::FlatMap.of(locale).to_owned()));
            client.with_stage(|stage, _| {
                stage.camera.flatten();
                stage.set_painter(painter);
            });
            // On a phone it would lie over the map.
            desk.table_open.update(|open| *open |= !is_narrow());
            client.bring_outlines();
        }
    }
    let (resized, resized_canvas) = (Rc::clone(&client), canvas.clone());
    let resize = Closure::<dyn FnMut()>::new(move || fit(&resized, &resized_canvas));
    let observer = ResizeObserver::new(resize.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(canvas);
    }
    let lost = Listener::on(canvas, "webglcontextlost", move |event| {
        // Without this the browser never gives the context back.
        event.prevent_default();
        desk.globe.set(GlobeState::Lost);
    });
    let restored = Rc::clone(&client);
    let restored = Listener::on(canvas, "webglcontextrestored", move |_| {
        let rebuilt =
            restored.with_stage(|stage, _| stage.painter().is_some_and(|painter| painter.rebuild().is_ok()));
        desk.globe.set(if rebuilt { GlobeState::Running } else { GlobeState::Lost });
    });
    Held { client, observer, _resize: resize, _listeners: [lost, restored] }
}

/// Gives the camera the size that the canvas has on the page.
fn fit(client: &Rc<Client>, canvas: &HtmlCanvasElement) {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    if width > 0.0 && height > 0.0 {
        client.with_stage(|stage, _| stage.camera.resize(Viewport::new(width, height, pixel_ratio())));
    }
}

fn point(event: &MouseEvent) -> ScreenPoint {
    ScreenPoint::new(f64::from(event.offset_x()), f64::from(event.offset_y()))
}

fn pressed(_: &Desk, client: &Rc<Client>, event: &PointerEvent) {
    if let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlCanvasElement>().ok()) {
        // Refused only for pointers that are gone already.
        let _ = target.set_pointer_capture(event.pointer_id());
    }
    let turns = event.button() == 2 || event.ctrl_key();
    let touch = event.pointer_type() != "mouse";
    client.with_stage(|stage, _| {
        stage.hover(None);
        stage.pointers.press(&mut stage.camera, event.pointer_id(), point(event), turns, touch, now_ms());
    });
}

fn moved(desk: &Desk, client: &Rc<Client>, event: &PointerEvent) {
    let dragged = client.with_stage(|stage, _| {
        if stage.pointers.is_down() {
            return stage.pointers.drag(&mut stage.camera, event.pointer_id(), point(event));
        }
        stage.hover((event.pointer_type() == "mouse").then(|| point(event)));
        false
    });
    if dragged {
        desk.set_focus(desk.focus.get_untracked().drag());
    }
}

fn released(desk: &Desk, client: &Rc<Client>, event: &PointerEvent) {
    let hit = client.with_stage(|stage, now| {
        let hit = stage.pointers.release(&mut stage.camera, event.pointer_id(), now_ms())?;
        Some((stage.pick(hit.point, hit.touch, now), hit.long))
    });
    // The right button turns the globe and means nobody; on a ride a press beside everything is no wish to get off.
    if let (Some((picked, long)), false) = (hit, event.button() == 2)
        && (picked.is_some() || desk.seat.get_untracked().is_none())
    {
        desk.press(picked, long || adds(event));
    }
}

/// Whether a press adds to the selection.
pub fn adds(event: &MouseEvent) -> bool {
    event.shift_key() || event.ctrl_key() || event.meta_key()
}

fn cancelled(_: &Desk, client: &Rc<Client>, event: &PointerEvent) {
    client.with_stage(|stage, _| stage.pointers.cancel(&mut stage.camera, event.pointer_id()));
}

fn left(_: &Desk, client: &Rc<Client>, _: &PointerEvent) {
    client.with_stage(|stage, _| stage.hover(None));
}

/// On an aircraft it follows; elsewhere it flies there, which is the way without dragging.
fn double_clicked(desk: Desk, event: &MouseEvent) {
    let Some(client) = desk.client_now() else { return };
    match client.with_stage(|stage, now| stage.pick(point(event), false, now)) {
        Some(icao24) => desk.set_focus(desk.focus.get_untracked().follow(icao24)),
        None if desk.seat.get_untracked().is_some() => {}
        None => client.with_stage(|stage, _| stage.visit_point(point(event))),
    }
}

fn wheeled(desk: Desk, event: &WheelEvent) {
    event.prevent_default();
    let Some(client) = desk.client_now() else { return };
    let lines_px = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 16.0 } else { 1.0 };
    // Touchpads send a pinch as a wheel with Ctrl, in small steps.
    let strength = if event.ctrl_key() { 0.01 } else { 0.0018 };
    let factor = (event.delta_y() * lines_px * strength).clamp(-0.8, 0.8).exp();
    client.with_stage(|stage, _| {
        if !stage.zoom_on_ride(factor) {
            stage.camera.zoom_at(point(event), factor);
        }
    });
}

fn key_pressed(desk: Desk, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(client) = desk.client_now() else { return };
    let key = match (event.key().as_str(), event.shift_key()) {
        ("ArrowLeft", false) => Key::Left,
        ("ArrowRight", false) => Key::Right,
        ("ArrowUp", false) => Key::Up,
        ("ArrowDown", false) => Key::Down,
        ("ArrowLeft", true) => Key::TurnLeft,
        ("ArrowRight", true) => Key::TurnRight,
        ("ArrowUp", true) => Key::TiltUp,
        ("ArrowDown", true) => Key::TiltDown,
        ("+" | "=", _) => Key::ZoomIn,
        ("-" | "_", _) => Key::ZoomOut,
        (key @ ("Enter" | "Tab"), backwards) => {
            // Tab walks from aircraft to aircraft once one is selected; Esc lets it leave the globe again.
            let selected = desk.focus.get_untracked().selected;
            let next = client.with_stage(|stage, now| stage.neighbour(backwards, now));
            if key == "Enter" || selected.is_some() && next.is_some() {
                event.prevent_default();
                desk.select(next.or(selected));
            }
            return;
        }
        _ => return,
    };
    event.prevent_default();
    press(desk, key);
}
