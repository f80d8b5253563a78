//! Where logs and spans go beside standard error, in the words of OpenTelemetry.

use crate::settings::Secret;
use crate::settings::read::Reader;
use reqwest::Url;

/// A collector that speaks OTLP over HTTP.
#[derive(Clone, Debug)]
pub struct ExportSettings {
    /// Its address, below which `v1/traces` and `v1/logs` stand.
    pub endpoint: Url,
    /// What this server is called there.
    pub service: String,
    /// Headers of each request: names, and values that may be secret.
    pub headers: Vec<(String, Secret)>,
}

/// The collector; none (inside) where nothing is said.
pub fn read_export(reader: &mut Reader<'_>) -> Option<Option<ExportSettings>> {
    let is_off = reader.text("OTEL_EXPORTER_OTLP_ENDPOINT").is_empty();
    let endpoint = if is_off { None } else { Some(reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", base)?) };
    let headers = reader.checked("OTEL_EXPORTER_OTLP_HEADERS", headers, || {
        "NAME=VALUE pairs separated by commas, values percent-encoded where they have to be".to_owned()
    })?;
    let service = reader.text("OTEL_SERVICE_NAME");
    Some(endpoint.map(|endpoint| ExportSettings { endpoint, service, headers }))
}

/// An address without what does not belong there.
fn base(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(())?;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Some(url)
}

fn headers(text: &str) -> Option<Vec<(String, Secret)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = decoded(value.trim())?;
        let name = name.trim().to_ascii_lowercase();
        axum::http::HeaderName::try_from(&name).ok()?;
        axum::http::HeaderValue::try_from(&value).ok()?;
        Some((name, Secret::new(value)))
    };
    pairs.map(read).collect()
}

/// A text whose `%41` are `A`.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_bases() {
        let check = |text: &str, expected: Option<&str>| {
            let joined = base(text).map(|url| url.join("v1/logs").unwrap().to_string());
            assert_eq!(joined.as_deref(), expected, "{text}");
        };
        check("http://127.0.0.1:4318", Some("http://127.0.0.1:4318/v1/logs"));
        check("https://collector.example/otlp", Some("https://collector.example/otlp/v1/logs"));
        for wrong in ["collector", "grpc://x:4317", "http://u:p@x", "http://x?a=1", "http://x#a"] {
            check(wrong, None);
        }
    }

    #[test]
    fn headers_are_pairs() {
        let check = |text: &str, expected: Option<&str>| {
            let told = headers(text).map(|pairs| {
                let one = |(name, value): &(String, Secret)| format!("{name}: {}", value.reveal());
                pairs.iter().map(one).collect::<Vec<_>>().join("|")
            });
            assert_eq!(told.as_deref(), expected, "{text}");
        };
        check("", Some(""));
        check("Api-Key=abc, x-tenant = a%20b%3D", Some("api-key: abc|x-tenant: a b="));
        for wrong in ["abc", "a b=c", "a=%4", "a=%zz", "a=%0a", "a=%ff"] {
            check(wrong, None);
        }
    }
}
