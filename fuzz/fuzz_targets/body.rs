//! See `pocketkms_tests::fuzzing::body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::body(data);
});
