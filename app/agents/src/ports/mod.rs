//! The services around agents as specification 004 names them: business info, resources, and what is looked up (RAG).
//!
//! A call is a value and so is its reply: [`embedded`] answers from our own store, [`http`] says which request a call is and
//! reads the response, and whoever has sockets sends it.

pub mod cache;
pub mod embedded;
pub mod http;
pub mod question;
pub mod rows;

#[cfg(test)]
mod tests;

use crate::question::AskFailure;
use crate::search::Filter;
use crate::spec::{
    ActionResult, BusinessInfo, DecisionModel, LocationInfo, MessageModel, Resource, ResourceAction,
    ResourceQuery,
};
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};

/// Which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Businesses, their places, who may act for them.
    BusinessInfo,
    /// Resources and what is done with them.
    Resources,
    /// Message models and decisions.
    Rag,
}

/// A call of a service, by the names of the specification.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// `getBusinessInfo`.
    GetBusinessInfo {
        /// The business.
        business: String,
    },
    /// `getLocationInfo`.
    GetLocationInfo {
        /// The business.
        business: String,
        /// The place.
        location: String,
    },
    /// `validateBusinessAccess`.
    ValidateBusinessAccess {
        /// The business.
        business: String,
        /// The user.
        user: String,
    },
    /// `getResource`.
    GetResource {
        /// The business.
        business: String,
        /// The kind, where it is known.
        kind: Option<String>,
        /// The resource.
        id: String,
    },
    /// `queryResources`.
    QueryResources {
        /// The business.
        business: String,
        /// Which.
        query: ResourceQuery,
    },
    /// `executeAction`.
    ExecuteAction(ResourceAction),
    /// `validateResourceAccess`.
    ValidateResourceAccess {
        /// The business.
        business: String,
        /// The resource.
        id: String,
    },
    /// `getMessageModel`: the newest version that fits, or the one that is named.
    GetMessageModel {
        /// The business that asks.
        business: String,
        /// The code.
        code: String,
        /// The version.
        version: Option<u32>,
        /// Trade of the business.
        business_type: Option<String>,
        /// The place.
        location: Option<String>,
    },
    /// `searchSimilarDecisions`.
    SearchSimilarDecisions {
        /// The words.
        query: String,
        /// Which.
        filter: Filter,
        /// At most so many.
        limit: usize,
    },
    /// `storeDecision`.
    StoreDecision(Box<DecisionModel>),
    /// `updateModelUsage`.
    UpdateModelUsage {
        /// The business.
        business: String,
        /// The code.
        code: String,
    },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A business.
    Business(Box<BusinessInfo>),
    /// A place.
    Location(LocationInfo),
    /// Whether it is allowed.
    Access(bool),
    /// Resources; one or none for `getResource`.
    Resources(Vec<Resource>),
    /// What came of an action.
    Action(Box<ActionResult>),
    /// A message model, if there is one.
    Model(Option<Box<MessageModel>>),
    /// Decisions, the nearest first.
    Decisions(Vec<DecisionModel>),
    /// It is done.
    Done,
}

/// Somebody who answers calls at once.
pub trait Port {
    /// Answers.
    ///
    /// # Errors
    /// It cannot be answered, in the words of [`AskFailure`], and `not_found`.
    fn call(&mut self, call: &Call, now: UnixMillis) -> Result<Reply, AskFailure>;
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BusinessInfo, Self::Resources, Self::Rag];

    /// The name in metrics and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BusinessInfo => "business_info",
            Self::Resources => "resources",
            Self::Rag => "rag",
        }
    }
}

impl Call {
    /// Whose call it is.
    #[must_use]
    pub fn service(&self) -> Service {
        match self {
            Self::GetBusinessInfo { .. }
            | Self::GetLocationInfo { .. }
            | Self::ValidateBusinessAccess { .. } => Service::BusinessInfo,
            Self::GetResource { .. }
            | Self::QueryResources { .. }
            | Self::ExecuteAction(_)
            | Self::ValidateResourceAccess { .. } => Service::Resources,
            Self::GetMessageModel { .. }
            | Self::SearchSimilarDecisions { .. }
            | Self::StoreDecision(_)
            | Self::UpdateModelUsage { .. } => Service::Rag,
        }
    }

    /// Whether it may be sent again when nobody knows what became of it.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        !matches!(self, Self::ExecuteAction(_) | Self::UpdateModelUsage { .. })
    }
}

/// A failure of this kind.
#[must_use]
pub fn failure(kind: &str, message: impl Into<String>) -> AskFailure {
    AskFailure::new(kind, message)
}
