//! See `targets::resume_token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::resume_token(bytes));
