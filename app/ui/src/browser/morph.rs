//! Brings a piece of the page to what its HTML says now, and leaves alone what is as it should be: focus, what is
//! selected, what is being typed, where one has scrolled and which folds are open.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Node};

/// What tells a child from the others where their number changes.
const KEY: &str = "data-key";

/// Makes the content of an element what the HTML says.
pub fn morph(place: &Element, html: &str) {
    // Elements made here belong to no page yet: nothing in them is loaded or run.
    if let Ok(fresh) = place.clone_node_with_deep(false)
        && let Ok(fresh) = fresh.dyn_into::<Element>()
    {
        fresh.set_inner_html(html);
        let _ = children(place, &fresh);
    }
}

fn children(old: &Node, new: &Node) -> Result<(), JsValue> {
    let (keyed, wanted) = (keys(old), keys(new));
    let mut at = old.first_child();
    let mut next = new.first_child();
    while let Some(fresh) = next {
        next = fresh.next_sibling();
        let key = key_of(&fresh);
        // What is gone goes first, so that what stays need not move: moving takes the focus away.
        while let Some(gone) = at.clone().filter(|node| match (key_of(node), &key) {
            (Some(own), _) => !wanted.has(&own.into()),
            (None, None) => !is_alike(node, &fresh) && follows(node, &fresh),
            (None, Some(_)) => false,
        }) {
            at = gone.next_sibling();
            old.remove_child(&gone)?;
        }
        let found = match key {
            Some(key) => keyed.get(&key.into()).dyn_into::<Node>().ok(),
            None => at.clone().filter(|node| key_of(node).is_none()),
        };
        match found.filter(|node| is_alike(node, &fresh)) {
            Some(node) => {
                if at.as_ref().is_some_and(|at| at.is_same_node(Some(&node))) {
                    at = node.next_sibling();
                } else {
                    old.insert_before(&node, at.as_ref())?;
                }
                patch(&node, &fresh)?;
            }
            None => {
                old.insert_before(&fresh, at.as_ref())?;
            }
        }
    }
    while let Some(gone) = at {
        at = gone.next_sibling();
        old.remove_child(&gone)?;
    }
    Ok(())
}

/// Whether something that can become what is wanted stands behind a node.
fn follows(node: &Node, fresh: &Node) -> bool {
    let mut next = node.next_sibling();
    while let Some(node) = next {
        if key_of(&node).is_none() && is_alike(&node, fresh) {
            return true;
        }
        next = node.next_sibling();
    }
    false
}

/// The children that have a key, by it: the browser's own map costs the program nothing.
fn keys(parent: &Node) -> js_sys::Map {
    let found = js_sys::Map::new();
    let mut next = parent.first_child();
    while let Some(node) = next {
        if let Some(key) = key_of(&node) {
            found.set(&key.into(), &node);
        }
        next = node.next_sibling();
    }
    found
}

fn key_of(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    element.get_attribute(KEY).or_else(|| element.get_attribute("id"))
}

fn is_alike(old: &Node, new: &Node) -> bool {
    old.node_type() == new.node_type() && old.node_name() == new.node_name()
}

fn patch(old: &Node, new: &Node) -> Result<(), JsValue> {
    let (Some(element), Some(fresh)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) else {
        if old.node_value() != new.node_value() {
            old.set_node_value(new.node_value().as_deref());
        }
        return Ok(());
    };
    attributes(element, fresh)?;
    if let (Some(field), Some(fresh)) =
        (old.dyn_ref::<HtmlTextAreaElement>(), new.dyn_ref::<HtmlTextAreaElement>())
    {
        if field.value() != fresh.value() {
            field.set_value(&fresh.value());
        }
        return Ok(());
    }
    children(old, new)?;
    if let (Some(field), Some(fresh)) =
        (old.dyn_ref::<HtmlSelectElement>(), new.dyn_ref::<HtmlSelectElement>())
        && field.value() != fresh.value()
    {
        field.set_value(&fresh.value());
    }
    if let (Some(field), Some(fresh)) = (old.dyn_ref::<HtmlInputElement>(), new.dyn_ref::<HtmlInputElement>())
    {
        if field.checked() != fresh.checked() {
            field.set_checked(fresh.checked());
        }
        if field.value() != fresh.value() {
            field.set_value(&fresh.value());
        }
    }
    Ok(())
}

fn attributes(old: &Element, new: &Element) -> Result<(), JsValue> {
    let text = |name: JsValue| name.as_string();
    let names: Vec<String> = new.get_attribute_names().iter().filter_map(text).collect();
    for name in &names {
        let value = new.get_attribute(name);
        if value != old.get_attribute(name) {
            old.set_attribute(name, value.as_deref().unwrap_or_default())?;
        }
    }
    for name in old.get_attribute_names().iter().filter_map(text) {
        // Whoever opened a fold closes it.
        if name != "open" && !names.contains(&name) {
            old.remove_attribute(&name)?;
        }
    }
    Ok(())
}
