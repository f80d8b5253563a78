//! JSON Web Tokens: HS256 with JWT_SECRET, as spec 001 has them.

use crate::auth::names;
use crate::auth::principal::{Grants, Principal, Role, Roles, Via};
use crate::settings::Secret;
use inflight_domain::UnixMillis;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

/// What checks tokens.
pub struct Tokens {
    keys: Vec<DecodingKey>,
    validation: Validation,
}

/// Clocks of two machines may differ by so much, in seconds.
const SKEW_S: i64 = 60;

/// What we read of a token. `userId` is what spec 001 calls it.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: Option<String>,
    #[serde(rename = "userId")]
    user_id: Option<String>,
    /// Whole in most tokens.
    exp: f64,
    roles: Option<OneOrMore>,
    #[serde(default)]
    businesses: Option<OneOrMore>,
    #[serde(default)]
    locations: Option<OneOrMore>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Tokens {
    /// Checks with these secrets; any of them will do.
    #[must_use]
    pub fn new(secrets: &[Secret], audience: Option<&str>) -> Self {
        // Where another crate brings a provider too, the first one stays; it is the same.
        let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = SKEW_S.unsigned_abs();
        validation.validate_nbf = true;
        validation.validate_aud = audience.is_some();
        validation.set_required_spec_claims(&["exp"]);
        if let Some(audience) = audience {
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["exp", "aud"]);
        }
        let keys = secrets.iter().map(|secret| DecodingKey::from_secret(secret.reveal().as_bytes()));
        Self { keys: keys.collect(), validation }
    }

    /// Whom a token stands for, if it is good now.
    #[must_use]
    pub fn principal(&self, token: &str, now: UnixMillis) -> Option<Principal> {
        let read = |key| decode::<Claims>(token, key, &self.validation).ok();
        self.keys.iter().find_map(read)?.claims.principal(now)
    }
}

impl Claims {
    fn principal(self, now: UnixMillis) -> Option<Principal> {
        let user = names::person(&self.user_id.or(self.sub)?)?;
        let roles = match self.roles {
            None => Roles::of([Role::Viewer]),
            // Names that mean nothing here come from elsewhere.
            Some(names) => Roles::of(names.list().iter().filter_map(|name| Role::parse(name))),
        };
        let list = |names: Option<OneOrMore>| names.map(OneOrMore::list).unwrap_or_default();
        let grants = Grants::of(&list(self.businesses), &list(self.locations));
        // A token that is over by our clock was let in for the skew, and has the rest of it.
        let (exp, now_s) = (self.exp as i64, now.0.div_euclid(1000));
        let end_s = if exp > now_s { exp } else { exp.saturating_add(SKEW_S) };
        let expires_at = Some(UnixMillis(end_s.saturating_mul(1000)));
        Some(Principal { expires_at, ..Principal::known(user, roles, grants, Via::Token) })
    }
}

impl OneOrMore {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::More(names) => names,
        }
    }
}

impl core::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Tokens({} secrets)", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const OLDER: &str = "fedcba9876543210fedcba9876543210";

    fn tokens(audience: Option<&str>) -> Tokens {
        Tokens::new(&[SECRET, OLDER].map(|secret| Secret::new(secret.to_owned())), audience)
    }

    fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    /// Whom a token with these claims stands for.
    fn check(audience: Option<&str>, claims: Value, expected: Option<&str>) {
        let token = signed(Algorithm::HS256, SECRET, &claims);
        let found = tokens(audience).principal(&token, crate::clock::now());
        assert_eq!(found.as_ref().map(|principal| principal.user.as_str()), expected, "{claims}");
    }

    #[test]
    fn claims_are_asked_for() {
        let now_s = crate::clock::now().0 / 1000;
        let soon = now_s + 600;
        check(None, json!({"sub": "ana", "exp": soon}), Some("ana"));
        check(None, json!({"sub": "ana", "exp": soon as f64 + 0.5}), Some("ana"));
        check(None, json!({"sub": "ana", "exp": "soon"}), None);
        check(None, json!({"userId": "dan", "sub": "x", "exp": soon}), Some("dan"));
        check(None, json!({"sub": "ana", "exp": soon, "aud": "elsewhere"}), Some("ana"));
        check(Some("ops"), json!({"sub": "ana", "exp": soon, "aud": "ops"}), Some("ana"));
        check(Some("ops"), json!({"sub": "ana", "exp": soon, "aud": ["x", "ops"]}), Some("ana"));
        check(Some("ops"), json!({"sub": "ana", "exp": soon, "aud": "elsewhere"}), None);
        check(Some("ops"), json!({"sub": "ana", "exp": soon}), None);
        check(None, json!({"sub": "ana"}), None);
        check(None, json!({"exp": soon}), None);
        check(None, json!({"sub": "a b", "exp": soon}), None);
        check(None, json!({"sub": "ana", "exp": now_s - 30}), Some("ana"));
        check(None, json!({"sub": "ana", "exp": now_s - 90}), None);
        check(None, json!({"sub": "ana", "exp": soon, "nbf": now_s + 30}), Some("ana"));
        check(None, json!({"sub": "ana", "exp": soon, "nbf": now_s + 90}), None);
    }

    #[test]
    fn only_our_signature_counts() {
        let claims = json!({"sub": "ana", "roles": ["trader", "pilot"], "businesses": ["B1"], "exp": 4_000_000_000_i64});
        let now = crate::clock::now();
        let good = |token: &str| tokens(None).principal(token, now);
        let principal = good(&signed(Algorithm::HS256, OLDER, &claims)).unwrap();
        assert_eq!(principal.roles.names(), ["trader"]);
        assert!(principal.grants.businesses.covers("B1") && !principal.grants.businesses.covers("B2"));
        assert!(good(&signed(Algorithm::HS256, "another secret of some length....", &claims)).is_none());
        assert!(good(&signed(Algorithm::HS512, SECRET, &claims)).is_none());
        let whole = signed(Algorithm::HS256, SECRET, &claims);
        let mut parts = whole.split('.');
        let (_, body) = (parts.next(), parts.next().unwrap());
        // {"alg":"none"} and {"alg":"none","typ":"JWT"}
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"] {
            assert!(good(&format!("{header}.{body}.")).is_none());
        }
        for broken in ["", ".", "..", "a.b.c", &whole[1..], &whole[..whole.len() - 4]] {
            assert!(good(broken).is_none(), "{broken}");
        }
    }
}
