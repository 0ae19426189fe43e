package pocketkms

/**
 * At the end of the process the events of the audit trail that wait are stored, and audit sinks are shown them. Android ends no process so: there
 * they are stored when their time is over.
 */
internal object AtExit {
    /** Called by what UniFFI makes, once. */
    fun register() {
        try {
            Runtime.getRuntime().addShutdownHook(Thread(::flushAll, "pocketkms-exit"))
        } catch (_: IllegalStateException) {
            // It is ending already.
        }
    }
}
