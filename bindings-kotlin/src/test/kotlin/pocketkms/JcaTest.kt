package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.*
import java.math.BigInteger
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.MGF1ParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.PSSParameterSpec
import java.security.spec.X509EncodedKeySpec
import javax.crypto.Cipher
import javax.crypto.KeyAgreement
import javax.crypto.spec.OAEPParameterSpec
import javax.crypto.spec.PSource

/** Public keys, signatures, ciphertexts and shared secrets, exchanged both ways with Java's own cryptography (JCA). */
class JcaTest {
    private val fixture = Fixture()
    private val kms = fixture.kms
    private val message = "a message of some length".toByteArray()

    @AfterEach
    fun close() = fixture.close()

    /** A new key, and its public key as the JCA reads it. */
    private fun key(spec: KeySpec, usage: KeyUsageType, family: String): Pair<String, PublicKey> {
        val keyId = kms.createKey(CreateKeyRequest(keySpec = spec, keyUsage = usage)).keyMetadata.keyId
        return keyId to readPublic(family, kms.getPublicKey(GetPublicKeyRequest(keyId)).publicKey)
    }

    private fun readPublic(family: String, spki: ByteArray): PublicKey = KeyFactory.getInstance(family).generatePublic(X509EncodedKeySpec(spki))

    private fun readPrivate(family: String, pkcs8: ByteArray): PrivateKey = KeyFactory.getInstance(family).generatePrivate(PKCS8EncodedKeySpec(pkcs8))

    private fun verifies(algorithm: String, key: PublicKey, signature: ByteArray, prepare: Signature.() -> Unit = {}): Boolean =
        Signature.getInstance(algorithm).run {
            prepare()
            initVerify(key)
            update(message)
            verify(signature)
        }

    private fun signed(algorithm: String, key: PrivateKey, prepare: Signature.() -> Unit = {}): ByteArray = Signature.getInstance(algorithm).run {
        prepare()
        initSign(key)
        update(message)
        sign()
    }

    private val curves = listOf(
        Triple(KeySpec.ECC_NIST_P256, SigningAlgorithmSpec.ECDSA_SHA256, "SHA256withECDSA"),
        Triple(KeySpec.ECC_NIST_P384, SigningAlgorithmSpec.ECDSA_SHA384, "SHA384withECDSA"),
        Triple(KeySpec.ECC_NIST_P521, SigningAlgorithmSpec.ECDSA_SHA512, "SHA512withECDSA"),
    )

    @Test
    fun signaturesVerifyInTheJca() {
        for ((spec, algorithm, name) in curves) {
            val (keyId, theirs) = key(spec, KeyUsageType.SIGN_VERIFY, "EC")
            val signature = kms.sign(SignRequest(keyId = keyId, message = message, signingAlgorithm = algorithm)).signature
            assertTrue(verifies(name, theirs, signature), "$spec")
            assertFalse(runCatching { verifies(name, theirs, signature.flipped(signature.size - 1)) }.getOrDefault(false), "$spec")
        }
        val (keyId, theirs) = key(KeySpec.ECC_NIST_EDWARDS25519, KeyUsageType.SIGN_VERIFY, "Ed25519")
        val request = SignRequest(keyId = keyId, message = message, signingAlgorithm = SigningAlgorithmSpec.ED25519_SHA512)
        assertTrue(verifies("Ed25519", theirs, kms.sign(request).signature))
    }

    /** A key pair for use outside signs there, and what it signed verifies there: the private key is the one of the public key. */
    @Test
    fun dataKeyPairsAreKeysOfTheJca() {
        val pairs = listOf(
            Triple(DataKeyPairSpec.ECC_NIST_P256, "EC", "SHA256withECDSA"),
            Triple(DataKeyPairSpec.ECC_NIST_P384, "EC", "SHA384withECDSA"),
            Triple(DataKeyPairSpec.ECC_NIST_P521, "EC", "SHA512withECDSA"),
            Triple(DataKeyPairSpec.ECC_NIST_EDWARDS25519, "Ed25519", "Ed25519"),
            Triple(DataKeyPairSpec.RSA2048, "RSA", "SHA256withRSA"),
        )
        for ((spec, family, name) in pairs) {
            val pair = kms.generateDataKeyPair(GenerateDataKeyPairRequest(keyId = fixture.keyId, keyPairSpec = spec))
            assertTrue(verifies(name, readPublic(family, pair.publicKey), signed(name, readPrivate(family, pair.privateKeyPlaintext))), "$spec")
        }
    }

    @Test
    fun rsaBothWays() {
        val (signer, theirs) = key(KeySpec.RSA2048, KeyUsageType.SIGN_VERIFY, "RSA")
        val pss: Signature.() -> Unit = { setParameter(PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)) }
        val request = SignRequest(keyId = signer, message = message, signingAlgorithm = SigningAlgorithmSpec.RSASSA_PSS_SHA256)
        assertTrue(verifies("RSASSA-PSS", theirs, kms.sign(request).signature, pss))
        val pkcs1 = request.copy(signingAlgorithm = SigningAlgorithmSpec.RSASSA_PKCS1_V15_SHA256)
        assertTrue(verifies("SHA256withRSA", theirs, kms.sign(pkcs1).signature))

        val (keyId, encrypting) = key(KeySpec.RSA2048, KeyUsageType.ENCRYPT_DECRYPT, "RSA")
        for ((algorithm, hash, mgf) in listOf(
            Triple(EncryptionAlgorithmSpec.RSAES_OAEP_SHA256, "SHA-256", MGF1ParameterSpec.SHA256),
            Triple(EncryptionAlgorithmSpec.RSAES_OAEP_SHA1, "SHA-1", MGF1ParameterSpec.SHA1),
        )) {
            val cipher = Cipher.getInstance("RSA/ECB/OAEPPadding")
            cipher.init(Cipher.ENCRYPT_MODE, encrypting, OAEPParameterSpec(hash, "MGF1", mgf, PSource.PSpecified.DEFAULT))
            val decrypting = DecryptRequest(ciphertextBlob = cipher.doFinal(message), keyId = keyId, encryptionAlgorithm = algorithm)
            assertArrayEquals(message, kms.decrypt(decrypting).plaintext, hash)
        }
    }

    @Test
    fun bothSidesComeToTheSameSecret() {
        for ((spec, name) in listOf(
            KeySpec.ECC_NIST_P256 to "secp256r1",
            KeySpec.ECC_NIST_P384 to "secp384r1",
            KeySpec.ECC_NIST_P521 to "secp521r1",
        )) {
            val (keyId, theirs) = key(spec, KeyUsageType.KEY_AGREEMENT, "EC")
            val own = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec(name)) }.generateKeyPair()
            val request = DeriveSharedSecretRequest(
                keyId = keyId,
                keyAgreementAlgorithm = KeyAgreementAlgorithmSpec.ECDH,
                publicKey = own.public.encoded,
            )
            val agreed = KeyAgreement.getInstance("ECDH").run {
                init(own.private)
                doPhase(theirs, true)
                generateSecret()
            }
            assertEquals(BigInteger(1, agreed), BigInteger(1, kms.deriveSharedSecret(request).sharedSecret), name)
        }
    }
}
