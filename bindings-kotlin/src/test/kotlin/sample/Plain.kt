package sample

import java.io.ByteArrayOutputStream
import kotlin.io.path.createTempDirectory
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** The same app before it had PocketKMS: what it is larger by is what PocketKMS costs (R8Test). */
object Plain {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val path = createTempDirectory().resolve("keys").toFile().apply { writeBytes(ByteArray(10)) }
        val message = ByteArrayOutputStream()
        path.inputStream().use { it.copyTo(message) }
        val size = runBlocking { withContext(Dispatchers.IO) { message.size() } }
        check(size == 10)
        println("the app ran")
    }
}
