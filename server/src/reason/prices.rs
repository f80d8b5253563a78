//! What models cost, as the setting REASONER_PRICES tells it.

use inflight_agents::Price;

/// Prices by the beginning of a model's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices(Vec<(String, Price)>);

/// How the setting is written.
pub const EXPECTED: &str =
    "MODEL=IN/OUT in dollars for a million tokens, separated by commas, as in gpt-x=0.25/2";

impl Prices {
    /// Reads `gpt-x=0.25/2, gpt-y=3/12.5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(read).collect::<Option<Vec<_>>>().map(Self)
    }

    /// What this model costs: of the names that it begins with, the longest tells. Nobody knows where none does.
    #[must_use]
    pub fn of(&self, model: &str) -> Option<Price> {
        let fitting = self.0.iter().filter(|(name, _)| model.starts_with(name.as_str()));
        fitting.max_by_key(|(name, _)| name.len()).map(|(_, price)| *price)
    }
}

fn read(item: &str) -> Option<(String, Price)> {
    let (name, price) = item.rsplit_once('=')?;
    let (input, output) = price.split_once('/')?;
    let price =
        Price { input_microusd_per_mtok: dollars(input)?, output_microusd_per_mtok: dollars(output)? };
    (!name.trim().is_empty()).then(|| (name.trim().to_owned(), price))
}

/// Millionths of a dollar.
fn dollars(text: &str) -> Option<u64> {
    let amount: f64 = text.trim().parse().ok()?;
    (0.0..=100_000.0).contains(&amount).then(|| (amount * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, model: &str, expected: Option<Option<(u64, u64)>>) {
        let price = Prices::parse(text).map(|prices| prices.of(model));
        let pair = |price: Price| (price.input_microusd_per_mtok, price.output_microusd_per_mtok);
        assert_eq!(price.map(|price| price.map(pair)), expected, "{text}");
    }

    #[test]
    fn the_longest_name_tells_the_price() {
        let table = "gpt-x=3/12.5, gpt-x-mini=0.25/2, own=0/0";
        check(table, "gpt-x-2026-01-01", Some(Some((3_000_000, 12_500_000))));
        check(table, "gpt-x-mini", Some(Some((250_000, 2_000_000))));
        check(table, "own", Some(Some((0, 0))));
        check(table, "llama", Some(None));
        check("", "gpt-x", Some(None));
        for bad in ["gpt-x", "gpt-x=1", "=1/2", "a=b/c", "a=-1/2", "a=1/inf"] {
            check(bad, "a", None);
        }
    }
}
