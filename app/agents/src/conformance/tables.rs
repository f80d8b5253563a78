//! What stands beside the events: outbox, budgets, rows.

use crate::budget::Reserve;
use crate::conformance::log::{asked, clerk};
use crate::conformance::world::{World, commit};
use crate::effect::{EffectKey, EffectOutcome, Expected, Stale};
use crate::event::RunEvent;
use crate::projection::{Projections, RowChange};
use crate::run::{Run, Status};
use crate::store::{BudgetKey, DaySpent, Document, Store, StoreError, Table};
use crate::{EffectKind, RunInput, want::Want};
use inflight_domain::UnixMillis;
use serde_json::{Map, Value, json};

/// A run that has sent its effects, stored.
fn sent(store: &dyn Store) -> Run {
    let (agent, mut run) = (clerk(), asked(store, "r1"));
    let mut world = World { now: UnixMillis(9000), ..World::default() };
    while run.status() == Status::Review {
        let input = world.serve(&run).expect("an item");
        let events = run.advance(&agent, input, world.now).expect("a decision");
        commit(store, &run, &events).expect("the next events");
    }
    run
}

pub(super) fn effects_wait_in_the_outbox(store: &dyn Store) {
    let mut run = sent(store);
    let keys = |now: i64, until: i64, limit: usize| -> Vec<EffectKey> {
        let rows = store.outbox_take(UnixMillis(now), UnixMillis(until), limit).expect("outbox");
        rows.into_iter().map(|row| row.key).collect()
    };
    let wants = run.wants();
    let mut delivered = wants.iter().filter_map(|want| match want {
        Want::Deliver { key, effect } => Some((effect.kind != EffectKind::Call, key.clone())),
        _ => None,
    });
    let mut both = [delivered.next().expect("one"), delivered.next().expect("another")];
    both.sort();
    let [(_, call), (_, row)] = both;
    assert_eq!(store.outbox_next().expect("outbox"), Some(UnixMillis(10_000)));
    assert_eq!(keys(9_999, 20_000, 9), []);
    assert_eq!(keys(10_000, 20_000, 9), std::slice::from_ref(&call));
    assert_eq!(keys(11_000, 21_000, 9), [], "taken, or not due");
    assert_eq!(keys(20_000, 30_000, 1), std::slice::from_ref(&call), "free again, the oldest first");
    assert_eq!(keys(20_000, 30_000, 9), std::slice::from_ref(&row));
    store.outbox_retry(&call, UnixMillis(40_000), "refused").expect("outbox");
    assert_eq!(keys(39_999, 50_000, 9), std::slice::from_ref(&row));
    let again = store.outbox_take(UnixMillis(40_000), UnixMillis(60_000), 9).expect("outbox");
    let seen: Vec<_> = again.iter().map(|row| (&row.key, row.attempts, row.error.as_deref())).collect();
    assert_eq!(seen, [(&call, 1, Some("refused"))]);
    store.outbox_put_off(&call, UnixMillis(59_000), "busy").expect("outbox");
    let later = store.outbox_take(UnixMillis(59_000), UnixMillis(60_000), 9).expect("outbox");
    let seen: Vec<_> = later.iter().filter(|row| row.key == call).collect();
    assert_eq!((seen[0].attempts, seen[0].error.as_deref()), (1, Some("busy")), "no try");
    for key in [row, call] {
        let outcome = EffectOutcome::Done { answer: Value::Null };
        let input = RunInput::EffectSettled { key: key.clone(), outcome };
        let events = run.advance(&clerk(), input.clone(), UnixMillis(61_000)).expect("its effect");
        commit(store, &run, &events).expect("the next events");
        assert!(run.advance(&clerk(), input, UnixMillis(61_000)).is_err(), "settled once");
        store.outbox_retry(&key, UnixMillis(1), "too late").expect("nothing to do");
    }
    assert_eq!(store.outbox_next().expect("outbox"), None);
    assert_eq!(keys(99_000, 99_999, 9), []);
}

