//! Who answers the questions of runs.

use crate::clock;
use crate::hub::HubHandle;
use crate::reason::Reasoner;
use crate::reason::reply;
use core::pin::Pin;
use inflight_agents::budget::Reserve;
use inflight_agents::ports::embedded::{Embedded, Services};
use inflight_agents::ports::{Port, question};
use inflight_agents::{Answer, AskFailure, Question, Run, Store};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// A question of a run that is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The run.
    pub run: String,
    /// Its business.
    pub business: String,
    /// One of its places.
    pub location: Option<String>,
    /// Joins what belongs together across systems.
    pub correlation: Option<String>,
    /// The business is made up: nothing outside of this machine is asked.
    pub example: bool,
    /// The question's.
    pub id: String,
    /// What is asked.
    pub question: Question,
    /// Only the local reasoner may answer, and why.
    pub degraded: Option<String>,
    /// What is set aside for it.
    pub reserve: Reserve,
    /// Whether rooms must not hear its answer while it is written.
    pub sensitive: bool,
}

/// An answer that comes.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, AskFailure>> + Send + 'a>>;

/// Where pieces of an answer go while it is written.
pub type Piece<'a> = &'a (dyn Fn(reply::Piece<'_>) + Send + Sync);

/// Answers questions. A question may come again after a crash.
pub trait Answers: Send + Sync {
    /// Answers one.
    fn answer<'a>(&'a self, asked: &'a Asked, piece: Piece<'a>) -> Answering<'a>;
}

/// What stands beside the store, for all who look something up in it.
pub type Beside = Arc<Mutex<Embedded>>;

/// Why rules answer for a made-up business also where a model is set up.
const KEPT_HOME: &str = "rules answer for the example business, and no model is asked";

/// Answers out of our own store, and what is for a model through the reasoner.
pub struct StoreAnswers {
    store: Arc<dyn Store>,
    hub: Option<HubHandle>,
    reasoner: Option<Reasoner>,
    embedded: Beside,
}

impl StoreAnswers {
    /// Answers out of this store; the hub knows how the sources are. Without a reasoner rules decide.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, hub: Option<HubHandle>, reasoner: Option<Reasoner>) -> Self {
        Self { store, hub, reasoner, embedded: Beside::default() }
    }

    /// With what others have beside the store too.
    #[must_use]
    pub fn beside(mut self, embedded: Beside) -> Self {
        self.embedded = embedded;
        self
    }
}

impl Answers for StoreAnswers {
    fn answer<'a>(&'a self, asked: &'a Asked, piece: Piece<'a>) -> Answering<'a> {
        if let Question::Model(question) = &asked.question {
            return Box::pin(async move {
                let Some(reasoner) = &self.reasoner else { return inflight_agents::local::answer(question) };
                // JSON is nothing to read while it comes.
                let is_for_people = question.schema.is_none();
                let mut listener = |heard: reply::Piece<'_>| {
                    if is_for_people {
                        piece(heard);
                    }
                };
                let is_kept_home = asked.example && reasoner.has_model();
                let because = asked.degraded.as_deref().or_else(|| is_kept_home.then_some(KEPT_HOME));
                reasoner.answer(question, because, &mut listener).await
            });
        }
        let sources = self.hub.as_ref().map(|hub| hub.status().sources.clone()).unwrap_or_default();
        let sources = sources.iter().filter_map(|row| serde_json::to_value(row).ok()).collect();
        let (store, embedded) = (Arc::clone(&self.store), Arc::clone(&self.embedded));
        let question = asked.question.clone();
        Box::pin(async move {
            let looked_up = tokio::task::spawn_blocking(move || {
                let mut embedded = embedded.lock().unwrap_or_else(PoisonError::into_inner);
                embedded.set_list("sources", sources);
                let mut services = Services { store: &*store, embedded: &mut embedded };
                look_up(&mut services, &question)
            });
            looked_up.await.unwrap_or_else(|_| Err(failure("unavailable", "a defect; the log says where")))
        })
    }
}

/// Answers a question out of the store. Blocking.
fn look_up(services: &mut Services<'_>, question: &Question) -> Result<Answer, AskFailure> {
    let calls = question::calls(question)?;
    match question {
        Question::Search { among, business, query, filters, limit } if calls.is_empty() => {
            let value = json!({"rows": services.list(among, business, query, filters, usize::from(*limit))?});
            Ok(Answer {
                text: value.to_string(),
                value: Some(value),
                by: "store".to_owned(),
                ..Answer::default()
            })
        }
        Question::Http { .. } => Err(failure("unavailable", "nobody here asks other systems")),
        _ => {
            let replies = calls.iter().map(|call| services.call(call, clock::now())).collect();
            question::answer(question, replies, &BTreeSet::new())
        }
    }
}

impl Asked {
    /// A question of this run.
    #[must_use]
    pub fn of(run: &Run, id: String, question: Question, degraded: Option<String>, reserve: Reserve) -> Self {
        let input = &run.started().input;
        let sensitive = run.is_sensitive() || question.is_sensitive();
        let run = run.id().to_owned();
        let (business, location) = (input.business_id.clone(), input.location_id.clone());
        let correlation = input.correlation_id.clone();
        Self {
            run,
            business,
            location,
            correlation,
            example: false,
            id,
            question,
            degraded,
            reserve,
            sensitive,
        }
    }
}

/// No answer, of this kind.
#[must_use]
pub fn failure(kind: &str, message: impl Into<String>) -> AskFailure {
    AskFailure::new(kind, message)
}
