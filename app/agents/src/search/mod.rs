//! Full text over decisions that were made: BM25 over folded words, with exact filters.
//!
//! The index holds words and what filters need, not the decisions themselves; it is kept in memory beside the store, grows
//! by one decision at a time, and works in the browser as well.

pub(crate) mod glossary;
pub mod quality;

use crate::spec::DecisionModel;
use crate::words;
use inflight_domain::{UnixMillis, math};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How words are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Endings fall.
    pub stem: bool,
    /// Words that mean the same to a dispatcher, in both languages, count as one; half as much as the word itself.
    pub glossary: bool,
}

/// What is asked for besides the words; what is not named does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Of this business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    /// Of businesses of this trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_type: Option<String>,
    /// With this code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_code: Option<String>,
    /// Of this family of codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_type: Option<String>,
    /// That ended like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// For this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::times::rfc3339_option")]
    pub from: Option<UnixMillis>,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::times::rfc3339_option")]
    pub to: Option<UnixMillis>,
}

/// A decision that fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The business.
    pub business_id: String,
    /// The decision's id.
    pub id: String,
    /// How well it fits; only comparable within one answer.
    pub score: f64,
}

/// The index.
#[derive(Clone, Debug)]
pub struct Index {
    options: Options,
    words: BTreeMap<String, Vec<Posting>>,
    documents: Vec<Option<Document>>,
    numbers: BTreeMap<(String, String), u32>,
    free: Vec<u32>,
    live: usize,
    length: u64,
}

#[derive(Clone, Copy, Debug)]
struct Posting {
    document: u32,
    weight: u16,
}

#[derive(Clone, Debug)]
struct Document {
    facts: Facts,
    words: Vec<String>,
    length: u32,
}

/// What filters look at.
#[derive(Clone, Debug)]
struct Facts {
    id: String,
    business_id: String,
    business_type: String,
    decision_code: String,
    decision_type: String,
    outcome: String,
    location_id: Option<String>,
    created_at: UnixMillis,
}

/// How soon more of the same word counts no more.
const SATURATION: f64 = 1.2;
/// How much a long text counts less.
const LENGTH_SHARE: f64 = 0.6;
/// What a word counts in a field, in halves.
const CONTEXT_WEIGHT: u16 = 4;
const REASONING_WEIGHT: u16 = 2;
const CODE_WEIGHT: u16 = 2;
const WORDS_MAX: usize = 64;

impl Default for Options {
    fn default() -> Self {
        Self { stem: true, glossary: true }
    }
}

impl Filter {
    /// Whether a decision passes.
    #[must_use]
    pub fn admits(&self, decision: &DecisionModel) -> bool {
        self.passes(&Facts::of(decision))
    }

    fn passes(&self, facts: &Facts) -> bool {
        let same = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        same(&self.business_id, &facts.business_id)
            && same(&self.business_type, &facts.business_type)
            && same(&self.decision_code, &facts.decision_code)
            && same(&self.decision_type, &facts.decision_type)
            && same(&self.outcome, &facts.outcome)
            && (self.location_id.is_none() || self.location_id == facts.location_id)
            && self.from.is_none_or(|from| facts.created_at >= from)
            && self.to.is_none_or(|to| facts.created_at < to)
    }
}

impl Facts {
    fn of(decision: &DecisionModel) -> Self {
        Self {
            id: decision.id.clone(),
            business_id: decision.business_id.clone(),
            business_type: decision.business_type.clone(),
            decision_code: decision.decision_code.clone(),
            decision_type: decision.decision_type.clone(),
            outcome: decision.outcome.clone(),
            location_id: decision.location_id.clone(),
            created_at: decision.created_at,
        }
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl Index {
    /// An empty one.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            words: BTreeMap::new(),
            documents: Vec::new(),
            numbers: BTreeMap::new(),
            free: Vec::new(),
            live: 0,
            length: 0,
        }
    }

