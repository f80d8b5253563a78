//! Who asks the agents for something, and what all their handlers do with that: permissions, the store, the trail.

use crate::agents::api::errors::{driven, missing, stored, submitted};
use crate::agents::businesses;
use crate::agents::businesses::place;
use crate::agents::driver::DriveError;
use crate::agents::service::Agents;
use crate::audit::Entry;
use crate::auth::caller::not_allowed;
use crate::auth::{Caller, Principal, Scope};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::headers::correlation_id;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use inflight_agents::rows::ReviewRow;
use inflight_agents::{Document, Store, StoreError, Table, approval};

/// Who asks, and what for.
pub(super) struct Asking {
    /// The agents.
    pub agents: Agents,
    /// Who.
    pub who: Principal,
    /// Joins what is written down about it.
    pub correlation: String,
}

impl FromRequestParts<App> for Asking {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let Caller(who) = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        Self::new(app, who, &parts.headers)
    }
}

impl Asking {
    /// They ask this.
    ///
    /// # Errors
    /// There are no agents.
    pub fn new(app: &App, who: Principal, headers: &HeaderMap) -> Result<Self, HttpError> {
        let agents = app.agents.clone().ok_or_else(|| {
            let message = "the agents' store could not be opened; the log and /api/v1/system say why";
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "agents_unavailable", message)
        })?;
        Ok(Self { agents, who, correlation: correlation_id(headers).to_string() })
    }

    /// Whether they may see what belongs there.
    pub fn sees(&self, business: &str, location: Option<&str>) -> bool {
        self.who.may_see(Scope { business: Some(business), location })
    }

    /// They may see what belongs there. What they may not see is not there for them.
    pub fn may_see(&self, business: &str, location: Option<&str>, what: &str) -> Result<(), HttpError> {
        if self.sees(business, location) { Ok(()) } else { Err(missing(what)) }
    }

    /// They may see this business.
    pub fn may_see_business(&self, business: &str) -> Result<(), HttpError> {
        self.may_see(business, None, &format!("business {business}"))
    }

    /// They may speak and decide there.
    pub async fn may_coordinate(&self, business: &str, location: Option<&str>) -> Result<(), HttpError> {
        let may = |who: &Principal, scope: Scope<'_>, example| who.may_coordinate(scope, example);
        self.may(business, location, approval::Role::Coordinator, may).await
    }

    /// They may decide on an item of the review queue.
    pub async fn may_decide(&self, row: &ReviewRow) -> Result<(), HttpError> {
        let trades = row.role == approval::Role::Trader;
        let may = move |who: &Principal, scope: Scope<'_>, example| {
            who.may_coordinate(scope, example) || (trades && who.may_trade(scope))
        };
        self.may(&row.business, row.location.as_deref(), row.role, may).await
    }

    async fn may(
        &self,
        business: &str,
        location: Option<&str>,
        wanted: approval::Role,
        may: impl Fn(&Principal, Scope<'_>, bool) -> bool,
    ) -> Result<(), HttpError> {
        self.may_see(business, location, &format!("business {business}"))?;
        let found = match self.agents.known_business(business, Some(&self.correlation)).await {
            // What it says of its people keeps no admin out, and neither does that nobody can tell what it says.
            Err(_) if self.who.may_administer() => None,
            known => known.map_err(submitted)?,
        };
        let example = found.as_ref().is_some_and(businesses::is_example);
        let may = may(&self.who, Scope { business: Some(business), location }, example);
        if !may || !businesses::admits(&self.who, found.as_ref(), location, wanted) {
            return Err(not_allowed("decide for this business"));
        }
        if found.is_none() && !self.who.may_administer() {
            return Err(missing(&format!("business {business}")));
        }
        // What is for no place is for all of them, so that it takes somebody who acts for all.
        if location.is_none() && self.who.is_bound_to_places() {
            return Err(not_allowed("decide what is for none of your places"));
        }
        Ok(())
    }

    /// They may change what agents go by.
    pub fn may_edit(&self) -> Result<(), HttpError> {
        if self.who.may_administer() { Ok(()) } else { Err(not_allowed("change what agents go by")) }
    }

    /// Whoever acts for some places only says for which one.
    pub fn must_name_place(&self, location: Option<&str>) -> Result<(), HttpError> {
        if location.is_some() || !self.who.is_bound_to_places() {
            return Ok(());
        }
        Err(HttpError::bad_request("bad_value", "locationId", "expected one of your places, got nothing"))
    }

    /// The time zone of the clocks of a business.
    pub async fn time_zone(&self, business: &str) -> Result<String, HttpError> {
        let (_, info) = self.agents.house(business, Some(&self.correlation)).await.map_err(submitted)?;
        Ok(info.settings.time_zone.unwrap_or_else(|| "UTC".to_owned()))
    }

    /// The business as it is now; as it was while nobody can tell, which is for looking only.
    pub async fn business(&self, id: &str) -> Result<Option<Document>, HttpError> {
        let known = self.agents.known_business(id, Some(&self.correlation)).await;
        if let Ok(Some(found)) = known {
            return Ok(Some(found));
        }
        match self.agents.business(id).await.map_err(stored)? {
            None => known.map_err(submitted),
            copy => Ok(copy),
        }
    }

    /// There is such a business.
    pub async fn has_business(&self, business: &str) -> Result<(), HttpError> {
        let found = self.business(business).await?;
        found.map(drop).ok_or_else(|| missing(&format!("business {business}")))
    }

    /// There is such a place in the business.
    pub async fn has_place(&self, business: &str, location: Option<&str>) -> Result<(), HttpError> {
        let Some(location) = location else { return Ok(()) };
        let found = self.business(business).await?;
        let all = found.and_then(|found| found.fields.get("locations")?.as_array().cloned());
        let names = all.iter().flatten().filter_map(|place| place["locationId"].as_str());
        let names: Vec<&str> = names.collect();
        if names.contains(&location) {
            return Ok(());
        }
        let message = format!("expected one of the places of {business} ({})", names.join(", "));
        Err(HttpError::bad_request("bad_value", "location", message))
    }

    /// Reads from the store.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, HttpError> {
        self.agents.driver().with_store(read).await.map_err(stored)
    }

    /// The rows of a table that they may see, of one business or of all.
    pub async fn documents(&self, table: Table, business: Option<&str>) -> Result<Vec<Document>, HttpError> {
        let business = business.map(str::to_owned);
        let mut found = self.read(move |store| store.documents(table, business.as_deref())).await?;
        found.retain(|document| self.sees(&document.business, place(document)));
        Ok(found)
    }

    /// A line of the trail, before it is known what came of it.
    pub fn entry(&self, action: &'static str, target: impl Into<String>) -> Entry {
        Entry {
            actor: self.who.user.as_str().to_owned(),
            action,
            target: target.into(),
            result: "done".to_owned(),
            correlation_id: self.correlation.clone(),
        }
    }

    /// Does something and notes in the trail what came of it, both though whoever asks hangs up meanwhile.
    pub async fn noted<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
        entry: Entry,
    ) -> Result<T, HttpError> {
        noted(&self.agents, work, entry).await
    }

    /// Writes into a table of the store as [`Self::noted`] does.
    pub async fn written<T: Send + 'static>(
        &self,
        table: Table,
        work: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
        entry: Entry,
    ) -> Result<T, HttpError> {
        let driver = self.agents.driver().clone();
        let done = self.noted(async move { driver.with_store(work).await.map_err(stored) }, entry).await;
        let word = done.as_ref().map_or_else(|error| error.body.code, |_| "done");
        self.agents.outside().metrics.agent_edit(name_of(table), word);
        done
    }
}

/// Does something in a task of its own and notes in the trail what came of it.
pub(super) async fn noted<T: Send + 'static>(
    agents: &Agents,
    work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
    entry: Entry,
) -> Result<T, HttpError> {
    let done = agents.noted(work, entry, |error: &HttpError| error.body.code.to_owned());
    done.await.unwrap_or_else(|| Err(driven(DriveError::Defect)))
}

fn name_of(table: Table) -> &'static str {
    match table {
        Table::Businesses => "businesses",
        Table::Cases => "cases",
        Table::Decisions => "decisions",
        Table::Messages => "messages",
        Table::Models => "models",
        Table::Resources => "resources",
        Table::Schedules => "schedules",
    }
}
