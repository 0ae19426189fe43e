package pocketkms

import com.sun.jna.Native
import java.io.File
import java.util.zip.ZipFile
import kotlinx.coroutines.Job
import org.jetbrains.annotations.NotNull
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import org.junit.jupiter.api.io.TempDir

/** R8 over a small app with the rules that the AAR brings along, and no others: it runs afterwards, and is not much larger. */
@EnabledIfSystemProperty(named = "r8", matches = "true", disabledReason = "takes minutes: -Pr8, as make nightly-kotlin does")
class R8Test {
    @TempDir
    lateinit var folder: File

    private val rules = File("src/android/consumer-rules.pro")
    private val java = File(System.getProperty("java.home"))

    private fun source(type: Class<*>) = File(type.protectionDomain.codeSource.location.toURI())

    private fun run(vararg command: String): Pair<Int, String> {
        val log = File(folder, "log")
        val process = ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(log).start()
        return process.waitFor() to log.readText()
    }

    private fun archive(classes: File, vararg folders: String): String {
        val jar = File(folder, "${folders.first()}.jar")
        assertEquals(0, run("$java/bin/jar", "cMf", jar.path, *folders.flatMap { listOf("-C", classes.path, it) }.toTypedArray()).first)
        return jar.path
    }

    /** What R8 makes of the app whose main class is that; PocketKMS is there in any case, and goes where nothing uses it. */
    private fun shrunk(main: String, out: File, vararg more: String) {
        val entry = File(folder, "entry.pro").apply { writeText("-keep class $main { public static void main(java.lang.String[]); }") }
        val (code, log) = run(
            "$java/bin/java", "-Xmx2g", "-cp", source(Class.forName("com.android.tools.r8.R8")).path, "com.android.tools.r8.R8", *more, "--release",
            "--output", out.path, "--lib", java.path, "--pg-conf", entry.path, *(if (main == "sample.App") arrayOf("--pg-conf", rules.path) else emptyArray()),
            archive(source(Kms::class.java), "pocketkms"), archive(source(sample.App::class.java), "sample"),
            *listOf(Unit::class.java, Job::class.java, Native::class.java, NotNull::class.java).map { source(it).path }.toTypedArray(),
        )
        assertEquals(0, code, log)
    }

    @Test
    fun theAppRunsAfterwards() {
        val out = File(folder, "shrunk.jar")
        shrunk("sample.App", out, "--classfile")
        val (code, log) = run("$java/bin/java", "-cp", listOf(out.path, "target/native").joinToString(File.pathSeparator), "sample.App")
        assertEquals(0, code, log)
        assertTrue("the app ran" in log, log)
        // It was shrunk, and renamed: what the app does not use is gone.
        val names = ZipFile(out).use { zip -> zip.entries().toList().map { it.name } }
        assertFalse(names.any { it.startsWith("pocketkms/Vault.") || it.startsWith("pocketkms/media3") }, "$names")
    }

    @Test
    fun theDexGrowsByLittle() {
        fun dex(main: String): Long {
            val out = File(folder, "dex").apply { deleteRecursively(); mkdirs() }
            shrunk(main, out, "--min-api", "26")
            return out.walk().filter { it.extension == "dex" }.sumOf { it.length() }
        }
        val (with, without) = dex("sample.App") to dex("sample.Plain")
        println("dex: $without bytes without PocketKMS, $with with it")
        assertTrue(without > 10_000)
        assertTrue(with - without < 350 * 1024, "PocketKMS adds ${with - without} bytes to the dex")
    }
}
