//! Tables of events: what OpenSky answers, what is asked next and when, and what the row says.

use super::*;

/// Half past midnight UTC, so that pacing has a whole day before it.
const START: i64 = 20_000 * 86_400_000 + 1_800_000;

/// One line of a table: the machine must send this after so many milliseconds, and this happens.
struct Exchange {
    after_ms: i64,
    request: Request,
    takes_ms: i64,
    result: Result<Answer, Failure>,
    state: SourceState,
    code: &'static str,
}

fn config(authenticated: bool) -> CoreConfig {
    CoreConfig {
        name: "opensky".to_owned(),
        poll_interval: Duration::from_secs(10),
        poll_credits: 1,
        authenticated,
        late_after: Duration::from_secs(60),
        retry: RetryConfig::default(),
    }
}

/// `at_ms` is the answer's own time, after the start.
fn states(at_ms: i64) -> Result<Answer, Failure> {
    Ok(Answer::States { time: Some(UnixMillis(START + at_ms)), credits_remaining: None })
}

fn token(seconds: u64) -> Result<Answer, Failure> {
    Ok(Answer::Token { lifetime: Duration::from_secs(seconds) })
}

fn status(code: u16) -> Result<Answer, Failure> {
    Err(Failure::Status { code, retry_after: None })
}

fn told(code: u16, seconds: u64) -> Result<Answer, Failure> {
    Err(Failure::Status { code, retry_after: Some(Duration::from_secs(seconds)) })
}

fn exchange(
    after_ms: i64,
    request: Request,
    takes_ms: i64,
    result: Result<Answer, Failure>,
    state: SourceState,
    code: &'static str,
) -> Exchange {
    Exchange { after_ms, request, takes_ms, result, state, code }
}

/// Runs a table with jitter always one half; waits are counted from the end of the exchange before.
fn check(mut core: Core, table: &[Exchange]) -> Core {
    let mut now = UnixMillis(START);
    for (number, line) in table.iter().enumerate() {
        let due = UnixMillis(now.0 + line.after_ms);
        if line.after_ms > 0 {
            assert_eq!(core.next(UnixMillis(due.0 - 1)), Step::Wait(due), "line {number}");
        }
        assert_eq!(core.next(due), Step::Send(line.request), "line {number}");
        now = UnixMillis(due.0 + line.takes_ms);
        core.finish(now, line.request, line.result, 0.5);
        let row = core.row();
        assert_eq!((row.state, row.code.as_str()), (line.state, line.code), "line {number}");
    }
    core
}

use Request::{States, Token};
use SourceState::{Degraded, Live, RateLimited, Starting, Unauthorised};

#[test]
fn anonymous_polls_keep_their_interval() {
    let core = check(
        Core::new(config(false)),
        &[
            exchange(0, States, 300, states(0), Live, ""),
            exchange(9_700, States, 4_000, states(10_000), Live, ""),
            // An answer that took longer than the interval is followed at once, never overtaken.
            exchange(6_000, States, 25_000, states(20_000), Live, ""),
            exchange(0, States, 100, states(45_000), Live, ""),
        ],
    );
    assert_eq!(core.row().polls, 4);
    assert_eq!(core.row().newest_poll, Some(UnixMillis(START + 45_000)));
}

#[test]
fn tokens_are_renewed_early() {
    check(
        Core::new(config(true)),
        &[
            exchange(0, Token, 0, token(45), Starting, ""),
            exchange(0, States, 0, states(0), Live, ""),
            exchange(10_000, States, 0, states(10_000), Live, ""),
            // 45 s less 30 s would be 15 s; a token counts as living at least a minute.
            exchange(10_000, States, 0, states(20_000), Live, ""),
            exchange(10_000, Token, 0, token(1800), Live, ""),
            exchange(0, States, 0, states(30_000), Live, ""),
        ],
    );
}

#[test]
fn a_token_without_a_life_is_no_storm() {
    for seconds in [0, 1, 59] {
        check(
            Core::new(config(true)),
            &[
                exchange(0, Token, 0, token(seconds), Starting, ""),
                exchange(0, States, 0, states(0), Live, ""),
                exchange(10_000, States, 0, states(10_000), Live, ""),
                exchange(10_000, States, 0, states(20_000), Live, ""),
                exchange(10_000, Token, 0, token(seconds), Live, ""),
                exchange(0, States, 0, states(30_000), Live, ""),
            ],
        );
    }
}

#[test]
fn a_401_renews_the_token_once() {
    check(
        Core::new(config(true)),
        &[
            exchange(0, Token, 0, token(1800), Starting, ""),
            exchange(0, States, 0, states(0), Live, ""),
            exchange(10_000, States, 0, status(401), Live, ""),
            exchange(0, Token, 0, token(1800), Live, ""),
            exchange(0, States, 0, states(10_000), Live, ""),
            // The next one may be renewed again.
            exchange(10_000, States, 0, status(401), Live, ""),
            exchange(0, Token, 0, token(1800), Live, ""),
            exchange(0, States, 0, status(401), Unauthorised, "http_401"),
            exchange(300_000, Token, 0, token(1800), Unauthorised, "http_401"),
            exchange(0, States, 0, status(401), Unauthorised, "http_401"),
            exchange(300_000, Token, 0, token(1800), Unauthorised, "http_401"),
            exchange(0, States, 0, states(620_000), Live, ""),
        ],
    );
}

