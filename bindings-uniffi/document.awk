# document.awk -v docs=FILE -v out=FILE SOURCE
# What a method of the vault's clients can throw and needs, into its documentation: from FILE, whose lines are a method's name, a
# tabulator and a line of documentation (bindings-types). UniFFI takes documentation from Rust's comments, which cannot be made of
# the core's facts. SOURCE is Kotlin or Swift; each method stands in an interface and in a class.

BEGIN {
    FS = "\t"
    while ((getline line < docs) > 0) {
        at = index(line, "\t")
        name = substr(line, 1, at - 1)
        text[name] = text[name] "\n     *" (at < length(line) ? " " substr(line, at + 1) : "")
    }
    for (name in text) operations++
}

/^(public )?(open )?(interface|class|protocol) / { client = /^(public )?(open )?(interface|class|protocol) (KmsInterface|KmsProtocol|Kms)[:{ ]/ }

# The end of a comment waits for what it belongs to.
client && /^     \*\/$/ { end = $0; next }
end != "" {
    name = $0
    if (sub(/^.*fun[c]? `?/, "", name)) {
        sub(/[`(].*/, "", name)
        if (name in text) {
            print "     *" text[name] > out
            made[name]++
        }
    }
    print end > out
    end = ""
}
{ print > out }

END {
    for (name in text) if (made[name] != 2) wrong = wrong " " name
    if (operations < 20 || wrong != "") {
        print "document.awk: UniFFI makes other methods than it did:" wrong > "/dev/stderr"
        exit 1
    }
}
