//! Reads a recording from an address or a file, unpacks it where it is compressed, and tells how far it is.

use inflight_sky::Recording;
use js_sys::{ArrayBuffer, JsString, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, File, ReadableStreamDefaultReader, ReadableWritablePair, Response,
};

// web-sys holds this interface back as unstable, though every browser has it.
#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// What every member of a gzip file begins with: the magic number, and deflate.
const GZIP_HEAD: [u8; 3] = [0x1f, 0x8b, 8];

/// A file is read in pieces of this many bytes.
const PIECE_BYTES: usize = 4 << 20;

/// A recording must fit into the memory of a tab, beside what is made of it.
const MOST_BYTES: usize = 768 << 20;

/// Places that look like the beginning of a member and are none, at most; by chance there is one in 16 MB.
const MOST_TRIES: usize = 64;

/// Shares of the whole that reading and unpacking have; indexing has the rest.
const READ_SHARE: f64 = 0.2;
const UNPACK_SHARE: f64 = 0.2;

/// Where a recording is.
pub enum What {
    /// At an address.
    Address(String),
    /// In a file that the person chose.
    File(File),
}

impl What {
    /// What a message asks for; none if it is no such message.
    pub fn of(data: &JsValue) -> Option<Self> {
        let address = data.dyn_ref::<JsString>().map(|address| Self::Address(address.into()));
        address.or_else(|| data.dyn_ref::<File>().map(|file| Self::File(file.clone())))
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match self {
            Self::Address(address) => address.rsplit('/').next().unwrap_or(address).to_owned(),
            Self::File(file) => file.name(),
        }
    }
}

/// The recording; the error is a sentence for people.
pub async fn recording(scope: &DedicatedWorkerGlobalScope, what: &What) -> Result<Recording, String> {
    // A page that is gone needs no progress.
    let tell = |share: f64| drop(scope.post_message(&JsValue::from_f64(share)));
    if let What::File(file) = what
        && file.size() > MOST_BYTES as f64
    {
        return Err(too_large());
    }
    let bytes = match what {
        What::Address(address) => fetch(scope, address).await,
        What::File(file) => read(file, tell).await,
    };
    let bytes = bytes.map_err(|error| describe(&error))?;
    let bytes = if bytes.starts_with(&GZIP_HEAD) { unpack(&bytes, tell).await? } else { bytes };
    let base = READ_SHARE + UNPACK_SHARE;
    let recording = Recording::open_telling(bytes, &mut |share| tell(base + share * (1.0 - base)));
    recording.map_err(|error| error.to_string())
}

async fn fetch(scope: &DedicatedWorkerGlobalScope, address: &str) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(scope.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str(&format!("HTTP status {}", response.status())));
    }
    buffer(response.array_buffer()?).await
}

async fn read(file: &Blob, tell: impl Fn(f64)) -> Result<Vec<u8>, JsValue> {
    let size = file.size();
    let mut bytes = Vec::with_capacity(size as usize);
    while (bytes.len() as f64) < size {
        let start = bytes.len() as f64;
        let piece = file.slice_with_f64_and_f64(start, (start + PIECE_BYTES as f64).min(size))?;
        bytes.extend(buffer(piece.array_buffer()).await?);
        tell(READ_SHARE * bytes.len() as f64 / size);
    }
    Ok(bytes)
}

/// A gzip file of any number of members; browsers unpack only one. Where a member ends is not written anywhere, so
/// each place that looks like a beginning is tried: what does not unpack up to there goes on.
async fn unpack(bytes: &[u8], tell: impl Fn(f64)) -> Result<Vec<u8>, String> {
    let (mut plain, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let mut end = start;
        for tries in 0.. {
            end = next_head(bytes, end + 1);
            if unpack_member(&bytes[start..end], &mut plain).await? {
                break;
            }
            if end == bytes.len() || tries == MOST_TRIES {
                return Err("the recording is damaged: gzip cannot unpack it".to_owned());
            }
        }
        start = end;
        tell(READ_SHARE + UNPACK_SHARE * start as f64 / bytes.len() as f64);
    }
    Ok(plain)
}

fn next_head(bytes: &[u8], from: usize) -> usize {
    let place =
        bytes.get(from..).and_then(|rest| rest.windows(GZIP_HEAD.len()).position(|head| head == GZIP_HEAD));
    place.map_or(bytes.len(), |place| from + place)
}

/// Appends what a member holds; false if it does not end there, and then nothing is appended.
async fn unpack_member(bytes: &[u8], plain: &mut Vec<u8>) -> Result<bool, String> {
    let before = plain.len();
    match pour(bytes, plain).await {
        Ok(()) if plain.len() > MOST_BYTES => Err(too_large()),
        Ok(()) => Ok(true),
        Err(_) => {
            plain.truncate(before);
            Ok(false)
        }
    }
}

/// Stops as soon as there is too much: a few bytes can unpack into more than any memory holds.
async fn pour(bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), JsValue> {
    let packed = Response::new_with_opt_buffer_source(Some(&Uint8Array::from(bytes)))?;
    let body = packed.body().ok_or_else(|| JsValue::from_str("no body to decompress"))?;
    // The stream has the two ends that a pair consists of.
    let pair: ReadableWritablePair = DecompressionStream::new("gzip")?.unchecked_into();
    let reader: ReadableStreamDefaultReader = body.pipe_through(&pair).get_reader().unchecked_into();
    while plain.len() <= MOST_BYTES {
        let read = JsFuture::from(reader.read()).await?;
        let Ok(piece) = js_sys::Reflect::get(&read, &"value".into())?.dyn_into::<Uint8Array>() else {
            return Ok(());
        };
        plain.extend(piece.to_vec());
    }
    drop(reader.cancel());
    Ok(())
}

fn too_large() -> String {
    format!("it holds more than {} MB, which is more than a browser can keep", MOST_BYTES >> 20)
}

async fn buffer(promise: Promise) -> Result<Vec<u8>, JsValue> {
    let buffer: ArrayBuffer = JsFuture::from(promise).await?.dyn_into()?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn describe(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| "the recording could not be loaded".to_owned())
}