#[test]
fn refused_credentials_are_retried_slowly() {
    check(
        Core::new(config(true)),
        &[
            exchange(0, Token, 0, status(401), Unauthorised, "token_http_401"),
            exchange(300_000, Token, 0, status(400), Unauthorised, "token_http_400"),
            exchange(300_000, Token, 0, status(503), Degraded, "token_http_503"),
        ],
    );
    check(
        Core::new(config(false)),
        &[
            exchange(0, States, 0, status(401), Unauthorised, "http_401"),
            exchange(300_000, States, 0, status(403), Unauthorised, "http_403"),
        ],
    );
}

#[test]
fn a_429_is_obeyed() {
    let core = check(
        Core::new(config(false)),
        &[
            exchange(0, States, 0, told(429, 30), RateLimited, "http_429"),
            exchange(30_000, States, 0, told(429, 3), RateLimited, "http_429"),
            // Never faster than the interval, whatever the answer says.
            exchange(10_000, States, 0, status(429), RateLimited, "http_429"),
            exchange(60_000, States, 0, told(429, 1_000_000), RateLimited, "http_429"),
            exchange(86_400_000, States, 0, states(86_500_000), Live, ""),
        ],
    );
    assert_eq!(core.row().retry_at, None);
}

#[test]
fn errors_back_off_with_jitter() {
    let timeout = Err(Failure::Timeout);
    check(
        Core::new(config(false)),
        &[
            exchange(0, States, 0, status(503), Degraded, "http_503"),
            exchange(1_500, States, 0, Err(Failure::Connection), Degraded, "connection"),
            exchange(2_500, States, 30_000, timeout, Degraded, "timeout"),
            exchange(4_500, States, 0, status(500), Degraded, "http_500"),
            exchange(8_500, States, 0, Err(Failure::Body("bad_body")), Degraded, "bad_body"),
            exchange(16_500, States, 0, status(502), Degraded, "http_502"),
            exchange(30_500, States, 0, status(502), Degraded, "http_502"),
            exchange(30_500, States, 0, told(503, 45), Degraded, "http_503"),
            // What cannot heal by itself soon is asked for at the slowest pace.
            exchange(45_000, States, 0, status(404), Degraded, "http_404"),
            exchange(60_000, States, 0, states(230_000), Live, ""),
            // A success forgets the failures.
            exchange(10_000, States, 0, status(503), Degraded, "http_503"),
            exchange(1_500, States, 0, states(240_000), Live, ""),
        ],
    );
}

#[test]
fn credits_set_the_pace() {
    let answer =
        |credits| Ok(Answer::States { time: Some(UnixMillis(START)), credits_remaining: Some(credits) });
    let core = check(Core::new(config(false)), &[exchange(0, States, 0, answer(846), Live, "")]);
    assert_eq!((core.row().poll_interval_s, core.row().credits_remaining), (100.0, Some(846)));
    // 84,600 s are left of the day; the jitter of one half adds 30 s, so that not all come at midnight.
    let spent = check(
        Core::new(config(false)),
        &[
            exchange(0, States, 0, answer(0), RateLimited, "credits_spent"),
            exchange(84_630_000, States, 0, states(84_630_000), Live, ""),
        ],
    );
    assert_eq!(spent.row().retry_at, None);
}

#[test]
fn late_answers_are_no_live_data() {
    let core = check(
        Core::new(config(false)),
        &[
            exchange(0, States, 0, states(-59_000), Live, ""),
            exchange(10_000, States, 0, states(-59_000), Degraded, "late_data"),
            // A step back does not make the newest poll older.
            exchange(10_000, States, 0, states(-90_000), Degraded, "late_data"),
            exchange(10_000, States, 0, states(29_000), Live, ""),
        ],
    );
    assert_eq!(core.row().newest_poll, Some(UnixMillis(START + 29_000)));
}

#[test]
fn a_rest_asks_for_nothing_and_ends_with_a_poll_at_once() {
    let mut core = Core::new(config(false));
    let mut slow = states(0);
    if let Ok(Answer::States { credits_remaining, .. }) = &mut slow {
        *credits_remaining = Some(400);
    }
    assert_eq!(core.next(UnixMillis(START)), Step::Send(States));
    core.finish(UnixMillis(START), States, slow, 0.5);
    assert!(core.row().poll_interval_s > 100.0 && core.rest() && !core.rest() && core.is_resting());
    assert_eq!((core.row().state, core.row().code.as_str()), (SourceState::Idle, ""));
    core.wake();
    assert!(matches!(core.next(UnixMillis(START + 5_000)), Step::Wait(_)), "the shortest interval holds");
    assert_eq!(core.next(UnixMillis(START + 10_000)), Step::Send(States));
    core.finish(UnixMillis(START + 10_000), States, told(429, 600), 0.5);
    assert!(!core.rest(), "what the source asked for goes on");
}
