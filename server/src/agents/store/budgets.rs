//! What a business may spend in a day: set aside before a question goes out, settled once after it.

use crate::agents::store::{Work, kept};
use inflight_agents::budget::{Crossing, Reserve};
use inflight_agents::store::{BudgetKey, DaySpent};
use rusqlite::Connection;

pub(super) fn reserve(
    connection: &Connection,
    of: &BudgetKey,
    reserve: Reserve,
    max: Reserve,
) -> Work<Option<Crossing>> {
    // Asked before, by a process that is gone: what it set aside or settled is spent, and stands beside what this costs.
    let before = "UPDATE budgets SET settled = 1, question = ?4 || '~' ||
            (SELECT COUNT(*) FROM budgets WHERE business = ?1 AND day = ?2 AND run = ?3)
        WHERE business = ?1 AND day = ?2 AND run = ?3 AND question = ?4";
    let key = (&of.business, of.day, &of.run, &of.question);
    connection.prepare_cached(before)?.execute(key)?;
    if let Some(crossing) = day(connection, &of.business, of.day)?.crossed_by(reserve, max) {
        return Ok(Some(crossing));
    }
    let put = "INSERT INTO budgets (business, day, run, question, tokens, cost_microusd) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (tokens, cost) = (kept(reserve.tokens), kept(reserve.cost_microusd));
    connection.prepare_cached(put)?.execute((&of.business, of.day, &of.run, &of.question, tokens, cost))?;
    Ok(None)
}

pub(super) fn settle(connection: &Connection, of: &BudgetKey, spent: Reserve) -> Work<()> {
    let change = "UPDATE budgets SET tokens = ?5, cost_microusd = ?6, settled = 1
        WHERE business = ?1 AND day = ?2 AND run = ?3 AND question = ?4 AND settled = 0";
    let (tokens, cost) = (kept(spent.tokens), kept(spent.cost_microusd));
    connection.prepare_cached(change)?.execute((
        &of.business,
        of.day,
        &of.run,
        &of.question,
        tokens,
        cost,
    ))?;
    Ok(())
}

pub(super) fn day(connection: &Connection, business: &str, day: i64) -> Work<DaySpent> {
    let sum =
        "SELECT settled, TOTAL(tokens), TOTAL(cost_microusd) FROM budgets WHERE business = ?1 AND day = ?2
        GROUP BY settled";
    let mut found = connection.prepare_cached(sum)?;
    let mut rows = found.query((business, day))?;
    let mut all = DaySpent::default();
    while let Some(row) = rows.next()? {
        // As numbers with a point, which grow without end where whole ones would fail.
        let (tokens, cost): (f64, f64) = (row.get(1)?, row.get(2)?);
        let sums = Reserve { tokens: tokens as u64, cost_microusd: cost as u64 };
        if row.get(0)? {
            all.spent = sums;
        } else {
            all.reserved = sums;
        }
    }
    Ok(all)
}
