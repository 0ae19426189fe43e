# signatures.awk -v out=DIR FILE...
# What users see of the Kotlin that UniFFI makes (after polish.awk): Int and Long in place of unsigned numbers, which Java does not have and whose
# constructors it cannot call; overloads and statics for Java; and nothing of UniFFI's own. A rule that finds nothing to do is an error.

function done(rule) { made[rule]++ }
function write(line) { print line > target }

# --- What is to be known of all files before the first line is written.

BEGIN {
    for (i = 1; i < ARGC; i++) {
        while ((getline line < ARGV[i]) > 0) {
            if (line ~ /^data class [A-Za-z0-9]+ \($/) { split(line, words, " "); open_class = words[3] }
            else if (open_class && line ~ /^\)/) open_class = ""
            else if (open_class && line ~ /^    va[lr] `[A-Za-z0-9]+`: .* = /) has_defaults[open_class] = 1
            if (line ~ /^public (fun )?interface [A-Za-z]+Interface \{$/) { split(line, words, " "); interface = words[3]; sub(/Interface$/, "", interface) }
            else if (line ~ /^}/) interface = ""
            else if (interface && line ~ /^    fun `[A-Za-z0-9]+`\(.* = /) shorter[interface] = shorter[interface] line "\n"
        }
        close(ARGV[i])
    }
}

FNR == 1 { target = out "/" FILENAME }

# --- Numbers. One that is negative or too large is an error when it is handed over; one beyond what Int or Long can say comes as the largest.

/^public object FfiConverterU(Byte|Short|Int|Long): / {
    split($3, parts, /[U:]/)
    size = parts[2]
    kotlin = size == "Long" ? "Long" : "Int"
    bytes["Byte"] = 1; bytes["Short"] = 2; bytes["Int"] = 4; bytes["Long"] = 8
    most["Byte"] = "0xff"; most["Short"] = "0xffff"; most["Int"] = "Int.MAX_VALUE"; most["Long"] = "Long.MAX_VALUE"
    accessor = size == "Byte" ? "" : size
    put = size == kotlin ? "" : ".to" size "()"
    write("internal object FfiConverterU" size ": FfiConverter<" kotlin ", " size "> {")
    if (size == "Byte" || size == "Short") {
        write("    override fun lift(value: " size "): Int = value.toInt() and " most[size])
        write("    fun lift(value: Int): Int = value and " most[size])
    } else {
        write("    override fun lift(value: " size "): " kotlin " = if (value < 0) " most[size] " else value")
    }
    write("    override fun read(buf: ByteBuffer): " kotlin " = lift(buf.get" accessor "())")
    write("    override fun lower(value: " kotlin "): " size " = pocketkms.unsigned(value, " most[size] ")" put)
    write("    override fun allocationSize(value: " kotlin ") = " bytes[size] "UL")
    write("    override fun write(value: " kotlin ", buf: ByteBuffer) { buf.put" accessor "(lower(value)) }")
    write("}")
    while ((getline) > 0 && !/^}$/) { }
    done("converters of numbers")
    next
}
/kotlin\.U(Byte|Short|Int|Long)/ {
    gsub(/kotlin\.ULong/, "kotlin.Long")
    gsub(/kotlin\.U(Byte|Short|Int)/, "kotlin.Int")
    while (match($0, / = [0-9]+u/)) $0 = substr($0, 1, RSTART + RLENGTH - 2) substr($0, RSTART + RLENGTH)
    done("numbers")
}

# --- Java: it has no default arguments, and would write `Vault.Companion`.

# A builder for each request, and for options: in Java none of their members has a name.
/^data class [A-Za-z0-9]+ \($/ { record = has_defaults[$3] && $3 ~ /(Request|Options)$/ ? $3 : ""; needed = passed = setters = "" }
record && /^    var `[A-Za-z0-9]+`: / {
    line = $0
    sub(/ +$/, "", line)
    name = $2
    sub(/:$/, "", name)
    type = line
    sub(/^    var `[A-Za-z0-9]+`: /, "", type)
    optional = type ~ / = /
    sub(/ = .*/, "", type)
    if (optional) {
        setters = setters "        fun " name "(value: " type "): Builder = apply { made." name " = value }\n"
    } else {
        needed = needed (needed ? ", " : "") name ": " type
        passed = passed (passed ? ", " : "") name " = " name
    }
}
record && /^    companion object$/ {
    write("    /** For Java: `new " record ".Builder(...)` with what it needs, and then what it may have, each by its name. */")
    write("    class Builder(" needed ") {")
    write("        private val made = " record "(" passed ")")
    write(setters "        fun build(): " record " = made.copy()")
    write("    }\n")
    record = ""
    done("builders")
}

/^data class [A-Za-z0-9]+ \($/ && has_defaults[$3] { write("data class " $3 " @JvmOverloads constructor("); done("constructors of data"); next }
/^    constructor\(`.* = / { sub(/constructor/, "@JvmOverloads constructor"); done("constructors") }

/^open class [A-Za-z]+: / { class = $3; sub(/:$/, "", class); split("", throws) }
class && match($0, /@Throws\([A-Za-z]+::class\) *override fun `[A-Za-z0-9]+`/) {
    name = substr($0, RSTART, RLENGTH - 1)
    sub(/^.*`/, "", name)
    throws[name] = substr($0, RSTART, index($0, ")"))
    sub(/\).*/, ")", throws[name])
}

