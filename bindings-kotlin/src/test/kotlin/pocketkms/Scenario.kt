package pocketkms

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonPrimitive
import org.junit.jupiter.api.Assertions.*
import java.time.Duration
import java.util.Base64

/** What an operation answers instead. */
class Refusal(val name: String, val text: String) : Exception("$name: $text")

/**
 * Plays a scenario of tests/scenario: values, patterns and the clock. [host] is given a method of the vault that is the host's and its
 * argument, [call] the caller, the operation and its input; [proxy] is told the error with which the external key store proxy answers from now on.
 */
class Scenario(
    private val clock: ManualClock,
    private val host: (String, JsonElement) -> Unit,
    private val proxy: (String?) -> Unit = { throw AssertionError("there is no proxy") },
    private val call: (String?, String, JsonObject) -> JsonElement,
) {
    private val named = mutableMapOf<String, JsonElement>()

    /** Plays all steps; those for the wire alone only if [wire]. */
    fun play(scenario: JsonObject, wire: Boolean) {
        scenario.getAsJsonObject("values")?.entrySet()?.forEach { (name, value) -> named[name] = value }
        scenario.getAsJsonArray("steps").forEachIndexed { index, step ->
            try {
                step.asJsonObject.let { if (wire || !it.has("only")) perform(it) }
            } catch (wrong: AssertionError) {
                throw AssertionError("step ${index + 1}: ${wrong.message}", wrong)
            }
        }
    }

    private fun perform(step: JsonObject) {
        step["turn"]?.let { return clock.set(clock.now() + duration(it.asJsonObject)) }
        step["proxy"]?.let { return proxy(if (it.isJsonNull) null else it.asString) }
        step["host"]?.let { return host(it.asString, value(step["argument"])) }
        val operation = step["call"].asString
        val answer = try {
            call(step["as"]?.asString, operation, value(step["input"]).asJsonObject)
        } catch (refusal: Refusal) {
            assertEquals(step["error"]?.asString, refusal.name, "$operation: ${refusal.message}")
            step["message"]?.let { expect("message", it, JsonPrimitive(refusal.text)) }
            return
        }
        assertFalse(step.has("error"), "$operation: no error, but ${step["error"]} was expected")
        if (step.has("answer")) expect(operation, step["answer"], answer) else assertEquals(JsonNull.INSTANCE, answer, operation)
    }

    /** A value with names and makers replaced by what they stand for. */
    fun value(given: JsonElement): JsonElement = when {
        given is JsonArray -> JsonArray().apply { given.forEach { add(value(it)) } }
        given is JsonObject && given.has("\$text") -> base64(given["\$text"].asString.toByteArray())
        given is JsonObject && given.has("\$json") -> JsonPrimitive(value(given["\$json"]).toString())
        given is JsonObject && given.has("\$zeros") -> base64(ByteArray(given["\$zeros"].asInt))
        given is JsonObject && given.has("\$altered") ->
            base64(bytes(value(given["\$altered"])).apply { this[size - 1] = (last().toInt() xor 1).toByte() })
        given is JsonObject && given.has("\$repeat") ->
            given["\$repeat"].asJsonArray.let { JsonPrimitive(it[0].asString.repeat(it[1].asInt)) }
        given is JsonObject -> JsonObject().apply { given.entrySet().forEach { (name, part) -> add(name, value(part)) } }
        given is JsonPrimitive && given.isString ->
            JsonPrimitive(NAME.replace(given.asString) { named.getValue(it.groupValues[1]).asString })
        else -> given
    }

    /** Names are given first, since members come in any order. */
    private fun expect(place: String, pattern: JsonElement, actual: JsonElement) {
        name(place, pattern, actual)
        compare(place, pattern, actual)
    }

    private fun name(place: String, pattern: JsonElement, actual: JsonElement) {
        when {
            pattern is JsonObject && pattern.has("\$let") -> {
                assertFalse(actual.isJsonNull, "$place: missing")
                named[pattern["\$let"].asString] = actual
            }
            pattern is JsonObject && actual is JsonObject ->
                pattern.entrySet().forEach { (member, part) -> name("$place.$member", part, actual[member] ?: JsonNull.INSTANCE) }
            pattern is JsonArray && actual is JsonArray -> pattern.zip(actual).forEach { (part, item) -> name(place, part, item) }
        }
    }

    private fun compare(place: String, pattern: JsonElement, actual: JsonElement) {
        val operator = (pattern as? JsonObject)?.keySet()?.firstOrNull { it.startsWith("$") && it != "\$is" }
        val argument = operator?.let { pattern.asJsonObject[it] }
        val fits = when (operator) {
            "\$let" -> return pattern.asJsonObject["\$is"]?.let { compare(place, it, actual) } ?: Unit
            "\$not" -> !fits(argument!!, actual)
            "\$length" -> (if (actual is JsonArray) actual.size() else actual.asString.length) == argument!!.asInt
            "\$bytes" -> bytes(actual).size == argument!!.asInt
            "\$contains" -> value(argument!!).asString in actual.asString
            "\$clock" -> Math.round(actual.asDouble * 1000) == (clock.now() + duration(argument!!.asJsonObject)).toEpochMilli()
            "\$set" -> argument!!.asJsonArray.let { parts ->
                parts.size() == actual.asJsonArray.size() && parts.all { part -> actual.asJsonArray.any { fits(part, it) } }
            }
            "\$text", "\$zeros", "\$altered", "\$repeat" -> value(pattern) == actual
            null -> when (pattern) {
                is JsonObject -> return pattern.entrySet().forEach { (member, part) ->
                    compare("$place.$member", part, (actual as? JsonObject)?.get(member) ?: JsonNull.INSTANCE)
                }
                is JsonArray -> {
                    assertEquals(pattern.size(), actual.asJsonArray.size(), place)
                    return pattern.zip(actual.asJsonArray).forEachIndexed { index, (part, item) -> compare("$place.$index", part, item) }
                }
                else -> value(pattern) == actual
            }
            else -> throw AssertionError("$place: unknown pattern $operator")
        }
        assertTrue(fits, "$place: $actual does not fit $pattern")
    }

    private fun fits(pattern: JsonElement, actual: JsonElement) = try {
        compare("", pattern, actual)
        true
    } catch (_: AssertionError) {
        false
    }

    private fun duration(by: JsonObject): Duration {
        fun of(unit: String) = by[unit]?.asLong ?: 0
        return Duration.ofDays(of("days")).plusHours(of("hours")).plusSeconds(of("seconds"))
    }

    companion object {
        private val NAME = Regex("\\$\\{(\\w+)}")

        fun base64(bytes: ByteArray) = JsonPrimitive(Base64.getEncoder().encodeToString(bytes))

        fun bytes(text: JsonElement): ByteArray = Base64.getDecoder().decode(text.asString)
    }
}
