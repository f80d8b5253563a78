//! See `targets::delta_apply`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::delta_apply(bytes));
