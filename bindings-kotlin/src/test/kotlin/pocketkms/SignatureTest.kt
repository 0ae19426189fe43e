package pocketkms

import java.lang.reflect.Modifier
import java.time.Instant
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

/** What of the jar's signatures Java and Kotlin users meet: numbers, overloads, statics. */
class SignatureTest {
    /** Whatever is unsigned or an inline class has a name that Java cannot write, or a constructor that it cannot call. */
    @Test
    fun nothingIsMangled() {
        val open = Generated.classes.filter { Modifier.isPublic(it.modifiers) && "FfiConverter" !in it.name && "niffi" !in it.name }
        val mangled = open.flatMap { it.methods.toList() }.filter { it.declaringClass.name.startsWith("pocketkms") && '-' in it.name && "\$pocketkms" !in it.name }
        assertEquals(listOf<Any>(), mangled.filter { "niffi" !in it.name && "Rust" !in it.declaringClass.name }.map { "${it.declaringClass.name}.${it.name}" }.distinct())
        val marker = "kotlin.jvm.internal.DefaultConstructorMarker"
        val hidden = open.filter { type -> // data that has no constructor but one with the compiler's marker
            type.declaredMethods.any { it.name == "component1" } && type.constructors.none { it.parameterTypes.none { p -> p.name == marker } }
        }
        assertEquals(listOf<Any>(), hidden)
        assertTrue(open.size > 100)
    }

    /** A record whose members may all be left out is made of nothing, as Java can only leave out the last ones. */
    @Test
    fun overloads() {
        for (type in listOf(CreateKeyRequest::class, EncryptOptions::class, ListKeysRequest::class, Argon2Cost::class, ResourceQuotas::class)) {
            assertTrue(type.java.constructors.any { it.parameterCount == 0 }, "$type")
        }
        for (name in listOf("create", "open", "openOrCreate", "inMemory", "openSnapshot")) {
            assertTrue(Vault::class.java.methods.any { it.name == name && Modifier.isStatic(it.modifiers) && it.parameterCount <= 2 }, name)
        }
        assertTrue(Vault::class.java.methods.any { it.name == "client" && it.parameterCount == 0 })
    }

    /** Rust has no negative ones: they are refused when they are handed over, in each place. */
    @Test
    fun numbersBeyondTheirRange() {
        val client = EncryptionClient()
        val keyring = Keyring.rawAes("album", "key", ByteArray(32))
        val message = client.encrypt(keyring, ByteArray(10)).message
        val clock = ManualClock(Instant.EPOCH)
        val refused = listOf<() -> Any?>(
            { client.encrypt(keyring, ByteArray(1), EncryptOptions(frameLength = -1)) },
            { client.encrypt(keyring, ByteArray(1), EncryptOptions(plaintextLength = -1)) },
            { client.encrypt(keyring, ByteArray(1), EncryptOptions(plaintextLength = Long.MIN_VALUE)) },
            { EncryptionClient(maxEncryptedDataKeys = -1) },
            { EncryptionClient(maxEncryptedDataKeys = 65_536) },
            { EncryptionClient(maxFrameLength = Int.MIN_VALUE) },
            { RootKey.fromPassphrase("x", Argon2Cost(-1, 1, 1)) },
            { Keyring.caching(keyring, maxMessages = -1) },
            { client.rangeReader(keyring, message, RangeOptions(messageLength = -1)) },
            { client.rangeReader(keyring, message).open(ByteRange(-1, 5), message) },
            { client.rangeReader(keyring, message).locate(ByteRange(0, -5)) },
            { clock.advanceDays(-1) },
        )
        for ((index, call) in refused.withIndex()) {
            val error = assertThrows<KmsException.Validation>("$index") { call() }
            assertTrue("between" in error.message, error.message)
        }
        // The largest that there are go through, and come back.
        assertEquals(0, client.rangeReader(keyring, message, RangeOptions(messageLength = message.size.toLong())).locate(ByteRange(0, 0)).run { end - start })
        client.encryptor(keyring, EncryptOptions(plaintextLength = Long.MAX_VALUE)).close()
        EncryptionClient(maxEncryptedDataKeys = 65_535).close()
    }
}
