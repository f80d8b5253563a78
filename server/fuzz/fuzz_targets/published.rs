//! See `targets::published`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::published(bytes));
