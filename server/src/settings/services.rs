//! Settings of the services around agents (specification 004), and of who may send them events with a signature.

use crate::settings::Secret;
use crate::settings::read::Reader;
use core::time::Duration;
use inflight_agents::ports::Service;
use reqwest::Url;
use std::collections::BTreeMap;

/// Where the services are, and who signs.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// Addresses of the services that are not our own store.
    pub addresses: BTreeMap<Service, Url>,
    /// Sent to them as a bearer token.
    pub key: Option<Secret>,
    /// How long what is known of a business holds.
    pub cache: Duration,
    /// Secrets of signatures by business; `*` for all.
    pub webhooks: Vec<(String, Secret)>,
}

/// Shortest secret of a signature in bytes.
const SECRET_BYTES: usize = 16;

/// Reads them.
pub fn read_services(reader: &mut Reader<'_>) -> Option<ServiceSettings> {
    let names = [
        ("BUSINESS_INFO_API_URL", Service::BusinessInfo),
        ("RESOURCES_API_URL", Service::Resources),
        ("RAG_API_URL", Service::Rag),
    ];
    let mut addresses = BTreeMap::new();
    for (name, service) in names {
        let expected = || "an http or https address without user, password or query".to_owned();
        let read = |text: &str| if text.is_empty() { Some(None) } else { base(text).map(Some) };
        if let Some(url) = reader.checked(name, read, expected)? {
            addresses.insert(service, url);
        }
    }
    let key = reader.text("SERVICES_API_KEY");
    let cache_s = reader.whole("BUSINESS_INFO_CACHE_SECONDS", 0..=86_400)?;
    let webhooks = reader.checked("WEBHOOK_SECRETS", pairs, || {
        format!("BUSINESS=SECRET, separated by commas, each secret of {SECRET_BYTES} bytes or more")
    })?;
    let key = (!key.is_empty()).then(|| Secret::new(key));
    Some(ServiceSettings { addresses, key, cache: Duration::from_secs(cache_s), webhooks })
}

fn base(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim_end_matches('/')).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

fn pairs(text: &str) -> Option<Vec<(String, Secret)>> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let one = |word: &str| {
        let (business, secret) = word.split_once('=')?;
        let fits = !business.is_empty() && secret.len() >= SECRET_BYTES;
        fits.then(|| (business.to_owned(), Secret::new(secret.to_owned())))
    };
    words.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_a_business_and_a_length() {
        for (text, expected) in [
            ("", Some(0)),
            ("a=0123456789abcdef", Some(1)),
            ("a=0123456789abcdef, *=fedcba9876543210=", Some(2)),
            ("0123456789abcdef", None),
            ("a=short", None),
            ("=0123456789abcdef", None),
        ] {
            assert_eq!(pairs(text).map(|pairs| pairs.len()), expected, "{text:?}");
        }
        assert_eq!(
            base("http://127.0.0.1:9/rag/").map(|url| url.to_string()).as_deref(),
            Some("http://127.0.0.1:9/rag")
        );
        assert!(base("rag.example").is_none() && base("http://u:p@rag.example").is_none());
    }
}
