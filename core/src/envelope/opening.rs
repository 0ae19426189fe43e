//! What is done with a header before a body: read it, check it against the client's limits and policy, take the
//! sidecar in, ask for the data key.

use super::{
    client::{DecryptOptions, EncryptionClient},
    failure::truncated,
    header::{self, EncryptedDataKey, MessageHeader, ReadHeader},
    materials::DecryptionMaterialsRequest,
    read::{Incomplete, Read},
    sidecar::Sidecar,
};
use crate::error::{Error, ErrorKind, Result};

impl EncryptionClient {
    /// Reads the header at the front of `bytes`, and checks what can be checked before a key is asked for.
    pub(crate) fn read_header(&self, options: &DecryptOptions, bytes: &[u8]) -> Read<ReadHeader> {
        let read = self.read_with_sidecar(bytes, options.sidecar.as_deref())?;
        self.check_header(options, &read.header)?;
        Ok(read)
    }

    /// Reads the header at the front of `bytes`, and the sidecar, which must be of the same message.
    pub(crate) fn read_with_sidecar(&self, bytes: &[u8], sidecar: Option<&[u8]>) -> Read<ReadHeader> {
        let mut read = header::read(bytes, &self.limits)?;
        if let Some(sidecar) = sidecar {
            let sidecar = Sidecar::read(sidecar, &self.limits)?;
            sidecar.check_message(&self.provider, &read.header, read.bytes(bytes))?;
            read.sidecar = Some(sidecar);
        }
        Ok(read)
    }

    /// Reads a header of which all has come.
    pub(crate) fn read_whole_header(&self, options: &DecryptOptions, bytes: &[u8]) -> Result<ReadHeader> {
        whole(self.read_header(options, bytes), bytes)
    }

    /// What a materials manager is asked for to decrypt the message that begins with this header; for who asks it by
    /// other means, or asynchronously.
    pub fn decryption_materials_request(
        &self,
        options: &DecryptOptions,
        header: &[u8],
    ) -> Result<DecryptionMaterialsRequest> {
        Ok(self.read_whole_header(options, header)?.materials_request(options))
    }

    fn check_header(&self, options: &DecryptOptions, header: &MessageHeader) -> Result<()> {
        self.commitment_policy.check_decryption(header.algorithm_suite)?;
        if options.unsigned_only && header.algorithm_suite.is_signed() {
            return Err(Error::new(
                ErrorKind::Validation,
                "the message is signed, and only unsigned ones were asked for: decrypt it at once instead of as a stream",
            ));
        }
        Ok(())
    }
}

/// That more bytes are needed is an error where all have come.
pub(crate) fn whole<T>(read: Read<T>, bytes: &[u8]) -> Result<T> {
    read.map_err(|incomplete| match incomplete {
        Incomplete::Needs(_) => truncated(bytes.len() as u64),
        Incomplete::Invalid(error) => error,
    })
}

impl ReadHeader {
    /// The encrypted data keys that count: the sidecar's in place of the header's, where there is one.
    pub(crate) fn encrypted_data_keys(&self) -> &[EncryptedDataKey] {
        self.sidecar.as_ref().map_or(&self.header.encrypted_data_keys, |sidecar| &sidecar.encrypted_data_keys)
    }

    /// What to ask a materials manager for.
    pub(crate) fn materials_request(&self, options: &DecryptOptions) -> DecryptionMaterialsRequest {
        DecryptionMaterialsRequest {
            algorithm_suite: self.header.algorithm_suite,
            encryption_context: self.header.encryption_context.clone(),
            reproduced_encryption_context: options.encryption_context.clone(),
            required_encryption_context_keys: options.required_encryption_context_keys.clone(),
            encrypted_data_keys: self.encrypted_data_keys().to_vec(),
        }
    }
}
