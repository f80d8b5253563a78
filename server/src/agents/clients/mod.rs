//! Answers what runs ask of services that have an address over HTTP; everything else goes on to who answers behind it.

pub mod http;
pub mod known;

use crate::agents::clients::http::{HttpServices, Marks};
use crate::agents::driver::answers::{Answering, Answers, Asked, Piece};
use inflight_agents::ports::{Call, Service, question};
use inflight_agents::{Answer, AskFailure, Question};
use serde_json::json;
use std::sync::Arc;

/// Answers of services over HTTP, before those of our own store and of models.
pub struct ServiceAnswers {
    behind: Arc<dyn Answers>,
    http: Arc<HttpServices>,
}

impl ServiceAnswers {
    /// Before these answers.
    #[must_use]
    pub fn new(behind: Arc<dyn Answers>, http: Arc<HttpServices>) -> Self {
        Self { behind, http }
    }

    async fn look(&self, asked: &Asked, calls: Vec<Call>) -> Result<Answer, AskFailure> {
        let mut replies = Vec::new();
        for call in calls {
            let marks = Marks { key: None, correlation: asked.correlation.as_deref() };
            replies.push(self.http.call(&call, marks).await);
        }
        question::answer(&asked.question, replies, &self.http.services())
    }

    /// A business of our own store whose resources live elsewhere: agents change them there.
    async fn own(&self, asked: &Asked, piece: Piece<'_>) -> Result<Answer, AskFailure> {
        let mut answer = self.behind.answer(asked, piece).await?;
        if let Some(value) =
            answer.value.as_mut().filter(|_| self.http.services().contains(&Service::Resources))
        {
            value["resources"] = json!("http");
            answer.text = value.to_string();
        }
        Ok(answer)
    }
}

impl Answers for ServiceAnswers {
    fn answer<'a>(&'a self, asked: &'a Asked, piece: Piece<'a>) -> Answering<'a> {
        // Of what is made up nothing leaves this machine.
        if asked.example {
            return self.behind.answer(asked, piece);
        }
        let services = self.http.services();
        // Each question is for one service.
        match question::calls(&asked.question) {
            Ok(calls) if calls.first().is_some_and(|call| services.contains(&call.service())) => {
                Box::pin(self.look(asked, calls))
            }
            Ok(_) if matches!(asked.question, Question::Business { .. }) => Box::pin(self.own(asked, piece)),
            _ => self.behind.answer(asked, piece),
        }
    }
}

#[cfg(test)]
mod tests;
