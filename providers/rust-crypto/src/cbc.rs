//! AES-256-CBC.

use crate::RustCrypto;
use aes::Aes256;
use alloc::vec::Vec;
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};
use pocketkms_primitives::{Cbc, stack::clear_after};

impl Cbc for RustCrypto {
    fn encrypt(&self, key: &[u8; 32], iv: &[u8; 16], message: &[u8]) -> Vec<u8> {
        clear_after(|| Encryptor::<Aes256>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(message))
    }
}
