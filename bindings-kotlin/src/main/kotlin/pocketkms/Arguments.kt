package pocketkms

/**
 * What a call has ready for Rust: copies of handles, and buffers, which belong to Rust once it is called.
 *
 * An argument that cannot be converted (an object that was closed, half of a surrogate pair) ends the call before that. Then the
 * arguments before it are given back, or each such call would leak a keyring or a plaintext. polish.awk puts the calls of these
 * functions into the code that UniFFI makes.
 */
internal class Arguments private constructor(private val outer: Arguments?) {
    private val giveBack = ArrayList<() -> Unit>()
    private var taken = false

    /** The call is over, or never came about. */
    fun end() {
        current.set(outer)
        if (!taken) giveBack.asReversed().forEach { it() }
    }

    companion object {
        /** The innermost call of a thread: a list of the caller's own may call something while it is converted. */
        private val current = ThreadLocal<Arguments?>()

        /** Begins a call. */
        fun of(): Arguments = Arguments(current.get()).also(current::set)

        /** An argument is ready. What a callback returns is not one: it belongs to the call around it, which Rust has taken. */
        fun add(giveBack: () -> Unit) {
            current.get()?.run { if (!taken) this.giveBack += giveBack }
        }

        /** All arguments are ready; evaluated as the last of them. */
        fun <T> taken(status: T): T {
            current.get()!!.taken = true
            return status
        }
    }
}
