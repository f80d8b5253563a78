//! See `targets::plain_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::plain_message(bytes));
