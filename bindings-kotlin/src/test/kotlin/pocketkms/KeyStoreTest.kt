package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

private const val CLUSTER = "cluster-abcdefg2345"
private const val PASSWORD = "kmsPswd"

/** An AWS CloudHSM cluster that an object of the app's is, behind a custom key store. */
class KeyStoreTest {
    /** Keys in this process. */
    private class Cluster : CloudHsmCluster {
        val keys = mutableMapOf<String, SecretKey>()
        var fails: Throwable? = null

        private fun begin(password: String) {
            fails?.let { throw it }
            if (password != PASSWORD) throw clusterError(ClusterErrorKind.INVALID_CREDENTIALS, "that is not the password")
        }

        private fun gcm(mode: Int, key: String, iv: ByteArray, aad: ByteArray) = Cipher.getInstance("AES/GCM/NoPadding").apply {
            init(mode, keys.getValue(key), GCMParameterSpec(128, iv))
            updateAAD(aad)
        }

        private fun random(length: Int) = ByteArray(length).also { SecureRandom().nextBytes(it) }

        override fun describe(): String? = null

        override fun connect(password: String) = begin(password)

        override fun disconnect() = Unit

        override fun createKey(password: String, label: String): String {
            begin(password)
            keys[label] = SecretKeySpec(random(32), "AES")
            return label
        }

        override fun deleteKey(password: String, key: String) {
            begin(password)
            keys.remove(key)
        }

        override fun encrypt(password: String, key: String, plaintext: ByteArray, aad: ByteArray): ByteArray {
            begin(password)
            val iv = random(12)
            return iv + gcm(Cipher.ENCRYPT_MODE, key, iv, aad).doFinal(plaintext)
        }

        override fun decrypt(password: String, key: String, ciphertext: ByteArray, aad: ByteArray): ByteArray {
            begin(password)
            try {
                return gcm(Cipher.DECRYPT_MODE, key, ciphertext.copyOf(12), aad).doFinal(ciphertext, 12, ciphertext.size - 12)
            } catch (_: GeneralSecurityException) {
                throw clusterError(ClusterErrorKind.INVALID_CIPHERTEXT, "another tag")
            }
        }

        override fun random(password: String, length: Int): ByteArray {
            begin(password)
            return ByteArray(length) { 0x5a }
        }
    }

    private fun opened(cluster: CloudHsmCluster) =
        Vault.inMemory(RootKey.fromBytes(ByteArray(32)), cloudHsmClusters = mapOf(CLUSTER to cluster))

    private fun connected(kms: Kms, password: String = PASSWORD): String {
        val request = CreateCustomKeyStoreRequest(
            "hsm", cloudHsmClusterId = CLUSTER, trustAnchorCertificate = "MII", keyStorePassword = password,
        )
        val id = kms.createCustomKeyStore(request).customKeyStoreId!!
        kms.connectCustomKeyStore(ConnectCustomKeyStoreRequest(id))
        return id
    }

    private fun created(kms: Kms, store: String) =
        kms.createKey(CreateKeyRequest(origin = OriginType.AWS_CLOUDHSM, customKeyStoreId = store)).keyMetadata

    @Test
    fun keysAreMadeAndUsedInTheCluster() {
        val cluster = Cluster()
        opened(cluster).use { vault ->
            val kms = vault.client()
            val store = connected(kms)
            val key = created(kms, store)
            assertEquals(setOf(key.keyId), cluster.keys.keys)
            val context = mapOf("a" to "b")
            val blob = kms.encrypt(EncryptRequest(key.keyId, "hello".toByteArray(), context)).ciphertextBlob
            assertEquals("hello", String(kms.decrypt(DecryptRequest(blob, context)).plaintext))
            assertThrows<KmsException.InvalidCiphertext> { kms.decrypt(DecryptRequest(blob)) }
            val random = kms.generateRandom(GenerateRandomRequest(numberOfBytes = 4, customKeyStoreId = store))
            assertArrayEquals(ByteArray(4) { 0x5a }, random.plaintext)
        }
    }

    @Test
    fun whatAClusterThrows() {
        val cluster = Cluster()
        opened(cluster).use { vault ->
            val kms = vault.client()
            val key = created(kms, connected(kms)).keyId
            val encrypt = { kms.encrypt(EncryptRequest(key, byteArrayOf(1))) }
            cluster.fails = clusterError(ClusterErrorKind.UNREACHABLE, "the cable is out")
            val unreachable = assertThrows<KmsException.KeyUnavailable> { encrypt() }
            assertFalse("cable" in unreachable.message)
            assertEquals("the cable is out", unreachable.explanation)
            for (mine in listOf(IOException("mine"), IllegalStateException("mine"), KmsException.NotFound(ErrorDetails(message = "mine")))) {
                cluster.fails = mine
                assertSame(mine, runCatching { encrypt() }.exceptionOrNull())
            }
            cluster.fails = null
            encrypt()
        }
    }

    @Test
    fun aWrongPasswordFailsTheConnection() = opened(Cluster()).use { vault ->
        val kms = vault.client()
        connected(kms, "another")
        val store = kms.describeCustomKeyStores(DescribeCustomKeyStoresRequest()).customKeyStores.single()
        assertEquals(ConnectionStateType.FAILED, store.connectionState)
        assertEquals(ConnectionErrorCodeType.INVALID_CREDENTIALS, store.connectionErrorCode)
    }

    /** What carries the requests to an external key store proxy; what it throws is a cause. */
    @Test
    fun aTransportIsAskedAndWhatItThrowsIsACause() {
        val asked = mutableListOf<XksRequest>()
        val transport = object : XksTransport {
            override fun send(request: XksRequest): XksResponse {
                asked += request
                throw IOException("no route")
            }
        }
        Vault.inMemory(RootKey.fromBytes(ByteArray(32)), xksTransport = transport).use { vault ->
            val request = CreateCustomKeyStoreRequest(
                "outside", customKeyStoreType = CustomKeyStoreType.EXTERNAL_KEY_STORE,
                xksProxyConnectivity = XksProxyConnectivityType.PUBLIC_ENDPOINT, xksProxyUriEndpoint = "https://xks.example.com",
                xksProxyUriPath = "/kms/xks/v1",
                xksProxyAuthenticationCredential = XksProxyAuthenticationCredentialType(
                    "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE", "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456",
                ),
            )
            val error = assertThrows<KmsException.XksProxyUriUnreachable> { vault.client().createCustomKeyStore(request) }
            assertTrue(error.causes.any { "no route" in it }, "${error.causes}")
            assertEquals("https://xks.example.com/kms/xks/v1/health", asked.single().url)
            assertTrue("Authorization" in asked.single().headers)
        }
    }
}
