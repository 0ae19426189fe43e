//! Operations that use a key.

#[allow(clippy::wildcard_imports, reason = "the scene and all it is made of")]
use super::*;

pub(super) const CASES: &[Case] = &[
    (
        Operation::Encrypt,
        |scene| {
            let request = EncryptRequest {
                key_id: "arn:aws:kms:us-east-1:000000000000:alias/k".into(),
                plaintext: b"x".to_vec().into(),
                encryption_context: Some(CONTEXT.into()),
                ..Default::default()
            };
            scene.kms.encrypt(request).unwrap();
        },
        &["kms:Encrypt K alias=alias/k context=tenant:7 algorithm=SYMMETRIC_DEFAULT"],
    ),
    (
        Operation::Decrypt,
        |scene| {
            let blob = blob(scene, &scene.k);
            let request = |key_id| DecryptRequest {
                ciphertext_blob: Some(blob.clone()),
                encryption_context: Some(CONTEXT.into()),
                key_id,
                ..Default::default()
            };
            scene.kms.decrypt(request(None)).unwrap();
            scene.kms.decrypt(request(Some("alias/k".into()))).unwrap();
        },
        &[
            "kms:Decrypt K context=tenant:7 algorithm=SYMMETRIC_DEFAULT",
            "kms:Decrypt K alias=alias/k context=tenant:7 algorithm=SYMMETRIC_DEFAULT",
        ],
    ),
    (
        Operation::ReEncrypt,
        |scene| {
            let blob = blob(scene, &scene.l);
            let request = |destination: &str| ReEncryptRequest {
                ciphertext_blob: Some(blob.clone()),
                source_encryption_context: Some(CONTEXT.into()),
                destination_key_id: destination.into(),
                destination_encryption_context: Some([("tenant", "8")].into()),
                ..Default::default()
            };
            scene.kms.re_encrypt(request("alias/k")).unwrap();
            scene.kms.re_encrypt(request(&scene.l)).unwrap();
        },
        &[
            "kms:ReEncryptFrom L context=tenant:7 algorithm=SYMMETRIC_DEFAULT same=false",
            "kms:ReEncryptTo K alias=alias/k context=tenant:8 algorithm=SYMMETRIC_DEFAULT same=false",
            "kms:ReEncryptFrom L context=tenant:7 algorithm=SYMMETRIC_DEFAULT same=true",
            "kms:ReEncryptTo L context=tenant:8 algorithm=SYMMETRIC_DEFAULT same=true",
        ],
    ),
    (
        Operation::GenerateDataKey,
        |scene| {
            let request = GenerateDataKeyRequest {
                key_id: "alias/k".into(),
                number_of_bytes: Some(32),
                encryption_context: Some(CONTEXT.into()),
                ..Default::default()
            };
            scene.kms.generate_data_key(request).unwrap();
        },
        &["kms:GenerateDataKey K alias=alias/k context=tenant:7 algorithm=SYMMETRIC_DEFAULT"],
    ),
    (
        Operation::GenerateDataKeyWithoutPlaintext,
        |scene| {
            let request = GenerateDataKeyWithoutPlaintextRequest {
                key_id: scene.k.clone(),
                number_of_bytes: Some(32),
                ..Default::default()
            };
            scene.kms.generate_data_key_without_plaintext(request).unwrap();
        },
        &["kms:GenerateDataKeyWithoutPlaintext K algorithm=SYMMETRIC_DEFAULT"],
    ),
    (
        Operation::GenerateDataKeyPair,
        |scene| {
            let request = GenerateDataKeyPairRequest {
                encryption_context: None,
                key_id: scene.k.clone(),
                key_pair_spec: DataKeyPairSpec::EccNistP256,
                grant_tokens: None,
                recipient: None,
                dry_run: None,
            };
            scene.kms.generate_data_key_pair(request).unwrap();
        },
        &["kms:GenerateDataKeyPair K algorithm=SYMMETRIC_DEFAULT pair=ECC_NIST_P256"],
    ),
    (
        Operation::GenerateDataKeyPairWithoutPlaintext,
        |scene| {
            let request = GenerateDataKeyPairWithoutPlaintextRequest {
                encryption_context: None,
                key_id: scene.k.clone(),
                key_pair_spec: DataKeyPairSpec::EccNistP384,
                grant_tokens: None,
                dry_run: None,
            };
            scene.kms.generate_data_key_pair_without_plaintext(request).unwrap();
        },
        &["kms:GenerateDataKeyPairWithoutPlaintext K algorithm=SYMMETRIC_DEFAULT pair=ECC_NIST_P384"],
    ),
    (
        Operation::GenerateRandom,
        |scene| {
            let request = GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() };
            scene.kms.generate_random(request).unwrap();
        },
        &["kms:GenerateRandom *"],
    ),
    (
        Operation::GenerateMac,
        |scene| {
            let request = GenerateMacRequest {
                message: b"x".to_vec().into(),
                key_id: "alias/k".into(),
                mac_algorithm: MacAlgorithmSpec::HmacSha256,
                grant_tokens: None,
                dry_run: None,
            };
            assert_eq!(scene.kms.generate_mac(request).unwrap_err().kind(), ErrorKind::InvalidKeyUsage);
        },
        &["kms:GenerateMac K alias=alias/k algorithm=HMAC_SHA_256"],
    ),
    (
        Operation::VerifyMac,
        |scene| {
            let request = VerifyMacRequest {
                message: b"x".to_vec().into(),
                key_id: scene.k.clone(),
                mac_algorithm: MacAlgorithmSpec::HmacSha512,
                mac: vec![1].into(),
                grant_tokens: Some(vec![token(scene)]),
                dry_run: None,
            };
            assert!(scene.kms.verify_mac(request).is_err());
        },
        &["kms:VerifyMac K algorithm=HMAC_SHA_512 tokens=1"],
    ),
    (
        Operation::Sign,
        |scene| {
            let request = SignRequest {
                key_id: "alias/k".into(),
                message: b"x".to_vec().into(),
                message_type: None,
                grant_tokens: None,
                signing_algorithm: SigningAlgorithmSpec::EcdsaSha256,
                dry_run: None,
            };
            assert_eq!(scene.kms.sign(request).unwrap_err().kind(), ErrorKind::InvalidKeyUsage);
        },
        &["kms:Sign K alias=alias/k algorithm=ECDSA_SHA_256 message=RAW"],
    ),
    (
        Operation::Verify,
        |scene| {
            let request = VerifyRequest {
                key_id: scene.k.clone(),
                message: b"x".to_vec().into(),
                message_type: Some(MessageType::Digest),
                signature: vec![1].into(),
                signing_algorithm: SigningAlgorithmSpec::EcdsaSha384,
                grant_tokens: None,
                dry_run: None,
            };
            assert_eq!(scene.kms.verify(request).unwrap_err().kind(), ErrorKind::InvalidKeyUsage);
        },
        &["kms:Verify K algorithm=ECDSA_SHA_384 message=DIGEST"],
    ),
    (
        Operation::GetPublicKey,
        |scene| {
            let request = GetPublicKeyRequest { key_id: scene.k.clone(), ..Default::default() };
            assert_eq!(scene.kms.get_public_key(request).unwrap_err().kind(), ErrorKind::UnsupportedOperation);
        },
        &["kms:GetPublicKey K"],
    ),
    (
        Operation::DeriveSharedSecret,
        |scene| {
            let request = DeriveSharedSecretRequest {
                key_id: scene.k.clone(),
                key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
                public_key: vec![1].into(),
                grant_tokens: None,
                dry_run: None,
                recipient: None,
            };
            assert!(scene.kms.derive_shared_secret(request).is_err());
        },
        &["kms:DeriveSharedSecret K algorithm=ECDH"],
    ),
    (
        Operation::Encapsulate,
        |scene| {
            let request = EncapsulateRequest {
                key_id: scene.k.clone(),
                encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
                grant_tokens: None,
                dry_run: None,
            };
            assert!(scene.kms.encapsulate(request).is_err());
        },
        &["kms:Encapsulate K"],
    ),
    (
        Operation::Decapsulate,
        |scene| {
            let request = DecapsulateRequest {
                key_id: scene.k.clone(),
                shared_secret_ciphertext_blob: vec![1].into(),
                encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
                grant_tokens: None,
                dry_run: None,
            };
            assert!(scene.kms.decapsulate(request).is_err());
        },
        &["kms:Decapsulate K"],
    ),
];
