//! Businesses as they are now: our own as the store has them, those of another system as its service tells them.

use crate::agents::businesses;
use crate::agents::clients::http::Marks;
use crate::agents::driver::DriveError;
use crate::agents::driver::answers::failure;
use crate::agents::schedule::cron;
use crate::agents::service::{Agents, SubmitError};
use crate::clock;
use core::time::Duration;
use inflight_agents::ports::{Call, Reply, Service};
use inflight_agents::spec::BusinessInfo;
use inflight_agents::{AskFailure, Document, StoreError, Table, closing, house};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::time::timeout;
use tracing::warn;

/// What is wrong with businesses, so that the log has it once and not with every request.
#[derive(Debug, Default)]
pub struct Complaints(Mutex<BTreeMap<String, String>>);

/// Whoever asks waits so long for the service.
const WITHIN: Duration = Duration::from_secs(3);

impl Agents {
    /// The row of this name, as the store has it.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn business(&self, id: &str) -> Result<Option<Document>, StoreError> {
        let id = id.to_owned();
        self.driver().with_store(move |store| businesses::find(store, &id)).await
    }

    /// The business of this name as it is now. One that another system keeps is read through what is remembered of its
    /// service, and the copy here follows; the copy alone answers only while the service is away.
    ///
    /// # Errors
    /// What is stored cannot be read, there is no answer and no copy, or what is told cannot be gone by.
    pub async fn known_business(
        &self,
        id: &str,
        correlation: Option<&str>,
    ) -> Result<Option<Document>, SubmitError> {
        let found = self.business(id).await.map_err(DriveError::from)?;
        let is_example = found.as_ref().is_some_and(businesses::is_example);
        if is_example || !self.services().services().contains(&Service::BusinessInfo) {
            return Ok(found);
        }
        match self.told_business(id, correlation).await {
            Ok(Some(info)) => self.copied(found, &info).await.map(Some),
            Err(SubmitError::Service(_)) if found.is_some() => Ok(found),
            other => other.map(|_| None),
        }
    }

    /// The business of this name, which agents can go by.
    ///
    /// # Errors
    /// There is none, or its row cannot be read; the log says so.
    pub async fn house(
        &self,
        id: &str,
        correlation: Option<&str>,
    ) -> Result<(Document, BusinessInfo), SubmitError> {
        let found = self.known_business(id, correlation).await?;
        let found = found.ok_or_else(|| SubmitError::NoBusiness(id.to_owned()))?;
        let info = businesses::read(&found).map_err(|cause| self.unfit(id, cause.to_string()))?;
        Ok((found, info))
    }

    /// All businesses that agents can go by, as they are now; the log has the others.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn houses(&self) -> Result<Vec<BusinessInfo>, StoreError> {
        let rows = self.driver().with_store(|store| store.documents(Table::Businesses, None)).await?;
        let mut all = Vec::new();
        for row in rows {
            match self.house(&row.id, None).await {
                Ok((_, info)) => all.push(info),
                Err(SubmitError::Drive(DriveError::Store(cause))) => return Err(cause),
                Err(_) => {}
            }
        }
        Ok(all)
    }

    /// What the service of businesses tells, or remembers to have told lately.
    async fn told_business(
        &self,
        id: &str,
        correlation: Option<&str>,
    ) -> Result<Option<BusinessInfo>, SubmitError> {
        let call = Call::GetBusinessInfo { business: id.to_owned() };
        let (agents, correlation) = (self.clone(), correlation.map(str::to_owned));
        // In a task of its own: what comes too late for this one is there for the next.
        let asked = tokio::spawn(async move {
            let marks = Marks { key: None, correlation: correlation.as_deref() };
            agents.services().call(&call, marks).await
        });
        let late = |_| Ok(Err(failure("timeout", format!("not within {} s", WITHIN.as_secs()))));
        let told = timeout(WITHIN, asked).await.unwrap_or_else(late);
        match told.unwrap_or_else(|_| Err(failure("unavailable", "a defect"))) {
            Ok(Reply::Business(info)) if info.business_id == id => self.fit(*info).map(Some),
            Ok(_) => Ok(None),
            Err(failed) if failed.kind == "not_found" => Ok(None),
            Err(failed) if is_away(&failed) => Err(SubmitError::Service(failed.message)),
            Err(failed) => Err(self.unfit(id, failed.message)),
        }
    }

    /// What another system says of a business, held to what holds for our own.
    fn fit(&self, mut info: BusinessInfo) -> Result<BusinessInfo, SubmitError> {
        // What is made up is made up here.
        info.metadata.iter_mut().for_each(|about| drop(about.remove("example")));
        let more = core::mem::take(&mut info.settings.more);
        let id = info.business_id.clone();
        house::read(&Value::Object(closing::object(&info)))
            .map_err(|cause| self.unfit(&id, cause.to_string()))?;
        if let Some(Err(cause)) = info.settings.time_zone.as_deref().map(cron::zone) {
            return Err(self.unfit(&id, format!("settings.timeZone: {cause}")));
        }
        let names = more.keys().map(|name| format!("settings.{name}")).collect::<Vec<_>>().join(", ");
        let why = (!names.is_empty()).then(|| format!("nothing here goes by {names}"));
        self.complaints().tell(&id, why);
        Ok(info)
    }

    async fn copied(&self, found: Option<Document>, info: &BusinessInfo) -> Result<Document, SubmitError> {
        let fields = closing::object(info);
        let version = match found {
            Some(found) if found.fields == fields => return Ok(found),
            Some(found) => found.version + 1,
            None => 1,
        };
        let (id, business) = (info.business_id.clone(), info.business_id.clone());
        let copy =
            Document { table: Table::Businesses, id, business, version, changed: clock::now(), fields };
        let kept = copy.clone();
        match self.driver().with_store(move |store| store.put(&kept)).await {
            // Somebody else who asked wrote what they were told.
            Ok(()) | Err(StoreError::Version { .. }) => Ok(copy),
            Err(cause) => Err(DriveError::Store(cause).into()),
        }
    }

    fn unfit(&self, business: &str, why: String) -> SubmitError {
        self.complaints().tell(business, Some(why.clone()));
        SubmitError::Unfit(business.to_owned(), why)
    }
}

impl Complaints {
    /// Says what is wrong with a business where that is news.
    fn tell(&self, business: &str, why: Option<String>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(why) = why else {
            told.remove(business);
            return;
        };
        if told.get(business) != Some(&why) {
            warn!(business, why, "a business is not as agents can go by");
            told.insert(business.to_owned(), why);
        }
    }
}

/// Whether the service may answer the same call later; everything else is its answer.
fn is_away(failed: &AskFailure) -> bool {
    ["unavailable", "timeout", "busy", "circuit_open"].contains(&failed.kind.as_str())
}
