//! See `targets::packed_rows`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::packed_rows(bytes));
