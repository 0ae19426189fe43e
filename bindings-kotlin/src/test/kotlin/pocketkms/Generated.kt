package pocketkms

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.lang.reflect.Executable
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.lang.reflect.ParameterizedType
import java.lang.reflect.Proxy
import java.lang.reflect.Type
import java.lang.reflect.WildcardType
import java.time.Instant
import kotlin.coroutines.Continuation
import kotlinx.coroutines.flow.Flow

/** What the jar exports, by reflection, and values for all of it: a type that is added tomorrow is tested tomorrow. */
object Generated {
    private val file by lazy { File.createTempFile("message", null).apply { deleteOnExit() } }

    /** Every class of the jar. */
    val classes: List<Class<*>> = File(Kms::class.java.protectionDomain.codeSource.location.toURI()).let { root ->
        root.walk().filter { it.extension == "class" }
            .map { Class.forName(it.relativeTo(root).path.removeSuffix(".class").replace(File.separatorChar, '.')) }.toList()
    }

    /** The objects: what has a handle. */
    val objects: List<Class<*>> = classes.filter { type -> type.declaredMethods.any { it.name.startsWith("uniffiCloneHandle") } }

    /** What an app implements. */
    val callbacks: List<Class<*>> = classes.filter { it.isInterface && "${it.name}Impl" in objects.map(Class<*>::getName) }

    /** Every method, function and constructor that an app can call; those for coroutines are asked by CoroutineTest. */
    val calls: List<Executable> = classes
        .filter { Modifier.isPublic(it.modifiers) && !it.isInterface && !it.simpleName.startsWith("FfiConverter") }
        .filter { it.simpleName != "DefaultImpls" } // what an app need not implement
        .flatMap { it.declaredMethods.toList() + it.declaredConstructors }
        .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }
        .filter { call -> call.parameterTypes.none { it.name.startsWith("kotlinx.") || it == Continuation::class.java } }
        .filter { call -> call !is Method || call.returnType != Flow::class.java }
        .filter { "niffi" !in it.name && !it.name.startsWith("destroy") && it.name !in setOf("close", "equals", "hashCode", "toString") }

    private fun isRecord(type: Class<*>) = type.methods.any { it.name == "component1" }

    private fun Type.raw(): Class<*>? = when (this) {
        is Class<*> -> this
        is ParameterizedType -> rawType as Class<*>
        else -> null
    }

    private fun Type.parts(): List<Type> = when (this) {
        is ParameterizedType -> actualTypeArguments.toList()
        is WildcardType -> upperBounds.toList()
        else -> emptyList()
    }

    /** Whether values of this type may hold one of that class: it is it, a list of it, a record with one. */
    fun mentions(type: Type, it: Class<*>): Boolean =
        type == it || type.parts().any { part -> mentions(part, it) } ||
            type.raw()?.let { raw -> isRecord(raw) && raw.declaredFields.any { field -> mentions(field.genericType, it) } } == true

    /** A new object. */
    fun make(type: Class<*>): Any {
        val key = Keyring.rawAes("album", "key", ByteArray(32))
        return when (type) {
            RootKey::class.java -> RootKey.fromBytes(ByteArray(32))
            ManualClock::class.java -> ManualClock(Instant.EPOCH)
            Vault::class.java -> Vault.inMemory(RootKey.fromBytes(ByteArray(32)))
            Kms::class.java -> (make(Vault::class.java) as Vault).client()
            Keyring::class.java -> key
            EncryptionClient::class.java -> EncryptionClient()
            Encryptor::class.java -> EncryptionClient().encryptor(key)
            Decryptor::class.java -> EncryptionClient().decryptor(key)
            Reencryptor::class.java -> EncryptionClient().reencryptor(key, key)
            RangeReader::class.java -> EncryptionClient().run { rangeReader(key, encrypt(key, ByteArray(1)).message) }
            RewrapBatch::class.java -> RewrapBatch(EncryptionClient(), key, key)
            else -> {
                check(callbacks.any { it.isAssignableFrom(type) }) { "how is a ${type.simpleName} made?" }
                type.getConstructor(NoHandle::class.java).newInstance(NoHandle)
            }
        }
    }

    /** A value of this type; wherever it may hold an object of [put]'s class, it holds [put]. */
    fun value(type: Type, put: Any?): Any? {
        val raw = type.raw()
        return when {
            raw != null && put != null && raw == put.javaClass -> put
            raw == null -> type.parts().firstOrNull()?.let { value(it, put) }
            raw == String::class.java -> "x"
            raw == Instant::class.java -> Instant.EPOCH
            raw == File::class.java -> file
            raw == InputStream::class.java -> ByteArrayInputStream(ByteArray(1))
            raw == OutputStream::class.java -> ByteArrayOutputStream()
            raw == ByteArray::class.java -> ByteArray(32)
            raw == List::class.java || raw == Iterable::class.java ->
                if (put != null && mentions(type, put.javaClass)) listOf(value(type.parts()[0], put)) else emptyList<Any>()
            raw == Map::class.java -> emptyMap<Any, Any>()
            raw == Any::class.java -> "x"
            raw.isPrimitive -> zero(raw)
            raw.isEnum -> raw.enumConstants[0]
            raw in objects -> make(raw)
            sealed(raw).isNotEmpty() -> sealed(raw)[0].let { case ->
                case.declaredFields.find { it.name == "INSTANCE" }?.get(null) ?: value(case, put)
            }
            raw.isInterface -> Proxy.newProxyInstance(raw.classLoader, arrayOf(raw)) { _, method, _ -> zero(method.returnType) }
            isRecord(raw) -> {
                val constructor = raw.declaredConstructors.maxBy { it.parameterCount }
                constructor.isAccessible = true
                constructor.newInstance(*constructor.genericParameterTypes.map { value(it, put) }.toTypedArray())
            }
            else -> null // a number that may be left out, a marker of the compiler
        }
    }

    private fun sealed(type: Class<*>) = type.declaredClasses.filter { it.superclass == type }

    private fun zero(type: Class<*>): Any? = when (type) {
        Long::class.java -> 0L
        Int::class.java -> 0
        Short::class.java -> 0.toShort()
        Byte::class.java -> 0.toByte()
        Double::class.java -> 0.0
        Boolean::class.java -> false
        else -> null
    }

    /** Calls it; what it throws is thrown as it was. A method runs on [on], or on a new object. */
    fun call(it: Executable, arguments: List<Any?>, on: Any? = null): Any? =
        try {
            it.isAccessible = true
            when {
                it !is Method -> (it as java.lang.reflect.Constructor<*>).newInstance(*arguments.toTypedArray())
                Modifier.isStatic(it.modifiers) -> it.invoke(null, *arguments.toTypedArray())
                else -> it.invoke(on ?: receiver(it.declaringClass), *arguments.toTypedArray())
            }
        } catch (e: java.lang.reflect.InvocationTargetException) {
            throw e.targetException
        }

    private fun receiver(type: Class<*>): Any? = when {
        type in objects -> make(type)
        type.simpleName == "Companion" -> type.enclosingClass.getField("Companion").get(null)
        else -> value(type, null)
    }
}
