//! How good search is on a labelled set: recall among the first five, beside what LIKE finds.

use crate::search::{Filter, Index, Options};
use crate::spec::DecisionModel;
use crate::words;
use serde::{Deserialize, Serialize};

/// A question of the labelled set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// Its name.
    pub id: String,
    /// The words.
    pub query: String,
    /// `tune` where the glossary was written after looking at it, `held` otherwise.
    pub set: String,
    /// Ids of the decisions that answer it.
    pub relevant: Vec<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Of what is relevant (at most five), the part that is among the first five; mean over all questions.
    pub recall_at_5: f64,
    /// One over the place of the first relevant decision; mean.
    pub reciprocal_rank: f64,
    /// The part of the questions with nothing relevant among the first five.
    pub empty_handed: f64,
}

/// All ways that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Decisions.
    pub decisions: usize,
    /// Questions.
    pub queries: usize,
    /// As it is used.
    pub bm25: Quality,
    /// The same on the questions that nothing was tuned on.
    pub bm25_held_out: Quality,
    /// Without endings and glossary.
    pub bm25_plain: Quality,
    /// With endings cut, without glossary.
    pub bm25_stem: Quality,
    /// `LIKE '%the whole question%'`, the newest first.
    pub like_phrase: Quality,
    /// `LIKE '%word%'` for each word, the most words first, then the newest.
    pub like_words: Quality,
    /// The same on the questions that nothing was tuned on.
    pub like_words_held_out: Quality,
}

const TOP: usize = 5;

/// Asks everything in every way.
#[must_use]
pub fn report(decisions: &[DecisionModel], queries: &[Labelled]) -> Report {
    let index = |stem, glossary| {
        let mut index = Index::new(Options { stem, glossary });
        decisions.iter().for_each(|decision| index.put(decision));
        index
    };
    let ask = |index: Index| {
        move |query: &str| {
            index.search(query, &Filter::default(), TOP).into_iter().map(|hit| hit.id).collect()
        }
    };
    let held: Vec<Labelled> = queries.iter().filter(|query| query.set == "held").cloned().collect();
    let used = Options::default();
    let full = ask(index(used.stem, used.glossary));
    let like = Like::new(decisions);
    Report {
        decisions: decisions.len(),
        queries: queries.len(),
        bm25: measure(queries, &full),
        bm25_held_out: measure(&held, &full),
        bm25_plain: measure(queries, ask(index(false, false))),
        bm25_stem: measure(queries, ask(index(true, false))),
        like_phrase: measure(queries, |query| like.phrase(query)),
        like_words: measure(queries, |query| like.words(query)),
        like_words_held_out: measure(&held, |query| like.words(query)),
    }
}

fn measure(queries: &[Labelled], search: impl Fn(&str) -> Vec<String>) -> Quality {
    let mut sum = Quality::default();
    for query in queries {
        let found = search(&query.query);
        let is_relevant = |id: &String| query.relevant.contains(id);
        let hits = found.iter().filter(|id| is_relevant(id)).count();
        sum.recall_at_5 += hits as f64 / query.relevant.len().clamp(1, TOP) as f64;
        sum.reciprocal_rank +=
            found.iter().position(is_relevant).map_or(0.0, |place| 1.0 / (place + 1) as f64);
        sum.empty_handed += f64::from(u8::from(hits == 0));
    }
    let share = |value: f64| (value / queries.len().max(1) as f64 * 1000.0).round() / 1000.0;
    Quality {
        recall_at_5: share(sum.recall_at_5),
        reciprocal_rank: share(sum.reciprocal_rank),
        empty_handed: share(sum.empty_handed),
    }
}

/// What a table without an index for words can do. It folds nothing: SQLite's LIKE only knows that a is A.
struct Like {
    rows: Vec<(String, String)>,
}

impl Like {
    fn new(decisions: &[DecisionModel]) -> Self {
        let mut rows: Vec<&DecisionModel> = decisions.iter().collect();
        rows.sort_by_key(|decision| core::cmp::Reverse(decision.created_at));
        let text = |decision: &DecisionModel| {
            [&decision.context, &decision.reasoning, &decision.decision_code, &decision.decision_type]
                .map(String::as_str)
                .join(" ")
                .to_ascii_lowercase()
        };
        Self { rows: rows.into_iter().map(|decision| (decision.id.clone(), text(decision))).collect() }
    }

    fn phrase(&self, query: &str) -> Vec<String> {
        let query = query.to_ascii_lowercase();
        let found = self.rows.iter().filter(|(_, text)| text.contains(&query));
        found.take(TOP).map(|(id, _)| id.clone()).collect()
    }

    fn words(&self, query: &str) -> Vec<String> {
        let query = query.to_ascii_lowercase();
        let words: Vec<&str> = query
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty() && !words::is_common(word))
            .collect();
        let count = |text: &str| words.iter().filter(|word| text.contains(**word)).count();
        let mut found: Vec<(usize, &String)> =
            self.rows.iter().map(|(id, text)| (count(text), id)).filter(|(count, _)| *count > 0).collect();
        found.sort_by_key(|(count, _)| core::cmp::Reverse(*count));
        found.into_iter().take(TOP).map(|(_, id)| id.clone()).collect()
    }
}
