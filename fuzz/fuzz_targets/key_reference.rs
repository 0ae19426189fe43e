//! See `pocketkms_tests::fuzzing::key_reference`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::key_reference(data);
});
