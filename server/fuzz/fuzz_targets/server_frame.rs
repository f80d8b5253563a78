//! See `targets::server_frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::server_frame(bytes));
