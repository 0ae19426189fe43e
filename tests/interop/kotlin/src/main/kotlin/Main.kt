// The Kotlin participant of the interop matrix; the protocol is in tests/interop/README.md.

import java.io.File
import kotlin.system.exitProcess

fun main(arguments: Array<String>) {
    val files = arguments.drop(1).map(::File)
    when (arguments.firstOrNull() to files.size) {
        "make" to 1 -> make(files[0])
        "check" to 2 -> check(files[0], files[1])
        else -> {
            System.err.println("usage: make DIR | check DIR OUT")
            exitProcess(1)
        }
    }
}
