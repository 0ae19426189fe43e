//! See `pocketkms_tests::fuzzing::parcel`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pocketkms_tests::fuzzing::parcel(data);
});
