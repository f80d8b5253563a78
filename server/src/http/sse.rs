//! `/stream/sse`: what `/stream/ws` says in JSON, for everything that can read an answer line by line.

use crate::auth::Pass;
use crate::auth::caller::KnownPass;
use crate::http::error::HttpError;
use crate::http::{App, origin, upgrade};
use crate::hub::form::Form;
use crate::ws::event_stream;
use crate::ws::link::Link;
use crate::ws::plain::message::EventType;
use crate::ws::plain::{Dress, Plain};
use crate::ws::stream::{self, Stream};
use crate::ws::topics;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use inflight_engine::tiles::Tiles;
use inflight_wire::{ClientFrame, Resume, Subscribe, TOPIC_FLIGHTS, TOPICS};

type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Tells nginx and its kin to hand on each event at once.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What may stand in the query.
const PARAMETERS: [&str; 8] =
    ["topics", "subscriptions", "last_event_id", "max_hz", "box", "userId", "ticket", "apiKey"];

/// What a request asks for.
#[derive(Debug)]
enum Wish {
    /// Frames of inflight.v1.
    Frames(Subscribe),
    /// Events of specification 002.
    Events(Vec<EventType>, Option<Resume>),
}

/// `/stream/sse?topics=flights,system`, or `?subscriptions=signal,risk` for specification 002; from the place in
/// `Last-Event-ID` or `last_event_id` if it is given. Who asks was found out before; `userId` says nothing.
///
/// # Errors
/// A foreign origin, an unknown topic or parameter, a place that is none, a topic that one may not read.
pub async fn stream(
    State(app): State<App>,
    query: Parameters,
    headers: HeaderMap,
    KnownPass(pass): KnownPass,
) -> Result<Response, HttpError> {
    origin::check(&headers, &app.allowed_origins, app.loopback)?;
    let Query(parameters) =
        query.map_err(|rejection| HttpError::bad_request("bad_query", "query", rejection.body_text()))?;
    let wish = wish(&parameters, &headers)?;
    if let Some(topic) = wish.topics().into_iter().find(|topic| !pass.principal().may_subscribe(topic)) {
        let message = format!("you may not read {topic:?}");
        return Err(HttpError::new(StatusCode::FORBIDDEN, "not_allowed", message));
    }
    let body = serve(app, pass, wish, &headers);
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
            (ACCEL_BUFFERING, HeaderValue::from_static("no")),
        ],
        body,
    )
        .into_response();
    // The page was let in above; the browser wants to hear it in its own words.
    if let Some(origin) = headers.get(header::ORIGIN) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().insert(header::VARY, HeaderValue::from_name(header::ORIGIN));
    }
    Ok(response)
}

/// Starts the connection; its answer is the body.
fn serve(app: App, pass: Pass, wish: Wish, headers: &HeaderMap) -> Body {
    match wish {
        Wish::Frames(subscribe) => {
            let endpoint = app.metrics.endpoint("sse", Form::Json.name());
            let (socket, body) = event_stream::open(Some(&ClientFrame::Subscribe(subscribe)));
            let guest = upgrade::guest("sse", Form::Json.name(), headers, &pass);
            let link = Link::new(socket, app.metrics, endpoint, pass).known(app.watch.roster(), guest);
            let stream = Box::new(Stream::new(link, app.hub, app.history, Form::Json));
            app.connections.spawn(stream.run(app.stop));
            Body::from_stream(body)
        }
        Wish::Events(kinds, from) => {
            let endpoint = app.metrics.endpoint("sse", "plain");
            let (socket, body) = event_stream::open(None);
            let guest = upgrade::guest("sse", "plain", headers, &pass);
            let link = Link::new(socket, app.metrics, endpoint, pass).known(app.watch.roster(), guest);
            let plain = Box::new(Plain::new(link, app.hub, Dress::Lines).following(kinds, from));
            app.connections.spawn(plain.run(app.stop));
            Body::from_stream(body)
        }
    }
}

/// What the request asks for; all state topics where it does not say.
fn wish(parameters: &[(String, String)], headers: &HeaderMap) -> Result<Wish, HttpError> {
    if let Some((unknown, _)) = parameters.iter().find(|(name, _)| !PARAMETERS.contains(&name.as_str())) {
        let message = format!("expected some of {}, got {unknown:?}", PARAMETERS.join(", "));
        return Err(HttpError::bad_request("unknown_parameter", "query", message));
    }
    let value =
        |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let names = |list: &str| list.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
    let resume = resume(value("last_event_id"), headers)?;
    let topics = match (value("topics"), value("subscriptions")) {
        (Some(_), Some(_)) => {
            let message = "expected topics or subscriptions, got both";
            return Err(HttpError::bad_request("bad_value", "subscriptions", message));
        }
        (None, Some(list)) => {
            let kinds = names(list).iter().map(|name| kind(name)).collect::<Result<_, _>>()?;
            return Ok(Wish::Events(kinds, resume));
        }
        (Some(list), None) => names(list),
        (None, None) => TOPICS.map(str::to_owned).to_vec(),
    };
    topics::parse(&topics)
        .map_err(|name| HttpError::bad_request("unknown_topic", "topics", topics::expected(name)))?;
    let (max_hz, area) = (pace(value("max_hz"))?, area(value("box"), &topics)?);
    Ok(Wish::Frames(Subscribe { topics, resume, max_hz, area, ..Subscribe::default() }))
}

