//! Settings of the models that are asked, and of what is sealed.

use crate::reason::chat::ChatSettings;
use crate::reason::prices::{self, Prices};
use crate::reason::realtime::RealtimeSettings;
use crate::reason::seal::Sealer;
use crate::reason::status::Kind;
use crate::reason::{ProviderSettings, ReasonSettings};
use crate::settings::Secret;
use crate::settings::read::Reader;
use core::time::Duration;
use inflight_agents::breaker::BreakerLimits;
use reqwest::Url;
use std::path::Path;

/// Where OpenAI answers.
const OPENAI: &str = "https://api.openai.com/v1";

/// Models that are asked where none is named.
const CHAT_MODEL: &str = "gpt-5.4-mini";
const REALTIME_MODEL: &str = "gpt-realtime-2.1";

/// Reads who is asked.
pub fn read_reason(reader: &mut Reader<'_>) -> Option<ReasonSettings> {
    let key = Some(reader.text("OPENAI_API_KEY")).filter(|key| !key.is_empty()).map(Secret::new);
    let said_url = !reader.text("OPENAI_BASE_URL").is_empty();
    let said_realtime = !reader.text("OPENAI_REALTIME_URL").is_empty();
    let kind = reader.checked("REASONER", kind, || "local, chat or realtime".to_owned());
    let base_url = reader.checked(
        "OPENAI_BASE_URL",
        |text| address(text, &["http", "https"]),
        || "an http or https address, up to and with /v1".to_owned(),
    );
    let realtime_url = reader.checked(
        "OPENAI_REALTIME_URL",
        |text| address(text, &["ws", "wss"]),
        || "a ws or wss address".to_owned(),
    );
    let retries_max = reader.whole("MAX_RETRIES", 0..=10).and_then(|times| u32::try_from(times).ok());
    let retry_delay = reader.whole("RETRY_DELAY", 1..=60_000).map(Duration::from_millis);
    let timeout = reader.number("REASONER_TIMEOUT_SECONDS", 1.0..=600.0).map(Duration::from_secs_f64);
    let at_once = reader.whole("REASONER_AT_ONCE", 1..=1000).and_then(|count| usize::try_from(count).ok());
    let prices = reader.checked("REASONER_PRICES", Prices::parse, || prices::EXPECTED.to_owned());
    let is_printable =
        key.as_ref().is_none_or(|key| key.reveal().bytes().all(|byte| byte.is_ascii_graphic()));
    if !is_printable {
        reader.checked(
            "OPENAI_API_KEY",
            |_| None::<()>,
            || "a key of visible ASCII characters".to_owned(),
        )?;
    }
    let is_said = kind? != Said::Nothing;
    let kind = match kind? {
        Said::Kind(kind) => kind,
        Said::Nothing if key.is_some() || said_url => Kind::Chat,
        Said::Nothing => Kind::Local,
    };
    let needs_key =
        (kind == Kind::Chat && !said_url) || (kind == Kind::Realtime && !said_realtime && !said_url);
    if needs_key && key.is_none() {
        reader.checked(
            "OPENAI_API_KEY",
            |_| None::<()>,
            || format!("a key for REASONER={}, or another address for it", kind.name()),
        )?;
    }
    let (base_url, retries_max) = (base_url?, retries_max?);
    let model = |usual: &str| {
        Some(reader.text("OPENAI_MODEL")).filter(|model| !model.is_empty()).unwrap_or(usual.to_owned())
    };
    let provider = match kind {
        Kind::Local => ProviderSettings::Local { is_said },
        Kind::Chat => ProviderSettings::Chat(ChatSettings {
            base_url: base_url.or_else(|| Url::parse(OPENAI).ok())?,
            key,
            model: model(CHAT_MODEL),
            retries_max,
            retry_delay: retry_delay?,
        }),
        Kind::Realtime => ProviderSettings::Realtime(RealtimeSettings {
            url: realtime_url?
                .or_else(|| below(base_url))
                .or_else(|| Url::parse(&format!("{OPENAI}/realtime")).ok())?,
            key,
            model: model(REALTIME_MODEL),
            retries_max,
        }),
    };
    let breaker = BreakerLimits::default();
    Some(ReasonSettings { provider, prices: prices?, timeout: timeout?, at_once: at_once?, breaker })
}

/// Reads what seals.
pub fn read_sealer(reader: &mut Reader<'_>, data_dir: &Path) -> Option<Sealer> {
    let read = |text: &str| {
        let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys: Vec<Secret> = keys.map(|key| Secret::new(key.to_owned())).collect();
        Sealer::new(&keys, data_dir).ok()
    };
    reader.checked("ENCRYPTION_KEY", read, || {
        "64 hex digits, or several such keys separated by commas, the newest first".to_owned()
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Kind(Kind),
    Nothing,
}

fn kind(text: &str) -> Option<Said> {
    let kinds = [Kind::Local, Kind::Chat, Kind::Realtime];
    let named = kinds.into_iter().find(|kind| text.eq_ignore_ascii_case(kind.name()));
    named.map(Said::Kind).or_else(|| text.is_empty().then_some(Said::Nothing))
}

/// An address of one of these schemes, without anything that could be a secret; none where nothing is said.
fn address(text: &str, schemes: &[&str]) -> Option<Option<Url>> {
    if text.is_empty() {
        return Some(None);
    }
    let url = Url::parse(text).ok()?;
    let is_plain = schemes.contains(&url.scheme())
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(Some(url))
}

/// The socket of whoever answers at this address.
fn below(base_url: Option<Url>) -> Option<Url> {
    let mut url = base_url?;
    let path = format!("{}/realtime", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Some(url)
}
