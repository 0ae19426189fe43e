package pocketkms

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import java.util.zip.ZipInputStream
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import pocketkms.android.AndroidKeystoreRootKey

/** aar.sh over stand-ins for the libraries: what it refuses, and what it makes. */
class AarTest {
    @TempDir
    lateinit var folder: File

    private val version = "0.1.0"

    /** As much of a shared library as is looked at: its header, its segments, its sections' names. */
    private fun library(machine: Int, alignment: Long = 0x4000, bits: Int = 64, section: String = ".text", content: String = ""): ByteArray {
        val wide = bits == 64
        val (header, segment, entry) = if (wide) Triple(64, 56, 64) else Triple(52, 32, 40)
        val names = "\u0000$section\u0000.shstrtab\u0000".toByteArray()
        val sections = header + segment
        val text = sections + 3 * entry
        val buffer = ByteBuffer.allocate(text + names.size + content.length).order(ByteOrder.LITTLE_ENDIAN)
        fun word(value: Long) { if (wide) buffer.putLong(value) else buffer.putInt(value.toInt()) }
        buffer.put(byteArrayOf(0x7f, 'E'.code.toByte(), 'L'.code.toByte(), 'F'.code.toByte(), if (wide) 2 else 1, 1, 1)).position(16)
        buffer.putShort(3).putShort(machine.toShort()).putInt(1)
        word(0)
        word(header.toLong())
        word(sections.toLong())
        buffer.putInt(0).putShort(header.toShort()).putShort(segment.toShort()).putShort(1).putShort(entry.toShort()).putShort(3).putShort(2)
        // A segment to be loaded.
        buffer.putInt(1)
        if (wide) buffer.putInt(5)
        repeat(3) { word(0) }
        repeat(2) { word(buffer.capacity().toLong()) }
        if (!wide) buffer.putInt(5)
        word(alignment)
        // No section, the one that is asked for, and the names.
        for ((name, type) in listOf(0 to 0, 1 to 1, section.length + 2 to 3)) {
            buffer.putInt(name).putInt(type)
            repeat(2) { word(0) }
            word(text.toLong())
            word(names.size.toLong())
            buffer.putInt(0).putInt(0)
            word(1)
            word(0)
        }
        return buffer.put(names).put(content.toByteArray()).array()
    }

    private val whole = mapOf("arm64-v8a" to library(183), "armeabi-v7a" to library(40, bits = 32), "x86_64" to library(62))

    private fun run(libraries: Map<String, ByteArray>, more: (File) -> Unit = {}): Pair<Int, String> {
        val (input, reference, out) = listOf("libraries", "reference", "out").map { File(folder, it).apply { deleteRecursively() } }
        for ((abi, bytes) in libraries) File(input, "$abi/libpocketkms_uniffi.so").apply { parentFile.mkdirs() }.writeBytes(bytes)
        reference.mkdirs()
        File(reference, "index.html").writeText("<html></html>")
        more(input)
        val log = File(folder, "log")
        val process = ProcessBuilder("./aar.sh", input.path, reference.path, out.path).redirectErrorStream(true).redirectOutput(log).start()
        return process.waitFor() to log.readText()
    }

    private fun assertRefused(reason: String, libraries: Map<String, ByteArray>, more: (File) -> Unit = {}) {
        val (code, log) = run(libraries, more)
        assertTrue(code != 0 && reason in log, "$reason: $code, $log")
    }

    @Test
    fun whatIsRefused() {
        assertRefused("no library for x86_64", whole - "x86_64")
        assertRefused("is for AArch64", whole + ("x86_64" to library(183)))
        assertRefused("is for ARM", whole + ("arm64-v8a" to library(40, bits = 32)))
        assertRefused("aligned to 0x1000", whole + ("arm64-v8a" to library(183, alignment = 0x1000)))
        assertRefused("aligned to 0x1000", whole + ("armeabi-v7a" to library(40, alignment = 0x1000, bits = 32)))
        assertRefused("not stripped", whole + ("x86_64" to library(62, section = ".symtab")))
        assertRefused("not stripped", whole + ("x86_64" to library(62, section = ".debug_info")))
        assertRefused("a path of this machine", whole + ("x86_64" to library(62, content = "${File("..").canonicalPath}/core/src/lib.rs")))
        assertRefused("no such processor", whole + ("riscv64" to library(243)))
        assertRefused("twice would be a conflict", whole) { File(it, "x86_64/libjnidispatch.so").writeBytes(library(62)) }
        assertRefused("no libpocketkms_uniffi.so", whole) { File(it, "x86_64/libpocketkms_uniffi.so").renameTo(File(it, "x86_64/libother.so")) }
        assertRefused("has no segment", whole + ("x86_64" to library(62).also { it[64] = 0 }))
    }

    private fun entries(archive: ByteArray): Map<String, ByteArray> {
        val zip = ZipInputStream(archive.inputStream())
        return generateSequence(zip::getNextEntry).filter { !it.isDirectory }.associate { it.name to zip.readBytes() }
    }