# The members of an interface have their defaults there, where no overload can be made of them: these are of the class.
/^    companion object/ && class {
    count = split(shorter[class], lines, "\n")
    for (l = 1; l < count; l++) overloads(lines[l])
    companion = / \{$/
    class = ""
}
companion && /fun `[A-Za-z0-9]+`\(/ { sub(/fun `/, (/\(.* = / ? "@JvmOverloads " : "") "@JvmStatic fun `"); done("statics") }
companion && /^    }$/ { if ((getline line) > 0) { write($0); $0 = line } if (/^}$/) companion = 0 }

function overloads(line,    name, parameters, result, all, i, k, given, names, rest) {
    name = substr(line, index(line, "`") + 1)
    name = substr(name, 1, index(name, "`") - 1)
    parameters = substr(line, index(line, "(") + 1)
    result = parameters
    sub(/^.*\)/, "", result)
    parameters = substr(parameters, 1, length(parameters) - length(result) - 1)
    all = split(parameters, parts, /, `/)
    for (i = 1; i <= all; i++) if (i > 1) parts[i] = "`" parts[i]
    for (k = all; k >= 1 && parts[k] ~ / = /; k--) {
        given = names = rest = ""
        for (i = 1; i <= all; i++) {
            value = parts[i]
            if (i < k) {
                sub(/ = .*/, "", value)
                given = given (given ? ", " : "") value
                sub(/:.*/, "", value)
            } else {
                sub(/^.* = /, "", value)
            }
            names = names (names ? ", " : "") value
        }
        write("    /** [" name "] with the defaults of what is not given. */")
        write("    " throws[name] (name in throws ? " " : "") "fun `" name "`(" given ")" result " = `" name "`(" names ")")
        done("overloads")
    }
}

# --- UniFFI's own. In Kotlin's bytecode it stays public, where JNA finds it.

/^public (object|interface|typealias|abstract class) FfiConverter/ { sub(/^public/, "internal"); done("converters") }
/^(open class RustBuffer |interface Uniffi|object UniffiNull|object UniffiWithHandle|object NoHandle)/ { $0 = "internal " $0; done("helpers") }
/^public fun uniffiEnsureInitialized\(\) \{$/ { sub(/^public/, "internal"); done("helpers") }
/^public interface ThrownHolder \{$/ { sub(/^public/, "internal"); done("the holder") }
/^open class [A-Za-z]+Impl: / { $0 = "internal " $0; done("implementations") }
/^    constructor\((withHandle|noHandle): / { sub(/constructor/, "internal constructor"); done("constructors of handles") }
/^    protected val (handle|cleanable): / { sub(/protected/, "private"); done("handles") }
/^    val uniffiIsDestroyed: / { sub(/val/, "internal val"); done("handles") }
/^    companion object ErrorHandler : / { sub(/companion/, "internal companion"); done("error handlers") }

{ write($0) }

function expect(rule, count) {
    if (made[rule] + 0 < count) {
        print "signatures.awk: \"" rule "\" was done " made[rule] + 0 " times, which is fewer than " count > "/dev/stderr"
        wrong = 1
    }
}

END {
    expect("converters of numbers", 3 * (ARGC - 1))
    expect("numbers", 50)
    expect("constructors of data", 50)
    expect("builders", 50)
    expect("constructors", 2)
    expect("statics", 20)
    expect("overloads", 10)
    expect("converters", 50)
    expect("helpers", 6 * (ARGC - 1) + 1)
    expect("the holder", 1)
    expect("implementations", 8)
    expect("constructors of handles", 30)
    expect("handles", 45)
    expect("error handlers", 2)
    exit wrong
}
