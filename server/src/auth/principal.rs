//! Who asks: a user with roles, businesses and locations, and how this became known.

use inflight_domain::{UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whoever asks, as far as decisions need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Name of the user.
    pub user: UserId,
    /// What the user may do.
    pub roles: Roles,
    /// For which businesses and locations.
    pub grants: Grants,
    /// May see connections and the audit trail.
    pub may_observe: bool,
    /// May move the recording that all see.
    pub may_move: bool,
    /// When this ends by itself.
    pub expires_at: Option<UnixMillis>,
    /// How this became known.
    pub via: Via,
}

/// What a user may do; each role may do what [`crate::auth::policy`] says, several add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what its grants allow.
    Viewer,
    /// Runs loads, negotiations and cases of its businesses.
    Coordinator,
    /// Works with signals, proposals, decisions and markets.
    Trader,
    /// Everything.
    Admin,
}

/// Several roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

/// For which businesses and locations a user acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// The businesses.
    pub businesses: Reach,
    /// Places within them.
    pub locations: Reach,
}

/// All, or those that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All there are.
    All,
    /// These.
    Named(BTreeSet<String>),
}

/// How it became known who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Nobody asked.
    Anonymous,
    /// The API key with this id.
    Key(String),
    /// The login with this id; not its secret.
    Session(String),
    /// A signed token.
    Token,
}

impl Principal {
    /// Somebody who did not say who they are, but may look; `local` people sit at this machine.
    #[must_use]
    pub fn anonymous(local: bool, may_move: bool) -> Self {
        Self {
            user: UserId::anonymous(),
            roles: Roles::of([Role::Viewer]),
            grants: if local { Grants::all() } else { Grants::none() },
            may_observe: local,
            may_move,
            expires_at: None,
            via: Via::Anonymous,
        }
    }

    /// A user who proved it. Administrators observe and move the recording; others only look at it.
    #[must_use]
    pub fn known(user: UserId, roles: Roles, grants: Grants, via: Via) -> Self {
        let admin = roles.has(Role::Admin);
        Self { user, roles, grants, may_observe: admin, may_move: admin, expires_at: None, via }
    }

    /// Nobody: may do nothing. What a connection is until it signs in.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            roles: Roles::default(),
            grants: Grants::none(),
            may_observe: false,
            ..Self::anonymous(false, false)
        }
    }

    /// Whether nobody said who this is.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.via == Via::Anonymous
    }
}

impl Role {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Coordinator, Self::Trader, Self::Admin];

    /// The word in files, tokens and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Coordinator => "coordinator",
            Self::Trader => "trader",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl Roles {
    /// These.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | bit(role)))
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & bit(role) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Role::ALL.into_iter().filter(|role| self.has(*role)).map(Role::name).collect()
    }
}

fn bit(role: Role) -> u8 {
    1 << role as u8
}

impl Grants {
    /// Everywhere.
    #[must_use]
    pub fn all() -> Self {
        Self { businesses: Reach::All, locations: Reach::All }
    }

    /// Nowhere.
    #[must_use]
    pub fn none() -> Self {
        Self { businesses: Reach::Named(BTreeSet::new()), locations: Reach::All }
    }

    /// From lists of names, in which `*` stands for all. No business is none; no location is all places of the
    /// businesses.
    #[must_use]
    pub fn of(businesses: &[String], locations: &[String]) -> Self {
        let locations = if locations.is_empty() { Reach::All } else { Reach::of(locations) };
        Self { businesses: Reach::of(businesses), locations }
    }
}

impl Reach {
    fn of(names: &[String]) -> Self {
        if names.iter().any(|name| name == "*") {
            return Self::All;
        }
        Self::Named(names.iter().cloned().collect())
    }

    /// Whether this name is within.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(name),
        }
    }

    /// The names; `*` for all.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::All => vec!["*"],
            Self::Named(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

impl Via {
    /// The word for answers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Key(_) => "key",
            Self::Session(_) => "session",
            Self::Token => "token",
        }
    }
}
