import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream

/** The first example of README.md, which test.sh takes out of it: it runs as it stands, and prints what it says. */
class ReadmeTest {
    @Test
    fun itPrintsWhatItSays() {
        val said = Regex("// prints: (.*)").findAll(File("README.md").readText()).map { it.groupValues[1] }.toList()
        assertTrue(said.isNotEmpty())

        val out = System.out
        val printed = ByteArrayOutputStream()
        System.setOut(PrintStream(printed, true, "UTF-8"))
        try {
            main()
        } finally {
            System.setOut(out)
        }
        assertEquals(said, printed.toString("UTF-8").trim().lines())
    }
}
