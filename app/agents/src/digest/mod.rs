//! The digest of operations: counts of cases, decisions that wait, decisions that were made, and the state of sources.

use crate::agent::Halt;
use crate::closing::{self, Citation, Closing, Told};
use crate::context::Context;
use crate::coordinator::pick::text;
use crate::graph::{Graph, GraphError, NodeSpec};
use crate::locale::Locale;
use crate::ports::failure;
use crate::ports::question::business_of;
use crate::question::{Answer, AskFailure, Question};
use crate::spec::Data;
use crate::typed::{NodeName, TypedAgent, TypedNext};
use crate::wording;
use inflight_domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// Its name in graphs and runs.
pub const NAME: &str = "digest";
const CODE: &str = "ops-digest";

/// The digest.
#[derive(Debug)]
pub struct Digest {
    graph: Graph,
}

/// Its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Counts.
    Gather,
    /// Writes.
    Write,
}

/// What it knows between nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// When it began, milliseconds since 1970.
    pub began_ms: i64,
    /// Values of the message.
    pub values: Data,
    /// Cases that are named.
    pub citations: Vec<Citation>,
    /// What could not be counted.
    pub gaps: Vec<String>,
    /// Trade of the business.
    pub business_type: String,
    /// Language of the business.
    pub locale: Locale,
}

impl NodeName for Node {
    const ALL: &'static [Self] = &[Self::Gather, Self::Write];

    fn name(self) -> &'static str {
        match self {
            Self::Gather => "gather",
            Self::Write => "write",
        }
    }
}

const ROWS_MAX: u16 = 500;
const HOURS: i64 = 24;
const CITED_MAX: usize = 5;

impl Digest {
    /// The digest.
    ///
    /// # Errors
    /// Its graph is not whole.
    pub fn new() -> Result<Self, GraphError> {
        let nodes = vec![NodeSpec::new("gather", &["write"]), NodeSpec::new("write", &[])];
        Ok(Self { graph: Graph::new(NAME, "1", "gather", nodes)? })
    }
}

impl TypedAgent for Digest {
    type State = State;
    type Node = Node;

    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn step(
        &self,
        node: Node,
        state: &mut State,
        context: &mut Context<'_>,
    ) -> Result<TypedNext<Node>, Halt> {
        match node {
            Node::Gather => gather(state, context),
            Node::Write => write(state, context),
        }
    }
}

fn gather(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let now = context.now();
    state.began_ms = now.0;
    let business = context.input().business_id.clone();
    let since = UnixMillis(now.0 - HOURS * 3_600_000);
    let search = |among: &str, filters: &[(&str, &str)]| Question::Search {
        among: among.to_owned(),
        business: business.clone(),
        query: String::new(),
        filters: filters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        limit: ROWS_MAX,
    };
    let asked = vec![
        Question::Business { business: business.clone(), location: None, user: None },
        search("cases", &[]),
        search("reviews", &[("status", "open")]),
        search("decisions", &[("from", &since.to_string())]),
        search("sources", &[]),
    ];
    let mut answers = context.ask_all(asked)?.into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Err(failure("unavailable", "no answer")));
    let about = next();
    let ahead_min = about.as_ref().ok().and_then(|answer| answer.value.as_ref()?.get("aheadMin")?.as_i64());
    let ahead_min = ahead_min.unwrap_or(0);
    if let Some(info) = business_of(about) {
        state.locale = info.locale().unwrap_or_default();
        state.business_type = info.kind;
    }
    let mut gaps = Vec::new();
    let cases = rows(next(), "cases", &mut gaps);
    let reviews = rows(next(), "reviews", &mut gaps);
    let decisions = rows(next(), "decisions", &mut gaps);
    let sources = rows(next(), "sources", &mut gaps);
    state.gaps = gaps;
    let open: Vec<&Value> = cases.iter().filter(|case| text(case, "status") != "closed").collect();
    let critical = open.iter().filter(|case| text(case, "severity") == "critical").count();
    state.citations = open.iter().take(CITED_MAX).map(|case| cite(case)).collect();
    let unknown = || vec![state.locale.pick("not known", "necunoscute").to_owned()];
    let told: Vec<String> = sources.iter().map(source).collect();
    let values = json!({
        "at": local(now, ahead_min), "cases": open.len(), "critical": critical, "reviews": reviews.len(),
        "decisions": decisions.len(), "hours": HOURS, "sources": if told.is_empty() { unknown() } else { told },
    });
    state.values = closing::object(&values);
    Ok(TypedNext::Go(Node::Write))
}

fn write(state: &mut State, context: &mut Context<'_>) -> Result<TypedNext<Node>, Halt> {
    let now = context.now();
    let composed = wording::word(context, (CODE, &state.business_type), &state.values, state.locale)?;
    let mut text = composed.text;
    if !state.gaps.is_empty() {
        let missing = state
            .locale
            .pick("Not counted, because nobody answered", "Nenumărate, pentru că nu a răspuns nimeni");
        text = format!("{text} {missing}: {}.", state.gaps.join(", "));
    }
    let message = Told { text: text.clone(), citations: state.citations.clone(), ..Told::default() };
    let mut response = closing::tell(context, message);
    response.content.template = Some(CODE.to_owned());
    let number = |name: &str| state.values.get(name).and_then(Value::as_u64).unwrap_or(0);
    let counted =
        ["cases", "critical", "reviews", "decisions"].map(|name| format!("{name} {}", number(name)));
    let closing = Closing {
        code: CODE.to_owned(),
        kind: "digest".to_owned(),
        about: text,
        reasoning: format!("counted {}", counted.join(", ")),
        confidence: if state.gaps.is_empty() { 1.0 } else { 0.5 },
        outcome: "told".to_owned(),
        business_type: state.business_type.clone(),
        responses: vec![response],
        metadata: state.values.clone(),
        took_ms: u64::try_from(now.0 - state.began_ms).unwrap_or(0),
        ..Closing::default()
    };
    Ok(TypedNext::Done(closing::close(context, closing)))
}

/// The time as RFC 3339 writes it, in the zone that is so far ahead.
fn local(at: UnixMillis, ahead_min: i64) -> String {
    if ahead_min == 0 {
        return at.to_string();
    }
    let there = UnixMillis(at.0 + ahead_min * 60_000).to_string();
    let (sign, ahead_min) = (if ahead_min < 0 { '-' } else { '+' }, ahead_min.abs());
    format!("{}{sign}{:02}:{:02}", there.trim_end_matches('Z'), ahead_min / 60, ahead_min % 60)
}

fn rows(answer: Result<Answer, AskFailure>, what: &str, gaps: &mut Vec<String>) -> Vec<Value> {
    match answer {
        Ok(answer) => match answer.value.and_then(|mut value| value.get_mut("rows").map(Value::take)) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        },
        Err(_) => {
            gaps.push(what.to_owned());
            Vec::new()
        }
    }
}

fn cite(case: &Value) -> Citation {
    Citation {
        kind: "case".to_owned(),
        id: text(case, "id").to_owned(),
        title: text(case, "title").to_owned(),
    }
}

fn source(row: &Value) -> String {
    let name = ["name", "id"].iter().map(|name| text(row, name)).find(|name| !name.is_empty()).unwrap_or("?");
    format!("{name} {}", text(row, "state"))
}
