# What UniFFI's templates for Kotlin cannot be told, done to what they made.

# The message of an exception is its text, not a dump of its fields.
/^            get\(\) = "details=\$\{ `details` \}"$/ { print "            get() = `details`.text"; next }

# What an app's code throws becomes an error of the call that led there, whatever it is: UniFFI catches an Exception, but lets an
# Error (an assertion, a TODO) pass into JNA, which prints it and answers Rust with nothing.
/^    } catch\(e: kotlin\.Exception\) \{$/ { print "    } catch(e: kotlin.Throwable) {"; next }

# One function of the app: a lambda will do.
/^public interface BranchKeyIdSupplier \{$/ { print "public fun interface BranchKeyIdSupplier {"; next }

# A class that holds bytes tells their number when it is printed. A data class's own toString shows them, and so would
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
    fields = fields (fields ? ", " : "") name "=" value
}
class && /^    companion object$/ {
    if (holds_bytes) print "    override fun toString(): String = \"" class "(" fields ")\"\n"
    class = ""
}
{ print }
