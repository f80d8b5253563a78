//! One run: what its events come to, and what it wants done.

use crate::agent::Failure;
use crate::budget::{Budget, BudgetLeft, Crossing, Spent};
use crate::canonical::Hash;
use crate::effect::EffectKey;
use crate::event::Started;
use crate::record::{Asked, Item, Record, Sent};
use crate::spec::AgentOutput;
use crate::want::Want;
use inflight_domain::{SmallMap, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Something is asked of a machine.
    Running,
    /// It waits for a time or an effect.
    Waiting,
    /// A person is asked.
    Review,
    /// It ended well.
    Done,
    /// It ended badly.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl Status {
    /// Whether it goes no further.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What the events of a run come to. Two runs with the same events are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub(crate) id: String,
    pub(crate) started: Started,
    /// What it holds must not be stored in plain text.
    pub(crate) sensitive: bool,
    pub(crate) budget: Budget,
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
    pub(crate) started_at: UnixMillis,
    pub(crate) changed_at: UnixMillis,
    /// The node that is entered or comes next.
    pub(crate) node: String,
    pub(crate) entered: bool,
    pub(crate) visits: SmallMap<String, u16>,
    pub(crate) state: Value,
    pub(crate) records: SmallMap<u32, Record>,
    pub(crate) items: SmallMap<String, Item>,
    pub(crate) sent: SmallMap<EffectKey, Sent>,
    pub(crate) spent: Spent,
    /// Why models are asked no more.
    pub(crate) degraded: Option<String>,
    pub(crate) stood_in: Option<String>,
    /// The open or decided item about the budget.
    pub(crate) budget_item: Option<String>,
    /// What was crossed when people were asked about the budget last.
    pub(crate) crossing: Option<Crossing>,
    pub(crate) end: Option<End>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With a decision.
    Done(Box<AgentOutput>),
    /// Without.
    Failed(Failure),
    /// By somebody.
    Cancelled(String),
}

impl Run {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it began with.
    #[must_use]
    pub fn started(&self) -> &Started {
        &self.started
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> UnixMillis {
        self.started_at
    }

    /// When its newest event happened.
    #[must_use]
    pub fn changed_at(&self) -> UnixMillis {
        self.changed_at
    }

    /// The number of its newest event, which the store must have before the next.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The hash of its newest event.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The node that it is in, or that comes next.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The state before that node.
    #[must_use]
    pub fn state(&self) -> &Value {
        &self.state
    }

    /// What it has cost.
    #[must_use]
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// Whether anything of it so far must not be stored in plain text.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// What it may cost, after what people granted.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What is left of that.
    #[must_use]
    pub fn left(&self) -> BudgetLeft {
        self.budget.left(&self.spent)
    }

    /// Why models are asked no more, or why rules answered last where one was asked.
    #[must_use]
    pub fn degraded(&self) -> Option<&str> {
        self.degraded.as_deref().or(self.stood_in.as_deref())
    }

    /// How it ended, if it did.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// All items that it brought before people, by identifier.
    #[must_use]
    pub fn items(&self) -> &SmallMap<String, Item> {
        &self.items
    }

    /// All effects that it intended, by key.
    #[must_use]
    pub fn effects(&self) -> &SmallMap<EffectKey, Sent> {
        &self.sent
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.end {
            Some(End::Done(_)) => return Status::Done,
            Some(End::Failed(_)) => return Status::Failed,
            Some(End::Cancelled(_)) => return Status::Cancelled,
            None => {}
        }
        if self.items.values().any(|item| item.decided.is_none()) {
            Status::Review
        } else if self.open_questions().next().is_some() {
            Status::Running
        } else {
            Status::Waiting
        }
    }

    /// What is to be done for it once its events are stored. Effects go out also when the run is over.
    #[must_use]
    pub fn wants(&self) -> Vec<Want> {
        let mut wants: Vec<Want> = self
            .sent
            .iter()
            .filter(|(_, sent)| sent.outcome.is_none())
            .map(|(key, sent)| Want::Deliver { key: key.clone(), effect: sent.effect.clone() })
            .collect();
        if self.end.is_some() {
            return wants;
        }
        wants.extend(self.open_questions().map(|asked| Want::Ask {
            id: asked.id.clone(),
            question: asked.question.clone(),
            degraded: asked.degraded.clone(),
            reserve: asked.reserve,
        }));
        let open = self.items.iter().filter(|(_, item)| item.decided.is_none());
        wants.extend(open.map(|(id, _)| Want::Decide { id: id.clone() }));
        wants.extend(self.next_tick().map(|at| Want::Tick { at }));
        wants
    }

    /// The next time at which something changes by time alone.
    #[must_use]
    pub fn next_tick(&self) -> Option<UnixMillis> {
        let of_item = |item: &Item| match &item.decided {
            None => item.expires_at,
            Some(decided) => (decided.holds_from > self.changed_at).then_some(decided.holds_from),
        };
        let of_record = |record: &Record| match record {
            Record::Until(until) => (*until > self.changed_at).then_some(*until),
            _ => None,
        };
        let times = self.items.values().filter_map(of_item);
        times.chain(self.records.values().filter_map(of_record)).min()
    }

    /// Whether nothing that could come would make it go on.
    pub(crate) fn is_stuck(&self) -> bool {
        self.open_questions().next().is_none()
            && self.next_tick().is_none()
            && self.items.values().all(|item| item.decided.is_some())
            && self.sent.values().all(|sent| sent.outcome.is_some())
    }

    pub(crate) fn open_questions(&self) -> impl Iterator<Item = &Asked> {
        self.records.values().filter_map(|record| match record {
            Record::Question(asked) if asked.reply.is_none() => Some(asked),
            _ => None,
        })
    }
}