pub(super) fn a_row_changes_once_for_a_key(store: &dyn Store) {
    let mut run = sent(store);
    let case = || store.document(Table::Cases, "b1", "case_r1").expect("a case").expect("it");
    assert_eq!(case().version, 1);
    assert_eq!(case().fields["kind"], "delay");
    let key = run.effects().iter().find(|(_, sent)| sent.outcome.is_some()).expect("a row").0.clone();
    let change =
        |key: &EffectKey, fields: Value| RowChange::new(key.clone(), Table::Cases, "case_r1", object(fields));
    let (events, mut projections) = stopped(&mut run);
    let other = EffectKey("another".to_owned());
    projections.rows = vec![
        change(&key, json!({"kind": "twice"})),
        change(&other, json!({"severity": null, "note": "once"})),
        change(&other, json!({"note": "twice"})),
    ];
    store.append("r1", run.seq() - events.len() as u64, &events, &projections).expect("the next events");
    let case = case();
    assert_eq!(case.version, 2);
    assert_eq!(case.changed, UnixMillis(20_000));
    assert_eq!(Value::Object(case.fields), json!({"kind": "delay", "amount": 250.0, "note": "once"}));
}

/// The end of a run, to be stored with other changes of rows.
fn stopped(run: &mut Run) -> (Vec<RunEvent>, Projections) {
    let cancel = RunInput::Cancel { by: "ana".to_owned() };
    let events = run.advance(&clerk(), cancel, UnixMillis(20_000)).expect("stopped");
    let projections = Projections::of(run, &events);
    (events, projections)
}

pub(super) fn a_change_that_was_decided_on_another_row_is_not_made(store: &dyn Store) {
    let mut run = sent(store);
    let before = store.load("r1").expect("events");
    let (events, of_run) = stopped(&mut run);
    let case = || store.document(Table::Cases, "b1", "case_r1").expect("a case");
    let append = |id: &str, key: &str, expected: Expected| {
        let fields = object(json!({"note": key, "changed_by": "ana"}));
        let change = RowChange::new(EffectKey(key.to_owned()), Table::Cases, id, fields);
        let rows = vec![RowChange { expects: Some(expected), ..change }];
        store.append("r1", before.len() as u64, &events, &Projections { rows, ..of_run.clone() })
    };
    let stale =
        |version, by: Option<&str>| Err(StoreError::Stale(Stale { version, by: by.map(str::to_owned) }));
    let fields = |value: Value| Expected::Fields(object(value));
    for (id, expected, found) in [
        ("case_r1", Expected::Version(0), 1),
        ("case_r1", Expected::Version(2), 1),
        ("case_r1", fields(json!({"kind": "cancellation"})), 1),
        ("case_r1", fields(json!({"kind": "delay", "closed_ms": 5})), 1),
        ("none", Expected::Version(1), 0),
        ("none", fields(json!({"kind": "delay"})), 0),
    ] {
        assert_eq!(append(id, "a", expected.clone()), stale(found, None), "{id} {expected:?}");
        assert_eq!(store.load("r1").expect("events"), before, "nothing of it is stored");
        assert_eq!(case().map(|case| case.version), Some(1));
    }
    append("case_r1", "a", fields(json!({"kind": "delay", "closed_ms": null}))).expect("as it was");
    assert_eq!(case().map(|case| (case.version, case.fields["note"].clone())), Some((2, json!("a"))));
    let mut other = asked(store, "r2");
    let (events, of_run) = stopped(&mut other);
    let append = |key: &str, version: u64| {
        let change = RowChange::new(EffectKey(key.to_owned()), Table::Cases, "case_r1", Map::new());
        let rows = vec![RowChange { expects: Some(Expected::Version(version)), ..change }];
        let expected_seq = other.seq() - events.len() as u64;
        store.append("r2", expected_seq, &events, &Projections { rows, ..of_run.clone() })
    };
    assert_eq!(append("b", 1), stale(2, Some("ana")), "who was first is told");
    append("a", 1).expect("made already, for this key");
    assert_eq!(case().map(|case| case.version), Some(2));
}

pub(super) fn a_number_grows_by_each_change(store: &dyn Store) {
    let mut run = sent(store);
    let (events, mut projections) = stopped(&mut run);
    let change = |key: &str, more: u64| {
        let change = RowChange::new(EffectKey(key.to_owned()), Table::Models, "code/1", Map::new());
        RowChange { adds: [("usageCount".to_owned(), more)].into(), ..change }
    };
    projections.rows = vec![change("a", 1), change("b", 2), change("b", 2), change("c", u64::MAX)];
    store.append("r1", run.seq() - events.len() as u64, &events, &projections).expect("the next events");
    let model = store.document(Table::Models, "b1", "code/1").expect("a model").expect("it");
    assert_eq!((model.version, &model.fields["usageCount"]), (3, &json!(u64::MAX)));
}

