package pocketkms

import java.io.File
import org.codehaus.mojo.animal_sniffer.SignatureChecker
import org.codehaus.mojo.animal_sniffer.logging.Logger
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.android.AndroidKeystoreRootKey

/**
 * The code that only the AAR has compiles here against stand-ins. Each class, method and field of Android's that it uses is looked up in the list of
 * those that Android 8 has, descriptors included: a stand-in that is not as the real class would be noticed.
 */
class AndroidApiTest {
    private val classes = File(AndroidKeystoreRootKey::class.java.protectionDomain.codeSource.location.toURI())

    private class Errors : Logger {
        val all = mutableListOf<String>()
        override fun info(message: String) = Unit
        override fun info(message: String, t: Throwable) = Unit
        override fun debug(message: String) = Unit
        override fun debug(message: String, t: Throwable) = Unit
        override fun warn(message: String) = error(message)
        override fun warn(message: String, t: Throwable) = error(message)
        override fun error(message: String) {
            all += message
        }
        override fun error(message: String, t: Throwable) = error(message)
    }

    /** What Android 8 lacks of what these classes use. */
    private fun missing(files: List<File>): List<String> {
        val errors = Errors()
        File(System.getProperty("android.signature")).inputStream().use { list ->
            val checker = SignatureChecker(list, setOf("pocketkms.*", "kotlin.*", "androidx.media3.*"), errors)
            checker.setSourcePath(listOf())
            files.forEach(checker::process)
        }
        return errors.all
    }

    private val own = listOf("android", "media3").flatMap { File(classes, "pocketkms/$it").walk().filter { file -> file.extension == "class" } }

    @Test
    fun nothingThatAndroid8Lacks() {
        val (newer, others) = own.partition { it.name.startsWith("Api28") }
        assertTrue(others.size >= 8, "$others")
        assertEquals(listOf<String>(), missing(others))
        // The check sees what is missing: the StrongBox, which came with Android 9.
        val lacking = missing(newer).joinToString("\n")
        assertTrue("setIsStrongBoxBacked" in lacking && "StrongBoxUnavailableException" in lacking, lacking)
        assertTrue(lacking.lines().all { "StrongBox" in it }, lacking)
    }
}