    /// How many decisions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Takes a decision in; one of the same business and id is replaced.
    pub fn put(&mut self, decision: &DecisionModel) {
        self.remove(&decision.business_id, &decision.id);
        let mut weights: BTreeMap<String, u16> = BTreeMap::new();
        let mut length = 0;
        let place = decision.location_id.as_deref().unwrap_or_default();
        let fields = [
            (decision.context.as_str(), CONTEXT_WEIGHT),
            (&decision.reasoning, REASONING_WEIGHT),
            (&decision.decision_code, CODE_WEIGHT),
            (&decision.decision_type, CODE_WEIGHT),
            (place, CODE_WEIGHT),
        ];
        for (text, weight) in fields {
            for word in words::tokens(text).filter(|word| !words::is_common(word)) {
                length += 1;
                self.terms(&word, |term, share| {
                    let sum = weights.entry(term.to_owned()).or_default();
                    *sum = sum.saturating_add(weight / share);
                });
            }
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.documents.push(None);
            u32::try_from(self.documents.len() - 1).unwrap_or(u32::MAX)
        });
        for (word, weight) in &weights {
            self.words.entry(word.clone()).or_default().push(Posting { document: number, weight: *weight });
        }
        let facts = Facts::of(decision);
        self.numbers.insert((facts.business_id.clone(), facts.id.clone()), number);
        self.live += 1;
        self.length += u64::from(length);
        let document = Document { facts, words: weights.into_keys().collect(), length };
        if let Some(slot) = self.documents.get_mut(number as usize) {
            *slot = Some(document);
        }
    }

    /// Leaves a decision out from now on.
    pub fn remove(&mut self, business_id: &str, id: &str) {
        let Some(number) = self.numbers.remove(&(business_id.to_owned(), id.to_owned())) else { return };
        let Some(document) = self.documents.get_mut(number as usize).and_then(Option::take) else { return };
        for word in &document.words {
            if let Some(postings) = self.words.get_mut(word) {
                postings.retain(|posting| posting.document != number);
                if postings.is_empty() {
                    self.words.remove(word);
                }
            }
        }
        self.live -= 1;
        self.length -= u64::from(document.length);
        self.free.push(number);
    }

    /// The decisions that fit best, the best first; of equals the newest. Without words, the newest that pass.
    #[must_use]
    pub fn search(&self, query: &str, filter: &Filter, limit: usize) -> Vec<Hit> {
        let asked = self.asked(query);
        let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
        if asked.is_empty() {
            let all = self.documents.iter().enumerate().filter(|(_, document)| document.is_some());
            scores.extend(all.filter_map(|(number, _)| Some((u32::try_from(number).ok()?, 0.0))));
        }
        let mean = (self.length as f64 / self.live.max(1) as f64).max(1.0);
        for (word, share) in &asked {
            let Some(postings) = self.words.get(word) else { continue };
            let rarity = self.rarity(postings.len()) * share;
            for posting in postings {
                let Some(Some(document)) = self.documents.get(posting.document as usize) else { continue };
                let weight = f64::from(posting.weight) / 2.0;
                let long = 1.0 - LENGTH_SHARE + LENGTH_SHARE * f64::from(document.length) / mean;
                let value = weight * (SATURATION + 1.0) / (weight + SATURATION * long);
                *scores.entry(posting.document).or_default() += rarity * value;
            }
        }
        let mut found: Vec<(f64, &Facts)> = scores
            .into_iter()
            .filter_map(|(number, score)| {
                Some((score, &self.documents.get(number as usize)?.as_ref()?.facts))
            })
            .filter(|(_, facts)| filter.passes(facts))
            .collect();
        found.sort_by(|(score_a, a), (score_b, b)| {
            score_b.total_cmp(score_a).then(b.created_at.cmp(&a.created_at)).then_with(|| a.id.cmp(&b.id))
        });
        let hit = |(score, facts): (f64, &Facts)| Hit {
            business_id: facts.business_id.clone(),
            id: facts.id.clone(),
            score,
        };
        found.into_iter().take(limit).map(hit).collect()
    }

    fn asked(&self, query: &str) -> BTreeMap<String, f64> {
        let mut asked = BTreeMap::new();
        for word in words::tokens(query).filter(|word| !words::is_common(word)).take(WORDS_MAX) {
            self.terms(&word, |term, share| {
                asked.insert(term.to_owned(), 1.0 / f64::from(share));
            });
        }
        asked
    }

    fn rarity(&self, count: usize) -> f64 {
        let (all, count) = (self.live as f64, count as f64);
        math::ln(1.0 + (all - count + 0.5) / (count + 0.5))
    }

    /// What a word stands for in the index, and the part of its weight that this has.
    fn terms(&self, word: &str, mut take: impl FnMut(&str, u16)) {
        let stem = if self.options.stem { words::stem(word) } else { word };
        take(stem, 1);
        if self.options.glossary
            && let Some(meaning) = glossary::meaning(word)
        {
            take(meaning, 2);
        }
    }
}

#[cfg(test)]
mod tests;
