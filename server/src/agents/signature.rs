//! Signatures of events that other systems send: `Inflight-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.

use ring::hmac::{self, HMAC_SHA256, Key};

/// Name of the header field.
pub const HEADER: &str = "inflight-signature";

/// A signature is good for so long, before and after, so that what was overheard cannot be sent again later.
pub const TOLERANCE_S: i64 = 300;

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not of this form.
    #[error("expected t=<unix seconds>,v1=<64 hexadecimal digits>")]
    Form,
    /// Made too long ago, or ahead of our clock.
    #[error("made {0} s from now; at most {TOLERANCE_S} s are taken")]
    Time(i64),
    /// Made with another secret, or over another body.
    #[error("not made with the secret of this business over this body")]
    Wrong,
}

/// Holds a signature to a body and to the secrets of its business; several are good while one is changed.
///
/// # Errors
/// What is wrong with it.
pub fn verify<'a>(
    header: &str,
    body: &[u8],
    secrets: impl IntoIterator<Item = &'a [u8]>,
    now_s: i64,
) -> Result<(), BadSignature> {
    let part =
        |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let time = part("t").ok_or(BadSignature::Form)?;
    let made_s: i64 = time.parse().map_err(|_| BadSignature::Form)?;
    let given: Vec<[u8; 32]> =
        header.split(',').filter_map(|part| part.trim().strip_prefix("v1=").and_then(unhex)).collect();
    if given.is_empty() {
        return Err(BadSignature::Form);
    }
    let away_s = now_s.saturating_sub(made_s).saturating_abs();
    if away_s > TOLERANCE_S {
        return Err(BadSignature::Time(away_s));
    }
    let signed = [time.as_bytes(), b".", body].concat();
    let is_good = secrets.into_iter().any(|secret| {
        let key = Key::new(HMAC_SHA256, secret);
        // Each is compared in the same time whatever differs.
        given.iter().fold(false, |good, given| hmac::verify(&key, &signed, given).is_ok() | good)
    });
    if is_good { Ok(()) } else { Err(BadSignature::Wrong) }
}

/// The signature of a body, as a sender makes it.
#[must_use]
pub fn sign(body: &[u8], secret: &[u8], now_s: i64) -> String {
    let signed = [now_s.to_string().as_bytes(), b".", body].concat();
    let tag = hmac::sign(&Key::new(HMAC_SHA256, secret), &signed);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={now_s},v1={hex}")
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut found = [0; 32];
    for (byte, pair) in found.iter_mut().zip(bytes.chunks(2)) {
        *byte = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
    }
    (bytes.len() == 64).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_other_implementations() {
        // OpenSSL: printf '1795300000.{"id":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let expected = "t=1795300000,v1=d9ebf62557f74424eb6e1987c10f3fbe210758de333c41009a78212b99d437dd";
        assert_eq!(sign(b"{\"id\":1}", b"0123456789abcdef", 1_795_300_000), expected);
    }

    #[test]
    fn only_this_body_this_secret_and_this_time() {
        let (body, secret, now_s) = (b"{\"id\":1}".as_slice(), b"0123456789abcdef".as_slice(), 1_795_300_000);
        let header = sign(body, secret, now_s);
        let check =
            |header: &str, body: &[u8], secret: &[u8], now_s: i64| verify(header, body, [secret], now_s);
        assert_eq!(check(&header, body, secret, now_s + TOLERANCE_S), Ok(()));
        assert_eq!(check(&header, body, secret, now_s - TOLERANCE_S), Ok(()));
        assert_eq!(check(&header, body, secret, now_s + 301), Err(BadSignature::Time(301)));
        assert_eq!(check(&header, b"{\"id\":2}", secret, now_s), Err(BadSignature::Wrong));
        assert_eq!(check(&header, body, b"another secret 16", now_s), Err(BadSignature::Wrong));
        let moved = header.replace("t=1795300000", "t=1795300001");
        assert_eq!(check(&moved, body, secret, now_s), Err(BadSignature::Wrong));
        for bad in ["", "t=1", "v1=00", "t=x,v1=00", "t=1795300000,v1=é", &header.replace("v1", "v2")] {
            assert_eq!(check(bad, body, secret, now_s), Err(BadSignature::Form), "{bad}");
        }
        let two = format!("{header},v1={}", "0".repeat(64));
        assert_eq!(verify(&two, body, [b"old old old old old".as_slice(), secret], now_s), Ok(()));
    }
}
