package pocketkms

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.File
import java.lang.reflect.InvocationTargetException
import java.time.Instant

/** The scenarios that every language plays: by the methods, whose types the core describes, and by the wire. */
class ScenarioTest {
    /** The core's description of the types, from `pocketkms-bindings-types json`. */
    private val model = read(File("target/model.json"))
    private val files = File("../tests/scenario").listFiles { file -> file.extension == "json" && file.name != "schema.json" }!!.sorted()

    private fun read(file: File) = JsonParser.parseString(file.readText()).asJsonObject

    @TestFactory
    fun byMethods() = files.map { DynamicTest.dynamicTest(it.name) { play(read(it), wire = false, ::method) } }

    @TestFactory
    fun byTheWire() = files.map { DynamicTest.dynamicTest(it.name) { play(read(it), wire = true, ::wire) } }

    @Test
    fun whatGoesOtherwiseIsNoticed() {
        for (wrong in listOf(
            """"answer": { "Truncated": true }""", """"answer": { "Keys": { "${'$'}odd": 1 } }""", """"error": "NotFoundException"""",
            """"answer": { "NextMarker": { "${'$'}let": "x" } }""", """"answer": { "Keys": [{}] }""", """"title": "nothing expected"""",
        )) {
            val scenario = JsonParser.parseString("""{ "steps": [{ "call": "ListKeys", "input": {}, $wrong }] }""").asJsonObject
            assertThrows<AssertionError>(wrong) { play(scenario, wire = true, ::wire) }
        }
    }

    private fun play(scenario: JsonObject, wire: Boolean, call: (Kms, String, JsonObject) -> JsonElement) {
        RootKey.fromBytes(ByteArray(32) { 7 }).use { root ->
            ManualClock(Instant.ofEpochSecond(1_700_000_000)).use { clock ->
                val roots = scenario.getAsJsonArray("attestationRoots")?.map { Scenario.bytes(it) }
                val keys = scenario.getAsJsonObject("externalKeys")?.entrySet()?.associate { (name, key) -> name to Scenario.bytes(key) }
                val proxy = keys?.let(::Proxy)
                Vault.inMemory(root, clock = clock, attestationRoots = roots, xksTransport = proxy).use { vault ->
                    val clients = mutableMapOf<String?, Kms>(null to vault.client())
                    val player = Scenario(clock, { method, argument -> host(vault, method, argument) }, { proxy!!.refuses = it }) { caller, operation, input ->
                        call(clients.getValue(caller), operation, input)
                    }
                    scenario.getAsJsonObject("callers")?.entrySet()?.forEach { (name, caller) ->
                        fun of(member: String) = caller.asJsonObject[member]?.asString
                        val session = caller.asJsonObject["session"]?.let { player.value(it).asJsonObject }
                        val stated = session?.let { made(it, "SessionContext") as SessionContext }
                        clients[name] = vault.client(of("account"), of("region"), of("principal"), stated)
                    }
                    player.play(scenario, wire)
                    clients.values.forEach(Kms::close)
                }
            }
        }
    }

    /** Calls a method of the vault that is the host's. */
    private fun host(vault: Vault, method: String, argument: JsonElement): Unit = when (method) {
        "putIamEntity" -> vault.putIamEntity(made(argument.asJsonObject, "IamEntity") as IamEntity)
        "removeIamEntity" -> vault.removeIamEntity(argument.asString)
        "setRequestQuotas" -> vault.setRequestQuotas(argument.asJsonArray.map { made(it.asJsonObject, "RequestQuota") as RequestQuota })
        "setResourceQuotas" -> vault.setResourceQuotas(made(argument.asJsonObject, "ResourceQuotas") as ResourceQuotas)
        "setGrantDelay" -> vault.setGrantDelay(argument.asInt)
        else -> throw AssertionError("the host has no method $method")
    }

