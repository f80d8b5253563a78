//! Specification 004's message of a coordinator to the agents: from the socket to a run, and its answers back.

use crate::agents::businesses;
use crate::agents::driver::{Change, DriveError, Driver};
use crate::agents::said::Said;
use crate::agents::service::{Agents, SubmitError};
use crate::audit::Entry;
use crate::auth::{Principal, Scope};
use crate::clock;
use crate::ws::plain::problem::{Problem, Sort, Tongue, timestamp};
use inflight_agents::projection::run_row;
use inflight_agents::rows::ReviewStatus;
use inflight_agents::run::End;
use inflight_agents::spec::{UserMessage, read_message};
use inflight_agents::store::ReviewFilter;
use inflight_agents::{Run, Status};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

type Changes = broadcast::Receiver<Arc<Change>>;

/// Reads one.
///
/// # Errors
/// A field is not what it should be.
pub fn read(message: &Map<String, Value>) -> Result<UserMessage, Problem> {
    read_message(message, true).map_err(|errors| match errors.into_iter().next() {
        Some(error) => Problem::found(&error.field, &error.expected, &error.found),
        None => Problem::field("message", "a message", None),
    })
}

/// The answers that are on their way to one connection: one teller for each run, however often its message comes.
pub struct Answers {
    to: Sender<Value>,
    coming: BTreeMap<String, JoinHandle<()>>,
}

impl Answers {
    /// None are; so many may wait until the connection takes them.
    #[must_use]
    pub fn waiting(most: usize) -> (Self, Receiver<Value>) {
        let (to, waiting) = channel(most);
        (Self { to, coming: BTreeMap::new() }, waiting)
    }

    /// Tells what a run says. One that told its end tells it again; one that still listens will.
    fn follow(&mut self, waiting: Waiting, driver: Driver, changes: Changes) {
        self.coming.retain(|_, teller| !teller.is_finished());
        let to = self.to.clone();
        self.coming
            .entry(waiting.run.clone())
            .or_insert_with(|| tokio::spawn(waiting.follow(driver, changes, to)));
    }
}

/// Hands it to the agents; what comes of it goes back by and by. Says that it was taken.
///
/// # Errors
/// It is not this user's to say, or is not taken.
pub async fn hand_over(
    agents: Option<&Agents>,
    who: &Principal,
    message: UserMessage,
    tongue: &Tongue,
    answers: &mut Answers,
) -> Result<Value, Problem> {
    let agents = agents.ok_or_else(|| Problem::not_available("the agents' store could not be opened"))?;
    let (named, location) = (&message.business_id, message.location_id.as_deref());
    let correlation = match tongue {
        Tongue::Typed { correlation_id } => correlation_id.clone(),
        Tongue::Gateway { .. } => String::new(),
    };
    let target = format!("business/{named}");
    // Nothing is asked of another system for those to whom it is no business.
    let sees = who.may_see(Scope { business: Some(named), location });
    let known = if sees { agents.known_business(named, Some(&correlation)).await } else { Ok(None) };
    let business = match known {
        Err(cause) if !who.may_administer() => return Err(refused(cause)),
        known => known.unwrap_or_default(),
    };
    if !businesses::may_coordinate(who, named, business.as_ref(), location) {
        agents.outside().audit.refused("not_allowed", format!("user_message {target}"), correlation);
        let problem = Problem::new(Sort::Access, format!("you may not speak for {}", message.business_id));
        return Err(problem.with("code", "not_allowed").with("businessId", message.business_id));
    }
    if message.location_id.is_none() && who.is_bound_to_places() {
        return Err(Problem::field("locationId", "one of your places", None));
    }
    let entry = Entry {
        actor: who.user.as_str().to_owned(),
        action: "agent_message",
        target,
        result: "done".to_owned(),
        correlation_id: correlation.clone(),
    };
    let changes = agents.driver().changes();
    let said = Said { user: who.user.as_str().to_owned(), message, correlation: Some(correlation.clone()) };
    let saying = agents.clone();
    let said =
        agents.noted(async move { saying.say(said).await.map_err(refused) }, entry, Problem::code).await;
    let (id, begun) = said.unwrap_or_else(|| Err(refused(DriveError::Defect.into())))?;
    let waiting = Waiting { input: id.clone(), run: begun.run.clone(), correlation: correlation.clone() };
    answers.follow(waiting, agents.driver().clone(), changes);
    Ok(json!({
        "type": "accepted", "id": id, "runId": begun.run, "correlationId": correlation,
        "timestamp": timestamp(clock::now()),
    }))
}