pub(super) fn a_day_has_a_budget(store: &dyn Store) {
    let both = |tokens: u64, cost_microusd: u64| Reserve { tokens, cost_microusd };
    let of = |day: i64, question: &str| BudgetKey {
        business: "b1".to_owned(),
        day,
        run: "r1".to_owned(),
        question: question.to_owned(),
    };
    let max = both(100, 50);
    let reserve = |day: i64, question: &str, tokens: u64, cost: u64| {
        let crossing = store.budget_reserve(&of(day, question), both(tokens, cost), max).expect("budget");
        crossing.map(|crossing| (crossing.limit, crossing.would_be, crossing.max))
    };
    assert_eq!(reserve(1, "a", 40, 10), None);
    assert_eq!(reserve(1, "a", 40, 10), None, "asked again, as nobody heard what came of it");
    let twice = DaySpent { spent: both(40, 10), reserved: both(40, 10) };
    assert_eq!(store.budget_day("b1", 1).expect("budget"), twice);
    assert_eq!(reserve(1, "b", 21, 0), Some(("tokens of the day".to_owned(), 101, 100)));
    assert_eq!(reserve(1, "b", 20, 31), Some(("cost of the day".to_owned(), 51, 50)));
    assert_eq!(reserve(2, "b", 41, 41), None, "another day");
    store.budget_settle(&of(1, "a"), both(10, 5)).expect("budget");
    store.budget_settle(&of(1, "a"), both(10, 5)).expect("once");
    store.budget_settle(&of(1, "never"), both(10, 5)).expect("nothing was set aside");
    assert_eq!(reserve(1, "a", 51, 0), Some(("tokens of the day".to_owned(), 101, 100)), "though settled");
    assert_eq!(reserve(1, "a", 30, 0), None, "asked again, as the answer was lost");
    assert_eq!(reserve(1, "b", 20, 35), None);
    let spent = DaySpent { spent: both(50, 15), reserved: both(50, 35) };
    assert_eq!(store.budget_day("b1", 1).expect("budget"), spent);
    assert_eq!(store.budget_day("b2", 1).expect("budget"), DaySpent::default());
    // Whoever answers may say that it cost anything: sums stay at their end.
    for question in ["x", "y", "z"] {
        store.budget_reserve(&of(3, question), both(1, 1), both(u64::MAX, u64::MAX)).expect("budget");
        store.budget_settle(&of(3, question), both(u64::MAX, u64::MAX)).expect("budget");
    }
    assert_eq!(store.budget_day("b1", 3).expect("budget").spent, both(u64::MAX, u64::MAX));
    assert_eq!(reserve(3, "w", 1, 0), Some(("tokens of the day".to_owned(), u64::MAX, 100)));
}

pub(super) fn rows_have_versions(store: &dyn Store) {
    let row = |business: &str, id: &str, version: u64, name: &str| Document {
        table: Table::Resources,
        business: business.to_owned(),
        id: id.to_owned(),
        version,
        changed: UnixMillis(5),
        fields: object(json!({"name": name, "attributes": {"seats": 180, "é": [1.5, null]}})),
    };
    assert_eq!(store.put(&row("b1", "gate", 2, "x")), Err(StoreError::Version { found: 0 }));
    store.put(&row("b1", "gate", 1, "A1")).expect("new");
    assert_eq!(store.put(&row("b1", "gate", 1, "A2")), Err(StoreError::Version { found: 1 }));
    store.put(&row("b1", "gate", 2, "A2")).expect("the next");
    store.put(&row("b2", "gate", 1, "B1")).expect("another business");
    store.put(&row("b1", "crew", 1, "C1")).expect("another row");
    let get = |business: &str, id: &str| store.document(Table::Resources, business, id).expect("rows");
    assert_eq!(get("b1", "gate"), Some(row("b1", "gate", 2, "A2")));
    let names = |business: Option<&str>| -> Vec<Value> {
        let rows = store.documents(Table::Resources, business).expect("rows");
        rows.into_iter().map(|row| row.fields["name"].clone()).collect()
    };
    assert_eq!(names(None), ["C1", "A2", "B1"]);
    assert_eq!(names(Some("b2")), ["B1"]);
    assert_eq!(store.documents(Table::Cases, None).expect("rows"), []);
    store.remove(Table::Resources, "b1", "gate").expect("removed");
    store.remove(Table::Resources, "b1", "gate").expect("again");
    assert_eq!(get("b1", "gate"), None);
    store.put(&row("b1", "gate", 1, "A3")).expect("new again");
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