    private fun wire(kms: Kms, operation: String, input: JsonObject): JsonElement {
        val response = kms.call("TrentService.$operation", input.toString().toByteArray())
        // An object without members is no answer either.
        val text = String(response.body)
        val answer = if (text.isEmpty() || text == "{}") JsonNull.INSTANCE else JsonParser.parseString(text)
        if (response.status == 200) return answer
        throw Refusal(answer.asJsonObject["__type"].asString, answer.asJsonObject["message"]?.asString ?: "")
    }

    private fun method(kms: Kms, operation: String, input: JsonObject): JsonElement {
        val described = model.getAsJsonArray("operations").map { it.asJsonObject }.single { it["name"].asString == operation }
        val method = KmsInterface::class.java.methods.single { it.name == described["camelName"].asString }
        return try {
            val answer = method.invoke(kms, made(input, described["request"].asString))
            if (described["response"].isJsonNull) JsonNull.INSTANCE else taken(answer, described["response"].asString)
        } catch (thrown: InvocationTargetException) {
            val error = thrown.targetException as? KmsException ?: throw thrown.targetException
            throw Refusal(error.details().name, error.details().message)
        }
    }

    private fun members(structure: String) =
        listOf("structures", "ownStructures").firstNotNullOf { model.getAsJsonObject(it).getAsJsonObject(structure) }
            .getAsJsonArray("members").map { it.asJsonObject }

    private fun values(enumeration: String) =
        model.getAsJsonObject("enumerations").getAsJsonObject(enumeration).getAsJsonArray("values").map { it.asJsonObject["value"].asString }

    /** A structure of Kotlin, of what stands on the wire. */
    private fun made(value: JsonObject, structure: String): Any {
        val members = members(structure)
        assertTrue(members.map { it["wireName"].asString }.containsAll(value.keySet()), "$structure has no ${value.keySet()}")
        val constructor = Class.forName("pocketkms.api.$structure").constructors.single { it.parameterCount == members.size }
        return constructor.newInstance(*members.map { member -> value[member["wireName"].asString]?.let { given(it, member["type"]) } }.toTypedArray())
    }

    private fun given(value: JsonElement, shape: JsonElement): Any = when {
        shape.isJsonPrimitive -> when (shape.asString) {
            "bytes", "secret" -> Scenario.bytes(value)
            "map" -> value.asJsonObject.entrySet().associate { (name, part) -> name to part.asString }
            "integer" -> value.asInt
            "boolean" -> value.asBoolean
            else -> value.asString
        }
        shape.asJsonObject.has("list") -> value.asJsonArray.map { given(it, shape.asJsonObject["list"]) }
        shape.asJsonObject.has("unsigned") -> if (shape.asJsonObject["unsigned"].asBigInteger.bitLength() > 32) value.asLong else value.asInt
        shape.asJsonObject.has("enumeration") -> shape.asJsonObject["enumeration"].asString.let { name ->
            Class.forName("pocketkms.api.$name").enumConstants[values(name).indexOf(value.asString)]
        }
        else -> made(value.asJsonObject, shape.asJsonObject["structure"].asString)
    }

    /** What stands on the wire, of a structure of Kotlin. */
    private fun taken(value: Any, structure: String) = JsonObject().apply {
        for (member in members(structure)) {
            val field = value.javaClass.getDeclaredField(member["camelName"].asString).apply { isAccessible = true }
            field.get(value)?.let { add(member["wireName"].asString, answered(it, member["type"])) }
        }
    }

    private fun answered(value: Any, shape: JsonElement): JsonElement = when (value) {
        is String -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        is ByteArray -> Scenario.base64(value)
        is Instant -> JsonPrimitive(value.toEpochMilli() / 1000.0)
        is List<*> -> JsonArray().apply { value.forEach { add(answered(it!!, shape.asJsonObject["list"])) } }
        is Map<*, *> -> JsonObject().apply { value.forEach { (name, part) -> addProperty(name as String, part as String) } }
        is Enum<*> -> JsonPrimitive(values(shape.asJsonObject["enumeration"].asString)[value.ordinal])
        else -> taken(value, shape.asJsonObject["structure"].asString)
    }
}
