//! Runs and their events: order, conflicts, crashes, and who is first.

use crate::advance::RunInput;
use crate::approval::{Decision, DecisionKind, Role};
use crate::clerk::Clerk;
use crate::conformance::Open;
use crate::conformance::world::{World, commit, start};
use crate::event::RunEvent;
use crate::projection::Projections;
use crate::refused::Refused;
use crate::rows::ReviewStatus;
use crate::run::{Run, Status};
use crate::store::{ReviewFilter, RunFilter, Store, StoreError, Table};
use crate::typed::Typed;
use crate::want::Want;
use inflight_domain::UnixMillis;

/// So many decide at once.
const DECIDERS: usize = 8;

pub(super) fn clerk() -> Typed<Clerk> {
    Typed(Clerk::new().expect("a graph"))
}

/// A run on which a coordinator has to decide, stored.
pub(super) fn asked(store: &dyn Store, id: &str) -> Run {
    let agent = clerk();
    let (mut run, events) = Run::start(&agent, start(id, 90.0, 250.0), UnixMillis(1000));
    commit(store, &run, &events).expect("a new run");
    let mut world = World { now: UnixMillis(1000), ..World::default() };
    while run.status() != Status::Review {
        let input = world.serve(&run).expect("it asks first");
        let events = run.advance(&agent, input, world.now).expect("its own question");
        commit(store, &run, &events).expect("the next events");
    }
    run
}

pub(super) fn events_are_added_where_they_belong(store: &dyn Store) {
    assert_eq!(store.load("r1").expect("nothing"), Vec::new());
    let mut run = asked(store, "r1");
    let before = store.load("r1").expect("events");
    assert_eq!(Run::fold(before.clone()).expect("a run"), run);
    World { now: UnixMillis(9000), ..World::default() }.finish(store, &clerk(), &mut run).expect("stored");
    let after = store.load("r1").expect("events");
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(Run::fold(after).expect("a run"), run);
    assert_eq!(store.load("r2").expect("nothing"), Vec::new());
}

pub(super) fn a_refused_append_changes_nothing(store: &dyn Store) {
    let run = asked(store, "r1");
    let id = run.items().keys().next().cloned().expect("an item");
    let everything = || {
        let filter = RunFilter { limit: 9, ..RunFilter::default() };
        (
            store.load("r1").expect("events"),
            store.runs(&filter).expect("runs"),
            store.review(&id).expect("an item"),
            store.documents(Table::Cases, None).expect("cases"),
            store.outbox_next().expect("outbox"),
        )
    };
    let before = everything();
    let mut other = run.clone();
    let events = other.advance(&clerk(), decide(&id, 0), UnixMillis(9000)).expect("a decision");
    let projections = Projections::of(&other, &events);
    for expected in [0, run.seq() - 1, run.seq() + 1] {
        let conflict = StoreError::Conflict { expected, found: run.seq() };
        assert_eq!(store.append("r1", expected, &events, &projections), Err(conflict));
        assert_eq!(everything(), before);
    }
    let gap: Vec<RunEvent> = events.iter().skip(1).cloned().collect();
    assert!(matches!(store.append("r1", run.seq(), &gap, &projections), Err(StoreError::Failed(_))));
    assert_eq!(everything(), before);
    store.append("r1", run.seq(), &events, &projections).expect("in its place");
}

pub(super) fn an_input_is_taken_once(store: &dyn Store) {
    let agent = clerk();
    let (first, events) = Run::start(&agent, start("r1", 1.0, 0.0), UnixMillis(1));
    commit(store, &first, &events).expect("a new run");
    let again = crate::Start { run: "r2".to_owned(), ..start("r1", 1.0, 0.0) };
    let (second, events) = Run::start(&agent, again, UnixMillis(2));
    let taken = StoreError::InputTaken { run: "r1".to_owned() };
    assert_eq!(commit(store, &second, &events), Err(taken));
    assert_eq!(store.load("r2").expect("nothing"), Vec::new());
    assert_eq!(store.input_run("b1", "in_r1").expect("inputs").as_deref(), Some("r1"));
    assert_eq!(store.input_run("b2", "in_r1").expect("inputs"), None);
    let fork = crate::fork(&store.load("r1").expect("events"), 2, "r3", None).expect("a start");
    let (fork, events) = Run::start(&agent, fork, UnixMillis(3));
    commit(store, &fork, &events).expect("a fork takes no input");
}

pub(super) fn runs_are_finished_when_nothing_is_left_to_do(store: &dyn Store) {
    let mut run = asked(store, "r1");
    assert_eq!(store.unfinished().expect("runs"), ["r1"]);
    let agent = clerk();
    let mut world = World { now: UnixMillis(9000), ..World::default() };
    while !run.status().is_over() {
        // The row that is put off stays for last.
        let mut wants = run.wants();
        wants.sort_by_key(|want| matches!(want, Want::Deliver { effect, .. } if effect.is_internal()));
        let input = world.input(wants.remove(0));
        let events = run.advance(&agent, input, world.now).expect("what it wanted");
        commit(store, &run, &events).expect("the next events");
    }
    assert_eq!(store.unfinished().expect("runs"), ["r1"], "an effect is put off");
    world.finish(store, &agent, &mut run).expect("the effect");
    assert_eq!(store.unfinished().expect("runs"), Vec::<String>::new());
}

