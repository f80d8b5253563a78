//! One question on its way: set aside for, asked, its pieces told, its answer handed to the run.

use crate::agents::businesses;
use crate::agents::driver::answers::{Asked, failure};
use crate::agents::driver::pieces::Pieces;
use crate::agents::driver::{DAY_MS, DriveError, Driver, found};
use crate::agents::schedule::cron::ahead_min;
use crate::clock;
use crate::reason::reply::Piece;
use core::time::Duration;
use futures_util::FutureExt;
use inflight_agents::budget::{Crossing, Reserve};
use inflight_agents::store::BudgetKey;
use inflight_agents::{Answer, AskFailure, Question, RunInput, Usage};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use tokio::time::{sleep, timeout};
use tracing::{error, warn};

/// A question that names no limit may take so long.
const LONGEST: Duration = Duration::from_secs(120);

/// The reasoner keeps to its limit by itself, at most this one, knows then what it spent, and rules answer: whoever waits
/// for it gives it this much longer.
const REASONER_LONGEST: Duration = Duration::from_secs(600);
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// A store that does not take an answer is asked again after this long.
const AGAIN: Duration = Duration::from_secs(2);

impl Driver {
    /// Asks, and hands what comes of it to the run. When the server stops, the next start asks again.
    pub(super) async fn ask(&self, mut asked: Asked) {
        let Some(Ok(_place)) = self.0.stop.run_until_cancelled(self.0.room.acquire()).await else { return };
        let business = asked.business.clone();
        let found = self.with_store(move |store| businesses::is_example_named(store, &business)).await;
        asked.example = found.as_ref().is_ok_and(|example| *example);
        let of = self.budget_key(&asked);
        let reserved = match found {
            Ok(_) => self.set_aside(&asked, of.as_ref()).await,
            Err(cause) => Err(cause),
        };
        // What is told of it ends when the run has it.
        let pieces = Pieces::new(self.0.parts.rooms.clone().filter(|_| !asked.sensitive), &asked);
        let input = match reserved {
            Ok(Some(crossing)) => RunInput::BudgetRefused { id: asked.id.clone(), crossing },
            Ok(None) => {
                let answering = self.answer(&asked, &pieces);
                let Some(answer) = self.0.stop.run_until_cancelled(answering).await else { return };
                self.settle(of, &answer).await;
                match answer {
                    Ok(answer) => RunInput::Answer { id: asked.id.clone(), answer },
                    Err(failure) => RunInput::AnswerFailed { id: asked.id.clone(), failure },
                }
            }
            Err(cause) => {
                let failure = failure("unavailable", cause.to_string());
                RunInput::AnswerFailed { id: asked.id.clone(), failure }
            }
        };
        self.hand_over(&asked, input).await;
    }

    /// Until the store takes it, or the run is over meanwhile.
    async fn hand_over(&self, asked: &Asked, input: RunInput) {
        loop {
            match self.input(&asked.run, input.clone()).await {
                Ok(_) | Err(DriveError::Refused(_)) => return,
                Err(DriveError::Store(cause)) => {
                    warn!(run = asked.run, %cause, "an answer waits for the disk");
                    if self.0.stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
                        return;
                    }
                }
                Err(cause) => return warn!(run = asked.run, %cause, "an answer finds no run"),
            }
        }
    }

    async fn answer(&self, asked: &Asked, pieces: &Pieces) -> Result<Answer, AskFailure> {
        let longest = longest(&asked.question);
        let piece = |piece: Piece<'_>| pieces.say(piece);
        let begun = tokio::time::Instant::now();
        let wider = found::wider(asked);
        let answering = self.0.parts.answers.answer(wider.as_ref().unwrap_or(asked), &piece);
        let answering = async { self.found(asked, answering.await?).await };
        let answering = AssertUnwindSafe(answering).catch_unwind();
        let answer = match timeout(longest, answering).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                error!(run = asked.run, "a defect while a question was answered");
                self.0.parts.metrics.survived("agent");
                Err(AskFailure {
                    usage: unknown(asked),
                    ..failure("unavailable", "a defect; the log says where")
                })
            }
            Err(_) => {
                let message = format!("no answer within {} s", longest.as_secs());
                Err(AskFailure { usage: unknown(asked), ..failure("timeout", message) })
            }
        };
        let took = begun.elapsed();
        let outcome = answer.as_ref().map_or_else(|failure| failure.kind.clone(), |_| "answered".to_owned());
        self.0.parts.metrics.agent_question(asked.question.kind(), outcome, took);
        answer.map(|mut answer| {
            if matches!(asked.question, Question::Business { .. }) {
                tell_clock(&mut answer);
            }
            if answer.usage.took_ms == 0 {
                answer.usage.took_ms = u64::try_from(took.as_millis()).unwrap_or_default();
            }
            answer
        })
    }

    /// Only models cost, and only where they are really asked.
    fn budget_key(&self, asked: &Asked) -> Option<BudgetKey> {
        let costs = asked.degraded.is_none() && !asked.example && asked.reserve != Reserve::default();
        costs.then(|| BudgetKey {
            business: asked.business.clone(),
            day: clock::now().0.div_euclid(DAY_MS),
            run: asked.run.clone(),
            question: asked.id.clone(),
        })
    }

    async fn set_aside(
        &self,
        asked: &Asked,
        of: Option<&BudgetKey>,
    ) -> Result<Option<Crossing>, inflight_agents::StoreError> {
        let Some(of) = of.cloned() else { return Ok(None) };
        let (reserve, max) = (asked.reserve, self.0.parts.day_max);
        self.with_store(move |store| store.budget_reserve(&of, reserve, max)).await
    }

    pub(super) async fn settle(&self, of: Option<BudgetKey>, answer: &Result<Answer, AskFailure>) {
        let Some(of) = of else { return };
        let usage = answer.as_ref().map_or_else(|failure| failure.usage, |answer| answer.usage);
        let spent = Reserve { tokens: usage.tokens(), cost_microusd: usage.cost_microusd };
        if let Err(cause) = self.with_store(move |store| store.budget_settle(&of, spent)).await {
            warn!(%cause, "what a question cost was not noted");
        }
    }
}

