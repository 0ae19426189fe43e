# polish.awk -v out=DIR FILE...
# Corrections to the Kotlin that UniFFI makes, which its templates have no settings for; each FILE is written to DIR/FILE. A rule that finds
# nothing to do is an error: then UniFFI has changed, and what the rule is for would be missing without anybody noticing.

function done(rule) { made[rule]++ }
FNR == 1 { target = out "/" FILENAME; package = "" }

# --- Handles. UniFFI copies the handle of an argument without a look at whether the object was closed, and that of a receiver
# before it has the other arguments, so that it leaks where one of those cannot be converted. Here a handle is copied in one
# place, while the object is held open, and given back if the call does not come about (Arguments.kt). The copy is an owner of
# its own: closing the object during the call waits for no one.

/^    internal inline fun <R> callWithHandle\(block: \(handle: Long\) -> R\): R \{$/ { skipping = 1 }
skipping { if (/^    }$/) { skipping = 0; done("no handle without a look") } next }

/^    fun uniffiCloneHandle\(\): Long \{$/ {
    print "    internal fun uniffiCloneHandle(): Long {" > target
    print "        do {" > target
    print "            val calls = callCounter.get()" > target
    print "            if (wasDestroyed.get() || calls == 0L) throw pocketkms.closedObject(this)" > target
    print "        } while (!callCounter.compareAndSet(calls, calls + 1L))" > target
    print "        try {" > target
    print "            val copy = cloneOpenHandle()" > target
    print "            pocketkms.Arguments.add { UniffiCleanAction(copy).run() }" > target
    print "            return copy" > target
    print "        } finally {" > target
    print "            if (callCounter.decrementAndGet() == 0L) cleanable?.clean()" > target
    print "        }" > target
    print "    }" > target
    print "" > target
    print "    private fun cloneOpenHandle(): Long {" > target
    done("handles are copied while held")
    next
}

/^    callWithHandle \{$/ { print "    run {" > target; done("receivers"); next }
/^        it,$/ { print "        uniffiCloneHandle()," > target; done("receivers' handles"); next }

# The vault has a close of its own, which closes it for every client, whose calls throw VaultClosedException afterwards; its handle goes
# with the garbage.
/^open class / { vault = /^open class Vault:/ }
vault && /^    @Synchronized$/ { while ((getline) > 0 && !/^    }$/) { } objects++; done("the vault's own close"); next }

# An object has one way to end, `close`. UniFFI's second one, `destroy`, would give the vault's handle back and leave it open for its clients;
# and its `use`, imported with `pocketkms.*`, would come before Kotlin's own, call that, and swallow what is thrown.
/^interface Disposable \{$/ {
    while ((getline) > 0 && !/^inline fun <T : Disposable\?, R> T\.use\(/) { }
    while ((getline) > 0 && !/^    }$/) { }
    done("Kotlin's own use")
    next
}
/^open class [A-Za-z]+: Disposable, AutoCloseable, / { sub(/Disposable, /, ""); done("no Disposable") }
/^    override fun destroy\(\) \{$/ { sub(/override/, "internal"); done("one way to end") }

# Whether it is closed can be asked of what was closed.
/override fun `isClosed`\(\): kotlin\.Boolean \{$/ {
    print > target
    print "        if (wasDestroyed.get()) return true" > target
    done("closed objects say so")
    next
}

# --- Arguments: each call has a list of what is ready for it.

/^ *uniffiRustCall(WithError\([A-Za-z]+\)|\(\)) \{ _status ->$/ {
    handler = /WithError/ ? substr($0, index($0, "(") + 1) : "UniffiNullRustCallStatusErrorHandler)"
    sub(/\).*/, "", handler)
    print "    uniffiCall(" handler ") { _status ->" > target
    done("calls begin")
    next
}
/^.*[ ,]_status\)$/ { sub(/_status\)$/, "pocketkms.Arguments.taken(_status))"); print > target; done("calls have their arguments"); next }

/^\/\/ Check UniffiRustCallStatus and throw an error if the call wasn't successful$/ {
    print "private inline fun <U, E: kotlin.Exception> uniffiCall(errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {" > target
    print "    val status = UniffiRustCallStatus()" > target
    print "    val arguments = pocketkms.Arguments.of()" > target
    print "    val answer = try { callback(status) } finally { arguments.end() }" > target
    print "    uniffiCheckCallStatus(errorHandler, status)" > target
    print "    return answer" > target
    print "}" > target
    print "" > target
    done("calls")
}

/^            rbuf\.writeField\("len", bbuf\.position\(\)\.toLong\(\)\)$/ {
    print > target
    print "            pocketkms.Arguments.add { RustBuffer.free(rbuf) }" > target
    done("buffers")
    next
}
/^        rbuf\.asByteBuffer\(\)!!\.put\(byteBuf\)$/ {
    print > target
    print "        pocketkms.Arguments.add { RustBuffer.free(rbuf) }" > target
    done("texts")
    next
}
/^            return handleMap\.insert\(value\)$/ {
    print "            uniffiCallbackInterface" callback ".registered" > target
    print "            return handleMap.insert(value).also { handle -> pocketkms.Arguments.add { handleMap.remove(handle) } }" > target
    done("callbacks")
    next
}

# --- The start. JNA binds each function when the library is loaded, and makes native code for each callback: what is not called is left out, and
# callbacks are made when an app gives the first object of that kind.

/^    external fun ffi_[a-z_]+_rust_future_[a-z0-9_]+\(/ { getline; done("functions of futures, which there are none of"); next }
/^        uniffiCallbackInterface[A-Za-z]+\.register\(this\)$/ { interfaces++; done("callbacks at the start"); next }
/^    internal fun register\(lib: UniffiLib\) \{$/ {
    print "    internal val registered: Unit by lazy { register(UniffiLib) }\n" > target
    done("callbacks at their first use")
}
/^public object FfiConverterType[A-Za-z]+: FfiConverter</ { callback = $3; sub(/^FfiConverterType/, "", callback); sub(/:.*/, "", callback) }

# The structures of a call have their memory from a block of many (CallMemory.kt).
/^(internal )?open class (RustBuffer|UniffiRustCallStatus) : Structure\(\) \{$/ {
    print > target
    print "    override fun autoAllocate(size: Int): com.sun.jna.Memory = pocketkms.CallMemory.slice(size)" > target
    done("the memory of structures")
    next
}

# --- Errors.

# All have one base, which makes their message of what is known of them, in place of a dump of their fields (Errors.kt).
/^sealed class [A-Za-z]+: kotlin\.Exception\(\) \{$/ { sub(/kotlin\.Exception/, "PocketKmsException"); done("bases"); errors++ }
/^        override val message$/ { getline; done("messages"); next }
/^ *\*\/ +fun `details`\(\): ErrorDetails \{$/ { sub(/fun `/, "override fun `"); done("details") }

# Half of a surrogate pair: an error of ours in place of the JDK's CharacterCodingException.
/^            encode\(CharBuffer\.wrap\(value\)\)$/ {
    print "            try { encode(CharBuffer.wrap(value)) } catch (_: java.nio.charset.CharacterCodingException) { throw pocketkms.malformedText() }" > target
    done("half of a surrogate pair")
    next
}

# A panic, or a fault of what UniFFI made, is a KmsException like all others; its words are for the developer.
/^class InternalException\(message: String\) : kotlin\.Exception\(message\)$/ {
    print "internal fun InternalException(explanation: String): pocketkms.KmsException = pocketkms.internalError(explanation)" > target
    done("panics")
    next
}
/^object UniffiNullRustCallStatusErrorHandler: / { sub(/<InternalException>/, "<pocketkms.KmsException>") }
/^    override fun lift\(error_buf: RustBuffer\.ByValue\): InternalException \{$/ { sub(/InternalException/, "pocketkms.KmsException"); done("no other errors") }

# What an app's code throws, be it an Exception or an Error (an assertion, a TODO), goes through Rust with the error that carries
# it, and comes out of the call that led there (Thrown.kt). UniFFI would make a text of the first, and let the second pass into
# JNA, which prints it and returns nothing to Rust.
/^    } catch\(e: kotlin\.Exception\) \{$/ { print "    } catch(e: kotlin.Throwable) {" > target; done("what apps throw"); next }
/^        if \(e is E\) \{$/ {
    print "        try {" > target
    print "            callStatus.error_buf = lowerError(pocketkms.carrying(e) as E)" > target
    print "            callStatus.code = UNIFFI_CALL_ERROR" > target
    print "        } catch (_: kotlin.Throwable) {" > target
    while ((getline) > 0 && !/^        } else \{$/) { }
    done("what apps throw is carried")
    next
}
/^ *val err = try \{ e\.stackTraceToString\(\) \} catch\(_: Throwable\) \{ "" \}$/ {
    sub(/try .*/, "pocketkms.thrownText(e)")
    print > target
    done("the text of what apps throw")
    next
}
/^        throw errorHandler\.lift\(status\.error_buf\)$/ {
    print "        throw pocketkms.original(errorHandler.lift(status.error_buf))" > target
    done("what was carried is thrown")
    next
}
# The holder's handle is made by the conversion: not once more to know its length.
/^    override fun allocationSize\(value: Thrown\): ULong \{$/ {
    print > target
    while ((getline) > 0 && !/^    }$/) { }
    print "        return 8UL" > target
    done("what was thrown is held once")
}

# At the end of the process, events of the audit trail that wait are stored (AtExit.kt). The function is no one else's.
/ fun `flushAll`\(\)/ { sub(/ fun `flushAll`/, " internal fun `flushAll`"); done("events at the end") }
/^        pocketkms\.api\.uniffiEnsureInitialized\(\)$/ { print "        AtExit.register()" > target; done("the end") }

# One function of the app: a lambda will do.
/^public interface BranchKeyIdSupplier \{$/ { print "public fun interface BranchKeyIdSupplier {" > target; done("lambdas"); next }

# What an app need not implement. UniFFI has no defaults for an app's methods.
/^    fun `branchKeyState`\(.*\): kotlin\.String$/ { $0 = $0 " = \"\""; done("what an app need not implement") }
/^    fun `fingerprint`\(.*\): kotlin\.ByteArray\?$/ { $0 = $0 " = null"; done("what an app need not implement") }

# A class that holds bytes shows their number when it is printed. A data class's own toString shows them, and so would
# put every plaintext into the log.
/^data class [A-Za-z]+ \($/ { class = $3; fields = ""; holds_bytes = 0 }
class && /^    va[lr] `[A-Za-z]+`: / {
    name = $2
    gsub(/[`:]/, "", name)
    value = "$" name
    if ($3 ~ /^(Secret|Blob|kotlin\.ByteArray)\??$/) {
        holds_bytes = 1
        value = $3 ~ /\?$/ ? "${" name "?.let { \"<${it.size} bytes>\" }}" : "<${" name ".size} bytes>"
    }
    if ($3 ~ /^SecretText$/) {
        holds_bytes = 1
        value = "<${" name ".length} characters>"
    }
    fields = fields (fields ? ", " : "") name "=" value
}
class && /^    companion object$/ {
    if (holds_bytes) { print "    override fun toString(): String = \"" class "(" fields ")\"\n" > target; done("bytes are not printed") }
    class = ""
}

{ print > target }

# As many as there are objects, or calls, and not fewer.
/^    override fun close\(\) \{$/ { objects++ }
/^ *UniffiLib\.uniffi_pocketkms.*_fn_(method|constructor|func)_/ { calls++ }

function expect(rule, count) {
    if (made[rule] + 0 == 0 || (count && made[rule] != count)) {
        print "polish.awk: \"" rule "\" was done " made[rule] + 0 " times" (count ? " in place of " count : "") > "/dev/stderr"
        wrong = 1
    }
}

END {
    files = ARGC - 1
    expect("no handle without a look", objects)
    expect("handles are copied while held", objects)
    expect("the vault's own close", 1)
    expect("Kotlin's own use", files)
    expect("no Disposable", objects)
    expect("one way to end", objects)
    expect("closed objects say so", 2)
    expect("receivers", made["receivers' handles"])
    expect("receivers' handles")
    expect("calls begin", calls)
    expect("calls have their arguments", calls)
    expect("calls", files)
    expect("buffers", files)
    expect("texts", files)
    expect("callbacks", interfaces)
    expect("the memory of structures", 2 * files)
    expect("functions of futures, which there are none of")
    expect("callbacks at the start", interfaces)
    expect("callbacks at their first use", interfaces)
    expect("bases")
    expect("details", errors)
    expect("messages")
    expect("half of a surrogate pair", files)
    expect("panics", files)
    expect("no other errors", files)
    expect("what apps throw", 2 * files)
    expect("what apps throw is carried", files)
    expect("what was carried is thrown", files)
    expect("what was thrown is held once", 1)
    expect("the text of what apps throw", 2 * files)
    expect("events at the end", 1)
    expect("the end", 1)
    expect("lambdas")
    expect("what an app need not implement", 2)
    expect("bytes are not printed")
    exit wrong
}
