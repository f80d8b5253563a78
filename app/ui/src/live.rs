//! Live values of views under a few types.
//!
//! Leptos compiles its whole machinery anew for the type of each closure in a view. One type for all texts, one for
//! flags, one for handlers and one for views that come and go keep the page's program small.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use std::borrow::Cow;

/// A text that changes.
pub type Live = Signal<Cow<'static, str>>;

/// An attribute that changes and may be absent.
pub type LiveOption = Signal<Option<Cow<'static, str>>>;

/// A handler of an event.
pub type Handler<E> = Box<dyn FnMut(E)>;

/// A view that is made anew whenever what it reads changes.
pub type Changing = Box<dyn FnMut() -> AnyView + Send>;

/// A text that changes.
pub fn live<T: Into<Cow<'static, str>>>(read: impl Fn() -> T + Send + Sync + 'static) -> Live {
    Signal::derive(move || read().into())
}

/// An attribute that changes and may be absent.
pub fn live_option<T: Into<Cow<'static, str>>>(
    read: impl Fn() -> Option<T> + Send + Sync + 'static,
) -> LiveOption {
    Signal::derive(move || read().map(Into::into))
}

/// An attribute that is there or not, such as `hidden`.
pub fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(read)
}

/// An attribute that says `true` or `false`, as those of ARIA and of the style sheet do.
pub fn truth(read: impl Fn() -> bool + Send + Sync + 'static) -> Live {
    live(move || if read() { "true" } else { "false" })
}

/// A style attribute that changes.
pub fn styled(read: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(read)
}

/// What a press of a button does.
pub fn press(mut act: impl FnMut() + 'static) -> Handler<MouseEvent> {
    Box::new(move |_| act())
}

/// What an event does.
pub fn hear<E>(act: impl FnMut(E) + 'static) -> Handler<E> {
    Box::new(act)
}

/// A view that is made anew whenever what it reads changes.
pub fn changing(make: impl FnMut() -> AnyView + Send + 'static) -> Changing {
    Box::new(make)
}

/// A view that is there while something holds.
pub fn while_true(holds: Memo<bool>, make: impl Fn() -> AnyView + Send + 'static) -> Changing {
    Box::new(move || if holds.get() { make() } else { ().into_any() })
}
