//! Random agents on random graphs, with crashes: the same log, rows and effects as without them; and each run replays.

mod random;

use inflight_agents::conformance::commit;
use inflight_agents::*;
use inflight_domain::UnixMillis;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use random::{NAMES, Op, RandomAgent, agents, serve, starts};
use std::collections::BTreeMap;

/// Inputs after which a run that still goes on is taken for one that never ends.
const INPUTS_MAX: usize = 2000;

/// When the process ends: before what it did is stored, or right after, and what it knew is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
    Before,
    After,
}

struct Outcome {
    log: Vec<RunEvent>,
    rows: Vec<Document>,
    delivered: BTreeMap<EffectKey, u32>,
    boundaries: usize,
}

/// Runs to the end, with these crashes by the number of the append.
fn run(agent: &RandomAgent, start: &Start, crash: impl Fn(usize) -> Option<Crash>) -> Outcome {
    let store = Memory::default();
    let mut delivered = BTreeMap::new();
    let (mut run, events) = Run::start(agent, start.clone(), UnixMillis(1000));
    commit(&store, &run, &events).expect("a new run");
    let mut boundaries = 0;
    let mut crashed = None;
    while let Some((input, now)) = serve(&run, &mut delivered) {
        assert!(boundaries < INPUTS_MAX, "it never ends");
        let events = run.advance(agent, input.clone(), now).unwrap_or_else(|why| panic!("{input:?}: {why}"));
        assert!(!events.is_empty(), "{input:?} changed nothing");
        let now_crashes = crash(boundaries).filter(|_| crashed != Some(boundaries));
        if now_crashes == Some(Crash::Before) {
            crashed = Some(boundaries);
        } else {
            commit(&store, &run, &events).expect("the next events");
            boundaries += 1;
        }
        if now_crashes.is_some() {
            run = Run::fold(store.load("r1").expect("events")).expect("a run");
        }
    }
    let (log, rows) = (store.load("r1").expect("events"), store.documents(Table::Cases, None).expect("rows"));
    assert_eq!(store.unfinished().expect("runs"), Vec::<String>::new());
    assert!(run.status().is_over(), "it wants nothing and is not over: {:?}", run.status());
    Outcome { log, rows, delivered, boundaries }
}

fn same(plain: &Outcome, crashed: &Outcome) {
    assert_eq!(plain.log, crashed.log);
    assert_eq!(plain.rows, crashed.rows, "rows of ours, exactly once");
    let keys = |outcome: &Outcome| outcome.delivered.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(plain), keys(crashed), "calls at least once, under the same keys");
    assert!(plain.delivered.values().all(|times| *times == 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_crash_at_any_boundary_changes_nothing(agent in agents(), start in starts()) {
        let plain = run(&agent, &start, |_| None);
        for boundary in 0..plain.boundaries {
            for kind in [Crash::Before, Crash::After] {
                same(&plain, &run(&agent, &start, |at| (at == boundary).then_some(kind)));
            }
        }
    }

    #[test]
    fn any_crashes_change_nothing(agent in agents(), start in starts(), crashes in any::<u64>()) {
        let plain = run(&agent, &start, |_| None);
        let crash = |at: usize| match crashes >> (2 * (at % 32)) & 3 {
            0 => Some(Crash::Before),
            1 => Some(Crash::After),
            _ => None,
        };
        same(&plain, &run(&agent, &start, crash));
    }

    #[test]
    fn a_run_replays_and_forks_at_every_step(agent in agents(), start in starts()) {
        let log = run(&agent, &start, |_| None).log;
        let replayed = replay(&agent, &log).expect("the same");
        prop_assert_eq!(replayed.events, log.len() as u64);
        prop_assert_eq!(&replayed.run, &Run::fold(log.clone()).expect("a run"));
        prop_assert_eq!(replayed.run.state(), &state_after(&log, u64::MAX).expect("a state"));
        for event in &log {
            let prefix = Run::fold(log[..event.seq as usize].to_vec()).expect("a prefix");
            prop_assert_eq!(prefix.state(), &state_after(&log, event.seq).expect("a state"));
            if matches!(event.kind, EventKind::Left { .. }) && prefix.end().is_none() {
                let forked = fork(&log, event.seq, "r2", None).expect("a start");
                let (forked, events) = Run::start(&agent, forked, event.at);
                prop_assert_eq!(forked.started().forked_from.as_ref().map(|from| from.seq), Some(event.seq));
                prop_assert_eq!(&forked.started().state, prefix.state());
                prop_assert!(replay(&agent, &events).is_ok());
            }
        }
    }

    #[test]
    fn an_edited_node_is_the_first_that_differs(agent in agents(), start in starts(), node in 0..NAMES.len()) {
        let log = run(&agent, &start, |_| None).log;
        prop_assume!(node < agent.programs.len());
        let mut edited = agent;
        edited.programs[node].insert(0, Op::Now);
        let entered = log.iter().find(|event| {
            matches!(&event.kind, EventKind::Entered { node: entered, .. } if entered == NAMES[node])
        });
        match (replay(&edited, &log), entered) {
            (Ok(_), None) => {}
            (Err(divergence), Some(entered)) => {
                prop_assert_eq!(&divergence.node, NAMES[node]);
                prop_assert!(divergence.seq > entered.seq, "{} of {}", divergence.seq, entered.seq);
            }
            (result, entered) => prop_assert!(false, "{:?} with {:?}", result, entered),
        }
    }

    #[test]
    fn a_changed_event_breaks_the_chain(agent in agents(), start in starts(), at in any::<usize>()) {
        let mut log = run(&agent, &start, |_| None).log;
        let at = at % log.len();
        log[at].at = UnixMillis(log[at].at.0 + 1);
        prop_assert_eq!(Run::fold(log.clone()), Err(Broken::Chain(at as u64 + 1)));
        log.remove(at);
        if at < log.len() {
            prop_assert!(Run::fold(log).is_err());
        }
    }
}

#[test]
fn chance_leads_everywhere() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..300 {
        let agent = agents().new_tree(&mut runner).expect("an agent").current();
        let start = starts().new_tree(&mut runner).expect("a start").current();
        for event in run(&agent, &start, |_| None).log {
            let kind = serde_json::to_value(&event.kind).expect("JSON");
            seen.extend(kind.as_object().and_then(|kind| kind.keys().next()).cloned());
        }
    }
    let expected = "answer_failed answered approval_asked approval_decided approval_escalated approval_reopened asked \
        budget_crossed budget_refused cancelled effect_intended effect_settled entered failed finished left \
        policy_decided recorded said started waiting woken";
    assert_eq!(seen.into_iter().collect::<Vec<_>>().join(" "), expected);
}