/// What a question cost of which nobody knows: all that was set aside for it.
fn unknown(asked: &Asked) -> Usage {
    let Reserve { tokens, cost_microusd } = asked.reserve;
    Usage { input_tokens: tokens, cost_microusd, ..Usage::default() }
}

/// Agents know no time zones: how far ahead the clocks of the business are is told with what is known of it.
fn tell_clock(answer: &mut Answer) {
    let Some(value) = &mut answer.value else { return };
    let name = value.pointer("/business/settings/timeZone").and_then(Value::as_str);
    let Some(ahead_min) = name.and_then(|name| ahead_min(name, clock::now())) else { return };
    value["aheadMin"] = ahead_min.into();
    answer.text = value.to_string();
}

/// The question that an input answers.
pub(super) fn answered(input: &RunInput) -> Option<&str> {
    match input {
        RunInput::Answer { id, .. }
        | RunInput::AnswerFailed { id, .. }
        | RunInput::BudgetRefused { id, .. } => Some(id),
        _ => None,
    }
}

fn longest(question: &Question) -> Duration {
    match question {
        Question::Model(question) if question.timeout_ms > 0 => {
            Duration::from_millis(question.timeout_ms.into()) + LAST_MOMENT
        }
        Question::Model(_) => REASONER_LONGEST + LAST_MOMENT,
        Question::Http { timeout_ms, .. } => Duration::from_millis((*timeout_ms).into()),
        _ => LONGEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::driver::answers::{Answering, Answers, Piece};
    use crate::agents::driver::tests::driver_with;
    use crate::agents::registry::Registry;
    use inflight_agents::ModelQuestion;
    use inflight_agents::memory::Memory;
    use std::sync::Arc;

    /// Notices that its time is over, and has the answer of rules a moment later.
    struct Late(Duration);

    impl Answers for Late {
        fn answer<'a>(&'a self, _: &'a Asked, _: Piece<'a>) -> Answering<'a> {
            Box::pin(async move {
                sleep(self.0).await;
                Ok(Answer { degraded: Some("too slow".to_owned()), ..Answer::default() })
            })
        }
    }

    async fn check(timeout_ms: u32, took: Duration, expected: Result<&str, &str>) {
        let driver = driver_with(Arc::new(Memory::default()), Arc::new(Late(took)), Registry::of_checks());
        let question = ModelQuestion { timeout_ms, ..ModelQuestion::default() };
        let asked = Asked {
            run: "r1".to_owned(),
            business: "b".to_owned(),
            location: None,
            correlation: None,
            example: false,
            id: "q1".to_owned(),
            question: Question::Model(Box::new(question)),
            degraded: None,
            reserve: Reserve::default(),
            sensitive: false,
        };
        let answer = driver.answer(&asked, &Pieces::new(None, &asked)).await;
        let found = answer.as_ref().map(|answer| answer.degraded.as_deref().unwrap_or_default());
        assert_eq!(found.map_err(|failure| failure.kind.as_str()), expected, "{timeout_ms} {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reasoner_that_keeps_to_its_limit_has_time_to_answer_by_rules() {
        check(8000, Duration::from_millis(8050), Ok("too slow")).await;
        check(0, Duration::from_millis(600_050), Ok("too slow")).await;
        check(8000, Duration::from_millis(9050), Err("timeout")).await;
    }
}
