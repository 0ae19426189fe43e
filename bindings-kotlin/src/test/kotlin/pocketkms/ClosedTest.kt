package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.MethodOrderer
import org.junit.jupiter.api.Order
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestMethodOrder
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.lang.ref.WeakReference
import java.lang.reflect.Executable
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.lang.reflect.ParameterizedType
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread

/** What was closed is refused, as the receiver of a call and as its argument. Before, Rust was handed freed memory. */
@TestMethodOrder(MethodOrderer.OrderAnnotation::class)
class ClosedTest {
    /** Its handle is given back. Of a vault, whose `close` is another thing, as with the garbage. */
    private fun closed(type: Class<*>): Any =
        Generated.make(type).also { made -> type.methods.single { it.name.startsWith("destroy") }.invoke(made) }

    private fun describe(call: Executable, type: Class<*>) = "${call.declaringClass.name}.${call.name} with a closed ${type.simpleName}"

    @Test
    fun asAnArgument() {
        val covered = mutableMapOf<Class<*>, Int>()
        for (type in Generated.objects) {
            for (call in Generated.calls) {
                val parameters = call.genericParameterTypes
                for (place in parameters.indices.filter { Generated.mentions(parameters[it], type) }) {
                    val put = closed(type)
                    val arguments = parameters.mapIndexed { index, parameter -> Generated.value(parameter, put.takeIf { index == place }) }
                    val error = assertThrows<IllegalStateException>(describe(call, type)) { Generated.call(call, arguments) }
                    assertEquals("this ${type.simpleName} is closed", error.message, describe(call, type))
                    covered.merge(type, 1, Int::plus)
                }
            }
        }
        // Those that no call takes have no other way to Rust than their own methods.
        val taken = setOf(RootKey::class, ManualClock::class, Kms::class, Keyring::class, EncryptionClient::class).map { it.java }
        assertEquals(emptySet<Class<*>>(), taken.toSet() - covered.keys)
        assertTrue(covered.values.sum() > 50, "$covered")
    }

    /** An implementation in Rust of what an app may implement as well goes through a converter of its own. */
    @Test
    fun asACallback() {
        // What holds an exception is given to Rust by the bindings alone.
        for (callback in Generated.callbacks - ThrownHolder::class.java) {
            val type = Generated.objects.single { it.name == "${callback.name}Impl" }
            val calls = Generated.calls.filter { call -> call.genericParameterTypes.any { Generated.mentions(it, callback) } }
            assertTrue(calls.isNotEmpty(), callback.name)
            for (call in calls) {
                val put = closed(type)
                val arguments = call.genericParameterTypes.map {
                    when {
                        !Generated.mentions(it, callback) -> Generated.value(it, null)
                        it is ParameterizedType && it.rawType == Map::class.java -> mapOf("x" to put)
                        else -> put
                    }
                }
                val error = assertThrows<IllegalStateException>(describe(call, type)) { Generated.call(call, arguments) }
                assertEquals("this ${type.simpleName} is closed", error.message)
            }
            // What a callback answers goes to Rust in the same way; none answers an object yet.
            for (method in callback.methods) {
                assertTrue(Generated.objects.none { Generated.mentions(method.genericReturnType, it) }, "$method wants a test of its own")
            }
        }
    }

    @Test
    fun asTheReceiver() {
        var count = 0
        for (type in Generated.objects) {
            val methods = Generated.calls.filter { it is Method && it.declaringClass == type && !Modifier.isStatic(it.modifiers) }
            count += methods.size
            for (method in methods) {
                if (method.name == "isClosed") {
                    assertEquals(true, Generated.call(method, emptyList(), closed(type)))
                    continue
                }
                val arguments = method.genericParameterTypes.map { Generated.value(it, null) }
                val error = assertThrows<IllegalStateException>(describe(method, type)) { Generated.call(method, arguments, closed(type)) }
                assertEquals("this ${type.simpleName} is closed", error.message, describe(method, type))
            }
        }
        assertTrue(count > 60, "$count")
    }

    @Test
    fun inListsAndWhereItMayBeLeftOut() {
        val live = Keyring.rawAes("album", "key", ByteArray(32))
        val closed = closed(Keyring::class.java) as Keyring
        assertThrows<IllegalStateException> { Keyring.multi(closed) }
        assertThrows<IllegalStateException> { Keyring.multi(null, listOf(live, closed)) }
        assertThrows<IllegalStateException> { Keyring.multi(live, listOf(closed, live)) }
        assertThrows<IllegalStateException> { RewrapBatch(EncryptionClient(), live, live, verifyWith = closed) }
        // What is made of it lives on.
        val both = Keyring.multi(live)
        live.close()
        assertEquals(1, EncryptionClient().run { decrypt(both, encrypt(both, ByteArray(1)).message) }.plaintext.size)
    }

