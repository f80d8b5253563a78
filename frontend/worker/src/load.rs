//! Fetches a recording and unpacks it where it is compressed.

use inflight_sky::Recording;
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, ReadableWritablePair, Response};

// web-sys holds this interface back as unstable, though every browser has it.
#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The recording at an address; the error is a sentence for people.
pub async fn recording(scope: &DedicatedWorkerGlobalScope, address: &str) -> Result<Recording, String> {
    let bytes = fetch(scope, address).await.map_err(|error| describe(&error))?;
    Recording::open(bytes).map_err(|error| error.to_string())
}

async fn fetch(scope: &DedicatedWorkerGlobalScope, address: &str) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(scope.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str(&format!("HTTP status {}", response.status())));
    }
    let bytes = buffer(response.array_buffer()?).await?;
    if bytes.starts_with(&GZIP_MAGIC) { unpack(&bytes).await } else { Ok(bytes) }
}

async fn unpack(bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    let packed = Response::new_with_opt_buffer_source(Some(&Uint8Array::from(bytes)))?;
    let body = packed.body().ok_or_else(|| JsValue::from_str("no body to decompress"))?;
    // The stream has the two ends that a pair consists of.
    let pair: ReadableWritablePair = DecompressionStream::new("gzip")?.unchecked_into();
    let unpacked = Response::new_with_opt_readable_stream(Some(&body.pipe_through(&pair)))?;
    buffer(unpacked.array_buffer()?).await
}

async fn buffer(promise: Promise) -> Result<Vec<u8>, JsValue> {
    let buffer: ArrayBuffer = JsFuture::from(promise).await?.dyn_into()?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn describe(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| "the recording could not be loaded".to_owned())
}
