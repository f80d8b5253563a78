//! The services out of our own store: what a business has that runs none of its own.

use crate::approval::Role;
use crate::closing::{model_id, object};
use crate::effect::CHANGED_BY;
use crate::ports::{Call, Port, Reply, failure, rows};
use crate::question::AskFailure;
use crate::search::{Filter, Index};
use crate::spec::{ActionResult, BusinessInfo, DecisionModel, MessageModel, ResourceAction, ResourceQuery};
use crate::store::{Document, ReviewFilter, Store, StoreError, Table};
use crate::words;
use inflight_domain::UnixMillis;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Index and lists beside a store, which is the authority: the index follows it whenever it has changed.
#[derive(Clone, Debug, Default)]
pub struct Embedded {
    index: Index,
    known: BTreeMap<(String, String), u64>,
    marks: BTreeMap<String, u64>,
    lists: BTreeMap<String, Vec<Value>>,
}

/// The services of a store.
pub struct Services<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// What stands beside it.
    pub embedded: &'a mut Embedded,
}

impl Embedded {
    /// Gives a list that stands in no store, such as `sources`, its rows.
    pub fn set_list(&mut self, among: &str, rows: Vec<Value>) {
        self.lists.insert(among.to_owned(), rows);
    }

    /// Takes what is new among the decisions of a business into the index, and leaves out what is gone.
    fn refresh(&mut self, store: &dyn Store, business: Option<&str>) -> Result<(), StoreError> {
        // Before the rows: what changes meanwhile gives another mark at the next call.
        let mark = business.map(|business| store.mark(Table::Decisions, business)).transpose()?.flatten();
        let mark = business.zip(mark);
        if mark.is_some_and(|(business, mark)| self.marks.get(business) == Some(&mark)) {
            return Ok(());
        }
        let documents = store.documents(Table::Decisions, business)?;
        let key = |document: &Document| (document.business.clone(), document.id.clone());
        let there: BTreeSet<(String, String)> = documents.iter().map(key).collect();
        let of_business = |key: &&(String, String)| business.is_none_or(|business| key.0 == business);
        let gone: Vec<_> =
            self.known.keys().filter(of_business).filter(|key| !there.contains(*key)).cloned().collect();
        for key in gone {
            self.index.remove(&key.0, &key.1);
            self.known.remove(&key);
        }
        for document in &documents {
            if self.known.get(&key(document)) == Some(&document.version) {
                continue;
            }
            if let Some(decision) = rows::decision(document) {
                self.index.put(&decision);
                self.known.insert(key(document), document.version);
            }
        }
        self.marks.extend(mark.map(|(business, mark)| (business.to_owned(), mark)));
        Ok(())
    }
}

impl Port for Services<'_> {
    fn call(&mut self, call: &Call, now: UnixMillis) -> Result<Reply, AskFailure> {
        match call {
            Call::GetBusinessInfo { business } => Ok(Reply::Business(Box::new(self.business(business)?))),
            Call::GetLocationInfo { business, location } => {
                let info = self.business(business)?;
                let place = info.location(location).cloned();
                place.map(Reply::Location).ok_or_else(|| failure("not_found", format!("no place {location}")))
            }
            Call::ValidateBusinessAccess { business, user } => {
                Ok(Reply::Access(self.business(business)?.admits(user, Role::Coordinator)))
            }
            Call::GetResource { business, id, kind } => {
                let kind = |own: &str| kind.as_deref().is_none_or(|kind| kind == own);
                let found = self.document(Table::Resources, business, id)?.as_ref().and_then(rows::resource);
                Ok(Reply::Resources(found.into_iter().filter(|found| kind(&found.kind)).collect()))
            }
            Call::QueryResources { business, query } => self.resources(business, query),
            Call::ExecuteAction(action) => self.execute(action, now),
            Call::ValidateResourceAccess { business, id } => {
                Ok(Reply::Access(self.document(Table::Resources, business, id)?.is_some()))
            }
            Call::GetMessageModel { business, code, version, business_type, location } => {
                let models = self.models(business, code)?;
                let newest = rows::newest(&models, *version, business_type.as_deref(), location.as_deref());
                Ok(Reply::Model(newest.cloned().map(Box::new)))
            }
            Call::SearchSimilarDecisions { query, filter, limit } => self.decisions(query, filter, *limit),
            Call::StoreDecision(decision) => self.keep(decision, now),
            Call::UpdateModelUsage { business, code } => self.used(business, code, now),
        }
    }
}

