//! Any bytes as a snapshot.

use super::scene::builder;
use crate::vault::root;
use pocketkms::{ErrorKind, api::ListKeysRequest};

/// What opens is a vault: its snapshot opens again, with the same keys.
pub fn snapshot(data: &[u8]) -> bool {
    match builder().open_snapshot(data, &root()) {
        Ok(vault) => {
            let keys = vault.client().list_keys(ListKeysRequest::default());
            if let Ok(again) = vault.snapshot() {
                let reopened = builder().open_snapshot(&again, &root()).expect("a snapshot of our own");
                let found = reopened.client().list_keys(ListKeysRequest::default());
                assert_eq!(keys.map(|keys| keys.keys).ok(), found.map(|keys| keys.keys).ok());
            }
            true
        }
        Err(error) => {
            let named = matches!(
                error.kind(),
                ErrorKind::SnapshotCorrupted
                    | ErrorKind::SnapshotTruncated
                    | ErrorKind::RecordCorrupted
                    | ErrorKind::UnsupportedVersion
                    | ErrorKind::WrongRootKey
                    | ErrorKind::LimitExceeded
            );
            assert!(named, "{}", error.report());
            false
        }
    }
}