pub(super) fn one_of_many_decisions_counts(store: &dyn Store) {
    let id = asked(store, "r1").items().keys().next().cloned().expect("an item");
    // What a person's request does: again from what is stored, until it is stored or refused.
    let decide = |number: usize| loop {
        let mut run = Run::fold(store.load("r1").expect("events")).expect("a run");
        match run.advance(&clerk(), decide(&id, number), UnixMillis(9000)) {
            Err(Refused::Decided(_)) => return false,
            Err(other) => panic!("{other}"),
            Ok(events) => match commit(store, &run, &events) {
                Ok(()) => return true,
                Err(StoreError::Conflict { .. }) => {}
                Err(other) => panic!("{other}"),
            },
        }
    };
    let decide = &decide;
    let winners = std::thread::scope(|scope| {
        let deciders: Vec<_> = (0..DECIDERS).map(|number| scope.spawn(move || decide(number))).collect();
        deciders.into_iter().map(|decider| decider.join().expect("no panic")).filter(|won| *won).count()
    });
    assert_eq!(winners, 1);
    assert_eq!(store.documents(Table::Cases, Some("b1")).expect("cases").len(), 1);
    let due = store.outbox_take(UnixMillis(99_000), UnixMillis(99_999), 9).expect("outbox");
    assert_eq!(due.len(), 2);
    assert_eq!(store.review(&id).expect("an item").expect("it").status, ReviewStatus::Approved);
}

pub(super) fn a_crash_between_any_two_appends_changes_nothing(open: Open<'_>) {
    let agent = clerk();
    let (mut run, events) = Run::start(&agent, start("r1", 90.0, 250.0), UnixMillis(1000));
    commit(&*open("crash"), &run, &events).expect("a new run");
    let mut world = World { now: UnixMillis(1000), undo_ms: 5000, ..World::default() };
    while let Some(input) = world.serve(&run) {
        let events = run.advance(&agent, input, world.now).expect("what it wanted");
        commit(&*open("crash"), &run, &events).expect("the next events");
        let again = Run::fold(open("crash").load("r1").expect("events")).expect("a run");
        assert_eq!(again, run);
        run = again;
    }
    let store = open("crash");
    assert_eq!(run.status(), Status::Done);
    assert_eq!(store.unfinished().expect("runs"), Vec::<String>::new());
    let row = store.document(Table::Cases, "b1", "case_r1").expect("a case").expect("it");
    assert_eq!((row.version, row.fields["amount"].as_f64()), (1, Some(250.0)));
    assert!(world.delivered.values().all(|times| *times == 1) && world.delivered.len() == 1);
}

pub(super) fn rows_are_found_by_filter(store: &dyn Store) {
    let ids = |filter: &RunFilter| -> Vec<String> {
        store.runs(filter).expect("runs").into_iter().map(|row| row.id).collect()
    };
    let mut first = asked(store, "r1");
    asked(store, "r2");
    World { now: UnixMillis(9000), ..World::default() }.finish(store, &clerk(), &mut first).expect("stored");
    let all = RunFilter { limit: 9, ..RunFilter::default() };
    let business = |name: &str| Some(name.to_owned());
    for (filter, expected) in [
        (all.clone(), &["r2", "r1"][..]),
        (RunFilter { limit: 1, ..all.clone() }, &["r2"]),
        (RunFilter { status: Some(Status::Done), ..all.clone() }, &["r1"]),
        (RunFilter { status: Some(Status::Review), business: business("b1"), ..all.clone() }, &["r2"]),
        (RunFilter { business: business("b2"), ..all.clone() }, &[]),
        (RunFilter { agent: business("clerk"), before: Some(UnixMillis(1000)), ..all.clone() }, &[]),
        (RunFilter { agent: business("clerk"), before: Some(UnixMillis(1001)), ..all }, &["r2", "r1"]),
    ] {
        assert_eq!(ids(&filter), expected, "{filter:?}");
    }
    let any = ReviewFilter { limit: 9, ..ReviewFilter::default() };
    let open = ReviewFilter { status: Some(ReviewStatus::Open), ..any.clone() };
    let of_run = ReviewFilter { run: Some("r1".to_owned()), ..any.clone() };
    for (filter, count) in [(any, 2), (open, 1), (of_run, 1)] {
        assert_eq!(store.reviews(&filter).expect("items").len(), count, "{filter:?}");
    }
}

fn decide(id: &str, number: usize) -> RunInput {
    RunInput::Decide(Decision {
        approval: id.to_owned(),
        by: number.to_string(),
        role: Role::Coordinator,
        decision: DecisionKind::Approve { payload: None },
        reason: None,
        undo_ms: 0,
    })
}
