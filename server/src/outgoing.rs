//! What all our clients of other systems read alike.

use crate::clock;
use core::time::Duration;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::{SystemTime, UNIX_EPOCH};

/// No pause that another side asks for is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// The pause that another side asks for: `Retry-After` in seconds, or as a date by its own clock where it tells that.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pause = if is_number {
        // More than a number holds is long enough.
        text.parse().map_or(LONGEST_PAUSE, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        until.duration_since(theirs.unwrap_or_else(now)).unwrap_or_default()
    };
    Some(pause.min(LONGEST_PAUSE))
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(clock::now().0).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&'static str, &str)], expected: Option<u64>) {
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(retry_after(&headers).map(|pause| pause.as_secs()), expected, "{pairs:?}");
    }

    #[test]
    fn pauses_are_read_and_have_an_end() {
        check(&[], None);
        check(&[("retry-after", "7")], Some(7));
        check(&[("retry-after", " 0 ")], Some(0));
        check(&[("retry-after", "18446744073709551615")], Some(86_400));
        check(&[("retry-after", "184467440737095516150")], Some(86_400));
        for bad in ["soon", "-1", "1.5", ""] {
            check(&[("retry-after", bad)], None);
        }
        check(&[("retry-after", "Thu, 01 Jan 1970 00:00:10 GMT")], Some(0));
        check(&[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], Some(86_400));
        let date = "Sun, 22 Nov 2026 00:00:00 GMT";
        check(&[("retry-after", "Sun, 22 Nov 2026 00:01:30 GMT"), ("date", date)], Some(90));
        // Without their clock by ours.
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        let headers: HeaderMap = [(RETRY_AFTER, soon.parse().unwrap())].into_iter().collect();
        let pause = retry_after(&headers).unwrap().as_secs();
        assert!((95..=100).contains(&pause), "{pause}");
    }
}
