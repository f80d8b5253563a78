//! From an HTTP request to a connection: origin, subprotocol, format, limits.

use crate::auth::Pass;
use crate::history::History;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use crate::http::{App, origin};
use crate::hub::form::Form;
use crate::watch::connection::Guest;
use crate::ws::flights;
use crate::ws::link::Link;
use crate::ws::plain::{self, Dress, Plain};
use crate::ws::socket::handshake::Handshake;
use crate::ws::stream::{Stream, words};
use crate::ws::transport::Transport;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use inflight_wire::Format;

type Upgrade = Result<Handshake, HttpError>;

/// `/stream/ws`.
///
/// # Errors
/// No WebSocket request, a foreign origin, or only unknown subprotocols.
pub async fn stream(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Upgrade,
    pass: Pass,
) -> Result<Response, HttpError> {
    let upgrade = admit(&app, &headers, upgrade)?;
    let Some(form) = choose(&headers)? else { return Ok(plain_messages(app, upgrade, &headers, pass)) };
    let endpoint = app.metrics.endpoint("stream", form.name());
    let guest = guest("stream", form.name(), &headers, &pass);
    let keeps = app.reload.features().borrow().is_on("history");
    let history = if keeps { app.history.clone() } else { History::off("FEATURES says so") };
    Ok(upgrade.speaking(form.subprotocol()).then(move |socket| {
        let link = Link::new(socket, app.metrics.clone(), endpoint, pass).speaking(words(form));
        served(link, app, guest, move |link, app| {
            Box::new(Stream::new(link, app.hub, history, form)).run(app.stop)
        })
    }))
}

/// `/ws/flights`.
///
/// # Errors
/// No WebSocket request, a foreign origin, or an unknown format.
pub async fn flights(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: Upgrade,
    pass: Pass,
) -> Result<Response, HttpError> {
    let format = format_of(query.as_deref().unwrap_or_default())?;
    let upgrade = admit(&app, &headers, upgrade)?;
    let endpoint = app.metrics.endpoint("flights", Form::from(format).name());
    let guest = guest("flights", Form::from(format).name(), &headers, &pass);
    Ok(upgrade.then(move |socket| {
        let link = Link::new(socket, app.metrics.clone(), endpoint, pass);
        served(link, app, guest, move |link, app| flights::run(link, app.hub, format, app.stop))
    }))
}

/// Without a subprotocol: the messages of specifications 001, 002 and 004.
fn plain_messages(app: App, upgrade: Handshake, headers: &HeaderMap, pass: Pass) -> Response {
    let endpoint = app.metrics.endpoint("stream", "plain");
    let guest = guest("stream", "plain", headers, &pass);
    upgrade.then(move |socket| {
        let link = Link::new(socket, app.metrics.clone(), endpoint, pass).speaking(plain::words());
        served(link, app, guest, |link, app| {
            Box::new(Plain::new(link, app.hub, Dress::Bare).speaking_to(app.agents)).run(app.stop)
        })
    })
}

/// Who connects, as the roster tells it.
#[must_use]
pub fn guest(endpoint: &'static str, form: &'static str, headers: &HeaderMap, pass: &Pass) -> Guest {
    let principal = pass.principal();
    Guest {
        user: principal.user.as_str().into(),
        role: principal.roles.names().join(","),
        endpoint,
        form,
        correlation_id: correlation_id(headers),
    }
}

/// Serves a connection once it is known whose it is; it ends if the client says nothing that counts. Both parts are on
/// the heap, each for itself and as long as it lasts, so that neither holds a place for the other.
fn served<T, F>(
    link: Link<T>,
    app: App,
    guest: Guest,
    serve: impl FnOnce(Link<T>, App) -> F + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static
where
    T: Transport + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let connections = app.connections.clone();
    let meeting = Box::pin(async move {
        let link = link.known(app.watch.roster(), guest).signed_in(&app.stop).await;
        link.map(|link| Box::pin(serve(link, app)))
    });
    connections.track_future(async move {
        let serving = meeting.await;
        if let Some(serving) = serving {
            serving.await;
        }
    })
}

fn admit(app: &App, headers: &HeaderMap, upgrade: Upgrade) -> Result<Handshake, HttpError> {
    origin::check(headers, &app.allowed_origins, app.loopback)?;
    upgrade
}

/// The subprotocols that the client offers, in its order.
pub fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let names = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    names.map(str::trim).filter(|name| !name.is_empty())
}

/// The first subprotocol that the client offers and we know; none if it offers none.
fn choose(headers: &HeaderMap) -> Result<Option<Form>, HttpError> {
    let offered: Vec<&str> = offered(headers).collect();
    if offered.is_empty() {
        return Ok(None);
    }
    let known = |name: &&str| Form::ALL.into_iter().find(|form| form.subprotocol() == *name);
    offered.iter().find_map(known).map(Some).ok_or_else(|| {
        HttpError::bad_request(
            "unknown_subprotocol",
            "sec-websocket-protocol",
            format!("expected {}, got {}", Form::ALL.map(Form::subprotocol).join(" or "), offered.join(", ")),
        )
    })
}

fn format_of(query: &str) -> Result<Format, HttpError> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("format=")).unwrap_or("json");
    match value {
        "json" => Ok(Format::Json),
        "msgpack" => Ok(Format::Msgpack),
        other => Err(HttpError::bad_request(
            "unknown_format",
            "format",
            format!("expected json or msgpack, got {other:?}"),
        )),
    }
}