    /** For its clients, too: not only the handle is given back. */
    @Test
    fun aVaultAfterUse() {
        lateinit var kms: Kms
        val vault = Vault.inMemory(RootKey.fromBytes(ByteArray(32))).use { vault -> vault.also { kms = it.client() } }
        assertTrue(vault.isClosed())
        assertTrue(kms.isClosed())
        assertThrows<KmsException.VaultClosed> { kms.listKeys(ListKeysRequest()) }
    }

    /** As `ViewModel.onCleared` does it: closed while threads encrypt with it. */
    @Test
    @Order(Int.MAX_VALUE) // leaves much to collect
    fun closedWhileThreadsUseIt() {
        val client = EncryptionClient()
        fun keyring() = Keyring.rawAes("album", "key", ByteArray(32))
        race(100_000, ::keyring) { client.encrypt(it, byteArrayOf(1)) }
        race(5_000, ::keyring) { Keyring.multi(null, listOf(it, it)).close() }
        race(5_000, { client.encryptor(keyring()) }) { it.update(byteArrayOf(1)) }
        race(5_000, { ManualClock(Fixture.START) }) { clock -> Keyring.caching(keyring(), clock = clock).close() }
        race(500, { RootKey.fromBytes(ByteArray(32)) }) { Vault.inMemory(it).close() }
        Fixture().use { fixture -> race(5_000, { fixture.vault.client() }) { it.listKeys(ListKeysRequest()) } }
    }

    private fun <T : AutoCloseable> race(rounds: Int, make: () -> T, use: (T) -> Unit) {
        val current = AtomicReference(make())
        val (used, refused) = List(2) { AtomicLong() }
        val wrong = AtomicReference<Throwable>()
        var over = false
        val users = List(2) {
            thread {
                while (!over) {
                    try {
                        use(current.get())
                        used.incrementAndGet()
                    } catch (_: IllegalStateException) {
                        refused.incrementAndGet()
                    } catch (error: Throwable) {
                        wrong.compareAndSet(null, error)
                    }
                }
            }
        }
        var round = 0
        while (wrong.get() == null && (round < rounds || used.get() < 100 || refused.get() == 0L)) {
            val old = current.getAndSet(make())
            old.close()
            old.close()
            round += 1
        }
        over = true
        users.forEach(Thread::join)
        current.get().close()
        wrong.get()?.let { throw it }
    }

    /** A call that comes to nothing for one of its arguments must not keep the others, or nothing that it was given is ever freed. */
    @Test
    fun aRefusedCallKeepsNothing() {
        val kept = refuse()
        var rounds = 0
        while (kept.get() != null && rounds < 100) {
            System.gc()
            Thread.sleep(5)
            rounds += 1
        }
        assertNull(kept.get(), "Rust still has the keyring")
    }

    /** In a frame of its own, which holds nothing when it has returned. */
    private fun refuse(): WeakReference<Wrapper> {
        val client = EncryptionClient()
        val closed = closed(Keyring::class.java) as Keyring
        val half = EncryptOptions(mapOf("a" to "\uD800"))
        val wrapper = Wrapper()
        Keyring.callback("app", wrapper).use { keyring ->
            assertThrows<KmsException.Validation> { client.encrypt(keyring, ByteArray(9), half) }
            assertThrows<KmsException.Validation> { client.encryptor(keyring, half) }
            assertThrows<IllegalStateException> { Keyring.multi(keyring, listOf(keyring, closed)) }
            assertThrows<IllegalStateException> { client.reencrypt(keyring, closed, ByteArray(9)) }
        }
        assertThrows<KmsException.Validation> { Keyring.hierarchicalOfSource(wrapper, "\uD800", 0.001) }
        return WeakReference(wrapper)
    }

    private class Wrapper : DataKeyWrapper, BranchKeySource {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            WrappedDataKey(ByteArray(0), dataKey)

        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            key.ciphertext

        override fun activeBranchKey(branchKeyId: String) = error("never")

        override fun branchKeyVersion(branchKeyId: String, branchKeyVersion: String) = error("never")
    }
}
