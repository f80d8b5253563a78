//! Rows of the event topics of specification 002, with exactly its fields.

use crate::time::UnixMillis;
use serde::{Serialize, Serializer};

/// News that may matter to an investment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// Its name.
    pub id: String,
    /// Where it comes from.
    pub source: String,
    /// What it says.
    pub content: String,
    /// How it was judged.
    pub scores: Scores,
    /// How sure that is.
    pub confidences: Confidences,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// Scores of a signal, shares of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// All of them together.
    pub fused: f64,
    /// How good the news is.
    pub sentiment: f64,
    /// How much it is about what matters.
    pub relevance: f64,
    /// How new it is.
    pub novelty: f64,
    /// How far the source is believed.
    pub credibility: f64,
}

/// How sure scores are, shares of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Confidences {
    /// Of the fused score.
    pub fused: f64,
}

/// An investment that is proposed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// Its name.
    pub id: String,
    /// Why.
    pub thesis: String,
    /// In what.
    pub assets: Vec<String>,
    /// Share of the portfolio, of 1.
    pub size_pct: f64,
    /// Risk, 0 to 1.
    pub risk_score: f64,
    /// Expected return, share of 1.
    pub expected_return: f64,
    /// `proposed` and what follows.
    pub status: String,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// What was decided on a proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// Its name.
    pub id: String,
    /// The proposal.
    pub proposal_id: String,
    /// What is done.
    pub action: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// What the proposed size is multiplied with.
    pub size_adjustment: f64,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// What came of a proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Its name.
    pub id: String,
    /// The proposal.
    pub proposal_id: String,
    /// Return, share of 1.
    pub return_pct: f64,
    /// Return by risk.
    pub sharpe_ratio: f64,
    /// Deepest fall, share of 1.
    pub max_drawdown: f64,
    /// Share of wins, of 1.
    pub win_rate: f64,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// An assessment of risk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// Risk, 0 to 1.
    pub risk_score: f64,
    /// Value at risk, shares of 1.
    pub var: ValueAtRisk,
    /// Expected loss beyond it, shares of 1.
    pub cvar: Shortfall,
    /// Volatility, share of 1.
    pub volatility: f64,
    /// Correlation, -1 to 1.
    pub correlation: f64,
    /// What should be done.
    pub recommendations: Vec<String>,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// Value at risk by three methods.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValueAtRisk {
    /// From what happened.
    pub historical: f64,
    /// From a distribution.
    pub parametric: f64,
    /// From simulations.
    pub monte_carlo: f64,
}

/// Expected loss beyond the value at risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shortfall {
    /// From what happened.
    pub historical: f64,
    /// From simulations.
    pub monte_carlo: f64,
}

/// Health and alerts: the system event of specification 002.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// `healthy`, `degraded` or another word.
    pub health: String,
    /// Measured values.
    pub metrics: Metrics,
    /// What people should know, the gravest first.
    pub alerts: Vec<Alert>,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

/// Measured values of a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// Share of the processors, of 1.
    pub cpu_usage: f64,
    /// Share of the memory, of 1.
    pub memory_usage: f64,
    /// Milliseconds.
    pub response_time: f64,
}

/// Something that people should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    /// `info`, `warning`, `error` or another word.
    pub level: String,
    /// What.
    pub message: String,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub timestamp: UnixMillis,
}

fn rfc3339<S: Serializer>(time: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