impl Services<'_> {
    /// Rows of a list by exact fields and words: `cases`, `schedules`, `messages`, `reviews`, or one that was given.
    ///
    /// # Errors
    /// The store cannot be read, or there is no such list.
    pub fn list(
        &self,
        among: &str,
        business: &str,
        query: &str,
        filters: &BTreeMap<String, String>,
        limit: usize,
    ) -> Result<Vec<Value>, AskFailure> {
        let table = match among {
            "cases" => Some(Table::Cases),
            "schedules" => Some(Table::Schedules),
            "messages" => Some(Table::Messages),
            _ => None,
        };
        let mut rows: Vec<Value> = match (table, among) {
            (Some(table), _) => {
                self.store.documents(table, Some(business)).map_err(broken)?.iter().map(rows::row).collect()
            }
            (None, "reviews") => {
                let filter = ReviewFilter {
                    business: Some(business.to_owned()),
                    limit: 1000,
                    ..ReviewFilter::default()
                };
                let reviews = self.store.reviews(&filter).map_err(broken)?;
                reviews.iter().filter_map(|review| serde_json::to_value(review).ok()).collect()
            }
            (None, _) => {
                let given = self.embedded.lists.get(among).cloned();
                given.ok_or_else(|| failure("unavailable", format!("there is no list {among}")))?
            }
        };
        let wanted: Vec<String> = words::tokens(query).collect();
        let says = |row: &Value| {
            let own: Vec<String> = words::tokens(&row.to_string()).collect();
            wanted.iter().all(|word| own.iter().any(|other| other.starts_with(word.as_str())))
        };
        let same =
            |row: &Value| filters.iter().all(|(name, wanted)| field(row, name).as_deref() == Some(wanted));
        rows.retain(|row| same(row) && says(row));
        rows.sort_by_key(|row| core::cmp::Reverse(at(row)));
        rows.truncate(limit);
        Ok(rows)
    }

    fn business(&self, business: &str) -> Result<BusinessInfo, AskFailure> {
        let found = self.document(Table::Businesses, business, business)?;
        let found = found.ok_or_else(|| failure("not_found", format!("no business {business}")))?;
        // That it is there and says what nobody understands lets nobody act as they like.
        let unreadable =
            |cause| failure("invalid", format!("the business {business} cannot be read: {cause}"));
        rows::business(&found).map_err(unreadable)
    }

    fn document(&self, table: Table, business: &str, id: &str) -> Result<Option<Document>, AskFailure> {
        self.store.document(table, business, id).map_err(broken)
    }

    fn resources(&self, business: &str, query: &ResourceQuery) -> Result<Reply, AskFailure> {
        let documents = self.store.documents(Table::Resources, Some(business)).map_err(broken)?;
        let found = documents.iter().filter_map(rows::resource).filter(|resource| resource.matches(query));
        Ok(Reply::Resources(found.take(query.limit.unwrap_or(usize::MAX)).collect()))
    }

    fn execute(&self, action: &ResourceAction, now: UnixMillis) -> Result<Reply, AskFailure> {
        let refused = |message: String| {
            Reply::Action(Box::new(ActionResult { success: false, message, resource: None }))
        };
        let document = self.document(Table::Resources, &action.business_id, &action.resource_id)?;
        let found = document.and_then(|document| Some((rows::resource(&document)?, document)));
        let Some((resource, document)) = found else {
            return Ok(refused(format!("no resource {}", action.resource_id)));
        };
        let next = match resource.after(action, now) {
            Ok(next) => next,
            Err(message) => return Ok(refused(message)),
        };
        let mut fields = document.fields.clone();
        fields.extend(rows::resource_fields(&next));
        fields.remove(CHANGED_BY);
        let written = Document { version: next.version, changed: now, fields, ..document };
        match self.store.put(&written) {
            Ok(()) => Ok(Reply::Action(Box::new(ActionResult {
                success: true,
                message: String::new(),
                resource: Some(next),
            }))),
            Err(StoreError::Version { found }) => {
                Ok(refused(format!("it was changed meanwhile: version {found}")))
            }
            Err(error) => Err(broken(error)),
        }
    }

    fn models(&self, business: &str, code: &str) -> Result<Vec<MessageModel>, AskFailure> {
        let documents = self.store.documents(Table::Models, Some(business)).map_err(broken)?;
        let of_code =
            |document: &&Document| field(&rows::row(document), "decisionCode").as_deref() == Some(code);
        Ok(documents.iter().filter(of_code).filter_map(rows::model).collect())
    }

    fn decisions(&mut self, query: &str, filter: &Filter, limit: usize) -> Result<Reply, AskFailure> {
        self.embedded.refresh(self.store, filter.business_id.as_deref()).map_err(broken)?;
        let hits = self.embedded.index.search(query, filter, limit);
        let mut found = Vec::new();
        for hit in hits {
            let document = self.document(Table::Decisions, &hit.business_id, &hit.id)?;
            found.extend(document.as_ref().and_then(rows::decision));
        }
        Ok(Reply::Decisions(found))
    }

    fn keep(&self, decision: &DecisionModel, now: UnixMillis) -> Result<Reply, AskFailure> {
        let old = self.document(Table::Decisions, &decision.business_id, &decision.id)?;
        let document = Document {
            table: Table::Decisions,
            business: decision.business_id.clone(),
            id: decision.id.clone(),
            version: old.map_or(0, |old| old.version) + 1,
            changed: now,
            fields: object(decision),
        };
        self.store.put(&document).map_err(broken)?;
        Ok(Reply::Done)
    }

    fn used(&self, business: &str, code: &str, now: UnixMillis) -> Result<Reply, AskFailure> {
        let models = self.models(business, code)?;
        let Some(model) = models.iter().max_by_key(|model| model.version) else { return Ok(Reply::Done) };
        let id = model_id(code, model.version);
        // Who was written over meanwhile counts anew on what is there now, so that no use is lost.
        while let Some(mut document) = self.document(Table::Models, business, &id)? {
            let count = document.fields.get("usageCount").and_then(Value::as_u64).unwrap_or(0);
            document.fields.insert("usageCount".to_owned(), count.saturating_add(1).into());
            document.fields.insert("lastUsed_ms".to_owned(), now.0.into());
            document.version += 1;
            document.changed = now;
            match self.store.put(&document) {
                Err(StoreError::Version { .. }) => {}
                done => return done.map(|()| Reply::Done).map_err(broken),
            }
        }
        Ok(Reply::Done)
    }
}

fn field(row: &Value, name: &str) -> Option<String> {
    row.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn at(row: &Value) -> i64 {
    let named = ["opened_ms", "created_ms", "at_ms", "changed_ms"];
    named.iter().find_map(|name| row.get(name)?.as_i64()).unwrap_or(0)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: StoreError) -> AskFailure {
    failure("unavailable", error.to_string())
}
