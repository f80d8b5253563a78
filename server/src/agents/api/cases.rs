//! Cases over HTTP: list, close, reopen, note, take and give back.

use crate::agents::api::asking::Asking;
use crate::agents::api::errors::{missing, stored};
use crate::agents::api::reading::{Wants, maybe_text, members, wrong};
use crate::agents::businesses::place;
use crate::clock;
use crate::events::Fields;
use crate::http::error::HttpError;
use crate::http::system::fresh;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use inflight_agents::cases::{self, CaseAct, CaseRefusal};
use inflight_agents::ports::rows::row as shown;
use inflight_agents::{Document, Store, StoreError, Table};
use serde::Deserialize;
use serde_json::{Value, json};

/// How often a case that changes meanwhile is read again.
const TRIES: u32 = 5;

#[derive(Deserialize)]
pub(super) struct Wanted {
    business: String,
    status: Option<String>,
}

/// `GET /api/v1/agents/cases?business=&status=`.
pub(super) async fn list(asking: Asking, Wants(wanted): Wants<Wanted>) -> Result<Response, HttpError> {
    asking.may_see_business(&wanted.business)?;
    let mut found = asking.documents(Table::Cases, Some(&wanted.business)).await?;
    found.retain(|case| wanted.status.as_ref().is_none_or(|status| case.fields["status"] == **status));
    found.sort_by_key(|case| core::cmp::Reverse(case.changed));
    Ok(fresh(&json!({"cases": found.iter().map(shown).collect::<Vec<_>>()})))
}

/// `POST /api/v1/agents/cases/{id}` with `{"business", "act": "close"|"reopen"|"note"|"take"|"release", "text"?,
/// "version"?}`: only if it still has this version, where one is named.
pub(super) async fn act(asking: Asking, Path(id): Path<String>, body: Body) -> Result<Response, HttpError> {
    let mut fields = members(body).await?;
    let business = fields.text("business").map_err(wrong)?;
    let act = word(&mut fields)?;
    let words = maybe_text(&mut fields, "text")?;
    let version = fields.any("version").as_u64();
    fields.end("business, act, text and version").map_err(wrong)?;
    let before = found(&asking, &business, &id).await?;
    asking.may_coordinate(&business, place(&before)).await?;
    let entry = asking.entry(trail(act), format!("case/{id}"));
    let driver = asking.agents.driver().clone();
    let done = Done { business, id, act, by: asking.who.user.as_str().to_owned(), words, version };
    let correlation = asking.correlation.clone();
    let work = async move {
        let (of, is_closed) = ((done.business.clone(), done.id.clone()), act == CaseAct::Close);
        let case =
            driver.with_store(move |store| done.write(store)).await.map_err(stored)?.map_err(refused)?;
        // What was proposed in it is not to be sent any more.
        if is_closed {
            driver.withdraw(Some(of), &correlation).await;
        }
        Ok(case)
    };
    let case = asking.noted(work, entry).await?;
    Ok(fresh(&json!({"case": case})))
}

/// Something that somebody does with a case.
struct Done {
    business: String,
    id: String,
    act: CaseAct,
    by: String,
    words: Option<String>,
    version: Option<u64>,
}

impl Done {
    /// Writes it. An agent may write at the same time: who named no version adds to whatever the case has become.
    fn write(&self, store: &dyn Store) -> Result<Result<Value, CaseRefusal>, StoreError> {
        let mut found = 0;
        for _ in 0..TRIES {
            let Some(before) = store.document(Table::Cases, &self.business, &self.id)? else { break };
            found = before.version;
            if self.version.is_some_and(|version| version != found) {
                break;
            }
            let now = clock::now();
            let fields = match cases::act(&before.fields, self.act, &self.by, self.words.as_deref(), now) {
                Ok(fields) => fields,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let after = Document { version: found + 1, changed: now, fields, ..before };
            match store.put(&after) {
                Ok(()) => return Ok(Ok(shown(&after))),
                Err(StoreError::Version { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Version { found })
    }
}

/// The case, if the caller may see it. The same disruption has the same id in each business.
async fn found(asking: &Asking, business: &str, id: &str) -> Result<Document, HttpError> {
    let (what, of, named) = (format!("case {id}"), business.to_owned(), id.to_owned());
    let case = asking.read(move |store| store.document(Table::Cases, &of, &named)).await?;
    let case = case.ok_or_else(|| missing(&what))?;
    asking.may_see(business, place(&case), &what)?;
    Ok(case)
}

fn word(fields: &mut Fields) -> Result<CaseAct, HttpError> {
    let value = fields.any("act");
    let act = value.as_str().and_then(CaseAct::parse);
    act.ok_or_else(|| wrong(fields.wrong("act", "close, reopen, note, take or release", &value)))
}

fn trail(act: CaseAct) -> &'static str {
    match act {
        CaseAct::Close => "agent_case_closed",
        CaseAct::Reopen => "agent_case_reopened",
        CaseAct::Note => "agent_case_noted",
        CaseAct::Take => "agent_case_taken",
        CaseAct::Release => "agent_case_released",
    }
}

fn refused(refusal: CaseRefusal) -> HttpError {
    match refusal {
        CaseRefusal::Already(_) => HttpError::new(StatusCode::CONFLICT, "not_now", refusal.to_string()),
        CaseRefusal::Words => HttpError::bad_request("bad_value", "text", refusal.to_string()),
    }
}