/// At most so many ticks in a second.
fn pace(text: Option<&str>) -> Result<Option<f64>, HttpError> {
    let Some(text) = text else { return Ok(None) };
    let hz = text.parse().ok().filter(|hz| stream::pace_of(*hz).is_some());
    let refusal = || {
        HttpError::bad_request(
            "bad_value",
            "max_hz",
            format!("expected a number from 0.01 to 100, got {text:?}"),
        )
    };
    hz.ok_or_else(refusal).map(Some)
}

/// The part of the world that is looked at.
fn area(text: Option<&str>, topics: &[String]) -> Result<Option<[f64; 4]>, HttpError> {
    let Some(text) = text else { return Ok(None) };
    let degrees: Vec<f64> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
    let area = <[f64; 4]>::try_from(degrees).ok().filter(Tiles::is_box);
    let has_flights = topics.iter().any(|topic| topic == TOPIC_FLIGHTS);
    let refusal = || HttpError::bad_request("bad_value", "box", format!("{}, got {text:?}", stream::BOX));
    area.filter(|_| has_flights).ok_or_else(refusal).map(Some)
}

fn kind(name: &str) -> Result<EventType, HttpError> {
    EventType::parse(name).ok_or_else(|| {
        let message = format!("expected some of {}, got {name:?}", EventType::expected());
        HttpError::bad_request("unknown_topic", "subscriptions", message)
    })
}

impl Wish {
    fn topics(&self) -> Vec<&str> {
        match self {
            Self::Frames(subscribe) => subscribe.topics.iter().map(String::as_str).collect(),
            Self::Events(kinds, _) => kinds.iter().map(|kind| kind.topic().name()).collect(),
        }
    }
}

/// Where the client was. What a browser sends by itself wins, because the query stays what it was at first; it may
/// come from another server that was here before, and then it is no place of ours.
fn resume(query: Option<&str>, headers: &HeaderMap) -> Result<Option<Resume>, HttpError> {
    if let Some(header) = headers.get(LAST_EVENT_ID) {
        return Ok(header.to_str().ok().and_then(Resume::parse));
    }
    let Some(text) = query.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = Resume::parse(text).ok_or_else(|| {
        let message = format!("expected EPOCH:CUT as in the id of an event, got {text:?}");
        HttpError::bad_request("bad_value", "last_event_id", message)
    })?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked for as `topics@epoch:cut`, or the code and field of the refusal.
    fn check(query: &[(&str, &str)], last_event_id: Option<&str>, expected: &str) {
        let parameters: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers: HeaderMap =
            last_event_id.map(|id| (LAST_EVENT_ID, id.parse().unwrap())).into_iter().collect();
        let found = match wish(&parameters, &headers) {
            Ok(wish) => {
                let (Wish::Frames(Subscribe { resume: at, .. }) | Wish::Events(_, at)) = &wish;
                let at = at.map(|at| format!("@{}:{}", at.epoch.0, at.cut.0)).unwrap_or_default();
                format!("{}{at}", wish.topics().join(","))
            }
            Err(error) => format!("{} {}", error.body.code, error.body.field.unwrap_or_default()),
        };
        assert_eq!(found, expected, "{query:?} {last_event_id:?}");
    }

    #[test]
    fn wishes_are_read() {
        check(&[], None, "flights,system,disruptions");
        check(&[("topics", "system, flights")], None, "system,flights");
        check(&[("topics", "system")], Some("17:4"), "system@17:4");
        check(&[("topics", "system"), ("last_event_id", "17:3")], None, "system@17:3");
        check(&[("topics", "system"), ("last_event_id", "17:3")], Some("17:4"), "system@17:4");
        check(&[("topics", "system"), ("last_event_id", "")], None, "system");
        check(&[("topics", "flights"), ("max_hz", "0.5"), ("box", "40,-74, 41,-73")], None, "flights");
        check(&[("topics", "flights,load/L1,notice")], None, "flights,load/L1,notice");
        check(&[("subscriptions", "signal,system"), ("userId", "u")], Some("17:4"), "signal,notice@17:4");
    }

    #[test]
    fn what_is_wrong_is_named() {
        check(&[("topics", "weather")], None, "unknown_topic topics");
        check(&[("topics", "")], None, "unknown_topic topics");
        check(&[("topic", "flights")], None, "unknown_parameter query");
        check(&[("subscriptions", "signal,flights")], None, "unknown_topic subscriptions");
        for pace in ["", "0", "-1", "x", "inf"] {
            check(&[("max_hz", pace)], None, "bad_value max_hz");
        }
        for area in ["", "1,2,3", "1,2,3,4,5", "41,-74,40,-73", "x,1,2,3"] {
            check(&[("box", area)], None, "bad_value box");
        }
        check(&[("topics", "system"), ("box", "40,-74,41,-73")], None, "bad_value box");
        check(&[("subscriptions", "signal"), ("topics", "signal")], None, "bad_value subscriptions");
        for id in ["17", "17:", ":4", "17:4:4", "-1:4", "+1:4", "99999999999999999999:1", "x:y"] {
            check(&[("topics", "system"), ("last_event_id", id)], None, "bad_value last_event_id");
            check(&[("topics", "system")], Some(id), "system");
        }
    }
}
