//! See `targets::frame_parser`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inflight_fuzz::targets::frame_parser(bytes));
