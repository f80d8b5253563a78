//! Retry, breaker and bulkhead on a given clock, and the local reasoner.

use inflight_agents::breaker::{Breaker, BreakerLimits, BreakerState};
use inflight_agents::bulkhead::{Bulkhead, BulkheadLimits, Entry};

use inflight_agents::question::LocalRule;
use inflight_agents::retry::{Again, after, try_until};
use inflight_agents::rules::{Compare, Condition};
use inflight_agents::{ModelQuestion, RetryPolicy, local};
use inflight_domain::UnixMillis;
use proptest::prelude::*;
use serde_json::json;

const POLICY: RetryPolicy = RetryPolicy { max_retries: 3, retry_delay: 1000, max_delay: 3000, timeout: 500 };

#[test]
fn a_try_that_failed_is_followed_by_another_in_time() {
    let now = UnixMillis(100);
    let at = |ms: i64| Again::At(UnixMillis(ms));
    for (attempts, random, asked_ms, deadline, expected) in [
        (1, 1000, None, None, at(1100)),
        (1, 1001, None, None, at(100)),
        (2, 2000, None, None, at(2100)),
        (3, 3000, None, None, at(3100)),
        (4, 0, None, None, Again::Never),
        (1, 0, Some(7000), None, at(7100)),
        (1, 0, Some(7000), Some(7100), Again::Never),
        (1, 999, None, Some(1100), at(1099)),
        (1, 1000, None, Some(1100), Again::Never),
    ] {
        let found = after(&POLICY, attempts, now, random, asked_ms, deadline.map(UnixMillis));
        assert_eq!(found, expected, "{attempts} {random} {asked_ms:?} {deadline:?}");
    }
    assert_eq!(try_until(&POLICY, now, None), UnixMillis(600));
    assert_eq!(try_until(&POLICY, now, Some(UnixMillis(300))), UnixMillis(300));
}

#[test]
fn a_breaker_opens_tries_and_closes() {
    let limits = BreakerLimits { failures: 2, open_ms: 100, trials: 2 };
    let mut breaker = Breaker::new(limits, UnixMillis(0));
    let mut call = |at: i64, is_well: bool| {
        let admitted = breaker.admit(UnixMillis(at));
        if let Ok(ticket) = admitted {
            breaker.settle(ticket, is_well, UnixMillis(at));
        }
        (admitted.map(drop).map_err(|until| until.0), breaker.state(UnixMillis(at)).0)
    };
    use BreakerState::{Closed, HalfOpen, Open};
    for (at, is_well, expected) in [
        (1, false, (Ok(()), Closed)),
        (2, true, (Ok(()), Closed)),
        (3, false, (Ok(()), Closed)),
        (4, false, (Ok(()), Open)),
        (103, true, (Err(104), Open)),
        (104, false, (Ok(()), Open)),
        // Twice as long after a trial that failed.
        (303, true, (Err(304), Open)),
        (304, true, (Ok(()), HalfOpen)),
        (305, true, (Ok(()), Closed)),
        (306, false, (Ok(()), Closed)),
        (307, false, (Ok(()), Open)),
        (406, false, (Err(407), Open)),
    ] {
        assert_eq!(call(at, is_well), expected, "at {at}");
    }
}

#[test]
fn one_trial_at_a_time_and_late_news_tell_nothing() {
    let limits = BreakerLimits { failures: 1, open_ms: 100, trials: 1 };
    let mut breaker = Breaker::new(limits, UnixMillis(0));
    let (slow, failing) = (breaker.admit(UnixMillis(1)).unwrap(), breaker.admit(UnixMillis(1)).unwrap());
    breaker.settle(failing, false, UnixMillis(2));
    breaker.settle(slow, true, UnixMillis(50));
    assert_eq!(breaker.state(UnixMillis(50)), (BreakerState::Open, UnixMillis(2)));
    let lost = breaker.admit(UnixMillis(102)).unwrap();
    assert_eq!(breaker.admit(UnixMillis(103)), Err(UnixMillis(202)));
    let trial = breaker.admit(UnixMillis(202)).unwrap();
    breaker.settle(lost, false, UnixMillis(203));
    assert_eq!(breaker.state(UnixMillis(203)).0, BreakerState::HalfOpen);
    breaker.settle(trial, true, UnixMillis(204));
    assert_eq!(breaker.state(UnixMillis(204)), (BreakerState::Closed, UnixMillis(204)));
}

#[test]
fn a_bulkhead_lets_in_by_turns() {
    let mut bulkhead = Bulkhead::new(BulkheadLimits { at_once: 1, waiting: 3, wait_ms: 100 });
    let entries: Vec<Entry> = (0..5).map(|call| bulkhead.enter(call, UnixMillis(call as i64))).collect();
    assert_eq!(entries, [Entry::In, Entry::Waits, Entry::Waits, Entry::Waits, Entry::Full]);
    assert_eq!(bulkhead.next(UnixMillis(10)), None);
    assert_eq!(bulkhead.expire(UnixMillis(101)), [1]);
    bulkhead.leave();
    assert_eq!((bulkhead.next(UnixMillis(102)), bulkhead.next(UnixMillis(102))), (Some(3), None));
    assert_eq!(bulkhead.load(), (1, 0));
}

