//! See `pocketkms_tests::fuzzing::header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::header(data);
});
