//! See `pocketkms_tests::fuzzing::key_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::key_file(data);
});