    private fun made(): File {
        val (code, log) = run(whole)
        assertEquals(0, code, log)
        return File(folder, "out/io/github/pocketkms/pocketkms-android/$version")
    }

    @Test
    fun whatItHas() {
        val made = made()
        val aar = entries(File(made, "pocketkms-android-$version.aar").readBytes())
        for ((abi, library) in whole) assertArrayEquals(library, aar["jni/$abi/libpocketkms_uniffi.so"])
        assertEquals(3, aar.keys.count { it.startsWith("jni/") })
        for (file in listOf("AndroidManifest.xml", "R.txt", "META-INF/com/android/build/gradle/aar-metadata.properties")) assertTrue(file in aar, file)
        assertArrayEquals(File("src/android/consumer-rules.pro").readBytes(), aar["proguard.txt"])
        val rules = String(aar.getValue("proguard.txt")).lines()
        assertTrue("-dontwarn java.awt.**" in rules)
        assertFalse(rules.any { it.startsWith("-keep class pocketkms.** { *; }") || "-dontobfuscate" in it || "-dontoptimize" in it }, "narrow ones")

        val classes = entries(aar.getValue("classes.jar"))
        val own = classes.filterKeys { it.endsWith(".class") }
        for (type in listOf(Vault::class, AndroidKeystoreRootKey::class, pocketkms.media3.MessageDataSource::class)) {
            assertTrue("${type.java.name.replace('.', '/')}.class" in own, "$type")
        }
        assertEquals(setOf("pocketkms"), own.keys.map { it.substringBefore('/') }.toSet(), "no stand-in for Android's classes, none of JNA")
        assertFalse(classes.keys.any { it.endsWith(".so") || "Test" in it || it.startsWith("linux") }, "${classes.keys.filter { !it.endsWith(".class") }}")
        assertTrue("META-INF/pocketkms/THIRD-PARTY-NOTICES.txt" in classes)

        assertTrue("pocketkms/android/AndroidKeystoreRootKey.kt" in entries(File(made, "pocketkms-android-$version-sources.jar").readBytes()))
        assertTrue("index.html" in entries(File(made, "pocketkms-android-$version-javadoc.jar").readBytes()))
        for (file in made.listFiles()!!.filter { it.extension == "sha256" }) {
            val content = File(made, file.nameWithoutExtension).readBytes()
            assertEquals(MessageDigest.getInstance("SHA-256").digest(content).joinToString("") { "%02x".format(it) }, file.readText().trim())
        }
        // The same bytes whenever it is made.
        val before = File(made, "pocketkms-android-$version.aar").readBytes()
        assertArrayEquals(before, File(made(), "pocketkms-android-$version.aar").readBytes())
    }

    /** What Maven Central asks for, and what Gradle reads in place of it. */
    @Test
    fun whatItSaysOfItself() {
        val made = made()
        val pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(File(made, "pocketkms-android-$version.pom")).documentElement
        fun text(name: String) = pom.getElementsByTagName(name).item(0).textContent.trim()
        for (name in listOf("groupId", "name", "description", "url", "licenses", "developers", "scm", "connection")) assertTrue(text(name).isNotEmpty(), name)
        assertEquals(listOf("pocketkms-android", version, "aar"), listOf("artifactId", "version", "packaging").map(::text))
        assertTrue(Regex("<artifactId>jna</artifactId>\\s*<version>[0-9.]+</version>\\s*<type>aar</type>") in File(made, "pocketkms-android-$version.pom").readText())

        val module = JsonParser.parseString(File(made, "pocketkms-android-$version.module").readText()).asJsonObject
        assertEquals("1.1", module["formatVersion"].asString)
        val variants = module["variants"].asJsonArray.map { it.asJsonObject }
        assertEquals(setOf("java-api", "java-runtime"), variants.map { it["attributes"].asJsonObject["org.gradle.usage"].asString }.toSet())
        val aar = File(made, "pocketkms-android-$version.aar")
        for (variant in variants) {
            val file = variant["files"].asJsonArray.single().asJsonObject
            assertEquals(aar.length(), file["size"].asLong)
            assertEquals(File(made, "${aar.name}.sha256").readText().trim(), file["sha256"].asString)
            assertEquals(File(made, "${aar.name}.sha1").readText().trim(), file["sha1"].asString)
            // The jar for the JVM has the same classes: Gradle is told that an app has one of both.
            assertTrue(variant["capabilities"].asJsonArray.any { it.asJsonObject["name"].asString == "pocketkms" })
        }
        fun jna(variant: JsonObject) = variant["dependencies"].asJsonArray.map { it.asJsonObject }.find { it["module"].asString == "jna" }
        val runtime = variants.single { it["attributes"].asJsonObject["org.gradle.usage"].asString == "java-runtime" }
        assertEquals("aar", jna(runtime)!!["thirdPartyCompatibility"].asJsonObject["artifactSelector"].asJsonObject["type"].asString)
    }
}
