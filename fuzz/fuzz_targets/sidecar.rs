//! See `pocketkms_tests::fuzzing::sidecar`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::sidecar(data);
});
