//! What is asked of whoever comes without a name, and when a server refuses to start rather than stand open.

use crate::auth::principal::Principal;

/// What is asked of whoever comes without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A recording for people at this machine: they look, observe and move it.
    Open,
    /// Live data for people at this machine, where nobody can have a name: they look and observe.
    Local,
    /// A recording for everybody: they look.
    Demo,
    /// Everybody has to say who they are.
    Locked,
}

/// What the door depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// A recording is played.
    pub replay: bool,
    /// Only this machine reaches the listener.
    pub loopback: bool,
    /// PUBLIC_DEMO is on.
    pub public_demo: bool,
    /// There is a key, or JWT_SECRET.
    pub credentials: bool,
}

/// Why a server does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenByAccident {
    /// Others reach it and nobody has a name.
    #[error(
        "this address is reached from other machines, and anybody could look: create a key with `inflight keys create \
         --name me --role admin`, or set JWT_SECRET, or listen on 127.0.0.1, or show a recording to everybody with \
         --public-demo"
    )]
    NoCredentials,
    /// A demo of live data.
    #[error("--public-demo shows a recording to everybody; live data needs keys or JWT_SECRET instead")]
    LiveDemo,
}

impl Door {
    /// The door for this situation.
    ///
    /// # Errors
    /// The server would stand open by accident.
    pub fn of(situation: Situation) -> Result<Self, OpenByAccident> {
        let Situation { replay, loopback, public_demo, credentials } = situation;
        match (public_demo, replay, loopback, credentials) {
            (true, false, ..) => Err(OpenByAccident::LiveDemo),
            (true, ..) => Ok(Self::Demo),
            (false, true, true, _) => Ok(Self::Open),
            (false, false, true, false) => Ok(Self::Local),
            (false, _, _, true) => Ok(Self::Locked),
            (false, _, false, false) => Err(OpenByAccident::NoCredentials),
        }
    }

    /// Whoever says who they are may still do what everybody may here.
    #[must_use]
    pub fn raise(self, principal: Principal) -> Principal {
        let all = self.anonymous();
        let (observe, moves) = all.map_or((false, false), |all| (all.may_observe, all.may_move));
        Principal {
            may_observe: principal.may_observe || observe,
            may_move: principal.may_move || moves,
            ..principal
        }
    }

    /// Who somebody without a name is; none where a name is needed.
    #[must_use]
    pub fn anonymous(self) -> Option<Principal> {
        match self {
            Self::Open => Some(Principal::anonymous(true, true)),
            Self::Local => Some(Principal::anonymous(true, false)),
            Self::Demo => Some(Principal::anonymous(false, false)),
            Self::Locked => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_open_by_accident() {
        use OpenByAccident::{LiveDemo, NoCredentials};
        let (yes, no) = (true, false);
        for (replay, loopback, public_demo, credentials, expected) in [
            (yes, yes, no, no, Ok(Door::Open)),
            (yes, yes, no, yes, Ok(Door::Open)),
            (yes, no, no, no, Err(NoCredentials)),
            (yes, no, no, yes, Ok(Door::Locked)),
            (yes, no, yes, no, Ok(Door::Demo)),
            (yes, yes, yes, yes, Ok(Door::Demo)),
            (no, yes, no, no, Ok(Door::Local)),
            (no, yes, no, yes, Ok(Door::Locked)),
            (no, no, no, no, Err(NoCredentials)),
            (no, no, no, yes, Ok(Door::Locked)),
            (no, yes, yes, no, Err(LiveDemo)),
            (no, no, yes, yes, Err(LiveDemo)),
        ] {
            let situation = Situation { replay, loopback, public_demo, credentials };
            assert_eq!(Door::of(situation), expected, "{situation:?}");
        }
    }
}