/// A message whose answer is on its way.
struct Waiting {
    input: String,
    run: String,
    correlation: String,
}

impl Waiting {
    /// Sends what the run says until it is over, or nobody listens any more.
    async fn follow(self, driver: Driver, mut changes: Changes, answers: Sender<Value>) {
        // It may have ended while it was begun.
        let mut asked = false;
        let mut news = self.now(&driver).await;
        loop {
            if let Some((status, messages)) = news.take() {
                let review = status == Status::Review && !asked;
                asked |= review;
                let told = if review { Some(self.review(&driver).await) } else { None };
                for message in messages.into_iter().chain(told) {
                    if answers.send(message).await.is_err() {
                        return;
                    }
                }
                if status.is_over() {
                    return;
                }
            }
            news = tokio::select! {
                () = answers.closed() => return,
                change = changes.recv() => match change {
                    Ok(change) if change.row.id == self.run => self.now(&driver).await,
                    Ok(_) => None,
                    Err(RecvError::Lagged(_)) => self.now(&driver).await,
                    Err(RecvError::Closed) => return,
                },
            };
        }
    }

    /// That a person is asked, and about what.
    async fn review(&self, driver: &Driver) -> Value {
        let filter = ReviewFilter {
            run: Some(self.run.clone()),
            status: Some(ReviewStatus::Open),
            limit: 1,
            ..ReviewFilter::default()
        };
        let open = driver.with_store(move |store| store.reviews(&filter)).await;
        let review = open.ok().and_then(|open| open.into_iter().next());
        self.message(json!({"type": "status", "status": "review", "review": review}))
    }

    /// How the run is, and what is to be said of its end.
    async fn now(&self, driver: &Driver) -> Option<(Status, Vec<Value>)> {
        let id = self.run.clone();
        let events = driver.with_store(move |store| store.load(&id)).await.ok()?;
        let run = Run::fold(events).ok()?;
        let messages = match run.end() {
            Some(End::Done(output)) => {
                let one = |response| self.message(json!({"type": "response", "response": response}));
                let output_message = self.message(json!({"type": "output", "output": output}));
                output.responses.iter().map(one).chain([output_message]).collect()
            }
            Some(End::Failed(_) | End::Cancelled(_)) => {
                let why = run_row(&run).error.unwrap_or_default();
                vec![self.message(json!({
                    "type": "error", "errorType": Sort::Processing.name(), "message": why,
                    "details": {"code": "run_failed"},
                }))]
            }
            None => Vec::new(),
        };
        Some((run.status(), messages))
    }

    fn message(&self, mut message: Value) -> Value {
        message["inputId"] = json!(self.input);
        message["runId"] = json!(self.run);
        message["correlationId"] = json!(self.correlation);
        message["timestamp"] = json!(timestamp(clock::now()));
        message
    }
}

fn refused(error: SubmitError) -> Problem {
    let message = error.to_string();
    match error {
        SubmitError::Off => Problem::new(Sort::Processing, message).with("code", "switched_off"),
        SubmitError::NoBusiness(id) => Problem::new(Sort::Message, message)
            .with("code", "bad_value")
            .with("field", "businessId")
            .with("businessId", id),
        SubmitError::Taken(_) => {
            Problem::new(Sort::Message, message).with("code", "taken").with("field", "id")
        }
        SubmitError::NoAgent => Problem::new(Sort::Message, message).with("code", "no_agent"),
        SubmitError::Unfit(..) => Problem::new(Sort::Processing, message).with("code", "business_unfit"),
        SubmitError::Drive(_) | SubmitError::Service(_) => {
            Problem::new(Sort::Internal, message).with("code", "not_begun")
        }
    }
}