proptest! {
    #[test]
    fn never_more_at_once_and_everybody_is_told(steps in prop::collection::vec((0_u8..4, 0_i64..50), 0..200)) {
        let limits = BulkheadLimits { at_once: 3, waiting: 4, wait_ms: 60 };
        let (mut bulkhead, mut now) = (Bulkhead::new(limits), 0);
        let (mut inside, mut waiting, mut next) = (0, Vec::new(), 0);
        for (step, ms) in steps {
            now += ms;
            match step {
                0 | 1 => {
                    match bulkhead.enter(next, UnixMillis(now)) {
                        Entry::In => inside += 1,
                        Entry::Waits => waiting.push((next, now)),
                        Entry::Full => prop_assert_eq!(waiting.len(), limits.waiting),
                    }
                    next += 1;
                }
                2 if inside > 0 => {
                    inside -= 1;
                    bulkhead.leave();
                }
                _ => {}
            }
            let gone = bulkhead.expire(UnixMillis(now));
            prop_assert!(waiting.iter().all(|(call, since)| gone.contains(call) == (since + 60 <= now)));
            waiting.retain(|(call, _)| !gone.contains(call));
            while let Some(call) = bulkhead.next(UnixMillis(now)) {
                prop_assert_eq!(waiting.remove(0).0, call);
                inside += 1;
            }
            prop_assert!(inside <= limits.at_once);
            prop_assert_eq!(bulkhead.load(), (inside, waiting.len()));
        }
    }

    #[test]
    fn a_breaker_never_lets_two_trials_through(steps in prop::collection::vec((any::<bool>(), 0_i64..80), 0..200)) {
        let limits = BreakerLimits { failures: 2, open_ms: 100, trials: 1 };
        let (mut breaker, mut now, mut failures) = (Breaker::new(limits, UnixMillis(0)), 0, 0);
        for (is_well, ms) in steps {
            now += ms;
            let before = breaker.state(UnixMillis(now)).0;
            match breaker.admit(UnixMillis(now)) {
                Err(until) => prop_assert!(before == BreakerState::Open && until.0 > now),
                Ok(ticket) => {
                    prop_assert!(before != BreakerState::Open);
                    if before == BreakerState::HalfOpen {
                        prop_assert!(breaker.admit(UnixMillis(now)).is_err());
                    }
                    breaker.settle(ticket, is_well, UnixMillis(now));
                    failures = if is_well { 0 } else { failures + 1 };
                    let after = breaker.state(UnixMillis(now)).0;
                    prop_assert_eq!(after == BreakerState::Closed, is_well || failures < 2);
                }
            }
        }
    }
}

#[test]
fn the_local_reasoner_says_which_rule_and_which_numbers() {
    let rule = |name: &str, when: Vec<Condition>, gate: &str| LocalRule {
        name: name.to_owned(),
        when,
        then: json!({"gate": gate}).as_object().cloned().unwrap(),
        says: "{flight} is {minutes} min late, {unknown} {".to_owned(),
    };
    let late = Condition::new("minutes", Compare::AtLeast, 45.0);
    let mut question = ModelQuestion {
        numbers: [("minutes".to_owned(), 61.256)].into(),
        words: [("flight".to_owned(), "ROT281".to_owned())].into(),
        rules: vec![rule("late", vec![late], "B2"), rule("otherwise", Vec::new(), "A1")],
        schema: Some(json!({"properties": {"gate": {"enum": ["B2"]}}, "required": ["reasoning"]})),
        ..ModelQuestion::default()
    };
    let answer = local::answer(&question).unwrap();
    let reasoning = "ROT281 is 61.26 min late, {unknown} {";
    assert_eq!(answer.value, Some(json!({"gate": "B2", "reasoning": reasoning})));
    assert_eq!(serde_json::from_str(&answer.text).ok(), answer.value);
    let why = answer.why.unwrap();
    assert_eq!((why.rule.as_str(), why.because[0].was), ("late", Some(61.256)));
    assert_eq!(answer.by, "local");
    question.numbers.insert("minutes".to_owned(), 5.0);
    let failure = local::answer(&question).unwrap_err();
    assert_eq!(
        (failure.kind.as_str(), failure.message.as_str()),
        ("invalid", "gate: expected one of [\"B2\"]")
    );
    question.rules.pop();
    assert_eq!(local::answer(&question).unwrap_err().kind, "refused");
    question.schema = None;
    question.rules.push(rule("otherwise", Vec::new(), "A1"));
    assert_eq!(local::answer(&question).unwrap().text, "ROT281 is 5 min late, {unknown} {");
}
