//! What a run may cost: reserved before a question goes out, settled when its answer is there.

use serde::{Deserialize, Serialize};

/// What happens when a limit is crossed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCrossing {
    /// The run fails, and says which limit.
    #[default]
    Stop,
    /// Models are asked no more; the local reasoner answers. Where that helps nothing (steps), the run stops.
    Degrade,
    /// A person may double the budget.
    Ask,
}

/// What a thousand thousand tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Millionths of a dollar for a million tokens that are read.
    pub input_microusd_per_mtok: u64,
    /// And for a million that are written.
    pub output_microusd_per_mtok: u64,
}

/// Limits of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Tokens read and written.
    pub tokens_max: u64,
    /// Money, in millionths of a dollar.
    pub cost_max_microusd: u64,
    /// Milliseconds in which something was worked on; time that people take is not counted.
    pub time_max_ms: u64,
    /// Nodes that are entered.
    pub steps_max: u32,
    /// What happens at a limit.
    #[serde(default)]
    pub on_crossing: OnCrossing,
    /// What tokens cost.
    #[serde(default)]
    pub price: Price,
    /// Nobody told what tokens cost, so that no money is counted.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub unpriced: bool,
    /// How often an answer that does not match its schema may be asked for anew; set aside for too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub repairs: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            tokens_max: 50_000,
            cost_max_microusd: 500_000,
            time_max_ms: 120_000,
            steps_max: 64,
            on_crossing: OnCrossing::Degrade,
            price: Price::default(),
            unpriced: false,
            repairs: 0,
        }
    }
}

/// What an answer cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Millionths of a dollar.
    pub cost_microusd: u64,
    /// Milliseconds from question to answer.
    pub took_ms: u64,
}

/// Tokens and money set aside for a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserve {
    /// Tokens.
    pub tokens: u64,
    /// Millionths of a dollar.
    pub cost_microusd: u64,
}

/// What a run has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens.
    pub tokens: u64,
    /// Millionths of a dollar.
    pub cost_microusd: u64,
    /// Milliseconds of work.
    pub time_ms: u64,
    /// Nodes entered.
    pub steps: u32,
    /// Set aside for questions that are open.
    pub reserved: Reserve,
}

/// A limit, and by how much it would be crossed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// `tokens`, `cost`, `time`, `steps`, or `business_day` when the store said so.
    pub limit: String,
    /// What it would come to.
    pub would_be: u64,
    /// The limit.
    pub max: u64,
}

/// What is left of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetLeft {
    /// Tokens.
    pub tokens: u64,
    /// Millionths of a dollar.
    pub cost_microusd: u64,
    /// Milliseconds.
    pub time_ms: u64,
    /// Nodes.
    pub steps: u32,
}

impl Usage {
    /// Tokens read and written. Whoever counted them may have said anything.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl Reserve {
    /// Both together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(more.tokens),
            cost_microusd: self.cost_microusd.saturating_add(more.cost_microusd),
        }
    }

    /// What is left without this.
    #[must_use]
    pub fn less(self, gone: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(gone.tokens),
            cost_microusd: self.cost_microusd.saturating_sub(gone.cost_microusd),
        }
    }
}

impl Spent {
    /// What is spent or set aside.
    fn all(&self) -> Reserve {
        Reserve { tokens: self.tokens, cost_microusd: self.cost_microusd }.plus(self.reserved)
    }
}

impl Budget {
    /// What is left after this.
    #[must_use]
    pub fn left(&self, spent: &Spent) -> BudgetLeft {
        BudgetLeft {
            tokens: self.tokens_max.saturating_sub(spent.all().tokens),
            cost_microusd: self.cost_max_microusd.saturating_sub(spent.all().cost_microusd),
            time_ms: self.time_max_ms.saturating_sub(spent.time_ms),
            steps: self.steps_max.saturating_sub(spent.steps),
        }
    }

    /// The limit that a question with this reserve would cross.
    #[must_use]
    pub fn crossed_by(&self, spent: &Spent, more: Reserve) -> Option<Crossing> {
        let all = spent.all().plus(more);
        crossing("tokens", all.tokens, self.tokens_max)
            .or_else(|| crossing("cost", all.cost_microusd, self.cost_max_microusd))
            .or_else(|| crossing("time", spent.time_ms, self.time_max_ms))
    }

    /// The limit that one more step would cross.
    #[must_use]
    pub fn crossed_by_step(&self, spent: &Spent) -> Option<Crossing> {
        crossing("steps", u64::from(spent.steps) + 1, u64::from(self.steps_max))
            .or_else(|| crossing("time", spent.time_ms, self.time_max_ms))
    }

    /// As much again of everything, and of what was crossed at least what it would have come to.
    #[must_use]
    pub fn granted(self, crossing: Option<&Crossing>) -> Self {
        let would_be = |limit: &str| {
            crossing.filter(|crossing| crossing.limit == limit).map_or(0, |crossing| crossing.would_be)
        };
        let twice = self.doubled();
        Self {
            tokens_max: twice.tokens_max.max(would_be("tokens")),
            cost_max_microusd: twice.cost_max_microusd.max(would_be("cost")),
            time_max_ms: twice.time_max_ms.max(would_be("time")),
            steps_max: twice.steps_max.max(u32::try_from(would_be("steps")).unwrap_or(u32::MAX)),
            ..twice
        }
    }

    fn doubled(self) -> Self {
        Self {
            tokens_max: self.tokens_max.saturating_mul(2),
            cost_max_microusd: self.cost_max_microusd.saturating_mul(2),
            time_max_ms: self.time_max_ms.saturating_mul(2),
            steps_max: self.steps_max.saturating_mul(2),
            ..self
        }
    }
}

impl Price {
    /// What so many tokens cost, rounded up.
    #[must_use]
    pub fn of(&self, input_tokens: u64, output_tokens: u64) -> u64 {
        let input = u128::from(input_tokens) * u128::from(self.input_microusd_per_mtok);
        let output = u128::from(output_tokens) * u128::from(self.output_microusd_per_mtok);
        u64::try_from(input.saturating_add(output).div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

impl Usage {
    /// Whether there was nothing to pay.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.tokens() == 0 && self.cost_microusd == 0
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde wants")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

fn crossing(limit: &str, would_be: u64, max: u64) -> Option<Crossing> {
    (would_be > max).then(|| Crossing { limit: limit.to_owned(), would_be, max })
}
